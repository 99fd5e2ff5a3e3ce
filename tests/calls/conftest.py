"""What tests of calls share."""

import os
from collections.abc import Iterator

import pytest

from asyncgen.calls import outbox, system
from asyncgen.calls.shared_memory import SharedMemory


@pytest.fixture
def memory() -> Iterator[SharedMemory]:
    """Room for two outboxes."""
    descriptor = system.shared_memory(2 * outbox.SIZE)
    memory = SharedMemory(descriptor)
    os.close(descriptor)
    yield memory
    memory.close()
