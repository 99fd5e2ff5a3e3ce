"""What the main job's tests share: workers that need no mathematics, and questions to a store."""

import asyncio
import dataclasses
from collections.abc import Callable, Iterable, Mapping
from pathlib import Path

import pytest
import solvers
from processes import descendants
from store_cases import SPEC, query

from asyncgen.calls.settings import Settings
from asyncgen.jobs import run as job
from asyncgen.jobs.labelling import scheduler_settings
from asyncgen.jobs.limits import Limits, Workforce
from asyncgen.jobs.progress import Progress, Tally
from asyncgen.jobs.run import Control, Job, Problems, RunSettings
from asyncgen.problems.records import Outcome, Problem
from asyncgen.problems.spec import Spec
from asyncgen.sampler import Sampler
from asyncgen.store import RunInfo, Store

ENDLESS = range(10**12)
AMPLE = Limits(timeout=100.0, memory=None)


def settings(workers: int = 2, **changes: object) -> RunSettings:
    """Settings with two workers and limits that nothing reaches, unless changed."""
    workforce = Workforce(workers=workers, calls_per_worker=50)
    return dataclasses.replace(RunSettings(limits=AMPLE, workforce=workforce), **changes)


def workers_do(monkeypatch: pytest.MonkeyPatch, plan: Mapping[int, str]) -> None:
    """Have the workers of the next jobs follow a plan (see solvers.py) instead of solving."""

    def light(limits: Limits, workforce: Workforce, spec: Spec | None = None) -> Settings:
        heavy = scheduler_settings(limits, workforce)
        return dataclasses.replace(heavy, preload=("solvers",), initializer=None, initargs=())

    monkeypatch.setattr(job, "scheduler_settings", light)
    monkeypatch.setattr(job, "solver", lambda limits, spec: solvers.planned(plan))


def indices(path: Path) -> list[int]:
    """The indices of the stored rows, in order."""
    return [int(str(index)) for (index,) in query(path, "SELECT idx FROM results ORDER BY idx")]


def statuses(path: Path) -> dict[int, str]:
    """The status of each row."""
    return {int(str(index)): str(status) for index, status in query(path, "SELECT idx, status FROM results")}


def endings(path: Path) -> list[object]:
    """How each run ended, the first one first."""
    return [how for (how,) in query(path, "SELECT how_ended FROM runs ORDER BY id")]


def expected(stop: int, start: int = 0) -> list[tuple[object, ...]]:
    """Index, prefix and number of operators of the rows that these indices must have."""
    problems = map(Sampler(SPEC).problem, range(start, stop))
    return [(problem.index, problem.prefix, problem.operators) for problem in problems]


def family() -> set[int]:
    """Process ids of all that this process has started and that lives, whatever its session."""
    return {child.pid for child in descendants()}


async def run_job(
    path: Path, problems: Iterable[Problem], settings: RunSettings, control: Control | None = None
) -> Progress:
    """Make one run over problems of one's own choice."""
    chosen = list(problems)
    async with Store(path, SPEC) as store:
        run = await store.begin_run(RunInfo("test"))
        one = Job(settings, Tally(len(chosen), {}), control or Control())

        async def write(outcomes: "list[Outcome]") -> None:
            await store.add(run, outcomes)

        return await one.run(store, run, _each(chosen), write)  # type: ignore[arg-type]


async def _each(problems: Iterable[Problem]) -> Problems:
    for problem in problems:
        yield problem


async def holds(condition: Callable[[], object]) -> None:
    """Wait until a condition holds; the test's own time limit is the only one."""
    while not condition():
        await asyncio.sleep(0.002)
