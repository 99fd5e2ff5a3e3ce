"""The worker process: reads a call, makes it, sends the answer, until its socket ends.

It runs in a fork of the template (see template.py), or in an interpreter that was started for it, so its own
imports are few and light. One call is made at a time, in the main thread.

Guarantees: an answer is sent, or lies in the outbox, before the call's arguments are freed, so that a
    destructor that kills the process cannot take it along. Each item of a packet is answered before the next
    is begun. The
    board shows which call has begun, and when. Signals do what signals.py says. Nothing is written to the
    parent's terminal.
Assumes: descriptors 1 and 2 already point where the scheduler's settings say.
"""

import os
import signal
import socket
import sys
import time
import traceback
from array import array
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any, NoReturn

from asyncgen.calls import frames, system
from asyncgen.calls.board import Board
from asyncgen.calls.child import companions, logs, main_script, telling
from asyncgen.calls.child.loading import Imports, load, load_item
from asyncgen.calls.child.received import receive
from asyncgen.calls.child.signals import handle_signals
from asyncgen.calls.child.start import import_all, limit_address_space
from asyncgen.calls.child.telling import Teller
from asyncgen.calls.foreign import add_note, text_of, without_traceback
from asyncgen.calls.frames import Buffer, Frame, FrameReader, Kind, Part
from asyncgen.calls.pickling import PLAIN, pickling_by
from asyncgen.calls.shared_memory import SharedMemory

_pickling = PLAIN  # how this worker pickles its answers, from its introduction on
_LONG_LOADING = 0.005  # seconds after which it matters what CPU a call's unpickling took
_MOMENT = 0.0001  # seconds in which no process starts and ends
_HELD = 0.001  # seconds after which the answers of a packet are sent, between two items
_FLUSHED = 0.02  # seconds after which a packet's output is written out between two items


@dataclass(frozen=True, slots=True)
class Introduction:
    """The first call of every process: where to find the parent's main script, and what to run first."""

    main_path: str | None
    main_module: str | None
    preload: tuple[str, ...]  # what the template has not imported
    pickler: str
    address_space: int | None  # bytes
    initializer: bytes  # pickled function or None, and arguments; may need the preloaded or the main script
    logs: int | None  # the least level of records that are sent to the parent

    def __call__(self) -> int:
        """Run them, and return this process's id."""
        if self.logs is not None:
            logs.send_from(self.logs)
        main_script.introduce(self.main_path, self.main_module)
        import_all(self.preload)
        global _pickling
        _pickling = pickling_by(self.pickler)
        if self.address_space is not None:
            limit_address_space(self.address_space)
        function, arguments = load([self.initializer], Imports(lambda name: None))
        if function is not None:
            function(*arguments)
        return os.getpid()


def main_of_spawned(boards: int, place: int, limit: int, descriptor: int, *shared: int) -> NoReturn:
    """Entry point of a worker that is an interpreter of its own; see `serve_and_exit`.

    `boards` is the descriptor of all boards' memory, `place` that of the worker's own among them.
    """
    for inherited in (descriptor, *shared):  # programs that the worker starts have no business with them
        os.set_inheritable(inherited, False)
    receive(shared)
    sys.argv = ["asyncgen-worker"]
    board = Board(SharedMemory(boards), place)
    os.close(boards)
    serve_and_exit(descriptor, board, limit)


def serve_and_exit(descriptor: int, board: Board, limit: int) -> NoReturn:
    """Serve calls on the socket `descriptor` until it ends, then leave the process without clean-up."""
    status = 1
    try:
        handle_signals(board)
        system.prefer_to_die()
        sock = socket.socket(fileno=descriptor)  # closed by the kernel, after the exit status is set
        sock.setblocking(True)
        _Worker(sock, limit, board).serve()
    except (EOFError, ConnectionError):
        status = 0
    except SystemExit as leaving:
        status = _exit_status(leaving.code)
    except KeyboardInterrupt:
        status = 128 + signal.SIGINT
    except BaseException:  # the process ends here whatever it was, and the parent sees the exit status
        traceback.print_exc()
    finally:
        if (teller := telling.current()) is not None:
            teller.say_rest()
        _flush()
        os._exit(status)


