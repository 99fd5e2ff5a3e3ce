"""docs/store.md says what the tables are, and what it shows works."""

import asyncio
import dataclasses
import json
import sqlite3
import subprocess
import sys
from pathlib import Path

import pytest
from document_text import Block, blocks, codes, section, table
from places import DOCS
from processes import needed_packages
from store_cases import SPEC, query

from asyncgen.jobs.generate import generate
from asyncgen.jobs.limits import Limits
from asyncgen.jobs.machine import machine, versions
from asyncgen.jobs.run import RunSettings
from asyncgen.problems.infix_text import to_infix
from asyncgen.problems.records import Outcome, Status
from asyncgen.problems.spec import OperatorCount, Spec
from asyncgen.sampler import Sampler
from asyncgen.sqlite import lines
from asyncgen.sqlite.schema import APPLICATION_ID, SCHEMA_VERSION
from asyncgen.store import RunInfo, Store

DOCUMENT = DOCS / "store.md"
TABLES = ("results", "attempts", "runs", "spec")
REASONS = {
    Status.TIMEOUT: "cpu:sympy-risch",
    Status.UNVERIFIED: "refuted",
    Status.NONELEMENTARY: "sympy-risch",
}
SMALL = dataclasses.replace(SPEC.distribution, operators=(OperatorCount(1, 3),))
FUNCTIONS = Sampler(Spec(SMALL, seed=3))


def outcome(index: int, status: Status) -> Outcome:
    """A row as a job makes it; the answers are not true."""
    problem = FUNCTIONS.problem(index)
    answered = status.success or status is Status.UNVERIFIED
    return Outcome(
        index=index,
        kind=problem.kind,
        status=status,
        problem_prefix=problem.prefix,
        integrand=to_infix(problem.prefix),
        operators=problem.operators,
        answer_prefix="pow2 x" if answered else None,
        integral="x**2" if status.success else None,
        engine=None if status is Status.DEGENERATE else "sympy-risch",
        reason=REASONS.get(status),
        proof="sympy-risch" if status is Status.NONELEMENTARY or index % 20 == 1 else None,
        continuous="yes" if status.success else None,
        real=("no" if index % 3 else "yes") if status.success else None,
        real_answer="x*x" if status.success and index % 3 else None,
        cpu_seconds=0.01 * index,
        wall_seconds=0.02 * index,
    )


def info(command: str, timeout: float) -> RunInfo:
    settings = {
        "timeout_cpu_seconds": timeout,
        "memory_limit_bytes": 1 << 30,
        "engines_cpu_seconds": {"sympy-risch": timeout / 20},
    }
    return RunInfo(command, 0, 60, settings, versions(), machine())


async def fill_by_hand(path: Path) -> None:
    """Two runs under other limits, and a retry of what was cut."""
    statuses = list(Status)
    async with Store(path, FUNCTIONS.spec) as store:
        for first, timeout in ((0, 5.0), (30, 2.0)):
            run = await store.begin_run(info("generate", timeout))
            rows = [outcome(i, statuses[i % len(statuses)]) for i in range(first, first + 30)]
            await store.add(run, rows)
            await store.end_run(run, "done")
        cut = [i for i in range(60) if statuses[i % len(statuses)] is Status.TIMEOUT]
        run = await store.begin_run(info("retry", 20.0))
        await store.retry(run, [outcome(i, Status.ELEMENTARY) for i in cut[1:]])
        await store.end_run(run, "done")


def test_the_table_of_lines_is_as_it_is_made():
    """Its columns are those that the document lists, in their order and with their types."""
    with sqlite3.connect(":memory:") as connection:
        connection.execute(lines.MAKE)
        found = connection.execute("PRAGMA table_info(lines)").fetchall()
    connection.close()
    listed = [(codes(row[0])[0], row[1]) for row in table(section(DOCUMENT, "### lines"))]
    assert [(name, type_) for _, name, type_, *_ in found] == listed


@pytest.fixture
def store(tmp_path: Path) -> Path:
    """A small store in which each status occurs, functions repeat, and a retry has been."""
    path = tmp_path / "functions.db"
    asyncio.run(fill_by_hand(path))
    return path


@pytest.mark.parametrize("block", blocks(DOCUMENT, "sql"), ids=str)
def test_a_query_gives_rows(block: Block, store: Path):
    """Every query runs on a store that is open for reading only, and finds something."""
    connection = sqlite3.connect(f"file:{store}?mode=ro", uri=True)
    try:
        assert connection.execute(block.code).fetchall()
    finally:
        connection.close()


