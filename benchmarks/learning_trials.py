"""How many tokens do the five trials of a published replication get right on rows of ours?

`examples/trials.toml` as it is: each trial has the encoder, decoder, heads and optimizer of the replication.
The rows are backward rows at the paper's lengths, made here, parted by values. The replication's accuracies,
of tokens one by one, stand beside ours; its rows were others, and it parted them otherwise.

    python benchmarks/learning_trials.py [--rows 300000] [--store S.db] [--out FOLDER] [--quick]
"""

import argparse
import csv
import tomllib
from collections.abc import Sequence
from pathlib import Path

from models import asyncgen, made
from needs import need
from rounds import table

TRIALS = Path(__file__).parents[1] / "examples" / "trials.toml"
PUBLISHED = {"1": 0.7467, "2": 0.7516, "3": 0.8041, "4": 0.7831, "5": 0.8045}
SHOWN = ("optimizer", "cell", "units", "heads")
GOAL = 0.80  # of the best


def tried(store: Path, options: argparse.Namespace) -> list[dict[str, str]]:
    """Run the experiment; its rows."""
    trials = TRIALS
    if options.quick:
        trials = options.out / "quick.toml"
        trials.write_text(
            TRIALS.read_text().replace("steps = 100", "steps = 2").replace("epochs = 20", "epochs = 1")
        )
    asyncgen("learn", "experiment", trials, store, "--to", options.out / "experiment", "--json")
    with (options.out / "experiment" / "results.csv").open(newline="") as file:
        return list(csv.DictReader(file))


def row(found: dict[str, str]) -> list[str]:
    """A trial as a row of the table."""
    ours = found["validation_accuracy"]
    return [
        found["trial"],
        " ".join(found[name] for name in SHOWN),
        found["epochs_done"],
        f"{float(found['seconds']):.0f}",
        f"{int(found['parameters']):,}",
        f"{float(ours):.4f}",
        f"{PUBLISHED[found['trial']]:.4f}",
    ]


def main(arguments: Sequence[str] | None = None) -> None:
    """Measure."""
    found = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    found.add_argument("--rows", type=int, default=300_000)
    found.add_argument("--store", type=Path, help="rows that are there already")
    found.add_argument("--out", type=Path, default=Path("learning-trials"))
    found.add_argument("--quick", action="store_true", help="a smoke test: its figures mean nothing")
    options = found.parse_args(arguments)
    need("torch", "optuna", "matplotlib")
    assert set(tomllib.loads(TRIALS.read_text())["trial"]) == set(PUBLISHED)
    options.out.mkdir(parents=True, exist_ok=True)
    store = options.store or made(
        options.out / "rows.db", "backward", 400 if options.quick else options.rows, *ops(options)
    )
    table(
        ["trial", "settings", "epochs", "seconds", "parameters", "tokens right", "published"],
        map(row, tried(store, options)),
    )
    print(f"the goal: the best gets at least {GOAL:.0%} of tokens right")


def ops(options: argparse.Namespace) -> list[str]:
    """The lengths: the preset's, which are the paper's, unless nobody looks at the figures."""
    return ["--max-ops", "3"] if options.quick else []


if __name__ == "__main__":
    main()
