"""dask: a graph of tasks in processes that can be killed, with a time limit for each task.

pip install asyncgen dask
"""

import math
import time

import dask

from asyncgen import KillableExecutor


@dask.delayed
def factorial(number: int) -> int:
    return math.factorial(number)


@dask.delayed
def slow(seconds: float) -> float:
    time.sleep(seconds)
    return seconds


@dask.delayed
def total(values: list[int]) -> int:
    return sum(values)


if __name__ == "__main__":
    with KillableExecutor(workers=2, timeout=1.0) as pool, dask.config.set(scheduler="processes", pool=pool):
        print(total([factorial(number) for number in range(10)]).compute())
        try:
            slow(1000).compute()
        except TimeoutError as error:
            print(error)
        print(total([1, 2]).compute(), "as the pool goes on")
