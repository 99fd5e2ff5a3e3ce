"""How single functions are decided: each through a worker process that can be killed, as in the main job.

The process imports the integrator alone, and neither SymPy nor another engine, so that it is ready at once.
"""

from collections.abc import AsyncGenerator, Sequence
from dataclasses import replace

from asyncgen.calls.cores import usable_cores
from asyncgen.calls.pickled import PickledOnce
from asyncgen.jobs.labelling import fate_of, scheduler_settings
from asyncgen.jobs.limits import Limits, Workforce
from asyncgen.mathematics.engines.catalogue import OWN
from asyncgen.problems.derivations import Derivation, undecided
from asyncgen.problems.records import Problem
from asyncgen.problems.tokens import tree_of
from asyncgen.scheduler import Scheduler
from asyncgen.worker import explain

# A part of the limit of a call: what was tried is tried again, to say where it ended.
SHARE = 1 / 2


async def explanations(problems: Sequence[Problem], timeout: float) -> AsyncGenerator[Derivation, None]:
    """The derivations of these functions, in their order; `timeout` is in CPU seconds for each.

    A function whose worker was killed or failed is undecided; its reason holds the status and reason that
    `label` would give. Several are worked on at the same time.
    """
    limits = Limits(timeout=timeout, engines=OWN[0])
    workers = min(usable_cores(), len(problems)) or 1
    settings = replace(scheduler_settings(limits, Workforce(workers=workers)), preload=())
    function = PickledOnce(explain, seconds=timeout * SHARE)
    async with (
        Scheduler(settings) as scheduler,
        scheduler.stream(function, problems, ordered=True, chunk=1) as results,
    ):
        async for result in results:
            yield result.value or _killed(result.item, result.error)


def _killed(problem: Problem, error: Exception | None) -> Derivation:
    status, reason = fate_of(error)
    return undecided(tree_of(problem.prefix.split()), OWN[0], f"its process was ended, {status}:{reason}")
