"""What a worker says besides answers: notes, each sent at once, from any thread.

Guarantees: no frame is ever sent inside another one, whatever thread or signal handler has something to say.
    An exception that a signal handler raises does not cut a note short. What is still to be said of a call is
    said before its answer. A child that a call forks off says nothing.
Assumes: answers are sent by the main thread, as one lets a signal handler interrupt no more then.
"""

import contextlib
import os
import select
import socket
import threading
from collections.abc import Callable, Sequence
from typing import Any, NamedTuple

from asyncgen.calls import frames
from asyncgen.calls.frames import Buffer, FrameWriter, Kind
from asyncgen.calls.outbox import Outbox

MOST_CHARACTERS = 1 << 14  # of a text
LONG = 1 << 16  # bytes: a quarter or so of what a socket holds; a note should have no more


class Step(NamedTuple):
    """How far the call of this number is; see progress.py."""

    number: int
    fraction: float | None
    message: str


class Logged(NamedTuple):
    """The attributes of a log record, made while the call of this number was the last one that had begun."""

    number: int
    pid: int
    attributes: dict[str, Any]


class Teller:
    """Sends the frames of a worker. `unsaid` is what has to be called before an answer is sent."""

    def __init__(self, sock: socket.socket, outbox: Outbox, limit: int, number: Callable[[], int]) -> None:
        """`limit`: bytes of the largest message; `number()`: that of the call that was taken up last."""
        self._outbox = outbox
        self.unsaid: set[Callable[[], object]] = set()
        self.number = number
        self._sock = sock
        self._limit = limit
        self._room = select.poll()
        self._room.register(sock, select.POLLOUT)
        self._lock = threading.Lock()
        self._main = threading.get_ident()
        self._is_busy = False  # the main thread, with sending: a signal handler would wait for itself

    def answer(self, buffers: Sequence[Buffer]) -> None:
        """Send an answer. For the main thread."""
        if self.unsaid:
            self.say_rest()
        self._is_busy = True
        with self._lock:
            if self._outbox.held:
                self._send_held()
            if len(buffers) == 1:
                self._sock.sendall(buffers[0])
            else:
                writer = FrameWriter(buffers)
                while not writer.write(self._sock):
                    pass
            self._outbox.note_sent(sum(map(len, buffers)))
        self._is_busy = False

    def hold(self, buffers: Sequence[Buffer]) -> None:
        """Answer, but send it with the next answers or notes. For the main thread."""
        if self.unsaid:
            self.say_rest()
        self._is_busy = True
        with self._lock:
            is_held = len(buffers) == 1 and self._outbox.put(buffers[0])
        self._is_busy = False
        if not is_held:
            self.answer(buffers)

    def send_held(self) -> None:
        """Send what was only held so far. For the main thread."""
        self._is_busy = True
        with self._lock:
            if self._outbox.held:
                self._send_held()
        self._is_busy = False

    def _send_held(self) -> None:
        self._send_bytes(self._outbox.content())

    def _send_bytes(self, data: bytes) -> None:
        try:
            self._sock.sendall(data)
        finally:  # a signal handler that raises does so behind the sending, as there is room for all
            self._outbox.note_sent(len(data))

    def say_rest(self) -> None:
        """Say what has been held back."""
        for say in tuple(self.unsaid):
            say()

    def tell(self, note: bytes) -> None:
        """Send a pickled note, unless it is over the limit or the parent is gone.

        What a signal handler says while the main thread, in which it runs, is sending is dropped.
        """
        if len(note) > self._limit:
            return
        frame = b"".join(frames.encode(Kind.NOTE, [note]))
        if threading.get_ident() != self._main:
            self._send(frame)
        elif not self._is_busy:
            self._is_busy = True
            try:
                self._send(frame)
            finally:
                self._is_busy = False

    def _send(self, frame: bytes) -> None:
        with self._lock, contextlib.suppress(ConnectionError):  # the worker hears of that when it reads
            # A handler that raises while this waits finds nothing sent; afterwards there is room for all.
            self._room.poll()
            if self._outbox.held:
                self._send_held()
            self._send_bytes(frame)


_teller: Teller | None = None


def begin(teller: Teller) -> None:
    """Say in which way this process, a worker, says something from now on."""
    global _teller
    _teller = teller
    os.register_at_fork(after_in_child=_hush)


def _hush() -> None:
    global _teller
    _teller = None


def current() -> Teller | None:
    """How this process says something; None if it is no worker."""
    return _teller
