"""Process pools behind one interface: ours, Pebble, loky, the standard library's, anyio's.

    async with POOLS["pebble"](Wanted(workers=2, timeout=0.3)) as call:
        await call(function, *args)

Each is set up as its documents tell those who want it fast. A call over its limit raises TimeoutError and its
process is killed, in the pools that can do this (KILLING). `preload` names a module that every worker has
imported before its first call.
"""

import asyncio
import importlib
import multiprocessing
from collections.abc import AsyncIterator, Awaitable, Callable
from concurrent.futures import Executor, ProcessPoolExecutor
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from dataclasses import dataclass
from multiprocessing.context import BaseContext
from typing import Any

Call = Callable[..., Awaitable[Any]]


@dataclass(frozen=True, slots=True, kw_only=True)
class Wanted:
    """What a pool should be like. Seconds."""

    workers: int = 2
    timeout: float | None = None
    preload: str | None = None


@asynccontextmanager
async def ours(wanted: Wanted) -> AsyncIterator[Call]:
    from asyncgen.scheduler import Scheduler

    preload = (wanted.preload,) if wanted.preload else ()
    async with Scheduler(workers=wanted.workers, timeout=wanted.timeout, preload=preload) as scheduler:
        yield scheduler.run


@asynccontextmanager
async def pebble(wanted: Wanted) -> AsyncIterator[Call]:
    from pebble import ProcessPool

    loop = asyncio.get_running_loop()
    pool: Any = ProcessPool(max_workers=wanted.workers, context=_context(wanted))

    async def call(function: Callable[..., Any], *args: Any) -> Any:
        return await loop.run_in_executor(pool, function, wanted.timeout, *args)

    try:
        yield call
    finally:
        pool.stop()
        pool.join()


@asynccontextmanager
async def standard(wanted: Wanted) -> AsyncIterator[Call]:
    with ProcessPoolExecutor(wanted.workers, mp_context=_context(wanted)) as pool:
        yield _calls_of(pool)


@asynccontextmanager
async def loky(wanted: Wanted) -> AsyncIterator[Call]:
    from loky import ProcessPoolExecutor as LokyExecutor  # type: ignore[import-untyped]

    setup = (importlib.import_module, (wanted.preload,)) if wanted.preload else (None, ())
    pool = LokyExecutor(wanted.workers, initializer=setup[0], initargs=setup[1])
    try:
        yield _calls_of(pool)
    finally:
        pool.shutdown(kill_workers=True)


@asynccontextmanager
async def anyio(wanted: Wanted) -> AsyncIterator[Call]:
    """It has no preloading: each worker imports what its first call needs."""
    from anyio import CapacityLimiter, fail_after, to_process

    limiter = CapacityLimiter(wanted.workers)
    free = asyncio.Semaphore(wanted.workers)  # so that the limit is one on work and not on waiting

    async def call(function: Callable[..., Any], *args: Any) -> Any:
        async with free:
            with fail_after(wanted.timeout):
                return await to_process.run_sync(function, *args, cancellable=True, limiter=limiter)

    yield call


POOLS: dict[str, Callable[[Wanted], AbstractAsyncContextManager[Call]]] = {
    "ours": ours,
    "pebble": pebble,
    "loky": loky,
    "standard": standard,
    "anyio": anyio,
}
KILLING = ("ours", "pebble", "anyio")  # those that can end a call that runs, and go on


def _calls_of(pool: Executor) -> Call:
    loop = asyncio.get_running_loop()

    async def call(function: Callable[..., Any], *args: Any) -> Any:
        return await loop.run_in_executor(pool, function, *args)

    return call


def _context(wanted: Wanted) -> BaseContext:
    """The platform's default way to start processes; with a preload, the fork server that has imported it."""
    if wanted.preload is None:
        return multiprocessing.get_context()
    context = multiprocessing.get_context("forkserver")
    context.set_forkserver_preload([wanted.preload])
    return context
