"""Rules of the main job for problems that are built with their answers: rows, resumes, retries, counts.

Real workers build them with a module that needs no mathematics (see fake_kinds.py), and check their answers.
"""

import asyncio
import dataclasses
import json
from collections import Counter
from pathlib import Path

import pytest
from building import with_fakes
from job_cases import endings, holds, settings, workers_do
from processes import stored
from store_cases import query

from asyncgen.jobs import run as job
from asyncgen.jobs.generate import generate, retry
from asyncgen.jobs.labelling import limits_of, scheduler_settings, solver
from asyncgen.jobs.limits import Limits, Workforce
from asyncgen.jobs.run import Control
from asyncgen.problems.distributions import PRESETS
from asyncgen.problems.errors import UsageError
from asyncgen.problems.records import Drops, Problem, Status, dropped_counts
from asyncgen.problems.spec import OperatorCount, Share, Spec
from asyncgen.store import Reader, Store

BASE = PRESETS["lample-charton"]
BACKWARD = Spec(BASE, "backward", seed=2)
MIXED = Spec(
    dataclasses.replace(BASE, operators=(OperatorCount(1, 2),)),
    "mixture",
    mixture=(Share("forward", 1.0, (OperatorCount(1, 2),)), Share("backward", 1.0, (OperatorCount(1, 2),))),
)
MADE = "idx, kind, status, problem_prefix, answer_prefix, integrand, operators, reason, dropped"


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "store.db"


@pytest.fixture
def fakes(monkeypatch: pytest.MonkeyPatch) -> None:
    """Have the workers of the next jobs build with fake_kinds."""
    monkeypatch.setattr(job, "scheduler_settings", with_fakes)


def made(path: Path) -> list[tuple[object, ...]]:
    """All that a row says but who made it and in which time."""
    return query(path, f"SELECT {MADE} FROM results ORDER BY idx")


def dropped(path: Path) -> Counter[str]:
    """What was dropped, counted row by row."""
    counts: Counter[str] = Counter()
    for (text,) in query(path, "SELECT dropped FROM results"):
        counts.update(dropped_counts(text if isinstance(text, str) else None))
    return counts


@pytest.mark.usefixtures("fakes")
class TestRows:
    """n in, n out."""

    async def test_each_index_has_a_row(self, path: Path):
        """Built, unverified or empty; the progress counts the attempts that were dropped."""
        progress = await generate(path, BACKWARD, range(200), settings())
        assert (progress.state, progress.rows) == ("done", 200)
        assert set(progress.counts) == {Status.ELEMENTARY, Status.UNVERIFIED, Status.DEGENERATE}
        assert progress.empty == progress.counts[Status.DEGENERATE]
        assert progress.dropped == dropped(path)
        assert set(progress.dropped) == {"constant", "long"}
        assert query(path, "SELECT DISTINCT kind FROM results") == [("backward",)]
        empty = query(
            path, "SELECT DISTINCT integrand, problem_prefix FROM results WHERE reason LIKE 'empty:%'"
        )
        assert empty == [("", "")]

    async def test_the_store_counts_the_same(self, path: Path):
        """Whoever asks it, of all or of a range."""
        progress = await generate(path, BACKWARD, range(200), settings())
        async with Reader(path) as reader:
            assert await reader.drops() == Drops(progress.empty, progress.dropped)
            first, second = await reader.drops(0, 90), await reader.drops(90, 200)
        assert first.empty + second.empty == progress.empty
        assert Counter(first.reasons) + Counter(second.reasons) == progress.dropped

    async def test_rows_do_not_depend_on_who_made_them(self, path: Path, tmp_path: Path):
        """One worker or several, in one run or in pieces in another order."""
        await generate(path, BACKWARD, range(120), settings(workers=3))
        other = tmp_path / "other.db"
        for indices in (range(60, 120), range(30), range(120)):
            progress = await generate(other, BACKWARD, indices, settings(workers=1))
        assert made(other) == made(path)
        assert (progress.empty, progress.dropped) == (
            sum(str(row[7]).startswith("empty:") for row in made(path)),
            dropped(path),
        )

    async def test_a_cut_loses_nothing(self, path: Path, tmp_path: Path):
        """A job that was cancelled and one that was stopped end as the same rows."""
        whole = tmp_path / "whole.db"
        await generate(whole, BACKWARD, range(400), settings())
        running = asyncio.create_task(generate(path, BACKWARD, range(400), settings(batch=1)))
        await holds(lambda: stored(path))
        running.cancel()
        with pytest.raises(asyncio.CancelledError):
            await running
        control = Control()
        control.stop.set()
        await generate(path, BACKWARD, range(400), settings(), control)
        await generate(path, BACKWARD, range(400), settings())
        assert endings(path) == ["failed", "stopped", "done"]
        assert made(path) == made(whole)

    async def test_a_mixture_has_rows_of_each_kind(self, path: Path):
        """Forward rows are labelled by engines, as ever."""
        progress = await generate(
            path, MIXED, range(60), settings(limits=Limits(timeout=20, engines="risch"))
        )
        kinds = query(path, "SELECT kind, count(*) FROM results GROUP BY kind ORDER BY kind")
        assert [kind for kind, _ in kinds] == ["backward", "forward"]
        assert progress.rows == 60
        assert query(path, "SELECT count(*) FROM results WHERE kind = 'forward' AND dropped NOT NULL") == [
            (0,)
        ]
        assert query(path, "SELECT count(*) FROM results WHERE kind = 'backward' AND engine NOT NULL") == [
            (0,)
        ]


