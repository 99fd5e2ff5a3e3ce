"""Memory of several processes, by words."""

import subprocess
import sys

import pytest

from asyncgen.calls import system
from asyncgen.calls.shared_memory import SharedMemory

COUNTER = """
import sys
from asyncgen.calls.shared_memory import SharedMemory
memory = SharedMemory(int(sys.argv[1]))
number = 0
while memory.numbers[0] == 0:
    number += 1
    memory.numbers[3] = number
    memory.seconds[4] = number
"""


def test_a_word_is_never_seen_half_written():
    """Not even as zero, which is what `struct.pack_into` shows for a moment."""
    descriptor = system.shared_memory(64)
    memory = SharedMemory(descriptor)
    with subprocess.Popen([sys.executable, "-c", COUNTER, str(descriptor)], pass_fds=[descriptor]):
        number = seconds = 0
        seen = set[int]()
        try:
            while len(seen) < 100_000:
                assert number <= memory.numbers[3]
                assert seconds <= memory.seconds[4]
                number, seconds = memory.numbers[3], memory.seconds[4]
                seen.add(number)
        finally:
            memory.numbers[0] = 1


def test_numbers_and_seconds_are_the_same_words(memory: SharedMemory):
    """As the machine has floats of double precision."""
    memory.seconds[2] = 1.0
    assert memory.numbers[2] == 0x3FF0_0000_0000_0000
    assert memory.bytes[16:24] == bytes.fromhex("000000000000f03f")


def test_what_is_closed_is_neither_read_nor_written(memory: SharedMemory):
    """And may be closed again."""
    memory.close()
    memory.close()
    assert memory.closed
    with pytest.raises(ValueError, match="released"):
        memory.numbers[0] = 1
