"""Imports point one way: every room imports what its row of the table allows, and nothing else.

docs/design.md has the same table, with each room's role. Imports inside functions count like any other;
those for type checkers alone do not. What a room costs to import is looked at in `sys.modules` of fresh
interpreters.
"""

import re
import subprocess
import sys
from collections.abc import Iterable, Mapping
from functools import cache
from pathlib import Path

import grimp
import pytest
from places import ROOT

PACKAGE = "asyncgen"
DESIGN = ROOT / "docs" / "design.md"

# room: what it may import beside the standard library and itself. A name stands for all below it; the most
# exact row counts. `asyncgen` is the package's own __init__, which holds the version and the lazy names.
ALLOWED = {
    "asyncgen": "",
    # what everybody speaks of
    "records": "",
    "tokens": "records",
    "infix": "records tokens",
    "given": "infix records tokens",
    "distributions": "records tokens",
    "sampler": "records distributions",
    # calls in processes: no mathematics, no library
    "settings": "",
    "failures": "",
    "events": "",
    "measures": "events",
    "stream": "failures",
    "processes": "failures settings",
    "processes.frames": "",
    "processes.companions": "",
    "processes.interpreter": "",
    "processes.preloading": "",
    "processes.child": "failures processes.companions processes.frames processes.preloading",
    "processes.resident": "",
    "processes.template": (
        "processes.child processes.companions processes.interpreter processes.preloading processes.resident"
    ),
    "executor": "failures processes settings",
    "turns": "executor",
    "attempt": "events executor failures measures stream turns",
    "bridge": "failures stream",
    "scheduler": "attempt bridge executor failures measures processes settings stream turns",
    "pool": "bridge measures scheduler settings",
    # mathematics: in the worker processes alone
    "limits": "",
    "functions": "flint",
    "evaluate": "functions tokens flint",
    "verify": "evaluate",
    "notation": "tokens sympy",
    "integrators": "notation limits tokens sympy",
    "integrators.engine": "notation records",
    "integrators.piped": "processes.companions",
    "integrators.radicals": "notation tokens sympy",
    "integrators.rewriting": "infix tokens",
    "integrators.dependence": "notation limits tokens sympy",
    "integrators.substitution": "infix integrators.rewriting tokens",
    "integrators.parts": "infix tokens",
    "integrators.forms": (
        "infix integrators.dependence integrators.engine integrators.parts integrators.rewriting "
        "integrators.substitution limits tokens verify"
    ),
    "integrators.common_text": "infix notation tokens",
    "integrators.fricas_process": "integrators.piped",
    "integrators.fricas_text": "infix integrators.common_text integrators.radicals notation tokens",
    "integrators.fricas": (
        "infix integrators.common_text integrators.dependence integrators.engine integrators.forms "
        "integrators.fricas_process "
        "integrators.fricas_text integrators.piped integrators.rewriting notation processes.companions "
        "records tokens"
    ),
    "integrators.maxima_text": "infix integrators.common_text notation tokens",
    "integrators.maxima": "integrators.engine integrators.maxima_text integrators.piped notation records",
    "integrators.portfolio": "integrators.engine records limits tokens verify",
    "kinds": "evaluate integrators notation records limits tokens sympy",
    "worker": "integrators.engine kinds records",
    # problems through processes into a store
    "engines": "integrators.engine integrators.fricas_process records",
    "labelling": "engines failures records settings stream tokens worker",
    "mounts": "psutil",
    "store": "mounts records aiosqlite",
    "batches": "records",
    "progress": "measures records",
    "job": "batches labelling progress records scheduler store stream",
    "machine": "asyncgen integrators.fricas_process settings psutil",
    "generate": "given job machine progress records sampler store",
    "incoming": "records",
    "linewise": "given incoming job progress records",
    "single": "given labelling records scheduler",
    # the command
    "options": "distributions engines job labelling records settings cyclopts",
    "display": "progress records rich",
    "holdings": "display records store rich",
    "checks": "machine mounts settings psutil",
    "doctor": (
        "checks display engines failures given integrators.engine labelling machine records scheduler rich"
    ),
    "standard": "",
    "session": "display job progress records settings uvloop",
    "cli": (
        "asyncgen display doctor engines failures generate given holdings incoming linewise options records "
        "sampler session settings standard tokens cyclopts"
    ),
    "__main__": "cli",
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


def lies_in(module: str, room: str) -> bool:
    return module == room or module.startswith(f"{room}.")


def row_of(module: str, allowed: Mapping[str, str]) -> str | None:
    """The most exact row for a module."""
    return max((room for room in allowed if lies_in(module, room)), key=len, default=None)


def violations(imports: Mapping[str, Iterable[str]], allowed: Mapping[str, str]) -> list[str]:
    """Every import that no row allows, and every module without a row, as text."""
    found = []
    for module in sorted(imports):
        row = row_of(module, allowed)
        if row is None:
            found.append(f"{module} has no row")
            continue
        rooms = [row, *allowed[row].split()]
        found += [
            f"{module} imports {name}"
            for name in sorted(imports[module])
            if not any(lies_in(name, room) for room in rooms)
        ]
    return found


def test_every_import_is_allowed():
    """A new import against the table's direction fails, and so does a new room without a row."""
    assert violations(imports(), ALLOWED) == []


def test_the_table_allows_nothing_that_is_not_used():
    """A permission that outlived its import would let it come back unseen."""
    unused = [
        f"{room} no longer imports {name}"
        for room, names in ALLOWED.items()
        for name in names.split()
        if not any(
            lies_in(imported, name)
            for module in imports()
            if row_of(module, ALLOWED) == room
            for imported in imports()[module]
        )
    ]
    assert unused == []
    assert [room for room in ALLOWED if room not in imports()] == []


def test_the_table_has_no_cycles():
    """Each row names only rooms of the rows above it, and libraries."""
    rows = list(ALLOWED)
    for number, room in enumerate(rows):
        later = {name for name in ALLOWED[room].split() if name in rows[number:]}
        assert later == set(), room


def test_the_design_document_has_the_same_table():
    """The rows of docs/design.md are these, in this order, and each says what its room is for."""
    rows = [line.split("|")[1:4] for line in DESIGN.read_text().splitlines() if line[:3] == "| `"]
    table = {room.strip(" `"): " ".join(re.findall("`([^`]+)`", allowed)) for room, _, allowed in rows}
    assert list(table.items()) == list(ALLOWED.items())
    assert all(role.strip() for _, role, _ in rows)


def test_libraries_stay_in_their_rooms():
    """Each library is named by the rooms that the design gives it, and by no others."""
    rooms: dict[str, set[str]] = {}
    for module, names in imports().items():
        for name in names:
            if row_of(name, ALLOWED) is None:
                rooms.setdefault(name, set()).add(module.partition(".")[0])
    assert rooms == {
        "sympy": {"notation", "integrators", "kinds"},
        "flint": {"functions", "evaluate"},
        "aiosqlite": {"store"},
        "psutil": {"checks", "machine", "mounts"},
        "uvloop": {"session"},
        "cyclopts": {"cli", "options"},
        "rich": {"display", "doctor", "holdings"},
    }


@pytest.mark.parametrize(
    ("imported", "complaint"),
    [
        ({"sampler": {"sympy"}}, "sampler imports sympy"),
        ({"scheduler": {"records"}}, "scheduler imports records"),
        ({"processes.child": {"processes.nursery"}}, "processes.child imports processes.nursery"),
        ({"kinds.backward": {"store"}}, "kinds.backward imports store"),
        ({"newroom": set()}, "newroom has no row"),
        ({"generate": {"asyncgen"}}, "generate imports asyncgen"),
    ],
)
def test_a_wrong_import_is_found(imported: dict[str, set[str]], complaint: str):
    """What the rule above would say: it is able to fail."""
    assert violations(imported, ALLOWED) == [complaint]


def test_an_import_inside_a_function_counts():
    """The worker imports the mathematics in its functions, and the engines their notation."""
    assert "kinds" in imports()["worker"]
    assert "notation" in imports()["integrators.engine"]


# -- what is loaded when -------------------------------------------------------------------------------

HEAVY = {"sympy", "mpmath", "flint"}


def loaded_after(code: str) -> set[str]:
    """The modules that a fresh interpreter has loaded at the end of this code."""
    command = [sys.executable, "-c", f"{code}\nimport sys\nprint('modules:', *sys.modules)"]
    done = subprocess.run(command, capture_output=True, text=True, timeout=120, check=True)
    return set(done.stdout.rpartition("modules:")[2].split())


def test_the_workers_top_level_is_light():
    """Whoever names `solve` gets the records, and no mathematics."""
    loaded = loaded_after("import asyncgen.worker")
    assert {name for name in loaded if is_ours(name)} == {"asyncgen", "asyncgen.records", "asyncgen.worker"}
    assert loaded & HEAVY == set()


def test_the_scheduler_loads_no_library_at_all():
    """It serves programs that have nothing to do with mathematics or data sets."""
    plain = {name.partition(".")[0] for name in loaded_after("import site")}
    loaded = {name.partition(".")[0] for name in loaded_after("import asyncgen.scheduler")}
    assert loaded - plain - sys.stdlib_module_names == {"asyncgen"}


@pytest.mark.parametrize("module", ["generate", "single", "cli"])
def test_the_parents_rooms_load_no_mathematics(module: str):
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
