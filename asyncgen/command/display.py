"""What a person sees of a job: a bar on a terminal, plain lines elsewhere, a table or JSON at the end.

Progress goes to stderr, the summary to stdout. No threads: whoever runs the job calls `update`.
"""

import json
import time
from collections.abc import Mapping
from contextlib import suppress
from typing import Any, Protocol

from rich.console import Console, Group
from rich.live import Live
from rich.progress import BarColumn, MofNCompleteColumn, TaskProgressColumn, TextColumn
from rich.progress import Progress as Bar
from rich.table import Table
from rich.text import Text

from asyncgen.jobs.progress import Progress
from asyncgen.problems.records import Drops, Status

_LINE_SECONDS = 5.0  # between two plain lines

_STYLES = {
    Status.ELEMENTARY: "green",
    Status.SPECIAL: "green",
    Status.NONELEMENTARY: "cyan",
    Status.TIMEOUT: "yellow",
    Status.MEMORY: "yellow",
    Status.CRASHED: "red",
    Status.ERROR: "red",
}


class Output(Console):
    """A console that leaves a pipe without a reader to its caller: rich's own would exit, with status 1."""

    def on_broken_pipe(self) -> None:
        raise


class Display(Protocol):
    """Shows the progress of one job."""

    def update(self, progress: Progress) -> None:
        """The job stands so."""

    def say(self, text: str) -> None:
        """Show a line of text above the progress."""

    def close(self) -> None:
        """Leave the terminal as it was; may be called more than once."""


class Silence:
    """Shows nothing."""

    def update(self, progress: Progress) -> None: ...

    def say(self, text: str) -> None: ...

    def close(self) -> None: ...


class Steady:
    """Another display that may lose its terminal, or whoever reads its lines: the job goes on unseen."""

    def __init__(self, shown: Display) -> None:
        self._shown = shown

    def update(self, progress: Progress) -> None:
        with suppress(OSError):
            self._shown.update(progress)

    def say(self, text: str) -> None:
        with suppress(OSError):
            self._shown.say(text)

    def close(self) -> None:
        with suppress(OSError):
            self._shown.close()


class Lines:
    """A plain line every few seconds, for logs and pipes."""

    def __init__(self, console: Console) -> None:
        self._console = console
        self._next = time.monotonic() + _LINE_SECONDS

    def update(self, progress: Progress) -> None:
        now = time.monotonic()
        if progress.state == "running" and now >= self._next:
            self._next = now + _LINE_SECONDS
            self.say(line(progress))

    def say(self, text: str) -> None:
        plain(self._console, text)

    def close(self) -> None: ...


class LiveBar:
    """A progress bar with a line of counts below it, on a terminal."""

    def __init__(self, console: Console) -> None:
        self._console = console
        self._bar = Bar(
            BarColumn(bar_width=None),
            TaskProgressColumn(),
            MofNCompleteColumn(),
            TextColumn("{task.fields[rate]} rows/s"),
            TextColumn("{task.fields[left]}"),
            auto_refresh=False,
            expand=True,
        )
        self._task = self._bar.add_task("", total=None, rate="-", left="")
        self._live = Live(self._bar, console=console, auto_refresh=False, transient=True)
        self._live.start()

    def update(self, progress: Progress) -> None:
        left = progress.seconds_left
        self._bar.update(
            self._task,
            total=progress.total,
            completed=progress.rows,
            rate=f"{progress.rate:.1f}",
            left=f"{duration(left)} left" if left is not None else "",
        )
        more = [Text(drops)] if (drops := _drops(progress)) else []
        if progress.scheduler.workers:
            more.append(_workers(progress))
        self._live.update(Group(self._bar, counts_line(progress.counts), *more), refresh=True)

    def say(self, text: str) -> None:
        plain(self._console, text)

    def close(self) -> None:
        self._live.stop()


def display(console: Console, quiet: bool, show: bool) -> Display:
    """The display that fits the console and the flags."""
    if quiet:
        return Silence()
    if show and console.is_terminal:
        return Steady(LiveBar(console))
    lines = Lines(console)
    if not show:
        lines.update = lambda progress: None  # type: ignore[method-assign]
    return Steady(lines)


def line(progress: Progress) -> str:
    """The job in one plain line."""
    left = progress.seconds_left
    parts = [
        f"{progress.rows}/{progress.total} rows",
        f"{progress.rate:.1f} rows/s",
        f"{duration(left)} left" if left is not None else "",
        counts_line(progress.counts).plain,
        _drops(progress),
        _workers(progress).plain if progress.scheduler.workers else "",
    ]
    return " | ".join(part for part in parts if part)


