"""Does it pay to ask slow engines only where a classifier hopes for an answer?

Functions are drawn (preset lample-charton) that the classifier has not seen: --seen names the stores that it
was trained on. An order such as risch/fricas,sympy-risch,integrate is two steps: the engines behind the
stroke are asked for what those before it leave, each with its usual CPU seconds, or four times as many. Every
function is run through all of it once; then the table says what would have come of asking for a share of what
is left only: those with the highest probability of a closed form, those that are the least likely to stay
undecided (where the classifier has that class), the shortest (what no classifier is needed for), and at
random (the mean of all ways to choose). A perfect one bounds what any classifier could save. The CPU of the
classifier, a function at a time, is counted where it is asked, that of loading it is not.

    python benchmarks/classifier_order.py --classifier FOLDER [--seen STORE,...] [--n 2000] [--seed 77]
        [--ops 1-15] [--orders risch/fricas,sympy-risch,integrate /sympy-risch,integrate] [--quick]
"""

import argparse
import sqlite3
import tempfile
import time
from collections.abc import Callable, Iterable, Sequence
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path

from models import asyncgen, made
from needs import need
from rounds import table

from asyncgen.jobs.limits import DEFAULT_TIMEOUT, choose
from asyncgen.problems.distributions import PRESETS, with_operator_range
from asyncgen.problems.spec import Spec
from asyncgen.sampler import Sampler

LABELLED = ("elementary", "special", "nonelementary")
SHARES = (0.75, 0.5, 0.25, 0.1)
LONGER = 4  # times the usual CPU seconds


@dataclass(frozen=True)
class Row:
    """What a run made of a function."""

    status: str
    cpu_seconds: float

    @property
    def is_labelled(self) -> bool:
        return self.status in LABELLED


@dataclass(frozen=True)
class Hopes:
    """Of each function, by what it is chosen: a number for each way, the higher the sooner."""

    ways: dict[str, dict[str, float]]
    cpu_seconds: float  # of the classifier, for a function


def drawn(options: argparse.Namespace) -> list[str]:
    """So many functions that are different, and that nobody has seen."""
    low, high = map(int, options.ops.split("-"))
    sampler = Sampler(Spec(with_operator_range(PRESETS["lample-charton"], low, high), seed=options.seed))
    known = {problem for store in options.seen for problem in rows_of(store)}
    found: dict[str, None] = {}
    index = 0
    while len(found) < options.n:
        if (problem := sampler.problem(index).prefix) not in known:
            found[problem] = None
        index += 1
    return list(found)


def rows_of(store: Path) -> dict[str, Row]:
    columns = "problem_prefix, status, cpu_seconds"
    with closing(sqlite3.connect(f"file:{store}?mode=ro", uri=True)) as connection:
        return {problem: Row(*row) for problem, *row in connection.execute(f"SELECT {columns} FROM results")}


def labelled(problems: Iterable[str], engines: str, timeout: float, folder: Path) -> dict[str, Row]:
    """What comes of these functions; degenerate ones are left out."""
    functions, store = folder / "functions", folder / "labelled.db"
    functions.write_text("".join(f"{problem}\n" for problem in problems))
    store.unlink(missing_ok=True)
    asyncgen("label", functions, "--store", store, "--engines", engines, "--timeout", timeout, "--quiet")
    return {problem: row for problem, row in rows_of(store).items() if row.status != "degenerate"}


def slices(engines: str, times: float) -> str:
    """The engines with so many times their usual CPU seconds."""
    return ",".join(f"{name}={times * seconds!r}" for name, seconds in choose(engines, DEFAULT_TIMEOUT))


def hopes(folder: Path, problems: Sequence[str]) -> Hopes:
    """What a classifier says of each function, and how short it is."""
    import torch

    from asyncgen.learn.classifier import Classifier

    torch.set_num_threads(1)
    classifier = Classifier(folder, torch.device("cpu"))
    classifier.probabilities([("x",)])
    began = time.process_time()
    chances = {problem: classifier.probabilities([tuple(problem.split())])[0] for problem in problems}
    seconds = (time.process_time() - began) / max(1, len(problems))
    ways = {"closed form": {problem: float(chance[0]) for problem, chance in chances.items()}}
    if len(classifier.classes) > 2:
        ways["not undecided"] = {problem: 1 - float(chance[2]) for problem, chance in chances.items()}
    ways["short"] = {problem: -len(problem.split()) for problem in problems}
    return Hopes(ways, seconds)


