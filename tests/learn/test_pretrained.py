"""A BERT that is tuned: its files, its network, its training; all of it offline."""

import asyncio
import json
import sys
from dataclasses import replace
from pathlib import Path

import pytest
import torch
from command_line import asyncgen
from processes import is_installed
from store_cases import SPEC, outcome
from tiny_bert import tiny_bert

from asyncgen.command.learn_options import ModelOptions, PretrainedOptions, TrainingOptions, recipe_of
from asyncgen.learn import folder as folders
from asyncgen.learn.data.batches import problems_of
from asyncgen.learn.data.corpus import Corpus, write
from asyncgen.learn.data.examples import Example
from asyncgen.learn.data.passes import CorpusData
from asyncgen.learn.data.vocabulary import ids_of
from asyncgen.learn.networks.bert import Bert
from asyncgen.learn.networks.choice import new_classifier
from asyncgen.learn.objectives import class_of_problem
from asyncgen.learn.pretrained import KEPT, source
from asyncgen.learn.progress import Hooks, Progress
from asyncgen.learn.settings import TUNING, PretrainedSettings, Recipe
from asyncgen.learn.training import Trainer
from asyncgen.problems.errors import UsageError
from asyncgen.problems.records import Outcome, Status
from asyncgen.store import RunInfo, Store

pytestmark = pytest.mark.skipif(not is_installed("transformers"), reason="transformers is not installed")

CLOSED, NONE = ("mul", "INT+", "3", "sin", "x"), ("exp", "add", "pow2", "x", "INT+", "7")
SMALL = replace(TUNING, learning_rate=1e-3, batch=2, epochs=3, warmup=0)


def alone(environment: pytest.MonkeyPatch) -> None:
    """Commands ask no hub, and train with one thread, as test processes share the cores."""
    environment.setenv("HF_HUB_OFFLINE", "1")
    environment.setenv("OMP_NUM_THREADS", "1")


@pytest.fixture(autouse=True)
def _alone(monkeypatch: pytest.MonkeyPatch):
    alone(monkeypatch)


