"""Executors as `concurrent.futures` knows them, over killable processes: one contract, two ways to get one.

"own" is a KillableExecutor with a loop in a thread; "shared" belongs to a scheduler on another thread's loop.
"""

import asyncio
import concurrent.futures
import gc
import itertools
import os
import pickle
import random
import threading
import time
import weakref
from collections.abc import Iterator
from concurrent.futures import BrokenExecutor, CancelledError, Executor, Future, wait
from contextlib import contextmanager
from functools import partial
from pathlib import Path
from queue import SimpleQueue

import pytest
import workload
from processes import descendants, living, open_descriptors

from asyncgen.calls.errors import (
    CallTimeout,
    RemoteTraceback,
    Saturated,
    SchedulerBroken,
    SchedulerClosed,
    WorkerDied,
)
from asyncgen.calls.events import CallEnded, CallStarted, Event
from asyncgen.calls.executor import SchedulerExecutor
from asyncgen.pool import KillableExecutor
from asyncgen.scheduler import Scheduler

PATIENCE = 60  # seconds: of a test that would hang


@contextmanager
def shared(**settings) -> Iterator[SchedulerExecutor]:
    """The executor of a scheduler that another thread's loop runs."""
    opened: Future[tuple[SchedulerExecutor, asyncio.AbstractEventLoop, asyncio.Event]] = Future()

    async def live() -> None:
        stop = asyncio.Event()
        async with Scheduler(**settings) as scheduler:
            opened.set_result((scheduler.executor(), asyncio.get_running_loop(), stop))
            await stop.wait()

    thread = threading.Thread(target=asyncio.run, args=(live(),))
    thread.start()
    executor, loop, stop = opened.result(PATIENCE)
    try:
        yield executor
    finally:
        loop.call_soon_threadsafe(stop.set)
        thread.join()


MAKERS = {"own": KillableExecutor, "shared": shared}


@pytest.fixture(params=MAKERS)
def make(request):
    """What makes an executor, as a context manager, with settings by name."""
    return MAKERS[request.param]


@pytest.fixture
def pool(make) -> Iterator[Executor]:
    with make(workers=2) as executor:
        yield executor


def appears(path: Path) -> int:
    """Wait until a call has written its process's id."""
    while not path.exists():
        time.sleep(0.002)
    return int(path.read_text())


class TestCalls:
    """Values, exceptions, and calls over many items."""

    def test_a_future_has_what_the_function_returns_elsewhere(self, pool: Executor):
        """Positional and keyword arguments arrive."""
        assert pool.submit(int, "ff", base=16).result(PATIENCE) == 255
        assert pool.submit(workload.pid).result(PATIENCE) in {p.pid for p in descendants()}

    def test_an_exception_is_the_functions_own(self, pool: Executor):
        """With the remote traceback, from `result` and from `exception`."""
        future = pool.submit(workload.fail, "so it goes")
        assert isinstance(future.exception(PATIENCE), ValueError)
        with pytest.raises(ValueError, match="so it goes") as caught:
            future.result()
        assert isinstance(caught.value.__cause__, RemoteTraceback)

    def test_a_call_that_cannot_be_pickled_fails_alone(self, pool: Executor):
        """The pool goes on."""
        assert pool.submit(lambda: 1).exception(PATIENCE) is not None
        assert pool.submit(workload.echo, 1).result(PATIENCE) == 1

    def test_limits_and_deaths_are_those_of_the_scheduler(self, make):
        """CallTimeout and WorkerDied each end one call; the pool is not broken."""
        with make(workers=1, timeout=0.3) as pool:
            ends = [
                pool.submit(workload.hang),
                pool.submit(workload.die, "_exit"),
                pool.submit(workload.echo, 1),
            ]
            assert isinstance(ends[0].exception(PATIENCE), CallTimeout)
            assert isinstance(ends[1].exception(PATIENCE), WorkerDied)
            assert ends[2].result(PATIENCE) == 1

    def test_map_keeps_the_order_of_its_items(self, pool: Executor):
        """Whichever call ends first, over one iterable or several."""
        assert list(pool.map(workload.echo, range(50))) == list(range(50))
        assert list(pool.map(pow, [2, 3, 4], [5, 2, 1, 9])) == [32, 9, 4]

    def test_map_raises_where_the_item_stood(self, pool: Executor):
        """After the values before it."""
        results = pool.map(workload.die, ["exception"])
        with pytest.raises(ValueError, match="on purpose"):
            next(results)

    def test_map_kills_what_has_not_ended_in_time(self, pool: Executor, tmp_path: Path):
        """Its timeout raises TimeoutError, as anywhere; what runs does not run on."""
        items = [str(tmp_path / name) for name in "ab"]
        results = pool.map(workload.announce_and_hang, items, timeout=1.0)
        with pytest.raises(TimeoutError):
            next(results)
        concurrent.futures.wait([pool.submit(workload.echo, i) for i in range(4)], PATIENCE)
        assert living(*(int(Path(item).read_text()) for item in items if Path(item).exists())) == []

    def test_calls_start_in_the_order_of_submission(self, make):
        """With one worker they also end in it."""
        with make(workers=1) as pool:
            futures = [pool.submit(workload.echo, i) for i in range(100)]
            ended: list[int] = []
            for future in futures:
                future.add_done_callback(lambda future: ended.append(future.result()))
            concurrent.futures.wait(futures, PATIENCE)
        assert ended == list(range(100))

    def test_many_threads_may_submit_at_once(self, pool: Executor):
        """Each gets its own results."""

        def work(number: int) -> list[int]:
            futures = [pool.submit(workload.echo, number * 1000 + i) for i in range(50)]
            return [future.result(PATIENCE) for future in futures]

        with concurrent.futures.ThreadPoolExecutor(8) as threads:
            for number, values in enumerate(threads.map(work, range(8))):
                assert values == [number * 1000 + i for i in range(50)]


