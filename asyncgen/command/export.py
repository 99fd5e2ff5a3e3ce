"""Runs an export for the command line, and prints what became of each row."""

from collections.abc import Sequence
from pathlib import Path

from rich.console import Console
from rich.table import Table

from asyncgen.command import session
from asyncgen.command.display import Output, display, plain, show_json
from asyncgen.command.exits import EXIT_STOPPED
from asyncgen.command.export_options import ExportShowOptions
from asyncgen.command.printing import Progress, printed
from asyncgen.datasets.exporting.export import Run, export
from asyncgen.datasets.exporting.request import Report, Request


def run_export(
    stores: Sequence[Path], to: Path, request: Request, workers: int, show: ExportShowOptions
) -> int:
    """Export, print the counts; the exit status."""
    shown = display(Output(stderr=True), show.quiet, show=False)
    progress = Progress(shown, silent=show.no_progress)

    def far(read: int, rows: int) -> None:
        progress.say(lambda: f"{read}/{rows} rows read")

    report = session.run(
        lambda control: export(stores, to, request, Run(workers=workers, stop=control.stop, on_progress=far)),
        shown,
        None,
    )
    if show.json:
        printed(lambda out: show_json(out, {"state": report.state, "to": str(to), **report.as_dict()}))
    elif not show.quiet and report.state != "stopped":
        printed(lambda out: _show(out, report, to))
    if report.state != "stopped":
        return 0
    if not show.quiet:
        shown.say(f"{report.rows} rows are read and kept; to go on: {session.command_line()}")
    return EXIT_STOPPED


def _show(console: Console, report: Report, to: Path) -> None:
    table = Table(box=None, pad_edge=False)
    table.add_column("rows")
    table.add_column("", justify="right")
    table.add_column("share", justify="right")
    left_out = {f"left out: {reason}": rows for reason, rows in report.left_out.items()}
    for what, rows in {**left_out, **report.parts, "all": report.rows}.items():
        table.add_row(what, str(rows), f"{rows / report.rows:.1%}")
    console.print(table)
    if report.by_text:
        plain(console, f"compared by their text alone: {report.by_text} rows")
    if report.steps is not None:
        plain(console, f"with steps: {report.steps} rows")
    before = "were there already" if report.state == "nothing" else "written"
    plain(console, f"{report.exported} rows {before}, {len(report.files)} files in {to}")
