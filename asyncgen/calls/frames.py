"""The messages between the parent and one worker process: length-prefixed frames over a socket pair.

    prefix: magic, kind, number of parts, bytes of all, CPU and wall seconds │ length of each part │ parts

A call is a frame of pickled (function, args, kwargs); buffers such as NumPy arrays are further parts, sent
out of band (pickle protocol 5, PEP 574). Each part begins at a multiple of ALIGNMENT, as NumPy would have
it. A packet is a function and many items, each pickled for itself; it is answered item by item, a frame each,
and with a last one where items were recalled.
The parent sends no frame before the last one is answered. A worker may send notes at any time.

Guarantees: a read or a write handles at most PIECE bytes, so that an event loop is never held by a large
    message; what is sent of buffers, and of bytes and bytearrays of 64 KiB and more, is not copied before;
    whatever does not look like a frame, or is over the limit, raises ProtocolError.
Assumes: the peer is our own code; unpickling is as trusting as `pickle` always is. Nobody changes a buffer
    or a large bytearray while it is being sent.
"""

import mmap
import pickle
import socket
import struct
import sys
from collections import deque
from collections.abc import Iterable, Iterator, Sequence
from enum import IntEnum
from functools import partial
from typing import Any, NamedTuple

WORKERS_MAIN = "__mp_main__"  # the name under which a worker imports the parent's main script
PIECE = 256 * 1024  # bytes moved per readiness event
_FIRST = 16 * 1024  # bytes asked for while nothing is known of a frame: most frames are small
ALIGNMENT = 64  # bytes
_MAGIC = b"agf1"
_PREFIX = struct.Struct("<4sBxxxIQdf")
_HEAD = struct.Struct("<4sBxxxIQdfQ")  # of a frame of one part, as nearly all are
_MOST_PARTS = 1 << 16
_MAPPED = 1 << 20  # from this size on a buffer is mapped: its pages are then zeroed as they arrive

Buffer = bytes | bytearray | memoryview


class Kind(IntEnum):
    """What a frame is."""

    CALL = 1
    RESULT = 2
    ERROR = 3  # parts: the pickled exception (or nothing), the traceback as UTF-8 text
    PACKET = 4  # parts: the pickled function, the lengths of the items, the pickled items
    LEFT = 5  # the rest of the packet was recalled, and is not begun; one empty part
    NOTE = 6  # what a worker says besides: see child/telling.py


ANSWERS = (Kind.RESULT, Kind.ERROR, Kind.LEFT)


_LEAST_PARTS = {Kind.ERROR: 2, Kind.PACKET: 3}
_OF_ONE_PART = {int(kind): kind for kind in Kind if kind not in _LEAST_PARTS}


class Frame(NamedTuple):
    """One message: its parts, and the seconds that the sender used since its last message."""

    kind: Kind
    parts: Sequence[Buffer]
    cpu_seconds: float
    wall_seconds: float = 0.0


_new_frame = partial(tuple.__new__, Frame)  # the class itself takes half as long again


class ProtocolError(Exception):
    """The bytes on the socket are no frame of ours, or the frame is over the size limit."""


class Scattered:
    """A part of a frame that lies in several buffers. Its length is in bytes."""

    __slots__ = ("buffers", "size")

    def __init__(self, buffers: list[Buffer]) -> None:
        self.buffers = buffers
        self.size = sum(map(len, buffers))

    def __len__(self) -> int:
        return self.size


Part = Buffer | Scattered


def encode(
    kind: Kind, parts: Sequence[Part], cpu_seconds: float = 0.0, wall_seconds: float = 0.0
) -> list[Buffer]:
    """Return the buffers that make up one frame; large parts are not copied."""
    if len(parts) == 1 and (size := len(part := parts[0])) <= _FIRST and not isinstance(part, Scattered):
        return [_HEAD.pack(_MAGIC, kind, 1, size, cpu_seconds, wall_seconds, size) + part]
    sizes = [len(part) for part in parts]
    starts, total = _layout(sizes)
    head = _PREFIX.pack(_MAGIC, kind, len(parts), total, cpu_seconds, wall_seconds)
    head += struct.pack(f"<{len(sizes)}Q", *sizes)
    buffers: list[Buffer] = [head]
    end = 0
    for start, part in zip(starts, parts, strict=True):
        if start > end:
            buffers.append(bytes(start - end))
        buffers.extend(part.buffers if isinstance(part, Scattered) else [part])
        end = start + len(part)
    return [b"".join(buffers)] if total <= _FIRST else buffers