def test_queries_for_training_count_what_they_say(store: Path):
    """Pairs are the successes; a classifier's labels are the elementary rows and those with a proof."""
    pairs, people, tame, distinct, repeated, labels, *_ = [
        query(store, block.code) for block in blocks(DOCUMENT, "sql")
    ]
    functions = [prefix for (prefix,) in query(store, "SELECT problem_prefix FROM results")]
    assert repeated == [(len(functions) - len(set(functions)),)] != [(0,)]
    statuses = [str(status) for (status,) in query(store, "SELECT status FROM results")]
    assert len(pairs) == statuses.count("elementary") + statuses.count("special")
    assert len(people) == len(pairs)
    assert {integral for _, integral, *_ in people} == {"x**2", "x*x"}
    assert 0 < len(tame) < len(pairs)
    assert {prefix for _, prefix, _ in distinct} == {prefix for prefix, _ in pairs}
    assert len(distinct) == len({prefix for prefix, _ in pairs})
    assert sum(bool(label) for _, label in labels) == statuses.count("elementary")
    proven = query(store, "SELECT status FROM results WHERE proof IS NOT NULL")
    assert {status for (status,) in proven} == {"special", "nonelementary"}
    assert len(labels) == statuses.count("elementary") + len(proven)


def run(code: str, folder: Path) -> str:
    """What a program prints that is started next to the store; it must end well and be silent on stderr."""
    command = [sys.executable, "-c", code]
    done = subprocess.run(command, cwd=folder, capture_output=True, text=True, timeout=60, check=False)
    assert (done.returncode, done.stderr) == (0, "")
    return done.stdout


@pytest.mark.parametrize("block", blocks(DOCUMENT, "python"), ids=str)
def test_a_program_runs(block: Block, store: Path):
    """Every Python block runs as it stands next to a store, and leaves it unchanged."""
    if "import pandas" in block.code:
        needed_packages("pandas", "pyarrow")
    before = store.read_bytes()
    printed = run(block.code, store.parent)
    assert printed or len(list(store.parent.iterdir())) > 1
    assert store.read_bytes() == before


def test_exported_lines_are_the_successes(store: Path):
    """The JSON lines hold one object for each success, in the order of the store."""
    (program,) = [block for block in blocks(DOCUMENT, "python") if "pairs.jsonl" in block.code]
    run(program.code, store.parent)
    lines = (store.parent / "pairs.jsonl").read_text().splitlines()
    found = [(values["integrand"], values["integral"]) for values in map(json.loads, lines)]
    assert found == query(store, "SELECT integrand, integral FROM results WHERE success ORDER BY idx")


@pytest.mark.parametrize("name", TABLES)
def test_columns_are_those_of_the_table(name: str, store: Path):
    """Each column is listed with its type, and as never NULL exactly if the table refuses NULL there."""
    actual = {
        column: (kind, bool(required or key))
        for _, column, kind, required, _, key in query(store, f"PRAGMA table_info({name})")
    }
    kinds = {column: kind for column, (kind, _) in actual.items()}
    listed = {column: (kind, never) for column, kind, never in _listed(name, kinds)}
    assert listed == actual


def _listed(name: str, kinds: dict[object, object]) -> list[tuple[str, object, bool]]:
    """Name, type and "never NULL" of the document's columns; "as above" stands for whatever the type is."""
    rows: list[tuple[str, object, bool]] = []
    for names, kind, _, null in table(section(DOCUMENT, f"### {name}")):
        for column in codes(names):
            rows.append((column, kinds.get(column) if kind == "as above" else kind, null == "never"))
    return rows


def test_there_are_no_other_tables(store: Path):
    """Every table of a store has its section."""
    found = query(store, "SELECT name FROM sqlite_master WHERE type = 'table'")
    assert {name for (name,) in found} == set(TABLES)


def test_the_marks_of_the_file_are_right():
    """The application id and the version of the tables are those of the code."""
    assert f"`PRAGMA application_id` is {APPLICATION_ID}" in DOCUMENT.read_text()
    assert f"the version of these tables, now {SCHEMA_VERSION}" in DOCUMENT.read_text()


@pytest.mark.engine
async def test_a_real_job_fills_what_is_said_never_to_be_empty(tmp_path: Path):
    """In a real run's rows, `integral` is NULL exactly where `success` is 0, and settings are as listed."""
    path = tmp_path / "functions.db"
    await generate(path, FUNCTIONS.spec, range(12), RunSettings(limits=Limits(timeout=5.0, engines="sympy")))
    rows = query(path, "SELECT success, integral IS NULL, engine, status FROM results")
    assert all(bool(success) != bool(empty) for success, empty, *_ in rows)
    assert all(engine for *_, engine, status in rows if status not in ("degenerate", "timeout"))
    ((settings, machine_text),) = query(path, "SELECT settings, machine FROM runs")
    listed = {codes(row[0])[0]: row[2] for row in table(section(DOCUMENT, "### runs"))}
    assert set(json.loads(str(settings))) == set(codes(listed["settings"])) - {"statuses"}
    assert set(json.loads(str(machine_text))) <= {"node", "system", "processor", "cores", "memory", "pid"}
