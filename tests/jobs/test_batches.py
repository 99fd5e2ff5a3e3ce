"""Rules of `Batches`: when rows are written, in which order, and what a failed write does."""

import asyncio
from collections.abc import Sequence

import pytest
from job_cases import holds
from store_cases import outcome, outcomes

from asyncgen.jobs.run import Batches
from asyncgen.problems.records import Outcome

NEVER = 1000.0  # seconds


class Ledger:
    """Takes the place of a store: remembers what was written, may be slow or out of order."""

    def __init__(self) -> None:
        self.batches: list[list[int]] = []
        self.open = asyncio.Event()
        self.open.set()
        self.calls = self.waiting = 0
        self.fails = False

    async def write(self, rows: Sequence[Outcome]) -> None:
        self.calls += 1
        self.waiting += 1
        await self.open.wait()
        self.waiting -= 1
        if self.fails:
            raise OSError("no room")
        self.batches.append([row.index for row in rows])

    @property
    def rows(self) -> list[int]:
        return [index for batch in self.batches for index in batch]


async def test_full_batches_are_written_at_once_and_the_rest_on_leaving():
    """Ten rows in batches of four are two full batches and a last one of two."""
    ledger = Ledger()
    async with asyncio.TaskGroup() as group, Batches(ledger.write, 4, NEVER, group) as batches:
        for row in outcomes(0, 10):
            await batches.add(row)
        assert ledger.batches == [[0, 1, 2, 3], [4, 5, 6, 7]]
    assert ledger.batches[2:] == [[8, 9]]


async def test_a_row_that_waited_enough_is_written_though_no_other_comes():
    """The timer, not the next row, writes what is late; and again for the rows after it."""
    ledger = Ledger()
    async with asyncio.TaskGroup() as group, Batches(ledger.write, 100, 0.001, group) as batches:
        for index in range(3):
            await batches.add(outcome(index))
            await holds(lambda seen=index: ledger.rows == list(range(seen + 1)))


async def test_nothing_is_written_for_no_rows():
    """An empty transaction would cost a sync of the disk for nothing."""
    ledger = Ledger()
    async with asyncio.TaskGroup() as group, Batches(ledger.write, 1, 0.0, group):
        pass
    assert ledger.batches == []


async def test_rows_are_written_once_and_in_their_order_whatever_the_timer_does():
    """Full and late batches take turns and neither overtakes the other."""
    ledger = Ledger()
    async with asyncio.TaskGroup() as group, Batches(ledger.write, 7, 0.0, group) as batches:
        for row in outcomes(0, 500):
            await batches.add(row)
            if row.index % 3 == 0:
                await asyncio.sleep(0)
    assert ledger.rows == list(range(500))
    assert max(map(len, ledger.batches)) <= 7


async def test_one_write_at_a_time_and_add_waits_for_room():
    """While a write is slow, one batch fills up behind it and then `add` waits: memory stays bounded."""
    ledger = Ledger()
    ledger.open.clear()
    added: list[int] = []

    async def fill(batches: Batches) -> None:
        for row in outcomes(0, 50):
            await batches.add(row)
            added.append(row.index)

    async with asyncio.TaskGroup() as group, Batches(ledger.write, 5, 0.0, group) as batches:
        await batches.add(outcome(1000))
        await holds(lambda: ledger.waiting)
        filling = group.create_task(fill(batches))
        await holds(lambda: len(added) == 4)
        for _ in range(100):
            await asyncio.sleep(0)
        assert (len(added), ledger.waiting) == (4, 1)
        ledger.open.set()
        await filling
    assert ledger.rows == [1000, *range(50)]


async def test_a_failed_full_batch_is_raised_by_add():
    """The row that filled the batch gets the error, and the rows of the batch are not written again."""
    ledger = Ledger()
    ledger.fails = True
    async with asyncio.TaskGroup() as group, Batches(ledger.write, 2, NEVER, group) as batches:
        await batches.add(outcome(0))
        with pytest.raises(OSError, match="no room"):
            await batches.add(outcome(1))
        ledger.fails = False
    assert ledger.rows == []


async def test_a_failed_late_batch_ends_the_job_though_no_row_comes():
    """Whoever waits for the next result, perhaps for long, is interrupted by the group."""
    ledger = Ledger()
    ledger.fails = True
    with pytest.raises(ExceptionGroup) as caught:
        async with asyncio.TaskGroup() as group, Batches(ledger.write, 100, 0.0, group) as batches:
            await batches.add(outcome(0))
            await asyncio.Event().wait()
    assert [str(error) for error in caught.value.exceptions] == ["no room"]


async def test_after_a_failed_write_no_other_is_tried():
    """What came behind it is left to the next run: one error is enough, and one wait for a lock."""
    ledger = Ledger()
    ledger.open.clear()
    ledger.fails = True
    with pytest.raises(ExceptionGroup) as caught:
        async with asyncio.TaskGroup() as group, Batches(ledger.write, 100, 0.0, group) as batches:
            await batches.add(outcome(0))
            await holds(lambda: ledger.waiting)
            await batches.add(outcome(1))
            ledger.open.set()
            await asyncio.Event().wait()
    assert [str(error) for error in caught.value.exceptions] == ["no room"]
    assert ledger.calls == 1


async def test_leaving_by_an_error_or_a_cancelling_writes_what_is_there():
    """Work that is done is kept, whatever made the job end."""
    ledger = Ledger()

    async def cut_off() -> None:
        async with asyncio.TaskGroup() as group, Batches(ledger.write, 100, NEVER, group) as batches:
            await batches.add(outcome(5))
            await asyncio.Event().wait()

    task = asyncio.create_task(cut_off())
    await asyncio.sleep(0)
    await asyncio.sleep(0)
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
    assert ledger.rows == [5]
