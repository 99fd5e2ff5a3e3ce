"""Prints a classifier's report for the command line, and has it classify functions."""

import asyncio
import json
from pathlib import Path

from rich.console import Console

from asyncgen.command.display import duration, plain
from asyncgen.command.learn_options import MachineOptions
from asyncgen.command.learn_running import Texts, answer_lines
from asyncgen.command.printing import table
from asyncgen.jobs.run import Problems
from asyncgen.learn.classification import Report, Scores
from asyncgen.learn.classifier import Classifier
from asyncgen.learn.folder import Configuration
from asyncgen.learn.integrating import together
from asyncgen.problems.files import problem_in
from asyncgen.problems.infix_text import to_infix

_AT_ONCE = 64  # functions


def show_report(console: Console, configuration: Configuration, report: Report, to: Path) -> None:
    """Print how well a classifier tells classes apart."""
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
