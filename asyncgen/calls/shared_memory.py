"""Memory that several processes have mapped, read and written by whole words while all of them run.

Guarantees: a word is stored in one piece: whoever reads it meanwhile has the old value or the new one.
    `struct.pack_into` does not do that: it blanks the place first.
Assumes: the machine does not tear eight bytes that are stored at a multiple of eight.
"""

import mmap

WORD = 8  # bytes


class SharedMemory:
    """All that a descriptor leads to: its bytes, and the same as words; word i begins at byte 8 i."""

    def __init__(self, descriptor: int) -> None:
        """The descriptor may be closed afterwards. Behind the last whole word there are no words."""
        self.bytes = mmap.mmap(descriptor, 0)
        whole = memoryview(self.bytes)[: len(self.bytes) // WORD * WORD]
        self.numbers = whole.cast("Q")  # 0 to 2**64 - 1
        self.seconds = whole.cast("d")  # the same words, as floats
        whole.release()

    @property
    def closed(self) -> bool:
        """Whether it is not mapped any more, and can be neither read nor written (ValueError)."""
        return self.bytes.closed

    def close(self) -> None:
        """Unmap it. May be called again."""
        self.numbers.release()
        self.seconds.release()
        self.bytes.close()
