"""Trains a classifier for the command line, prints its report, and has it classify functions."""

import asyncio
import json
from collections.abc import Sequence
from pathlib import Path

from rich.console import Console

from asyncgen.command import session
from asyncgen.command.display import duration, plain, show_json
from asyncgen.command.exits import EXIT_STOPPED
from asyncgen.command.learn_integrator import data_at
from asyncgen.command.learn_options import MachineOptions
from asyncgen.command.learn_running import Teller, Texts, answer_lines, shown_for, stoppable
from asyncgen.command.printing import printed, table
from asyncgen.jobs.run import Control, Problems
from asyncgen.learn import folder as folders
from asyncgen.learn.classification import Report, Scores
from asyncgen.learn.classifier import Classifier
from asyncgen.learn.data.prepare import Wanted
from asyncgen.learn.folder import Configuration
from asyncgen.learn.integrating import together
from asyncgen.learn.pretrained import check_source
from asyncgen.learn.settings import Recipe
from asyncgen.learn.train import train_classifier
from asyncgen.problems.files import problem_in
from asyncgen.problems.infix_text import to_infix

_AT_ONCE = 64  # functions


def run_training(
    places: Sequence[Path], to: Path, recipe: Recipe, wanted: Wanted, options: MachineOptions
) -> int:
    """Prepare the data, train, print the report; the exit status."""
    machine = options.machine()
    shown = shown_for(options)
    folders.check(to, wanted.task, recipe)
    check_source(recipe.model, to)

    async def job(control: Control) -> tuple[Configuration, Report] | None:
        data = await data_at(places, to, wanted, options, control)
        if data is None:
            return None
        return await stoppable(
            lambda hooks: train_classifier(data, to, recipe, machine, hooks),
            control,
            Teller(shown, options),
        )

    done = session.run(job, shown, None)
    if done is None:
        if not options.quiet:
            shown.say(f"what was learned is kept in {to}; to go on: {session.command_line()}")
        return EXIT_STOPPED
    configuration, report = done
    if options.json:
        printed(lambda out: show_json(out, {"folder": str(to), **report.as_dict()}))
    elif not options.quiet:
        printed(lambda out: _show(out, configuration, report, to))
    return 0


def _show(console: Console, configuration: Configuration, report: Report, to: Path) -> None:
    figures = configuration.figures
    plain(
        console,
        f"trained for {duration(figures['seconds'])}, {figures['steps']} steps, "
        f"{figures['parameters']:,} parameters, in {to}; temperature {report.temperature:.2f}",
    )
    if figures["cut"]:
        plain(console, f"the network does not read the end of {figures['cut']} rows that it learned from")
    show_scores(console, report)


def show_scores(console: Console, report: Report) -> None:
    """Print how well a classifier tells classes apart."""
    if report.cut:
        plain(console, f"the network does not read the end of {report.cut} of these rows")
    names = ["held out", "balanced", "equal lengths", "ROC AUC", "accuracy", "calibration"]
    console.print(table(names, [_row(name, scores) for name, scores in report.ways.items()]))
    said = [f"said to be: {name}" for name in report.classes]
    rows = zip(report.classes, report.model.confusion, strict=True)
    console.print(table(["class", *said], [[name, *map(str, counts)] for name, counts in rows]))
    beside = [] if report.regression is None else [report.regression.by_operators]
    operators = [
        [str(count), f"{score:.1%}", *(f"{one[count][0]:.1%}" for one in beside), str(problems)]
        for count, (score, problems) in report.model.by_operators.items()
    ]
    console.print(table(["operators", "balanced", *["regression"] * len(beside), "rows"], operators))


def _row(name: str, scores: Scores) -> list[str]:
    return [
        name,
        f"{scores.balanced_accuracy:.1%}",
        f"{scores.at_equal_lengths:.1%}",
        f"{scores.roc_auc:.3f}",
        f"{scores.accuracy:.1%}",
        f"{scores.calibration_error:.3f}",
    ]


def run_classify(name: str, model: Path, as_json: bool, options: MachineOptions) -> int:
    """Classify every line; the exit status."""
    classifier = Classifier(model, options.machine().device)

    async def answered(problems: Problems) -> Texts:
        async for some in together(problems, _AT_ONCE):
            asked = [tuple(problem.prefix.split()) for problem in some]
            found = await asyncio.to_thread(classifier.probabilities, asked)
            for problem, chances in zip(some, found.tolist(), strict=True):
                said = _line(problem.prefix, dict(zip(classifier.classes, chances, strict=True)))
                yield json.dumps(said) if as_json else _words(said)

    return answer_lines(name, options, problem_in, answered)


def _line(problem: str, shares: dict[str, float]) -> dict[str, object]:
    likeliest = max(shares, key=lambda one: shares[one])
    rounded = {one: round(share, 4) for one, share in shares.items()}
    return {"integrand": to_infix(problem), "class": likeliest, "probabilities": rounded}


def _words(found: dict[str, object]) -> str:
    shares = found["probabilities"]
    assert isinstance(shares, dict)
    return f"{found['integrand']}: {found['class']} ({shares[found['class']]:.1%})"
