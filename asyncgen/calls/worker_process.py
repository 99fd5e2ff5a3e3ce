"""The parent's end of one worker process: sends it calls, receives its answers, and lets it be killed.

Guarantees: a read or a write never blocks the loop and moves a bounded piece; the end is told once, after
    whatever answer the process had still sent was read.
Assumes: everything is called on the loop's own thread.
"""

import asyncio
import contextlib
import socket
import time
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from enum import Enum, auto
from typing import Protocol

from asyncgen.calls.board import Board
from asyncgen.calls.frames import (
    ANSWERS,
    PIECE,
    Buffer,
    Frame,
    FrameReader,
    FrameWriter,
    Given,
    Kind,
    ProtocolError,
)

_READS_OF_A_SOCKET = 16  # small ones, as of many small frames, take what its buffer usually holds


@dataclass(frozen=True, slots=True)
class Exit:
    """How a process ended: exit code as in multiprocessing, CPU seconds of its whole group.

    `over_limit` is the resident bytes it was killed for, or 0. `unread` is true where the process surely
    never read the call that it had been sent.
    """

    exitcode: int | None
    cpu_seconds: float = 0.0
    over_limit: int = 0
    detail: str = ""
    unread: bool = False


class Owner(Protocol):
    """Whoever a process belongs to at the moment: a slot, the stock, whoever waits for its end."""

    def answered(self, process: "WorkerProcess", frame: Frame) -> None:
        """The process has sent an answer."""

    def noted(self, process: "WorkerProcess", frame: Frame) -> None:
        """The process has sent a note."""

    def ended(self, process: "WorkerProcess", end: Exit) -> None:
        """The whole group of the process is dead; said once."""


class Keeper(Protocol):
    """Whoever the process was started by, and can do to it what only the template can."""

    def kill(self, process: "WorkerProcess") -> None:
        """Have its whole group killed, with its `grace`; its owner hears of the end."""

    def measure(self, process: "WorkerProcess") -> "asyncio.Future[float | None]":
        """The CPU seconds that its group has used since its start; None if it is gone."""
        ...


class _State(Enum):
    ALIVE = auto()  # forked or about to be; its socket is open
    DYING = auto()  # its socket failed or it was killed; the template has yet to report
    GONE = auto()


