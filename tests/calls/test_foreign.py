"""Exceptions and results of classes that mean harm: a call ends with an error, and its slot goes on."""

import asyncio

import hostile
import pytest
import workload

from asyncgen.calls.errors import RemoteError
from asyncgen.pool import KillableExecutor
from asyncgen.scheduler import Scheduler


@pytest.mark.both_loops
@pytest.mark.parametrize("name", sorted(hostile.ERRORS))
async def test_an_error_of_any_class_costs_its_own_call_only(name: str):
    """More of them than there are workers, and the scheduler still calls, and closes."""
    async with Scheduler(workers=2) as scheduler:
        for _ in range(5):
            with pytest.raises(Exception) as caught:  # noqa: PT011
                await scheduler.run(hostile.throw, name)
            assert type(caught.value) in (hostile.ERRORS[name], RemoteError)
            found = [result async for result in scheduler.stream(hostile.throw, [name] * 3, chunk=3)]
            assert {type(result.error) for result in found} <= {hostile.ERRORS[name], RemoteError}
        values = await asyncio.gather(*(scheduler.run(workload.echo, i) for i in range(4)))
        assert values == [0, 1, 2, 3]


@pytest.mark.parametrize("name", sorted(hostile.ERRORS))
def test_they_reach_whoever_uses_a_pool(name: str):
    """As they are, where a class does not forbid even that."""
    with KillableExecutor(workers=1) as pool:
        error = pool.submit(hostile.throw, name).exception()
        assert type(error) in (hostile.ERRORS[name], RemoteError)
        assert pool.submit(workload.echo, 1).result() == 1


async def test_a_frozen_exception_arrives_with_its_cause():
    """A dataclass that nobody may set an attribute of still shows the remote traceback."""
    async with Scheduler(workers=1) as scheduler:
        with pytest.raises(hostile.NotFound) as caught:
            await scheduler.run(hostile.throw, "frozen")
    assert caught.value.what == "it"
    assert "hostile.py" in str(caught.value.__cause__)


@pytest.mark.both_loops
@pytest.mark.parametrize("name", sorted(hostile.VALUES))
async def test_a_value_that_cannot_be_unpickled_costs_its_own_call_only(name: str):
    """Whatever its rebuilding raises in this process."""
    async with Scheduler(workers=1) as scheduler:
        for _ in range(3):
            with pytest.raises(Exception):  # noqa: B017, PT011
                await scheduler.run(hostile.give, name)
        assert await scheduler.run(workload.echo, 1) == 1