def _layout(sizes: Sequence[int]) -> tuple[list[int], int]:
    """Where each part begins, and where the last one ends."""
    if len(sizes) == 1:  # as most frames are
        return [0], sizes[0]
    starts, end = [], 0
    for size in sizes:
        starts.append(end + -end % ALIGNMENT)
        end = starts[-1] + size
    return starts, end


class FrameReader:
    """Puts one frame after the other together from bounded reads of a socket."""

    def __init__(self, limit: int) -> None:
        self._limit = limit
        self.received = 0  # bytes, of all frames
        self._head = b""  # the beginning of a frame whose length is not known yet
        self._start()

    def _start(self) -> None:
        self._body: memoryview | None = None
        self._have = 0
        self._envelope: tuple[Kind, list[int], float, float] | None = None

    def read(self, sock: "socket.socket | Given") -> Iterable[Frame]:
        """Read once, from the socket or from bytes that are given; the frames that are whole with that.

        Raises EOFError at the end of input, ProtocolError behind the last frame that is one, and what `recv`
        raises (BlockingIOError, ConnectionResetError).
        """
        if self._body is not None:
            return self._more(self._body, sock)
        data = sock.recv(_FIRST)
        if not data:
            raise EOFError
        self.received += len(data)
        return self._frames_in(self._head + data if self._head else data)

    def _more(self, body: memoryview, sock: "socket.socket | Given") -> Sequence[Frame]:
        got = sock.recv_into(body[self._have : self._have + PIECE])
        if not got:
            raise EOFError
        self.received += got
        self._have += got
        return (self._finish(),) if self._have == len(body) else ()

    @property
    def missing(self) -> int:
        """Bytes that have yet to come of a frame that has come in part."""
        return len(self._body) - self._have if self._body is not None else 0

    def _frames_in(self, data: bytes) -> Iterator[Frame]:
        """The frames in these bytes. The short way for small ones of one part, as most are."""
        self._head, start, end = b"", 0, len(data)
        head, unpack_from, frame_of = _HEAD.size, _HEAD.unpack_from, _new_frame
        while end - start >= head:
            magic, kind, count, total, cpu_seconds, wall_seconds, size = unpack_from(data, start)
            after = start + head + size
            known = _OF_ONE_PART.get(kind) if magic == _MAGIC and count == 1 and size == total else None
            if known is None or after > end or size > self._limit:
                break
            yield frame_of((known, (data[start + head : after],), cpu_seconds, wall_seconds))
            start = after
        while start < end and (found := self._next(memoryview(data)[start:])) is not None:
            yield found[0]
            start += found[1]

    def _next(self, data: memoryview) -> tuple[Frame, int] | None:
        """The first frame and its length; where it is not whole, what there is of it is kept."""
        if len(data) < _PREFIX.size:
            self._head = bytes(data)
            return None
        kind, count, total, cpu_seconds, wall_seconds = self._check(data)
        offset = _PREFIX.size + 8 * count
        if len(data) < offset:
            self._head = bytes(data)
            return None
        sizes = list(struct.unpack_from(f"<{count}Q", data, _PREFIX.size))
        if _layout(sizes)[1] != total:
            raise ProtocolError("a frame's parts do not add up to its length")
        self._envelope = kind, sizes, cpu_seconds, wall_seconds
        self._have = min(len(data) - offset, total)
        if self._have == total:
            self._body = data[offset : offset + total]
            return self._finish(), offset + total
        self._body = memoryview(_mapped(total) if total >= _MAPPED else bytearray(total))
        self._body[: self._have] = data[offset:]
        return None

    def _check(self, data: memoryview) -> tuple[Kind, int, int, float, float]:
        magic, kind, count, total, cpu_seconds, wall_seconds = _PREFIX.unpack_from(data)
        if magic != _MAGIC or kind not in Kind.__members__.values():
            raise ProtocolError("what came over the socket is not a frame")
        if not _LEAST_PARTS.get(Kind(kind), 1) <= count <= _MOST_PARTS:
            raise ProtocolError("what came over the socket is not a frame")
        if total > self._limit:
            raise ProtocolError(f"a message of {total} bytes is over the limit of {self._limit}")
        return Kind(kind), count, total, cpu_seconds, wall_seconds

    def _finish(self) -> Frame:
        assert self._body is not None
        assert self._envelope is not None
        kind, sizes, cpu_seconds, wall_seconds = self._envelope
        starts, _ = _layout(sizes)
        parts = [self._body[start : start + size] for start, size in zip(starts, sizes, strict=True)]
        self._start()
        return Frame(kind, parts, cpu_seconds, wall_seconds)


