"""The main job without mathematics: sampler, scheduler, processes and store are real, the workers
answer at once, and what is left to measure is the parent.

An answer is as long as its problem, so that what travels and what is stored has the size of a real row.
"""

import dataclasses
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from asyncgen.calls.pickled import PickledOnce
from asyncgen.calls.settings import Settings
from asyncgen.jobs import run as job
from asyncgen.jobs.generate import generate
from asyncgen.jobs.labelling import scheduler_settings
from asyncgen.jobs.limits import Limits, Workforce
from asyncgen.jobs.progress import Progress
from asyncgen.jobs.run import Control, RunSettings
from asyncgen.problems.distributions import PRESETS
from asyncgen.problems.infix_text import to_infix
from asyncgen.problems.records import CpuLimits, Outcome, Problem, Status
from asyncgen.problems.spec import Spec

WORKERS = 2
LIMITS = Limits(engines="sympy")


def answer(problem: Problem, limits: CpuLimits) -> Outcome:
    """A row that nobody had to work for; called as the real solver is."""
    text = to_infix(problem.prefix)
    return Outcome(
        index=problem.index,
        kind=problem.kind,
        status=Status.ELEMENTARY,
        problem_prefix=problem.prefix,
        integrand=text,
        operators=problem.operators,
        answer_prefix=problem.prefix,
        integral=text,
        engine="trivial",
    )


async def fill(
    store: Path,
    rows: int,
    on_progress: Callable[[Progress], None] = lambda _: None,
    workers: int = WORKERS,
) -> None:
    """Run the job into a new store; workers are never replaced."""
    settings = RunSettings(limits=LIMITS, workforce=Workforce(workers=workers, calls_per_worker=1 << 62))
    spec = Spec(PRESETS["lample-charton"])
    with _without_mathematics():
        await generate(store, spec, range(rows), settings, Control(on_progress=on_progress))


@contextmanager
def _without_mathematics() -> Iterator[None]:
    """Have jobs take their workers' function and preparation from here."""
    seam: Any = job  # the names that it has imported are no part of its interface
    before = seam.scheduler_settings, seam.solver
    seam.scheduler_settings = _light
    seam.solver = lambda limits, spec: PickledOnce(answer, limits=limits.cpu)
    try:
        yield
    finally:
        seam.scheduler_settings, seam.solver = before


def _light(limits: Limits, workforce: Workforce, spec: Spec | None) -> Settings:
    heavy = scheduler_settings(limits, workforce)
    return dataclasses.replace(heavy, preload=("trivial",), initializer=None, initargs=())