class _Worker:
    """Answers calls, one after the other."""

    def __init__(self, sock: socket.socket, limit: int, board: Board) -> None:
        self._sock = sock
        self._reader = FrameReader(limit)
        self._board = board
        self._imports = Imports(board.importing)
        self._imports.watch()
        self._number = 0  # of the call, or the item, that was taken up last
        self._charged = 0.0  # CPU seconds of the answers so far; those of the start are the first call's
        self._teller = Teller(sock, board.outbox, limit, lambda: self._number)
        telling.begin(self._teller)
        self._pid = os.getpid()

    def serve(self) -> NoReturn:
        """Raises EOFError when the parent has closed its end."""
        while True:
            for frame in self._reader.read(self._sock):
                if frame.kind is Kind.PACKET:
                    self._make_packet(frame)
                else:
                    self._make_call(frame)

    def _make_call(self, frame: Frame) -> None:
        self._number += 1
        call: list[Any] = []  # keeps arguments and value alive until the answer is sent
        kind, parts = self._perform(frame.parts, call)
        _flush()
        self._end_children(kind)
        self._teller.answer(self._frame(kind, parts, companions.used()))

    def _perform(self, parts: Sequence[Buffer], call: list[Any]) -> tuple[Kind, Sequence[Part]]:
        try:
            received = time.monotonic()
            self._imports.begin()
            call.extend(load(parts, self._imports))
            function, args, kwargs = call
            slow = time.monotonic() - received > _LONG_LOADING
            self._board.begin(self._number, companions.used() if slow else 0.0)
            value = function(*args, **kwargs)
        except (SystemExit, KeyboardInterrupt):
            raise
        except BaseException as error:
            return Kind.ERROR, _dump_error(error)
        call.append(value)
        return _dump(value)

    def _end_children(self, kind: Kind) -> None:
        """A child that a call has forked off, and that comes back from it, has no business here."""
        if os.getpid() != self._pid:
            _flush()
            os._exit(1 if kind is Kind.ERROR else 0)

    def _frame(
        self, kind: Kind, parts: Sequence[Part], used: float, wall_seconds: float = 0.0
    ) -> list[Buffer]:
        """The message of an answer; `used`: CPU seconds so far."""
        buffers = frames.encode(kind, parts, used - self._charged, wall_seconds)
        self._charged = used
        return buffers

    # -- packets -------------------------------------------------------------------------------------

    def _make_packet(self, frame: Frame) -> None:
        sizes, items = array("Q", bytes(frame.parts[1])), memoryview(frame.parts[2])
        function = self._function_of(frame)
        monotonic, end = time.monotonic, self._number + len(sizes)
        start, sent = 0, monotonic()
        flushed = sent
        for size in sizes:
            self._number += 1
            call: list[Any] = []
            began = monotonic()
            kind, parts = self._perform_item(function, items[start : start + size], call)
            self._end_children(kind)
            start += size
            if kind is Kind.LEFT:
                self._number = end
            now = monotonic()
            used = companions.used() if now - began >= _MOMENT else companions.used_shortly_after()
            self._teller.hold(self._frame(kind, parts, used, now - began))
            if now > sent + _HELD:
                if now > flushed + _FLUSHED:
                    _flush()
                    flushed = now
                self._teller.send_held()
                sent = now
            if kind is Kind.LEFT:
                break
        _flush()
        self._teller.send_held()

    def _function_of(self, frame: Frame) -> Callable[[Any], Any]:
        """The function of a packet; one that cannot be unpickled fails for each item."""
        self._imports.begin()
        try:
            function: Callable[[Any], Any] = load(frame.parts[:1], self._imports)
        except (SystemExit, KeyboardInterrupt):
            raise
        except BaseException as error:
            return _Raiser(error)
        return function

    def _perform_item(
        self, function: Callable[[Any], Any], item: Buffer, call: list[Any]
    ) -> tuple[Kind, Sequence[Part]]:
        try:
            value = load_item(item, self._imports)
        except (SystemExit, KeyboardInterrupt):
            raise
        except BaseException as error:
            function, value = _Raiser(error), None
        if not self._board.may_begin(self._number):
            return Kind.LEFT, [b""]
        call.append(value)
        try:
            value = function(value)
        except (SystemExit, KeyboardInterrupt):
            raise
        except BaseException as error:
            return Kind.ERROR, _dump_error(error)
        call.append(value)
        return _dump(value)


@dataclass(frozen=True, slots=True)
class _Raiser:
    """Raises the same error at each call."""

    error: BaseException

    def __call__(self, item: object) -> NoReturn:
        raise self.error


def _dump(value: object) -> tuple[Kind, Sequence[Part]]:
    try:
        return Kind.RESULT, _pickling.parts(value)
    except (SystemExit, KeyboardInterrupt):
        raise
    except BaseException as error:
        add_note(error, f"the result, of type {type(value).__qualname__}, could not be pickled")
        return Kind.ERROR, _dump_error(error)


def _dump_error(error: BaseException) -> list[Buffer]:
    """Pickle an exception if it can travel as itself, with its traceback as text: see errors.load_error."""
    if isinstance(error, MemoryError):  # there is none for the telling, unless the call's own is freed
        traceback.clear_frames(error.__traceback__)
    text = text_of(error).encode(errors="replace")
    if not isinstance(error, Exception):
        return [b"", text]
    try:
        body = _pickling.whole(without_traceback(error))
    except BaseException:  # what the class defines for it may raise anything
        return [b"", text]
    return [body, text]


def _exit_status(code: object) -> int:
    if code is None:
        return 0
    return code & 0xFF if isinstance(code, int) else 1


def _flush() -> None:
    for stream in (sys.stdout, sys.stderr):
        try:
            if stream is not None:
                stream.flush()
        except (OSError, ValueError):
            pass
