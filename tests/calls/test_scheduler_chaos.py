"""Processes killed at random under load: each call ends once and with its own end, and nothing is left."""

import asyncio
import os
import random
import signal
from collections import Counter
from collections.abc import Iterator
from contextlib import suppress
from weakref import WeakSet

import pytest
import workload
from processes import descendants, open_descriptors, open_threads

from asyncgen.calls.errors import CallTimeout, SchedulerError, WorkerDied
from asyncgen.calls.stream import CallResult
from asyncgen.calls.worker_process import WorkerProcess
from asyncgen.scheduler import Scheduler

pytestmark = [pytest.mark.chaos, pytest.mark.both_loops]

# Kills on either loop. For 10,000 in all:
# ASYNCGEN_KILLS=5000 ASYNCGEN_PATIENCE=500 pytest --timeout=0 -k amid_frames
KILLS = int(os.environ.get("ASYNCGEN_KILLS", "750"))
LARGE = 3 << 20  # bytes
PAYLOAD = bytes(LARGE)
MORE_THAN_A_SOCKET = 1 << 19  # bytes: of an answer that lacks more, the worker has not yet written all

Work = tuple[int, str]
SIZES = {"fine": 10, "large": 1_000_000}


def kill(pid: int, number: signal.Signals = signal.SIGKILL) -> None:
    assert pid > 0  # zero and less stand for whole groups, our own among them
    with suppress(ProcessLookupError):
        os.kill(pid, number)


def check(result: CallResult[Work, tuple[int, bytes]]) -> str:
    """Hold a result to its own item, and return how the call ended."""
    (number, what), error = result.item, result.error
    if error is None:
        assert result.value is not None
        assert result.value[0] == number
        assert len(result.value[1]) == SIZES[what]
        return what
    if isinstance(error, ValueError):
        assert what == "exception"
    elif isinstance(error, CallTimeout):
        assert what == "hang"
    else:
        assert isinstance(error, WorkerDied)
        assert what not in ("_exit",) or error.exitcode in (7, -signal.SIGKILL, None)
    return type(error).__name__


def works(chance: random.Random, number: int) -> list[Work]:
    kinds = ("fine", "large", "exception", "SIGKILL", "_exit", "hang")
    return list(enumerate(chance.choices(kinds, (60, 12, 8, 8, 8, 2), k=number)))


async def harass(scheduler: Scheduler, chance: random.Random) -> None:
    """Kill a worker or a spare every few turns of the loop, and now and then the template."""
    for _ in range(150):
        await asyncio.sleep(chance.random() * 0.02)
        for _ in range(chance.randrange(30)):
            await asyncio.sleep(0)
        if victims := [*scheduler.pids, *scheduler.spare_pids]:  # else it is starting: five failures break it
            kill(scheduler.template_pid if chance.random() < 0.02 else chance.choice(victims))


@pytest.mark.parametrize(("seed", "workers"), [(1, 2), pytest.param(2, 5, marks=pytest.mark.long)])
async def test_each_call_ends_once_however_many_processes_are_killed(seed: int, workers: int):
    """Calls that answer, fail, hang and die, in processes that are killed meanwhile."""
    chance, ends = random.Random(seed), Counter[str]()
    before, threads, items = open_descriptors(), open_threads(), works(chance, 300)
    async with Scheduler(workers=workers, timeout=1.0, calls_per_worker=20, spares=2) as scheduler:
        harasser = asyncio.create_task(harass(scheduler, random.Random(seed)))
        seen = []
        async for result in scheduler.stream(workload.chaotic, items):
            seen.append(result.item)
            ends[check(result)] += 1
        harasser.cancel()
    assert sorted(seen) == items
    assert min(ends["fine"], ends["WorkerDied"]) > 20, ends
    assert descendants() == []
    assert open_descriptors() == before
    assert open_threads() <= threads


@pytest.mark.parametrize("seed", [1])
async def test_cancelling_at_random_loses_no_slot(seed: int):
    """Calls cancelled at any moment, while workers are killed; afterwards every slot serves."""
    chance, before = random.Random(seed), open_descriptors()
    async with Scheduler(workers=3, timeout=1.0) as scheduler:
        harasser = asyncio.create_task(harass(scheduler, random.Random(seed)))
        for _ in range(15):
            tasks = [asyncio.create_task(scheduler.run(workload.chaotic, work)) for work in works(chance, 8)]
            for task in chance.sample(tasks, 5):
                for _ in range(chance.randrange(20)):
                    await asyncio.sleep(0)
                task.cancel()
            await asyncio.gather(*tasks, return_exceptions=True)
        harasser.cancel()
        await asyncio.gather(harasser, return_exceptions=True)
        together = [scheduler.run(workload.echo, i) for i in range(9)]
        ends = await asyncio.gather(*together, return_exceptions=True)
        assert sum(isinstance(end, WorkerDied) for end in ends) <= 1  # the harasser's last
        assert not scheduler.statistics.busy
        while len(scheduler.pids) < 3:  # the harasser's last victim is being replaced
            await asyncio.sleep(0.002)
    assert descendants() == []
    assert open_descriptors() == before