class TestKilled:
    """A worker that gives no row leaves one without a problem."""

    async def test_what_is_killed_has_a_row(self, path: Path, monkeypatch):
        """Of a problem that nobody knows."""
        workers_do(monkeypatch, {3: "timeout:wall", 4: "exit:7"})
        await generate(path, BACKWARD, range(6), settings())
        assert [row[1:6] for row in made(path)[3:5]] == [
            ("backward", "timeout", "", None, ""),
            ("backward", "crashed", "", None, ""),
        ]

    async def test_it_is_built_by_a_retry(self, path: Path, tmp_path: Path, monkeypatch):
        """From its index: the row is what it would have been at once."""
        with monkeypatch.context() as patch:
            workers_do(patch, dict.fromkeys(range(0, 30, 2), "timeout:wall"))
            await generate(path, BACKWARD, range(30), settings())
        monkeypatch.setattr(job, "scheduler_settings", with_fakes)
        progress = await retry(path, [Status.TIMEOUT, Status.UNSOLVED], settings())
        assert (progress.state, progress.stored) == ("done", 30)
        whole = tmp_path / "whole.db"
        await generate(whole, BACKWARD, range(30), settings())
        assert made(path) == made(whole)

    async def test_a_built_row_is_built_anew_by_a_retry(self, path: Path, monkeypatch):
        """Unverified ones too, whose problem is known: a worker that dies then leaves a row without it."""
        monkeypatch.setattr(job, "scheduler_settings", with_fakes)
        await generate(path, BACKWARD, range(200), settings())
        before = made(path)
        assert (await retry(path, [Status.UNVERIFIED], settings())).stored > 0
        assert made(path) == before
        async with Reader(path) as reader:
            pages = [page async for page in reader.retry_candidates([Status.UNVERIFIED], 100)]
        assert {problem._replace(index=0) for page in pages for problem in page} == {
            Problem(0, "", 0, "backward")
        }

    async def test_a_retry_with_another_table_is_refused(self, path: Path):
        """Its rows would be others than those that are there."""
        async with Store(path, Spec(BASE, "parts", source="ab" * 32)):
            pass
        with pytest.raises(UsageError, match="need the table of known pairs with SHA-256 abababababab"):
            await retry(path, [Status.TIMEOUT], settings())


class TestSettings:
    """What workers of such jobs are told."""

    def test_no_engine_is_asked(self):
        """None starts, none is recorded, and none is preloaded."""
        limits = limits_of(Limits(timeout=8.0, engines="sympy"), BACKWARD)
        assert limits.as_dict()["engines_cpu_seconds"] == {}
        assert (limits.timeout, limits_of(Limits(), MIXED), limits_of(Limits(), Spec(BASE))) == (
            8.0,
            Limits(),
            Limits(),
        )
        told = scheduler_settings(limits, Workforce(workers=1), BACKWARD)
        assert told.preload == ("asyncgen.worker:load_constructions",)
        assert told.initargs == ([], None)

    def test_a_mixture_with_forward_problems_has_both(self):
        """The constructions, and the engines as they were asked for."""
        told = scheduler_settings(Limits(engines="sympy"), Workforce(workers=1), MIXED)
        assert told.preload == ("asyncgen.worker:load_constructions", "asyncgen.worker:warm")

    def test_the_solver_has_the_specification_only_where_rows_are_built(self):
        """It travels once, not with each call."""
        limits = Limits()
        assert solver(limits, BACKWARD).keywords == {"limits": limits.cpu, "spec": BACKWARD}  # type: ignore[attr-defined]
        assert solver(limits, Spec(BASE)).keywords == {"limits": limits.cpu}  # type: ignore[attr-defined]

    @pytest.mark.usefixtures("fakes")
    async def test_the_run_records_no_engines(self, path: Path):
        """Nor does it matter which are asked for when it is gone on with."""
        await generate(path, BACKWARD, range(3), settings(limits=Limits(timeout=9.0, engines="sympy")))
        await generate(path, BACKWARD, range(6), settings(limits=Limits(timeout=9.0)))
        said = [json.loads(str(text)) for (text,) in query(path, "SELECT settings FROM runs")]
        assert [one["engines_cpu_seconds"] for one in said] == [{}, {}]


@pytest.mark.parametrize(
    ("spec", "said"),
    [
        (dataclasses.replace(BACKWARD, published=True), "published is false there and true here"),
        (dataclasses.replace(BACKWARD, kind="forward"), 'kind is "backward" there and "forward" here'),
    ],
)
async def test_another_kind_is_another_store(path: Path, spec: Spec, said: str):
    """The refusal says what differs."""
    async with Store(path, BACKWARD):
        pass
    with pytest.raises(UsageError, match=said):
        async with Store(path, spec):
            pass
