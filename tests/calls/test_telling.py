"""What a worker sends besides answers is never torn, whatever interrupts it."""

import signal
import socket
import threading
from collections.abc import Callable, Iterator

import pytest

from asyncgen.calls import frames
from asyncgen.calls.child.telling import Teller
from asyncgen.calls.frames import Frame, FrameReader, Kind
from asyncgen.calls.outbox import Outbox
from asyncgen.calls.shared_memory import SharedMemory

NOTE = bytes(10_000)


class Interrupted(BaseException):
    """What a handler of an alarm raises, as limits of CPU do."""


@pytest.fixture
def ends() -> Iterator[tuple[socket.socket, socket.socket]]:
    ours, theirs = socket.socketpair()
    with ours, theirs:
        yield ours, theirs


@pytest.fixture
def outbox(memory: SharedMemory) -> Outbox:
    """An empty one."""
    return Outbox(memory, 0)


@pytest.fixture
def alarm() -> Iterator[Callable[[Callable[[], object]], None]]:
    """Have a function called by a signal handler each millisecond."""

    def begin(function: Callable[[], object]) -> None:
        signal.signal(signal.SIGALRM, lambda *_: function())
        signal.setitimer(signal.ITIMER_REAL, 0.001, 0.001)

    before = signal.getsignal(signal.SIGALRM)
    yield begin
    signal.setitimer(signal.ITIMER_REAL, 0)
    signal.signal(signal.SIGALRM, before)


def read_all(sock: socket.socket, into: list[Frame]) -> None:
    """Read frames until the end, and slowly at that: what is sent has to wait."""
    reader = FrameReader(1 << 24)
    try:
        while True:
            into.extend(reader.read(sock))
    except EOFError:
        pass


def answer() -> list[frames.Buffer]:
    return frames.encode(Kind.RESULT, [bytes(300_000)])


@pytest.mark.parametrize("error", [Interrupted, TimeoutError])
def test_a_handler_that_raises_does_not_tear_a_note(ends, outbox, alarm, error: type[BaseException]):
    """The note is sent whole or not at all, as is what was held before it, and once.

    The exception is not taken for one of the socket.
    """
    ours, theirs = ends
    found: list[Frame] = []
    reading = threading.Thread(target=read_all, args=(ours, found))
    reading.start()
    teller = Teller(theirs, outbox, 1 << 20, lambda: 1)
    interrupted, told = 0, 0
    armed: list[bool] = []

    def interrupt() -> None:
        if armed:  # and nowhere outside the `try` below
            armed.clear()
            raise error

    alarm(interrupt)
    while interrupted < 30:
        teller.hold(frames.encode(Kind.RESULT, [b"%d" % interrupted]))
        try:
            armed.append(True)
            while True:
                teller.tell(NOTE)
                told += 1
        except error:
            interrupted += 1
    signal.setitimer(signal.ITIMER_REAL, 0)
    teller.send_held()
    theirs.shutdown(socket.SHUT_WR)
    reading.join()
    notes = [bytes(frame.parts[0]) for frame in found if frame.kind is Kind.NOTE]
    assert told <= len(notes) <= told + interrupted
    assert set(notes) == {NOTE}
    held = [bytes(frame.parts[0]) for frame in found if frame.kind is Kind.RESULT]
    assert held == [b"%d" % number for number in range(30)]


def test_a_handler_that_tells_does_not_wait_for_itself(ends, outbox, alarm):
    """What it says in the midst of a note or an answer is dropped."""
    ours, theirs = ends
    found: list[Frame] = []
    reading = threading.Thread(target=read_all, args=(ours, found))
    reading.start()
    teller = Teller(theirs, outbox, 1 << 20, lambda: 1)
    alarm(lambda: teller.tell(b"from the handler"))
    for _ in range(100):
        teller.tell(NOTE)
        teller.answer(answer())
    signal.setitimer(signal.ITIMER_REAL, 0)
    theirs.shutdown(socket.SHUT_WR)
    reading.join()
    kinds = [frame.kind for frame in found if bytes(frame.parts[0]) != b"from the handler"]
    assert kinds == [Kind.NOTE, Kind.RESULT] * 100


def test_what_is_unsaid_is_said_before_the_answer(ends, outbox):
    """By whoever has held it back."""
    ours, theirs = ends
    teller = Teller(theirs, outbox, 1 << 20, lambda: 1)
    teller.unsaid.add(lambda: teller.tell(b"held back"))
    teller.answer(frames.encode(Kind.RESULT, [b"answer"]))
    theirs.close()
    found: list[Frame] = []
    read_all(ours, found)
    assert [bytes(frame.parts[0]) for frame in found] == [b"held back", b"answer"]


def test_without_a_parent_nothing_is_raised(ends, outbox):
    """The worker hears of the end where it reads; the function that logs has nothing to do with it."""
    ours, theirs = ends
    ours.close()
    Teller(theirs, outbox, 1 << 20, lambda: 1).tell(NOTE)
