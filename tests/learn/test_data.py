"""From rows to batches: what is taught, in which part, in which order."""

import asyncio
import json
from collections import Counter
from pathlib import Path

import numpy as np
import pytest
from command_line import asyncgen
from hypothesis import given
from hypothesis import strategies as st
from torch import Tensor

from asyncgen.datasets.exporting.export import Run, export
from asyncgen.datasets.exporting.request import Request
from asyncgen.datasets.selection import Selection
from asyncgen.datasets.splits import Split
from asyncgen.learn.data.batches import batch_of, batches_of
from asyncgen.learn.data.corpus import Corpus, write
from asyncgen.learn.data.examples import Example, constants_of, from_published
from asyncgen.learn.data.prepare import Prepared, Wanted, prepared
from asyncgen.learn.data.slots import NOWHERE, slots_before, slots_of
from asyncgen.learn.data.targets import without_constant
from asyncgen.learn.data.vocabulary import END, IDS, PAD, START, TOKENS, ids_of, tokens_of
from asyncgen.learn.errors import DamagedError
from asyncgen.mathematics.check import Verdict, check
from asyncgen.mathematics.marks import marks_of
from asyncgen.problems.errors import UsageError
from asyncgen.problems.infix import read_infix
from asyncgen.problems.infix_text import to_infix

THIRDS = Split((0.4, 0.3, 0.3))


class TestVocabulary:
    """Tokens and ids."""

    def test_each_token_has_a_byte(self):
        assert len(set(TOKENS)) == len(TOKENS) == len(IDS) < 256
        assert (IDS["<pad>"], IDS["<start>"], IDS["<end>"]) == (PAD, START, END)

    @given(st.lists(st.sampled_from(TOKENS[3:])))
    def test_ids_are_read_back(self, tokens: list[str]):
        assert tokens_of([START, *ids_of(tokens), END, PAD, 7]) == tuple(tokens)

    def test_a_token_of_nobody_is_refused(self):
        with pytest.raises(UsageError, match="'frobnicate' is not in the vocabulary"):
            ids_of(["x", "frobnicate"])


class TestTargets:
    """Antiderivatives without additive constants."""

    @pytest.mark.parametrize(
        ("answer", "taught"),
        [
            ("x**2 + 3", "x**2"),
            ("3 - x**2", "(-1)*x**2"),
            ("x - (5 - exp(x))", "x - (-1)*exp(x)"),
            ("pi + x*exp(2) + log(3)", "x*exp(2)"),
            ("2 + 3", "2 + 3"),
            ("x", "x"),
        ],
    )
    def test_terms_without_x_are_dropped(self, answer: str, taught: str):
        assert without_constant(read_infix(answer)) == read_infix(taught)

    @pytest.mark.parametrize(
        ("answer", "slope"),
        [("x**2 + 3 - exp(2)", "2*x"), ("5 - (sin(x) - 2)", "-cos(x)"), ("x - 1 - (2 - log(x))", "1 + 1/x")],
    )
    def test_the_derivative_stays(self, answer: str, slope: str):
        """The check, which differentiates the answer, is the oracle."""
        taught = without_constant(read_infix(answer))
        slopes = {
            "x**2 + 3 - exp(2)": "2*x",
            "5 - (sin(x) - 2)": "-cos(x)",
            "x - 1 - (2 - log(x))": "1 + 1/x",
        }
        assert check(read_infix(slopes[answer]), taught).verdict is Verdict.CONFIRMED
        assert len(taught) < len(read_infix(answer))


class TestPublished:
    """Lines of published files."""

    @pytest.mark.parametrize(
        ("line", "problem", "kind"),
        [
            ("sub Y' mul INT+ 2 x\tpow x INT+ 2", "mul INT+ 2 x", "integral"),
            ("12|sub Y' mul INT+ 2 x\tpow x INT+ 2", "mul INT+ 2 x", "integral"),
            ("sub Y' Y\tmul a8 exp x", "sub Y' Y", "ode1"),
            ("add Y'' Y\tadd mul a8 sin x mul a9 cos x", "add Y'' Y", "ode2"),
        ],
    )
    def test_what_is_asked(self, line: str, problem: str, kind: str):
        example = from_published(line)
        assert (" ".join(example.problem), example.kind) == (problem, kind)
        assert constants_of(example.problem) == {"integral": 0, "ode1": 1, "ode2": 2}[kind]


def examples(count: int) -> list[Example]:
    return [
        Example(
            ("add",) * (place % 7) + ("x",) * (place % 7 + 1), ("x",) * (place % 3), place % 3, place, "ode1"
        )
        for place in range(count)
    ]


@pytest.fixture
def corpus(tmp_path: Path) -> Corpus:
    write(tmp_path, examples(500))
    return Corpus(tmp_path)


