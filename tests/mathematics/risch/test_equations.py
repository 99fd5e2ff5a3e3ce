"""Rules of the parametric Risch differential equation and of limited integration."""

import pytest
from towers import element, small_field

from asyncgen.mathematics.engines.risch.equations import integrate_limited, multiple_of, solve, solve_one
from asyncgen.mathematics.engines.risch.solutions import Solution
from asyncgen.mathematics.fields.element import Element
from asyncgen.mathematics.fields.field import DifferentialField


def left(field: DifferentialField, f: Element, y: Element) -> Element:
    """D y + f y."""
    return field.derive(y) + f * y


def assert_solves(field: DifferentialField, f: Element, g: list[Element], solution: Solution) -> None:
    right = field.zero
    for c, g_i in zip(solution.constants, g, strict=True):
        assert field.is_constant(c)
        right = right + c * g_i
    assert left(field, f, solution.y) == right


@pytest.mark.parametrize(
    ("f", "g", "level", "y"),
    [
        ("1", "x", 0, "x - 1"),
        ("2*x", "2*x**2 + 1", 0, "x"),
        ("2*x", "1", 0, None),
        ("1", "1/x", 0, None),
        ("-2/x", "x**3", 0, "x**4/2"),
        ("1/x", "3*x", 0, "x**2"),
        ("1", "1/x - 1/x**2", 0, "1/x"),
        ("1 + 1/x", "x", 0, "x - 2 + 2/x"),
        ("c", "c**2*x", 0, "c*x - 1"),
        ("c", "1/(x + c)", 0, None),
        ("c/x", "1", 0, "x/(c + 1)"),
        ("t", "t**2 + t", 1, "t"),
        ("t", "1", 1, None),
        ("1", "t", 1, "t/2"),
        ("t", "t + 1", 1, None),
        ("-1", "t/x", 1, None),
        ("-1", "t", 1, "x*t"),
        ("-1", "t/x", 2, "t*l"),
        ("1/x", "2*l + 1", 2, "l*x"),
        ("1/l", "1", 2, None),
        ("l", "x*l + 1", 2, "x"),
    ],
)
def test_known_equations(f: str, g: str, level: int, y: str | None) -> None:
    """Where y' + f y = g has a solution in the field one is found, otherwise none."""
    field = small_field()
    f_, g_ = element(field, f), element(field, g)
    found = solve_one(field, f_, g_, level)
    if y is not None:
        assert left(field, f_, element(field, y)) == g_  # the table itself is right
    if y is None:
        assert found is None
        return
    assert found is not None
    assert left(field, f_, found) == g_


SOLUTIONS = [
    "x**2 + 1/x",
    "t/x",
    "(x*t + 1)/(t - 1)",
    "l**2 - x",
    "x/(l + 1)",
    "t*l + 1/t",
    "c/(x - c)",
    "1/t**2",
]
FACTORS = ["1", "-2*x", "3/x", "t", "1/x**2", "l", "-1/(x*l)", "2*c", "t/(t + 1)", "-3", "2 - t"]


@pytest.mark.parametrize("y", SOLUTIONS)
def test_equations_made_from_a_solution_are_solved(y: str) -> None:
    """For g = Dy + f y a solution is found, y itself or another one, whatever f is."""
    for f in FACTORS:
        field = small_field()
        f_ = element(field, f)
        g = left(field, f_, element(field, y))
        found = solve_one(field, f_, g, 2)
        assert found is not None
        assert left(field, f_, found) == g


@pytest.mark.parametrize(
    ("f", "g", "level", "dimension"),
    [
        ("0", ["1", "x"], 0, 3),  # y = c1 x + c2 x**2/2 + c3
        ("0", ["1/x", "1/(x + 1)", "1/x**2"], 0, 2),
        ("0", ["1/x"], 2, 2),  # log(x) is in the field
        ("0", ["l/(x + 1)"], 2, 1),
        ("-1", ["1/x", "1/x**2"], 1, 2),  # t, and c (1/x' - 1/x) = -c/x**2 - c/x
        ("2*x", ["1", "2*x**2", "x"], 0, 2),  # x, and 1/2
        ("t", ["1", "t"], 1, 1),
        ("1", [], 1, 1),  # 1/t
        ("1", [], 0, 0),
        ("-c/x", ["1", "1/x"], 0, 2),
        ("-3/x", ["0"], 0, 2),  # x**3, and what is multiplied by 0
        ("1", ["t", "t", "1/x"], 1, 3),  # t/2, that the first two are equal, and 1/t
        ("-1/x", ["1", "l"], 2, 3),  # x, x log(x) and x log(x)**2/2
    ],
)
def test_the_solutions_are_a_basis(f: str, g: list[str], level: int, dimension: int) -> None:
    """Each pair (c, y) solves the equation, and there are as many as the space has dimensions."""
    field = small_field()
    f_, g_ = element(field, f), [element(field, text) for text in g]
    found = solve(field, f_, g_, level)
    for solution in found:
        assert_solves(field, f_, g_, solution)
    assert len(found) == dimension


@pytest.mark.parametrize(
    ("f", "w", "level", "c"),
    [
        ("1/x", "1/x", 0, "1"),
        ("5/x + 2*x", "1/x", 0, "5"),
        ("c/x - 1/x**2", "1/x", 0, "c"),
        ("1/(x + 1)", "1/x", 0, None),
        ("t/x", "1/x", 1, None),
        ("t*l + t/x", "1/x", 2, "0"),
        ("1/(x*l) + l/x", "1/(x*l)", 2, "1"),
        ("l/(x + 1)", "1/(x + 1)", 2, None),
        ("1/(t + 1)", "t/(t + 1)", 1, "-1"),
    ],
)
def test_limited_integration(f: str, w: str, level: int, c: str | None) -> None:
    """F = Dy + c w is found with its constant, or there is none (Bronstein 7.2)."""
    field = small_field()
    f_, w_ = element(field, f), element(field, w)
    found = integrate_limited(field, f_, w_, level)
    if c is None:
        assert found is None
        return
    assert found is not None
    y, multiple = found
    assert multiple == element(field, c)
    assert field.derive(y) + multiple * w_ == f_


def test_multiple_of_is_an_integer() -> None:
    """The multiple is 0 where there is none, or none that is an integer."""
    field = small_field()
    w = element(field, "1/x")
    multiples = {"-3/x + 1": -3, "c/x": 0, "1/(2*x)": 0, "1/(x - 1)": 0}
    assert {text: multiple_of(field, element(field, text), w, 0) for text in multiples} == multiples
