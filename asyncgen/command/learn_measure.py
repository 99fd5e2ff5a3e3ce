"""Measures a classifier for the command line, prints its report, and draws its reliability."""

import asyncio
from dataclasses import dataclass
from pathlib import Path

from asyncgen.command import session
from asyncgen.command.display import plain, show_json
from asyncgen.command.exits import EXIT_STOPPED
from asyncgen.command.learn_classifier import show_scores
from asyncgen.command.learn_options import DataOptions, MachineOptions, needed_libraries
from asyncgen.command.learn_running import shown_for
from asyncgen.command.learn_training import data_at, data_of
from asyncgen.command.printing import printed
from asyncgen.jobs.run import Control
from asyncgen.learn.classification import Report, report, some_of
from asyncgen.learn.classifier import Classifier
from asyncgen.learn.data.endless import Source
from asyncgen.learn.data.prepare import Prepared
from asyncgen.problems.errors import UsageError


@dataclass(frozen=True, slots=True)
class Measured:
    """What is to be measured: a part of the data, at most so many rows; where the picture goes."""

    part: str
    rows: int | None
    picture: Path | None


def run_measure(
    folder: Path, source: Source, what: Measured, parts: DataOptions, options: MachineOptions
) -> int:
    """Measure, print, draw; the exit status."""
    _check_picture(what.picture)
    model = Classifier(folder, options.machine().device)
    wanted = parts.wanted("classifier", len(model.classes))
    shown = shown_for(options)

    async def job(control: Control) -> Report | None:
        data = await data_at(source, data_of(folder), wanted, options, control)
        return None if data is None else await asyncio.to_thread(_report, model, data, what)

    found = session.run(job, shown, None)
    if found is None:
        return EXIT_STOPPED
    if what.picture:
        from asyncgen.learn.reliability import draw

        draw(found, what.picture)
    if options.json:
        printed(lambda out: show_json(out, {"folder": str(folder), **found.as_dict()}))
    elif not options.quiet:
        printed(lambda out: plain(out, f"{sum(found.rows)} rows; temperature {found.temperature:.2f}"))
        printed(lambda out: show_scores(out, found))
    return 0


def _report(model: Classifier, data: Prepared, what: Measured) -> Report:
    """That of a part of the data. Raises UsageError for data that the model cannot read."""
    notation = model.configuration.data["notation"]
    if data.notation != notation:
        raise UsageError(f"the data are in {data.notation} notation, and the model reads {notation} notation")
    test = data.part(what.part)
    return report(
        model, test, some_of(test, what.rows), data.part("train") if data.rows.get("train") else None
    )


def _check_picture(path: Path | None) -> None:
    if path is None:
        return
    needed_libraries(("asyncgen.learn.reliability",))
    if not path.parent.is_dir():
        raise UsageError(f"--picture {path}: there is no folder {path.parent}")