class WorkerProcess:
    """The parent's end of one worker process. Its owner hears of each answer, and of the end."""

    def __init__(self, owner: Owner, keeper: Keeper, board: Board, limit: int) -> None:
        """`limit` is the largest answer in bytes. Raises OSError for want of descriptors."""
        self.board = board
        self._owner = owner
        self._keeper = keeper
        self._loop = asyncio.get_running_loop()
        self._sock, self.child_end = socket.socketpair()
        self._sock.setblocking(False)
        self._reader = FrameReader(limit)
        self._writer: FrameWriter | None = None
        self._writing = False  # whether the loop watches for room in the socket
        self._state = _State.ALIVE
        self._detail = ""
        self._unread = False
        self._ahead = 0  # bytes that were taken before they came by the socket
        self._says_more = False  # whether what comes of a dying one counts
        self._is_noted = False  # whether its owner is being told of a note
        self.pid: int | None = None
        self.grace = 0.0  # seconds between being told to end and being killed
        self.has_key = False  # whether it was sent the key of managers: see sharing.py
        self.charged = 0.0  # CPU seconds of the answers so far
        self.sent = 0  # calls, and items of packets: so the number of the last one
        self.calls = 0  # those that were answered, the first one not counted
        self.requested = time.perf_counter()
        self._loop.add_reader(self._sock, self._readable)

    @property
    def alive(self) -> bool:
        """Whether it can be sent a call, as far as is known."""
        return self._state is _State.ALIVE

    @property
    def unsent(self) -> int:
        """Bytes of the call that the process surely has not read: they have not left here yet."""
        return self._writer.left if self._writer is not None else 0

    @property
    def awaited(self) -> int:
        """Bytes that are missing of an answer that has come in part; 0 where none has begun."""
        return self._reader.missing

    def hand_to(self, owner: Owner) -> None:
        """From now on the process belongs to this one."""
        self._owner = owner

    def send(self, buffers: Sequence[Buffer], calls: int = 1) -> None:
        """Begin to send one frame, of so many calls; the rest goes out as the socket takes it."""
        self.sent += calls
        if len(buffers) == 1 and len(only := buffers[0]) <= PIECE:  # as most frames are
            try:
                sent = self._sock.send(only)
            except OSError:  # it comes again below
                sent = 0
            if sent == len(only):
                return
            buffers = [memoryview(only)[sent:]]
        self._writer = FrameWriter(buffers)
        self._writable()

    def kill(self, grace: float = 0.0) -> None:
        """Kill the whole process group, after so many seconds to clean up; its owner hears of the end."""
        if self._state is _State.ALIVE:
            self._state = _State.DYING
            self.grace = grace
            self._forget_socket()
            if grace:  # a call that returns all the same is the last one: its process finds the socket's end
                with contextlib.suppress(OSError):
                    self._sock.shutdown(socket.SHUT_RDWR)
            self._keeper.kill(self)

    def orphan(self, why: str) -> None:
        """What had started it is dead, and so it will be in a moment; what it has said until then counts."""
        self.explain(why)
        if self._state is _State.ALIVE:
            self._state = _State.DYING
            self._says_more = True
            self._forget_socket()

    async def cpu_seconds(self) -> float | None:
        """What its whole group has used since its start; None if it is gone."""
        return await self._keeper.measure(self)

    def explain(self, detail: str) -> None:
        """Note why the process ends, for its owner."""
        self._detail = detail

    def refuse(self, frame: Frame) -> None:
        """Kill a process that sent a frame that nobody had asked for."""
        self.explain("the worker process sent what nobody had asked for")
        self.kill()

    def catch_up(self) -> None:
        """Take what the worker has said so far: at most what a socket holds, so that the loop is not blocked.

        Nothing is read where a note is being handled: the frames behind it have their turn after it.
        """
        if self._is_noted:
            return
        for _ in range(_READS_OF_A_SOCKET):
            if self._state is not _State.ALIVE:
                return
            if not self._readable():
                self._take_unsent()
                return

    def finish(self, end: Exit) -> None:
        """The template reports that the group is dead: read what was still sent, then tell the owner."""
        if self._state is _State.GONE:
            return
        if self._state is _State.ALIVE or self._says_more:
            self._state = _State.DYING  # a last answer may end its use, and there is nobody left to kill
            with contextlib.suppress(OSError, EOFError, ProtocolError):
                while True:
                    self._receive()
            self._take_unsent()
            self._forget_socket()
        self._state = _State.GONE
        self._sock.close()
        self._owner.ended(
            self, Exit(end.exitcode, end.cpu_seconds, end.over_limit, self._detail, self._unread)
        )

    def _readable(self) -> bool:
        """Read once; whether there was something to read."""
        try:
            self._receive()
        except (BlockingIOError, InterruptedError):
            return False
        except ProtocolError as error:
            self._lose(str(error))
        except (EOFError, OSError):
            self._take_unsent()  # which is all that it has left
            self._lose("")
        return True

    def _take_unsent(self) -> None:
        """Take what the worker still holds, to send it with more."""
        data = self.board.outbox.unsent(self._reader.received)
        self._ahead += len(data)
        given = Given(data)
        while given:
            self._take(self._reader.read(given))

    def _receive(self) -> None:
        try:
            if self._ahead:  # this comes by the socket only now, and was taken before
                passed_over = len(self._sock.recv(self._ahead))
                if not passed_over:
                    raise EOFError
                self._ahead -= passed_over
            else:
                self._take(self._reader.read(self._sock))
        except ConnectionResetError:
            # A Unix socket resets only where its peer closed it with bytes of ours unread.
            self._unread = True
            raise

    def _take(self, frames: Iterable[Frame]) -> None:
        for frame in frames:
            if frame.kind in ANSWERS:
                self.charged += frame.cpu_seconds
                self._owner.answered(self, frame)
            else:
                self._take_note(frame)

    def _take_note(self, frame: Frame) -> None:
        if frame.kind is not Kind.NOTE:
            self.refuse(frame)
            return
        self._is_noted = True
        try:
            self._owner.noted(self, frame)
        finally:
            self._is_noted = False

    def _writable(self) -> None:
        assert self._writer is not None
        try:
            done = self._writer.write(self._sock)
        except (BlockingIOError, InterruptedError):
            done = False
        except OSError:
            self._unread = True
            self._lose("")
            return
        if not done and not self._writing:
            self._writing = True
            self._loop.add_writer(self._sock, self._writable)
        elif done:
            self._stop_writing()

    def _lose(self, detail: str) -> None:
        """The socket is of no more use, and so is the process."""
        if self._state is _State.ALIVE:
            self._detail = detail
            self.kill()

    def _forget_socket(self) -> None:
        self._loop.remove_reader(self._sock)
        self._stop_writing()

    def _stop_writing(self) -> None:
        if self._writing:
            self._writing = False
            self._loop.remove_writer(self._sock)
        self._writer = None