@pytest.mark.parametrize("seed", [1])
async def test_closing_at_a_random_moment_leaves_nothing(seed: int):
    """While processes start, work, die and are replaced; whoever waits is told."""
    chance, before = random.Random(seed), open_descriptors()
    for _ in range(12):
        async with Scheduler(workers=2, timeout=1.0, calls_per_worker=3) as scheduler:
            tasks = [asyncio.create_task(scheduler.run(workload.chaotic, work)) for work in works(chance, 30)]
            harasser = asyncio.create_task(harass(scheduler, random.Random(seed)))
            await asyncio.sleep(chance.random() * 0.2)
            harasser.cancel()
        allowed = (ValueError, CallTimeout, WorkerDied, SchedulerError, tuple)
        ends = await asyncio.gather(*tasks, return_exceptions=True)
        assert all(isinstance(end, allowed) for end in ends)
        assert descendants() == []
    await asyncio.gather(harasser, return_exceptions=True)
    assert open_descriptors() == before


class Killer:
    """Kills workers and spares at random moments, most of them while a frame is under way, and counts."""

    def __init__(self, scheduler: Scheduler, chance: random.Random) -> None:
        self._scheduler = scheduler
        self._chance = chance
        self._killed = WeakSet[WorkerProcess]()
        self.kills = Counter[str]()  # by what was under way
        self.task = asyncio.create_task(self._run())

    @property
    def amid_frames(self) -> int:
        return self.kills["an answer"] + self.kills["a call"]

    async def _run(self) -> None:
        while self.kills.total() < KILLS:
            await asyncio.sleep(self._chance.random() * 0.004)
            amid = 2 * self.amid_frames > self.kills.total()
            moment = self._chance.choice(["any", "a spare"] if amid else ["an answer", "an answer", "a call"])
            for _ in range(400):
                if self._kill_one(moment):
                    break
                await asyncio.sleep(0)

    def _kill_one(self, moment: str) -> bool:
        """Kill somebody for whom it is that moment, if anybody is there."""
        if moment == "a spare":
            victims = self._scheduler.spare_pids
            if victims:
                self.kills[moment] += 1
                kill(self._chance.choice(victims))
            return bool(victims)
        processes = [slot._process for slot in self._scheduler._slots]
        living = [p for p in processes if p is not None and p.alive and p not in self._killed]
        fitting = [process for process in living if moment in ("any", under_way(process))]
        if fitting:
            self._kill(self._chance.choice(fitting))
        return bool(fitting)

    def _kill(self, victim: WorkerProcess) -> None:
        self.kills[under_way(victim)] += 1
        self._killed.add(victim)
        assert victim.pid is not None
        kill(victim.pid)


def under_way(process: WorkerProcess) -> str:
    """The frame, if any, of which the process has surely written or read no more than a part."""
    if process.awaited > MORE_THAN_A_SOCKET:
        return "an answer"
    return "a call" if process.unsent else "nothing"


def exchanges(chance: random.Random, killer: Killer) -> Iterator[tuple[int, bytes, int]]:
    """Calls with large arguments, large answers or neither, as long as there is killing."""
    number = 0
    while not killer.task.done():
        yield number, *chance.choice([(b"", LARGE), (PAYLOAD, 0), (b"", 0), (b"", 0), (b"", 0)])
        number += 1


@pytest.mark.long
async def test_kills_amid_frames_cost_no_call_but_their_own():
    """At least a third hit a half-written frame; calls end with their value, or as one that was killed."""
    before, threads, chance = open_descriptors(), open_threads(), random.Random(1)
    ends, seen = Counter[str](), list[int]()
    async with Scheduler(workers=4, spares=3) as scheduler:
        killer = Killer(scheduler, random.Random(2))
        async for result in scheduler.stream(workload.exchange, exchanges(chance, killer)):
            seen.append(result.item[0])
            ends[type(result.error).__name__] += 1
            if result.error is None:
                assert result.value is not None
                assert result.value[0] == result.item[0]
                assert len(result.value[1]) == result.item[2]
        await killer.task
    print(dict(killer.kills), dict(ends))
    assert sorted(seen) == list(range(len(seen)))
    assert set(ends) == {"NoneType", "WorkerDied"}
    assert killer.kills["an answer"] <= ends["WorkerDied"] <= killer.kills.total()
    assert 3 * killer.amid_frames >= killer.kills.total() >= KILLS
    assert descendants() == []
    assert open_descriptors() == before
    assert open_threads() <= threads
