"""aiosqlite connections that survive cancellation: opened whole, used whole, closed whole."""

import asyncio
import sqlite3
from collections.abc import Callable, Coroutine
from typing import Any, TypeVar

import aiosqlite

T = TypeVar("T")

_CHUNK = 64  # rows per hop of an aiosqlite cursor; ours are never iterated


async def settled(job: Coroutine[Any, Any, T]) -> T:
    """Await a job to its end even when cancelled meanwhile; the cancellation is raised after it.

    SQLite's work cannot be taken back once its thread has it, so a caller who sees CancelledError
    may rely on nothing being on its way any more.
    """
    task = asyncio.ensure_future(job)
    try:
        return await asyncio.shield(task)
    except asyncio.CancelledError:
        await asyncio.wait([task])
        if not task.cancelled():
            task.exception()  # looked at: the loop would complain of an error that nobody has seen
        raise


async def connect(connector: Callable[[], sqlite3.Connection]) -> aiosqlite.Connection:
    """An open connection made by `connector` on the connection's own thread, or its error.

    aiosqlite leaks the handle of a cancelled connect, and does not await the end of its thread
    after a failed one. So the connect is always finished, never seen to fail, and undone by a
    proper close.
    """
    failures: list[Exception] = []

    def attempt() -> sqlite3.Connection:
        try:
            return connector()
        except Exception as error:
            failures.append(error)
            return sqlite3.connect(":memory:")

    connection = aiosqlite.Connection(attempt, _CHUNK)
    try:
        await settled(_started(connection))
    except asyncio.CancelledError:
        await settled(connection.close())
        raise
    if failures:
        await settled(connection.close())
        raise failures[0]
    return connection


async def _started(connection: aiosqlite.Connection) -> None:
    await connection