@dataclass(frozen=True)
class Trial:
    """One order on all functions: what came before the stroke, and what the slow engines made of the rest."""

    before: dict[str, Row]
    slow: dict[str, Row]
    functions: int

    def line(self, asked: Iterable[str], weight: float = 1.0, extra: float = 0.0) -> list[str]:
        """Labels and rates where the slow engines are asked for these, each with this weight."""
        some = [self.slow[problem] for problem in asked]
        labels = sum(row.is_labelled for row in self.before.values())
        gained = weight * sum(row.is_labelled for row in some)
        seconds = sum(row.cpu_seconds for row in self.before.values()) + extra
        seconds += weight * sum(row.cpu_seconds for row in some)
        figures = [f"{labels + gained:.0f}", f"{gained:.0f}", f"{seconds:.1f}"]
        return [*figures, f"{self.functions / seconds:.1f}", f"{(labels + gained) / seconds:.1f}"]


def lines(trial: Trial, found: Hopes) -> Iterable[list[str]]:
    """Without the classifier, and at each share by each way."""
    left = list(trial.slow)
    yield ["all", "", *trial.line(left)]
    for share in SHARES:
        count = round(share * len(left))
        for way, values in found.ways.items():
            best = sorted(left, key=lambda problem, by=values: by[problem], reverse=True)[:count]  # type: ignore[misc]
            extra = 0.0 if way == "short" else found.cpu_seconds * len(left)
            yield [f"{share:.0%}", way, *trial.line(best, extra=extra)]
        yield [f"{share:.0%}", "at random", *trial.line(left, weight=count / max(1, len(left)))]
    yield [
        "those labelled",
        "a perfect one",
        *trial.line([one for one in left if trial.slow[one].is_labelled]),
    ]
    if trial.before:
        yield ["none", "", *trial.line([])]


def compare(order: str, options: argparse.Namespace, folder: Path, problems: list[str]) -> None:
    """The tables of one order."""
    first, _, slow = order.partition("/")
    before = labelled(problems, first, DEFAULT_TIMEOUT, folder) if first else {}
    left = [problem for problem, row in before.items() if not row.is_labelled] if first else problems
    found = hopes(options.classifier, left)
    for times in (1, LONGER):
        rows = labelled(left, slices(slow, times), times * DEFAULT_TIMEOUT, folder)
        trial = Trial(before, rows, len(before) or len(rows))
        print(
            f"{order}, {times} x the usual CPU seconds: {len(rows)} of {trial.functions} functions are left; "
            f"the classifier takes {1000 * found.cpu_seconds:.1f} CPU-ms each"
        )
        head = ["asked for", "chosen by", "labels", "of the slow", "CPU-s", "rows a CPU-s", "labels a CPU-s"]
        table(head, lines(trial, found))


def main(arguments: Sequence[str] | None = None) -> None:
    """Measure."""
    stores: Callable[[str], list[Path]] = lambda text: [Path(name) for name in text.split(",")]  # noqa: E731
    found = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    found.add_argument("--classifier", type=Path, help="the folder of a classifier")
    found.add_argument("--seen", type=stores, default=[], help="stores that it was trained on")
    found.add_argument("--n", type=int, default=2000)
    found.add_argument("--seed", type=int, default=77)
    found.add_argument("--ops", default="1-15", help="operators, from-to")
    found.add_argument(
        "--orders", nargs="+", default=["risch/fricas,sympy-risch,integrate", "/sympy-risch,integrate"]
    )
    found.add_argument("--quick", action="store_true", help="a smoke test: its figures mean nothing")
    options = found.parse_args(arguments)
    need("torch")
    with tempfile.TemporaryDirectory() as folder:
        if options.quick:
            options.n, options.orders, options.ops = 12, ["/manual"], "1-4"
            options.classifier = options.classifier or small_classifier(Path(folder))
        if options.classifier is None:
            found.error("name the folder of a classifier: --classifier FOLDER")
        problems = drawn(options)
        for order in options.orders:
            compare(order, options, Path(folder), problems)


def small_classifier(folder: Path) -> Path:
    """One that knows next to nothing."""
    rows = made(folder / "rows.db", "forward", 300, "--max-ops", "4", "--engines", "risch")
    flags = ("--binary", "--max-time", "2", "--epochs", "3", "--units", "32", "--embedding", "16")
    asyncgen(
        "learn", "classifier", rows, "--to", folder / "classes", *flags, "--quiet", "--split", "0.6,0.2,0.2"
    )
    return folder / "classes"


if __name__ == "__main__":
    main()
