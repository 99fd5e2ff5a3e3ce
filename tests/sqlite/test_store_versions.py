"""A store that asyncgen 0.1 made, kept in data/: it stays usable, as it is.

40 rows of the command `asyncgen --n 40 --min-ops 1 --max-ops 6 --seed 5 --timeout 0.5`, two of which a retry
with more time has replaced.
"""

import shutil
from pathlib import Path

import pytest
from store_cases import outcomes, query

from asyncgen.jobs.generate import generate
from asyncgen.problems.distributions import preset, with_operator_range
from asyncgen.problems.records import Status
from asyncgen.problems.spec import Spec
from asyncgen.sampler import Sampler
from asyncgen.store import Reader, RunInfo, Store

KEPT = Path(__file__).parent / "data" / "version-1.db"
SPEC = Spec(with_operator_range(preset("lample-charton"), 1, 6), seed=5)


@pytest.fixture
def old(tmp_path: Path) -> Path:
    return Path(shutil.copy(KEPT, tmp_path / "functions.db"))


async def test_it_is_read_as_it_is(old: Path):
    """Specification, rows and runs; not a byte of the file changes."""
    before = old.read_bytes()
    async with Reader(old) as reader:
        assert await reader.spec() == SPEC
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


async def test_its_functions_are_those_that_the_sampler_draws_today(old: Path):
    """So that going on with it extends the same stream."""
    sampler = Sampler(SPEC)
    async with Reader(old) as reader:
        async for row in reader.rows():
            problem = sampler.problem(row.index)
            assert (row.problem_prefix, row.operators) == (problem.prefix, problem.operators)


async def test_it_is_gone_on_with(old: Path):
    """Rows are added and replaced, earlier attempts kept, and nothing is left to do where all is there."""
    async with Store(old, SPEC) as store:
        run = await store.begin_run(RunInfo("test"))
        assert await store.add(run, outcomes(35, 45)) == 5
        assert await store.retry(run, outcomes(0, 3)) == 3
        await store.end_run(run, "done")
    assert query(old, "PRAGMA integrity_check") == [("ok",)]
    assert query(old, "SELECT count(*) FROM attempts") == [(2 + 3,)]
    assert (await generate(old, SPEC, range(45))).state == "nothing"
