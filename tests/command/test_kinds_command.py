"""Kinds of problem on the command line: what is filled, what is said of it, and what is refused."""

import io
import json
import sys
from dataclasses import replace
from pathlib import Path

import pytest
from command_line import EASY, asyncgen, rows, running
from conftest import Refuse
from test_bad_input import check_refused

from asyncgen.command import display
from asyncgen.jobs.progress import Progress

BUILDING = [sys.executable, "-m", "building"]  # see building.py
FEW = ("--kind", "backward", "--n", "150", "--workers", "2")


@pytest.fixture
def store(tmp_path: Path) -> Path:
    return tmp_path / "functions.db"


def test_a_kind_fills_the_store(store: Path):
    """The summary tells which indices stayed empty and why attempts were dropped, and so does `status`."""
    done = asyncgen(*FEW, "--store", store, "--no-progress", command=BUILDING)
    assert (done.returncode, done.stderr) == (0, "")
    ((empty,),) = rows(store, "SELECT count(*) FROM results WHERE reason LIKE 'empty:%'")
    said = [line for line in done.stdout.splitlines() if line.startswith(("empty: ", "dropped attempts: "))]
    assert said[0].startswith(f"empty: {empty} of 150 indices (")
    assert said[1].startswith("dropped attempts: ")
    shown = asyncgen("status", store)
    assert shown.stdout.splitlines()[0].startswith(f"{store}: backward, seed 0, ")
    assert said == [line for line in shown.stdout.splitlines() if line in said]


def test_programs_are_told_the_same(store: Path):
    """The summary as JSON and the status as JSON; the same command again has nothing to do."""
    summary = json.loads(asyncgen(*FEW, "--store", store, "--json", "--quiet", command=BUILDING).stdout)
    status = json.loads(asyncgen("status", store, "--json").stdout)
    again = json.loads(asyncgen(*FEW, "--store", store, "--json", "--quiet", command=BUILDING).stdout)
    counts = [(found["empty"], found["dropped"]) for found in (summary, status, again)]
    assert counts == [counts[0]] * 3
    assert counts[0][0] > 0
    assert set(counts[0][1]) == {"constant", "long"}
    assert (summary["state"], again["state"]) == ("done", "nothing")


def test_a_killed_run_goes_on_with_the_same_rows(store: Path, tmp_path: Path):
    """Killed at any moment, it ends as if nobody had: what is built follows from the index."""
    columns = "SELECT idx, status, problem_prefix, answer_prefix, operators, reason, dropped FROM results"
    with running(store, "--kind", "backward", base=BUILDING) as process:
        process.kill()
    n = len(rows(store)) + 50
    for path in (store, tmp_path / "whole.db"):
        done = asyncgen("--kind", "backward", "--n", n, "--store", path, *EASY, "--quiet", command=BUILDING)
        assert (done.returncode, done.stderr) == (0, "")
    assert rows(store, f"{columns} ORDER BY idx") == rows(tmp_path / "whole.db", f"{columns} ORDER BY idx")


def test_progress_names_what_is_dropped():
    """In the plain line and under the bar; nothing is said where nothing is."""
    progress = Progress("running", 100, 0, 50, {}, 1.0, 1.0, empty=5, dropped={"constant": 7, "long": 2})
    said = "empty 10.0%, dropped attempts: constant 7, long 2"
    assert f" | {said}" in display.line(progress)
    shown = io.StringIO()
    bar = display.LiveBar(display.Output(file=shown, force_terminal=True, width=80))
    bar.update(progress)
    bar.close()
    assert said in shown.getvalue()
    assert "dropped" not in display.line(replace(progress, empty=0, dropped={}))


def test_forward_rows_drop_nothing(store: Path):
    """Then nothing is said of it, but to programs."""
    done = asyncgen("--n", 3, "--max-ops", 1, "--min-ops", 1, "--store", store, "--engines", "risch")
    assert "dropped" not in done.stdout
    assert json.loads(asyncgen("status", store, "--json").stdout)["dropped"] == {}


def test_a_mixture_is_named_with_its_weights(store: Path, tmp_path: Path):
    """And so is the notation of the published files."""
    config = tmp_path / "mine.toml"
    config.write_text("[kinds]\nbackward = 2.0\ntower = 1\n")
    done = asyncgen(
        "--config", config, "--published", "--n", 40, "--store", store, "--quiet", command=BUILDING
    )
    assert (done.returncode, done.stderr) == (0, "")
    shown = asyncgen("status", store).stdout.splitlines()[0]
    assert f"{store}: mixture (backward 2, tower 1), as published, seed 0, " in shown
    assert {kind for (kind,) in rows(store, "SELECT DISTINCT kind FROM results")} == {"backward", "tower"}


@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        (["--kind", "bakward"], "--kind: there is no kind 'bakward'; did you mean 'backward'?"),
        (
            ["--kind", "ode1,ode2"],
            "--kind ode1,ode2: one kind only; for several give --config a table [kinds]",
        ),
        (["--kind", "qqqq"], "--kind: there is no kind 'qqqq'; there are: forward, backward, "),
        (["--published"], "--published is for kinds that are built with their answers, not for forward"),
        (["--kind", "forward", "--published"], "--published is for kinds that are built"),
        (["--kind", "tower", "--min-ops", "3"], "tower has no number of operators, leave them out"),
        (["--kind", "parts", "--min-ops", "9"], "no operator count of the distribution is in that range"),
        (
            ["--kind", "ode1", "--config", "mine.toml"],
            "its [kinds] are not those of --kind ode1: leave one out",
        ),
        (["sample", "--kind", "ode1"], "problems of kind ode1 are built in workers"),
    ],
)
def test_what_does_not_fit_is_refused(tmp_path: Path, refuse: Refuse, arguments: list[str], says: str):
    """Status 2, one line, and no store."""
    (tmp_path / "mine.toml").write_text("[kinds]\nbackward = 1\n")
    check_refused(refuse, tmp_path, arguments, ("asyncgen: ", says))


def test_kinds_whose_functions_have_no_count(tmp_path: Path, refuse: Refuse):
    """In a file, too; with one that draws functions the range holds for that one."""
    (tmp_path / "mine.toml").write_text("[kinds]\ntower = 1\nliouville = 1\n")
    check_refused(
        refuse,
        tmp_path,
        ["--config", "mine.toml", "--max-ops", "3"],
        ("asyncgen: ", "tower and liouville have no number of operators"),
    )
