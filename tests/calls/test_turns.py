"""Whose turn it is when a slot becomes idle."""

import asyncio
from collections import Counter
from typing import Any, cast

import pytest

from asyncgen.calls.errors import Saturated
from asyncgen.calls.slot import Slot
from asyncgen.calls.turns import Line, Patience, Turns


class IdleSlot:
    """A slot that can always take a call."""

    idle = True


SLOT = cast(Slot, IdleSlot())


def waiting(turns: Turns, line: Line, patience: Patience = Patience()) -> "asyncio.Task[Any]":  # noqa: B008
    return asyncio.create_task(turns.take(line, patience))


async def served(turns: Turns, callers: "dict[str, asyncio.Task[Any]]", seconds: float) -> list[str]:
    """The order in which callers have their turn with one slot, each for so long."""
    order: list[str] = []
    lines = {}
    while len(order) < len(callers):
        turns.give(SLOT)
        await asyncio.sleep(0)
        await asyncio.sleep(0)
        (name,) = [name for name, task in callers.items() if task.done() and name not in order]
        order.append(name)
        turns.used(lines.setdefault(name, LINES[name[0]]), seconds)
    return order


LINES: dict[str, Line] = {}


@pytest.fixture(autouse=True)
def _lines():
    LINES.clear()
    LINES.update({"a": Line("a"), "b": Line("b", share=2.0)})


async def test_whoever_waits_longest_comes_first():
    """Within a line, and priority before that."""
    turns = Turns(lambda: None)
    priorities = {"a1": 0, "a2": 0, "a3": 5, "a4": -1, "a5": 5}
    tasks = {name: waiting(turns, LINES["a"], Patience(p)) for name, p in priorities.items()}
    await asyncio.sleep(0)
    assert turns.waiting == 5
    assert await served(turns, tasks, 1.0) == ["a3", "a5", "a1", "a2", "a4"]
    assert turns.waiting == 0


async def test_lines_get_slots_in_proportion_to_their_shares():
    """However many callers each has."""
    turns = Turns(lambda: None)
    tasks = {f"a{i}": waiting(turns, LINES["a"]) for i in range(60)}
    tasks |= {f"b{i}": waiting(turns, LINES["b"]) for i in range(20)}
    await asyncio.sleep(0)
    order = await served(turns, tasks, 1.0)
    first = Counter(name[0] for name in order[:27])
    assert first["b"] == pytest.approx(18, abs=2)


async def test_what_a_line_did_not_use_is_gone():
    """One that comes later does not get all slots until it has caught up."""
    turns = Turns(lambda: None)
    for _ in range(100):
        turns.give(SLOT)
        await turns.take(LINES["a"], Patience())
        turns.used(LINES["a"], 1.0)
    tasks = {f"a{i}": waiting(turns, LINES["a"]) for i in range(20)}
    tasks |= {f"b{i}": waiting(turns, LINES["b"]) for i in range(20)}
    await asyncio.sleep(0)
    order = await served(turns, tasks, 1.0)
    assert 4 <= Counter(name[0] for name in order[:18])["a"] <= 8


async def test_one_that_gives_up_does_not_count():
    """Its turn goes to the next."""
    turns = Turns(lambda: None)
    first, second = waiting(turns, LINES["a"]), waiting(turns, LINES["a"])
    await asyncio.sleep(0)
    first.cancel()
    await asyncio.sleep(0)
    assert turns.waiting == 1
    turns.give(SLOT)
    assert await second is SLOT


async def test_those_that_gave_up_take_no_room():
    """However many come and go while one waits on."""
    turns = Turns(lambda: None)
    patient = waiting(turns, LINES["a"])
    for _ in range(100):
        other = waiting(turns, LINES["a"])
        await asyncio.sleep(0)
        other.cancel()
        await asyncio.wait([other])
    assert (turns.waiting, len(LINES["a"].callers)) == (1, 1)
    turns.give(SLOT)
    assert await patient is SLOT


async def test_a_slot_that_comes_together_with_a_cancelling_is_passed_on():
    """To whoever waits next."""
    turns = Turns(lambda: None)
    first, second = waiting(turns, LINES["a"]), waiting(turns, LINES["a"])
    await asyncio.sleep(0)
    turns.give(SLOT)
    first.cancel()
    assert await second is SLOT


async def test_waiting_may_have_an_end():
    """In seconds, or at once where enough wait already."""
    turns = Turns(lambda: None, most=2)
    with pytest.raises(Saturated, match=r"no worker was free within 0\.01 s"):
        await turns.take(LINES["a"], Patience(seconds=0.01))
    assert turns.waiting == 0
    tasks = [waiting(turns, LINES["a"])]
    await asyncio.sleep(0)
    with pytest.raises(Saturated, match="1 calls wait already, and 1 may"):
        await turns.take(LINES["a"], Patience(most=1, rejects=True))
    tasks.append(waiting(turns, LINES["b"], Patience(most=1, rejects=True)))
    await asyncio.sleep(0)
    with pytest.raises(Saturated, match="2 calls wait already, and 2 may"):
        await turns.take(LINES["b"], Patience(rejects=True))
    turns.refuse(lambda: RuntimeError("over"))
    for task in tasks:
        with pytest.raises(RuntimeError, match="over"):
            await task