class TestCancelling:
    """Cancelling drops a call that waits, and kills one that runs."""

    def test_a_running_call_is_killed_and_its_future_ends_when_it_is_dead(
        self, pool: Executor, tmp_path: Path
    ):
        """The callback of the end finds no process."""
        future = pool.submit(workload.announce_and_hang, str(tmp_path / "pid"))
        worker = appears(tmp_path / "pid")
        found: SimpleQueue[list[int]] = SimpleQueue()
        future.add_done_callback(lambda _: found.put(living(worker)))
        assert future.running()
        assert future.cancel()
        with pytest.raises(CancelledError):
            future.result(PATIENCE)
        assert found.get(timeout=PATIENCE) == []  # callbacks may come after who waits
        assert (future.cancelled(), future.done(), future.running()) == (True, True, False)

    def test_a_waiting_call_is_dropped_at_once(self, make, tmp_path: Path):
        """No process is bothered, and it never runs."""
        with make(workers=1) as pool:
            first = pool.submit(workload.wait_for, str(tmp_path / "go"))
            futures = [pool.submit(workload.announce_and_hang, str(tmp_path / "no")) for _ in range(3)]
            while not first.running():
                time.sleep(0.001)
            assert [future.cancel() for future in futures] == [True] * 3
            assert all(future.cancelled() for future in futures)
            (tmp_path / "go").touch()
            assert first.result(PATIENCE) == str(tmp_path / "go")
            assert pool.submit(workload.echo, 1).result(PATIENCE) == 1
        assert not (tmp_path / "no").exists()

    def test_what_has_ended_cannot_be_cancelled(self, pool: Executor):
        """And what was cancelled stays so, however often it is."""
        done = pool.submit(workload.echo, 1)
        concurrent.futures.wait([done], PATIENCE)
        assert (done.cancel(), done.cancelled(), done.result()) == (False, False, 1)
        cancelled = pool.submit(workload.hang)
        assert cancelled.cancel()
        assert cancelled.cancel()
        assert isinstance(cancelled_error(cancelled), CancelledError)
        assert cancelled.cancel()

    def test_after_a_cancel_that_took_there_is_never_a_value(self, pool: Executor):
        """At whichever moment of a short call it comes, also when the answer is on its way."""
        for turn in range(200):
            future = pool.submit(workload.echo, turn)
            for _ in range(turn * 20):
                pass
            if future.cancel():
                assert isinstance(cancelled_error(future), CancelledError)
            else:
                assert future.result() == turn

    def test_waiting_for_several_hears_of_every_end(self, pool: Executor):
        """`wait` and `as_completed` count a value, an exception and both ways of being cancelled."""
        futures = [pool.submit(workload.echo, 1), pool.submit(workload.fail, "x")]
        futures += [pool.submit(workload.hang) for _ in range(4)]
        waiter = threading.Thread(target=lambda: [future.cancel() for future in futures[2:]])
        waiter.start()
        assert concurrent.futures.wait(futures, PATIENCE).not_done == set()
        assert set(concurrent.futures.as_completed(futures, PATIENCE)) == set(futures)
        waiter.join()


