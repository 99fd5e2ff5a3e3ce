"""Objects of `multiprocessing` that the parent and its workers share."""

import multiprocessing
import subprocess
import sys
from pathlib import Path

import pytest
import shared_things
import workload

from asyncgen.calls.errors import SchedulerError
from asyncgen.pool import KillableExecutor

pytestmark = pytest.mark.chaos  # real processes, many of them


@pytest.mark.parametrize("method", ["fork", "spawn", "forkserver"])
@pytest.mark.parametrize("start", ["template", "spawn"])
def test_they_may_be_arguments_of_an_initializer(method: str, start):
    """Of whatever start method they were made; workers that come later have them too."""
    context = multiprocessing.get_context(method)
    counter, lock, total = context.Value("i", 0), context.Lock(), context.Array("i", 1, lock=False)
    queue, event, semaphore = context.Queue(), context.Event(), context.Semaphore(2)
    given = (counter, lock, total, queue, event, semaphore)
    with KillableExecutor(
        2, calls_per_worker=2, start_method=start, initializer=shared_things.take, initargs=given
    ) as pool:
        waiting = pool.submit(shared_things.pass_on, "heard")
        list(pool.map(shared_things.count_up, [500] * 6, chunksize=1))
        assert counter.value == total[0] == 3000
        event.set()
        assert queue.get(timeout=30) == "heard"
        assert waiting.result() is None
        assert [pool.submit(shared_things.hold, True).result() for _ in range(3)] == [1, 1, 0]
        assert not semaphore.acquire(block=False)
        with lock:
            pass
    queue.close()
    queue.join_thread()


def test_a_lock_that_is_held_is_refused():
    """It would be another one for its holder than for the workers."""
    lock = multiprocessing.get_context("fork").Lock()
    with lock, pytest.raises(SchedulerError, match="in initargs is held"):
        KillableExecutor(1, initializer=shared_things.take, initargs=(lock,))


@pytest.mark.parametrize("start", ["template", "spawn"])
def test_proxies_of_a_manager_work_in_calls(start):
    """The usual way to report progress; also where the manager came after the pool."""
    with KillableExecutor(2, start_method=start) as pool:
        assert pool.submit(workload.echo, 1).result() == 1
        with multiprocessing.Manager() as manager:
            queue = manager.Queue()
            pool.submit(shared_things.put, queue, 1).result()
            list(pool.map(shared_things.put, [queue] * 5, range(5), chunksize=5))
            assert sorted(queue.get(timeout=30) for _ in range(6)) == [0, 1, 1, 2, 3, 4]


PROGRAM = """
import multiprocessing, sys
sys.path.insert(0, {tests!r})
from tqdm.contrib.concurrent import process_map
import tqdm.contrib.concurrent
import asyncgen, concurrent.futures

def square(number):
    return number * number

if __name__ == "__main__":
    concurrent.futures.ProcessPoolExecutor = asyncgen.KillableExecutor
    print(process_map(square, range(20), max_workers=2, chunksize=3, disable=True))
"""


def test_process_map_of_tqdm(tmp_path: Path):
    """Which hands the lock of its bars to each worker."""
    pytest.importorskip("tqdm")
    (tmp_path / "program.py").write_text(PROGRAM.format(tests=str(Path(__file__).parent)))
    done = subprocess.run(
        [sys.executable, str(tmp_path / "program.py")], capture_output=True, text=True, timeout=60
    )
    assert done.stdout == f"{[number * number for number in range(20)]}\n", done.stderr
