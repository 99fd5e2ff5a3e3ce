"""Rules of the other forms of a function: each is checked against what it stands for."""

import pytest

from asyncgen.mathematics.check import Verdict, check
from asyncgen.mathematics.engines.fricas.rewriting import continued, joined, sides, with_plain_exponentials
from asyncgen.mathematics.values import compile_tokens
from asyncgen.problems.infix import read_infix
from asyncgen.problems.tokens import to_infix

POINTS = (-2.25, -0.625, 0.375, 1.75)


def same(one: tuple[str, ...], other: tuple[str, ...], point: float) -> bool:
    left, right = (compile_tokens(tokens).at(point, 128).value for tokens in (one, other))
    return bool(left.overlaps(right)) and bool(left.is_finite())


@pytest.mark.parametrize(
    "function",
    [
        "abs(x)",
        "sign(x)*x",
        "sqrt(x^2)",
        "sqrt(x*x)^3",
        "x+sqrt(cos(x)^2)",
        "sqrt(exp(x)*x^2/4)",
        "1/sqrt(1/x^6)",
        "(x^2)^(-3/2)",
    ],
)
def test_either_side_has_the_same_values(function: str) -> None:
    """Where the divider is positive the function is the one form, and where it is negative the other."""
    tokens = read_infix(function)
    found = sides(tokens)
    assert found is not None
    for point in POINTS:
        positive = compile_tokens(found.divider).at(point).value.real > 0
        assert same(tokens, found.positive if positive else found.negative, point)


@pytest.mark.parametrize(
    "function", ["x", "sqrt(x)", "sqrt(x^4)", "sqrt(x^2+1)", "sqrt(exp(2*x))", "sqrt(4)"]
)
def test_other_functions_have_no_sides(function: str) -> None:
    """Only an odd power under a root, an abs or a sign makes a function another one on the other side."""
    assert sides(read_infix(function)) is None


def test_joined_antiderivatives_hold_on_both_sides() -> None:
    """The general form is right whatever the two sides are; the short one where they are opposite."""
    parts = [read_infix(text) for text in ("x", "exp(x)", "x^2-x")]
    short, general = joined(*parts)
    for point in POINTS:
        assert same(general, parts[1] if point > 0 else parts[2], point)
    assert same(short, parts[1], 0.375)


def test_roots_of_exponentials_are_exponentials() -> None:
    """On the real line sqrt(exp(u)) is exp(u/2), and a function without one is left alone."""
    tokens = read_infix("sqrt(exp(5-x)*x)*asinh(x)")
    rewritten = with_plain_exponentials(tokens)
    assert "exp((5 - x)/2)" in to_infix(rewritten) or "exp(1/2*(5 - x))" in to_infix(rewritten)
    assert same(tokens, rewritten, 1.75)
    assert with_plain_exponentials(("sqrt", "x")) == ("sqrt", "x")


@pytest.mark.parametrize(
    ("function", "rewritten"),
    [
        ("log(exp(x))", "x"),
        ("log(x*exp(sin(x))^2)", "2*sin(x) + log(x)"),
        ("log(sqrt(exp(x)/x))", "1/2*x + log(sqrt(x^(-1)))"),
        ("cos(log(3/exp(x)))", "cos(-1*x + log(3))"),
    ],
)
def test_exponentials_come_out_of_logarithms(function: str, rewritten: str) -> None:
    """On the real line log(exp(u)*v) is u + log(v), also where v < 0."""
    found = with_plain_exponentials(read_infix(function))
    assert found == read_infix(rewritten)
    assert same(read_infix(function), found, 1.75)
    assert same(read_infix(function), found, -0.625)


@pytest.mark.parametrize(
    ("function", "answer"),
    [("exp(x^3)", "uppergamma(1/3,-x^3)*((-1)^(1/3))^2/3"), ("exp(-x^5)", "-uppergamma(1/5,x^5)/5")],
)
def test_incomplete_gammas_are_continued(function: str, answer: str) -> None:
    """An answer that is right for x > 0 only becomes one that is right everywhere."""
    integrand, found = read_infix(function), read_infix(answer)
    assert check(integrand, found, 1).verdict is not Verdict.CONFIRMED
    assert check(integrand, continued(found), 1).verdict is Verdict.CONFIRMED


@pytest.mark.parametrize(
    "answer", ["uppergamma(1/3,x^2)", "uppergamma(1/2,log(x))", "uppergamma(0,x)", "erf(x)"]
)
def test_other_answers_are_left_alone(answer: str) -> None:
    """Without a monomial whose power comes out whole there is nothing to continue."""
    assert continued(read_infix(answer)) == read_infix(answer)
