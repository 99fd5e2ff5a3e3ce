"""The schedulers of a node."""

import pytest
from workload import echo

from asyncgen.calls.errors import SchedulerClosed, SchedulerError
from asyncgen.cluster.schedulers import Schedulers
from asyncgen.jobs.limits import Limits, Workforce
from asyncgen.problems.configuration import spec_for
from asyncgen.scheduler import Scheduler

FORWARD, BACKWARD = spec_for(), spec_for("backward")
LIMITS, OTHERS = Limits(engines="risch"), Limits(engines="risch", timeout=3)


async def is_open(scheduler: Scheduler) -> bool:
    try:
        return await scheduler.run(echo, 1) == 1
    except SchedulerClosed:
        return False


async def test_shards_of_a_sort_share_one():
    """At a time, and one after the other."""
    async with Schedulers(Workforce(workers=1)) as schedulers:
        async with schedulers.open(LIMITS, FORWARD) as one, schedulers.open(LIMITS, FORWARD) as other:
            assert one is other
        async with schedulers.open(LIMITS, spec_for(seed=5)) as again:
            assert again is one
        assert await is_open(one)
    assert not await is_open(one)


async def test_one_that_nobody_uses_is_closed_when_another_was_used():
    """So that their workers do not add up."""
    async with Schedulers(Workforce(workers=1)) as schedulers:
        async with schedulers.open(LIMITS, FORWARD) as one:
            async with schedulers.open(OTHERS, FORWARD) as other:
                assert other is not one
            async with schedulers.open(LIMITS, BACKWARD) as third:
                assert third is not one
            assert await is_open(one)
            assert not await is_open(other)
        assert await is_open(one) != await is_open(third)


async def test_one_that_fails_is_replaced():
    """Not before those who use it have ended."""
    async with Schedulers(Workforce(workers=1)) as schedulers:
        async with schedulers.open(LIMITS, FORWARD) as broken:
            with pytest.raises(SchedulerError, match="no worker"):
                async with schedulers.open(LIMITS, FORWARD):
                    raise SchedulerError("no worker can be started")
            assert await is_open(broken)
            async with schedulers.open(LIMITS, FORWARD) as sound:
                assert sound is not broken
        assert not await is_open(broken)
        assert await is_open(sound)
