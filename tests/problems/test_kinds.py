"""The kinds of problem: their laws, their specifications, and what is random in each attempt."""

import subprocess
import sys
from collections import Counter
from dataclasses import replace
from fractions import Fraction
from itertools import islice
from pathlib import Path

import pytest
from test_sampler import assert_follows

from asyncgen.problems import known_pairs
from asyncgen.problems.configuration import load_configuration, spec_for, specification
from asyncgen.problems.distributions import PRESETS
from asyncgen.problems.errors import UsageError
from asyncgen.problems.kinds import (
    CONSTRUCTED,
    KINDS,
    PAPER_LAWS,
    WITH_TABLE,
    WITHOUT_TREES,
    is_constructed,
    is_searched,
)
from asyncgen.problems.records import Problem
from asyncgen.problems.spec import OperatorCount, Share, Spec, differences, parse_spec
from asyncgen.problems.tokens import ARITY, fold
from asyncgen.sampler import Sampler

BASE = PRESETS["lample-charton"]
OWN = BASE.operators
PAIR = (Share("forward", 1.0, OWN), Share("backward", 2.0, (OperatorCount(4, 6),)))
MIXED = Spec(BASE, "mixture", seed=3, mixture=PAIR)


def spec_of(kind: str, preset: str | None = None, **bounds: int) -> Spec:
    found = load_configuration(None, preset, kind)
    return specification(found, found.within(bounds.get("low"), bounds.get("high")))


def configured(folder: Path, text: str, kind: str | None = None) -> Spec:
    path = folder / "mine.toml"
    path.write_text(text)
    found = load_configuration(path, None, kind)
    return specification(found, found.within(None, None))


# -- laws ----------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("kind", "law"),
    [
        ("forward", OWN),
        ("backward", (OperatorCount(4, 15, 39.0), OperatorCount(0, 3, 1.0))),
        ("parts", (OperatorCount(3, 8),)),
        ("parts-lookup", (OperatorCount(4, 15, 39.0), OperatorCount(0, 3, 1.0))),
        ("ode1", (OperatorCount(3, 15),)),
        ("ode2", (OperatorCount(5, 15),)),
        ("substitution", (OperatorCount(1, 5),)),
    ],
)
def test_each_kind_has_the_papers_law(kind: str, law: tuple[OperatorCount, ...]):
    """Under the paper's preset; under another one all kinds have the preset's own."""
    assert spec_of(kind).distribution == replace(BASE, operators=law)
    assert spec_of(kind, "intclass").distribution == PRESETS["intclass"]


def test_a_range_holds_for_every_kind_that_draws_functions(tmp_path: Path):
    """One bound cuts the law of the kind; in a mixture, that of each."""
    assert spec_of("parts", low=4).distribution == replace(BASE, operators=(OperatorCount(4, 8),))
    assert spec_of("ode2", low=1, high=2).distribution == replace(BASE, operators=(OperatorCount(1, 2),))
    path = tmp_path / "mine.toml"
    path.write_text("[kinds]\nparts = 1\ntower = 1\node2 = 1\n")
    found = load_configuration(path)
    laws = [share.operators for share in specification(found, found.within(None, 6)).mixture]
    assert laws == [(OperatorCount(3, 6),), (), (OperatorCount(5, 6),)]


def test_operator_counts_of_a_file_hold_for_every_kind(tmp_path: Path):
    """They take the place of the laws of the paper; other tables leave these alone."""
    text = "[[operators]]\nlow = 2\nhigh = 3\n"
    assert configured(tmp_path, text, "ode1").shares[0].operators == (OperatorCount(2, 3),)
    assert configured(tmp_path, "[unary]\nsin = 1\n", "ode1").shares[0].operators == PAPER_LAWS["ode1"]


@pytest.mark.parametrize("kind", WITHOUT_TREES)
def test_a_number_of_operators_is_refused_where_none_is_drawn(kind: str, tmp_path: Path):
    """Whether by flag or by file: it would do nothing."""
    with pytest.raises(UsageError, match=f"--min-ops and --max-ops: {kind} has no number of operators"):
        spec_of(kind, low=3)
    with pytest.raises(UsageError, match=rf"mine.toml: \[\[operators\]\]: {kind} has no number"):
        configured(tmp_path, "[[operators]]\nlow = 2\nhigh = 3\n", kind)


# -- specifications ------------------------------------------------------------------------------------


@pytest.mark.parametrize("kind", KINDS)
def test_a_specification_of_each_kind_is_read_back(kind: str):
    """Its text holds the kind, and the table of known pairs exactly where the kind reads it."""
    spec = replace(spec_of(kind), published=kind != "forward")
    assert parse_spec(spec.canonical()) == spec
    assert (spec.source == known_pairs.digest()) == (kind in WITH_TABLE)
    assert (is_constructed(spec), is_searched(spec)) == (kind != "forward", kind == "forward")