class Given:
    """Bytes that are there already, to be read as from a socket."""

    def __init__(self, data: bytes) -> None:
        self._left = memoryview(data)

    def __bool__(self) -> bool:
        """Whether some are left."""
        return bool(self._left)

    def recv(self, size: int) -> bytes:
        found, self._left = self._left[:size], self._left[size:]
        return bytes(found)

    def recv_into(self, view: memoryview) -> int:
        got = min(len(view), len(self._left))
        view[:got] = self._left[:got]
        self._left = self._left[got:]
        return got


def _mapped(size: int) -> mmap.mmap:
    """Fresh memory. Not shared, as is mmap's default: to free that takes three times as long."""
    return mmap.mmap(-1, size, flags=mmap.MAP_PRIVATE | mmap.MAP_ANONYMOUS)


class FrameWriter:
    """Sends the buffers of one frame in bounded writes."""

    def __init__(self, buffers: Sequence[Buffer]) -> None:
        self._left = deque([memoryview(buffer).cast("B") for buffer in buffers if len(buffer)])

    @property
    def left(self) -> int:
        """Bytes that have yet to go."""
        return sum(map(len, self._left))

    def write(self, sock: socket.socket) -> bool:
        """Write once to the socket; return whether all is sent. Raises what `sendmsg` raises."""
        if len(self._left) == 1:
            sent = sock.send(self._left[0][:PIECE])
            if sent == len(self._left[0]):
                self._left.clear()
                return True
        else:
            sent = sock.sendmsg(self._batch())
        while sent:
            view = self._left.popleft()
            if sent < len(view):
                self._left.appendleft(view[sent:])
            sent -= min(sent, len(view))
        return not self._left

    def _batch(self) -> list[memoryview]:
        batch, room = [], PIECE
        for view in self._left:
            batch.append(view[:room])
            room -= len(batch[-1])
            if not room or len(batch) == 64:
                break
        return batch


class _Chunks(list[Buffer]):
    """What a pickler writes to: it hands over bytes and bytearrays of 64 KiB and more as they are."""

    write = list.append


class Dumper:
    """A pickler that is used again and again: to make one takes as long as to pickle a small value."""

    def __init__(self, pickler: type[pickle.Pickler] = pickle.Pickler) -> None:
        self._chunks = _Chunks()
        self._buffers: list[pickle.PickleBuffer] = []
        self._pickler = pickler(self._chunks, 5, buffer_callback=self._buffers.append)

    def dumps(self, value: object) -> list[Part]:
        """See `dumps`. Nothing of the value is kept."""
        try:
            self._pickler.dump(value)
            body = self._chunks[0] if len(self._chunks) == 1 else Scattered(self._chunks[:])
            return [body, *[buffer.raw() for buffer in self._buffers]] if self._buffers else [body]
        finally:
            self._pickler.clear_memo()
            self._chunks.clear()
            self._buffers.clear()


_dumpers: list[Dumper] = []  # those that nobody uses: what is pickled may pickle something itself


def dumps(value: object) -> list[Part]:
    """Pickle a value into parts: the pickle first, then its out-of-band buffers."""
    try:
        dumper = _dumpers.pop()
    except IndexError:
        dumper = Dumper()
    try:
        return dumper.dumps(value)
    finally:
        _dumpers.append(dumper)


def dumps_whole(value: object) -> bytes:
    """Pickle a value in one piece, its buffers too."""
    return pickle.dumps(value, 5)


def loads(parts: Sequence[Buffer]) -> Any:
    """Unpickle what `dumps` made; buffers point into the received frame and are not copied."""
    try:
        return pickle.loads(parts[0], buffers=parts[1:]) if len(parts) > 1 else pickle.loads(parts[0])
    except ModuleNotFoundError as error:
        if error.name != WORKERS_MAIN:
            raise
    sys.modules[WORKERS_MAIN] = sys.modules["__main__"]  # as multiprocessing does when it is imported
    return pickle.loads(parts[0], buffers=parts[1:])
