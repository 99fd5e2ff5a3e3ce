"""The standard library's own tests of its executors, where this Python has them.

Left out are those of what is not ours to promise: the names of processes and threads, a pool that breaks as a
whole, how soon a call begins, and scripts that import their executor from `concurrent.futures`, whose rules
test_pool_exit.py has.
"""

from typing import ClassVar

import pytest

from asyncgen import KillableExecutor

util = pytest.importorskip("test.test_concurrent_futures.util", reason="this Python has no tests of its own")
from test.test_concurrent_futures import (  # noqa: E402
    executor,
    test_as_completed,
    test_init,
    test_process_pool,
    test_shutdown,
    test_wait,
)


class Ours(util.ExecutorMixin):
    """Has the tests that it is mixed into make their executor of ours."""

    executor_type = KillableExecutor


class TestExecutor(executor.ExecutorTest, Ours, util.BaseTestCase):
    """What is true of each executor."""

    test_map_chunksize = test_process_pool.ProcessPoolExecutorTest.test_map_chunksize


class TestWait(test_wait.WaitTests, Ours, util.BaseTestCase):
    """`concurrent.futures.wait`."""


class TestAsCompleted(test_as_completed.AsCompletedTests, Ours, util.BaseTestCase):
    """`concurrent.futures.as_completed`."""


class TestShutdown(test_shutdown.ExecutorShutdownTest, Ours, util.BaseTestCase):
    """The end of an executor."""

    test_interpreter_shutdown = None
    test_submit_after_interpreter_shutdown = None
    test_hang_gh83386 = None
    test_cancel_futures = None  # it relies on a call having begun before the next line


class TestInitializer(test_init.InitializerMixin, Ours, util.BaseTestCase):
    """An initializer with arguments."""


class TestFailingInitializer(Ours, util.BaseTestCase):
    """An initializer that raises: as `FailingInitializerMixin` has it, but for the log and a private flag."""

    worker_count = 2
    executor_kwargs: ClassVar = {"initializer": test_init.init_fail}

    def test_it_breaks_the_executor(self):
        """Each call fails alike, and in the end none is taken."""
        with pytest.raises(util.futures.BrokenExecutor):
            self.executor.submit(test_init.get_init_status).result()
        with pytest.raises(util.futures.BrokenExecutor):
            self.executor.submit(test_init.get_init_status)
