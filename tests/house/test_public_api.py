"""What `import asyncgen` offers: exactly the documented names, each loaded on first use."""

import ast
import importlib
import pkgutil
import subprocess
import sys
from pathlib import Path

import pytest

import asyncgen

PUBLIC = {
    "CallResult": "asyncgen.calls.stream",
    "CallStalled": "asyncgen.calls.errors",
    "CallTimeout": "asyncgen.calls.errors",
    "CpuLimitExceeded": "asyncgen.calls.errors",
    "Event": "asyncgen.calls.events",
    "Health": "asyncgen.calls.health",
    "KillableExecutor": "asyncgen.pool",
    "LoadTimeout": "asyncgen.calls.errors",
    "MemoryLimitExceeded": "asyncgen.calls.errors",
    "Outcome": "asyncgen.problems.records",
    "ParseError": "asyncgen.problems.errors",
    "Problem": "asyncgen.problems.records",
    "RunningCall": "asyncgen.calls.running",
    "Saturated": "asyncgen.calls.errors",
    "Scheduler": "asyncgen.scheduler",
    "SchedulerError": "asyncgen.calls.errors",
    "Settings": "asyncgen.calls.settings",
    "Spec": "asyncgen.problems.spec",
    "Statistics": "asyncgen.calls.statistics",
    "Status": "asyncgen.problems.records",
    "WorkerDied": "asyncgen.calls.errors",
    "label": "asyncgen.jobs.label",
    "label_async": "asyncgen.jobs.label",
    "labelling_scheduler": "asyncgen.jobs.label",
    "progress": "asyncgen.calls.child.progress",
    "prometheus_text": "asyncgen.calls.prometheus",
    "spec_for": "asyncgen.problems.configuration",
}


def modules_after(code: str) -> set[str]:
    """The modules that a fresh interpreter has loaded after this code."""
    done = subprocess.run(
        [sys.executable, "-c", f"{code}\nimport sys\nprint(*sys.modules)"],
        capture_output=True,
        text=True,
        timeout=60,
        check=True,
    )
    return set(done.stdout.split())


def test_the_public_names_are_the_documented_ones():
    """A name that comes or goes is a change for users: this list and the changelog say so."""
    assert set(asyncgen.__all__) == {*PUBLIC, "__version__"}
    assert dir(asyncgen) == sorted(asyncgen.__all__)


@pytest.mark.parametrize("name", PUBLIC)
def test_each_name_is_what_its_module_defines(name: str):
    """Loaded, it is the object that its module made, with a docstring of its own."""
    found = getattr(asyncgen, name)
    assert found is getattr(importlib.import_module(PUBLIC[name]), name)
    assert found.__module__ == PUBLIC[name]
    assert found.__doc__


def test_no_name_is_a_module_too():
    """Importing a module sets it on its package, where it would replace a public name."""
    modules = {module.name for module in pkgutil.iter_modules(asyncgen.__path__)}
    assert "scheduler" in modules
    assert modules.isdisjoint(asyncgen.__all__)


def test_an_unknown_name_is_an_attribute_error():
    """It names the package and the name, as for any module."""
    with pytest.raises(AttributeError, match="module 'asyncgen' has no attribute 'lable'"):
        asyncgen.lable  # type: ignore[attr-defined]  # noqa: B018


def test_importing_the_package_loads_nothing_else():
    """Neither a library nor another module of the package, nor even asyncio."""
    loaded = modules_after("import asyncgen")
    assert {name for name in loaded if name.startswith("asyncgen")} == {"asyncgen"}
    assert loaded & {"asyncio", "sympy", "flint", "aiosqlite", "psutil", "multiprocessing"} == set()


def test_a_type_checker_sees_the_same_names():
    """What is imported for type checkers alone comes from the modules that the names are loaded from."""
    tree = ast.parse(Path(asyncgen.__file__).read_text())
    (checking,) = (node for node in tree.body if isinstance(node, ast.If))
    imports = [node for node in checking.body if isinstance(node, ast.ImportFrom)]
    assert {alias.name: node.module for node in imports for alias in node.names} == PUBLIC
