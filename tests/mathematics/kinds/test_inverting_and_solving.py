"""Rules of solving: for a leaf on its path, and for a kernel of an element."""

import pytest
from families import DIGITS, family, value
from mpmath import mp

from asyncgen.mathematics.forms.field import Field
from asyncgen.mathematics.forms.leaves import leaf
from asyncgen.mathematics.forms.reading import read
from asyncgen.mathematics.forms.writing import Writer
from asyncgen.mathematics.kinds.construction import Dropped
from asyncgen.mathematics.kinds.equations.paths import INVERSES, solved_for
from asyncgen.mathematics.kinds.equations.solving import Solver

PLACES = {"x": mp.mpf("0.7"), "a9": mp.mpf("0.6")}
BEYOND_ONE = ("acosh", "asec", "acsc", "acoth")  # defined there


@pytest.mark.parametrize("name", [*INVERSES, "sqrt", "inv", "pow2", "pow3", "pow4", "pow5"])
def test_each_function_is_inverted(name: str) -> None:
    """By mpmath, the constant comes back from the value of a function of it and of x."""
    assert name in ("sqrt", "inv") or name.startswith("pow") or INVERSES[INVERSES[name]] == name
    check_inverted(f"add x {name} a8", mp.mpf("1.5") if name in BEYOND_ONE else mp.mpf("0.5"))


@pytest.mark.parametrize("operation", ["add", "sub", "mul", "div", "pow"])
@pytest.mark.parametrize("operands", ["a8 x", "x a8"])
def test_each_operation_is_inverted_on_both_sides(operation: str, operands: str) -> None:
    """Also a power, for its base and for its exponent."""
    check_inverted(f"{operation} {operands}", mp.mpf("0.5"))


def check_inverted(text: str, constant: mp.mpf) -> None:
    field = Field(16)
    found = Writer(field)(solved_for("a8", family(text), leaf(field, "Y")))
    with mp.workdps(DIGITS):
        y = value(text.split(), {**PLACES, "a8": constant})
        assert abs(value(found, {**PLACES, "Y": y}) - constant) < 1e-15


@pytest.mark.parametrize("text", ["add x abs a8", "mul x sign a8"])
def test_what_cannot_be_inverted_has_no_path(text: str) -> None:
    """The reason is one that a row's count can show."""
    with pytest.raises(Dropped, match=r"^no path$"):
        solved_for("a8", family(text), leaf(Field(16), "Y"))


SOLVABLE = [
    "sub mul a9 x exp x",
    "sub exp add a9 x INT+ 3",
    "sub add mul exp x pow2 a9 mul INT+ 3 a9 x",  # quadratic
    "sub mul x pow4 a9 add pow2 a9 sin x",  # quadratic in the square
    "sub mul x sin a9 cos a9",
    "sub sinh mul a9 x mul pow2 x cosh mul a9 x",
    "sub a9 add x sqrt add a9 x",  # the root is squared away
    "sub mul add a9 x add a9 INT+ 1 x",
    "mul sub a9 x add INT+ 1 exp x",  # a factor
]


@pytest.mark.parametrize("structural", [True, False])
@pytest.mark.parametrize("text", SOLVABLE)
def test_the_solution_of_an_equation_solves_it(text: str, structural: bool) -> None:
    """By mpmath, the equation is 0 where its unknown has the value that was found, in either form."""
    field = Field(24, structural=structural)
    f = read(field, text.split())
    found = Writer(field)(Solver(field, field.numbers["a9"]).zero_of(f))
    assert "a9" not in found
    with mp.workdps(DIGITS):
        x = mp.mpf("0.3")
        assert abs(value(text.split(), {"x": x, "a9": value(found, {"x": x})})) < 1e-40


@pytest.mark.parametrize("text", ["sub add a9 exp a9 x", "sub add a9 pow5 a9 x", "sub add sin a9 ln a9 x"])
def test_what_has_no_formula_is_unsolved(text: str) -> None:
    """Several kernels that are no sine and cosine, or a degree above 2."""
    field = Field(16)
    f = read(field, text.split())
    with pytest.raises(Dropped, match=r"^unsolved$"):
        Solver(field, field.numbers["a9"]).zero_of(f)


def test_an_equation_without_the_unknown_says_so() -> None:
    """The constants of such a family are one."""
    field = Field(16)
    unknown = field.numbers.setdefault("a9", field.kernels_of(leaf(field, "a9")).pop())
    with pytest.raises(Dropped, match=r"^one constant$"):
        Solver(field, unknown).zero_of(read(field, ["add", "x", "exp", "x"]))
