"""The main job: functions that are sampled → scheduler → worker processes → store.

    store.gaps ──indices──▶ functions ──Problem──▶ scheduler ──CallResult──▶ batches ──Outcome──▶ store

Guarantees: every index of the range ends as exactly one stored row; a stop, a crash or a kill loses at most
    what was under way, and the next run finds the gaps and fills them.
Assumes: one run at a time for each store (the store refuses a second).
"""

from collections.abc import AsyncGenerator, Awaitable, Callable, Collection, Iterable, Iterator, Sequence
from contextlib import aclosing
from dataclasses import replace
from functools import partial
from itertools import islice
from pathlib import Path
from typing import Protocol

from asyncgen.jobs.labelling import limits_of
from asyncgen.jobs.machine import machine, versions
from asyncgen.jobs.progress import Progress, Tally
from asyncgen.jobs.run import Control, Job, Problems, RunSettings
from asyncgen.problems.errors import UsageError
from asyncgen.problems.kinds import check_table, is_constructed
from asyncgen.problems.records import Problem, Status
from asyncgen.problems.spec import Spec
from asyncgen.sampler import Sampler
from asyncgen.store import Reader, RunInfo, Store

_DECISIVE = (
    "timeout_cpu_seconds",
    "memory_limit_bytes",
    "statuses",
)  # settings that make a retry the same retry
_EARLIER = ("timeout_wall_seconds",)  # limits that runs of earlier versions had
_WITHOUT_LIMITS = ("retry", "merge")  # runs whose limits are not those of the rows to come
_DRAWN = 64  # problems at a time: about a millisecond of work for the loop
_MOST_INDICES = 2**63 - 1  # SQLite's integers are signed


class Functions(Protocol):
    """Problems by index: a sampler's, or those of a file."""

    def stream(self, ranges: Iterable[range]) -> Iterator[Problem]:
        """The problems of these ranges of indices, in their order."""


Reach = Callable[[int], Awaitable[int]]  # waits for problem number i; how many there are by then


async def _everywhere(index: int) -> int:
    return _MOST_INDICES


async def generate(
    path: Path,
    spec: Spec,
    indices: range,
    settings: RunSettings | None = None,
    control: Control | None = None,
) -> Progress:
    """Label the problems of a range of indices into the store at `path`, filling the gaps there.

    The progress returned says how it ended. Raises UsageError (StoreError) where the store cannot serve.
    """
    settings, control = settings or RunSettings(), control or Control()
    _check_indices(indices)
    settings = replace(settings, limits=limits_of(settings.limits, spec))
    async with Store(path, spec, settings.patience, control.stop) as store:
        tally = await _tally(store, spec, indices)
        if tally.complete:
            return tally.snapshot("nothing")
        job = Job(settings, tally, control, spec)
        return await fill(store, job, "generate", indices, missing(store, Sampler(spec), indices))


async def _tally(store: Store, spec: Spec, indices: range) -> Tally:
    """What is there of a range; attempts are counted only where there are any."""
    span = indices.start, indices.stop
    drops = await store.drops(*span) if is_constructed(spec) else None
    return Tally(len(indices), await store.counts(*span), drops)


async def fill(store: Store, job: Job, command: str, indices: range, source: Problems) -> Progress:
    """Run a job for what is missing of a range. Raises UsageError if the rows there have other limits."""
    await check_limits(store, job.settings)
    run = await store.begin_run(_run_info(command, job.settings, indices))
    return await job.run(store, run, source, partial(store.add, run))


