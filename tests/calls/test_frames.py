"""Messages over a socket pair: they arrive as they were sent, in bounded pieces, and buffers uncopied."""

import asyncio
import ctypes
import pickle
import socket
from collections.abc import Iterator

import pytest
import workload
from hypothesis import given
from hypothesis import strategies as st

from asyncgen.calls import frames
from asyncgen.calls.frames import PIECE, Frame, FrameReader, FrameWriter, Kind, Scattered
from asyncgen.scheduler import Scheduler

MIB = 1 << 20


@pytest.fixture
def ends() -> Iterator[tuple[socket.socket, socket.socket]]:
    """Both ends of a connection, neither of which ever blocks."""
    ours, theirs = socket.socketpair()
    ours.setblocking(False)
    theirs.setblocking(False)
    with ours, theirs:
        yield ours, theirs


def transfer(buffers: "list[frames.Buffer]", ends: tuple[socket.socket, socket.socket]) -> Frame:
    """Send a frame from one end to the other, holding each step to its bound."""
    writer, reader = FrameWriter(buffers), FrameReader(1 << 30)
    frame = None
    while frame is None:
        left = writer.left
        if left:
            try_to(lambda: writer.write(ends[0]))
            assert left - writer.left <= PIECE
        missing = reader.missing
        frame = try_to(lambda: next(iter(reader.read(ends[1])), None))
        assert missing - reader.missing <= PIECE
    assert not writer.left
    return frame


def try_to(step):
    try:
        return step()
    except BlockingIOError:
        return None


def address(buffer: memoryview) -> int:
    return ctypes.addressof(ctypes.c_char.from_buffer(buffer))


@given(st.lists(st.binary(max_size=200) | st.integers(0, 100_000).map(bytes), min_size=1, max_size=8))
def test_parts_arrive_as_they_were_sent(parts: "list[bytes]"):
    """However many, of whatever sizes, empty ones too."""
    ours, theirs = socket.socketpair()
    ours.setblocking(False)
    theirs.setblocking(False)
    with ours, theirs:
        frame = transfer(frames.encode(Kind.CALL, parts, 1.5), (ours, theirs))
    assert [bytes(part) for part in frame.parts] == parts
    assert frame.cpu_seconds == 1.5


@pytest.mark.parametrize("size", [2 * PIECE - 1, 3 * MIB])
def test_no_step_moves_more_than_a_piece(size: int, ends):
    """Neither of writing nor of reading, so that a large message never holds the loop."""
    frame = transfer(frames.encode(Kind.RESULT, frames.dumps(bytes(size))), ends)
    assert frames.loads(frame.parts) == bytes(size)


@pytest.mark.parametrize("kind", [bytes, bytearray])
def test_large_bytes_are_sent_from_where_they_lie(kind: type):
    """The pickle refers to them instead of copying them, wherever in the call they are."""
    data = kind(MIB)
    (body,) = frames.dumps((len, ([data],), {}))
    assert isinstance(body, Scattered)
    assert any(buffer is data for buffer in body.buffers)


def test_buffers_are_parts_of_their_own():
    """Out of band, not copied, whatever they are part of."""
    data = bytearray(MIB)
    _, part = frames.dumps({"key": [pickle.PickleBuffer(data)]})
    assert isinstance(part, memoryview)
    assert address(part) == address(memoryview(data))


def test_received_buffers_are_aligned(ends):
    """As vector instructions would have it, also behind a pickle and a buffer of odd lengths."""
    value = [pickle.PickleBuffer(bytearray(size)) for size in (MIB + 1, 3, 2 * MIB)]
    frame = transfer(frames.encode(Kind.CALL, frames.dumps(value)), ends)
    assert [address(memoryview(part)) % frames.ALIGNMENT for part in frame.parts] == [0, 0, 0, 0]


@pytest.mark.both_loops
async def test_the_loop_turns_between_the_pieces_of_an_answer():
    """At most one piece a turn is read, so that whatever else the loop has to do comes in between."""
    async with Scheduler(workers=1) as scheduler:
        call = asyncio.create_task(scheduler.run(workload.exchange, (1, b"", 20 * MIB)))
        turns, before = 0, 0
        while not call.done():
            await asyncio.sleep(0)
            process = scheduler._slots[0]._process
            missing = process.awaited if process is not None else 0
            if 0 < missing < before:
                assert before - missing <= PIECE
                turns += 1
            before = missing
        assert len((await call)[1]) == 20 * MIB
        assert turns > 20 * MIB // PIECE // 2
