"""The commands of learning: models are trained, asked, and measured."""

from pathlib import Path
from typing import Annotated, Literal

from cyclopts import App, Parameter

from asyncgen.command import streams
from asyncgen.command.app import app
from asyncgen.command.learn_options import (
    DataOptions,
    MachineOptions,
    ModelFolder,
    ModelOptions,
    PretrainedOptions,
    TrainingOptions,
    beams_of,
    needed_libraries,
    recipe_of,
)
from asyncgen.command.learn_stream import StreamOptions
from asyncgen.command.options import at_least_one, named_path, whole
from asyncgen.problems.errors import UsageError

learn = App(name="learn", help="Train models on rows: an integrator that writes answers, each one checked.")
app.command(learn)

Data = Annotated[Path, Parameter(help="Stores, or one folder of an export; or none, with --stream.")]
Functions = Annotated[
    str,
    Parameter(help="File with a problem a line; - is standard input.", allow_leading_hyphen=True),
]


@learn.command
def integrator(
    *data: Data,
    to: Annotated[Path, Parameter(help="Folder of the model; the same command again goes on.")],
    model: ModelOptions = ModelOptions(),  # noqa: B008 - frozen
    training: TrainingOptions = TrainingOptions(),  # noqa: B008
    parts: DataOptions = DataOptions(),  # noqa: B008
    rows: StreamOptions = StreamOptions(),  # noqa: B008
    machine: MachineOptions = MachineOptions(),  # noqa: B008
) -> int:
    """Train a model that writes antiderivatives, and solutions of equations, token by token.

    It learns from the rows of stores with confirmed answers, each problem once and in one part only, or from
    the files of an export, or, with --stream, from rows that are made meanwhile. Ctrl-C saves, and the same
    command goes on.
    """
    needed_libraries()
    from asyncgen.command.learn_training import run_training

    source, recipe = rows.source(data, machine.workers), recipe_of("integrator", model, rows.paced(training))
    return run_training(source, to, recipe, parts.wanted("integrator"), machine)


@learn.command
def integrate(
    functions: Functions,
    /,
    *,
    model: ModelFolder,
    beam: Annotated[int, Parameter(help="Answers that are tried, at most.", converter=whole)] = 10,
    format: Annotated[
        Literal["text", "tokens", "latex", "json"], Parameter(help="How answers are written.")
    ] = "text",
    machine: MachineOptions = MachineOptions(),  # noqa: B008
) -> int:
    """Have a model integrate functions or solve equations, one a line, and check every answer.

    Equations in Y, Y' and Y'' are read in prefix notation. What is printed is the best answer, by what the
    check says: right, right on a part, wrong, undecided. The exit status is 1 if a line could not be read.
    """
    needed_libraries()
    _check_input(functions)
    from asyncgen.command.learn_integrate import run_integrate

    (width,) = beams_of(str(beam))
    return run_integrate(functions, model, width, "json" if machine.json else format, machine)


@learn.command
def classifier(
    *data: Data,
    to: Annotated[Path, Parameter(help="Folder of the model; the same command again goes on.")],
    binary: Annotated[
        bool, Parameter(help="Tell closed form from proven to have none; leave undecided out.", negative=())
    ] = False,
    model: ModelOptions = ModelOptions(),  # noqa: B008
    pretrained: PretrainedOptions = PretrainedOptions(),  # noqa: B008
    training: TrainingOptions = TrainingOptions(),  # noqa: B008
    parts: DataOptions = DataOptions(),  # noqa: B008
    rows: StreamOptions = StreamOptions(),  # noqa: B008
    machine: MachineOptions = MachineOptions(),  # noqa: B008
) -> int:
    """Train a model that says whether a function has an antiderivative in closed form.

    Classes are closed form, proven to have none, and undecided. In the end it is measured on the part test,
    beside a regression on length and counts of operators. With --pretrained a BERT is tuned instead, which is
    loaded from safetensors only.
    """
    needed_libraries(("asyncgen.learn.files", "asyncgen.learn.reliability"))
    from asyncgen.command.learn_training import run_training

    wanted = parts.wanted("classifier", 2 if binary else 3)
    source = rows.source(data, machine.workers)
    recipe = recipe_of("classifier", model, rows.paced(training), pretrained)
    return run_training(source, to, recipe, wanted, machine)


