"""Problems as they come, answered by a model and judged, in the same order.

    problems ──some at a time──▶ integrator (a thread) ──answers──▶ judging (worker processes) ──▶ Solution

Guarantees: neither the loop nor the model waits for a check. As many problems are answered together as are
    there, so that one that is typed alone is answered at once.
"""

import asyncio
from collections import deque
from collections.abc import AsyncGenerator, AsyncIterator
from typing import Any, NamedTuple

from asyncgen.learn.integrator import Integrator, Written
from asyncgen.learn.judging import Answered, Verdict, best_of, judged
from asyncgen.problems.records import Problem
from asyncgen.scheduler import Scheduler

Tokens = tuple[str, ...]
_TOGETHER = 64  # problems that are answered at a time


class Solution(NamedTuple):
    """A problem with the answers of a model, best first, and the verdicts up to the first right one."""

    problem: Problem
    written: list[Written]
    verdicts: list[Verdict]

    @property
    def best(self) -> tuple[Written | None, Verdict]:
        """The answer of which the check says most, and what it says."""
        return best_of(self.written, self.verdicts)


async def integrate(
    integrator: Integrator, scheduler: Scheduler, problems: AsyncIterator[Problem], beam: int
) -> AsyncGenerator[Solution, None]:
    """Each problem with its answers."""
    waiting: deque[tuple[Problem, list[Written]]] = deque()

    async def answers() -> AsyncIterator[Answered]:
        async for some in together(problems, _TOGETHER):
            asked = [tuple(problem.prefix.split()) for problem in some]
            found = await asyncio.to_thread(integrator.answers, asked, beam)
            for problem, tokens, written in zip(some, asked, found, strict=True):
                waiting.append((problem, written))
                yield Answered(problem.index, tokens, [one.answer for one in written])

    async for one in judged(scheduler, answers()):
        problem, written = waiting.popleft()
        yield Solution(problem, written, list(one.verdicts))


async def together(source: AsyncIterator[Any], most: int) -> AsyncIterator[list[Any]]:
    """Items as they come, those together that are there at the same time, at most so many."""
    queue: asyncio.Queue[Any] = asyncio.Queue(maxsize=most)
    end = object()

    async def fill() -> None:
        async for item in source:
            await queue.put(item)
        await queue.put(end)

    filling = asyncio.create_task(fill())
    try:
        while True:
            first = asyncio.ensure_future(queue.get())
            await asyncio.wait({first, filling}, return_when=asyncio.FIRST_COMPLETED)
            if not first.done() and filling.exception() is not None:
                first.cancel()
                filling.result()
            items = [await first]
            while not queue.empty() and len(items) < most:
                items.append(queue.get_nowait())
            if some := [item for item in items if item is not end]:
                yield some
            if items[-1] is end:
                return
    finally:
        filling.cancel()
        await asyncio.wait({filling})
