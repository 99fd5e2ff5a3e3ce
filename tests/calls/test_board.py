"""What a worker's board shows its parent."""

import os
import subprocess
import sys
import time

import pytest

from asyncgen.calls.board import Boards, mapped

WRITER = """
import sys
from asyncgen.calls.board import Board, mapped
board = Board(mapped(int(sys.argv[1])), int(sys.argv[2]))
board.begin(7, 1.5)
board.importing("slow.module")
"""


@pytest.fixture
def boards():
    boards = Boards(10)
    yield boards
    boards.close()
    boards.close()


def test_another_process_is_read_at_once(boards: Boards):
    """The number, the time and the CPU of what has begun, and what is being imported; nobody else's board."""
    place, board = boards.take()
    _, other = boards.take()
    assert (board.begun, board.imported) == (0, "")
    before = time.monotonic()
    command = [sys.executable, "-c", WRITER, str(boards.descriptor), str(place)]
    subprocess.run(command, check=True, pass_fds=[boards.descriptor], env={**os.environ})
    assert (board.begun, board.before, board.imported) == (7, 1.5, "slow.module")
    assert before < board.when < time.monotonic()
    assert (other.begun, other.imported) == (0, "")


def test_a_board_that_was_given_back_is_blank_when_it_is_taken_again(boards: Boards):
    """And there are no more than there is room for."""
    place, board = boards.take()
    board.begin(3)
    board.importing("x" * 10_000)
    assert set(board.imported) == {"x"}
    boards.give_back(place)
    again, blank = boards.take()
    assert (again, blank.begun, blank.imported) == (place, 0, "")
    with pytest.raises(OSError, match="more than 10 worker processes"):
        for _ in range(10):
            boards.take()


def test_boards_lie_in_memory_that_is_shared(boards: Boards):
    """A second mapping of it, as a worker's."""
    place, board = boards.take()
    memory = mapped(boards.descriptor)
    type(board)(memory, place).begin(5)
    assert board.begun == 5
    memory.close()
