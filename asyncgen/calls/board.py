"""Memory that workers write and their parent reads: what each worker is doing just now.

    worker ──number of the call, when it began, what is being imported──▶ its board ◀──looked at── parent

So each call, and each item of a packet, has a clock of its own that costs no message: the parent looks at
the board when a limit may have been reached, and at no other time. The boards of all workers that a template
starts lie side by side in one piece of memory.

Guarantees: nobody ever waits for anybody, and a process that is killed leaves its board as it was.
Assumes: each board is written by its worker alone, but for the word that it is to end its call, which is the
    template's; eight bytes that are stored at a multiple of eight are not
    torn; `time.monotonic` is the machine's clock, the same in every process.
"""

import mmap
import os
import struct
import time

_SIZE = 256  # bytes of a board
_NUMBER, _TIME = struct.Struct("@Q"), struct.Struct("@d")  # native ones are stored in one piece
_BEGUN, _WHEN, _BEFORE, _ENDING, _LENGTH, _TEXT = range(0, 48, 8)  # where they lie in a board, in bytes


class Board:
    """One worker's, from either side. Calls are numbered from 1, as the process gets them."""

    def __init__(self, memory: mmap.mmap, place: int) -> None:
        self._memory = memory
        self._at = place * _SIZE

    # -- the worker's side ---------------------------------------------------------------------------

    def begin(self, number: int, before: float = 0.0) -> None:
        """The call with this number is unpickled, and its function about to be called.

        `before`: CPU seconds that the process had used by then, where that matters.
        """
        memory, at = self._memory, self._at
        _TIME.pack_into(memory, at + _BEFORE, before)
        _TIME.pack_into(memory, at + _WHEN, time.monotonic())
        _NUMBER.pack_into(memory, at + _BEGUN, number)

    def importing(self, name: str) -> None:
        """Note what is being imported now; "" for nothing."""
        text = name.encode(errors="replace")[: _SIZE - _TEXT]
        start = self._at + _TEXT
        _NUMBER.pack_into(self._memory, self._at + _LENGTH, 0)
        self._memory[start : start + len(text)] = text
        _NUMBER.pack_into(self._memory, self._at + _LENGTH, len(text))

    @property
    def is_ending(self) -> bool:
        """Whether the call is to be ended: the next SIGTERM means that."""
        return bool(self._read(_NUMBER, _ENDING))

    # -- the template's side -------------------------------------------------------------------------

    def end(self) -> None:
        """The worker is to end its call."""
        _NUMBER.pack_into(self._memory, self._at + _ENDING, 1)

    # -- the parent's side ---------------------------------------------------------------------------

    @property
    def begun(self) -> int:
        """The number of the last call that has begun."""
        return int(self._read(_NUMBER, _BEGUN))

    @property
    def when(self) -> float:
        """When it did, by `time.monotonic`."""
        return float(self._read(_TIME, _WHEN))

    @property
    def before(self) -> float:
        """CPU seconds that the process had used by then, or 0 where its answers tell as much."""
        return float(self._read(_TIME, _BEFORE))

    @property
    def imported(self) -> str:
        """What was being imported last, while something was."""
        length = min(int(self._read(_NUMBER, _LENGTH)), _SIZE - _TEXT)
        start = self._at + _TEXT
        return self._memory[start : start + length].decode(errors="replace")

    def _read(self, form: struct.Struct, place: int) -> float:
        value: float = form.unpack_from(self._memory, self._at + place)[0]
        return value


class Boards:
    """The boards of one template's workers, in the parent: each is taken for a process, and given back."""

    def __init__(self, count: int) -> None:
        """Raises OSError where there is no memory or no descriptor to be had."""
        self.descriptor = os.memfd_create("asyncgen-boards")
        try:
            os.ftruncate(self.descriptor, count * _SIZE)
            self._memory = mapped(self.descriptor)
        except BaseException:
            os.close(self.descriptor)
            raise
        self._count = count
        self._free = list(range(count - 1, -1, -1))

    @property
    def all_taken(self) -> bool:
        """Whether there is none for another process at the moment."""
        return not self._free

    def take(self) -> tuple[int, Board]:
        """A board that nobody has, blank, and its place. Raises OSError if there is none at the moment."""
        if not self._free:
            raise OSError(f"more than {self._count} worker processes, most of them about to end")
        place = self._free.pop()
        self._memory[place * _SIZE : (place + 1) * _SIZE] = bytes(_SIZE)
        return place, Board(self._memory, place)

    def give_back(self, place: int) -> None:
        """The process of this board is gone."""
        self._free.append(place)

    def close(self) -> None:
        """No board is looked at any more. May be called again."""
        if not self._memory.closed:
            self._memory.close()
            os.close(self.descriptor)


def mapped(descriptor: int) -> mmap.mmap:
    """The memory of all boards, of which workers take theirs by its place."""
    return mmap.mmap(descriptor, 0)