def test_a_mixture_is_read_back(tmp_path: Path):
    """With the weight and the law of each share, in their order."""
    spec = configured(tmp_path, "[kinds]\nbackward = 2.0\nforward = 1\ntower = 0\nparts = 0.5\n")
    assert parse_spec(spec.canonical()) == spec
    assert [(share.kind, share.weight) for share in spec.shares] == [
        ("backward", 2.0),
        ("forward", 1.0),
        ("parts", 0.5),
    ]
    assert spec.mixture[1].operators == OWN
    assert (spec.kind, spec.source) == ("mixture", known_pairs.digest())
    assert is_constructed(spec)
    assert is_searched(spec)


def test_one_kind_in_a_file_is_that_kind(tmp_path: Path):
    """Whatever its weight, so that the flag and the file give one stream."""
    assert configured(tmp_path, "[kinds]\nbackward = 7\n") == spec_of("backward")
    assert configured(tmp_path, "[kinds]\nforward = 1\n") == Spec(BASE)


@pytest.mark.parametrize(
    ("there", "here", "said"),
    [
        (spec_of("backward"), spec_of("ode1"), 'kind is "backward" there and "ode1" here'),
        (MIXED, replace(MIXED, published=True), "published is false there and true here"),
        (
            MIXED,
            replace(MIXED, mixture=(PAIR[0], replace(PAIR[1], weight=1.0))),
            "kinds: backward is 2.0 there and 1.0 here",
        ),
        (
            MIXED,
            replace(MIXED, mixture=(PAIR[0], replace(PAIR[1], operators=(OperatorCount(4, 7),)))),
            'operators of backward is [{"high": 6, "low": 4, "weight": 1.0}] there and '
            '[{"high": 7, "low": 4, "weight": 1.0}] here',
        ),
        (
            spec_of("parts"),
            replace(spec_of("parts"), source="ab" * 32),
            f'the table of known pairs is "{known_pairs.digest()[:12]}..." there and "abababababab..." here',
        ),
    ],
)
def test_differences_are_said_plainly(there: Spec, here: Spec, said: str):
    """In the words of the flags and of the file."""
    assert said in differences(there.as_dict(), here.as_dict()).split("; ")


@pytest.mark.parametrize(
    ("text", "kind", "said"),
    [
        ("[kinds]\nbackwards = 1\n", None, "[kinds] has no 'backwards'; did you mean 'backward'?"),
        ("[kinds]\n", None, "[kinds] is empty: write a kind and its weight below it, such as backward = 1.0"),
        ("[kinds]\node1 = -1\n", None, "[kinds] ode1: a weight is 0 or more, not -1"),
        ("kinds = 3\n", None, "kinds is a table: write [kinds] and its lines below"),
        ("[kinds]\node1 = 1\n", "ode2", "its [kinds] are not those of --kind ode2: leave one out"),
        (
            "[kinds]\node1 = 1\nforward = 1\n",
            "ode1",
            "its [kinds] are not those of --kind ode1: leave one out",
        ),
    ],
)
def test_a_wrong_table_of_kinds(tmp_path: Path, text: str, kind: str | None, said: str):
    """One line that names the file and the place."""
    with pytest.raises(UsageError) as error:
        configured(tmp_path, text, kind)
    assert str(error.value) == f"{tmp_path / 'mine.toml'}: {said}"


def test_a_flag_and_a_file_may_say_the_same(tmp_path: Path):
    """Then neither need be left out."""
    assert configured(tmp_path, "[kinds]\node1 = 3\n", "ode1") == spec_of("ode1")


@pytest.mark.parametrize(
    ("spec", "said"),
    [
        (
            replace(spec_of("parts"), source="ab" * 32),
            "need the table of known pairs with SHA-256 abababababab",
        ),
        (replace(MIXED, mixture=(PAIR[0],)), "a mixture has several kinds"),
        (replace(MIXED, mixture=(PAIR[0], PAIR[0])), "each named once"),
        (replace(MIXED, mixture=()), "a mixture has several kinds"),
        (replace(MIXED, kind="backward"), "a mixture has several kinds"),
        (replace(MIXED, mixture=(PAIR[0], Share("odd", 1.0))), "has no 'odd'"),
        (replace(MIXED, mixture=(PAIR[0], Share("ode1", 0.0, OWN))), "ode1 needs a weight above 0"),
        (replace(MIXED, mixture=(PAIR[0], Share("ode1", 1.0))), "operators has no part of positive weight"),
        (Spec(None, source="ab"), "these functions come from a file"),
    ],
)
def test_what_cannot_be_drawn_is_refused(spec: Spec, said: str):
    """When the sampler is made, in one line."""
    with pytest.raises(UsageError, match=said):
        Sampler(spec)


