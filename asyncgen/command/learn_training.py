"""Trains a model for the command line: data, progress, what came of it."""

from pathlib import Path

from asyncgen.command import session
from asyncgen.command.display import Display, duration, plain, show_json
from asyncgen.command.exits import EXIT_STOPPED
from asyncgen.command.learn_classifier import show_report
from asyncgen.command.learn_options import MachineOptions
from asyncgen.command.learn_running import Teller, shown_for, stoppable
from asyncgen.command.printing import Progress, printed
from asyncgen.datasets.exporting.export import Run
from asyncgen.jobs.run import Control
from asyncgen.learn import folder as folders
from asyncgen.learn.data.drawing import drawn
from asyncgen.learn.data.endless import Endless, Source
from asyncgen.learn.data.prepare import Prepared, Wanted, prepared
from asyncgen.learn.files import TRAINING
from asyncgen.learn.folder import Configuration
from asyncgen.learn.pretrained import check_source
from asyncgen.learn.settings import Recipe
from asyncgen.learn.tasks import Trained
from asyncgen.learn.train import train


def run_training(source: Source, to: Path, recipe: Recipe, wanted: Wanted, options: MachineOptions) -> int:
    """Prepare the data, train, print what came of it; the exit status."""
    machine = options.machine()
    shown = shown_for(options)
    folders.check(to, recipe)
    check_source(recipe.model, to)

    async def job(control: Control) -> Trained | None:
        data = await data_at(source, data_of(to), wanted, options, control)
        if data is None:
            return None
        return await stoppable(
            lambda hooks: train(data, to, recipe, machine, hooks), control, Teller(shown, options)
        )

    done = session.run(job, shown, None)
    if done is None:
        if not options.quiet:
            shown.say(f"what was learned is kept in {to}; to go on: {session.command_line()}")
        return EXIT_STOPPED
    _tell(done, to, options)
    return 0


def data_of(model: Path) -> Path:
    """Where the data of a model are prepared."""
    return model / TRAINING / "data"


async def data_at(
    source: Source, root: Path, wanted: Wanted, options: MachineOptions, control: Control
) -> Prepared | None:
    """The data, prepared below a folder; None where that was stopped."""
    shown: Display = shown_for(options)
    progress = Progress(shown, silent=options.no_progress)

    def far(read: int, rows: int) -> None:
        progress.say(lambda: f"{read}/{rows} rows {'made' if isinstance(source, Endless) else 'read'}")

    run = Run(workers=options.processes, stop=control.stop, on_progress=far)
    if isinstance(source, Endless):
        return await drawn(source, root, wanted, run)
    return await prepared(source, root, wanted, run)


def _tell(done: Trained, to: Path, options: MachineOptions) -> None:
    configuration, report = done
    if options.json:
        figures = _of_all(configuration) if report is None else report.as_dict()
        printed(lambda out: show_json(out, {"folder": str(to), **figures}))
    elif options.quiet:
        return
    elif report is None:
        printed(lambda out: plain(out, _line(configuration, to)))
    else:
        printed(lambda out: show_report(out, configuration, report, to))


def _of_all(configuration: Configuration) -> dict[str, object]:
    """Figures of the training as a whole."""
    return {name: value for name, value in configuration.figures.items() if name != "by_epoch"}


def _line(done: Configuration, to: Path) -> str:
    figures = done.figures
    return (
        f"trained for {duration(figures['seconds'])}, {figures['steps']} steps of "
        f"{done.training.batch} rows, {figures['parameters']:,} parameters: "
        f"{figures['validation_accuracy']:.1%} of tokens right on held-out rows, in {to}"
    )
