"""aiosqlite connections that survive cancellation: opened whole, used whole, closed whole."""

import asyncio
import sqlite3
from collections.abc import Callable

import aiosqlite

from asyncgen.calls.waiting import finish

_CHUNK = 64  # rows per hop of an aiosqlite cursor; ours are never iterated


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
        await finish(_started(connection))
    except asyncio.CancelledError:
        await finish(connection.close())
        raise
    if failures:
        await finish(connection.close())
        raise failures[0]
    return connection


async def _started(connection: aiosqlite.Connection) -> None:
    await connection
