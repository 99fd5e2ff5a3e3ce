"""Models from the command line: trained, stopped, gone on with, measured, asked."""

import json
import os
import shutil
import signal
import subprocess
import sys
from pathlib import Path

import pytest
from command_line import COMMAND, asyncgen

WITHOUT = """
import sys
sys.modules["torch"] = None
from asyncgen.command.main import main
main(sys.argv[1:])
"""
SMALL = [
    "--units",
    32,
    "--embedding",
    16,
    "--heads",
    2,
    "--batch",
    16,
    "--learning-rate",
    0.01,
    "--steps",
    20,
]
SPLIT = ["--split", "0.8,0.1,0.1"]
PNG = b"\x89PNG\r\n"


@pytest.fixture(scope="module")
def store(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("store") / "rows.db"
    done = asyncgen("--kind", "backward", "--max-ops", 2, "--n", 900, "--store", path, "--no-progress")
    assert done.returncode == 0, done.stderr
    return path


@pytest.fixture(scope="module")
def model(store: Path) -> Path:
    """One that has learned a little."""
    to = store.parent / "model"
    done = asyncgen("learn", "integrator", store, "--to", to, *SMALL, *SPLIT, "--epochs", 6, "--json")
    assert done.returncode == 0, done.stderr
    found = json.loads(done.stdout)
    assert (found["epochs"], found["steps"] % 6) == (6, 0)
    assert 0 < found["validation_accuracy"] <= 1
    assert "tokens/s" in done.stderr or found["seconds"] < 5
    assert "epoch 1/6: loss" in done.stderr
    return to


class TestWhatIsRefused:
    """In one line, with what to do, and nothing is made."""

    @pytest.mark.parametrize(
        "command", [["integrator", "x.db", "--to", "m"], ["integrate", "-", "--model", "m"]]
    )
    def test_the_extra_is_named_where_it_is_missing(self, command: list[str], tmp_path: Path):
        done = asyncgen("learn", *command, cwd=tmp_path, command=[sys.executable, "-c", WITHOUT])
        words = "asyncgen: learning needs torch: pip install 'asyncgen[learn]' brings it\n"
        assert (done.returncode, done.stdout, done.stderr) == (2, "", words)

    def test_the_other_commands_do_not_need_it(self):
        done = asyncgen("sample", "--n", "2", command=[sys.executable, "-c", WITHOUT])
        assert (done.returncode, len(done.stdout.splitlines())) == (0, 2)

    @pytest.mark.parametrize(
        ("arguments", "words"),
        [
            (["integrator", "--to", "m"], "name the data"),
            (["integrator", "nowhere.db", "--to", "m"], "nowhere.db"),
            (
                ["integrator", "x.db", "--to", "m", "--units", "33"],
                "units 33: they must be even",
            ),
            (["integrator", "x.db", "--to", "m", "--batch", "0"], "batch 0: it must be between 1 and"),
            (["integrator", "x.db", "--to", "m", "--learning-rate", "nan"], "learning_rate nan"),
            (
                ["integrator", "x.db", "--to", "m", "--device", "tpu9"],
                "--device tpu9: it cannot be used",
            ),
            (["integrator", "x.db", "--to", "m", "--split", "1,1,1"], "--split 1,1,1"),
            (["integrator", "x.db", "--to", "."], "holds no model: name another folder"),
            (["integrator", "x.db", "--to", "file"], "--to file: this is no folder"),
            (["evaluate", "nowhere", "x.db"], "nowhere is no model's folder"),
            (["evaluate", "nowhere", "x.db", "--beam", "0"], "--beam 0: it must be widths"),
            (["integrate", "-", "--model", "nowhere"], "nowhere is no model's folder"),
        ],
    )
    def test_what_cannot_be_done(self, arguments: list[str], words: str, tmp_path: Path):
        (tmp_path / "file").touch()
        done = asyncgen("learn", *arguments, cwd=tmp_path)
        assert words in done.stderr
        assert (done.returncode, len(done.stderr.splitlines())) == (2, 1)
        assert [path.name for path in tmp_path.iterdir()] == ["file"]


@pytest.mark.engine
class TestModel:
    """A model's folder, and what it answers."""

    def test_the_folder_says_what_it_is(self, model: Path):
        about = json.loads((model / "config.json").read_text())
        assert (about["task"], about["model"]["units"], about["data"]["notation"]) == (
            "integrator",
            32,
            "own",
        )
        assert about["vocabulary"][:3] == ["<pad>", "<start>", "<end>"]
        assert sum(about["data"]["rows"].values()) > 100
        assert "# model" in (model / "README.md").read_text()
        assert not [path for path in model.rglob("*") if path.suffix in (".pt", ".bin", ".pkl", ".pickle")]

    def test_it_is_measured(self, model: Path, store: Path):
        done = asyncgen("learn", "evaluate", model, store, *SPLIT, "--beam", "1,5", "--probes", "--json")
        assert done.returncode == 0, done.stderr
        found = json.loads(done.stdout)
        one, five = found["beams"]
        rows = json.loads((model / "config.json").read_text())["data"]["rows"]["test"]
        assert found["problems"] == one["problems"] == sum(one["verdicts"].values()) == rows
        assert one["right"] <= five["right"]
        assert one["exact"] <= one["verdicts"].get("right", 0)
        assert sum(tally["problems"] for tally in five["by_operators"].values()) == rows
        assert set(found["probes"]) == {"k*f(x)", "f(k*x)", "f(x) + g(x)"}

    def test_it_is_asked(self, model: Path):
        """In any notation; what cannot be read is named, and the others are answered, in their order."""
        lines = "2*x\nmul INT+ 3 pow2 x\nsub Y' Y\n2*/x\n\n# nothing\ncos(x)\n"
        done = subprocess.run(
            [*COMMAND, "learn", "integrate", "-", "--model", str(model), "--format", "json"],
            input=lines,
            capture_output=True,
            text=True,
            check=False,
        )
        assert done.returncode == 1
        assert "line 4, column 3" in done.stderr
        found = [json.loads(line) for line in done.stdout.splitlines()]
        assert [(one["line"], one["problem"]) for one in found] == [
            (1, "mul INT+ 2 x"),
            (2, "mul INT+ 3 pow2 x"),
            (3, "sub Y' Y"),
            (7, "cos x"),
        ]
        for one in found:
            assert len(one["answers"]) == 10
            assert one["verdict"] in ("right", "right on a part", "wrong", "undecided")
            judged = [answer["verdict"] for answer in one["answers"] if answer["verdict"]]
            assert judged.count("right") == (one["verdict"] == "right")
            assert one["answer"]["text"]
        assert found[0]["verdict"] == "right"

    @pytest.mark.parametrize("notation", ["text", "tokens", "latex"])
    def test_it_answers_in_each_notation(self, model: Path, notation: str, tmp_path: Path):
        (tmp_path / "functions").write_text("2*x\nadd Y'' Y\n")
        done = asyncgen("learn", "integrate", tmp_path / "functions", "--model", model, "--format", notation)
        assert done.returncode == 0, done.stderr
        integral, equation = done.stdout.splitlines()
        begins = {"text": "integral of 2*x = ", "tokens": "mul INT+ 2 x\t", "latex": r"\int 2 x \, dx = "}
        assert integral.startswith(begins[notation])
        assert integral.endswith(("right", "right)"))
        assert equation.startswith({"text": "Y'' + Y = 0", "tokens": "add Y'' Y\t", "latex": ""}[notation])

    def test_a_training_that_is_done_is_not_done_again(self, model: Path, store: Path):
        before = (model / "model.safetensors").read_bytes()
        done = asyncgen("learn", "integrator", store, "--to", model, *SMALL, *SPLIT, "--epochs", 6)
        assert done.returncode == 0, done.stderr
        assert (model / "model.safetensors").read_bytes() == before

    @pytest.mark.parametrize(
        ("change", "words"),
        [
            (["--cell", "lstm"], "model whose model has cell gru, not lstm"),
            (["--seed", "7"], "model whose training has seed 0, not 7"),
            (["--split", "0.5,0.25,0.25"], "model whose data has digest"),
        ],
    )
    def test_another_training_is_refused(self, model: Path, store: Path, change: list[str], words: str):
        split = [] if "--split" in change else SPLIT
        done = asyncgen("learn", "integrator", store, "--to", model, *SMALL, *split, "--epochs", 6, *change)
        assert (done.returncode, words in done.stderr) == (2, True), done.stderr

    @pytest.mark.parametrize(
        ("name", "content", "words"),
        [
            ("model.safetensors", b"rubbish", "cannot be read"),
            ("model.safetensors", None, "has no model.safetensors yet"),
            ("config.json", b"rubbish", "cannot be read"),
            ("config.json", b'{"format": 99}', "of another program, or of another version"),
        ],
    )
    def test_what_is_damaged_is_named(
        self, model: Path, tmp_path: Path, name: str, content: bytes | None, words: str
    ):
        copy = tmp_path / "copy"
        shutil.copytree(model, copy, ignore=shutil.ignore_patterns("training"))
        (copy / name).unlink()
        if content is not None:
            (copy / name).write_bytes(content)
        (tmp_path / "functions").write_text("x\n")
        done = asyncgen("learn", "integrate", tmp_path / "functions", "--model", copy)
        assert (done.returncode, len(done.stderr.splitlines())) == (2, 1)
        assert words in done.stderr

    def test_a_stop_saves(self, store: Path, tmp_path: Path):
        """The same command goes on where it was, to as many steps as without a stop."""
        command = [
            "learn",
            "integrator",
            store,
            "--to",
            "model",
            *SMALL,
            *SPLIT,
            "--epochs",
            8,
            "--patience",
            0,
        ]
        with subprocess.Popen(
            [*COMMAND, *map(str, command)], cwd=tmp_path, stderr=subprocess.PIPE, text=True, env=os.environ
        ) as process:
            assert process.stderr
            while not process.stderr.readline().startswith("epoch 2/8: loss"):
                assert process.poll() is None
            process.send_signal(signal.SIGINT)
            _, said = process.communicate(timeout=60)
        assert process.returncode == 3
        assert "what was learned is kept in model; to go on:" in said
        done = asyncgen(*command, "--json", cwd=tmp_path)
        assert done.returncode == 0, done.stderr
        assert "epoch 1/8" not in done.stderr
        found = json.loads(done.stdout)
        assert (found["epochs"], found["steps"] % 8) == (8, 0)


@pytest.fixture(scope="module")
def functions(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("functions") / "functions.db"
    done = asyncgen("--max-ops", 4, "--n", 700, "--engines", "risch", "--store", path, "--no-progress")
    assert done.returncode == 0, done.stderr
    return path


@pytest.fixture(scope="module")
def trained(functions: Path) -> tuple[Path, dict]:
    to = functions.parent / "model"
    command = ["learn", "classifier", functions, "--to", to, "--binary", *SMALL, "--split", "0.6,0.2,0.2"]
    done = asyncgen(*command, "--epochs", 6, "--json")
    assert done.returncode == 0, done.stderr
    return to, json.loads(done.stdout)


@pytest.mark.engine
class TestClassifier:
    """Is there a closed form?"""

    def test_it_is_measured_beside_simpler_ways(self, trained: tuple[Path, dict]):
        _, found = trained
        assert found["classes"] == ["closed form", "proven to have none"]
        assert found["majority"]["balanced_accuracy"] == 0.5
        assert found["model"]["balanced_accuracy"] > 0.52
        assert found["model"]["roc_auc"] > 0.55
        for way in ("model", "regression", "majority"):
            assert [sum(row) for row in found[way]["confusion"]] == found["rows"]
            assert sum(one[2] for one in found[way]["reliability"]) == sum(found["rows"])

    def test_it_classifies_what_is_typed(self, trained: tuple[Path, dict], tmp_path: Path):
        (tmp_path / "lines").write_text("x*exp(x)\nexp(x)/x\n")
        done = asyncgen("learn", "classify", tmp_path / "lines", "--model", trained[0], "--json")
        assert done.returncode == 0, done.stderr
        found = [json.loads(line) for line in done.stdout.splitlines()]
        assert [one["integrand"] for one in found] == ["x*exp(x)", "exp(x)/x"]
        for one in found:
            assert sum(one["probabilities"].values()) == pytest.approx(1, abs=1e-3)
            assert one["class"] == max(one["probabilities"], key=one["probabilities"].get)

    def test_it_can_be_measured_again(self, trained: tuple[Path, dict], functions: Path, tmp_path: Path):
        """On the part test that is the report of the training; on others there is one, too."""
        model, found = trained
        command = ["learn", "evaluate", model, functions, "--split", "0.6,0.2,0.2"]
        done = asyncgen(*command, "--json", "--picture", tmp_path / "again.png")
        assert done.returncode == 0, done.stderr
        assert json.dumps(json.loads(done.stdout)) == json.dumps(found)  # some are NaN
        for picture in (tmp_path / "again.png", model / "reliability.png"):
            assert picture.read_bytes().startswith(PNG)
        done = asyncgen(*command, "--part", "validation", "--n", 40)
        assert done.returncode == 0, done.stderr
        assert done.stdout.startswith("40 rows; temperature ")
        assert "majority" in done.stdout

    def test_a_data_set_without_a_part_train_has_no_baselines(
        self, trained: tuple[Path, dict], functions: Path
    ):
        done = asyncgen("learn", "evaluate", trained[0], functions, "--split", "0,0,1", "--json")
        assert done.returncode == 0, done.stderr
        found = json.loads(done.stdout)
        assert (found["regression"], found["majority"]) == (None, None)
        assert sum(found["rows"]) > 100

    @pytest.mark.parametrize(
        ("flags", "words"),
        [
            (["--beam", "1"], "--beam and --probes belong to integrators"),
            (["--picture", "nowhere/x.png"], "--picture nowhere/x.png: there is no folder nowhere"),
        ],
    )
    def test_what_a_classifier_has_not(self, trained: tuple[Path, dict], flags: list[str], words: str):
        done = asyncgen("learn", "evaluate", trained[0], "x.db", *flags)
        assert (done.returncode, len(done.stderr.splitlines())) == (2, 1)
        assert words in done.stderr

    def test_an_integrator_is_no_classifier(self, trained: tuple[Path, dict], tmp_path: Path):
        (tmp_path / "lines").write_text("x\n")
        done = asyncgen("learn", "integrate", tmp_path / "lines", "--model", trained[0])
        assert (done.returncode, "that was trained as a classifier" in done.stderr) == (2, True)

    def test_rows_of_one_class_teach_nothing(self, store: Path, tmp_path: Path):
        done = asyncgen("learn", "classifier", store, "--to", "m", *SMALL, *SPLIT, cwd=tmp_path)
        assert done.returncode == 2
        assert "the data have no row of the class proven to have none" in done.stderr
