"""Rules of `verify`: what is confirmed, what is refuted, and what the check leaves open."""

import math

import pytest

from asyncgen.mathematics.check import ENOUGH, Finding, Ground, Verdict, check
from asyncgen.mathematics.sympy_notation import X, from_sympy, to_sympy
from asyncgen.problems.infix import read_infix

GOLDEN = [1.9249849319458008, -1.4124984741210938]  # the first points of seed 0
RIGHT = [
    ("cos x", "sin x"),
    ("inv x", "ln x"),
    ("inv x", "ln abs x"),
    ("sqrt sub x INT+ 3", "mul div INT+ 2 INT+ 3 pow sub x INT+ 3 div INT+ 3 INT+ 2"),
    (
        "asin div x INT+ 1 0",
        "add mul x asin div x INT+ 1 0 sqrt sub INT+ 1 0 0 pow2 x",
    ),
    ("ln mul INT- 1 x", "sub mul x ln mul INT- 1 x x"),
    ("sqrt pow2 x", "div mul x abs x INT+ 2"),
    ("sqrt pow2 x", "div mul x sqrt pow2 x INT+ 2"),
    ("exp mul INT- 1 pow2 x", "div mul sqrt pi erf x INT+ 2"),
    ("exp exp x", "Ei exp x"),
    ("mul x I", "div mul I pow2 x INT+ 2"),
    ("sign x", "abs x"),
    (  # real on (1, 2) only
        "div sub INT+ 3 mul INT+ 2 x mul INT+ 2 mul sqrt sub x INT+ 1 sqrt sub INT+ 2 x",
        "mul sqrt sub x INT+ 1 sqrt sub INT+ 2 x",
    ),
    (  # real beyond every real point tried
        "sqrt sub x INT+ 1 0 0 0",
        "mul div INT+ 2 INT+ 3 pow sub x INT+ 1 0 0 0 div INT+ 3 INT+ 2",
    ),
]
WRONG = [
    ("cos x", "mul INT- 1 sin x"),
    ("cos x", "mul INT+ 2 sin x"),
    ("cos x", "mul add INT+ 1 pow INT+ 1 0 INT- 9 sin x"),
    ("add cos x INT+ 1", "sin x"),
    ("cos x", "cos x"),
    ("sqrt sub x INT+ 3", "pow sub x INT+ 3 div INT+ 3 INT+ 2"),
    ("asin pow2 x", "mul x asin pow2 x"),
]
PARTLY = [
    ("sqrt pow2 x", "div pow2 x INT+ 2"),
    ("abs x", "div pow2 x INT+ 2"),
]


ZERO_ON_AN_INTERVAL = [  # with an answer that is right on the rest, and one that is right everywhere
    ("sqrt(x)*sqrt(x + 1)/sqrt(x**2 + x) + 1", "2*x", "x + x*sqrt(x)*sqrt(x + 1)/sqrt(x**2 + x)"),
    ("sqrt(x**3) + x*sqrt(x)", "4*sqrt(x)**5/5", "2*sqrt(x)**5/5*(1 + sqrt(x**3)/sqrt(x)**3)"),
    ("abs(x) + x", "x**2", "x*abs(x)/2 + x**2/2"),
    ("sqrt(x**2) - x", "-x**2", "x*sqrt(x**2)/2 - x**2/2"),
    ("acosh(cosh(x)) - x", "-x**2", "x*acosh(cosh(x))/2 - x**2/2"),
    ("exp(x)*(sign(x) - 1)", "-2*exp(x)", "(exp(x) - 1)*(sign(x) - 1)"),
]


def words(text: str) -> list[str]:
    """Tokens, written as text."""
    return text.split()


@pytest.mark.parametrize(("text", "partly", "right"), ZERO_ON_AN_INTERVAL)
def test_where_the_function_is_0_counts(text: str, partly: str, right: str) -> None:
    """An answer that moves where the function is 0 on an interval holds on a part of the domain only."""
    integrand = read_infix(text)
    for seed in (0, 1, 2**64 - 1):
        assert check(integrand, read_infix(partly), seed).verdict is Verdict.BRANCH
        assert check(integrand, read_infix(right), seed).verdict is Verdict.CONFIRMED