def cancelled_error(future: "Future[object]") -> BaseException | None:
    """What waiting for a cancelled future raises."""
    with pytest.raises(CancelledError) as caught:
        future.result(PATIENCE)
    return caught.value


@pytest.mark.chaos
def test_under_random_cancelling_from_several_threads_every_future_ends_right(make):
    """Cancelled ones as cancelled, the others with their own value or death; and the pool still serves."""

    def work(seed: int) -> None:
        choose = random.Random(seed)
        for _ in range(15):
            whats = choose.choices(["small", "large", "hang", "SIGKILL", "exception"], [8, 2, 2, 1, 1], k=10)
            futures = [pool.submit(workload.chaotic, (number, what)) for number, what in enumerate(whats)]
            doomed = {n for n, what in enumerate(whats) if what == "hang" or choose.random() < 0.3}
            taken = {n for n in choose.sample(sorted(doomed), len(doomed)) if futures[n].cancel()}
            for number, what in enumerate(whats):
                check(futures[number], number, what, number in taken)

    def check(future: "Future[tuple[int, bytes]]", number: int, what: str, cancelled: bool) -> None:
        if cancelled:
            cancelled_error(future)
        elif what in ("small", "large"):
            assert future.result(PATIENCE)[0] == number
        else:
            kind = {"SIGKILL": WorkerDied, "exception": ValueError}[what]
            assert isinstance(future.exception(PATIENCE), kind)

    with make(workers=3) as pool, concurrent.futures.ThreadPoolExecutor(4) as threads:
        for _ in threads.map(work, range(4)):
            pass
        assert pool.submit(workload.echo, 1).result(PATIENCE) == 1


