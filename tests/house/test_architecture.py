"""Imports point one way: every package imports what its row of the table allows, and nothing else.

docs/design.md has the same table, with each package's role. Imports inside functions count like any other;
those for type checkers alone do not. What a module costs to import is looked at in `sys.modules` of fresh
interpreters.
"""

import ast
import re
import subprocess
import sys
from collections.abc import Iterable, Mapping
from functools import cache
from pathlib import Path

import grimp
import house
import pytest
from places import DOCS

from asyncgen.mathematics.engines.catalogue import ENGINES

PACKAGE = "asyncgen"
DESIGN = DOCS / "design.md"

# place: what it may import besides the standard library and itself. A name stands for all below it; the most
# exact row counts. `asyncgen` is the package's own __init__, which holds the version and the lazy names.
ALLOWED = {
    "asyncgen": "",
    "problems": "",
    "sampler": "problems",
    "derivations": "problems",
    "calls": "",
    "calls.system": "",
    "calls.system.macos": "calls.system.descriptors psutil",
    "calls.shared_memory": "",
    "calls.board": "calls.outbox calls.shared_memory calls.system",
    "calls.outbox": "calls.frames calls.shared_memory",
    "calls.foreign": "",
    "calls.frames": "",
    "calls.pickling": "calls.frames cloudpickle",
    "calls.child": "calls.board calls.foreign calls.frames calls.outbox calls.pickling"
    " calls.shared_memory calls.system",
    "calls.tracing": "opentelemetry",
    "scheduler": "calls",
    "pool": "calls scheduler",
    "mathematics": "calls.child.companions calls.system problems flint sympy",
    "mathematics.fields": "flint",
    "mathematics.forms": "mathematics.fields problems flint",
    "mathematics.engines.risch": (
        "mathematics.check mathematics.cpu_limit mathematics.engines.interface mathematics.fields "
        "mathematics.programs mathematics.values problems flint"
    ),
    "mathematics.engines.catalogue": (
        "mathematics.engines.fricas.locator mathematics.engines.interface problems"
    ),
    "mathematics.engines.fricas.locator": "",
    "worker": "mathematics problems sampler",
    "sqlite": "calls.waiting problems aiosqlite psutil",
    "store": "calls.waiting problems sqlite",
    "jobs": "asyncgen calls mathematics.engines.catalogue problems sampler scheduler store worker psutil",
    "datasets": (
        "asyncgen calls derivations jobs mathematics problems sampler scheduler sqlite store worker pyarrow"
    ),
    "cluster": "asyncgen calls jobs problems sampler scheduler store temporalio",
    "learn": (
        "asyncgen calls datasets jobs mathematics.cpu_limit mathematics.engines.interface problems scheduler "
        "huggingface_hub matplotlib numpy optuna safetensors torch transformers"
    ),
    "learn.settings": "problems",
    "command": (
        "asyncgen calls cluster datasets derivations jobs learn mathematics.engines.catalogue problems "
        "sampler scheduler sqlite store cyclopts psutil rich uvloop"
    ),
    "__main__": "calls.system command",
}


@cache
def imports() -> Mapping[str, frozenset[str]]:
    """What each module of the package imports: other modules of it, and libraries; not the stdlib."""
    graph = grimp.build_graph(
        PACKAGE, include_external_packages=True, exclude_type_checking_imports=True, cache_dir=None
    )
    ours = (module for module in graph.modules if is_ours(module))
    return {short(module): used(graph.find_modules_directly_imported_by(module)) for module in ours}


def used(modules: Iterable[str]) -> frozenset[str]:
    return frozenset(short(name) for name in modules if is_ours(name) or name not in sys.stdlib_module_names)


def is_ours(module: str) -> bool:
    return module == PACKAGE or module.startswith(f"{PACKAGE}.")


def short(module: str) -> str:
    """The name without the package, which itself stays."""
    return module.removeprefix(f"{PACKAGE}.")


def lies_in(module: str, package: str) -> bool:
    return module == package or module.startswith(f"{package}.")


