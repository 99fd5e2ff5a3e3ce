"""The public interface as a type checker sees it: never run, only read by `mypy --strict`.

Each `type: ignore` marks a mistake that has to be found: one that is not needed is itself an error.
"""

import asyncio
from collections.abc import AsyncIterator
from concurrent.futures import Executor
from pathlib import Path
from typing import assert_type

from asyncgen import (
    CallResult,
    CallTimeout,
    Event,
    KillableExecutor,
    MemoryLimitExceeded,
    RunningCall,
    Scheduler,
    Settings,
    Statistics,
    WorkerDied,
    progress,
)
from asyncgen.calls.events import CallEnded, CallProgress, ProcessRecycled
from asyncgen.calls.statistics import Percentiles


def area(width: int, height: float) -> float:
    return width * height


def name(number: int, unit: str = "m") -> str:
    return f"{number} {unit}"


def nothing() -> None: ...


async def numbers() -> AsyncIterator[int]:
    yield 1


async def calls(scheduler: Scheduler) -> None:
    assert_type(await scheduler.run(area, 2, 3.0), float)
    assert_type(await scheduler.run(area, 2, 3.0, timeout=1), float)
    assert_type(await scheduler.run(name, 2), str)
    assert_type(await scheduler.run(name, 2, "km"), str)
    assert_type(await scheduler.run(nothing), None)
    await scheduler.run(area, 2)  # type: ignore[arg-type]
    await scheduler.run(area, "2", 3.0)  # type: ignore[arg-type]
    await scheduler.run(area, 2, 3.0, 4)  # type: ignore[arg-type]
    await scheduler.run(area, 2, 3.0, timeout="1")  # type: ignore[arg-type]
    await scheduler.run(area, 2, height=3.0)  # type: ignore[call-arg, arg-type]
    await scheduler.run("area", 2)  # type: ignore[arg-type]


async def started(scheduler: Scheduler) -> None:
    call = scheduler.start(area, 2, 3.0, timeout=1)
    assert_type(call, RunningCall[float])
    assert_type(await call, float)
    async for step in call:
        assert_type(step, CallProgress)
        assert_type(step.fraction, float | None)
    progress(0.5, "half")
    progress("half")  # type: ignore[arg-type]
    scheduler.start(area, "2", 3.0)  # type: ignore[arg-type]


async def streams(scheduler: Scheduler) -> None:
    async for result in scheduler.stream(name, [1, 2], ordered=True, inflight=3, timeout=1.0):
        assert_type(result, CallResult[int, str])
        assert_type(result.item, int)
        assert_type(result.value, str | None)
        assert_type(result.error, Exception | None)
        assert_type(result.unwrap(), str)
        result.value = "x"  # type: ignore[misc]
    async with scheduler.stream(name, numbers()) as stream:
        assert_type(await anext(stream), CallResult[int, str])
    for _ in scheduler.stream(name, [1]):  # type: ignore[attr-defined]
        pass
    scheduler.stream(name, ["1"])  # type: ignore[arg-type]
    scheduler.stream(area, [1])  # type: ignore[arg-type]
    scheduler.stream(name, 5)  # type: ignore[arg-type]


async def opening() -> None:
    async with Scheduler(workers=2, timeout=1.0, output=Path("log")) as scheduler:
        assert_type(scheduler, Scheduler)
    Scheduler(Settings(workers=2), spares=0)
    Scheduler(workers="2")  # type: ignore[arg-type]
    Scheduler(wrokers=2)  # type: ignore[call-arg]
    Scheduler(start_method="fork")  # type: ignore[arg-type]
    Scheduler(pickler="dill")  # type: ignore[arg-type]
    Scheduler(workers=0, grace=1.0, nice=5, address_space=1 << 30, own_folder=True, pickler="cloudpickle")
    Settings(preload="sympy")  # type: ignore[arg-type]
    Settings().workers = 2  # type: ignore[misc]
    with Scheduler():  # type: ignore[attr-defined]
        pass


def failures(error: MemoryLimitExceeded, late: CallTimeout) -> None:
    died: WorkerDied = error
    timeout: TimeoutError = late
    assert_type(died.exitcode, int | None)
    assert_type(late.cpu_seconds, float)
    del timeout


def statistics(scheduler: Scheduler) -> None:
    now = scheduler.statistics
    assert_type(now, Statistics)
    assert_type(now.waiting, int)
    assert_type(now.failures["CallTimeout"], int)
    assert_type(now.call_seconds, Percentiles | None)
    print(now.call_seconds.p50)  # type: ignore[union-attr]
    now.busy = 1  # type: ignore[misc]
    scheduler.statistics = now  # type: ignore[misc]


def on_event(event: Event) -> None:
    match event:
        case CallEnded(pid=pid, how=how, seconds=seconds):
            assert_type(pid, int)
            assert_type(how, str)
            assert_type(seconds, float)
        case ProcessRecycled(why=why):
            assert_type(why, str)


def on_something_else(event: int) -> None: ...


def hooks() -> None:
    Scheduler(on_event=on_event)
    Scheduler(on_event=on_something_else)  # type: ignore[arg-type]


async def executors(scheduler: Scheduler) -> None:
    with KillableExecutor(workers=2) as pool:
        assert_type(pool, KillableExecutor)
        assert_type(pool.submit(area, 2, height=3.0).result(), float)
        assert_type(list(pool.map(name, [1, 2])), list[str])
        assert_type(await asyncio.get_running_loop().run_in_executor(pool, area, 2, 3.0), float)
        pool.submit(area, 2)  # type: ignore[call-arg]
        pool.submit(area, 2, depth=3.0)  # type: ignore[call-arg]
    KillableExecutor(max_workers=2)
    KillableExecutor(2)
    KillableExecutor(workers="2")  # type: ignore[arg-type]
    drop_in: Executor = scheduler.executor(timeout=1.0)
    assert_type(drop_in.submit(name, 1).result(), str)
