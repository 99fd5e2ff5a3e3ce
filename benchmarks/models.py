"""What benchmarks of learning share: rows, training and evaluating, each by the command that a user types."""

import json
import subprocess
import sys
from collections.abc import Iterable
from pathlib import Path
from typing import Any

Found = dict[str, Any]  # what `asyncgen learn evaluate --json` prints, with the model's figures
SPLIT = ("--split", "0.94,0.02,0.04")


def asyncgen(*arguments: object) -> str:
    """What a command prints; its progress goes to standard error."""
    words = [str(argument) for argument in arguments]
    print("asyncgen", *words, file=sys.stderr, flush=True)
    command = [sys.executable, "-m", "asyncgen", *words]
    return subprocess.run(command, check=True, stdout=subprocess.PIPE, text=True).stdout


def made(store: Path, kind: str, rows: int, *more: str) -> Path:
    """The store, with so many rows of a kind; those that are there already stay."""
    asyncgen("--kind", kind, "--n", rows, "--store", store, "--quiet", *more)
    return store


def trained(data: Iterable[Path], model: Path, minutes: float, *more: str) -> Found:
    """Train an integrator for so long; its figures."""
    limits = ("--max-time", 60 * minutes, "--epochs", 1000, "--patience", 0)
    asyncgen("learn", "integrator", *data, "--to", model, *limits, "--quiet", *more)
    figures: Found = json.loads((model / "config.json").read_text())["figures"]
    return figures


def evaluated(model: Path, data: Path, problems: int, beams: str, *more: str) -> Found:
    """How often it is right on problems of the part that it has not seen."""
    asked = ("--beam", beams, "--n", problems, "--part", "test", "--json")
    found: Found = json.loads(asyncgen("learn", "evaluate", model, data, *asked, *more))
    return found


def right(found: Found) -> list[str]:
    """The shares of right answers, by beam."""
    return [f"{beam['right']:.1%}" for beam in found["beams"]]