def counts_line(counts: Mapping[Any, int]) -> Text:
    """How many rows have each status, in one line; the statuses may be named by their texts."""
    text = Text()
    for status in Status:
        if count := counts.get(status):
            text.append(f"{status} ", _STYLES.get(status, ""))
            text.append(f"{count}  ", "bold")
    text.rstrip()
    return text


def _drops(progress: Progress) -> str:
    """The share of rows that stayed empty, and the attempts that were dropped; "" where there are none."""
    if not progress.dropped:
        return ""
    share = progress.empty / progress.rows if progress.rows else 0.0
    reasons = ", ".join(f"{reason} {count}" for reason, count in progress.dropped.items())
    return f"empty {share:.1%}, dropped attempts: {reasons}"


def _workers(progress: Progress) -> Text:
    now = progress.scheduler
    recycled = sum(now.recycled.values())
    reasons = ", ".join(f"{why} {count}" for why, count in sorted(now.recycled.items()))
    return Text(
        f"workers {now.busy}/{now.workers} busy, {recycled} recycled" + (f" ({reasons})" if reasons else "")
    )


def duration(seconds: float) -> str:
    """Seconds as people say them: 42s, 3m 05s, 2h 07m, 5d 03h."""
    whole = round(seconds)
    for unit, size, below, small in (("d", 86400, 3600, "h"), ("h", 3600, 60, "m"), ("m", 60, 1, "s")):
        if whole >= size:
            return f"{whole // size}{unit} {whole % size // below:02d}{small}"
    return f"{whole}s"


def summary(progress: Progress, store: str) -> dict[str, Any]:
    """The end of a job as JSON values. Seconds and rows a second."""
    return {
        "state": progress.state,
        "store": store,
        "rows": progress.rows,
        "total": progress.total,
        "stored": progress.stored,
        "seconds": round(progress.seconds, 3),
        "rows_per_second": round(progress.rate, 3),
        "cpu_seconds": round(progress.cpu_seconds, 3),
        "statuses": {str(status): progress.counts.get(status, 0) for status in Status},
        "empty": progress.empty,
        "dropped": dict(progress.dropped),
        "recycled": dict(progress.scheduler.recycled),
    }


def show_summary(console: Console, progress: Progress, store: str) -> None:
    """Print the end of a job as a table."""
    if progress.state == "nothing" and not progress.total:  # of a retry
        plain(console, f"nothing to do: {store} has no row to try again")
        return
    if progress.state == "nothing":
        plain(console, f"nothing to do: {store} has all {progress.total} rows")
    show_counts(console, progress.counts)
    show_drops(console, Drops(progress.empty, progress.dropped), progress.rows)
    if progress.state == "nothing":
        return
    cpu = progress.cpu_seconds / progress.stored if progress.stored else 0.0
    plain(
        console,
        f"{progress.state}: {progress.stored} rows stored in {duration(progress.seconds)}, "
        f"{progress.rate:.1f} rows/s, {cpu:.3f} CPU-s a row, in {store}",
    )


def show_counts(console: Console, counts: Mapping[Status, int]) -> None:
    """Print how many rows have each status."""
    total = sum(counts.values())
    table = Table(box=None, pad_edge=False)
    table.add_column("status")
    table.add_column("rows", justify="right")
    table.add_column("share", justify="right")
    for status in Status:
        if count := counts.get(status, 0):
            table.add_row(Text(status, _STYLES.get(status, "")), str(count), f"{count / total:.1%}")
    table.add_row("all", str(total), "100.0%" if total else "")
    console.print(table)


def show_drops(console: Console, drops: Drops, rows: int) -> None:
    """Print how many indices stayed empty, and why attempts at rows were dropped, if any were."""
    if not drops.reasons:
        return
    plain(
        console,
        f"empty: {drops.empty} of {rows} indices ({drops.empty / rows:.1%}), where no attempt gave a row",
    )
    frequent = sorted(drops.reasons.items(), key=lambda pair: (-pair[1], pair[0]))
    plain(console, "dropped attempts: " + ", ".join(f"{reason} {count}" for reason, count in frequent))


def plain(console: Console, text: str) -> None:
    """Print a line as it is: no colours, no markup, no line breaks of rich's own."""
    console.print(text, highlight=False, markup=False, soft_wrap=True)


def show_json(console: Console, value: object) -> None:
    """Print one JSON document."""
    console.file.write(json.dumps(value, indent=2) + "\n")