@pytest.fixture(scope="module")
def bert(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tiny_bert(tmp_path_factory.mktemp("berts") / "bert")


@pytest.fixture
def corpus(tmp_path: Path) -> Corpus:
    problems = [(place % 2, (CLOSED, NONE)[place % 2]) for place in range(6)]
    write(tmp_path / "rows", [Example(problem, (), label, 2, "forward") for label, problem in problems])
    return Corpus(tmp_path / "rows")


def logits(network: Bert, *problems: tuple[str, ...]) -> torch.Tensor:
    network.eval()
    with torch.inference_mode():
        return network(problems_of([ids_of(problem) for problem in problems]))


class TestNetwork:
    """From ids to logits."""

    def test_it_reads_ordinary_notation(self, bert: Path):
        """What its tokenizer makes of 3*sin(x), and no piece is unknown."""
        network = Bert(bert, 2)
        ids, mask = network._pieces(torch.tensor([ids_of(CLOSED)]))
        words = network._tokenizer.convert_ids_to_tokens(ids[0].tolist())
        assert words == ["[CLS]", "3", "*", "sin", "(", "x", ")", "[SEP]"]
        assert mask.tolist() == [[1] * 8]

    def test_padding_changes_nothing(self, bert: Path):
        network = Bert(bert, 2)
        together = logits(network, CLOSED, NONE)
        alone = torch.cat([logits(network, CLOSED), logits(network, NONE)])
        torch.testing.assert_close(together, alone, rtol=0, atol=1e-5)

    def test_it_begins_with_the_weights_of_the_folder(self, bert: Path):
        """Whichever random numbers there are."""
        one, other = Bert(bert, 2), Bert(bert, 2)
        names = [name for name, _ in one.named_parameters() if name.startswith("encoder.")]
        assert len(names) > 30
        for name in names:
            assert torch.equal(one.get_parameter(name), other.get_parameter(name))
        assert not torch.equal(one.output.weight, other.output.weight)

    def test_it_is_built_again_from_what_it_keeps(self, bert: Path, tmp_path: Path):
        """There are no weights in it: those are the model's own."""
        network = Bert(bert, 2)
        network.keep(tmp_path / "kept")
        assert not list((tmp_path / "kept").glob("*.safetensors"))
        again = Bert(tmp_path / "kept", 2)
        again.load_state_dict(network.state_dict())
        assert torch.equal(logits(again, CLOSED, NONE), logits(network, CLOSED, NONE))

    def test_what_is_too_long_is_cut_and_counted(self, tmp_path: Path):
        """A text of as many pieces as it reads is not."""
        network = Bert(tiny_bert(tmp_path / "short", places=8), 2)
        longer = ("add", "x", *CLOSED)
        assert network.longest == 8
        assert network.too_long(ids_of(one) for one in (CLOSED, longer, ("x",), longer)) == 2
        assert logits(network, longer).shape == (1, 2)

    def test_an_early_model_does_not_say_its_type(self, bert: Path, tmp_path: Path):
        copy = copied(bert, tmp_path)
        change(copy, lambda about: about.pop("model_type"))
        assert logits(Bert(copy, 2), CLOSED).shape == (1, 2)


class Losses:
    """Notes the loss at each step, and stops at one of them."""

    def __init__(self, stop: int = 0) -> None:
        self.by_step: dict[int, float] = {}
        self._stop, self._step = stop, 0

    def hooks(self) -> Hooks:
        return Hooks(self._note, lambda: self._step == self._stop)

    def _note(self, progress: Progress) -> None:
        self._step = progress.step
        self.by_step[progress.step] = progress.loss


def trainer(bert: Path, corpus: Corpus, folder: Path) -> Trainer:
    torch.manual_seed(0)
    network = new_classifier(PretrainedSettings(pretrained=str(bert)), 2, folder)
    return Trainer(network, class_of_problem, CorpusData(corpus, corpus, 2, 0), SMALL, folder)


def test_a_training_that_was_stopped_has_the_same_losses(bert: Path, corpus: Corpus, tmp_path: Path):
    """With the dropout of the BERT, and when what it began with is gone."""
    whole, cut, folder = Losses(), Losses(stop=4), tmp_path / "cut"
    assert trainer(bert, corpus, tmp_path / "whole").run(whole.hooks())
    copy = copied(bert, tmp_path)
    assert not trainer(copy, corpus, folder).run(cut.hooks())
    copy.rename(tmp_path / "gone")
    assert trainer(copy, corpus, folder).run(cut.hooks())
    assert len(whole.by_step) == 9
    assert cut.by_step == whole.by_step


# -- what is refused -----------------------------------------------------------------------------------------


def copied(bert: Path, to: Path) -> Path:
    (to / "copy").mkdir()
    for file in bert.iterdir():
        (to / "copy" / file.name).write_bytes(file.read_bytes())
    return to / "copy"


def change(folder: Path, how) -> None:
    about = json.loads((folder / "config.json").read_text())
    how(about)
    (folder / "config.json").write_text(json.dumps(about))


def weights_as_pickle(folder: Path) -> None:
    (folder / "model.safetensors").rename(folder / "pytorch_model.bin")


SPOILT = {
    "its weights are a pickle, which is never read: BertModel.from_pretrained": weights_as_pickle,
    "it has no weights": lambda folder: (folder / "model.safetensors").unlink(),
    "it has no tokenizer": lambda folder: (folder / "vocab.txt").unlink(),
    "it has no config.json": lambda folder: (folder / "config.json").unlink(),
    "but a model of the type gpt2": lambda folder: change(
        folder, lambda about: about.update(model_type="gpt2")
    ),
    "Error while deserializing header": lambda folder: (folder / "model.safetensors").write_bytes(b"rubbish"),
    "weights are missing or of another shape": lambda folder: change(
        folder, lambda about: about.update(num_hidden_layers=3)
    ),
    "pieces, and vectors of": lambda folder: change(folder, lambda about: about.update(vocab_size=20)),
    "of another shape, such as encoder.layer.0.intermediate": lambda folder: change(
        folder, lambda about: about.update(intermediate_size=32)
    ),
}


class TestWhatIsRefused:
    """In one line."""

    @pytest.mark.parametrize("words", SPOILT)
    def test_a_folder(self, bert: Path, tmp_path: Path, words: str):
        copy = copied(bert, tmp_path)
        SPOILT[words](copy)
        with pytest.raises(UsageError) as error:
            new_classifier(PretrainedSettings(pretrained=str(copy)), 2, tmp_path / "to")
        assert words in str(error.value)
        assert "\n" not in str(error.value)

    def test_a_pickle_beside_safetensors_is_not_read(self, bert: Path, tmp_path: Path):
        copy = copied(bert, tmp_path)
        (copy / "pytorch_model.bin").write_bytes(b"rubbish")
        assert torch.equal(
            Bert(copy, 2).encoder.embeddings.word_embeddings.weight,
            Bert(bert, 2).encoder.embeddings.word_embeddings.weight,
        )

    @pytest.mark.parametrize("name", ["tbs17/MathBERT", "no/such/folder"])
    def test_a_name_that_cannot_be_had(self, tmp_path: Path, name: str, monkeypatch: pytest.MonkeyPatch):
        monkeypatch.setattr("huggingface_hub.constants.HF_HUB_OFFLINE", True)
        monkeypatch.setattr("huggingface_hub.constants.HF_HUB_CACHE", str(tmp_path))
        with pytest.raises(UsageError, match=f"{name}: there is no such folder, and the hub") as error:
            source(PretrainedSettings(pretrained=name, revision="refs/pr/2"), tmp_path / "to")
        assert "\n" not in str(error.value)

    def test_a_name_without_safetensors(self, bert: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
        """Pickles are not even fetched; another revision is named."""
        copy = copied(bert, tmp_path)
        (copy / "model.safetensors").unlink()
        asked = {}

        def fetched(name: str, **how) -> str:
            asked.update(how)
            return str(copy)

        monkeypatch.setattr("huggingface_hub.snapshot_download", fetched)
        with pytest.raises(UsageError, match=r"name a --revision that has them, such as refs/pr/2"):
            source(PretrainedSettings(pretrained="some/bert"), tmp_path / "to")
        assert not any(pattern.endswith(("bin", "*")) for pattern in asked["allow_patterns"])

    def test_a_folder_has_no_revision(self, bert: Path, tmp_path: Path):
        with pytest.raises(UsageError, match="--revision main: a folder has none"):
            source(PretrainedSettings(pretrained=str(bert), revision="main"), tmp_path)

    def test_the_extra_is_named_where_it_is_missing(
        self, bert: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
    ):
        monkeypatch.setitem(sys.modules, "transformers", None)
        with pytest.raises(UsageError, match=r"need transformers: pip install 'asyncgen\[mathbert\]'"):
            source(PretrainedSettings(pretrained=str(bert)), tmp_path)


# -- from the command line -----------------------------------------------------------------------------------

TRAIN = ["--binary", "--epochs", 14, "--patience", 0, "--batch", 8, "--learning-rate", 0.003, "--warmup", 0]
SPLIT = ["--split", "0.5,0.25,0.25"]


def labelled(index: int) -> Outcome:
    """x*sin(x**2 + n) + m, which has an antiderivative, or exp(n*x**2 + m), which has none."""
    n, m = " ".join(str(index // 2 + 1)), index % 7 + 2
    if index % 2:
        problem = f"exp add mul INT+ {n} pow2 x INT+ {m}"
        return outcome(index, Status.NONELEMENTARY)._replace(problem_prefix=problem)
    return outcome(index)._replace(problem_prefix=f"add INT+ {m} mul x sin add pow2 x INT+ {n}")


@pytest.fixture(scope="module")
def rows(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("rows") / "rows.db"

    async def fill() -> None:
        async with Store(path, SPEC) as store:
            await store.add(await store.begin_run(RunInfo("test")), [labelled(index) for index in range(100)])

    asyncio.run(fill())
    return path


@pytest.fixture(scope="module")
def tuned(rows: Path, tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, dict]:
    """A model and its report; what it was tuned from is gone."""
    folder = tmp_path_factory.mktemp("tuned")
    bert = tiny_bert(folder / "bert")
    command = ["learn", "classifier", rows, "--to", "model", "--pretrained", "bert", *TRAIN, *SPLIT, "--json"]
    with pytest.MonkeyPatch.context() as environment:
        alone(environment)
        done = asyncgen(*command, cwd=folder)
    assert done.returncode == 0, done.stderr
    bert.rename(folder / "gone")
    return folder / "model", json.loads(done.stdout)


@pytest.mark.engine
class TestCommand:
    """`asyncgen learn classifier --pretrained`, and what can be done with the model."""

    def test_it_is_measured(self, tuned: tuple[Path, dict]):
        _, found = tuned
        assert found["model"]["balanced_accuracy"] > 0.9
        assert found["cut"] == 0

    def test_the_folder_has_all_that_it_needs(self, tuned: tuple[Path, dict]):
        """But no second copy of the weights."""
        model, _ = tuned
        about = json.loads((model / "config.json").read_text())
        assert about["model"] == {"pretrained": "bert", "revision": None}
        assert (about["training"]["epochs"], about["training"]["weight_decay"]) == (14, 0.01)
        assert "It was tuned from the BERT bert" in (model / "README.md").read_text()
        assert {"config.json", "tokenizer.json"} <= {file.name for file in (model / KEPT).iterdir()}
        assert len(list(model.rglob("model.safetensors"))) == 1

    def test_it_classifies_offline(self, tuned: tuple[Path, dict], tmp_path: Path):
        """Though what it was tuned from is gone."""
        (tmp_path / "lines").write_text("3 + x*sin(x**2 + 5)\nexp(5*x**2 + 3)\n")
        done = asyncgen("learn", "classify", tmp_path / "lines", "--model", tuned[0], "--json")
        assert done.returncode == 0, done.stderr
        found = [json.loads(line)["class"] for line in done.stdout.splitlines()]
        assert found == ["closed form", "proven to have none"]

    def test_the_same_command_again_does_nothing_more(self, tuned: tuple[Path, dict], rows: Path):
        model, report = tuned
        again = [
            "learn",
            "classifier",
            rows,
            "--to",
            "model",
            "--pretrained",
            "bert",
            *TRAIN,
            *SPLIT,
            "--json",
        ]
        before = (model / "model.safetensors").read_bytes()
        done = asyncgen(*again, cwd=model.parent)
        assert done.returncode == 0, done.stderr
        assert json.loads(done.stdout) == report
        assert (model / "model.safetensors").read_bytes() == before

    def test_another_model_is_refused(self, tuned: tuple[Path, dict], rows: Path):
        other = ["learn", "classifier", rows, "--to", "model", *TRAIN, *SPLIT, "--pretrained", "other"]
        done = asyncgen(*other, cwd=tuned[0].parent)
        assert (done.returncode, len(done.stderr.splitlines())) == (2, 1)
        assert "model whose model has pretrained bert, not other" in done.stderr


class TestFlags:
    """What they are together."""

    def test_tuning_has_settings_of_its_own(self):
        """Which flags override, even where they say what is usual for networks from scratch."""
        pretrained = PretrainedOptions(pretrained="bert", revision="refs/pr/2")
        found = recipe_of("classifier", ModelOptions(), TrainingOptions(batch=64), pretrained)
        assert found.model == PretrainedSettings(pretrained="bert", revision="refs/pr/2")
        assert found.training == replace(TUNING, batch=64)

    def test_without_it_nothing_is_changed(self):
        assert recipe_of("classifier", ModelOptions(), TrainingOptions()) == Recipe(task="classifier")

    @pytest.mark.parametrize(
        ("model", "pretrained", "words"),
        [
            (ModelOptions(units=64), PretrainedOptions(pretrained="bert"), "--units: a pretrained model has"),
            (
                ModelOptions(),
                PretrainedOptions(pretrained=""),
                "--pretrained: name it, or leave the flag out",
            ),
            (ModelOptions(), PretrainedOptions(revision="main"), "--revision main: it belongs to"),
        ],
    )
    def test_what_cannot_be_meant(self, model: ModelOptions, pretrained: PretrainedOptions, words: str):
        with pytest.raises(UsageError, match=words):
            recipe_of("classifier", model, TrainingOptions(), pretrained)

    def test_a_folder_says_what_it_holds(self, tmp_path: Path):
        """A training from scratch does not go on where one was tuned, nor the other way."""
        one = Recipe(task="classifier", model=PretrainedSettings(pretrained="bert"), training=TUNING)
        data = {"digest": "d", "rows": {}, "sources": [], "notation": "own"}
        folders.begun(
            tmp_path,
            folders.Configuration(task="classifier", model=one.model, training=one.training, data=data),
        )
        assert folders.check(tmp_path, one)
        with pytest.raises(UsageError, match="model whose model has cell None, not gru"):
            folders.check(tmp_path, Recipe(task="classifier"))