def row_of(module: str, allowed: Mapping[str, str]) -> str | None:
    """The most exact row for a module."""
    return max((package for package in allowed if lies_in(module, package)), key=len, default=None)


def violations(imports: Mapping[str, Iterable[str]], allowed: Mapping[str, str]) -> list[str]:
    """Every import that no row allows, and every module without a row, as text."""
    found = []
    for module in sorted(imports):
        row = row_of(module, allowed)
        if row is None:
            found.append(f"{module} has no row")
            continue
        packages = [row, *allowed[row].split()]
        found += [
            f"{module} imports {name}"
            for name in sorted(imports[module])
            if not any(lies_in(name, package) for package in packages)
        ]
    return found


def test_every_import_is_allowed():
    """A new import against the table's direction fails, and so does a new package without a row."""
    assert violations(imports(), ALLOWED) == []


def test_the_table_allows_nothing_that_is_not_used():
    """A permission that outlived its import would let it come back unseen."""
    unused = [
        f"{package} no longer imports {name}"
        for package, names in ALLOWED.items()
        for name in names.split()
        if not any(
            lies_in(imported, name)
            for module in imports()
            if row_of(module, ALLOWED) == package
            for imported in imports()[module]
        )
    ]
    assert unused == []
    assert [package for package in ALLOWED if package not in imports()] == []


def test_no_imports_go_in_a_circle():
    """Neither among packages nor among the modules inside one."""
    modules = {name: {other for other in found if other in imports()} for name, found in imports().items()}
    for graph in (house.arrows(), modules):
        assert house.floors({name: frozenset(found) - {name} for name, found in graph.items()})


def test_the_house_has_eight_floors_at_most():
    """A newcomer should see at once what stands on what."""
    assert max(house.floors(house.arrows()).values()) < 8


def test_the_picture_shows_the_code_as_it_is():
    """`make house` draws it anew."""
    assert house.PICTURE.read_text() == house.picture(house.arrows())


def test_a_circle_is_found():
    """What the rule above would say: it is able to fail."""
    with pytest.raises(ValueError, match=r"in a circle among \['a', 'b'\]"):
        house.floors({"a": frozenset("b"), "b": frozenset("a"), "c": frozenset()})


def test_the_design_document_has_the_same_table():
    """The rows of docs/design.md are these, in this order, and each says what its package is for."""
    rows = [line.split("|")[1:4] for line in DESIGN.read_text().splitlines() if line[:3] == "| `"]
    table = {package.strip(" `"): " ".join(re.findall("`([^`]+)`", allowed)) for package, _, allowed in rows}
    assert list(table.items()) == list(ALLOWED.items())
    assert all(role.strip() for _, role, _ in rows)


def test_libraries_stay_in_their_rooms():
    """Each library is named by the packages that the design gives it, and by no others."""
    packages: dict[str, set[str]] = {}
    for module, names in imports().items():
        for name in names:
            if row_of(name, ALLOWED) is None:
                packages.setdefault(name, set()).add(module.partition(".")[0])
    assert packages == {
        "sympy": {"mathematics"},
        "flint": {"mathematics"},
        "aiosqlite": {"sqlite"},
        "psutil": {"calls", "command", "jobs", "sqlite"},
        "uvloop": {"command"},
        "cyclopts": {"command"},
        "pyarrow": {"datasets"},
        "matplotlib": {"learn"},
        "numpy": {"learn"},
        "optuna": {"learn"},
        "safetensors": {"learn"},
        "torch": {"learn"},
        "transformers": {"learn"},
        "huggingface_hub": {"learn"},
        "rich": {"command"},
        "opentelemetry": {"calls"},
        "cloudpickle": {"calls"},
        "temporalio": {"cluster"},
    }


