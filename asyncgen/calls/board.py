"""Memory that a worker and its parent share: what the worker is doing just now, and how far it may go.

    worker ──number of the call, when it began, what is being imported──▶ its board ◀──looked at── parent
    worker ──looked at──▶ its board ◀──number of the last item to be begun── parent

So each call, and each item of a packet, has a clock of its own that costs no message: the parent looks at
the board when a limit may have been reached, and at no other time. And the parent can have back those items
of a packet that are not begun. The boards of all workers that a template starts lie side by side in one
piece of memory.

Guarantees: nobody ever waits for anybody, and a process that is killed leaves its board as it was. What was
    recalled is not begun: worker and parent each write first and then read (as in Dekker's algorithm), so
    that one of them at least sees what the other wrote.
Assumes: each word is written by one side alone (that the worker is to end its call, by the template); what
    one thread wrote is seen in its order but for a few nanoseconds; `time.monotonic` is the machine's
    clock, the same in every process.
"""

import errno
import os
import threading
import time

from asyncgen.calls import outbox, system
from asyncgen.calls.outbox import Outbox
from asyncgen.calls.shared_memory import WORD, SharedMemory

_HEADER = 64  # bytes before the first board, which hold how far it is from one to the next
_SIZE = 256  # bytes of a board, behind which its outbox lies
_BEFORE, _WHEN, _BEGUN, _LAST, _ENDING, _LENGTH, _TEXT = range(7)  # where they lie in a board, in words
_LONGEST = _SIZE - _TEXT * WORD  # bytes of text


class Board:
    """One worker's, from either side. Calls are numbered from 1, as the process gets them."""

    def __init__(self, memory: SharedMemory, place: int) -> None:
        stride = memory.numbers[0]
        start = _HEADER + place * stride
        self._at = at = start // WORD
        self._before, self._when, self._begun, self._last = at + _BEFORE, at + _WHEN, at + _BEGUN, at + _LAST
        self._text = start + _TEXT * WORD
        self._bytes, self._numbers, self._seconds = memory.bytes, memory.numbers, memory.seconds
        lock = threading.Lock()  # its own, as several threads may have boards
        lock.acquire()
        self._release, self._acquire = lock.release, lock.acquire
        self.outbox = Outbox(memory, start + _SIZE, stride - _SIZE)

    # -- the worker's side ---------------------------------------------------------------------------

    def begin(self, number: int, before: float = 0.0) -> None:
        """The call with this number is unpickled, and its function about to be called.

        `before`: CPU seconds that the process had used by then, where that matters.
        """
        self._seconds[self._before] = before
        self._seconds[self._when] = time.monotonic()
        self._numbers[self._begun] = number

    def may_begin(self, number: int) -> bool:
        """The item with this number is unpickled: whether its function is to be called now."""
        self._seconds[self._before] = 0.0
        self._seconds[self._when] = time.monotonic()
        self._numbers[self._begun] = number
        self._release()  # a barrier, as below
        self._acquire()
        last = self._numbers[self._last]
        return not last or number <= last

    def importing(self, name: str) -> None:
        """Note what is being imported now; "" for nothing."""
        text = name.encode(errors="replace")[:_LONGEST]
        self._numbers[self._at + _LENGTH] = 0
        self._bytes[self._text : self._text + len(text)] = text
        self._numbers[self._at + _LENGTH] = len(text)

    @property
    def is_ending(self) -> bool:
        """Whether the call is to be ended: the next SIGTERM means that."""
        return bool(self._numbers[self._at + _ENDING])

    # -- the template's side -------------------------------------------------------------------------

    def end(self) -> None:
        """The worker is to end its call."""
        self._numbers[self._at + _ENDING] = 1

    # -- the parent's side ---------------------------------------------------------------------------

    def let_all_begin(self) -> None:
        """Items of the next packet are not recalled yet; while no packet is under way."""
        self._numbers[self._last] = 0

    def recall(self, last: int) -> int:
        """Have no item begun behind the one with this number; the last that may have been begun all the same.

        Those between the two may have been begun or not, which the worker will tell. Those behind are not.
        """
        self._numbers[self._last] = last
        self._fence()
        return max(last, self.begun)

    def _fence(self) -> None:
        """Have what was written before seen by all before anything is read that comes after.

        To release a lock is a barrier one way, to take it one the other way.
        """
        self._release()
        self._acquire()

    @property
    def begun(self) -> int:
        """The number of the last call that has begun."""
        return self._numbers[self._begun]

    @property
    def when(self) -> float:
        """When it did, by `time.monotonic`."""
        return self._seconds[self._when]

    @property
    def before(self) -> float:
        """CPU seconds that the process had used by then, or 0 where its answers tell as much."""
        return self._seconds[self._before]

    @property
    def imported(self) -> str:
        """What was being imported last, while something was."""
        length = self._numbers[self._at + _LENGTH]
        return self._bytes[self._text : self._text + length].decode(errors="replace")


class Boards:
    """The boards of one template's workers, in the parent: each is taken for a process, and given back."""

    def __init__(self, count: int) -> None:
        """Raises OSError where there is no memory or no descriptor to be had.

        Under a limit on the size of files, which counts here too, outboxes have no room.
        """
        try:
            self._stride = _SIZE + outbox.SIZE
            self.descriptor = system.shared_memory(_HEADER + count * self._stride)
        except OSError as error:
            if error.errno != errno.EFBIG:
                raise
            self._stride = _SIZE + outbox.WORDS
            self.descriptor = system.shared_memory(_HEADER + count * self._stride)
        try:
            self._memory = SharedMemory(self.descriptor)
        except BaseException:
            os.close(self.descriptor)
            raise
        # A mapping keeps a descriptor, in workers too: whoever writes to that writes behind all boards.
        os.lseek(self.descriptor, 0, os.SEEK_END)
        self._memory.numbers[0] = self._stride
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
        start, blank = _HEADER + place * self._stride, _SIZE + outbox.WORDS
        self._memory.bytes[start : start + blank] = bytes(blank)
        return place, Board(self._memory, place)

    def give_back(self, place: int) -> None:
        """The process of this board is gone."""
        self._free.append(place)

    def close(self) -> None:
        """No board is looked at any more. May be called again."""
        if not self._memory.closed:
            self._memory.close()
            os.close(self.descriptor)
