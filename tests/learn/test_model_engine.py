"""A trained model as an engine: its answers are checked, its rows name it, its workers have one thread."""

import asyncio
import json
import os
import shutil
import sys
from collections.abc import Callable
from functools import partial
from pathlib import Path

import pytest
import torch
from command_line import asyncgen, rows

from asyncgen.calls import system
from asyncgen.jobs.labelling import scheduler_settings, solver
from asyncgen.jobs.limits import Limits, Workforce
from asyncgen.learn.engine import Model, trained_model
from asyncgen.mathematics.engines.interface import Finding, Integrand
from asyncgen.problems.errors import UsageError
from asyncgen.problems.files import problem_of
from asyncgen.problems.records import Outcome, Problem, Status
from asyncgen.scheduler import Scheduler

WITHOUT = """
import sys
sys.modules["torch"] = None
from asyncgen.command.main import main
main(sys.argv[1:])
"""
SMALL = ("--units", 32, "--embedding", 16, "--heads", 2, "--batch", 16, "--learning-rate", 0.02)


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A model that has learned the integrals of a few simple functions."""
    place = tmp_path_factory.mktemp("engine")
    making = ("--kind", "backward", "--max-ops", 1, "--n", 150, "--store", "rows.db", "--no-progress")
    training = ("learn", "integrator", "rows.db", "--to", "model", *SMALL, "--epochs", 12, "--quiet")
    for arguments in (making, training):
        done = asyncgen(*arguments, cwd=place)
        assert done.returncode == 0, done.stderr
    return place / "model"


class TestEngine:
    """By itself."""

    def test_it_guesses(self, folder: Path):
        """As many answers as the beam is wide, the likeliest first."""
        for beam in (1, 5):
            answer = Model(trained_model(folder, beam)).integrate(Integrand(("mul", "INT+", "2", "x")), 60.0)
            assert answer.finding is Finding.GUESSED
            assert len(set(answer.candidates)) == beam

    def test_it_keeps_to_its_limit(self, folder: Path):
        """And answers the next function as if it had not been cut."""
        engine = Model(trained_model(folder, 500))  # which takes longer than the timer is coarse
        engine.start()
        before = engine.integrate(Integrand(("cos", "x")), 60.0)
        assert engine.integrate(Integrand(("cos", "x")), 1e-6).finding is Finding.CUT
        assert engine.integrate(Integrand(("cos", "x")), 60.0) == before

    def test_of_a_long_function_it_says_nothing(self, folder: Path):
        answer = Model(trained_model(folder)).integrate(Integrand(("sin",) * 600 + ("x",)), 60.0)
        assert (answer.finding, answer.reason) == (Finding.UNSOLVED, "long")

    def test_weights_that_changed_are_refused(self, folder: Path, tmp_path: Path):
        """A worker that starts later answers as those before it, or ends the run."""
        copy = copied(folder, tmp_path)
        model = trained_model(copy)
        with (copy / "model.safetensors").open("r+b") as file:
            file.seek(-4, os.SEEK_END)
            file.write(b"\x00\x00\x00\x00")
        with pytest.raises(UsageError, match="was changed since the run began"):
            Model(model)


def copied(folder: Path, place: Path) -> Path:
    """The model without what is needed to go on with its training."""
    return shutil.copytree(folder, place / "copy", ignore=shutil.ignore_patterns("training"))


def labelled_with_threads(problem: Problem, solve: Callable[[Problem], Outcome]) -> tuple[Outcome, int, int]:
    """In a worker: a label, the threads of the process, and those that PyTorch would use."""
    outcome = solve(problem)
    torch.ones(600, 600) @ torch.ones(600, 600)  # which is worth several threads
    return outcome, system.number_of_threads(), torch.get_num_threads()


@pytest.fixture
def _busy_parent():
    """PyTorch has computed in this process, with several threads."""
    before = torch.get_num_threads()
    torch.set_num_threads(4)
    torch.ones(600, 600) @ torch.ones(600, 600)
    assert system.number_of_threads() >= 4
    yield
    torch.set_num_threads(before)


@pytest.mark.engine
@pytest.mark.usefixtures("_busy_parent")
@pytest.mark.parametrize("threads", [None, "4"])
async def test_workers_answer_with_one_thread(
    folder: Path, threads: str | None, monkeypatch: pytest.MonkeyPatch
):
    """Whatever threads this process has, and whatever its environment asks for.

    Workers are copies of an interpreter that was started for it and imported PyTorch with one thread.
    """
    if threads is not None:
        monkeypatch.setenv("OMP_NUM_THREADS", threads)
    limits = Limits(engines="model=2", model=trained_model(folder), timeout=20.0)
    call = partial(labelled_with_threads, solve=solver(limits))
    async with Scheduler(scheduler_settings(limits, Workforce(workers=2))) as scheduler:
        problems = [problem_of("2*x", 0), problem_of("3*x**2", 1), problem_of("2*x", 2)]
        found = await asyncio.gather(*(scheduler.run(call, problem) for problem in problems))
    assert [counts for _, *counts in found] == [[1, 1]] * 3
    first, _, third = (outcome for outcome, *_ in found)
    assert (first.status, first.engine, first.integral) == (Status.ELEMENTARY, "model", "x**2")
    assert third.integral == first.integral


@pytest.mark.engine
class TestCommand:
    """As it is typed."""

    def test_rows_say_who_answered(self, folder: Path, tmp_path: Path):
        """And wrong answers of the model do not change what the row would be without them."""
        (tmp_path / "functions").write_text("2*x\nexp(x)/x\n")
        engines = ("--engines", "manual=1e-6,model=1", "--model", folder)
        done = asyncgen("label", tmp_path / "functions", "--workers", 1, *engines)
        assert done.returncode == 0, done.stderr
        first, second = map(json.loads, done.stdout.splitlines())
        assert (first["status"], first["engine"], first["integral"]) == ("elementary", "model", "x**2")
        assert (second["status"], second["reason"]) == ("timeout", "cpu:manual")

    def test_a_store_knows_the_model_by_its_weights(self, folder: Path, tmp_path: Path):
        """A copy of the folder is the same model; with another beam the labels would be others."""
        command = (
            "--store",
            "rows.db",
            "--max-ops",
            1,
            "--min-ops",
            1,
            "--engines",
            "model",
            "--no-progress",
        )
        done = asyncgen(*command, "--n", 3, "--model", folder, cwd=tmp_path)
        assert done.returncode == 0, done.stderr
        copy = copied(folder, tmp_path)
        done = asyncgen(*command, "--n", 4, "--model", copy, "--beam", 3, cwd=tmp_path)
        assert (done.returncode, "model_beam was 10 and is 3" in done.stderr) == (2, True), done.stderr
        done = asyncgen(*command, "--n", 4, "--model", copy, cwd=tmp_path)
        assert done.returncode == 0, done.stderr
        ((first,), (second,)) = rows(tmp_path / "rows.db", "SELECT settings FROM runs")
        said = json.loads(str(first))
        assert (said["model_weights_sha256"], said["model_beam"]) == (trained_model(folder).weights, 10)
        assert second == first

    @pytest.mark.parametrize(
        ("arguments", "words"),
        [
            (["--engines", "model"], "model asks a trained model: give its folder, --model FOLDER"),
            (["--engines", "risch", "--model", "MODEL"], "no engine of --engines risch asks a model"),
            (["--engines", "risch", "--beam", "3"], "--beam: it is the model's that --model names"),
            (["--engines", "model", "--model", "MODEL", "--beam", "0"], "--beam 0: it must be between 1 and"),
            (["--engines", "model", "--model", "nowhere"], "nowhere is no model's folder"),
            (["--engines", "model", "--model", "DAMAGED"], "cannot be read"),
            (["--engines", "model", "--model", "OTHER"], "that was trained as a classifier"),
            (
                ["--kind", "ode1", "--engines", "model", "--model", "MODEL"],
                "no engine is asked for rows of kind",
            ),
        ],
    )
    def test_what_cannot_be_done(self, folder: Path, tmp_path: Path, arguments: list[str], words: str):
        """In one line that says what to do, and no store is made."""
        damaged, other = copied(folder, tmp_path / "1"), copied(folder, tmp_path / "2")
        (damaged / "model.safetensors").write_bytes(b"rubbish")
        about = json.loads((other / "config.json").read_text())
        (other / "config.json").write_text(json.dumps({**about, "task": "classifier"}))
        places = {"MODEL": folder, "DAMAGED": damaged, "OTHER": other}
        done = asyncgen(*(places.get(word, word) for word in arguments), "--n", 3, cwd=tmp_path)
        assert (done.returncode, len(done.stderr.splitlines())) == (2, 1), done.stderr
        assert words in done.stderr
        assert not (tmp_path / "functions.db").exists()

    def test_without_pytorch_the_extra_is_named(self, folder: Path, tmp_path: Path):
        """Not a run full of errors."""
        arguments = ("--engines", "model", "--model", folder, "--n", 3)
        done = asyncgen(*arguments, cwd=tmp_path, command=[sys.executable, "-c", WITHOUT])
        assert (done.returncode, len(done.stderr.splitlines())) == (2, 1), done.stderr
        assert "PyTorch is not installed" in done.stderr
        assert "pip install 'asyncgen[learn]'" in done.stderr
