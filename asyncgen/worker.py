"""What happens in a worker process: one problem in, one outcome out, or one derivation.

The top level imports the standard library and `problems` only, so that the parent can name
`solve` without SymPy; the mathematics comes in inside the functions.
"""

from collections.abc import Sequence
from contextlib import suppress
from functools import lru_cache
from typing import TYPE_CHECKING

from asyncgen.problems.errors import UsageError
from asyncgen.problems.kinds import CONSTRUCTED
from asyncgen.problems.records import CpuLimits, Outcome, Problem, TrainedModel
from asyncgen.problems.spec import Spec

if TYPE_CHECKING:
    from asyncgen.problems.derivations import Derivation
    from asyncgen.sampler import Sampler

# Integrals that between them touch the code that nearly every problem needs.
WARMING = (
    "mul x exp x",
    "mul x sin x",
    "sqrt add x INT+ 1",
    "div ln x x",
    "exp mul INT- 1 pow2 x",
    "inv add INT+ 1 pow2 x",
)


def solve(problem: Problem, limits: CpuLimits, spec: Spec | None = None) -> Outcome:
    """The outcome of a problem, without its seconds: those of the call are the scheduler's to measure.

    `spec` is that of its stream, from which a problem of a constructed kind is built.

    To be called in the main thread, where the timer of the CPU limits works. Raises UsageError for a kind of
    problem, or an engine, that does not exist; all else that can go wrong is a status.
    """
    from asyncgen.mathematics.kinds import kind

    if problem.kind in CONSTRUCTED:
        return _construct(problem, spec)
    return kind(problem.kind).solve(problem, limits)


def _construct(problem: Problem, spec: Spec | None) -> Outcome:
    from asyncgen.mathematics.kinds import builder
    from asyncgen.mathematics.kinds.construction import construct

    if spec is None:
        raise UsageError(f"a problem of kind {problem.kind} is built from a specification, and there is none")
    sampler = _sampler(spec)
    return construct(
        problem,
        lambda attempt: sampler.draw(problem.index, attempt, problem.kind),
        builder(problem.kind),
        spec.published,
    )


@lru_cache(maxsize=4)
def _sampler(spec: Spec) -> "Sampler":
    from asyncgen.sampler import Sampler

    return Sampler(spec)


def explain(problem: Problem, seconds: float) -> "Derivation":
    """How our own integrator decides the function, in so many CPU seconds.

    To be called in the main thread, as `solve`. Raises whatever goes wrong inside.
    """
    from asyncgen.mathematics.engines.catalogue import explainer
    from asyncgen.mathematics.engines.interface import Integrand

    return explainer().explain(Integrand(problem.prefix.split()), seconds)


def prepare(engines: Sequence[str], model: TrainedModel | None = None) -> None:
    """Start the engines that take long to start; called in every fresh worker."""
    from asyncgen.mathematics.engines.catalogue import engine

    for name in engines:
        with suppress(Exception):  # it is tried again with each problem, whose outcome then says why
            start = getattr(engine(name, model), "start", None)
            if start is not None:
                start()


def load() -> None:
    """Import the mathematics and solve a few problems, so that forked children inherit warm caches.

    Starts no threads and leaves no timer running.
    """
    from asyncgen.mathematics.engines.catalogue import OWN

    _solve_some(OWN)


def load_constructions() -> None:
    """Import what builds problems together with their answers."""
    from asyncgen.mathematics.kinds import import_constructions

    import_constructions()


def load_known_pairs() -> None:
    """Read the table of known pairs."""
    from asyncgen.problems.known_pairs import known_pairs

    known_pairs()


def warm() -> None:
    """As `load`, with SymPy's engines, whose first answers take long."""
    from asyncgen.mathematics.engines.catalogue import SYMPY

    load()
    _solve_some(SYMPY)


def _solve_some(engines: Sequence[str]) -> None:
    limits = CpuLimits(engines=tuple((name, 5.0) for name in engines), parse=5.0, check=5.0)
    for prefix in WARMING:
        solve(Problem(index=0, prefix=prefix, operators=0), limits)