def padded(slots: list[int], beside: Tensor) -> list[int]:
    return slots + [NOWHERE] * (beside.shape[1] - len(slots))


class TestCorpus:
    """Examples in flat files."""

    def test_they_are_read_back(self, tmp_path: Path):
        given = [*examples(9), Example(("x",), ("pow2", "x"), 0, 0, "forward")]
        assert write(tmp_path, given) == 10
        corpus = Corpus(tmp_path)
        for number, example in enumerate(given):
            assert tokens_of(corpus.problem(number)) == example.problem
            assert tokens_of(corpus.answer(number)) == example.answer
            assert corpus.kind(number) == example.kind
            row = corpus.index[number]
            assert (row["label"], row["operators"]) == (example.label, example.operators)

    def test_so_many_that_they_are_written_bit_by_bit(self, tmp_path: Path):
        given = examples(20_011)
        assert write(tmp_path, given) == len(given)
        corpus = Corpus(tmp_path)
        for number in (0, 9_999, 10_000, 19_998, 20_010):
            assert tokens_of(corpus.problem(number)) == given[number].problem
            assert tokens_of(corpus.answer(number)) == given[number].answer

    def test_slots_are_kept_beside_the_ids(self, corpus: Corpus):
        """Of a problem as they are known with the token, of an answer before it, the end mark included."""
        batch = batch_of(corpus, range(40))
        for row in range(40):
            ids = corpus.problem(row).tolist()
            assert batch.problems.slots[row].tolist() == padded(slots_of(ids), batch.problems.slots)
            ids = [*corpus.answer(row).tolist(), END]
            assert batch.answers.slots[row].tolist() == padded(slots_before(ids), batch.answers.slots)

    def test_what_an_older_version_prepared_is_refused(self, corpus: Corpus, tmp_path: Path):
        about = json.loads((tmp_path / "about.json").read_text())
        del about["format"]
        (tmp_path / "about.json").write_text(json.dumps(about))
        with pytest.raises(UsageError, match="by another version"):
            Corpus(tmp_path)

    def test_what_is_damaged_is_named(self, tmp_path: Path):
        write(tmp_path, examples(5))
        (tmp_path / "index.npy").write_bytes(b"rubbish")
        with pytest.raises(DamagedError, match="damaged"):
            Corpus(tmp_path)

    def test_a_pickle_is_not_read(self, tmp_path: Path):
        write(tmp_path, examples(5))
        np.save(tmp_path / "index.npy", np.array([{"a": 1}], dtype=object), allow_pickle=True)
        with pytest.raises(DamagedError):
            Corpus(tmp_path)

    def test_another_vocabulary_is_refused(self, tmp_path: Path):
        write(tmp_path, examples(5))
        about = json.loads((tmp_path / "about.json").read_text())
        (tmp_path / "about.json").write_text(json.dumps({**about, "vocabulary": "other"}))
        with pytest.raises(UsageError, match="another vocabulary"):
            Corpus(tmp_path)


class TestBatches:
    """Which examples are together."""

    def test_each_row_is_there_once(self, corpus: Corpus):
        found = [number for batch in batches_of(corpus, np.arange(500), 7, (1, 2)) for number in batch]
        assert sorted(found) == list(range(500))

    def test_the_order_follows_from_seed_and_epoch(self, corpus: Corpus):
        def order(*shuffled: int) -> list[int]:
            batches = batches_of(corpus, np.arange(500), 7, shuffled)
            return [int(number) for batch in batches for number in batch]

        assert order(1, 2) == order(1, 2)
        assert order(1, 2) != order(1, 3)
        assert order(1, 2) != order(2, 2)

    def test_lengths_are_about_the_same(self, corpus: Corpus):
        for batch in batches_of(corpus, np.arange(448), 7, (1, 2)):
            lengths = corpus.index[batch]["problem"]
            assert lengths.max() - lengths.min() <= 2

    def test_a_batch_is_padded_at_the_end(self, corpus: Corpus):
        batch = batch_of(corpus, [0, 6, 5])
        assert batch.problems.ids.tolist()[0] == [IDS["x"], *[PAD] * 12]
        assert batch.answers.ids.tolist() == [
            [START, PAD, PAD],
            [START, PAD, PAD],
            [START, IDS["x"], IDS["x"]],
        ]
        assert batch.targets.tolist() == [[END, PAD, PAD], [END, PAD, PAD], [IDS["x"], IDS["x"], END]]
        assert batch.labels.tolist() == [0, 0, 2]


