"""Runs a check of a store for the command line, and prints what it found."""

from collections.abc import Collection
from pathlib import Path
from typing import Any

from rich.console import Console

from asyncgen.command import session
from asyncgen.command.dataset_options import WorkOptions
from asyncgen.command.display import Output, display, duration, plain, show_json
from asyncgen.command.exits import EXIT_STOPPED
from asyncgen.command.printing import Progress, printed
from asyncgen.datasets.checking.check import ERRORS, SHOWN, Checked, CheckSettings, check
from asyncgen.datasets.checking.checks import Checking


def run_check(store: Path, how: Checking, work: WorkOptions) -> int:
    """Check, print what was found; the exit status."""
    shown = display(Output(stderr=True), work.quiet, show=False)
    progress = Progress(shown, silent=work.no_progress)
    settings = CheckSettings(
        workers=work.processes,
        shown=None if work.json or work.quiet else SHOWN,  # the first may be no errors
        follow=lambda checked: progress.say(lambda: _far(checked)),
    )
    checked = session.run(lambda control: check(store, how, settings, control.stop), shown, None)
    if work.json:
        printed(lambda console: show_json(console, _values(checked, store, how)))
    elif work.quiet:
        printed(lambda console: _show_failed(console, checked, ERRORS))
    else:
        printed(lambda console: _show(console, checked, how))
    if checked.state == "stopped":
        if not work.quiet:
            left = checked.total - checked.checked
            shown.say(f"{left} answers are left; to go on: {session.command_line()}")
        return EXIT_STOPPED
    return 1 if checked.refuted else 0


def _far(checked: Checked) -> str:
    """How far it is."""
    rate = checked.checked / checked.seconds
    left = duration((checked.total - checked.checked) / rate) if rate else "?"
    return f"{checked.checked}/{checked.total} answers | {rate:.1f}/s | {left} left | {_counts(checked)}"


def _counts(checked: Checked) -> str:
    return ", ".join(f"{verdict} {count}" for verdict, count in sorted(checked.verdicts.items())) or "none"


def _values(checked: Checked, store: Path, how: Checking) -> dict[str, Any]:
    return {
        "state": checked.state,
        "store": str(store),
        "seed": how.seed,
        "points": how.points,
        "checked": checked.checked,
        "seconds": round(checked.seconds, 3),
        "verdicts": dict(checked.verdicts),
        "failed": [
            {"index": index, "verdict": verdict, "reason": reason}
            for index, verdict, reason in checked.failed
        ],
    }


def _show(console: Console, checked: Checked, how: Checking) -> None:
    plain(
        console,
        f"{checked.checked} answers checked in {duration(checked.seconds)}, at {how.points} points or more, "
        f"seed {how.seed}; by verdict, earlier ones included: {_counts(checked)}",
    )
    _show_failed(console, checked, checked.verdicts)


def _show_failed(console: Console, checked: Checked, verdicts: Collection[str]) -> None:
    """Print the first indices that failed with each of these verdicts."""
    shown: dict[str, list[str]] = {}
    for index, verdict, reason in checked.failed:
        if verdict in verdicts:
            shown.setdefault(verdict, []).append(f"{index} ({reason})" if reason else str(index))
    for verdict, rows in shown.items():
        more = ", ..." if checked.verdicts[verdict] > min(len(rows), SHOWN) else ""
        plain(console, f"{verdict}: {', '.join(rows[:SHOWN])}{more}")
