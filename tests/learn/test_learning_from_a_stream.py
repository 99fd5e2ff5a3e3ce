"""Rows that are made while they are learned from: which, in which part, and what comes after a stop."""

import asyncio
import json
import signal
import subprocess
from collections.abc import Iterator
from contextlib import closing
from dataclasses import replace
from itertools import islice
from pathlib import Path

import psutil
import pytest
import torch
from command_line import COMMAND, asyncgen

from asyncgen import spec_for
from asyncgen.command.learn_options import TrainingOptions
from asyncgen.command.learn_stream import StreamOptions
from asyncgen.datasets.exporting.export import Run
from asyncgen.datasets.splits import Split
from asyncgen.datasets.streaming.settings import StreamSettings
from asyncgen.learn.data.batches import Batch
from asyncgen.learn.data.drawing import Drawn, drawn
from asyncgen.learn.data.endless import Endless
from asyncgen.learn.data.passes import Data
from asyncgen.learn.data.prepare import Prepared, Wanted, prepared
from asyncgen.learn.data.vocabulary import tokens_of
from asyncgen.learn.errors import DamagedError
from asyncgen.learn.networks.choice import network
from asyncgen.learn.objectives import next_token
from asyncgen.learn.progress import Hooks, Progress
from asyncgen.learn.settings import ModelSettings, TrainingSettings
from asyncgen.learn.training import Trainer
from asyncgen.mathematics.marks import marks_of
from asyncgen.problems.errors import UsageError

SPLIT = Split((0.6, 0.2, 0.2))
WANTED = Wanted("integrator", split=SPLIT)
STREAM = Endless(spec=spec_for("backward", operators=(1, 3)), settings=StreamSettings(workers=1), held_out=40)
TRAINING = TrainingSettings(batch=4, epochs=3, steps=25, warmup=3, patience=0)
MODEL = ModelSettings(cell="gru", units=16, embedding=8, heads=2, dropout=0.2)
Problem = tuple[str, ...]


def begin(folder: Path, stream: Endless = STREAM, wanted: Wanted = WANTED) -> Drawn:
    found = asyncio.run(drawn(stream, folder, wanted, Run(workers=2)))
    assert found is not None
    return found


@pytest.fixture(scope="module")
def beginning(tmp_path_factory: pytest.TempPathFactory) -> Drawn:
    return begin(tmp_path_factory.mktemp("data"))


def reading(beginning: Drawn) -> "closing[Data]":
    return closing(beginning.to_learn(TRAINING, lambda: False))


def written(batches: Iterator[Batch]) -> list[tuple[list[int], list[int]]]:
    return [(batch.problems.ids.tolist(), batch.targets.tolist()) for batch in batches]


def problems(data: Prepared, part: str) -> list[Problem]:
    corpus = data.part(part)
    return [tokens_of(corpus.problem(number)) for number in range(len(corpus))]


def marks(found: list[Problem]) -> set[bytes]:
    """Of the forms, and of the values."""
    return {mark for problem in found for mark in marks_of(problem)[:2]}


@pytest.mark.engine
class TestParts:
    """What is held out is not learned from."""

    def test_no_form_is_on_two_sides(self, beginning: Drawn, tmp_path: Path):
        """Not even in what is made later, nor in a store of another seed that is parted alike."""
        path = tmp_path / "rows.db"
        flags = ("--kind", "backward", "--max-ops", "3", "--seed", "9", "--n", "200", "--no-progress")
        assert asyncgen(*flags, "--store", path).returncode == 0
        store = asyncio.run(prepared([path], tmp_path / "data", WANTED, Run(workers=2)))
        assert store is not None
        count = beginning.rows["train"] // TRAINING.batch + 40
        with reading(beginning) as rows:
            learned = [
                tokens_of(problem)
                for batch in islice(rows.batches(0, 0), count)
                for problem in batch.problems.ids.tolist()
            ]
        assert len(learned) > beginning.rows["train"] + 100
        seen = marks(learned)
        for data in (beginning, store):
            for part in ("validation", "test"):
                held_out = problems(data, part)
                assert len(held_out) > 10
                assert marks(held_out).isdisjoint(seen)

    def test_what_is_held_out_is_there_once(self, beginning: Drawn):
        for part in ("validation", "test"):
            found = problems(beginning, part)
            assert len({marks_of(problem).form for problem in found}) == len(found) <= 3 * STREAM.held_out

    def test_the_beginning_is_what_a_store_has(self, beginning: Drawn, tmp_path: Path):
        """A store with this specification and split has the same in each part, as far as it goes."""
        path = tmp_path / "rows.db"
        flags = ("--kind", "backward", "--min-ops", "1", "--max-ops", "3", "--n", "60", "--no-progress")
        assert asyncgen(*flags, "--store", path).returncode == 0
        store = asyncio.run(prepared([path], tmp_path / "data", WANTED, Run(workers=2)))
        assert store is not None
        for part in ("train", "validation", "test"):
            assert marks(problems(store, part)) <= marks(problems(beginning, part))

    def test_it_is_made_once(self, beginning: Drawn):
        again = begin(beginning.folder.parent)
        assert again == beginning
        assert again.about()["stream"]["spec"] == STREAM.spec.as_dict()
        other = replace(STREAM, held_out=41)
        with pytest.raises(AssertionError):  # stopped before
            asyncio.run(_stopped(other, beginning.folder.parent))


