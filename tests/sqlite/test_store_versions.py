"""A store that asyncgen 0.1 made, kept in data/: it is read as it is, and migrated to be gone on with.

40 rows of the command `asyncgen --n 40 --min-ops 1 --max-ops 6 --seed 5 --timeout 0.5`, two of which a retry
with more time has replaced.
"""

import shutil
import sqlite3
from contextlib import closing
from dataclasses import replace
from pathlib import Path

import pytest
from job_cases import workers_do
from store_cases import KEPT, KEPT_SPEC, outcomes, query

from asyncgen.jobs.generate import generate, retry
from asyncgen.jobs.limits import Limits
from asyncgen.jobs.run import RunSettings
from asyncgen.mathematics.engines.fricas import locator
from asyncgen.problems.errors import UsageError
from asyncgen.problems.records import Status
from asyncgen.sampler import Sampler
from asyncgen.sqlite import schema
from asyncgen.sqlite.schema import SCHEMA_VERSION
from asyncgen.store import Reader, RunInfo, Store


@pytest.fixture
def old(tmp_path: Path) -> Path:
    return Path(shutil.copy(KEPT, tmp_path / "functions.db"))


async def test_it_is_read_as_it_is(old: Path):
    """Specification, rows and runs; not a byte of the file changes."""
    before = old.read_bytes()
    async with Reader(old) as reader:
        assert await reader.spec() == KEPT_SPEC
        rows = [row async for row in reader.rows()]
        first, second = await reader.runs()
    assert [row.index for row in rows] == list(range(40))
    assert {row.status for row in rows} == {
        Status.ELEMENTARY,
        Status.SPECIAL,
        Status.NONELEMENTARY,
        Status.DEGENERATE,
    }
    assert (first.info.command, second.info.command) == ("generate", "retry")
    assert old.read_bytes() == before


async def test_its_rows_have_the_fields_of_today(old: Path):
    """A proof is that of the engine which the verdict rests on; without a verdict there is none."""
    async with Reader(old) as reader:
        rows = [row async for row in reader.rows()]
    assert {row.proof for row in rows if row.status is Status.NONELEMENTARY} == {"fricas"}
    assert {row.proof for row in rows if row.status is not Status.NONELEMENTARY} == {None}


async def test_its_limits_have_their_units(old: Path):
    """They are what they meant: seconds of wall clock for a call, CPU seconds for an engine, bytes."""
    async with Reader(old) as reader:
        first, second = await reader.runs()
    assert dict(first.info.settings) == {
        "timeout_wall_seconds": 0.5,
        "memory_limit_bytes": 1 << 30,
        "engines_cpu_seconds": {"fricas": 0.025, "sympy-risch": 0.005},
        "workers": 2,
        "calls_per_worker": 500,
        "inflight": None,
    }
    assert second.info.settings["statuses"] == ["timeout", "unsolved"]


async def test_it_can_be_asked_everything(old: Path):
    """Counts, gaps and candidates for a retry are those of the rows."""
    async with Reader(old) as reader:
        assert await reader.counts(0, 40) == await reader.counts()
        assert [gap async for gap in reader.gaps(38, 50)] == [range(40, 50)]
        found = [row.index async for row in reader.rows([Status.NONELEMENTARY], start=6, stop=30)]
        (page,) = [page async for page in reader.retry_candidates([Status.NONELEMENTARY], 3)]
    assert [problem.index for problem in page if 6 <= problem.index < 30] == found != []


async def test_its_functions_are_those_that_the_sampler_draws_today(old: Path):
    """So that going on with it extends the same stream."""
    sampler = Sampler(KEPT_SPEC)
    async with Reader(old) as reader:
        async for row in reader.rows():
            problem = sampler.problem(row.index)
            assert (row.problem_prefix, row.operators) == (problem.prefix, problem.operators)


async def test_it_is_gone_on_with(old: Path):
    """Rows are added and replaced, earlier attempts kept, and nothing is left to do where all is there."""
    async with Store(old, KEPT_SPEC) as store:
        run = await store.begin_run(RunInfo("test"))
        assert await store.add(run, outcomes(35, 45)) == 5
        assert await store.retry(run, outcomes(0, 3)) == 3
        await store.end_run(run, "done")
    assert query(old, "PRAGMA integrity_check") == [("ok",)]
    assert query(old, "PRAGMA user_version") == [(SCHEMA_VERSION,)]
    assert query(old, "SELECT count(*) FROM attempts") == [(2 + 3,)]
    assert (await generate(old, KEPT_SPEC, range(45))).state == "nothing"


