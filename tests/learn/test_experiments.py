"""Experiments from the command line: trials in processes of their own, compared, stopped, gone on with."""

import asyncio
import csv
import json
import os
import signal
import subprocess
from pathlib import Path

import pytest
import torch
from command_line import COMMAND, asyncgen
from exported import many, store
from processes import descendants

from asyncgen.calls.errors import CallTimeout, MemoryLimitExceeded, WorkerDied
from asyncgen.datasets.exporting.export import Run, export
from asyncgen.datasets.exporting.request import Request
from asyncgen.datasets.splits import read_split
from asyncgen.learn.data.prepare import prepared
from asyncgen.learn.errors import LearningError
from asyncgen.learn.experiments.plan import Limits
from asyncgen.learn.experiments.record import Record
from asyncgen.learn.experiments.rows import Row
from asyncgen.learn.experiments.running import Control, Experiment, reason_of, run
from asyncgen.learn.experiments.trial import told_to_end
from asyncgen.learn.experiments.trials_file import read_plan
from asyncgen.learn.experiments.turns import Turns
from asyncgen.learn.train import Machine
from asyncgen.scheduler import Scheduler

ONE_THREAD = ["--at-once", "2"]  # for each trial, on two cores: others use them, too
COMMON = """
[common]
units = 16
embedding = 16
heads = 2
batch = 8
steps = 3
patience = 0
learning_rate = 0.01
"""


@pytest.fixture(scope="module")
def data(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """An export of a few rows."""
    place = tmp_path_factory.mktemp("data")
    rows = asyncio.run(store(place / "rows.db", many(0, 120)))
    request = Request(format="jsonl", split=read_split("0.6,0.2,0.2"))
    asyncio.run(export([rows], place / "rows", request, Run(workers=1)))
    return place / "rows"


@pytest.fixture
def folder(data: Path, tmp_path: Path) -> Path:
    """One in which the data are near."""
    (tmp_path / "rows").symlink_to(data)
    return tmp_path


def write(folder: Path, text: str) -> None:
    """The file of an experiment."""
    (folder / "trials.toml").write_text(f'data = "rows"\n{COMMON}{text}')


def experiment(folder: Path, text: str) -> tuple[subprocess.CompletedProcess[str], dict]:
    write(folder, text)
    command = ["learn", "experiment", "trials.toml", "--to", "to", *ONE_THREAD, "--json"]
    done = asyncgen(*command, cwd=folder)
    return done, json.loads(done.stdout) if done.stdout else {}


@pytest.mark.engine
def test_trials_are_compared(folder: Path):
    """A table, rows as CSV, a picture, the best model. What is done is not trained again, nor otherwise."""
    trials = "epochs = 2\n[trial.one]\n[trial.two]\ncell = 'lstm'\n"
    done, found = experiment(folder, trials)
    assert done.returncode == 0, done.stderr
    assert [(row["trial"], row["state"], row["epochs_done"]) for row in found["trials"]] == [
        ("one", "done", 2),
        ("two", "done", 2),
    ]
    losses = {row["trial"]: row["validation_loss"] for row in found["trials"]}
    assert found["best"] == min(losses, key=lambda name: losses[name])
    to = folder / "to"
    with (to / "results.csv").open() as file:
        assert [row["cell"] for row in csv.DictReader(file)] == ["gru", "lstm"]
    assert (to / "curves.png").read_bytes().startswith(b"\x89PNG")
    assert json.loads((to / "best" / "config.json").read_text())["figures"]["trial"] == found["best"]
    assert "trial one: done after 2 epochs" in done.stderr
    again = asyncgen("learn", "experiment", "trials.toml", "--to", "to", cwd=folder)
    assert (again.returncode, again.stderr) == (0, "")
    table = again.stdout.splitlines()
    assert table[0].split() == [
        *("trial", "cell", "epochs", "done", "time", "parameters"),
        *table[0].split()[6:],
    ]
    assert [line.split()[:2] for line in table[1:3]] == [["one", "gru"], ["two", "lstm"]]
    assert table[3] == f"the best by validation loss is trial {found['best']}: to/best"
    write(folder, f"seed = 3\n{trials}")
    other = asyncgen("learn", "experiment", "trials.toml", "--to", "to", cwd=folder)
    assert other.returncode == 2
    assert "trial one: to/trials/one holds a model whose training has seed 0, not 3" in other.stderr


@pytest.mark.engine
def test_a_trial_that_fails_is_a_row_with_its_reason(folder: Path):
    """Here it wants more memory than it may have; the others go on."""
    limits = "[limits]\nmemory = '1000Mi'\n"
    done, found = experiment(folder, f"epochs = 1\n[trial.huge]\nunits = 8192\n[trial.small]\n{limits}")
    assert done.returncode == 0, done.stderr
    huge, small = found["trials"]
    assert (huge["state"], huge["reason"]) == ("failed", "memory: it held more than 1,000 MiB")
    assert (small["state"], small["reason"], found["best"]) == ("done", "", "small")


@pytest.mark.engine
def test_where_all_fail_so_does_the_experiment(folder: Path):
    """Here the trial does not come to its end in time; what it has learned is saved."""
    done, found = experiment(folder, "epochs = 100000\n[trial.long]\n[limits]\ntime = 1\n")
    assert done.returncode == 1, done.stderr
    (row,) = found["trials"]
    assert (row["state"], row["reason"]) == ("failed", "time: it had not come to its end after 1 s")
    assert found["best"] is None
    assert (folder / "to" / "trials" / "long" / "training" / "checkpoint.safetensors").is_file()


@pytest.mark.engine
def test_a_stopped_experiment_goes_on(folder: Path):
    """With the trial where that was."""
    write(folder, trials := "epochs = 12\n[trial.1]\n")
    command = [*COMMAND, "learn", "experiment", "trials.toml", "--to", "to", *ONE_THREAD]
    with subprocess.Popen(
        command, cwd=folder, stderr=subprocess.PIPE, stdout=subprocess.PIPE, text=True, env=os.environ
    ) as process:
        assert process.stderr
        while not process.stderr.readline().startswith("trial 1: epoch 2/12: loss"):
            assert process.poll() is None
        process.send_signal(signal.SIGINT)
        out, said = process.communicate(timeout=60)
    assert process.returncode == 3
    assert "the trials are kept in to; to go on:" in said
    assert out.splitlines()[1].split()[-1] == "stopped"
    done, found = experiment(folder, trials)
    assert done.returncode == 0, done.stderr
    assert "trial 1: epoch 1/" not in done.stderr
    assert [(row["state"], row["epochs_done"]) for row in found["trials"]] == [("done", 12)]


@pytest.mark.engine
def test_a_search_chooses(folder: Path):
    """What it knows lies in a file of its own; with more trials it goes on."""
    search = "epochs = 2\n[search]\nunits = [16, 32]\nlearning_rate = {low = 1e-4, high = 0.1, log = true}\n"
    done, found = experiment(folder, f"{search}trials = 2\n")
    assert done.returncode == 0, done.stderr
    assert [row["trial"] for row in found["trials"]] == ["search-1", "search-2"]
    assert {row["settings"]["units"] for row in found["trials"]} <= {16, 32}
    assert (folder / "to" / "search.db").is_file()
    done, more = experiment(folder, f"{search}trials = 3\n")
    assert done.returncode == 0, done.stderr
    assert more["trials"][:2] == found["trials"]
    assert [row["state"] for row in more["trials"]] == ["done"] * 3


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (["nowhere.toml"], "nowhere.toml: cannot be read"),
        (["trials.toml", "--at-once", "0"], "--at-once 0: it must be 1 or more"),
    ],
)
def test_what_cannot_be_done(arguments: list[str], words: str, folder: Path):
    done = asyncgen("learn", "experiment", *arguments, "--to", "to", cwd=folder)
    assert (done.returncode, len(done.stderr.splitlines())) == (2, 1), done.stderr
    assert words in done.stderr