async def retry(
    path: Path,
    statuses: Collection[Status],
    settings: RunSettings | None = None,
    control: Control | None = None,
) -> Progress:
    """Give the rows of these statuses another chance under these settings; earlier attempts are kept.

    The same call after a stop goes on with the rows that have not had theirs. Raises as `generate`.
    """
    settings, control = settings or RunSettings(), control or Control()
    async with Reader(path, settings.patience, control.stop) as reader:
        spec = await reader.spec()
    check_table(spec)
    if spec.answers:
        raise UsageError(
            f"the rows of {path} came with their answers: to have them checked again, import the file into "
            "another store"
        )
    settings = replace(settings, limits=limits_of(settings.limits, spec))
    async with Store(path, spec, settings.patience, control.stop) as store:
        info = _run_info("retry", settings, None, sorted(statuses))
        chain = await _interrupted_retry(store, info)
        tally = Tally(await store.count_candidates(statuses, chain), {})
        if tally.complete:
            if chain is not None:  # it was cut after its last row: the next call begins anew
                await store.end_run(await store.begin_run(replace(info, chain=chain)), "done")
            return tally.snapshot("nothing")
        run = await store.begin_run(replace(info, chain=chain))
        job = Job(settings, tally, control, spec)
        source = _candidates(store, statuses, chain or run)
        return await job.run(store, run, source, partial(store.retry, run))


def _check_indices(indices: range) -> None:
    if indices.step != 1:
        raise UsageError(f"a job fills every index of its range: {indices} leaves some out")
    if len(indices) and (indices.start < 0 or indices.stop > _MOST_INDICES):
        raise UsageError(f"the indices of a store lie in 0 .. 2**63 - 2, and {indices} goes beyond")


async def missing(
    store: Store, functions: Functions, indices: range, reach: Reach = _everywhere
) -> AsyncGenerator[Problem, None]:
    """The problems of a range that have no row, in order, as far as they can be reached."""
    async with aclosing(store.gaps(indices.start, indices.stop)) as gaps:
        async for gap in gaps:
            start = gap.start
            while (stop := min(gap.stop, await reach(start))) > start:
                problems = functions.stream([range(start, stop)])
                while drawn := list(islice(problems, _DRAWN)):
                    for problem in drawn:
                        yield problem
                start = stop


async def _candidates(
    store: Store, statuses: Collection[Status], below_run: int
) -> AsyncGenerator[Problem, None]:
    async with aclosing(store.retry_candidates(statuses, below_run)) as pages:
        async for page in pages:
            for problem in page:
                yield problem


def _run_info(
    command: str, settings: RunSettings, indices: range | None, statuses: Sequence[Status] = ()
) -> RunInfo:
    said = {**settings.limits.as_dict(), **settings.workforce.as_dict()}
    if statuses:
        said["statuses"] = [str(status) for status in statuses]
    start, stop = (indices.start, indices.stop) if indices is not None else (None, None)
    return RunInfo(command, start, stop, said, versions(), machine())


async def check_limits(store: Store, settings: RunSettings) -> None:
    """Refuse to mix labels made under different limits, unless the caller says so."""
    earlier = [run for run in await store.runs() if run.info.command not in _WITHOUT_LIMITS]
    if not earlier or settings.new_limits:
        return
    before, now = earlier[-1].info.settings, settings.limits.as_dict()
    changed = [
        f"{name} was {_said(before.get(name))} and is {_said(now.get(name))}"
        for name in (*now, *_EARLIER)
        if before.get(name) != now.get(name)
    ]
    if changed:
        raise UsageError(
            f"the rows of {store.path} were made under other limits: {'; '.join(changed)}. Repeat the "
            "earlier limits, or say --new-limits to go on with the new ones (every row names its run)"
        )


def _said(value: object) -> str:
    """A recorded setting as people say it; engines come as seconds by name, and no limit as None."""
    if value is None:
        return "not set"
    if isinstance(value, dict):
        return ", ".join(f"{name} {seconds:g} s" for name, seconds in value.items())
    return str(value)


async def _interrupted_retry(store: Store, info: RunInfo) -> int | None:
    """The first run of the same retry, if the last run was one and did not reach its end."""
    last = await store.last_run()
    if last is None or last.info.command != "retry" or last.how_ended == "done":
        return None
    same = all(last.info.settings.get(name) == info.settings[name] for name in _DECISIVE)
    return last.chain if same else None