# -- problems ------------------------------------------------------------------------------------------


@pytest.mark.parametrize("kind", CONSTRUCTED)
def test_a_constructed_problem_is_its_index_and_kind(kind: str):
    """What it says is built in a worker."""
    assert list(Sampler(spec_of(kind)).stream([range(7, 9)])) == [
        Problem(7, "", 0, kind),
        Problem(8, "", 0, kind),
    ]


def test_kinds_are_mixed_by_weight():
    """The kind of an index is a choice of its own; random access gives what streaming gives."""
    sampler = Sampler(MIXED)
    problems = list(sampler.stream([range(3000)]))
    assert_follows(
        Counter(problem.kind for problem in problems), {"forward": Fraction(1), "backward": Fraction(2)}
    )
    assert Sampler(MIXED).problem(2999) == problems[2999]


def test_forward_shares_give_functions():
    """By the law of their share; the others have nothing yet."""
    problems = list(Sampler(MIXED).stream([range(300)]))
    assert all(("x" in problem.prefix.split()) == (problem.kind == "forward") for problem in problems)
    assert {problem.operators for problem in problems if problem.kind == "forward"} <= set(range(16))


# -- draws ---------------------------------------------------------------------------------------------


def everything(spec: Spec, index: int, attempt: int, kind: str) -> tuple[object, ...]:
    draw = Sampler(spec).draw(index, attempt, kind)
    words = tuple(islice(draw.words("u"), 40))
    if kind in WITHOUT_TREES:
        return draw.operators, words
    return draw.operators, words, draw.function(), draw.function("u"), draw.second()


def test_a_draw_is_a_function_of_index_and_attempt():
    """The same whichever part is asked for first, and how often."""
    sampler = Sampler(spec_of("parts-lookup"))
    for attempt in range(5):
        draw = sampler.draw(9, attempt, "parts-lookup")
        backwards = draw.second(), draw.function("u"), draw.function(), tuple(islice(draw.words("u"), 40))
        expected = everything(spec_of("parts-lookup"), 9, attempt, "parts-lookup")
        assert (draw.operators, *reversed(backwards)) == expected
        assert draw.function("u") == backwards[1]
        assert tuple(islice(draw.words("u"), 3)) == backwards[3][:3]


def test_a_draw_does_not_depend_on_the_process():
    """Nor on the order of sets and dictionaries in it."""
    code = (
        "from test_kinds import everything, spec_of; "
        "print([everything(spec_of(kind), 5, 2, kind) for kind in ('parts', 'tower')])"
    )
    folders = [str(Path(__file__).parent), str(Path(__file__).parents[1] / "support")]
    printed = {
        subprocess.run(
            [sys.executable, "-c", f"import sys; sys.path += {folders}; {code}"],
            env={"PYTHONHASHSEED": seed, "PYTHONPATH": str(Path(__file__).parents[2])},
            capture_output=True,
            text=True,
            check=True,
        ).stdout
        for seed in ("1", "2")
    }
    expected = [everything(spec_of(kind), 5, 2, kind) for kind in ("parts", "tower")]
    assert printed == {f"{expected}\n"}


def test_seed_index_attempt_and_part_all_matter():
    """Nothing that is random is used twice."""
    spec = spec_of("backward", low=12, high=15)
    draws = [
        Sampler(replace(spec, seed=seed)).draw(index, attempt, "backward")
        for seed in (0, 1)
        for index in (0, 1)
        for attempt in (0, 1)
    ]
    parts = ("", "u", "v")
    assert len({tuple(draw.function(part)) for draw in draws for part in parts}) == 24
    assert len({next(draw.words(part)) for draw in draws for part in parts}) == 24


def test_functions_have_the_operators_of_their_draw():
    """Each is one expression with an x in it; the second function has 1..4 operators of its own."""
    sampler = Sampler(spec_of("parts-lookup"))
    for index in range(200):
        draw = sampler.draw(index, 0, "parts-lookup")
        for tokens in (draw.function(), draw.function("v")):
            fold(tokens, lambda _: None, lambda _token, _operands: None)
            assert "x" in tokens
            assert sum(token in ARITY for token in tokens) == draw.operators
        second = draw.second()
        assert "x" in second
        assert 1 <= sum(token in ARITY for token in second) <= 4


def test_the_operators_of_draws_follow_the_law_of_the_kind():
    """Over indices as over attempts."""
    sampler = Sampler(spec_of("parts"))
    seen = Counter(sampler.draw(i, attempt, "parts").operators for i in range(500) for attempt in range(3))
    assert_follows(seen, dict.fromkeys(range(3, 9), Fraction(1)))


