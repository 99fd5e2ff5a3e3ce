"""Trains an integrator for the command line."""

from pathlib import Path

from asyncgen.command import session
from asyncgen.command.display import Display, duration, plain, show_json
from asyncgen.command.exits import EXIT_STOPPED
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
from asyncgen.learn.settings import Recipe
from asyncgen.learn.train import train_integrator


def run_training(source: Source, to: Path, recipe: Recipe, wanted: Wanted, options: MachineOptions) -> int:
    """Prepare the data, train, print what came of it; the exit status."""
    machine = options.machine()
    shown = shown_for(options)
    folders.check(to, wanted.task, recipe)

    async def job(control: Control) -> Configuration | None:
        data = await data_at(source, to, wanted, options, control)
        if data is None:
            return None
        return await stoppable(
            lambda hooks: train_integrator(data, to, recipe, machine, hooks), control, Teller(shown, options)
        )

    done = session.run(job, shown, None)
    if done is None:
        if not options.quiet:
            shown.say(f"what was learned is kept in {to}; to go on: {session.command_line()}")
        return EXIT_STOPPED
    _tell(done, to, options)
    return 0


async def data_at(
    source: Source, folder: Path, wanted: Wanted, options: MachineOptions, control: Control
) -> Prepared | None:
    """The data, prepared in a model's folder; None where that was stopped."""
    shown: Display = shown_for(options)
    progress = Progress(shown, silent=options.no_progress)

    def far(read: int, rows: int) -> None:
        progress.say(lambda: f"{read}/{rows} rows {'made' if isinstance(source, Endless) else 'read'}")

    run, root = Run(workers=options.processes, stop=control.stop, on_progress=far), folder / TRAINING / "data"
    if isinstance(source, Endless):
        return await drawn(source, root, wanted, run)
    return await prepared(source, root, wanted, run)


def _tell(done: Configuration, to: Path, options: MachineOptions) -> None:
    figures = {name: value for name, value in done.figures.items() if name != "by_epoch"}
    if options.json:
        printed(lambda out: show_json(out, {"model": str(to), **figures}))
    elif not options.quiet:
        printed(
            lambda out: plain(
                out,
                f"trained for {duration(figures['seconds'])}, {figures['steps']} steps of "
                f"{done.training.batch} rows, {figures['parameters']:,} parameters: "
                f"{figures['validation_accuracy']:.1%} of tokens right on held-out rows, in {to}",
            )
        )
