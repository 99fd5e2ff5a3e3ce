"""Presets, TOML files and the operator range: what they give, and how they refuse."""

from dataclasses import replace
from math import inf, nan
from pathlib import Path
from typing import Any

import pytest

from asyncgen.problems.configuration import load_distribution
from asyncgen.problems.distributions import (
    PRESETS,
    check_distribution,
    preset,
    with_operator_range,
)
from asyncgen.problems.errors import UsageError
from asyncgen.problems.spec import Distribution, GeometricIntegers, OperatorCount, Spec, UniformIntegers
from asyncgen.sampler import Sampler

BASE = PRESETS["lample-charton"]


def load(folder: Path, text: str) -> Distribution:
    path = folder / "mine.toml"
    path.write_text(text)
    return load_distribution(path)


@pytest.mark.parametrize("name", sorted(PRESETS))
def test_presets_can_be_drawn_from(name: str) -> None:
    """Every preset passes the check that a user's distribution must pass."""
    check_distribution(PRESETS[name])


def test_default_preset_has_the_published_weights() -> None:
    """The weights of arXiv 1912.01412's released data: 28 binary, 41 unary, 39 of 40 with 3..15."""
    assert sum(weight for _, weight in BASE.binary) == 28
    assert sum(weight for _, weight in BASE.unary) == 28 + 2 + 11
    assert dict(BASE.leaves) == {"x": 0.75, "integer": 0.25}
    assert BASE.operators == (OperatorCount(3, 15, 39.0), OperatorCount(0, 2, 1.0))


def test_file_replaces_whole_tables(tmp_path: Path) -> None:
    """A table in the file replaces that table of the base, and every other part stays."""
    text = """
    [binary]
    mul = 3
    add = 10
    [leaves]
    x = 0.5
    integer = 0.25
    pi = 0.25
    [integers]
    law = "uniform"
    low = -9
    high = 9
    nonzero = false
    [[operators]]
    low = 1
    high = 4
    weight = 2
    [[operators]]
    low = 6
    high = 6
    [shape]
    leaves = 2
    unary = 3
    """
    assert load(tmp_path, text) == replace(
        BASE,
        binary=(("mul", 3.0), ("add", 10.0)),
        leaves=(("x", 0.5), ("integer", 0.25), ("pi", 0.25)),
        integers=UniformIntegers(-9, 9, nonzero=False),
        operators=(OperatorCount(1, 4, 2.0), OperatorCount(6, 6, 1.0)),
        shape=(2, 3, 1),
    )


def test_file_may_name_its_preset(tmp_path: Path) -> None:
    """`preset` in the file takes the place of the base that was passed."""
    changed = load(tmp_path, 'preset = "intclass"\n[integers]\nlaw = "geometric"\nratio = 0.5\n')
    assert changed == replace(PRESETS["intclass"], integers=GeometricIntegers(0.5))


def test_file_without_tables_changes_nothing(tmp_path: Path) -> None:
    """An empty file is the base itself, so that its stream is the same."""
    assert load(tmp_path, "# nothing\n") == BASE