@learn.command
def experiment(
    trials: Annotated[Path, Parameter(help="TOML file with trials, a search, or both.")],
    /,
    *data: Data,
    to: Annotated[Path, Parameter(help="Folder of the experiment; the same command again goes on.")],
    at_once: Annotated[
        int, Parameter(help="Trials that run at the same time, and share the cores.", converter=whole)
    ] = 1,
    machine: MachineOptions = MachineOptions(),  # noqa: B008
) -> int:
    """Train models with different settings on the same data, each in a process of its own, and compare them.

    The data may stand in the file, too. A trial that fails is a row with its reason. In the end there are a
    table, a CSV file, a picture of loss and accuracy by epoch, and the best model. Ctrl-C has the trials
    save, and the same command goes on. The exit status is 1 if all have failed.
    """
    at_least_one("--at-once", at_once)
    needed_libraries(("asyncgen.learn.files", "asyncgen.learn.experiments.running"))
    from asyncgen.command.learn_experiment import run_experiment

    return run_experiment(trials, data, to, at_once, machine)


@learn.command
def classify(
    functions: Functions,
    /,
    *,
    model: ModelFolder,
    machine: MachineOptions = MachineOptions(),  # noqa: B008
) -> int:
    """Say of functions, one a line, how likely each class is.

    The exit status is 1 if a line could not be read.
    """
    needed_libraries()
    _check_input(functions)
    from asyncgen.command.learn_classifier import run_classify

    return run_classify(functions, model, machine.json, machine)


@learn.command
def evaluate(
    model: ModelFolder,
    /,
    *data: Data,
    beam: Annotated[
        str | None,
        Parameter(help="Widths of the beam of an integrator, separated by commas (default: 1,10)."),
    ] = None,
    part: Annotated[Literal["train", "validation", "test"], Parameter(help="Which part.")] = "test",
    n: Annotated[
        int | None,
        Parameter(
            help="Rows at most, the first of a random order (default: 1000, of a classifier all).",
            converter=whole,
        ),
    ] = None,
    probes: Annotated[
        bool,
        Parameter(
            help="Of an integrator also problems near solved ones: k*f(x), f(k*x), f(x) + g(x).", negative=()
        ),
    ] = False,
    picture: Annotated[
        Path | None,
        Parameter(help="PNG file for a picture of a classifier's reliability.", converter=named_path),
    ] = None,
    parts: DataOptions = DataOptions(),  # noqa: B008
    rows: StreamOptions = StreamOptions(),  # noqa: B008
    machine: MachineOptions = MachineOptions(),  # noqa: B008
) -> int:
    """Say how often a model is right on rows that it was not trained on.

    Of a classifier that is the report that its training has printed. Stores are parted as for the training:
    with the same --split, what is tested here was not seen there. Of a model that was trained on a stream,
    the same flags give the rows that were held out.
    """
    needed_libraries()
    from asyncgen.learn.folder import read

    widths, most = beams_of(beam or "1,10"), None if n is None else at_least_one("--n", n)
    source = rows.source(data, machine.workers)
    if read(model).task == "classifier":
        if beam or probes:
            raise UsageError("--beam and --probes belong to integrators: leave them out")
        from asyncgen.command.learn_measure import Measured, run_measure

        return run_measure(model, source, Measured(part, most, picture), parts, machine)
    if picture:
        raise UsageError("--picture belongs to classifiers: leave it out")
    from asyncgen.command.learn_evaluate import Asked, run_evaluate

    asked = Asked(widths, part, most or 1000, probes)
    return run_evaluate(model, source, asked, parts.wanted("integrator"), machine)


def _check_input(functions: str) -> None:
    if functions == "-" and streams.stdin_was_closed():
        raise UsageError("standard input is closed: pipe functions into it, or name a file")
