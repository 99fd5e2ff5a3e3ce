"""The pages of the library: which names each lists, as directives for autodoc."""

import inspect
from collections.abc import Iterator
from importlib import import_module

import asyncgen
from reference.markdown import table

# By page: names, or modules of which all public classes and functions are meant. Public names of the package
# itself are given without the module in which they are.
PAGES: dict[str, tuple[str, ...]] = {
    "scheduler": (
        "asyncgen.Scheduler",
        "asyncgen.calls.caller.Caller",
        "asyncgen.Settings",
        "asyncgen.calls.options.CallOptions",
        "asyncgen.calls.options.Options",
        "asyncgen.CallResult",
        "asyncgen.calls.stream.Stream",
        "asyncgen.RunningCall",
        "asyncgen.progress",
        "asyncgen.KillableExecutor",
        "asyncgen.calls.executor.SchedulerExecutor",
        "asyncgen.calls.killing_future.KillingFuture",
        "asyncgen.Statistics",
        "asyncgen.calls.statistics.Percentiles",
        "asyncgen.calls.child.context.Carrier",
        "asyncgen.calls.tracing.TraceContext",
        "asyncgen.prometheus_text",
        "asyncgen.Health",
    ),
    "events": ("asyncgen.calls.events",),
    "errors": ("asyncgen.calls.errors", "asyncgen.problems.errors"),
    "labels": ("asyncgen.label", "asyncgen.label_async", "asyncgen.labelling_scheduler"),
    "streams": (
        "asyncgen.datasets.stream",
        "asyncgen.datasets.RowStream",
        "asyncgen.datasets.StreamSettings",
        "asyncgen.datasets.merged_states",
        "asyncgen.datasets.selection.Selection",
        "asyncgen.datasets.splits",
    ),
    "exports": (
        "asyncgen.datasets.exporting.export",
        "asyncgen.datasets.exporting.request",
        "asyncgen.datasets.exporting.sources.Source",
    ),
    "records": (
        "asyncgen.Problem",
        "asyncgen.Outcome",
        "asyncgen.Status",
        "asyncgen.problems.records.CpuLimits",
        "asyncgen.problems.records.Drops",
        "asyncgen.problems.records.TrainedModel",
        "asyncgen.problems.spec",
    ),
    "distributions": ("asyncgen.problems.distributions", "asyncgen.problems.configuration"),
    "derivations": (
        "asyncgen.jobs.explain",
        "asyncgen.derivations.text",
        "asyncgen.derivations.latex",
        "asyncgen.derivations.record",
        "asyncgen.problems.derivations",
    ),
    "jobs": (
        "asyncgen.jobs.generate",
        "asyncgen.jobs.label_file",
        "asyncgen.jobs.run.RunSettings",
        "asyncgen.jobs.run.Control",
        "asyncgen.jobs.limits.Limits",
        "asyncgen.jobs.limits.Workforce",
        "asyncgen.jobs.progress.Progress",
    ),
    "store": (
        "asyncgen.store.Store",
        "asyncgen.store.Reader",
        "asyncgen.store.Reading",
        "asyncgen.store.RunInfo",
        "asyncgen.store.Run",
        "asyncgen.store.StoreBusyError",
        "asyncgen.store.StoreWriteError",
    ),
    "version": ("asyncgen.__version__",),
}


def page(name: str) -> str:
    """The directives of a page, as a block of reStructuredText in Markdown."""
    directives = "\n".join(_directive(entry) for entry in entries(name))
    return f"```{{eval-rst}}\n{directives}```\n"


def names() -> str:
    """The public names of the package, each with the first sentence said of it."""
    rows = [
        (f"{{py:obj}}`~asyncgen.{name}`", _summary(found(f"asyncgen.{name}")))
        for name in asyncgen.__all__
        if name != "__version__"
    ]
    return table(("name", "what it is"), rows)


def entries(name: str) -> list[str]:
    """The names that a page lists, modules taken apart."""
    return [entry for listed in PAGES[name] for entry in (_public_in(listed) or (listed,))]


def found(name: str) -> object:
    """What a dotted name stands for."""
    module, _, attribute = name.rpartition(".")
    return getattr(import_module(module), attribute)


def _public_in(name: str) -> list[str]:
    """The public classes and functions that a module defines, in its order; none for another name."""
    try:
        module = import_module(name)
    except ModuleNotFoundError:
        return []
    return [_shortest(value) for value in vars(module).values() if _is_public(value, name)]


def _is_public(value: object, module: str) -> bool:
    if not (inspect.isclass(value) or inspect.isfunction(value)):
        return False
    return value.__module__ == module and not value.__name__.startswith("_")


def _shortest(value: type) -> str:
    """The name by which a class or function is imported."""
    if value.__name__ in asyncgen.__all__:
        return f"asyncgen.{value.__name__}"
    return f"{value.__module__}.{value.__name__}"


def _summary(value: object) -> str:
    """The first sentence of a docstring."""
    text = " ".join((inspect.getdoc(value) or "").split())
    return text.partition(". ")[0].rstrip(".") + "."


def _directive(name: str) -> str:
    return "\n".join(_lines(name)) + "\n\n"


def _lines(name: str) -> Iterator[str]:
    value = found(name)
    if inspect.isclass(value):
        kind = "autoexception" if issubclass(value, BaseException) else "autoclass"
        yield from (f".. {kind}:: {name}", "   :members:")
        if value.__bases__ != (object,):
            yield "   :show-inheritance:"
    elif inspect.isfunction(value):
        yield f".. autofunction:: {name}"
    else:
        yield from (f".. py:data:: {name}", f"   :type: {type(value).__name__}", f"   :value: {value!r}")
