"""From nothing to models that answer, as a newcomer types it."""

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

pytestmark = [pytest.mark.long, pytest.mark.timeout(175)]
SMALL = ("--units", "128", "--embedding", "32", "--batch", "32", "--max-time", "60", "--split", "0.8,0.1,0.1")


def asyncgen(folder: Path, *arguments: str, given: str = "") -> str:
    """What a command prints."""
    command = [sys.executable, "-m", "asyncgen", *arguments]
    alone = {**os.environ, "OMP_NUM_THREADS": "1"}  # as more threads wait for each other beside a load
    done = subprocess.run(command, cwd=folder, input=given, capture_output=True, text=True, env=alone)
    assert done.returncode == 0, done.stderr[-2000:]
    return done.stdout


def test_an_integrator_and_a_classifier_are_made_of_three_thousand_rows(tmp_path: Path):
    """Rows, a minute of training, a report with right answers, an integral, a class."""
    asyncgen(
        tmp_path,
        "--kind",
        "backward",
        "--min-ops",
        "1",
        "--max-ops",
        "5",
        "--n",
        "3000",
        "--store",
        "backward.db",
    )
    integrator = ("backward.db", "--to", "model", *SMALL, "--epochs", "100", "--patience", "0")
    asyncgen(tmp_path, "learn", "integrator", *integrator)
    asked = ("model", "backward.db", "--split", "0.8,0.1,0.1", "--beam", "1,10", "--n", "60", "--json")
    report = json.loads(asyncgen(tmp_path, "learn", "evaluate", *asked))
    assert [beam["problems"] for beam in report["beams"]] == [report["problems"]] * 2
    assert report["beams"][1]["right"] > 0.2
    answer = asyncgen(tmp_path, "learn", "integrate", "-", "--model", "model", "--beam", "10", given="3*x**2")
    assert "x**3" in answer
    assert "right" in answer

    asyncgen(tmp_path, "--min-ops", "1", "--n", "3000", "--engines", "risch", "--store", "functions.db")
    classifier = ("functions.db", "--to", "classes", "--binary", *SMALL, "--epochs", "2", "--json")
    report = json.loads(asyncgen(tmp_path, "learn", "classifier", *classifier))
    assert report["model"]["balanced_accuracy"] > report["majority"]["balanced_accuracy"] == 0.5
    said = asyncgen(tmp_path, "learn", "classify", "-", "--model", "classes", given="2*x")
    assert said.startswith("2*x: closed form")
