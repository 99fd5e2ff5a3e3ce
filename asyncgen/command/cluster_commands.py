"""The commands of the cluster: a server for a laptop, nodes, and runs over all of them."""

import asyncio
import sys
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Literal

from cyclopts import App, Parameter

from asyncgen.command.app import app
from asyncgen.command.cluster_options import NodeOptions, ServerOptions, ShardOptions
from asyncgen.command.options import (
    Count,
    First,
    LimitOptions,
    NewLimits,
    SamplingOptions,
    ShowOptions,
    check_engines,
    indices_of,
    port_number,
    whole,
)

if TYPE_CHECKING:
    from temporalio.client import Client

    from asyncgen.cluster.connection import Server
    from asyncgen.cluster.overview import Handle

cluster = App(
    name="cluster",
    help="The main job over many machines, with a Temporal server: nodes label, one submitter has the store.",
)
app.command(cluster)

RunName = Annotated[
    str | None, Parameter(name="--run", help="Name of the run (default: the only one that is open).")
]


@cluster.command
def server(
    *,
    state: Annotated[Path, Parameter(help="File with the server's state.")] = Path("temporal.db"),
    host: Annotated[str, Parameter(help="Address to listen at; 0.0.0.0 for all of this machine's.")] = (
        "127.0.0.1"
    ),
    port: Annotated[int, Parameter(help="Port to listen at.", converter=whole)] = 7233,
    ui_port: Annotated[
        int | None, Parameter(help="Port of pages for a browser (default: none).", converter=whole)
    ] = None,
    log_level: Annotated[
        Literal["debug", "info", "warn", "error", "never"], Parameter(help="What the server logs.")
    ] = "error",
) -> int:
    """Run a development server on this machine until it is interrupted.

    It keeps all in one file and has no access control: for a laptop, or a few machines that trust each other.
    """
    from asyncgen.cluster.server import ServerSettings, become_server
    from asyncgen.command import streams

    port_number("--port", port)
    if ui_port is not None:
        port_number("--ui-port", ui_port)
    settings = ServerSettings(state=state, host=host, port=port, ui_port=ui_port, log_level=log_level)
    become_server(settings, streams.complain)


@cluster.command
def node(
    *,
    node: NodeOptions = NodeOptions(),  # noqa: B008 - frozen
    where: ServerOptions = ServerOptions(),  # noqa: B008
) -> int:
    """Label shards of whatever runs there are, until SIGTERM or an interrupt: then what is labelled is sent.

    The exit status is 1 where this machine turns out to be unable to label.
    """
    server = where.server()
    from asyncgen.command.cluster_node import run_node

    return run_node(server, node)


@cluster.command
def submit(
    *,
    n: Count = 1000,
    start: First = 0,
    store: Annotated[
        Path, Parameter(help="SQLite file to fill; the same command again goes on with its run.")
    ] = Path("functions.db"),
    sampling: SamplingOptions = SamplingOptions(),  # noqa: B008
    limits: LimitOptions = LimitOptions(),  # noqa: B008
    new_limits: NewLimits = False,
    shards: ShardOptions = ShardOptions(),  # noqa: B008
    where: ServerOptions = ServerOptions(),  # noqa: B008
    show: ShowOptions = ShowOptions(),  # noqa: B008
) -> int:
    """Have nodes make rows number START to START + N - 1 of a store, and put them there as they come.

    An interrupt ends the command, not the run: the same command again has the rows that were made meanwhile.
    The exit status is 1 where shards were set aside, since they failed too often.
    """
    server = where.server()
    from asyncgen.command.cluster_submit import run_submit
    from asyncgen.jobs.run import RunSettings

    indices = indices_of(start, n)
    spec = sampling.spec()
    check_engines(spec, limits.engines)
    settings = RunSettings(limits=limits.limits(), new_limits=new_limits)
    return run_submit(server, (store, spec, indices, settings), shards, show)


@cluster.command
def status(
    *,
    run: RunName = None,
    watch: Annotated[bool, Parameter(help="Show it anew every two seconds.", negative=())] = False,
    json: Annotated[bool, Parameter(help="Print JSON.", negative=())] = False,
    where: ServerOptions = ServerOptions(),  # noqa: B008
) -> int:
    """Show how a run stands: rows, rate, time left, each node with its last word, shards set aside."""
    server = where.server()
    from asyncgen.command.cluster_status import show_status

    return _with_run(server, run, lambda client, handle: show_status(client, handle, watch, json))


@cluster.command
def pause(*, run: RunName = None, where: ServerOptions = ServerOptions()) -> int:  # noqa: B008
    """Have a run rest: nodes send what they have labelled and take no more of it."""
    return _with_run(where.server(), run, lambda _, handle: _signal(handle, "pause"), is_open=True)


@cluster.command
def resume(*, run: RunName = None, where: ServerOptions = ServerOptions()) -> int:  # noqa: B008
    """Have a run go on that was paused."""
    return _with_run(where.server(), run, lambda _, handle: _signal(handle, "resume"), is_open=True)


@cluster.command
def cancel(*, run: RunName = None, where: ServerOptions = ServerOptions()) -> int:  # noqa: B008
    """End a run. Rows that are labelled still come home, to whoever submits it again."""
    return _with_run(where.server(), run, lambda _, handle: _cancel(handle), is_open=True)


def _with_run(
    server: "Server",
    name: str | None,
    use: "Callable[[Client, Handle], Awaitable[None]]",
    *,
    is_open: bool = False,
) -> int:
    """Do something about a run, which may have to be open; the exit status."""
    from asyncgen.cluster.connection import answering, connect
    from asyncgen.cluster.overview import chosen_run

    async def ask() -> None:
        client = await connect(server)
        with answering():
            await use(client, await chosen_run(client, name, is_open=is_open))

    asyncio.run(ask())
    return 0


async def _signal(handle: "Handle", what: str) -> None:
    await handle.signal(what)
    sys.stdout.write(f"{handle.id}: {what}d\n")


async def _cancel(handle: "Handle") -> None:
    await handle.cancel()
    sys.stdout.write(f"{handle.id}: cancelled; nodes send what they have labelled\n")
