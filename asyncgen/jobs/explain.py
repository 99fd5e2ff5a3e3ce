"""How single functions are decided: each through a worker process that can be killed, as in the main job.

The process imports the integrator alone, and neither SymPy nor another engine, so that it is ready at once.
"""

from collections.abc import AsyncGenerator, Iterable
from dataclasses import replace

from asyncgen.calls.pickled import PickledOnce
from asyncgen.jobs.labelling import fate_of, scheduler_settings
from asyncgen.jobs.limits import Limits, Workforce
from asyncgen.mathematics.engines.catalogue import OWN
from asyncgen.problems.derivations import Derivation, undecided
from asyncgen.problems.records import Problem
from asyncgen.problems.tokens import fold
from asyncgen.scheduler import Scheduler
from asyncgen.worker import explain

# A part of the wall-clock limit, as CPU seconds: what was tried is tried again, to say where it ended.
SHARE = 1 / 2


async def explanations(problems: Iterable[Problem], timeout: float) -> AsyncGenerator[Derivation, None]:
    """The derivations of these functions, in their order; `timeout` is in wall-clock seconds for each.

    A function whose worker was killed or failed is undecided; its reason holds the status and reason that
    `label` would give.
    """
    limits = Limits(timeout=timeout, engines=OWN[0])
    settings = replace(scheduler_settings(limits, Workforce(workers=1)), preload=())
    function = PickledOnce(explain, seconds=timeout * SHARE)
    async with Scheduler(settings) as scheduler:
        for problem in problems:
            result = await scheduler.call(problem, function, (problem,), timeout)
            yield result.value or _killed(problem, result.error)


def _killed(problem: Problem, error: Exception | None) -> Derivation:
    status, reason = fate_of(error)
    function = fold(problem.prefix.split(), lambda leaf: leaf, lambda token, operands: (token, *operands))
    return undecided(function, OWN[0], f"its process was ended, {status}:{reason}")
