"""Rules of the check as a whole: what engines got wrong is caught, what is right is mostly confirmed."""

import random
import re
from functools import cache

import pytest
import sympy

from asyncgen.mathematics.check import Ground, Verdict, check
from asyncgen.mathematics.sympy_notation import Expression, Untranslatable, X, from_sympy, to_sympy
from asyncgen.problems.infix import read_infix
from asyncgen.problems.tokens import SPECIAL

Tokens = tuple[str, ...]
HALF, THIRD = sympy.Rational(1, 2), sympy.Rational(1, 3)
INNER = (
    *(X, 2 * X, -X, X / 3, X**2, X + 1, 1 - X, X**3 - 2, 1 / X, sympy.sqrt(X), sympy.exp(X), sympy.exp(-X)),
    *(sympy.log(X), sympy.sin(X), sympy.cos(X), sympy.atan(X), sympy.sqrt(X**2 + 1), X * sympy.log(X)),
)
OUTER = {
    **{name: getattr(sympy, name) for name, arity in SPECIAL.items() if arity == 1 and "gamma" not in name},
    "uppergamma": lambda u: sympy.uppergamma(THIRD, u),
    "lowergamma": lambda u: sympy.lowergamma(HALF, u),
    "expint": lambda u: sympy.expint(3 * HALF, u),
    "dilog": lambda u: sympy.polylog(2, u),
    "trilog": lambda u: sympy.polylog(3, u),
    "elliptic_f": lambda u: sympy.elliptic_f(u, THIRD),
    "elliptic_e": lambda u: sympy.elliptic_e(u, -2),
    "elliptic_pi": lambda u: sympy.elliptic_pi(-HALF, u, THIRD),
    "hyp1f1": lambda u: sympy.hyper([THIRD], [HALF], u),
    "hyp1f2": lambda u: sympy.hyper([THIRD], [HALF, 2], u),
    "hyp2f1": lambda u: sympy.hyper([THIRD, HALF], [4 * THIRD], u),
    "hyp2f2": lambda u: sympy.hyper([THIRD, HALF], [3 * HALF, 2], u),
}


@cache
def special_pairs(count: int) -> tuple[tuple[str, Tokens, Tokens], ...]:
    """True pairs: a random answer with a special function in it, and its derivative by SymPy."""
    generator = random.Random(5)
    pairs: list[tuple[str, Tokens, Tokens]] = []
    while len(pairs) < count:
        name = sorted(OUTER)[len(pairs) % len(OUTER)]
        first, second, third = generator.choices(INNER, k=3)
        answer = generator.choice((1, 2, first)) * OUTER[name](second) + generator.choice((0, third))
        try:
            pairs.append((name, from_sympy(answer.diff(X)), from_sympy(answer)))
        except Untranslatable:
            continue
    return tuple(pairs)


def test_right_special_answers_are_mostly_confirmed() -> None:
    """Of 200 right answers with special functions at least 190 are confirmed, and none is refuted."""
    verdicts = [check(f, F, seed).verdict for seed, (_, f, F) in enumerate(special_pairs(200))]
    assert verdicts.count(Verdict.CONFIRMED) >= 190
    assert Verdict.REFUTED not in verdicts


# Answers of FriCAS 1.3.8 (Debian 12) as it printed them, in our notation; each is wrong on all of the domain.
FRICAS_WRONG = [
    ("asin(x**2)", "(2*sqrt(-x**4 + 1) + x**2*asin(x**2))/x", 0.5),
    ("acos(x**2)", "(-2*sqrt(-x**4 + 1) + x**2*acos(x**2))/x", 0.5),
    ("sqrt(-x/5 + 4/(5*x))", "2*x*sqrt((-x**2 + 4)/(5*x))/3", 1.25),
    ("x**2/sqrt(1 - x**4)", "-sqrt(-x**4 + 1)/x", 0.5),
    (
        "sin(atan(x*x))",
        "(x*elliptic_f(asin(sqrt(sqrt(-1))/x), -1) - x*elliptic_e(asin(sqrt(sqrt(-1))/x), -1)"
        " + sqrt(x**4 + 1)*sqrt(sqrt(-1)))/(x*sqrt(sqrt(-1)))",
        1.25,
    ),
    ("atanh(3)*cos(x)", "log(2)*sin(x)/2", 1.25),  # of a complex constant it keeps a part
]


@pytest.mark.parametrize(("integrand", "answer", "place"), FRICAS_WRONG)
def test_wrong_answers_of_fricas_are_refuted(integrand: str, answer: str, place: float) -> None:
    """What FriCAS gets wrong is refuted at every seed; SymPy's derivative says the same at one point."""
    f, F = read_infix(integrand), read_infix(answer)
    difference = (to_sympy(F).diff(X) - to_sympy(f)).subs(X, place)
    assert abs(complex(difference.evalf(20))) > 0.01
    assert {check(f, F, seed).reason for seed in range(20)} == {"refuted"}


# Right answers that ask more of the check than most.
HARD = [
    ("atanh(x + 5)", "(6*log(x + 6) - 4*log(x + 4) + x*log((-x - 6)/(x + 4)))/2"),
    ("x + sqrt(x - x*1)", "x**2/2"),
    ("x*(cos(x) + sqrt(x - x)*(3/x + x))", "x*sin(x) + cos(x)"),
    ("acos(1)*x**3 + exp(x)", "exp(x)"),
    ("sqrt(cos(x) - 5)*sin(x)", "-2*sqrt(cos(x) - 5)**3/3"),
    ("sqrt(-x**2)*3", "3*x*sqrt(-x**2)/2"),
    # F' is out of reach far from 0: of cosh - sinh nothing is left, and exp(-2*x**6) is lost in rounding
    ("x*(tanh(x*x) + x)", "(3*log(-2*cosh(x**2)/(sinh(x**2) - cosh(x**2))) + 2*x**3 - 3*x**2)/6"),
    ("x/exp(2*x**6)", "x**2*hyp1f1(1/3, 4/3, -2*x**6)/2"),
]