@pytest.fixture(scope="module")
def store(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Rows of which many have the same values, and some equations."""
    path = tmp_path_factory.mktemp("store") / "rows.db"
    config = path.with_suffix(".toml")
    config.write_text("[kinds]\nbackward = 3\node1 = 1\n")
    done = asyncgen("--config", config, "--max-ops", 3, "--n", 400, "--store", path, "--no-progress")
    assert done.returncode == 0, done.stderr
    return path


def prepare(places: list[Path], to: Path, wanted: Wanted) -> Prepared:
    found = asyncio.run(prepared(places, to, wanted, Run(workers=2)))
    assert found is not None
    return found


def pairs(data: Prepared, part: str) -> Counter[tuple[tuple[str, ...], tuple[str, ...]]]:
    corpus = data.part(part)
    return Counter(
        (tokens_of(corpus.problem(number)), tokens_of(corpus.answer(number))) for number in range(len(corpus))
    )


@pytest.mark.engine
class TestPrepared:
    """Data sets in the form that training reads."""

    def test_no_form_is_on_two_sides(self, store: Path, tmp_path: Path):
        """Nor are values, as the marks say by which exports are parted."""
        data = prepare([store], tmp_path, Wanted("integrator", split=THIRDS))
        seen: dict[bytes, set[str]] = {}
        for part in ("train", "validation", "test"):
            corpus = data.part(part)
            for number in range(len(corpus)):
                found = marks_of(tokens_of(corpus.problem(number)))
                for mark in (found.form, found.values):
                    seen.setdefault(mark, set()).add(part)
        assert len(seen) > 200
        assert [parts for parts in seen.values() if len(parts) > 1] == []

    @pytest.mark.parametrize("format", ["jsonl", "parquet"])
    def test_an_export_gives_the_same(self, store: Path, tmp_path: Path, format: str):
        """In whatever format, and is not prepared twice."""
        request = Request(format=format, split=THIRDS)
        asyncio.run(export([store], tmp_path / "set", request, Run(workers=2)))
        wanted = Wanted("integrator", split=THIRDS)
        here = prepare([store], tmp_path / "a", wanted)
        there = prepare([tmp_path / "set"], tmp_path / "b", wanted)
        assert here.rows == there.rows
        for part in here.rows:
            assert pairs(here, part) == pairs(there, part)
        again = prepare([tmp_path / "set"], tmp_path / "b", wanted)
        assert again == there
        assert not (here.folder / "export").exists()

    def test_published_files_are_in_their_notation(self, store: Path, tmp_path: Path):
        request = Request(format="prefix", split=THIRDS)
        asyncio.run(export([store], tmp_path / "set", request, Run(workers=2)))
        data = prepare([tmp_path / "set"], tmp_path / "data", Wanted("integrator"))
        assert data.notation == "published"
        lines = (tmp_path / "set" / "train.prefix").read_text().splitlines()
        assert data.rows["train"] == len(lines)
        assert {"inv", "pow2", "sqrt"}.isdisjoint(
            token for problem, _ in pairs(data, "train") for token in problem if token != "sqrt"
        )

    def test_answers_have_no_additive_constants(self, store: Path, tmp_path: Path):
        data = prepare([store], tmp_path, Wanted("integrator", split=Split((1, 0, 0))))
        for problem, answer in pairs(data, "train"):
            if not constants_of(problem):
                assert without_constant(answer) == answer, to_infix(answer)

    def test_what_is_no_data_is_said(self, store: Path, tmp_path: Path):
        (tmp_path / "empty").mkdir()
        for places, words in (
            ([], "name the data"),
            ([tmp_path / "empty"], "no folder of an export"),
            ([tmp_path / "empty", store], "one folder of an export at a time"),
            ([tmp_path / "nowhere.db"], "nowhere.db"),
        ):
            with pytest.raises(UsageError, match=words):
                prepare(places, tmp_path / "to", Wanted("integrator"))
        assert not (tmp_path / "to").exists()

    def test_a_part_without_rows_is_said(self, store: Path, tmp_path: Path):
        data = prepare([store], tmp_path, Wanted("integrator", split=Split((1, 0, 0))))
        with pytest.raises(UsageError, match="no row in the part validation"):
            data.part("validation")

    def test_rows_that_teach_nothing_are_left_out(self, tmp_path: Path):
        """A classifier learns from rows without an answer, too, and never from equations."""
        path = tmp_path / "rows.db"
        asyncgen("--max-ops", 3, "--n", 120, "--store", path, "--no-progress", "--engines", "risch")
        request = Request(
            format="jsonl",
            selection=Selection(statuses=Wanted("classifier").statuses),
            split=Split((1, 0, 0)),
        )
        asyncio.run(export([path], tmp_path / "set", request, Run(workers=2)))
        answers = prepare([tmp_path / "set"], tmp_path / "a", Wanted("integrator")).part("train")
        classes = prepare([tmp_path / "set"], tmp_path / "b", Wanted("classifier")).part("train")
        assert set(np.unique(answers.index["label"])) == {0}
        assert {0, 1} <= set(np.unique(classes.index["label"]))
        assert len(answers) < len(classes)