async def test_its_limits_are_not_taken_for_those_of_another_clock(old: Path, monkeypatch):
    """As many seconds of another clock are other limits, and nothing else is: engines had other names."""
    monkeypatch.setattr(locator, "command", lambda: ["fricas"])
    workers_do(monkeypatch, {})
    same = RunSettings(limits=Limits(timeout=0.5, engines="fricas,sympy-risch"))
    with pytest.raises(UsageError) as refused:
        await generate(old, KEPT_SPEC, range(42), same)
    changed = (
        "timeout_cpu_seconds was not set and is 0.5; timeout_wall_seconds was 0.5 and is not set. Repeat"
    )
    assert f"limits: {changed}" in str(refused.value)
    assert (await generate(old, KEPT_SPEC, range(42), replace(same, new_limits=True))).stored == 2


async def test_an_interrupted_retry_of_its_begins_anew(old: Path, monkeypatch):
    """Its last run was a retry of timeouts, cut short, under a limit of another clock."""
    with closing(sqlite3.connect(old, isolation_level=None)) as connection:
        connection.execute("UPDATE runs SET how_ended = NULL WHERE id = 2")
        connection.execute("UPDATE results SET status = 'timeout' WHERE run = 1 AND status = 'nonelementary'")
    workers_do(monkeypatch, {})
    statuses = [Status.TIMEOUT, Status.UNSOLVED]
    await retry(old, statuses, RunSettings(limits=Limits(timeout=2.0, engines="sympy-risch")))
    assert query(old, "SELECT chain FROM runs WHERE id = 3") == [(3,)]


# -- a store of version 2: 40 rows of the same stream, by `--engines risch`, and a retry of four of them


@pytest.fixture
def second(tmp_path: Path) -> Path:
    return Path(shutil.copy(KEPT.with_name("version-2.db"), tmp_path / "second.db"))


async def test_version_2_says_nothing_of_continuity(second: Path):
    """Its rows are read as they are, and what it did not ask is NULL."""
    before = second.read_bytes()
    async with Reader(second) as reader:
        assert await reader.spec() == KEPT_SPEC
        rows = [row async for row in reader.rows()]
    assert len(rows) == 40
    assert {(row.continuous, row.real, row.real_answer) for row in rows} == {(None, None, None)}
    assert {row.proof for row in rows if row.status is Status.SPECIAL} == {"risch"}
    assert second.read_bytes() == before


async def test_version_2_is_gone_on_with(second: Path):
    """Its rows and attempts stay, and new ones have all columns."""
    rows, attempts = (
        query(second, f"SELECT idx, status, integral, proof FROM {name} ORDER BY idx")
        for name in ("results", "attempts")
    )
    assert len(attempts) == 4
    async with Store(second, KEPT_SPEC) as store:
        await store.add(await store.begin_run(RunInfo("test")), outcomes(40, 50))
    assert query(second, "PRAGMA user_version") == [(SCHEMA_VERSION,)]
    assert (
        query(second, "SELECT idx, status, integral, proof FROM results WHERE idx < 40 ORDER BY idx") == rows
    )
    assert query(second, "SELECT idx, status, integral, proof FROM attempts ORDER BY idx") == attempts
    ((known,),) = query(second, "SELECT count(*) FROM results WHERE idx >= 40 AND real_answer IS NOT NULL")
    assert known > 0


# -- a store of version 3: the same rows and the same retry


@pytest.fixture
def third(tmp_path: Path) -> Path:
    return Path(shutil.copy(KEPT.with_name("version-3.db"), tmp_path / "third.db"))


async def test_version_3_says_nothing_of_dropped_attempts(third: Path):
    """Its rows are read as they are, with their answers' forms, and what it did not ask is NULL."""
    before = third.read_bytes()
    async with Reader(third) as reader:
        assert await reader.spec() == KEPT_SPEC
        rows = [row async for row in reader.rows()]
    assert len(rows) == 40
    assert {row.dropped for row in rows} == {None}
    assert {row.continuous for row in rows if row.success} == {"yes"}
    assert third.read_bytes() == before


async def test_version_3_is_gone_on_with(third: Path):
    """Its rows and attempts stay, and new ones have all columns."""
    columns = ", ".join(name for name in schema.columns(3))
    questions = [f"SELECT idx, {columns} FROM {name} WHERE idx < 40" for name in ("results", "attempts")]
    before = [query(third, question) for question in questions]
    assert len(before[1]) == 4
    async with Store(third, KEPT_SPEC) as store:
        await store.add(await store.begin_run(RunInfo("test")), outcomes(40, 50))
    assert query(third, "PRAGMA user_version") == [(SCHEMA_VERSION,)]
    assert [query(third, question) for question in questions] == before
    assert query(third, "SELECT DISTINCT dropped FROM results") == [(None,), ("constant=2,long=1",)]