def test_whole_numbers_and_decimals_are_one_weight(tmp_path: Path) -> None:
    """`add = 10` and `add = 10.0` are the same specification, with the same digest."""
    one = load(tmp_path, "[binary]\nadd = 10\n")
    other = load(tmp_path, "[binary]\nadd = 10.0\n")
    assert Spec(one).digest() == Spec(other).digest()


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("[binary\n", r"not TOML: .*line 1"),
        ("a = 1\na = 2\n", r"not TOML: .*line 2"),
        ("x = " + "1" * 5000, "not TOML"),
        ("x = " + "[" * 5000, "nested too deeply"),
        ("x = 1 #" + "." * 70000, "more than 65536 bytes"),
        ("[binery]\nadd = 1\n", "'binery'; did you mean 'binary'"),
        ("[unary]\nsine = 1\n", r"\[unary\] has no 'sine'; did you mean 'sin'"),
        ("[unary]\nadd = 1\n", r"\[unary\] has no 'add'"),
        ("[binary]\nrac = 1\n", r"\[binary\] has no 'rac'"),
        ("[unary]\nqqqqqq = 1\n", "there are: inv, pow2"),
        ("[binary]\nadd = -1\n", r"\[binary\] add: a weight is 0 or more, not -1"),
        ("[binary]\nadd = nan\n", r"\[binary\] add must be a finite number"),
        ("[binary]\nadd = inf\n", "finite number"),
        ("[binary]\nadd = true\n", "finite number .* not True"),
        ("[binary]\nadd = '1'\n", "finite number .* not '1'"),
        ("[binary]\nadd = 1979-05-27\n", "finite number"),
        ("[binary]\nadd = 0x" + "f" * 6000, "finite number .* a huge number"),
        ("[binary]\nadd = 0\n", r"\[binary\] has only weights of 0"),
        ("binary = 3\n", r"write \[binary\]"),
        ("[binary]\n[unary]\n", "no operators to build from"),
        ("[shape]\nunary = 0\nbinary = 0\n", "no operators to build from"),
        ("[shape]\nleaves = 0\n", "leaves must lie in 1..1000"),
        ("[shape]\nleafs = 1\n", "did you mean 'leaves'"),
        ("[shape]\nunary = 1.5\n", r"\[shape\] unary must be a whole number"),
        ("[leaves]\ninteger = 1\n", r"\[leaves\] x has too little weight"),
        ("[leaves]\nx = 1e-9\ninteger = 1\n", r"\[leaves\] x has too little weight"),
        ("[leaves]\n", r"\[leaves\] x has too little weight"),
        ("[leaves]\nI = 1\n", r"\[leaves\] has no 'I'"),
        ("[integers]\nlow = 5\nhigh = 1\n", "low 5 is more than high 1"),
        ("[integers]\nlow = 0\nhigh = 0\n", "nothing but 0"),
        ("[integers]\nlow = 1.0\n", "whole number"),
        ("[integers]\nhigh = 1000000\n", "at most 100000 integers"),
        ("[integers]\nnonzero = 1\n", "true or false"),
        ("[integers]\nratio = 0.5\n", r"\[integers\] has no 'ratio'"),
        ("[integers]\nlaw = 'normal'\n", '"uniform" or "geometric"'),
        ("[integers]\nlaw = 'geometric'\n", "ratio must be a finite number"),
        ("[integers]\nlaw = 'geometric'\nratio = 1.0\n", "ratio must lie above 0"),
        ("[operators]\nlow = 1\nhigh = 2\n", r"write \[\[operators\]\]"),
        ("operators = []\n", "at least one"),
        ("operators = [1]\n", "operators is a table"),
        ("[[operators]]\nlow = 1\n", "needs high"),
        ("[[operators]]\nlow = 2\nhigh = 1\n", "low 2 is more than high 1"),
        ("[[operators]]\nlow = -1\nhigh = 1\n", "must lie within 0..100"),
        ("[[operators]]\nlow = 1\nhigh = 101\n", "must lie within 0..100"),
        ("[[operators]]\nlow = 1\nhigh = 2\nweight = 0\n", "positive weight"),
        ("preset = 'lample'\n", "no preset 'lample'; did you mean 'lample-charton'"),
        ("preset = 1\n", "preset must be a name"),
    ],
)
def test_faults_are_named_in_one_line(tmp_path: Path, text: str, message: str) -> None:
    """Whatever is wrong with a file is one line with the file, the place and what to do."""
    with pytest.raises(UsageError, match=message) as raised:
        load(tmp_path, text)
    line = str(raised.value)
    assert line.startswith(str(tmp_path / "mine.toml"))
    assert "\n" not in line
    assert len(line) < len(str(tmp_path)) + 500


def test_unreadable_files_are_named(tmp_path: Path) -> None:
    """A file that is missing, a folder or not UTF-8 is a UsageError, not a traceback."""
    (tmp_path / "latin.toml").write_bytes(b"# \xe9\n")
    for name, message in [("none.toml", "No such file"), (".", "directory"), ("latin.toml", "UTF-8")]:
        with pytest.raises(UsageError, match=message):
            load_distribution(tmp_path / name)
    with pytest.raises(UsageError, match="cannot be read"):
        load_distribution(Path("a\0b"))


@pytest.mark.parametrize(
    ("low", "high", "parts"),
    [
        (None, None, [(3, 15, 39.0), (0, 2, 1.0)]),
        (1, 5, [(1, 5, 1.0)]),
        (None, 5, [(3, 5, 39.0), (0, 2, 1.0)]),
        (None, 2, [(0, 2, 1.0)]),
        (None, 20, [(3, 20, 39.0), (0, 2, 1.0)]),
        (1, None, [(3, 15, 39.0), (1, 2, 1.0)]),
        (4, None, [(4, 15, 39.0)]),
    ],
)
def test_operator_range_cuts_or_replaces(
    low: int | None, high: int | None, parts: list[tuple[int, int, float]]
) -> None:
    """Two bounds give a uniform law; one bound cuts or stretches the parts and keeps their weights."""
    expected = tuple(OperatorCount(*part) for part in parts)
    assert with_operator_range(BASE, low, high).operators == expected


@pytest.mark.parametrize(("low", "high"), [(5, 3), (-1, None), (None, 101), (16, None), (None, -1)])
def test_impossible_operator_ranges_are_refused(low: int | None, high: int | None) -> None:
    """A range that is empty, negative or beyond 100 is a UsageError."""
    with pytest.raises(UsageError, match="operator"):
        with_operator_range(BASE, low, high)


@pytest.mark.parametrize("weight", [nan, inf, -1.0, True, "1", None])
def test_sampler_checks_what_it_is_given(weight: Any) -> None:
    """A distribution built in Python is checked like one from a file."""
    with pytest.raises(UsageError, match=r"\[binary\] add"):
        Sampler(Spec(replace(BASE, binary=(("add", weight),))))


def test_a_name_given_twice_is_refused() -> None:
    """Two weights for one operator leave open which is meant."""
    with pytest.raises(UsageError, match="twice"):
        check_distribution(replace(BASE, binary=(("add", 1.0), ("add", 2.0))))


def test_unknown_preset_names_the_nearest() -> None:
    """A mistyped preset is answered with the one that was probably meant."""
    with pytest.raises(UsageError, match="did you mean 'intclass'"):
        preset("intclas")
