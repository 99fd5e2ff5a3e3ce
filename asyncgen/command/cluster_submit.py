"""Submits a run for the command line, and prints what came of it."""

from dataclasses import replace
from pathlib import Path

from asyncgen.cluster.connection import Server, answering, connect
from asyncgen.cluster.submission import Order, Submitted, submit
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
from asyncgen.problems.kinds import is_constructed
from asyncgen.problems.records import Drops
from asyncgen.problems.spec import Spec
from asyncgen.store import Reader, RunInfo

Wanted = tuple[Path, Spec, range, RunSettings]


def run_submit(server: Server, wanted: Wanted, shards: ShardOptions, show: ShowOptions) -> int:
    """Submit, wait, print; the exit status."""
    store, spec, indices, settings = wanted
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
    done = session.run(lambda control: _submitted(server, order, control), shown, None)
    return _told(done, order, show, shown)


async def _submitted(server: Server, order: Order, control: Control) -> Submitted:
    await _merge_results(order, control)  # of an earlier call
    client = await connect(server)
    with answering():
        done = await submit(client, order, control)
    if order.results is None:
        return done
    if not await _merge_results(order, control):
        control.say(f"the rows are in {order.results}: asyncgen merge {order.store} {order.results}")
        return done
    async with Reader(order.store) as reader:
        span = order.indices.start, order.indices.stop
        counts = await reader.counts(*span)
        drops = await reader.drops(*span) if is_constructed(order.spec) else Drops()
    progress = replace(
        done.progress,
        stored=sum(counts.values()) - done.progress.before,
        counts=counts,
        empty=drops.empty,
        dropped=drops.reasons,
    )
    return replace(done, progress=progress)


async def _merge_results(order: Order, control: Control) -> bool:
    """Merge what nodes have put into the folder of results; whether there is anything to be seen."""
    folder = order.results
    if folder is None or not any(folder.glob("*.db")):
        return False
    run = RunInfo("merge", settings={"places": [str(folder)]}, versions=versions(), machine=machine())
    await merge(order.store, [folder], MergeSettings(run=run, complain=control.say), control.stop)
    return True


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
