"""What is kept of trials: rows, a record, the best model, the picture."""

import csv
from dataclasses import replace
from io import StringIO
from pathlib import Path

import pytest

from asyncgen.learn import folder as folders
from asyncgen.learn.data.prepare import Prepared
from asyncgen.learn.experiments import best, curves
from asyncgen.learn.experiments.plan import Limits
from asyncgen.learn.experiments.record import Record
from asyncgen.learn.experiments.rows import Row, State, as_csv, best_of, differing
from asyncgen.learn.folder import Configuration
from asyncgen.learn.progress import Epoch
from asyncgen.learn.settings import ModelSettings, TrainingSettings
from asyncgen.problems.errors import UsageError

EPOCHS = [Epoch(3.0, 0.1, 2.0, 0.3, 1.5), Epoch(2.0, 0.2, 1.0, 0.6, 3.0), Epoch(1.0, 0.5, 1.5, 0.7, 4.5)]
SETTINGS = {"units": 64, "cell": "gru", "max_time": None}
ROW = Row(trial="1", state=State.DONE, settings=SETTINGS, limits=Limits(60.0, None))
DATA = Prepared(Path(), "digest", 3, "own", {"train": 1}, ["rows.db"])


def test_the_figures_are_those_of_the_best_epoch():
    """By validation loss; time is that of all."""
    found = ROW.with_epochs(EPOCHS)
    assert (found.epochs_done, found.seconds) == (3, 4.5)
    assert (found.validation_loss, found.validation_accuracy) == (1.0, 0.6)
    assert ROW.with_epochs([]) == ROW


def test_the_best_is_done_and_has_the_smallest_loss():
    rows = [
        replace(ROW, trial="a", validation_loss=2.0),
        replace(ROW, trial="b", validation_loss=1.0),
        replace(ROW, trial="c", validation_loss=0.5, state=State.PRUNED),
    ]
    found = best_of(rows)
    assert found is not None
    assert found.trial == "b"
    assert best_of(rows[2:]) is None


@pytest.mark.parametrize(
    ("state", "settings", "limits", "stands"),
    [
        (State.DONE, SETTINGS, Limits(), True),
        (State.PRUNED, SETTINGS, Limits(), True),
        (State.FAILED, SETTINGS, Limits(60.0, None), True),
        (State.FAILED, SETTINGS, Limits(), False),
        (State.STOPPED, SETTINGS, Limits(60.0, None), False),
        (State.DONE, {**SETTINGS, "units": 32}, Limits(60.0, None), False),
    ],
)
def test_which_trials_are_tried_again(state: State, settings: dict, limits: Limits, stands: bool):
    """Those that were stopped, those with other settings, and failed ones under other limits."""
    assert replace(ROW, state=state).stands(settings, limits) is stands


def test_settings_that_differ_are_found():
    other = replace(ROW, settings={**SETTINGS, "units": 32, "heads": 2})
    assert differing([ROW, other]) == ["units", "heads"]
    assert differing([ROW]) == []


def test_rows_as_csv():
    """Every setting has a column, and every column a name of its own."""
    rows = [ROW.with_epochs(EPOCHS), replace(ROW, trial="2", state=State.FAILED, reason="memory, all of it")]
    first, second = csv.DictReader(StringIO(as_csv(rows)))
    assert (first["trial"], first["state"], first["units"], first["validation_loss"]) == (
        *("1", "done", "64"),
        "1.0",
    )
    assert (second["epochs_done"], second["validation_loss"], second["reason"]) == (
        "0",
        "",
        "memory, all of it",
    )


class TestRecord:
    """The folder of an experiment."""

    def test_rows_are_read_back(self, tmp_path: Path):
        record = Record(tmp_path)
        record.begin("integrator", DATA)
        record.put(ROW.with_epochs(EPOCHS))
        record.put(replace(ROW, trial="2", state=State.FAILED, reason="memory"))
        assert Record(tmp_path).rows == record.rows

    def test_other_data_are_refused(self, tmp_path: Path):
        Record(tmp_path).begin("integrator", DATA)
        Record(tmp_path).begin("integrator", DATA)
        with pytest.raises(UsageError, match="holds an experiment with other data"):
            Record(tmp_path).begin("integrator", replace(DATA, digest="other"))

    def test_another_folder_is_refused(self, tmp_path: Path):
        (tmp_path / "letters").touch()
        with pytest.raises(UsageError, match="holds no experiment: name another folder"):
            Record(tmp_path)
        with pytest.raises(UsageError, match="holds no experiment"):
            Record(tmp_path / "letters")

    @pytest.mark.parametrize(
        ("text", "words"),
        [
            ("rubbish", "cannot be read"),
            ('{"format": 99}', "of another version of asyncgen"),
            ('{"format": 1}', "is no experiment's record"),
            (
                '{"format": 1, "task": "x", "data": "y", "rows": [{"trial": "1"}]}',
                "is no experiment's record",
            ),
        ],
    )
    def test_damage_is_named(self, text: str, words: str, tmp_path: Path):
        (tmp_path / "experiment.json").write_text(text)
        with pytest.raises(UsageError, match=words):
            Record(tmp_path)


def model(folder: Path, weights: bytes) -> Path:
    folder.mkdir(parents=True)
    (folder / "model.safetensors").write_bytes(weights)
    (folder / "training").mkdir()
    folders.write(
        folder,
        Configuration(
            task="integrator", model=ModelSettings(), training=TrainingSettings(), data=DATA.about()
        ).with_figures({"epochs": 3}),
    )
    return folder


def test_the_best_model_is_kept(tmp_path: Path):
    """Without what is needed to go on; it says which trial it is, and a better one replaces it."""
    for name in ("1", "2"):
        row = replace(ROW.with_epochs(EPOCHS), trial=name)
        best.keep(row, model(tmp_path / name, name.encode()), tmp_path / "best")
        assert sorted(path.name for path in (tmp_path / "best").iterdir()) == [
            "README.md",
            "config.json",
            "model.safetensors",
        ]
        assert (tmp_path / "best" / "model.safetensors").read_bytes() == name.encode()
        assert folders.read(tmp_path / "best").figures["trial"] == name
    assert "# best" in (tmp_path / "best" / "README.md").read_text()


@pytest.mark.parametrize("count", [0, 1, 3, 14])
def test_the_curves_of_any_number_of_trials_are_drawn(count: int, tmp_path: Path):
    """Those that had no epoch yet, too."""
    found = {str(number): EPOCHS[: number % 4] for number in range(count)}
    curves.draw(found, tmp_path / "curves.png")
    assert (tmp_path / "curves.png").read_bytes().startswith(b"\x89PNG")
    assert len(list(tmp_path.iterdir())) == 1
