"""What a worker's board shows its parent."""

import os
import subprocess
import sys
import time

import pytest

from asyncgen.calls.board import Boards
from asyncgen.calls.shared_memory import SharedMemory

WRITER = """
import sys
from asyncgen.calls.board import Board
from asyncgen.calls.shared_memory import SharedMemory
board = Board(SharedMemory(int(sys.argv[1])), int(sys.argv[2]))
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


def test_what_is_recalled_is_not_begun(boards: Boards):
    """What has begun is told; the rest may not, until all may again."""
    _, board = boards.take()
    assert board.may_begin(3)
    assert board.recall(3) == 3
    assert not board.may_begin(4)
    board.let_all_begin()
    assert board.may_begin(5)
    assert board.recall(4) == 5


RACER = """
import sys
from asyncgen.calls.board import Board
from asyncgen.calls.shared_memory import SharedMemory
board = Board(SharedMemory(int(sys.argv[1])), int(sys.argv[2]))
number = 0
for line in sys.stdin:
    while board.may_begin(number + 1):
        number += 1
    print(number, flush=True)
"""


def test_a_worker_and_its_parent_never_both_have_an_item(boards: Boards):
    """The parent recalls while the other process begins one after the other, as fast as it can."""
    place, board = boards.take()
    command = [sys.executable, "-c", RACER, str(boards.descriptor), str(place)]
    with subprocess.Popen(
        command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, pass_fds=[boards.descriptor]
    ) as racer:
        assert racer.stdin is not None
        assert racer.stdout is not None
        overtaken = rounds = 0
        while rounds < 300 or not overtaken:  # in none of which anybody was overtaken: it was no race
            rounds += 1
            before = board.begun
            board.let_all_begin()
            racer.stdin.write("go\n")
            racer.stdin.flush()
            while board.begun < before + 50:
                pass
            seen = board.begun
            last = board.recall(seen)
            overtaken += last > seen
            begun = int(racer.stdout.readline())
            assert seen <= begun <= last
        racer.stdin.close()


def test_what_is_written_to_a_descriptor_hits_no_board(boards: Boards):
    """A function that writes wherever it can finds the descriptor of the memory, too."""
    _, board = boards.take()
    board.begin(3)
    before = SharedMemory(boards.descriptor).bytes[:]
    os.write(os.dup(boards.descriptor), b"rubbish")
    after = SharedMemory(boards.descriptor)  # as another worker has it, of whatever size it is now
    assert after.bytes[: len(before)] == before
    assert board.begun == 3


def test_boards_lie_in_memory_that_is_shared(boards: Boards):
    """A second mapping of it, as a worker's."""
    place, board = boards.take()
    memory = SharedMemory(boards.descriptor)
    type(board)(memory, place).begin(5)
    assert board.begun == 5
    memory.close()