@pytest.mark.parametrize(
    ("imported", "complaint"),
    [
        ({"sampler": {"sympy"}}, "sampler imports sympy"),
        ({"scheduler": {"problems.records"}}, "scheduler imports problems.records"),
        ({"calls.child.worker": {"calls.errors"}}, "calls.child.worker imports calls.errors"),
        ({"mathematics.kinds.backward": {"store"}}, "mathematics.kinds.backward imports store"),
        ({"newpackage": set()}, "newpackage has no row"),
        ({"jobs.run": {"mathematics.check"}}, "jobs.run imports mathematics.check"),
    ],
)
def test_a_wrong_import_is_found(imported: dict[str, set[str]], complaint: str):
    """What the rule above would say: it is able to fail."""
    assert violations(imported, ALLOWED) == [complaint]


def test_general_code_names_no_engine():
    """What is known of an engine stands in its own folder and in the catalogue.

    The names that engines had in stores of earlier versions stand in the migration of these. The engine that
    is a trained model is called by a word that all of learning uses.
    """
    names = {name for name, entry in ENGINES.items() if not entry.asks_model}
    folder = Path(house.ROOT, PACKAGE)
    for file in folder.rglob("*.py"):
        if file == folder / "sqlite" / "migration.py":
            continue
        if not file.is_relative_to(folder / "mathematics" / "engines") or file.name == "portfolio.py":
            named = {
                node.value for node in ast.walk(ast.parse(file.read_text())) if isinstance(node, ast.Constant)
            }
            assert named.isdisjoint(names), file


def test_an_import_inside_a_function_counts():
    """The worker imports the mathematics in its functions, and the engines their notation."""
    assert "mathematics.kinds" in imports()["worker"]
    assert "mathematics.sympy_notation" in imports()["mathematics.engines.interface"]


# -- what is loaded when -------------------------------------------------------------------------------

HEAVY = {"sympy", "mpmath", "flint"}


def loaded_after(code: str) -> set[str]:
    """The modules that a fresh interpreter has loaded at the end of this code."""
    command = [sys.executable, "-c", f"{code}\nimport sys\nprint('modules:', *sys.modules)"]
    done = subprocess.run(command, capture_output=True, text=True, timeout=120, check=True)
    return set(done.stdout.rpartition("modules:")[2].split())


def test_the_workers_top_level_is_light():
    """Whoever names `solve` gets what everybody speaks of, and no mathematics."""
    loaded = loaded_after("import asyncgen.worker")
    ours = {short(name) for name in loaded if is_ours(name)} - {"asyncgen", "worker"}
    assert all(lies_in(name, "problems") for name in ours), ours
    assert loaded & HEAVY == set()


@pytest.mark.parametrize("module", ["scheduler", "pool", "sampler", "problems.files"])
def test_what_needs_no_library_loads_none(module: str):
    """The scheduler serves programs that have nothing to do with mathematics or data sets."""
    plain = {name.partition(".")[0] for name in loaded_after("import site")}
    loaded = {name.partition(".")[0] for name in loaded_after(f"import asyncgen.{module}")}
    assert loaded - plain - sys.stdlib_module_names == {"asyncgen"}


@pytest.mark.parametrize(
    "module",
    [
        *("jobs.generate", "jobs.label", "datasets.exporting.export", "datasets.importing.import_file"),
        *("command.main", "command.export", "command.import_file"),
    ],
)
def test_the_parents_modules_load_no_mathematics(module: str):
    """Importing what runs in the parent process brings in neither SymPy nor flint."""
    assert loaded_after(f"import asyncgen.{module}") & HEAVY == set()


MAIN_JOB = """
import asyncio, sys
from pathlib import Path
from asyncgen import Spec
from asyncgen.problems.distributions import preset, with_operator_range
from asyncgen.jobs.generate import generate

async def main():
    spec = Spec(with_operator_range(preset("lample-charton"), 1, 3))
    progress = await generate(Path(sys.argv[1]), spec, range(3))
    assert (progress.state, progress.rows) == ("done", 3), progress

sys.argv.append({path!r})
asyncio.run(main())
"""


@pytest.mark.engine
def test_the_main_job_needs_no_mathematics_in_its_own_process(tmp_path: Path):
    """A whole run, from the sampler to the store: SymPy and flint are the workers' alone."""
    loaded = loaded_after(MAIN_JOB.format(path=str(tmp_path / "functions.db")))
    assert loaded & HEAVY == set()
