"""Label single functions that somebody typed: the way of the main job, without a stream or a store.

    text ──reader──▶ Problem ──scheduler──▶ worker process ──Outcome──▶ caller

Guarantees: the text is read as data, in this process, before any other is started. SymPy runs in the worker
    alone, which is killed at the time limit. Nothing is left running behind a returned call.
"""

import asyncio
import threading
from collections.abc import Coroutine
from typing import Any, TypeVar

from asyncgen.calls.options import Options
from asyncgen.jobs.labelling import outcome_of, scheduler_settings, solver
from asyncgen.jobs.limits import DEFAULT_TIMEOUT, MOST_SECONDS, Limits, Workforce
from asyncgen.problems.files import problem_of
from asyncgen.problems.records import Outcome, Problem
from asyncgen.scheduler import Scheduler

T = TypeVar("T")


def label(text: str, *, timeout: float = DEFAULT_TIMEOUT, wall_timeout: float | None = None) -> Outcome:
    """Integrate the function, check the answer, and say what became of it.

    `text` is a function of x in Python's notation ("x*exp(x)") or in prefix notation ("mul x exp x").
    `timeout` is in CPU seconds of the work itself, so that a busy machine changes no outcome; `wall_timeout`
    ends it after so many seconds in any case, for who cannot wait. Before it, each call spends about 0.7 s on
    starting a process with SymPy, which `label_async` with a scheduler of yours spends only once.

    Works anywhere: in a script, with or without a main guard, and where an event loop is already running,
    as in a notebook. There it holds up that loop while it waits, so that `await label_async(...)` is better.

    The outcome follows from the function and the timeout, except for work that only just fits into it; its
    `index` is 0. Raises ParseError for a text that is no function, TypeError for what is no text, and
    ValueError for an impossible timeout, all before any process starts.
    """
    problem, limits, options = _problem(text), _limits(timeout), _options(timeout, wall_timeout)
    return _run_aside(_label_alone(problem, limits, options))


async def label_async(
    text: str,
    *,
    timeout: float = DEFAULT_TIMEOUT,
    wall_timeout: float | None = None,
    scheduler: Scheduler | None = None,
) -> Outcome:
    """The awaitable twin of `label`; cancelling it kills the work.

    With an open `labelling_scheduler`, many calls share its processes and run side by side; how long a call
    waits for a free one does not count. Raises as `label`, and SchedulerError where no process can be had.
    """
    problem, limits, options = _problem(text), _limits(timeout), _options(timeout, wall_timeout)
    if scheduler is None:
        return await _label_alone(problem, limits, options)
    return await _label(problem, limits, options, scheduler)


def labelling_scheduler(workers: int | None = None) -> Scheduler:
    """A scheduler, to be opened with `async with`, whose processes are ready for mathematics.

    `workers`: processes, by default one for each usable core. Each call brings its own limits of time.
    """
    workforce = Workforce() if workers is None else Workforce(workers=workers)
    return Scheduler(scheduler_settings(Limits(), workforce))


def _problem(text: object) -> Problem:
    if not isinstance(text, str):
        raise TypeError(f'pass the function as text, such as label("x*exp(x)"), not as {type(text).__name__}')
    return problem_of(text)


def _limits(timeout: float) -> Limits:
    if not 0 < timeout <= MOST_SECONDS:
        raise ValueError(f"timeout must be a number of seconds above 0, not {timeout}")
    return Limits(timeout=timeout)


def _options(timeout: float, wall_timeout: float | None) -> Options:
    if wall_timeout is not None and not wall_timeout > 0:
        raise ValueError(f"wall_timeout must be a number of seconds above 0, not {wall_timeout}")
    return Options(cpu_limit=timeout, timeout=wall_timeout)


async def _label_alone(problem: Problem, limits: Limits, options: Options) -> Outcome:
    async with labelling_scheduler(workers=1) as scheduler:
        return await _label(problem, limits, options, scheduler)


async def _label(problem: Problem, limits: Limits, options: Options, scheduler: Scheduler) -> Outcome:
    return outcome_of(await scheduler.call(problem, solver(limits), (problem,), options))


def _run_aside(job: Coroutine[Any, Any, T]) -> T:
    """Run a coroutine on an event loop of its own in a fresh thread, and wait for it.

    Always, although a plain script could do with `asyncio.run`: one way has one behaviour to know and to
    test. Whatever ends the waiting, Ctrl-C included, cancels the job, and is raised once the job has ended.
    """
    runner = asyncio.Runner(loop_factory=asyncio.new_event_loop)  # so that it leaves this thread's loop alone
    loop = runner.get_loop()

    def serve() -> None:
        with runner:  # whose end cancels what still runs, and waits for it
            loop.run_forever()

    thread = threading.Thread(target=serve, name="asyncgen-label")
    thread.start()
    try:
        return asyncio.run_coroutine_threadsafe(job, loop).result()
    finally:
        loop.call_soon_threadsafe(loop.stop)
        thread.join()