@pytest.mark.engine
def test_a_hopeless_trial_is_ended(folder: Path, monkeypatch: pytest.MonkeyPatch):
    """As soon as its search says so; nothing of it runs on."""
    monkeypatch.setattr(Turns, "is_hopeless", lambda turns, name, epochs: True)
    write(folder, "epochs = 100000\n[search]\ntrials = 1\nunits = [16, 32]\n")
    plan, ended = read_plan(folder / "trials.toml"), []

    async def go() -> list[Row]:
        record = Record(folder / "to")
        prepared_data = await prepared(plan.data, record.data, plan.wanted, Run(workers=1))
        assert prepared_data is not None
        experiment = Experiment(plan=plan, data=prepared_data, record=record, machine=Machine())
        return await run(experiment, Control(stop=asyncio.Event(), on_row=ended.append))

    rows = asyncio.run(go())
    assert [(row.trial, row.state) for row in rows] == [("search-1", "pruned")]
    assert ended == rows
    assert not (folder / "to" / "best").exists()
    assert descendants() == []


@pytest.mark.parametrize(
    ("error", "words"),
    [
        (CallTimeout(60.0), "time: it had not come to its end after 60 s"),
        (MemoryLimitExceeded(-9), "memory: it held more than 1,024 MiB"),
        (WorkerDied(-9), "the worker process was killed by SIGKILL"),
        (LearningError("the loss is no number"), "the loss is no number"),
        (ValueError("of\ntwo lines"), "ValueError: of two lines"),
    ],
)
def test_reasons_are_lines(error: Exception, words: str):
    assert reason_of(error, Limits(60.0, 1 << 30)) == words


# -- its process -------------------------------------------------------------------------------------------


async def test_the_end_is_asked_for_and_not_raised(tmp_path: Path):
    """A call that is killed goes on until it looks."""
    async with Scheduler(workers=1, start_method="spawn", grace=60.0, output=tmp_path / "log") as scheduler:
        with pytest.raises(TimeoutError):
            await scheduler.run(_note_end, tmp_path / "end", timeout=0.2)
    assert (tmp_path / "end").read_text() == "saved"
    assert descendants() == []


def _note_end(path: Path) -> None:
    with told_to_end() as is_told:
        while not is_told():
            signal.sigtimedwait([], 0.01)
        path.write_text("saved")
    raise SystemExit


def _threads(count: int) -> tuple[int, float]:
    torch.set_num_threads(count)
    return torch.get_num_threads(), float(torch.ones(500, 500).matmul(torch.ones(500, 500)).sum())


async def test_a_trial_may_use_threads():
    """As its process is a fresh interpreter, whatever PyTorch has done in this one."""
    torch.ones(500, 500).matmul(torch.ones(500, 500))
    async with Scheduler(workers=1, start_method="spawn", spares=0, load_timeout=100.0) as scheduler:
        assert await scheduler.run(_threads, 2, timeout=60.0) == (2, 500.0**3)