def test_a_narrow_domain_is_looked_at_in_all_its_parts() -> None:
    """From 0 to 1 the arcsine is the argument for x**3 < pi/10 only, which few of the first points show."""
    integrand = read_infix("asin(sin(5*x**3)) + sqrt(x - x**2)")
    answer = read_infix("5*x**4/4 + (2*x - 1)*sqrt(x - x**2)/4 + asin(2*x - 1)/8")
    for seed in (0, 1, 2**64 - 1):
        assert check(integrand, answer, seed).verdict is Verdict.BRANCH


def test_a_small_complex_function_is_not_real() -> None:
    """Far out the derivative of this is less than 1e-40, and imaginary: it has no say there."""
    answer = read_infix("tan(sqrt(x*sqrt(x**2 + 6*x + 9)))")
    derivative = tuple(from_sympy(to_sympy(answer).diff(X)))
    assert check(derivative, answer).verdict is Verdict.CONFIRMED


def test_a_small_function_is_not_taken_for_0() -> None:
    """However small its values are, they are compared as far as they are known."""
    assert (
        check(read_infix("tanh(x) - 1"), read_infix("(log(exp(2*x) + 1) - 2*x)*(1 + sign(40 - x))/2")).verdict
        is Verdict.BRANCH
    )
    tiny = "exp(-100*(x**2 + 1))"
    assert check(read_infix(tiny), read_infix("0*x")).verdict is Verdict.REFUTED
    assert check(read_infix(f"x*{tiny}"), read_infix(f"-{tiny}/200")).verdict is Verdict.CONFIRMED


@pytest.mark.parametrize(("integrand", "answer"), RIGHT)
def test_right_answers_are_confirmed(integrand: str, answer: str) -> None:
    """A right antiderivative is confirmed for any seed, with at least five points behind it."""
    for seed in (0, 1, 2**64 - 1):
        result = check(integrand.split(), answer.split(), seed)
        assert result.verdict is Verdict.CONFIRMED
        assert result.count(Finding.AGREES) >= ENOUGH


@pytest.mark.parametrize(("integrand", "answer"), WRONG)
def test_wrong_answers_are_refuted(integrand: str, answer: str) -> None:
    """A wrong sign, factor (by 1e-9, too) or term is refuted at every seed."""
    for seed in range(5):
        assert check(integrand.split(), answer.split(), seed).verdict is Verdict.REFUTED


@pytest.mark.parametrize(("integrand", "answer"), PARTLY)
def test_answers_right_on_one_side_only_are_called_so(integrand: str, answer: str) -> None:
    """An answer right for x > 0 alone is neither confirmed nor refuted."""
    for seed in range(5):
        result = check(integrand.split(), answer.split(), seed)
        assert (result.verdict, result.where, result.reason) == (Verdict.BRANCH, "x<0", "branch:x<0")


@pytest.mark.parametrize("answer", ["inv sub x x", "mul x ln sub x x", "gamma sub x x"])
def test_an_answer_without_values_is_never_confirmed(answer: str) -> None:
    """An answer that is undefined everywhere leaves too few points, however many are tried."""
    result = check(["cos", "x"], answer.split(), 3)
    assert result.verdict is Verdict.POINTS
    assert result.count(Finding.AGREES) == 0


def test_an_answer_of_infinite_width_is_never_confirmed() -> None:
    """A difference that contains 0 because nothing is known of it is no agreement."""
    hopeless = words("add sin x sin mul INT+ 2 exp exp exp exp add INT+ 5 pow2 x")
    assert check(["cos", "x"], hopeless, 3).verdict is Verdict.POINTS


