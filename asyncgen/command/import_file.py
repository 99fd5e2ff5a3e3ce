"""Runs an import for the command line, and prints what became of the records."""

import json
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from rich.console import Console
from rich.table import Table

from asyncgen.command import session
from asyncgen.command.display import Output, display, duration, plain
from asyncgen.command.exits import EXIT_FAILURE, EXIT_STOPPED
from asyncgen.command.printing import Progress, printed
from asyncgen.command.streams import printable
from asyncgen.datasets.importing.import_file import Given, import_file, opened
from asyncgen.datasets.importing.imported import ERRORS, SHOWN, Failure, Imported, ImportSettings, Sort
from asyncgen.datasets.importing.judging import Limits
from asyncgen.datasets.importing.sources import Asked
from asyncgen.jobs.lines import opened as opened_file


@dataclass(frozen=True, kw_only=True)
class ImportRun:
    """How an import runs, and what is printed of it."""

    limits: Limits
    workers: int
    all: bool = False
    json: bool = False
    quiet: bool = False
    no_progress: bool = False


def run_import(name: str, store: Path, asked: Asked, run: ImportRun) -> int:
    """Import, print what became of the records; the exit status."""
    shown = display(Output(stderr=True), run.quiet, show=False)
    progress = Progress(shown, silent=run.no_progress)
    title = "standard input" if name == "-" else name
    with opened_file(name) as file, opened(file, title, asked) as given:
        report = _report(given, store, run)
        settings = ImportSettings(
            limits=run.limits,
            workers=run.workers,
            shown=SHOWN,
            each=report.tell if run.json or run.all or run.quiet else None,
            follow=lambda imported: progress.say(lambda: _far(imported)),
        )
        imported = session.run(lambda control: import_file(store, given, settings, control.stop), shown, None)
    printed(lambda console: report.end(console, imported))
    if imported.state == "stopped":
        if not run.quiet:
            shown.say(f"{imported.records} records are stored; to go on: {session.command_line()}")
        return EXIT_STOPPED
    return EXIT_FAILURE if imported.is_faulty else 0


def _far(imported: Imported) -> str:
    """How far it is."""
    counts = ", ".join(f"{sort} {count}" for sort, count in imported.sorts.items() if count)
    rate = imported.stored / imported.seconds
    return f"{imported.records} records | {rate:.1f}/s | {imported.share:.0%} of the file read | {counts}"


def _report(given: Given, store: Path, run: ImportRun) -> "_Lines | _Errors | _Json":
    if run.json:
        return _Json(given, store)
    return _Errors(given, store, run.all) if run.quiet else _Lines(given, store)


class _Lines:
    """A report for people: failures one a line, then a table."""

    def __init__(self, given: Given, store: Path) -> None:
        self._name = given.file.name
        self._place = "row" if given.source.layout.table is not None else "line"
        self._store = store
        self._told = 0

    def tell(self, failure: Failure) -> None:
        """Print a line for a record that failed."""
        self._told += 1
        sys.stdout.write(printable(f"{self._name}:{failure.index}: {self._said(failure)}") + "\n")

    def end(self, console: Console, imported: Imported) -> None:
        """Print the first failures, unless all were told, and the table."""
        if not self._told:
            for failure in imported.failures:
                self.tell(failure)
        failed = imported.records - imported.sorts[Sort.CONFIRMED] - imported.sorts[Sort.NO_ANSWER]
        if failed > self._told:
            plain(console, f"and {failed - self._told} more, which --all names")
        if imported.records:
            console.print(_table(imported))
        plain(console, printable(self._ended(imported)))

    def _said(self, failure: Failure) -> str:
        """What is wrong with a record, and why."""
        word, _, rest = (failure.reason or "").partition(":")
        if failure.sort is Sort.DUPLICATE:
            return f"{failure.sort}: the problem of {self._place} {rest}"
        if failure.sort is Sort.UNREADABLE:
            return f"{failure.sort}: {rest}"
        if failure.sort is Sort.LONG:
            return f"{failure.sort}: {rest} tokens"
        return str(failure.sort) if word in ("", "refuted") else f"{failure.sort}: {failure.reason}"

    def _ended(self, imported: Imported) -> str:
        if imported.state == "nothing":
            return f"nothing to do: {self._store} has all {imported.records} records of {self._name}"
        rate = imported.stored / imported.seconds
        return (
            f"{imported.state}: {imported.stored} records of {self._name} checked and stored in "
            f"{duration(imported.seconds)}, {rate:.1f}/s, in {self._store}"
        )


def _table(imported: Imported) -> Table:
    table = Table(box=None, pad_edge=False)
    table.add_column("records")
    table.add_column("", justify="right")
    table.add_column("share", justify="right")
    for what, count in (*imported.sorts.items(), ("all", imported.records)):
        if count:
            table.add_row(str(what), str(count), f"{count / imported.records:.1%}")
    return table


class _Errors(_Lines):
    """A report of errors alone: the first records for which the exit status is 1, or all that failed."""

    def __init__(self, given: Given, store: Path, all: bool) -> None:
        super().__init__(given, store)
        self._all = all
        self._left = 0

    def tell(self, failure: Failure) -> None:
        """Print a line for a record if it is an error, and one of the first."""
        if not self._all and failure.sort not in ERRORS:
            return
        if self._all or self._told < SHOWN:
            super().tell(failure)
        else:
            self._left += 1

    def end(self, console: Console, imported: Imported) -> None:
        """Say how many errors were not told."""
        if self._left:
            plain(console, f"and {self._left} more, which --all names")


class _Json:
    """A report for programs: one document, in which failures come first, as they are read."""

    def __init__(self, given: Given, store: Path) -> None:
        self._values = {"file": given.file.name, "store": str(store), "read_as": given.spec.answers}
        self._begun = False

    def tell(self, failure: Failure) -> None:
        """Print a record that failed."""
        value = {"index": failure.index, "what": failure.sort, "reason": failure.reason}
        before = "," if self._begun else '{\n  "failed": ['
        sys.stdout.write(f"{before}\n    {json.dumps(value)}")
        self._begun = True

    def end(self, console: Console, imported: Imported) -> None:
        """Print all else."""
        values: dict[str, Any] = {
            **self._values,
            "state": imported.state,
            "records": imported.records,
            "stored": imported.stored,
            "seconds": round(imported.seconds, 3),
            "sorts": {str(sort): count for sort, count in imported.sorts.items()},
        }
        before = "\n  ]," if self._begun else '{\n  "failed": [],'
        sys.stdout.write(before + json.dumps(values, indent=2).removeprefix("{") + "\n")
