"""Rules of the closer look: an error that is small beside the function is seen all the same."""

import pytest
from derivatives import derivative, tree
from hypothesis import given, settings
from hypothesis import strategies as st

from asyncgen.mathematics.check import Finding, Verdict, check
from asyncgen.mathematics.sharpness import MORE, MOST_ELEMENTARY, MOST_SPECIAL, sharper, size_of
from asyncgen.mathematics.values import compile_tokens
from asyncgen.problems.infix import read_infix
from asyncgen.problems.tree import flatten

PAIRS = [  # a function, its antiderivative, and a wrong one
    ("2*x*exp(x**2 + 50)", "exp(x**2 + 50)", "exp(x**2 + 50) + x"),
    ("2*x*exp(x**2 + 20)", "exp(x**2 + 20)", "exp(x**2 + 20) + x"),
    ("2*x*exp(x**2 + 10000)", "exp(x**2 + 10000)", "exp(x**2 + 10000) + x/10**60"),
    ("10**30*cos(x)", "10**30*sin(x)", "10**30*sin(x) + x"),
    ("x**2 + 1/10**30", "x**3/3 + x/10**30", "x**3/3"),
    (
        "sinh(x**2 + 5)*sin(x) - 2*x*cos(x)*cosh(x**2 + 5)",
        "-sinh(x**2 + 5)*cos(x)",
        "x - sinh(x**2 + 5)*cos(x)",
    ),
    ("exp(x + 40)*sqrt(x**2)", "exp(x + 40)*(x - 1)*sqrt(x**2)/x", "exp(x + 40)*(x - 1)*sqrt(x**2)/x + x"),
    (  # at some points |f| is beyond every precision
        "exp(x)*exp(exp(x) + 20)",
        "exp(exp(x) + 20)",
        "exp(exp(x) + 20) + x",
    ),
    ("2*x*exp(x**2 + 20) + sign(x)", "exp(x**2 + 20) + abs(x)", "exp(x**2 + 20) + abs(x) + x"),
    (
        "10**30*erf(x)",
        "10**30*(x*erf(x) + exp(-x**2)/sqrt(pi))",
        "10**30*(x*erf(x) + exp(-x**2)/sqrt(pi)) + x",
    ),
]
LARGE = ("exp({})", "sinh({})", "x*exp({} + 30)", "10**{power}*({})", "10**{power}*cos({})")
SMOOTH = ("x", "x**2", "3 - x", "sin(x)", "x**2 + 50", "1/(x**2 + 1)")
WITH_BRANCHES = ("atan(x)", "log(x**2 + 2)", "sqrt(x**2 + 1)")


@pytest.mark.parametrize(("function", "right", "wrong"), PAIRS)
def test_an_error_that_is_small_beside_the_function_is_seen(function: str, right: str, wrong: str) -> None:
    """The wrong answer is refuted at all seeds, the right one confirmed."""
    f = read_infix(function)
    for seed in (None, 0, 1, 2**64 - 1):
        assert check(f, read_infix(wrong), seed).verdict is Verdict.REFUTED
        assert check(f, read_infix(right), seed).verdict is Verdict.CONFIRMED


@settings(deadline=None, max_examples=60)
@given(
    st.sampled_from(LARGE),
    st.sampled_from(SMOOTH + WITH_BRANCHES),
    st.integers(1, 60),
    st.integers(0, 60),
    st.integers(1, 2),
)
def test_no_added_error_is_too_small(outer: str, inner: str, power: int, digits: int, degree: int) -> None:
    """An antiderivative with c*x or c*x**2 added is refuted, c from 1 down to 1e-60, however large f is."""
    answer = outer.format(inner, power=power)
    f = tuple(flatten(derivative(tree(answer))))
    assert check(f, read_infix(answer)).verdict is Verdict.CONFIRMED
    assert check(f, read_infix(f"{answer} + x**{degree}/10**{digits}")).verdict is Verdict.REFUTED


def test_a_small_error_on_one_side_is_seen_there() -> None:
    """An error that is 0 for x > 0 makes an answer that is right there, and only there."""
    result = check(read_infix("10**30*cos(x)"), read_infix("10**30*sin(x) + abs(x) - x"))
    assert result.reason == "branch:x<0"
    assert all(
        (finding is Finding.DIFFERS) == (point.real < 0) for point, finding in result.real if point.real
    )


def test_what_is_refuted_by_one_point_agrees_nowhere_without_branches() -> None:
    """Functions without branches that differ somewhere differ everywhere: all points say so."""
    result = check(read_infix("exp(x)*exp(exp(x) + 20)"), read_infix("exp(exp(x) + 20) + x"))
    assert result.count(Finding.AGREES) == 0


@pytest.mark.parametrize(
    ("text", "most"),
    [
        ("exp(x)*sqrt(x)", MOST_ELEMENTARY),
        ("x + erf(x)", MOST_SPECIAL),
        ("polylog(3, x)", 0),
        ("hyp2f1(1/2, 1/3, 4/3, x)", 0),
        ("elliptic_f(x, 1/3)", 0),
    ],
)
def test_slow_functions_are_not_looked_at_closer(text: str, most: int) -> None:
    """Where more bits take long, there is no closer look, and where they take some time, only a short one."""
    assert compile_tokens(read_infix(text)).most_bits == most


def test_where_nobody_looks_closer_the_finding_stays() -> None:
    """An error of 1e-30 beside polylog(3, x) is beyond what is looked at."""
    f, F = read_infix("polylog(3, sin(x)) + cos(x)"), read_infix("sin(x)")
    assert compile_tokens(f).most_bits == 0
    assert check(f, F).verdict is Verdict.REFUTED
    close = read_infix("cos(x) + polylog(3, sin(x))/10**30")
    assert check(close, F).verdict is Verdict.CONFIRMED


def test_the_precision_grows_with_the_size() -> None:
    """The size of a large function is added, and left out where it is too large; most: no more than that."""
    assert sharper(64, -7, MOST_ELEMENTARY) == 64 + MORE
    assert sharper(64, 100, MOST_ELEMENTARY) == 164 + MORE
    assert sharper(64, 5000, MOST_ELEMENTARY) == 2**13
    assert sharper(64, 10**20, MOST_ELEMENTARY) == 64 + MORE
    assert sharper(64, 0, 0) is None


def test_the_size_is_an_exponent_of_2() -> None:
    """The size of a value is known to one bit."""
    for exponent in (-200, -1, 0, 1, 300):
        value = compile_tokens(read_infix(f"2**({exponent}) + 0*x")).value_at(1.5)
        assert exponent <= size_of(value) <= exponent + 2