class TestCallbacks:
    """Callbacks run on the thread of the scheduler's loop, which must not wait for itself."""

    def test_a_callback_that_raises_is_logged_and_the_pool_goes_on(self, pool: Executor, caplog):
        """As with any executor."""
        heard = threading.Event()
        future = pool.submit(workload.echo, 1)
        future.add_done_callback(lambda _: 1 // 0)
        future.add_done_callback(lambda _: heard.set())
        assert heard.wait(PATIENCE)
        assert "ZeroDivisionError" in caplog.text
        assert pool.submit(workload.echo, 2).result(PATIENCE) == 2

    def test_a_callback_that_raises_no_exception_but_a_cancelling_stops_nothing(self, make, caplog):
        """It is logged, the queue goes on, and so does the next callback."""

        def mistaken(_: "Future[int]") -> None:
            raise asyncio.CancelledError

        heard = threading.Event()
        with make(workers=1) as pool:
            futures = [pool.submit(workload.echo, i) for i in range(3)]
            futures[0].add_done_callback(mistaken)
            futures[0].add_done_callback(lambda _: heard.set())
            assert [future.result(PATIENCE) for future in futures] == [0, 1, 2]
            assert heard.wait(PATIENCE)
        assert "a callback raised CancelledError" in caplog.text

    def test_a_callback_may_submit(self, pool: Executor):
        """A chain of calls, each started by the end of the one before it."""
        ends: list[int] = []
        over = threading.Event()

        def go_on(future: "Future[int]") -> None:
            ends.append(future.result())
            if len(ends) < 20:
                pool.submit(workload.echo, len(ends)).add_done_callback(go_on)
            else:
                over.set()

        pool.submit(workload.echo, 0).add_done_callback(go_on)
        assert over.wait(PATIENCE)
        assert ends == list(range(20))

    def test_a_callback_that_would_wait_for_another_call_is_told_so(self, pool: Executor):
        """By `result`, by `exception` and by `shutdown`: each would wait for ever."""
        running = pool.submit(workload.hang)
        errors: list[str] = []
        over = threading.Event()

        def misuse(_: "Future[int]") -> None:
            for way in (running.result, running.exception, partial(running.result, 5.0), pool.shutdown):
                try:
                    way()
                except RuntimeError as error:
                    errors.append(str(error))
            over.set()

        pool.submit(workload.echo, 0).add_done_callback(misuse)
        assert over.wait(PATIENCE)
        assert len(errors) == 4
        assert all("block the event loop" in error for error in errors)
        assert running.cancel()


class TestShutdown:
    """The end of an executor."""

    def test_after_it_nothing_can_be_submitted(self, pool: Executor):
        """As often as it is called."""
        pool.shutdown()
        pool.shutdown(wait=False)
        with pytest.raises(RuntimeError, match="cannot schedule new futures after shutdown"):
            pool.submit(workload.echo, 1)

    def test_it_waits_for_all_calls(self, pool: Executor):
        """Those in the queue too."""
        futures = [pool.submit(workload.echo, i) for i in range(20)]
        pool.shutdown()
        assert [future.result(0) for future in futures] == list(range(20))

    def test_without_waiting_the_calls_are_still_made(self, pool: Executor):
        """As with any executor."""
        futures = [pool.submit(workload.echo, i) for i in range(20)]
        pool.shutdown(wait=False)
        assert [future.result(PATIENCE) for future in futures] == list(range(20))

    def test_it_drops_the_queue_if_asked_to(self, make, tmp_path: Path):
        """A call that runs goes on to its end."""
        with make(workers=1) as pool:
            first = pool.submit(workload.wait_for, str(tmp_path / "go"))
            others = [pool.submit(workload.hang) for _ in range(3)]
            while not first.running():
                time.sleep(0.001)
            pool.shutdown(wait=False, cancel_futures=True)
            assert all(future.cancelled() for future in others)
            (tmp_path / "go").touch()
            assert first.result(PATIENCE) == str(tmp_path / "go")

    def test_leaving_it_by_an_exception_kills(self, make, tmp_path: Path):
        """Else Ctrl-C would wait for the call that was its reason."""
        with make(workers=1) as pool:
            with pytest.raises(KeyboardInterrupt), pool:
                running, waiting = (
                    pool.submit(workload.announce_and_hang, str(tmp_path / "pid")),
                    pool.submit(print),
                )
                worker = appears(tmp_path / "pid")
                raise KeyboardInterrupt
            assert living(worker) == []
            assert running.cancelled()
            assert waiting.cancelled()


class TestItsOwnThread:
    """What only a KillableExecutor does."""

    def test_nothing_is_left_behind_it(self):
        """No process, no descriptor, no thread, also after calls that were killed."""
        before = open_descriptors(), threading.active_count()
        for _ in range(3):
            with KillableExecutor(workers=2, timeout=0.2) as pool:
                concurrent.futures.wait([pool.submit(workload.hang), pool.submit(workload.echo, 1)], PATIENCE)
        assert (open_descriptors(), threading.active_count()) == before
        assert descendants() == []

    def test_settings_that_cannot_work_are_refused_before_anything_starts(self):
        """By the caller's own thread."""
        before = threading.active_count()
        with pytest.raises(ValueError, match="workers"):
            KillableExecutor(workers=-1)
        assert threading.active_count() == before

    def test_what_keeps_it_from_starting_is_raised(self, monkeypatch):
        """And its thread has ended."""
        monkeypatch.setattr("sys.executable", "/nonexistent")
        before = threading.active_count()
        with pytest.raises(FileNotFoundError):
            KillableExecutor(workers=1)
        while threading.active_count() > before:
            time.sleep(0.001)

    def test_it_has_statistics_also_when_it_is_over(self):
        """From any thread."""
        with KillableExecutor(workers=1) as pool:
            assert pool.submit(workload.echo, 1).result(PATIENCE) == 1
            assert pool.statistics.calls == 1
        assert pool.statistics.calls == 1

    def test_one_that_nobody_holds_ends_with_its_last_call(self):
        """Whoever has the future still gets its value, and then no process is left."""
        pool = KillableExecutor(workers=1)
        future = pool.submit(workload.echo, 1)
        del pool
        gc.collect()
        assert future.result(PATIENCE) == 1
        del future
        gc.collect()
        while descendants():
            time.sleep(0.002)


class TestOnALoop:
    """From asyncio: as the argument of `run_in_executor`."""

    pytestmark = pytest.mark.both_loops

    async def test_run_in_executor_takes_either(self):
        """A scheduler's own on its own loop, and one with a loop elsewhere."""
        loop = asyncio.get_running_loop()
        async with Scheduler(workers=2) as scheduler:
            with KillableExecutor(workers=2) as own:
                for pool in (scheduler.executor(), own):
                    values = (loop.run_in_executor(pool, workload.echo, i) for i in range(20))
                    assert await asyncio.gather(*values) == list(range(20))
                    with pytest.raises(ValueError, match="x"):
                        await loop.run_in_executor(pool, workload.fail, "x")

    @pytest.mark.parametrize("kind", MAKERS)
    async def test_cancelling_the_awaiting_task_kills(self, kind: str, tmp_path: Path, appears):
        """Which a call in a ProcessPoolExecutor would not notice."""
        async with Scheduler(workers=1) as scheduler:
            with KillableExecutor(workers=1) as own:
                pool = {"own": own, "shared": scheduler.executor()}[kind]
                loop, note = asyncio.get_running_loop(), str(tmp_path / "pid")
                awaiting = asyncio.ensure_future(loop.run_in_executor(pool, workload.announce_and_hang, note))
                worker = int(await appears(tmp_path / "pid"))
                awaiting.cancel()
                with pytest.raises(asyncio.CancelledError):
                    await awaiting
                while living(worker):
                    await asyncio.sleep(0.002)
                assert await loop.run_in_executor(pool, workload.echo, 1) == 1

    async def test_waiting_on_the_loops_own_thread_is_refused(self):
        """At once, with the remedy; what has ended can be asked."""
        async with Scheduler(workers=1) as scheduler:
            pool = scheduler.executor()
            future = pool.submit(workload.echo, 1)
            for wait in (future.result, future.exception, partial(future.result, 1.0), pool.shutdown):
                with pytest.raises(RuntimeError, match="await"):
                    wait()
            with pytest.raises(TimeoutError):
                future.result(timeout=0)
            assert await asyncio.wrap_future(future) == future.result() == 1
            pool.shutdown()

    async def test_another_thread_may_submit_and_wait(self):
        """While the loop goes on."""
        async with Scheduler(workers=1) as scheduler:
            pool = scheduler.executor()
            assert await asyncio.to_thread(lambda: pool.submit(workload.echo, 1).result(PATIENCE)) == 1

    async def test_its_own_limit_is_that_of_each_call(self):
        """And not that of others on the same scheduler."""
        async with Scheduler(workers=1) as scheduler:
            with pytest.raises(CallTimeout):
                await asyncio.wrap_future(scheduler.executor(timeout=0.1).submit(workload.hang))
            with pytest.raises(ValueError, match="timeout"):
                scheduler.executor(timeout=0)

    async def test_a_long_queue_keeps_nobody_else_waiting(self):
        """A call by `run` starts after those that had their turn, and not after the queue."""
        events: list[Event] = []
        async with Scheduler(workers=2, on_event=events.append) as scheduler:
            pool = scheduler.executor()
            futures = [pool.submit(workload.echo, i) for i in range(200)]
            await asyncio.wrap_future(futures[20])
            await scheduler.run(workload.pid)
            assert await asyncio.gather(*map(asyncio.wrap_future, futures)) == list(range(200))
        started = [event.function for event in events if isinstance(event, CallStarted)]
        ended = [event for event in events if isinstance(event, CallEnded)]
        assert len(ended) == len(started) == 201
        assert 20 < started.index(workload.pid) < 40

    async def test_closing_the_scheduler_ends_every_future(self):
        """Those at work and those in the queue; and nothing more is taken."""
        async with Scheduler(workers=2) as scheduler:
            pool = scheduler.executor()
            futures = [pool.submit(workload.hang) for _ in range(5)]
            while scheduler.statistics.busy < 2:
                await asyncio.sleep(0.001)
        assert {type(future.exception()) for future in futures} == {SchedulerClosed}
        with pytest.raises(RuntimeError, match="shutdown"):
            pool.submit(workload.echo, 1)

    async def test_a_scheduler_that_is_not_open_has_no_executor(self):
        """It says what to do."""
        with pytest.raises(SchedulerClosed, match="async with"):
            Scheduler(workers=1).executor()

    async def test_leaving_it_by_an_exception_on_the_loop_does_not_block(self):
        """The calls are being killed when the block is left."""
        async with Scheduler(workers=1) as scheduler:
            with pytest.raises(KeyError), scheduler.executor() as pool:
                future = pool.submit(workload.hang)
                raise KeyError
            with pytest.raises(asyncio.CancelledError):
                await asyncio.wrap_future(future)


class TestWhatOthersExpect:
    """Names, numbers and manners of the standard library's executors."""

    def test_a_number_is_that_of_the_workers(self):
        """Alone, or as max_workers, of which None stands for the default; not both."""
        for pool in (KillableExecutor(2), KillableExecutor(max_workers=2)):
            with pool:
                assert (pool.statistics.workers, pool._max_workers) == (2, 2)
        assert Scheduler(3).settings.workers == Scheduler(max_workers=3).settings.workers == 3
        assert Scheduler(max_workers=None).settings == Scheduler().settings
        with pytest.raises(TypeError, match="are the same setting"):
            Scheduler(workers=2, max_workers=2)
        with pytest.raises(TypeError, match="Settings or a number of workers, not '2'"):
            Scheduler("2")

    def test_a_future_says_that_it_runs(self, pool: Executor, tmp_path: Path):
        """As long as it does."""
        future = pool.submit(workload.announce_and_wait_for, str(tmp_path / "go"))
        while not future.running():
            time.sleep(0.001)
        assert "state=running" in repr(future)
        (tmp_path / "go").touch()
        future.result()
        assert not future.running()
        assert "state=finished" in repr(future)

    def test_a_death_names_its_process(self, pool: Executor):
        """By its id."""
        pid = pool.submit(workload.pid).result()
        error = pool.submit(workload.die, "_exit").exception()
        assert isinstance(error, WorkerDied)
        assert error.pid not in (None, os.getpid())
        assert pickle.loads(pickle.dumps(error)).pid == error.pid
        assert pid > 0

    def test_after_an_initializer_that_raised_nothing_can_be_submitted(self):
        """The first calls fail with what it raised, the others are refused, as by any broken executor."""
        assert issubclass(SchedulerBroken, BrokenExecutor)
        with KillableExecutor(1, initializer=workload.die, initargs=("exception",)) as pool:
            with pytest.raises(SchedulerBroken, match="the initializer raised ValueError"):
                pool.submit(workload.echo, 1).result()
            with pytest.raises(SchedulerBroken, match="the initializer raised ValueError"):
                pool.submit(workload.echo, 1)
            with pytest.raises(SchedulerBroken, match="the initializer raised ValueError"):
                pool.map(workload.echo, [1])

    def test_what_has_ended_keeps_no_pool_alive(self):
        """Whoever holds a value's future does not hold the processes that made it."""

        def squared() -> "Future[int]":
            pool = KillableExecutor(2)
            wait([future := pool.submit(workload.square, 3)])
            return future

        before = threading.active_count()
        futures = [squared() for _ in range(3)]
        gc.collect()
        while threading.active_count() > before:
            time.sleep(0.01)
        assert [future.result() for future in futures] == [9, 9, 9]
        assert not futures[0].cancel()


class TestMap:
    """Many items, in packets."""

    @pytest.mark.parametrize("chunksize", [None, 1, 7, 1000])
    def test_packets_change_no_value(self, pool: Executor, chunksize: int | None):
        """Nor their order; several iterables end with the shortest."""
        assert list(pool.map(pow, range(50), itertools.repeat(2), chunksize=chunksize)) == [
            number**2 for number in range(50)
        ]

    def test_a_size_that_is_none_is_refused(self, pool: Executor):
        """As by a ProcessPoolExecutor."""
        for size in (0, -1):
            with pytest.raises(ValueError, match="at least 1"):
                pool.map(abs, [1], chunksize=size)

    def test_an_error_comes_where_its_item_stood(self, pool: Executor):
        """However many travelled together."""
        values = pool.map(workload.reciprocal, [1, 2, 0, 4], chunksize=4)
        assert [next(values), next(values)] == [1, 0.5]
        with pytest.raises(ZeroDivisionError):
            next(values)

    def test_a_death_is_its_items_own(self, pool: Executor):
        """Items of the same packet have their values."""
        values = pool.map(workload.die_or_pass, ["fine", "_exit", "fine"], chunksize=3)
        assert next(values) == "fine"
        with pytest.raises(WorkerDied):
            next(values)

    def test_a_map_that_is_left_is_killed(self, pool: Executor, tmp_path: Path):
        """When its iterator is dropped, what runs for it ends."""
        values = pool.map(workload.hang_or_echo, ["a", str(tmp_path / "pid")], chunksize=1)
        assert next(values) == "a"
        while not (tmp_path / "pid").exists():
            time.sleep(0.002)
        pid = int((tmp_path / "pid").read_text())
        del values
        while living(pid):
            time.sleep(0.002)
        assert pool.submit(workload.echo, 1).result() == 1

    def test_a_shutdown_that_cancels_drops_it(self, pool: Executor, tmp_path: Path):
        """Whoever waits for its values hears of that, and not much later."""
        values = pool.map(workload.wait_for_path, ["a", str(tmp_path / "never")], chunksize=1)
        assert next(values) == "a"
        pool.shutdown(cancel_futures=True)
        with pytest.raises(CancelledError):
            next(values)

    def test_a_value_belongs_to_whoever_asked_for_it(self, pool: Executor):
        """The iterator keeps none alive, also while it waits to be asked for the next."""
        values = pool.map(workload.use, [workload.Weak() for _ in range(3)])
        seen = weakref.ref(next(values))
        gc.collect()
        assert seen() is None
        assert len(list(values)) == 2

    def test_nothing_to_do(self, pool: Executor):
        """No item at all."""
        assert list(pool.map(abs, [])) == []


@pytest.mark.both_loops
class TestAdmission:
    """How many calls may wait in an executor."""

    async def test_a_full_queue_is_waited_for(self, tmp_path: Path):
        """By other threads than the loop's own, which would wait for itself."""
        async with Scheduler(workers=1) as scheduler:
            pool = scheduler.executor(max_pending=1)
            pool.submit(workload.wait_for, str(tmp_path / "go"))
            pool.submit(workload.echo, 1)
            with pytest.raises(Saturated, match="1 calls wait already, and 1 may"):
                pool.submit(workload.echo, 2)
            blocked = asyncio.create_task(asyncio.to_thread(pool.submit, workload.echo, 3))
            await asyncio.sleep(0)
            assert not blocked.done()
            (tmp_path / "go").touch()
            assert await asyncio.wrap_future(await blocked) == 3

    @pytest.mark.parametrize("options", [{"queue_timeout": 0.05}, {"reject": True}])
    async def test_the_waiting_may_have_an_end(self, options, tmp_path: Path):
        """After some seconds, or at once."""
        async with Scheduler(workers=1) as scheduler:
            await scheduler.run(workload.echo, "there is a worker")
            pool = scheduler.executor(max_pending=1, **options)
            running = pool.submit(workload.wait_for, str(tmp_path / "go"))
            while not running.running():
                await asyncio.sleep(0)
            pool.submit(workload.echo, 1)
            with pytest.raises(Saturated):
                await asyncio.to_thread(pool.submit, workload.echo, 2)

    async def test_a_shutdown_ends_it(self, tmp_path: Path):
        """With the error of any submission that comes too late."""
        async with Scheduler(workers=1) as scheduler:
            pool = scheduler.executor(max_pending=1)
            pool.submit(workload.wait_for, str(tmp_path / "go"))
            pool.submit(workload.echo, 1)
            blocked = asyncio.create_task(asyncio.to_thread(pool.submit, workload.echo, 2))
            await asyncio.sleep(0)
            pool.shutdown(wait=False)
            with pytest.raises(RuntimeError, match="after shutdown"):
                await blocked
