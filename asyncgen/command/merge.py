"""Runs a merge for the command line, and prints what came of the rows."""

from collections.abc import Sequence
from pathlib import Path
from typing import Any

from rich.console import Console

from asyncgen.command import session, streams
from asyncgen.command.dataset_options import Says
from asyncgen.command.display import Output, display, duration, plain, show_json
from asyncgen.command.exits import EXIT_STOPPED
from asyncgen.command.printing import printed, teller
from asyncgen.datasets.merging.merge import merge
from asyncgen.datasets.merging.merged import Differing, Merged, MergeSettings
from asyncgen.jobs.machine import machine, versions
from asyncgen.sqlite.merging import Preference
from asyncgen.sqlite.runs import RunInfo

_NAMED = 20  # places that the run of a merge names
_SHOWN = 60  # characters of a value that differs
_COUNTS = ("stores", "unreadable", "new", "same", "later", "preferred", "differing", "attempts", "runs")


def run_merge(out: Path, places: Sequence[Path], prefer: Preference | None, says: Says) -> int:
    """Merge, print what came of it; the exit status."""
    shown = display(Output(stderr=True), says.quiet, show=False)
    settings = MergeSettings(
        prefer=prefer,
        run=_run_info(places, prefer),
        complain=lambda line: streams.complain(f"asyncgen: {line}"),
        tell=teller(shown, says.no_progress),
    )
    merged = session.run(lambda control: merge(out, places, settings, control.stop), shown, None)
    if says.json:
        printed(lambda console: show_json(console, _values(merged, out)))
    elif not says.quiet:
        printed(lambda console: _show(console, merged, out))
    if merged.state == "stopped":
        if not says.quiet:
            shown.say(f"{merged.stores} stores are merged; to go on: {session.command_line()}")
        return EXIT_STOPPED
    return 0 if merged.complete else 1


def _run_info(places: Sequence[Path], prefer: Preference | None) -> RunInfo:
    """What `runs` says of a merge: the places as they were named, the first of them if they are many."""
    named = [str(place) for place in places[:_NAMED]]
    settings = {"places": named, "number_of_places": len(places), "prefer": prefer}
    return RunInfo("merge", settings=settings, versions=versions(), machine=machine())


def _values(merged: Merged, out: Path) -> dict[str, Any]:
    return {
        "state": merged.state,
        "store": str(out),
        **{name: getattr(merged, name) for name in _COUNTS},
        "seconds": round(merged.seconds, 3),
        "first_differing": [
            {
                "index": one.difference.index,
                "store": str(one.store),
                "columns": {name: list(pair) for name, pair in one.difference.columns.items()},
            }
            for one in merged.first
        ],
    }


def _show(console: Console, merged: Merged, out: Path) -> None:
    parts = [
        f"{merged.new} rows new",
        f"{merged.same} there already",
        f"{merged.later} replaced by their retries" if merged.later else "",
        f"{merged.preferred} decided by preference" if merged.preferred else "",
        f"{merged.attempts} earlier attempts" if merged.attempts else "",
        f"{merged.runs} runs" if merged.runs else "",
    ]
    said = ", ".join(part for part in parts if part)
    plain(console, f"{merged.stores} stores merged into {out} in {duration(merged.seconds)}: {said}")
    if merged.differing:
        plain(
            console,
            f"{merged.differing} rows differ from those that are there, which stay; --prefer would decide:",
        )
    for one in merged.first:
        plain(console, f"  {_difference(one)}")
    if merged.differing > len(merged.first):
        plain(console, f"  and {merged.differing - len(merged.first)} more")
    if merged.unreadable:
        plain(console, f"{merged.unreadable} stores could not be read, or not to the end")


def _difference(one: Differing) -> str:
    columns = (
        f"{name} is {_short(there)} there and {_short(here)} here"
        for name, (here, there) in one.difference.columns.items()
    )
    return f"row {one.difference.index} of {one.store}: {'; '.join(columns)}"


def _short(value: object) -> str:
    text = "nothing" if value is None else str(value)
    return text if len(text) <= _SHOWN else f"{text[:_SHOWN]}..."