async def _stopped(stream: Endless, folder: Path) -> None:
    run = Run(workers=1)
    run.stop.set()
    assert await drawn(stream, folder, WANTED, run) is not None


@pytest.mark.engine
class TestGoingOn:
    """A training that was stopped reads what one would have read that was not."""

    @pytest.mark.parametrize("beside", [-1, 3, 32])
    def test_the_same_batches_come(self, beginning: Drawn, beside: int):
        """Before the end of the beginning, at it, and within and between pools of the stream."""
        count = -(-beginning.rows["train"] // TRAINING.batch) + beside
        with reading(beginning) as rows:
            whole = written(islice(rows.batches(0, 0), count + 4))
        with reading(beginning) as rows:
            first = written(islice(rows.batches(0, 0), count))
            state = json.loads(json.dumps(rows.state()))
        with reading(beginning) as rows:
            rows.restore(state)
            rest = written(islice(rows.batches(7, 0), 4))
        assert [*first, *rest] == whole

    def test_epochs_follow_each_other(self, beginning: Drawn):
        """An epoch begins where the one before it has ended, in the middle of a pool."""
        with reading(beginning) as rows:
            whole = written(islice(rows.batches(0, 0), 9))
        with reading(beginning) as rows:
            parts = [written(islice(rows.batches(epoch, 0), 3)) for epoch in range(3)]
        assert [batch for part in parts for batch in part] == whole

    def test_losses_are_the_same(self, beginning: Drawn, tmp_path: Path):
        last = TRAINING.epochs * TRAINING.steps
        assert last > -(-beginning.rows["train"] // TRAINING.batch) + 5
        whole = _losses(beginning, tmp_path / "whole")
        assert list(whole) == list(range(1, last + 1))
        cut: dict[int, float] = {}
        for stop in (4, last - 3, None):
            cut |= _losses(beginning, tmp_path / "cut", stop)
        assert cut == whole

    def test_a_stop_is_heard_while_rows_are_awaited(self, beginning: Drawn):
        """Then the pool that was begun is begun again."""
        stopped: list[bool] = []
        with closing(beginning.to_learn(TRAINING, lambda: bool(stopped))) as rows:
            count = -(-beginning.rows["train"] // TRAINING.batch)
            batches = rows.batches(0, 0)
            for _ in islice(batches, count):
                stopped.clear()
            stopped.append(True)
            assert list(batches) == []
            state = rows.state()
        with reading(beginning) as rows:
            whole = written(islice(rows.batches(0, 0), count + 2))
        with reading(beginning) as rows:
            rows.restore(state)
            assert written(islice(rows.batches(0, 0), 2)) == whole[-2:]

    def test_the_state_of_another_stream_is_refused(self, beginning: Drawn, tmp_path: Path):
        _losses(beginning, tmp_path / "model", stop=3)
        other = replace(STREAM, spec=spec_for("backward", seed=5, operators=(1, 3)), held_out=5)
        with pytest.raises(DamagedError, match="does not belong to this training"):
            _losses(begin(tmp_path / "data", other), tmp_path / "model")


def _losses(beginning: Drawn, folder: Path, stop: int | None = None) -> dict[int, float]:
    """The loss that is shown at each step, up to one at which it is stopped."""
    found: dict[int, float] = {}

    def note(progress: Progress) -> None:
        found[progress.step] = progress.loss

    folder.mkdir(exist_ok=True)
    torch.manual_seed(TRAINING.seed)
    with reading(beginning) as rows:
        trainer = Trainer(network(MODEL), next_token, rows, TRAINING, folder)
        assert trainer.run(Hooks(note, lambda: stop in found)) == (stop is None)
    return found


@pytest.mark.engine
def test_no_worker_holds_torch(beginning: Drawn):
    """Rows are made in processes that begin without what this one has imported."""
    with reading(beginning) as rows:
        batches = rows.batches(0, 0)
        for _ in islice(batches, beginning.rows["train"] // TRAINING.batch + 3):
            pass
        workers = psutil.Process().children(recursive=True)
        maps = [part.path for worker in workers for part in worker.memory_maps()]
    assert len(maps) > 10
    assert [path for path in maps if "torch" in path] == []


class TestWhatIsRefused:
    """In one line, before anything is made."""

    @pytest.mark.parametrize(
        ("options", "data", "words"),
        [
            (StreamOptions(stream=True), [Path("x.db")], "leave x.db out"),
            (StreamOptions(kind="backward"), [Path("x.db")], "--kind is for --stream"),
            (StreamOptions(seed=3), [], "--stream-seed is for --stream"),
            (StreamOptions(max_ops=3), [], "--max-ops is for --stream"),
            (StreamOptions(stream=True, held_out=0), [], "--held-out 0"),
            (StreamOptions(stream=True, kind="backwards"), [], "backwards"),
            (StreamOptions(stream=True, kind="ode1", engines="risch"), [], "no engine is asked"),
        ],
    )
    def test_flags_that_do_not_fit(self, options: StreamOptions, data: list[Path], words: str):
        with pytest.raises(UsageError, match=words):
            options.source(data, None)

    @pytest.mark.parametrize(
        ("kind", "wanted", "words"),
        [
            ("backward", Wanted("classifier"), "built with their answers: a classifier learns from"),
            ("ode1", Wanted("classifier"), "a classifier learns from --kind forward"),
            ("backward", replace(WANTED, split_by="skeleton"), "a stream is parted by values"),
            ("backward", replace(WANTED, split=Split((1, 0, 0))), "the part validation needs a share"),
            ("forward", Wanted("classifier", split=Split((0.5, 0.5, 0))), "the part test needs a share"),
        ],
    )
    def test_what_teaches_nothing(self, kind: str, wanted: Wanted, words: str, tmp_path: Path):
        with pytest.raises(UsageError, match=words):
            begin(tmp_path / "data", Endless(spec=spec_for(kind)), wanted)
        assert not (tmp_path / "data").exists()

    def test_an_epoch_has_an_end(self):
        stream, none = StreamOptions(stream=True), StreamOptions()
        assert stream.paced(TrainingOptions()).steps == 1000
        assert stream.paced(TrainingOptions(steps=7)).steps == 7
        assert none.paced(TrainingOptions()).steps == 0


SMALL = [
    *("--units", "16", "--embedding", "8", "--heads", "2", "--batch", "8"),
    *("--steps", "20", "--learning-rate", "0.01", "--patience", "0"),
]
ROWS = ["--stream", "--max-ops", "3", "--held-out", "30", "--split", "0.6,0.2,0.2", "--workers", "2"]


@pytest.mark.engine
class TestCommands:
    """From the command line."""

    def test_it_is_trained_stopped_and_measured(self, tmp_path: Path):
        """The same command goes on; the same flags measure on rows that were held out."""
        rows = [*ROWS, "--kind", "backward"]
        command = ["learn", "integrator", *rows, "--to", "model", *SMALL, "--epochs", "6"]
        with subprocess.Popen(
            [*COMMAND, *command], cwd=tmp_path, stderr=subprocess.PIPE, text=True
        ) as process:
            assert process.stderr
            while not process.stderr.readline().startswith("epoch 2/6: loss"):
                assert process.poll() is None
            process.send_signal(signal.SIGINT)
            _, said = process.communicate(timeout=120)
        assert process.returncode == 3, said
        assert "what was learned is kept in model; to go on:" in said
        done = asyncgen(*command, "--json", cwd=tmp_path)
        assert done.returncode == 0, done.stderr
        assert "epoch 1/6" not in done.stderr
        assert "rows made" not in done.stderr
        found = json.loads(done.stdout)
        assert (found["epochs"], found["steps"]) == (6, 120)
        about = json.loads((tmp_path / "model" / "config.json").read_text())
        assert about["data"]["stream"]["spec"]["kind"] == "backward"
        assert "none is in two parts" in (tmp_path / "model" / "README.md").read_text()
        done = asyncgen("learn", "evaluate", "model", *rows, "--beam", "1", "--json", cwd=tmp_path)
        assert done.returncode == 0, done.stderr
        assert json.loads(done.stdout)["problems"] == about["data"]["rows"]["test"]

    def test_a_classifier_learns_from_labels_that_are_made_meanwhile(self, tmp_path: Path):
        rows = [*ROWS, "--engines", "risch"]
        command = ["learn", "classifier", *rows, "--binary", "--to", "model", *SMALL, "--epochs", "2"]
        done = asyncgen(*command, "--json", cwd=tmp_path)
        assert done.returncode == 0, done.stderr
        found = json.loads(done.stdout)
        assert found["classes"] == ["closed form", "proven to have none"]
        assert sum(found["rows"]) > 10
