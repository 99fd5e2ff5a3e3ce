"""Waiting that cannot be cut short."""

import asyncio
import gc

import pytest

from asyncgen.calls.waiting import finish, insist


async def test_work_is_finished_however_often_its_caller_is_cancelled():
    """The cancelling is raised, once, when nothing is on its way any more."""
    release, done = asyncio.Event(), []

    async def work() -> None:
        await release.wait()
        done.append(True)

    waiting = asyncio.create_task(finish(work()))
    for _ in range(5):
        await asyncio.sleep(0)
        waiting.cancel()
    assert not waiting.done()
    release.set()
    with pytest.raises(asyncio.CancelledError):
        await waiting
    assert done == [True]


async def test_a_value_or_an_error_passes_through():
    """As with a plain await."""

    async def raising() -> None:
        raise ValueError("on purpose")

    assert await finish(asyncio.sleep(0, "value")) == "value"
    with pytest.raises(ValueError, match="on purpose"):
        await finish(raising())


async def test_an_error_behind_a_cancelling_is_nobodys_surprise():
    """The caller gets CancelledError, and the loop does not complain of an error that was never seen."""
    complaints: list[dict[str, object]] = []
    asyncio.get_running_loop().set_exception_handler(lambda _, context: complaints.append(context))
    release = asyncio.Event()

    async def raising() -> None:
        await release.wait()
        raise ValueError("on purpose")

    waiting = asyncio.create_task(finish(raising()))
    await asyncio.sleep(0)
    waiting.cancel()
    await asyncio.sleep(0)
    release.set()
    with pytest.raises(asyncio.CancelledError):
        await waiting
    del waiting
    gc.collect()
    assert complaints == []


async def test_what_is_begun_again_comes_to_its_end():
    """`insist` starts anew after each cancelling, and is cancelled in the end."""
    starts, release = [], asyncio.Event()

    async def attempt() -> None:
        starts.append(True)
        await release.wait()

    insisting = asyncio.create_task(insist(attempt))
    for _ in range(3):
        await asyncio.sleep(0)
        insisting.cancel()
    await asyncio.sleep(0)
    release.set()
    with pytest.raises(asyncio.CancelledError):
        await insisting
    assert len(starts) > 1
