"""What happens in a worker process: one problem in, one outcome out.

The top level imports the standard library and the records only, so that the parent can name
`solve` without SymPy; the mathematics comes in inside the functions.
"""

import pickle
from collections.abc import Sequence
from contextlib import suppress
from functools import cached_property, lru_cache, partial
from typing import Any, TypeVar

from asyncgen.records import Outcome, Problem, Slices

T = TypeVar("T")

# Integrals that between them touch the code that nearly every problem needs.
WARMING = (
    "mul x exp x",
    "mul x sin x",
    "sqrt add x INT+ 1",
    "div ln x x",
    "exp mul INT- 1 pow2 x",
    "inv add INT+ 1 pow2 x",
)


def solve(problem: Problem, slices: Slices) -> Outcome:
    """The outcome of a problem, without its seconds: those of the call are the scheduler's to measure.

    To be called in the main thread, where the slices' timer works. Raises UsageError for a kind of
    problem, or an engine, that does not exist; all else that can go wrong is a status.
    """
    from asyncgen.kinds import kind

    return kind(problem.kind).solve(problem, slices)


class PickledOnce(partial[T]):
    """A partial that keeps its own pickle, as it travels with every call: its arguments must not change."""

    @cached_property
    def _packed(self) -> bytes:
        return pickle.dumps((self.func, self.args, self.keywords), protocol=5)

    def __reduce__(self) -> tuple[Any, ...]:
        return _unpacked, (self._packed,)


@lru_cache(maxsize=16)
def _unpacked(packed: bytes) -> PickledOnce[Any]:
    function, args, keywords = pickle.loads(packed)
    return PickledOnce(function, *args, **keywords)


def prepare(engines: Sequence[str]) -> None:
    """Start the engines that are processes of their own; called in every fresh worker."""
    from asyncgen.integrators.engine import engine

    for name in engines:
        start = getattr(engine(name), "start", None)
        if start is not None:
            with suppress(Exception):  # it is tried again with each problem, whose outcome then says why
                start()


def load() -> None:
    """Import the mathematics and use a little of it, so that forked children need not."""
    solve(Problem(index=0, prefix=WARMING[0], operators=0), Slices(parse=5, engines=(("risch", 5),), check=5))


def warm() -> None:
    """Import the mathematics and solve a few problems, so that forked children inherit warm caches.

    Starts no threads and leaves no timer running.
    """
    slices = Slices(parse=5, engines=(("risch", 5), ("integrate", 5)), check=5)
    for index, prefix in enumerate(WARMING):
        solve(Problem(index=index, prefix=prefix, operators=0), slices)
