"""joblib: `Parallel` over processes that can be killed, with a time limit for each task.

pip install asyncgen joblib
"""

import math
import time
from collections.abc import Callable
from concurrent.futures import Future
from typing import Any

import joblib
from joblib.parallel import ParallelBackendBase

from asyncgen import KillableExecutor


class KillableBackend(ParallelBackendBase):
    """Gives joblib's tasks to a pool, which stays open until whoever opened it closes it."""

    supports_retrieve_callback = True

    def __init__(self, pool: KillableExecutor, workers: int, **more: Any) -> None:
        super().__init__(**more)
        self._pool = pool
        self._workers = workers
        self._futures: set[Future[Any]] = set()

    def effective_n_jobs(self, n_jobs: int | None) -> int:
        """How many tasks run at a time: the pool decides."""
        return self._workers

    def submit(self, func: Callable[[], Any], callback: Callable[[Any], None] | None = None) -> Future[Any]:
        """Start a task; joblib hands over a function without arguments."""
        future = self._pool.submit(func)
        self._futures.add(future)
        future.add_done_callback(self._futures.discard)
        if callback is not None:
            future.add_done_callback(callback)
        return future

    def retrieve_result_callback(self, out: Future[Any]) -> Any:
        """What the task returned or raised."""
        return out.result()

    def abort_everything(self, ensure_ready: bool = True) -> None:
        """One task has failed: kill the others."""
        for future in list(self._futures):
            future.cancel()


if __name__ == "__main__":
    with KillableExecutor(workers=2, timeout=1.0) as executor:
        joblib.register_parallel_backend("killable", KillableBackend)
        with joblib.parallel_config("killable", pool=executor, workers=2):
            print(joblib.Parallel()(joblib.delayed(math.factorial)(number) for number in range(8)))
            try:
                joblib.Parallel()(joblib.delayed(time.sleep)(seconds) for seconds in (0.1, 1000, 1000))
            except TimeoutError as error:
                print(error)
            print(joblib.Parallel()([joblib.delayed(abs)(-1)]), "as the pool goes on")
