"""Answers that a worker has made and not sent yet, in memory that its parent can read.

    worker ──put──▶ outbox ──many at a time──▶ socket ──▶ parent
                      └──── unsent: where the worker is dead, or takes long ────▲

To send a small answer takes a worker, and to receive it takes the parent, as long as all else about it. So
the answers to small calls that travel together are sent together. Where they lie until then they are as safe
as in the socket: whoever kills the process does not take them with it.

Places are counted in bytes of all that the worker has ever sent. So the parent, which has received so many of
them, knows where to read on; and what it has read here it passes over when it comes by the socket.

Guarantees: what is read is what was put, in its order, and no byte of it twice or from a later turn.
Assumes: one writes and one reads; the reader of a process that lives comes long after what it reads was put;
    it begins at a multiple of a word.
"""

from asyncgen.calls.frames import Buffer
from asyncgen.calls.shared_memory import WORD, SharedMemory

SIZE = 32 * 1024  # bytes, with two words
WORDS = 2 * WORD  # bytes of the two words, base and end, behind which lies what was put


class Outbox:
    """One worker's, from either side."""

    def __init__(self, memory: SharedMemory, at: int, size: int = SIZE) -> None:
        """`at`: where its bytes begin, so many, which are blank; WORDS of them at least."""
        self._room = size - WORDS
        self._bytes, self._numbers = memory.bytes, memory.numbers
        self._base, self._end = at // WORD, at // WORD + 1
        self._data = at + WORDS
        self._sent = 0  # bytes, by whatever way
        self.held = 0  # bytes of what was put and not sent

    # -- the worker's side ---------------------------------------------------------------------------

    def put(self, frame: Buffer) -> bool:
        """Keep a frame until it is sent with others; False where there is no room for it."""
        start = self.held
        end = start + len(frame)
        if end > self._room:
            return False
        if not start:
            self._numbers[self._base] = self._sent
        self._bytes[self._data + start : self._data + end] = frame
        self._numbers[self._end] = self._sent + end
        self.held = end
        return True

    def content(self) -> bytes:
        """All that is to be sent."""
        return self._bytes[self._data : self._data + self.held]

    def note_sent(self, size: int) -> None:
        """So many bytes were sent: the content, or something else while there was none."""
        self._sent += size
        if self.held:
            self._numbers[self._base] = self._sent
            self.held = 0

    # -- the parent's side ---------------------------------------------------------------------------

    def unsent(self, received: int) -> bytes:
        """What was put here behind so many bytes; b"" where there is nothing, or it is being sent."""
        base = self._numbers[self._base]
        end = self._numbers[self._end]
        if not base <= received < end:
            return b""
        found = self._bytes[self._data + received - base : self._data + end - base]
        return found if self._numbers[self._base] == base else b""