def test_zero_times_something_undefined_is_undefined() -> None:
    """An answer does not become right by hiding what is undefined behind a factor 0."""
    hidden = words("add sin x mul INT+ 0 ln sub x x")
    assert check(["cos", "x"], hidden, 3).verdict is Verdict.POINTS


def test_branch_cuts_off_the_real_line_do_not_spoil_a_real_confirmation() -> None:
    """log(x**2)/2 and log(x) lay their cuts differently; on the real line both are right."""
    result = check(["inv", "x"], words("div ln pow2 x INT+ 2"), 5)
    assert result.verdict is Verdict.CONFIRMED


def test_what_a_verdict_rests_on_is_told() -> None:
    """Points where f is real decide; where there are none, its complex values at real points do."""
    assert check(["cos", "x"], ["sin", "x"], 1).ground is Ground.REAL
    assert check(words("mul x I"), words("div mul I pow2 x INT+ 2"), 1).ground is Ground.LINE


def test_a_confirmed_row_needs_no_points_off_the_line() -> None:
    """Where the first real points agree the check stops: the median row pays for nothing more."""
    result = check(["cos", "x"], ["sin", "x"], 1)
    assert (len(result.real), result.complex) == (10, ())


def test_functions_with_branches_are_looked_at_on_every_scale() -> None:
    """Where f or F has branches, there is a point of each sign in each octave from 1/16 to 128."""
    points = [point.real for point, _ in check(["inv", "x"], ["ln", "x"], 1).real]
    assert sorted(math.frexp(point)[1] for point in points if point > 0) == list(range(-3, 8))
    assert sorted(math.frexp(point)[1] for point in points if point < 0) == list(range(-3, 8))


def test_the_seed_is_by_default_the_integrands() -> None:
    """The same function is compared at the same points, whatever the answer; another one at others."""
    points = [[point for point, _ in check(f, F).real] for f, F in CASES]
    assert points[0] == points[1]
    assert points[0] != points[2]


CASES = [(["cos", "x"], ["sin", "x"]), (["cos", "x"], ["x"]), (["sin", "x"], ["cos", "x"])]


def test_points_are_a_function_of_the_seed() -> None:
    """The same seed gives the same evidence, another one other points."""
    pair = ["cos", "x"], ["sin", "x"]
    assert check(*pair, 7) == check(*pair, 7)
    assert check(*pair, 7).real != check(*pair, 8).real


def test_points_never_change_between_releases() -> None:
    """The first points of seed 0 are fixed, so that a stored verdict can be repeated anywhere."""
    result = check(["cos", "x"], ["sin", "x"], 0)
    assert [point for point, _ in result.real[:2]] == GOLDEN


def test_a_function_that_is_complex_but_for_places_where_it_vanishes_has_no_real_domain():
    """Such a place confirms nothing: F' may be anything that vanishes there, as the conjugate of f does."""
    f = read_infix("x*x/x*(x - (exp(x + 5*x) + x))/(log(5) + (x + x)/acos(cosh(x)))")
    conjugate = (
        "-(6*x*log(5) - log(5))*exp(6*x)/(36*(log(5)**2 + 4)) - I*(6*x - 1)*exp(6*x)/(log(5)**2 + 4)/18"
    )
    assert check(f, read_infix(conjugate)).verdict is Verdict.BRANCH
    both = conjugate.replace("I*", "I*sqrt(1 - cosh(x)**2)/(I*sinh(x))*")
    assert check(f, read_infix(both)).verdict is Verdict.CONFIRMED


def test_a_function_that_vanishes_on_its_whole_domain_has_one():
    """As one that is 0 where it is defined: an answer has to be constant there."""
    f = read_infix("sqrt(x)*sqrt(x + 1)/sqrt(x**2 + x) - 1")
    assert check(f, read_infix("x - x")).verdict is not Verdict.CONFIRMED
    assert check(read_infix("(x + 1)**2 - x**2 - 2*x - 1"), read_infix("3")).verdict is Verdict.CONFIRMED
