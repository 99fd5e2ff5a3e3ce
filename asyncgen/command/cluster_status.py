"""Prints how a run of the cluster stands."""

import asyncio
from dataclasses import asdict
from typing import TYPE_CHECKING

from rich.console import Console, Group, RenderableType
from rich.live import Live
from rich.table import Table
from rich.text import Text

from asyncgen.cluster.connection import patiently
from asyncgen.cluster.overview import Handle, NodeView, Overview, overview
from asyncgen.command import streams
from asyncgen.command.display import Output, counts_line, duration, show_json

if TYPE_CHECKING:
    from temporalio.client import Client

_WATCH_SECONDS = 2.0
_WIDTH = 200  # columns where there is no terminal
_SILENT = 30.0  # seconds after which a node is said not to have been heard of
_GONE = 90.0  # seconds after which one that waits has not asked for work, as it does each minute
_ENDED = ("completed", "cancelled", "failed", "terminated", "timed_out")


async def show_status(client: "Client", handle: Handle, watch: bool, as_json: bool) -> None:
    """Print how a run stands, once, or again and again until it has ended."""
    if watch:
        await (_watch_lines if as_json or not Output().is_terminal else _watch)(client, handle, as_json)
        return
    _print(Output(), await overview(client, handle), as_json)


def _print(console: Console, seen: Overview, as_json: bool) -> None:
    if as_json:
        show_json(console, asdict(seen))
    else:
        wide = console if console.is_terminal else Output(width=_WIDTH)
        wide.print(drawn(seen))


async def _watch(client: "Client", handle: Handle, _: bool) -> None:
    console = Output()
    seen = await overview(client, handle)
    with Live(drawn(seen), console=console, auto_refresh=False) as live:
        while seen.status not in _ENDED:
            await asyncio.sleep(_WATCH_SECONDS)
            seen = await patiently(lambda: overview(client, handle), console.print)
            live.update(drawn(seen), refresh=True)


async def _watch_lines(client: "Client", handle: Handle, as_json: bool) -> None:
    while True:
        seen = await patiently(lambda: overview(client, handle), streams.complain)
        _print(Output(), seen, as_json)
        if seen.status in _ENDED:
            return
        await asyncio.sleep(_WATCH_SECONDS)


def drawn(seen: Overview) -> RenderableType:
    """A run as text and a table of its nodes."""
    parts: list[RenderableType] = [Text(f"{seen.run}: {seen.status}, {_rows(seen)}")]
    if seen.counts:
        parts.append(counts_line(seen.counts))
    if seen.answered:
        shards = f"shards: {seen.shards} done, {seen.under_way} given out; rows not given out: {seen.waiting}"
        parts.append(Text(shards))
    if seen.coming:
        parts.append(Text(f"{seen.coming} spans of rows wait for the submitter, who has {seen.store}"))
    parts.append(_nodes(seen) if seen.nodes else Text(_nobody(seen)))
    parts += [
        Text(f"set aside: {one.span.start}..{one.span.stop - 1}: {one.error}", "red")
        for one in seen.set_aside
    ]
    return Group(*parts)


def _rows(seen: Overview) -> str:
    if not seen.answered:
        return "rows unknown: no node of its version answers"
    begun = sum(node.under_way for node in seen.nodes)
    more = f" and {begun} of shards under way" if begun else ""
    rate = f", {seen.rate:.1f} rows/s" if seen.rate else ""
    left = f", {duration(seen.seconds_left)} left" if seen.seconds_left else ""
    return f"{seen.rows} of {seen.total} rows{more}{rate}{left}"


def _nobody(seen: Overview) -> str:
    return f"no node of asyncgen {seen.version} is there: asyncgen cluster node starts one"


def _nodes(seen: Overview) -> Table:
    table = Table(box=None, pad_edge=False)
    for name, justify in (("node", "left"), ("rows", "right"), ("rows/s", "right"), ("last word", "left")):
        table.add_column(name, justify=justify, no_wrap=name != "last word")  # type: ignore[arg-type]
    for node in seen.nodes:
        rate = f"{node.rate:.1f}" if node.rate else ""
        rows = f"{node.rows}+{node.under_way}" if node.under_way else str(node.rows)
        table.add_row(node.name, rows, rate, _last_word(node))
    return table


def _last_word(node: NodeView) -> Text:
    if node.refused is not None and not node.doing:
        return Text(f"left: {node.refused}", "red")
    if node.heard is None:
        return Text(node.doing)
    doing = node.doing or ("waits" if node.heard < _GONE else "not there any more")
    return Text(f"{doing}, {duration(node.heard)} ago", "yellow" if node.heard > _SILENT else "")
