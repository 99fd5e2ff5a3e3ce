"""The text of a specification, by which a store knows its functions: it stays what it was."""

from dataclasses import dataclass

import pytest

from asyncgen.problems.distributions import preset
from asyncgen.problems.spec import (
    Distribution,
    GeometricIntegers,
    OperatorCount,
    Spec,
    UniformIntegers,
    later,
    parse_spec,
)

SMALL = Distribution(
    binary=(("add", 10.0), ("mul", 10.0)),
    unary=(("sin", 4.0),),
    leaves=(("x", 0.75), ("integer", 0.25)),
    integers=UniformIntegers(1, 5),
    operators=(OperatorCount(3, 15), OperatorCount(1, 2, 0.5)),
)
TEXT = (
    '{"distribution":{"binary":[["add",10.0],["mul",10.0]],"integers":{"high":5,"law":"uniform","low":1,'
    '"nonzero":true},"leaves":[["x",0.75],["integer",0.25]],"operators":[{"high":15,"low":3,"weight":1.0},'
    '{"high":2,"low":1,"weight":0.5}],"shape":[1,1,1],"unary":[["sin",4.0]]},"kind":"forward","sampling":1,'
    '"seed":1,"source":null}'
)


@dataclass(frozen=True, slots=True)
class Wider(Spec):
    """A specification with a field that a later kind of problem might add."""

    roots: int = later(0)


@dataclass(frozen=True, slots=True)
class WiderIntegers(UniformIntegers):
    """The same one level down."""

    odd: bool = later(False)


def test_the_text_is_the_one_of_version_1():
    """To the byte: the stores that are there hold it."""
    assert Spec(SMALL, seed=1).canonical() == TEXT
    assert parse_spec(TEXT) == Spec(SMALL, seed=1)


def test_a_file_is_named_by_its_hash():
    """To the byte, too."""
    text = '{"distribution":null,"kind":"forward","sampling":1,"seed":0,"source":"ab"}'
    assert Spec(None, source="ab").canonical() == text


def test_the_digests_are_those_of_version_1():
    """Of the preset and of the other law of integers."""
    geometric = Distribution(SMALL.binary, SMALL.unary, SMALL.leaves, GeometricIntegers(0.5), SMALL.operators)
    digests = [Spec(law).digest().hex()[:12] for law in (preset("lample-charton"), geometric)]
    assert digests == ["5164998b491f", "f2dea9e16312"]


def test_a_later_field_at_its_default_is_left_out():
    """So a store that was filled before the field was there still fits."""
    assert Wider(SMALL, seed=1).canonical() == TEXT
    assert Wider(SMALL, seed=1).digest() == Spec(SMALL, seed=1).digest()
    inner = Distribution(SMALL.binary, SMALL.unary, SMALL.leaves, WiderIntegers(1, 5), SMALL.operators)
    assert Spec(inner, seed=1).canonical() == TEXT


def test_a_later_field_with_another_value_is_written():
    """It decides content: other functions, another text."""
    assert Wider(SMALL, seed=1, roots=2).canonical() == TEXT.replace('"sampling"', '"roots":2,"sampling"')


def test_what_is_no_value_of_json_is_a_misuse():
    """It is named, and not written as something else."""
    with pytest.raises(TypeError, match="cannot be part of a specification"):
        Spec(None, source=object()).canonical()  # type: ignore[arg-type]
