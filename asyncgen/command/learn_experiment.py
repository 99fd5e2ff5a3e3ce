"""Runs an experiment for the command line: trials as they go, and a table of them in the end."""

import asyncio
from collections.abc import Sequence
from pathlib import Path

from rich.console import Console

from asyncgen.command import session
from asyncgen.command.display import Display, duration, plain, show_json
from asyncgen.command.exits import EXIT_FAILURE, EXIT_STOPPED
from asyncgen.command.learn_options import MachineOptions
from asyncgen.command.learn_running import Teller, shown_for
from asyncgen.command.learn_training import data_at
from asyncgen.command.printing import aligned, printed
from asyncgen.jobs.run import Control as Running
from asyncgen.learn.experiments.plan import Plan
from asyncgen.learn.experiments.record import Record
from asyncgen.learn.experiments.rows import Row, State, best_of, differing
from asyncgen.learn.experiments.running import Control, Experiment, run
from asyncgen.learn.experiments.trials_file import read_plan
from asyncgen.learn.progress import Progress

Rows = list[Row]


def run_experiment(
    file: Path, places: Sequence[Path], to: Path, at_once: int, options: MachineOptions
) -> int:
    """Prepare the data, run the trials, print what came of them; the exit status."""
    plan = read_plan(file)
    machine, record, shown = options.machine(), Record(to), shown_for(options)

    async def job(running: Running) -> Rows | None:
        data = await data_at(places or plan.data, record.data, plan.wanted, options, running)
        if data is None:
            return None
        experiment = Experiment(
            plan=plan, data=data, record=record, machine=machine, at_once=min(at_once, plan.size)
        )
        return await run(experiment, _control(running.stop, shown, options))

    rows = session.run(job, shown, None) or []
    _tell(rows, record, options)
    if _is_stopped(plan, rows):
        if not options.quiet:
            shown.say(f"the trials are kept in {to}; to go on: {session.command_line()}")
        return EXIT_STOPPED
    return EXIT_FAILURE if all(row.state is State.FAILED for row in rows) else 0


def _is_stopped(plan: Plan, rows: Rows) -> bool:
    """Whether there are trials that have not ended."""
    return len(rows) < plan.size or any(row.state is State.STOPPED for row in rows)


def _control(stop: asyncio.Event, shown: Display, options: MachineOptions) -> Control:
    """How the trials are followed: each has lines of its own, with its name."""
    tellers: dict[str, Teller] = {}

    def progressed(name: str, progress: Progress) -> None:
        if name not in tellers:
            tellers[name] = Teller(shown, options, f"trial {name}: ")
        tellers[name](progress)

    def ended(row: Row) -> None:
        if not options.no_progress:
            shown.say(f"trial {row.trial}: {_end_of(row)}")

    return Control(stop=stop, on_progress=progressed, on_row=ended)


def _end_of(row: Row) -> str:
    """How a trial ended, in a line."""
    found = f"{row.state} after {row.epochs_done} epochs, {duration(row.seconds)}"
    if row.validation_loss is not None:
        found += f": validation loss {row.validation_loss:.3f}, {row.validation_accuracy:.1%} right"
    return f"{found}; {row.reason}" if row.reason else found


def _tell(rows: Rows, record: Record, options: MachineOptions) -> None:
    best = best_of(rows)
    if options.json:
        found = {
            "experiment": str(record.folder),
            "best": best.trial if best else None,
            "trials": [row.as_dict() for row in rows],
        }
        printed(lambda out: show_json(out, found))
    elif rows and not options.quiet:
        printed(lambda out: _show(out, rows, record))


def _show(console: Console, rows: Rows, record: Record) -> None:
    names = differing(rows)
    head = ["trial", *names, "epochs done", "time", "parameters", "validation loss", "right", ""]
    for line in aligned(head, [_cells(row, names) for row in rows]):
        plain(console, line)
    if (best := best_of(rows)) is not None:
        plain(console, f"the best by validation loss is trial {best.trial}: {record.best}")
    plain(console, f"all trials: {record.results}, {record.curves}")


def _cells(row: Row, names: Sequence[str]) -> list[str]:
    return [
        row.trial,
        *(_value(row.settings.get(name)) for name in names),
        str(row.epochs_done),
        duration(row.seconds),
        "" if row.parameters is None else f"{row.parameters:,}",
        "" if row.validation_loss is None else f"{row.validation_loss:.4f}",
        "" if row.validation_accuracy is None else f"{row.validation_accuracy:.2%}",
        f"{row.state}: {row.reason}" if row.reason else row.state,
    ]


def _value(value: object) -> str:
    if value is None:
        return ""
    return f"{value:.4g}" if isinstance(value, float) else str(value)
