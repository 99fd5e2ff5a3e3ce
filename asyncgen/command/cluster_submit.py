"""Submits a run for the command line, and prints what came of it."""

from dataclasses import replace
from pathlib import Path

from asyncgen.cluster.connection import Server, answering, connect
from asyncgen.cluster.names import shard_files
from asyncgen.cluster.order import Order, work_of
from asyncgen.cluster.submission import Submitted, submit
from asyncgen.command import session, streams
from asyncgen.command.cluster_options import ShardOptions
from asyncgen.command.display import Display, Output, display, show_json, show_summary, summary
from asyncgen.command.exits import EXIT_FAILURE, EXIT_STOPPED
from asyncgen.command.options import ShowOptions
from asyncgen.command.printing import printed
from asyncgen.datasets.merging.merge import merge
from asyncgen.datasets.merging.merged import MergeSettings
from asyncgen.jobs.machine import machine, versions
from asyncgen.jobs.run import Control, RunSettings
from asyncgen.problems.errors import AsyncgenError, UsageError
from asyncgen.problems.kinds import is_constructed
from asyncgen.problems.records import Drops, Status
from asyncgen.problems.spec import Spec
from asyncgen.store import Reader, RunInfo

Wanted = tuple[Path, Spec, range, RunSettings]


def run_submit(server: Server, wanted: Wanted, shards: ShardOptions, show: ShowOptions) -> int:
    """Submit, wait, print; the exit status."""
    store, spec, indices, settings = wanted
    _check_name("--store", store)
    if shards.results is not None:
        _check_name("--results", shards.results)
    order = Order(
        store=store,
        spec=spec,
        indices=indices,
        settings=settings,
        results=shards.results,
        shard_rows=shards.shard_rows,
        heartbeat=shards.heartbeat,
        attempts=shards.attempts,
    )
    if show.log_file is not None:
        session.log_to(show.log_file)
    shown = display(Output(stderr=True), show.quiet, not show.no_progress)
    done = session.run(lambda control: _submitted(server, order, shards, control), shown, None)
    return _told(done, order, show, shown)


def _check_name(flag: str, path: Path) -> None:
    """Raise UsageError for a name that is no text: runs and messages have it in theirs."""
    try:
        str(path).encode()
    except UnicodeEncodeError:
        raise UsageError(f"{flag} {str(path)!a}: the name is not UTF-8, choose another") from None


async def _submitted(server: Server, order: Order, shards: ShardOptions, control: Control) -> Submitted:
    await _merge_results(order, control)  # of an earlier call
    client = await connect(server)
    shards.make_results()
    with answering():
        done = await submit(client, order, control)
        if order.results is None:
            return done
        before = done.progress.before
        while True:
            known = await _rows_of(order)
            await _merge_results(order, control)
            done = await _as_merged(done, order, before)
            if done.set_aside or done.progress.state != "done" or done.progress.rows >= done.progress.total:
                return done
            if known == await _rows_of(order):
                raise AsyncgenError(_nothing_came(done, order))
            done = await submit(client, order, control)


def _nothing_came(done: Submitted, order: Order) -> str:
    missing = done.progress.total - done.progress.rows
    return (
        f"{missing} rows are not in {order.results}, though nodes have put them there: is that the same "
        f"folder on all machines? Once it is seen here: asyncgen merge {order.store} {order.results}"
    )


async def _rows_of(order: Order) -> dict[Status, int]:
    async with Reader(order.store) as reader:
        return await reader.counts(order.indices.start, order.indices.stop)


async def _as_merged(done: Submitted, order: Order, before: int) -> Submitted:
    """What was done, with the rows that the store has now, so many of which were there before."""
    span = order.indices.start, order.indices.stop
    async with Reader(order.store) as reader:
        counts = await reader.counts(*span)
        drops = await reader.drops(*span) if is_constructed(order.spec) else Drops()
    progress = replace(
        done.progress,
        before=before,
        stored=sum(counts.values()) - before,
        counts=counts,
        empty=drops.empty,
        dropped=drops.reasons,
    )
    return replace(done, progress=progress)


async def _merge_results(order: Order, control: Control) -> None:
    """Merge what nodes have put into the folder of results, as far as there is anything to be seen."""
    if order.results is None:
        return
    work = work_of(order)
    stores = sorted(order.results.glob(shard_files(work.run, work.token)))
    if not stores:
        return
    run = RunInfo("merge", settings={"places": [str(order.results)]}, versions=versions(), machine=machine())
    await merge(order.store, stores, MergeSettings(run=run, complain=control.say), control.stop)


def _told(done: Submitted, order: Order, show: ShowOptions, shown: Display) -> int:
    """Print how it ended; the exit status."""
    progress = done.progress
    if show.json:
        aside = [
            {"start": one.span.start, "stop": one.span.stop, "error": one.error} for one in done.set_aside
        ]
        values = {**summary(progress, str(order.store)), "run": done.run, "set_aside": aside}
        printed(lambda console: show_json(console, values))
    elif not show.quiet:
        printed(lambda console: show_summary(console, progress, str(order.store)))
    for one in done.set_aside:
        streams.complain(
            f"asyncgen: rows {one.span.start}..{one.span.stop - 1} were set aside, as they failed too often: "
            f"{one.error}"
        )
    if done.set_aside:
        return EXIT_FAILURE
    if progress.state != "stopped":
        return 0
    if not show.quiet:
        rest = "the run goes on without this command; to have its rows" if done.goes_on else "to go on"
        shown.say(f"{progress.rows} of {progress.total} rows are stored; {rest}: {session.command_line()}")
    return EXIT_STOPPED
