"""Lines from a file, a pipe or a terminal, as they come, without holding up the event loop.

Guarantees: waiting for input ends at once when it is asked to stop, or cancelled. Memory is bounded: the
    rest of a line that is too long is dropped. The input's own settings, such as non-blocking, are left as
    they are: a terminal shares them with other programs.
Assumes: nobody else reads from the same pipe or terminal.
"""

import asyncio
import os
import stat
import sys
from collections.abc import AsyncGenerator, Iterator
from contextlib import AbstractContextManager, contextmanager, nullcontext
from typing import Any, BinaryIO

from asyncgen.records import UsageError

_CHUNK = 1 << 16  # bytes


def opened(name: str) -> AbstractContextManager[BinaryIO]:
    """The file of this name, or for "-" standard input, which stays open. Raises UsageError."""
    if name == "-":
        return nullcontext(sys.stdin.buffer)
    with readable(name):
        return open(name, "rb")  # noqa: PTH123 - the name as given


def content_of(file: BinaryIO, name: str) -> bytes:
    """All of it, however long that takes. Raises UsageError."""
    with readable(name):
        return file.read()


@contextmanager
def readable(name: str) -> Iterator[None]:
    """Turn the system's refusals to open or read this file into UsageError."""
    try:
        yield
    except OSError as error:
        raise UsageError(f"{name}: {error.strerror or error}") from error


class Cutter:
    """Pieces of input into lines, each at most `longest` bytes and without its end."""

    def __init__(self, longest: int) -> None:
        self._longest = longest
        self._rest = b""

    def feed(self, data: bytes) -> list[bytes]:
        """The lines that this piece completes."""
        *whole, rest = data.split(b"\n")
        if whole:
            whole[0] = self._rest + whole[0]
            self._rest = b""
        self._rest = (self._rest + rest)[: self._longest]
        return [line[: self._longest] for line in whole]

    def end(self) -> list[bytes]:
        """The last line, if it has no end of its own."""
        rest, self._rest = self._rest, b""
        return [rest] if rest else []


async def chunks(descriptor: int, stop: asyncio.Event) -> AsyncGenerator[bytes, None]:
    """What can be read, piece by piece, until the end of the input or until `stop` is set. Raises OSError."""
    waits = _waits(descriptor)
    stopped = asyncio.create_task(stop.wait())
    try:
        while not stop.is_set():
            if waits:
                await _readable(descriptor, stopped)
                data = b"" if stop.is_set() else os.read(descriptor, _CHUNK)
            else:
                data = await asyncio.to_thread(os.read, descriptor, _CHUNK)
            if not data:
                return
            yield data
    finally:
        stopped.cancel()


def _waits(descriptor: int) -> bool:
    """Whether reading may wait for somebody; files never make wait, and event loops do not watch them."""
    mode = os.fstat(descriptor).st_mode
    return stat.S_ISFIFO(mode) or stat.S_ISSOCK(mode) or os.isatty(descriptor)


async def _readable(descriptor: int, stopped: asyncio.Task[Any]) -> None:
    """Return when there is something to read, or `stopped` is done."""
    loop = asyncio.get_running_loop()
    ready = asyncio.Event()
    waiting = loop.create_task(ready.wait())
    loop.add_reader(descriptor, ready.set)
    try:
        await asyncio.wait([waiting, stopped], return_when=asyncio.FIRST_COMPLETED)
    finally:
        loop.remove_reader(descriptor)
        waiting.cancel()