@pytest.mark.parametrize("kind", WITHOUT_TREES)
def test_kinds_without_trees_have_words_alone(kind: str):
    """To ask for a function is a mistake of the kind's module."""
    draw = Sampler(spec_of(kind)).draw(0, 0, kind)
    assert draw.operators == 0
    assert len(set(islice(draw.words("degree"), 1000))) == 1000
    with pytest.raises(TypeError, match="draws no functions"):
        draw.function()


GOLDEN = (
    7,
    "mul mul INT+ 1 mul cos pow2 add x INT+ 1 add x x x",
    "mul add add x INT+ 3 x INT+ 3",
    2783206634657830068,
)


def test_the_draws_have_not_changed():
    """Rows that are there were built from them; where they must change, SAMPLING_VERSION is raised."""
    draw = Sampler(spec_of("backward")).draw(4, 1, "backward")
    found = draw.operators, " ".join(draw.function("u")), " ".join(draw.second()), next(draw.words("c"))
    assert found == GOLDEN


# -- the table of known pairs --------------------------------------------------------------------------


def test_the_table_is_the_one_that_is_named():
    """Every line has a key, a factor and an antiderivative."""
    table = known_pairs.known_pairs()
    assert len(table) == len(known_pairs.path().read_text().splitlines())
    assert all(pair.factor and pair.antiderivative for pair in table.values())


def test_a_table_that_has_changed_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    """So is one that is not there: rows would be others than their specification says."""
    monkeypatch.setattr(known_pairs, "_FOLDER", tmp_path)
    with pytest.raises(UsageError, match="cannot be read"):
        known_pairs.known_pairs.__wrapped__()
    known_pairs.path().write_text("x\ty\tz\n")
    with pytest.raises(UsageError, match="is not as it was made"):
        known_pairs.known_pairs.__wrapped__()


@pytest.mark.parametrize("content", [None, b"(1+-10x)^1\t1\tsub x mul INT+ 5 pow2 x\n"])
def test_a_table_that_is_not_as_it_was_made_is_refused_in_one_line(
    content: bytes | None, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Before anything is started or made; kinds that do not read it go on."""
    file = tmp_path / "known-pairs.tsv"
    if content is not None:
        file.write_bytes(content)
    monkeypatch.setattr(known_pairs, "path", lambda: file)
    with pytest.raises(UsageError, match="install asyncgen anew"):
        spec_of("parts")
    spec_of("backward")


# -- from a program ------------------------------------------------------------------------------------


@pytest.mark.parametrize("kind", KINDS)
def test_a_program_gets_the_specification_of_the_command(kind: str):
    """With the paper's law for each kind, or with a range of one's own."""
    assert spec_for(kind, seed=5) == replace(spec_of(kind), seed=5)
    if kind not in WITHOUT_TREES:
        assert spec_for(kind, preset="intclass", operators=(2, 4)) == spec_of(kind, "intclass", low=2, high=4)


def test_a_program_mixes_kinds(tmp_path: Path):
    """As a file's table of kinds does; whole weights are those of the table."""
    assert spec_for({"parts": 1, "tower": 2}) == configured(tmp_path, "[kinds]\nparts = 1\ntower = 2\n")


def test_every_whole_number_is_a_seed():
    """One below 0 too: other problems than those of any other."""
    texts = {Sampler(spec_for(seed=seed)).problem(0).prefix for seed in (-2, -1, 0, 1, 2**64)}
    assert len(texts) == 5


@pytest.mark.parametrize(
    ("choice", "complaint"),
    [
        ({"kinds": "bakward"}, "did you mean 'backward'"),
        ({"kinds": {}}, "empty"),
        ({"preset": "lample"}, "no preset"),
        ({"kinds": "tower", "operators": (1, 2)}, "tower has no number of operators"),
        ({"operators": (3, 1)}, "low 3 is more than high 1"),
        ({"published": True}, "--published"),
        ({"kinds": ["backward"]}, "weights by name"),
        ({"kinds": "backward", "seed": "x"}, "seed must be a whole number"),
        ({"operators": 3}, r"operators are \(low, high\), not 3"),
        ({"operators": (1, 2, 3)}, r"operators are \(low, high\), not \(1, 2, 3\)"),
        ({"operators": ("1", 2)}, "operators must be a whole number, not '1'"),
    ],
)
def test_a_wrong_choice_is_refused(choice: dict[str, object], complaint: str):
    """In the words of the command."""
    with pytest.raises(UsageError, match=complaint):
        spec_for(**choice)  # type: ignore[arg-type]
