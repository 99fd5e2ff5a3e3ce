"""What does a trained model label that our integrator, FriCAS and SymPy leave open, at what CPU a label?

Functions are drawn (preset lample-charton, seed 20) and labelled by the engines of --before, each with its
usual CPU seconds. Those that are left, neither labelled nor degenerate, are asked of the model, at each beam.
Beside it each of the other engines is asked once more, with as many CPU seconds as the model has: what time
alone would buy is no merit of the model's. The second table is of all functions: what an order labels with
the model and without, at what CPU a row. CPU seconds are the workers', of the rows; --with-start adds that of
everything else, which with a model is some seconds a run for PyTorch.

    python benchmarks/model_engine.py --model FOLDER [--n 2000] [--ops 1-15] [--before auto,sympy]
        [--beams 1,10,50] [--seconds 1] [--workers 2] [--with-start] [--quick]
"""

import argparse
import sqlite3
import sys
import tempfile
from collections.abc import Sequence
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path

from accounting import spent
from models import made, trained
from needs import need
from rounds import table

from asyncgen.jobs.limits import DEFAULT_TIMEOUT, choose
from asyncgen.mathematics.engines.catalogue import ENGINES

LABELLED = ("elementary", "special", "nonelementary")
SHOWN = 8  # functions that only the model has labelled
MODEL = next(name for name, entry in ENGINES.items() if entry.asks_model)


@dataclass(frozen=True)
class Row:
    """One function, and what became of it."""

    problem: str
    text: str
    status: str
    engine: str | None
    cpu_seconds: float

    @property
    def is_labelled(self) -> bool:
        return self.status in LABELLED

    @property
    def is_open(self) -> bool:
        return not self.is_labelled and self.status != "degenerate"


@dataclass(frozen=True)
class Run:
    """What a command has made of some functions, and the CPU seconds of all its processes."""

    rows: list[Row]
    cpu_seconds: float

    def figures(self, with_start: bool) -> list[str]:
        """Functions, those that are labelled, by the model, CPU-ms a row, CPU seconds a label."""
        count = sum(row.is_labelled for row in self.rows)
        by_model = sum(row.is_labelled and row.engine == MODEL for row in self.rows)
        seconds = self.cpu_seconds if with_start else sum(row.cpu_seconds for row in self.rows)
        each = f"{seconds / count:.3f}" if count else "none"
        return [
            f"{len(self.rows)}",
            f"{count}",
            f"{by_model}",
            f"{1000 * seconds / max(1, len(self.rows)):.1f}",
            each,
        ]


class Bench:
    """Runs commands into stores of one folder."""

    def __init__(self, folder: Path, options: argparse.Namespace) -> None:
        self._folder = folder
        self._options = options
        self._number = 0

    def drawn(self, engines: str, beam: int | None = None) -> Run:
        """All functions under an order of engines."""
        low, high = self._options.ops.split("-")
        sampled = ("--n", self._options.n, "--seed", 20, "--min-ops", low, "--max-ops", high)
        return self._run((*sampled, "--quiet"), engines, beam)

    def asked(self, functions: Path, engines: str, beam: int | None = None) -> Run:
        """The functions of a file."""
        return self._run(("label", functions, "--quiet"), engines, beam)

    def _run(self, words: Sequence[object], engines: str, beam: int | None) -> Run:
        self._number += 1
        store = self._folder / f"{self._number}.db"
        model = () if beam is None else ("--model", self._options.model, "--beam", beam)
        command = [*words, "--store", store, "--engines", engines, "--workers", self._options.workers, *model]
        print("asyncgen", *command, file=sys.stderr, flush=True)
        cost = spent([sys.executable, "-m", "asyncgen", *map(str, command)])
        return Run(rows_of(store), cost.cpu_seconds)


def rows_of(store: Path) -> list[Row]:
    columns = "problem_prefix, integrand, status, engine, cpu_seconds"
    with closing(sqlite3.connect(f"file:{store}?mode=ro", uri=True)) as connection:
        return [Row(*row) for row in connection.execute(f"SELECT {columns} FROM results ORDER BY idx")]


def compare(options: argparse.Namespace, folder: Path) -> None:
    """Both tables."""
    bench = Bench(folder, options)
    before = bench.drawn(options.before)
    left = [row for row in before.rows if row.is_open]
    functions = folder / "left"
    functions.write_text("".join(f"{row.problem}\n" for row in left))
    others = [name for name, _ in choose(options.before, DEFAULT_TIMEOUT)]
    lines, found = [], list[Row]()
    if left:
        for beam in options.beams:
            run = bench.asked(functions, f"{MODEL}={options.seconds:g}", beam)
            found += [row for row in run.rows if row.is_labelled]
            lines.append([f"{MODEL}, beam {beam}", *run.figures(options.with_start)])
        for name in others:
            run = bench.asked(functions, f"{name}={options.seconds:g}")
            lines.append([name, *run.figures(options.with_start)])
    head = ["functions", "labelled", "by the model", "CPU-ms a row", "CPU-s a label"]
    print(f"{len(left)} of {len(before.rows)} functions are left by {options.before}")
    table([f"left, {options.seconds:g} CPU-s an engine", *head], lines)
    print("\n".join(f"  {text}" for text in list(dict.fromkeys(row.text for row in found))[:SHOWN]))
    beam = options.beams[min(1, len(options.beams) - 1)]
    ours = others[0]
    ways = {
        ours: bench.drawn(ours),
        f"{ours},{MODEL}": bench.drawn(f"{ours},{MODEL}", beam),
        options.before: before,
        f"{options.before},{MODEL}": bench.drawn(f"{options.before},{MODEL}", beam),
    }
    rows = [[way, *run.figures(options.with_start)] for way, run in ways.items()]
    table([f"all, beam {beam}", *head], rows)


def main(arguments: Sequence[str] | None = None) -> None:
    """Measure."""
    found = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    found.add_argument("--model", type=Path, help="the folder of an integrator")
    found.add_argument("--n", type=int, default=2000)
    found.add_argument("--ops", default="1-15", help="operators, from-to")
    found.add_argument("--before", default="auto,sympy", help="engines that are asked first")
    found.add_argument("--beams", type=lambda text: [*map(int, text.split(","))], default=[1, 10, 50])
    found.add_argument("--seconds", type=float, default=1.0, help="of CPU, for an engine with what is left")
    found.add_argument("--workers", type=int, default=2)
    found.add_argument("--with-start", action="store_true")
    found.add_argument("--quick", action="store_true", help="a smoke test: its figures mean nothing")
    options = found.parse_args(arguments)
    need("torch")
    with tempfile.TemporaryDirectory() as folder:
        if options.quick:
            options.n, options.beams, options.before = 12, [1, 3], "manual"
            options.model = options.model or small_model(Path(folder))
        if options.model is None:
            found.error("name the folder of a model: --model FOLDER")
        compare(options, Path(folder))


def small_model(folder: Path) -> Path:
    """One that knows next to nothing."""
    rows = made(folder / "rows.db", "backward", 150, "--max-ops", "1")
    trained([rows], folder / "model", 0.05, "--units", "32", "--embedding", "16")
    return folder / "model"


if __name__ == "__main__":
    main()
