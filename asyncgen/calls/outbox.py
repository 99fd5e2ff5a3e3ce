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
    eight bytes that are stored at a multiple of eight are not torn.
"""

import mmap
import struct

from asyncgen.calls.frames import Buffer

SIZE = 32 * 1024  # bytes, with two words
_WORD = struct.Struct("@Q")
_BASE, _END, WORDS = 0, 8, 16  # where the words lie; their bytes, behind which lies what was put


class Outbox:
    """One worker's, from either side."""

    def __init__(self, memory: mmap.mmap, at: int, size: int = SIZE) -> None:
        """`at`: where its bytes begin, so many, which are blank; WORDS of them at least."""
        self._room = size - WORDS
        self._memory = memory
        self._at = at
        self._end_at = at + _END
        self._data = at + WORDS
        self._sent = 0  # bytes, by whatever way
        self.held = 0  # bytes of what was put and not sent

    # -- the worker's side ---------------------------------------------------------------------------

    def put(self, frame: Buffer) -> bool:
        """Keep a frame until it is sent with others; False where there is no room for it."""
        memory, start = self._memory, self.held
        end = start + len(frame)
        if end > self._room:
            return False
        if not start:
            _WORD.pack_into(memory, self._at + _BASE, self._sent)
        memory[self._data + start : self._data + end] = frame
        _WORD.pack_into(memory, self._end_at, self._sent + end)
        self.held = end
        return True

    def content(self) -> bytes:
        """All that is to be sent."""
        return self._memory[self._data : self._data + self.held]

    def note_sent(self, size: int) -> None:
        """So many bytes were sent: the content, or something else while there was none."""
        self._sent += size
        if self.held:
            _WORD.pack_into(self._memory, self._at + _BASE, self._sent)
            self.held = 0

    # -- the parent's side ---------------------------------------------------------------------------

    def unsent(self, received: int) -> bytes:
        """What was put here behind so many bytes; b"" where there is nothing, or it is being sent."""
        base = self._read(_BASE)
        end = self._read(_END)
        if not base <= received < end:
            return b""
        found = self._memory[self._data + received - base : self._data + end - base]
        return found if self._read(_BASE) == base else b""

    def _read(self, place: int) -> int:
        word: int = _WORD.unpack_from(self._memory, self._at + place)[0]
        return word