@pytest.mark.parametrize(("integrand", "answer"), HARD)
def test_right_answers_are_confirmed_whatever_the_seed(integrand: str, answer: str) -> None:
    """Narrow domains, a zero under a root, functions that are real nowhere: none stands in the way."""
    f, F = read_infix(integrand), read_infix(answer)
    assert {check(f, F, seed).reason for seed in range(30)} == {"confirmed"}


def spoilt(answer: Expression, term: Expression) -> list[Expression]:
    """The answer with its sign flipped, times a constant, with a term more, and one of its terms missing."""
    without = sum(answer.args[1:]) if answer.is_Add else answer.subs(X, 2 * X)
    return [-answer, answer * sympy.Rational(1_000_001, 1_000_000), answer + term, without]


def test_spoilt_answers_are_never_confirmed() -> None:
    """A flipped sign, a factor 1.000001, a term too many or missing: each is seen, 50 times over."""
    for seed, (_, f, F) in enumerate(special_pairs(50)):
        for wrong in spoilt(to_sympy(F), sympy.sin(X) / 1000):
            if (wrong - to_sympy(F)).has(X):
                assert check(f, from_sympy(wrong), seed).verdict in (Verdict.REFUTED, Verdict.BRANCH)


def rounded(reason: str) -> str:
    """The reason with its borders to one decimal: more is chance."""
    return re.sub(r"-?\d+(\.\d+)?", lambda border: f"{round(float(border[0]), 1) + 0.0:g}", reason)


# Of FriCAS: f is complex on all of the real line, and lies on the cut of the answer's logarithm there.
FRICAS_LINE = (
    "(-2*log(sqrt(x**2 + 3) - x) + x*log((-sqrt(x**2 + 3) - 1)/(sqrt(x**2 + 3) - 1))"
    " - 2*sqrt(2)*atan((x*sqrt(x**2 + 3) - x**2 - 2)/sqrt(2)))/2"
)

# Of FriCAS, which takes asin(cos(u)) for pi/2 - u: wrong beyond pi**2.
FRICAS_FAR = (
    "((-3*pi**3 - 36*pi**2 - 144*pi - 192)*log(2*sqrt(x) - pi - 4)"
    " + (-8*x - 6*pi**2 - 48*pi - 96)*sqrt(x) + (-6*pi - 24)*x)/12"
)


@pytest.mark.parametrize(
    ("integrand", "answer", "where"),
    [
        ("sqrt(x**2)", "x**2/2", "x<0"),
        ("abs(x - 3)", "x**2/2 - 3*x", "x<3"),
        ("abs(x + 3/2)", "-x**2/2 - 3*x/2", "x>-1.5"),
        ("abs(x**2 - 4)", "x**3/3 - 4*x", "-2<x<2"),
        ("abs(x**2 - 4)", "4*x - x**3/3", "x<-2,x>2"),
        ("x*sqrt(x**2)*sqrt(x**2 - 1)/abs(x)", "sqrt(x**2 - 1)**3/3", ""),
        ("x*sqrt(x**2 - 1)/abs(x)*x", "sqrt(x**2 - 1)**3/3", "x<0"),
        ("sqrt(cos(x)**2)", "sin(x)", "many"),
        ("atanh(sqrt(x**2 + 3))", FRICAS_LINE, "line"),
        ("(sqrt((2*x + 2*x**2 - x**2)**2) - 2*x)**2/x**2", "x**3/3", "-2<x<0"),
        ("(sqrt((x + 2*x**2)**2) - x)**2", "4*x**5/5", "-0.5<x<0"),
        ("x/(2 + asin(cos(sqrt(x))))", FRICAS_FAR, "x>9.87"),
    ],
)
def test_a_branch_tells_where_the_answer_fails(integrand: str, answer: str, where: str) -> None:
    """The reason names the part of the domain where the answer is wrong, borders rounded."""
    f, F = read_infix(integrand), read_infix(answer)
    expected = f"branch:{where}" if where else "confirmed"
    reasons = [rounded(check(f, F, seed).reason) for seed in range(10)]
    assert reasons == 10 * [rounded(expected)]


@pytest.mark.parametrize("answer", ["x**2/2*sign(sqrt(x))", "x**2/2*abs(ln(x))/ln(x)*sign(ln(x))"])
def test_an_answer_undefined_on_half_of_the_domain_is_not_confirmed(answer: str) -> None:
    """Right for x > 0, without a value for x < 0: that is left open, and the reason says where."""
    reasons = {check(("x",), read_infix(answer), seed).reason for seed in range(10)}
    assert reasons == {"points:x<0"}


def test_functions_real_nowhere_are_judged_on_the_real_line() -> None:
    """Where f has no real value, its complex values at real points decide, not those off the line."""
    on_the_cut = check(read_infix("ln(-x**2)"), read_infix("x*ln(-x**2) - 2*x"), 3)
    assert on_the_cut.verdict is Verdict.CONFIRMED
    shifted = check(read_infix("ln(-x**2)"), read_infix("x*(ln(x*I) + ln(x*I)) - 2*x"), 3)
    assert shifted.verdict is Verdict.BRANCH
    assert (shifted.ground, shifted.where) == (Ground.LINE, "x<0")
