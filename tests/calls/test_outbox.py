"""Answers that a worker holds: where they are read, and that each is read once."""

import asyncio
import os
import subprocess
import sys
from pathlib import Path

import pytest
import workload

from asyncgen.calls.errors import WorkerDied
from asyncgen.calls.events import CallEnded, Event
from asyncgen.calls.outbox import SIZE, WORDS, Outbox
from asyncgen.calls.shared_memory import SharedMemory
from asyncgen.scheduler import Scheduler

ROOM = SIZE - WORDS


@pytest.fixture
def sides(memory: SharedMemory):
    """The worker's and the parent's, of the same memory."""
    return Outbox(memory, SIZE), Outbox(memory, SIZE)


def test_what_is_held_is_read_from_where_the_reader_is(sides):
    """From the middle of a frame too, as of one that was cut by a kill."""
    worker, parent = sides
    assert parent.unsent(0) == b""
    assert worker.put(b"first")
    assert worker.put(b"second")
    assert parent.unsent(0) == worker.content() == b"firstsecond"
    assert parent.unsent(7) == b"cond"
    assert parent.unsent(11) == parent.unsent(100) == b""


def test_what_was_sent_is_not_read_again(sides):
    """What comes next begins behind it, whatever was sent in another way meanwhile."""
    worker, parent = sides
    worker.put(b"first")
    worker.note_sent(5)
    assert parent.unsent(0) == parent.unsent(5) == b""
    worker.note_sent(1000)
    worker.put(b"next")
    assert parent.unsent(5) == b""  # the reader has yet to receive what came before
    assert parent.unsent(1005) == b"next"


def test_there_is_an_end_of_the_room(sides):
    """Nothing is written beyond it, and what does not fit is left to its owner."""
    worker, parent = sides
    assert worker.put(bytes(ROOM - 3))
    assert not worker.put(b"four")
    assert worker.put(b"333")
    assert parent.unsent(0)[-3:] == b"333"


def test_under_a_limit_on_files_nothing_is_held():
    """The memory counts as a file: calls are made all the same, and each answer is sent alone."""
    code = """
import asyncio, resource
from asyncgen import Scheduler

async def main():
    resource.setrlimit(resource.RLIMIT_FSIZE, (100_000, 100_000))
    async with Scheduler(2) as scheduler:
        stream = scheduler.stream(abs, range(-50, 0), ordered=True)
        print([result.value async for result in stream] == [*range(50, 0, -1)])

asyncio.run(main())
"""
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout == "True\n"


@pytest.mark.both_loops
class TestPackets:
    """Answers of items that take no time."""

    async def test_they_come_although_the_next_item_takes_for_ever(self, tmp_path: Path):
        """The last one of its packet, behind which nobody waits, too."""
        items = ["a", "b", "c", str(tmp_path / "gate")]
        async with Scheduler(workers=1) as scheduler:
            stream = scheduler.stream(workload.wait_for_path, items, chunk=4)
            assert [(await anext(stream)).value for _ in range(3)] == ["a", "b", "c"]
            (tmp_path / "gate").touch()
            assert [result.value async for result in stream] == items[3:]
            assert await scheduler.run(workload.echo, 1) == 1
            assert scheduler.statistics.calls == 5

    async def test_a_death_takes_none_along(self):
        """Nor do a thousand of them, which would fill the outbox more than once."""
        events: list[Event] = []
        async with Scheduler(workers=1, on_event=events.append) as scheduler:
            items = ["fine"] * 1500 + ["_exit", "fine"]
            stream = scheduler.stream(workload.die_or_pass, items, ordered=True, chunk=len(items))
            results = [result async for result in stream]
            assert [r.value for r in results] == ["fine"] * 1500 + [None, "fine"]
            assert isinstance(results[1500].error, WorkerDied)
            await asyncio.sleep(0)
        assert sum(isinstance(event, CallEnded) for event in events) == len(items)

    async def test_a_template_that_dies_takes_none_along(self, tmp_path: Path, appears):
        """Nobody reports the death of its workers then, but their memory is still there."""
        async with Scheduler(workers=1) as scheduler:
            items = ["a", "b", str(tmp_path / "pid"), "c"]
            stream = scheduler.stream(workload.hang_or_echo, items, ordered=True, chunk=4)
            await appears(tmp_path / "pid")
            os.kill(scheduler.template_pid, 9)
            results = [result async for result in stream]
            assert [r.value for r in results] == ["a", "b", None, "c"]
            assert isinstance(results[2].error, WorkerDied)

    async def test_large_answers_and_small_ones_keep_their_order(self):
        """Some are held, some are sent at once, some are as large as the outbox."""
        sizes = [1, 10, ROOM - 100, 1, ROOM, 3, 100_000, 5, 5, 1_000_000, 1] * 20
        async with Scheduler(workers=2) as scheduler:
            stream = scheduler.stream(bytes, sizes, ordered=True, chunk=50)
            assert [len(result.value) async for result in stream] == sizes

    async def test_prints_come_before_the_answer_behind_them(self, caplog):
        """Notes and held answers share a socket."""
        seen: list[str] = []
        async with Scheduler(workers=1, logs=True) as scheduler:
            with caplog.at_level("INFO"):
                async for result in scheduler.stream(workload.print_it, range(300), ordered=True, chunk=300):
                    seen.append(caplog.records[result.value].getMessage())
        assert seen == [f"item {number}" for number in range(300)]
