"""The future of a call that an executor makes: to cancel it kills, also while it runs."""

from collections.abc import Callable
from concurrent.futures import Future
from functools import partial
from typing import Any, Protocol, TypeVar

T = TypeVar("T")


class Canceller(Protocol):
    """Who can end the call of a future: see executor.SchedulerExecutor."""

    def cancel(self, future: "KillingFuture[Any]") -> bool:
        """See KillingFuture.cancel."""
        ...

    def check_may_wait(self, future: "KillingFuture[Any]", timeout: float | None) -> None:
        """Raise RuntimeError where waiting for the future would wait for ever."""


class KillingFuture(Future[T]):
    """The future of a submitted call. Unlike its base class it can be cancelled while it runs."""

    def __init__(self, executor: Canceller) -> None:
        super().__init__()
        self._executor: Canceller | None = executor
        self._begun = False

    def __repr__(self) -> str:
        return (
            super().__repr__().replace("state=pending", "state=running")
            if self.running()
            else super().__repr__()
        )

    def running(self) -> bool:
        """Whether a process is making the call."""
        return self._begun and not self.done()

    def cancel(self) -> bool:
        """Drop the call if it waits, kill the process that makes it if it runs; False if it is over.

        After True the future ends as cancelled: at once if the call waited, else when its process is dead.
        """
        executor = self._executor
        return executor.cancel(self) if executor is not None else self.cancelled()

    def result(self, timeout: float | None = None) -> T:
        """As of any future; on the loop's own thread, which would wait for itself, raises RuntimeError."""
        self._check_may_wait(timeout)
        try:
            return super().result(timeout)
        finally:
            del self  # as in the base class: no cycle through this frame

    def exception(self, timeout: float | None = None) -> BaseException | None:
        """As of any future; on the loop's own thread, which would wait for itself, raises RuntimeError."""
        self._check_may_wait(timeout)
        return super().exception(timeout)

    def _check_may_wait(self, timeout: float | None) -> None:
        if (executor := self._executor) is not None:
            executor.check_may_wait(self, timeout)

    def add_done_callback(self, fn: Callable[[Future[T]], object]) -> None:
        """As of any future. What a callback raises, asyncio.CancelledError too, stops nothing else."""
        super().add_done_callback(partial(_call_back, fn))

    def begin(self) -> None:
        """A process was given the call. For the executor."""
        self._begun = True

    def end(self, value: Any, error: BaseException | None = None) -> None:
        """The call has ended. For the executor, which the future lets go of."""
        self._executor = None
        if error is None:
            self.set_result(value)
        else:
            self.set_exception(error)

    def end_cancelled(self) -> None:
        """Nothing of the call runs any more. For the executor, which the future lets go of."""
        self._executor = None
        super().cancel()  # which the base class allows, as it takes a running call of ours for a waiting one
        self.set_running_or_notify_cancel()  # so that `concurrent.futures.wait` hears of it


def _call_back(function: Callable[[Future[T]], object], future: Future[T]) -> None:
    try:
        function(future)
    except (Exception, SystemExit, KeyboardInterrupt):
        raise
    except BaseException as error:  # the base class logs nothing but an Exception
        raise RuntimeError(f"a callback raised {error!r}") from error
