"""Clocks around functions: where the seconds of a row go, stage by stage."""

from collections import defaultdict
from collections.abc import Callable
from time import thread_time
from typing import Any


class Stages:
    """Clocks that stop while a stage inside them runs. `row`: seconds by stage."""

    def __init__(self) -> None:
        self.row: dict[str, float] = defaultdict(float)
        self._inside: list[float] = []

    def timed(self, name: str, call: Callable[..., Any], clock: Callable[[], float] = thread_time) -> Any:
        """Wrap a function so that its seconds are charged to the stage."""

        def wrapped(*args: Any, **kwargs: Any) -> Any:
            self._inside.append(0.0)
            started = clock()
            try:
                return call(*args, **kwargs)
            finally:
                took = clock() - started
                self.row[name] += took - self._inside.pop()
                if self._inside:
                    self._inside[-1] += took

        return wrapped
