"""What workers do with objects of `multiprocessing` that they were given."""

from typing import Any

things: list[Any] = []


def take(*given: Any) -> None:
    """An initializer."""
    things[:] = given


def count_up(times: int) -> None:
    """Add to a shared value, under its lock and without."""
    counter, lock, total, *_ = things
    for _ in range(times):
        with counter.get_lock():
            counter.value += 1
        with lock:
            total[0] += 1


def pass_on(value: Any) -> None:
    """Put something into the queue once the event is set."""
    _, _, _, queue, event, _ = things
    event.wait(30)
    queue.put(value)


def hold(semaphore_only: bool) -> int:
    *_, semaphore = things
    return int(semaphore.acquire(block=not semaphore_only))


def put(queue: Any, value: Any) -> None:
    """Use the proxy of a manager's queue."""
    queue.put(value)
