"""Rules of `answer_forms`, `continuity` and `smoothness`: jumps and complex values are found, and mended."""

import mpmath
import pytest

from asyncgen.mathematics.answer_forms import described, form_at_sight, form_of
from asyncgen.mathematics.continuity import jumps
from asyncgen.mathematics.smoothness import Grade, manner_of
from asyncgen.mathematics.sympy_notation import X, to_sympy
from asyncgen.mathematics.values import compile_tokens
from asyncgen.problems.infix import read_infix
from asyncgen.problems.infix_text import to_infix
from asyncgen.problems.records import Known

CONTINUOUS = [
    ("cos(x)", "sin(x)"),
    ("1/x", "log(x)"),  # it jumps where f has a pole
    ("tan(x)", "-log(cos(x)**2)/2"),
    ("1/(2 + cos(x))", "sqrt(3)*x/3 - 2*sqrt(3)*atan(sin(x)/(cos(x) + 2 + sqrt(3)))/3"),
    ("abs(x)", "x*abs(x)/2"),
    ("sqrt(x**2 + 2*x + 1)", "sqrt((x + 1)**2)*(x + 1)/2"),
    ("atan(x)", "x*atan(x) - log(x**2 + 1)/2"),
    ("1/(x**2 - 1)", "log(x - 1)/2 - log(x + 1)/2"),
    ("log(5 - 4*cos(x))", "x*log(4) - I*(polylog(2, exp(-I*x)/2) - polylog(2, exp(I*x)/2))"),
    ("1/x**2", "-1/x"),
    ("exp(x)*cos(exp(x))", "sin(exp(x))"),
    ("sign(x)", "abs(x)"),
    ("sign(x**2 - 1) + 1", "x + sign(x**2 - 1)*x"),  # where f does
]
JUMPING = [  # with a place of a jump
    ("1/(2 + cos(x))", "2*atan(tan(x/2)/sqrt(3))/sqrt(3)", mpmath.pi),
    ("1/(1 + x**2)", "atan((x - 1)/(x + 1))", -1),
    ("1/(1 + x**2)", "-atan(1/x)", 0),
    ("sqrt(x**2 + 2*x + 1)", "sqrt((x + 1)**2)/(x + 1)*(x**2/2 + x)", -1),
    ("abs(x - 1)*exp(x)", "sign(x - 1)*(x - 2)*exp(x)", 1),
    ("log(3 + cos(x))", "x*log(3 + cos(x)) + 2*sign(x - 2)", 2),
    ("cos(x)", "sin(x) + atan(tan(x)) - x", mpmath.pi / 2),
    ("abs(sin(x)) + 100", "100*x - sqrt(1 - cos(x)**2)/sin(x)*cos(x)", mpmath.pi),
    ("abs(x**2 - 1) + 100", "100*x + sign(x**2 - 1)*(x**3/3 - x)", 1),
    ("1", "x + I*(log(x) - log(-x))", 0),
    ("abs(sin(x))", "-sqrt(1 - cos(x)**2)/sin(x)*cos(x)", mpmath.pi),
]


@pytest.mark.parametrize(("f", "answer"), CONTINUOUS)
def test_no_jump_is_found_where_there_is_none(f: str, answer: str) -> None:
    """Poles of f, and kinks of F, are no jumps."""
    assert list(jumps(compile_tokens(read_infix(f)), compile_tokens(read_infix(answer)))) == []
    assert form_of(read_infix(f), read_infix(answer)).continuous is Known.YES


@pytest.mark.parametrize(("f", "answer", "place"), JUMPING)
def test_a_jump_is_found(f: str, answer: str, place: float) -> None:
    """One interval is around the place, and across it F grows by other than mpmath's integral of f."""
    integrand, primitive = to_sympy(read_infix(f)), to_sympy(read_infix(answer))
    found = list(jumps(compile_tokens(read_infix(f)), compile_tokens(read_infix(answer))))
    assert any(left <= place <= right for left, right in found)
    assert form_of(read_infix(f), read_infix(answer)).continuous is Known.NO
    for left, right in found:
        assert right - left < 1
        grown = complex((primitive.subs(X, right) - primitive.subs(X, left)).evalf(20))
        integral = mpmath.quad(lambda t: integrand.subs(X, t).evalf(20), [left, right])
        assert abs(grown - complex(integral)) > 0.1


@pytest.mark.parametrize(
    ("text", "grade", "real"),
    [
        ("x**2*exp(-x) + sin(x)", Grade.ANALYTIC, True),
        ("atan(x)/(x**2 + 1)", Grade.ANALYTIC, True),
        ("log(x**2 + 1)*sqrt(exp(x) + 3)", Grade.ANALYTIC, True),
        ("I*x", Grade.ANALYTIC, False),
        ("1/x + tan(x)", Grade.MEROMORPHIC, True),
        ("x*log(x) - x", Grade.LOGARITHMIC, False),
        ("sqrt(x)**3 + acosh(x)", Grade.CONTINUOUS, False),
        ("abs(x)*x", Grade.CONTINUOUS, True),
        ("sin(sqrt(x))", Grade.CONTINUOUS, False),
        ("sqrt(x**2) + 1/x", Grade.TAME, True),
        ("sqrt(x**2)/x", Grade.ANYTHING, True),
        ("atan(1/x)", Grade.ANYTHING, False),
        ("atan(tan(x))", Grade.ANYTHING, False),
        ("exp(1/x)", Grade.ANYTHING, False),
        ("sign(x)", Grade.ANYTHING, False),
        ("atan(I*x)", Grade.ANYTHING, False),
        ("log(I*x)", Grade.ANYTHING, False),
        ("polylog(2, x)", Grade.ANYTHING, False),
        ("x/tan(5)", Grade.ANALYTIC, True),
        ("RootSum(z**5 - z - 1, Lambda(z, z*log(x - z)))", Grade.ANYTHING, False),
    ],
)
def test_what_the_writing_says(text: str, grade: Grade, real: bool) -> None:
    """A function is never better than its grade."""
    manner = manner_of(read_infix(text))
    assert (manner.grade, manner.real) == (grade, real)


@pytest.mark.parametrize(
    ("f", "answer", "better"),
    [
        ("1/(x - 5)", "log(x - 5)", "log(Abs(x - 5))"),
        ("cos(x)/x", "Ci(x)", "Ci(Abs(x))"),
        ("1/((x - 8)*(x - 9))", "log(x - 9) - log(x - 8)", "log(Abs(x - 9)) - log(Abs(x - 8))"),
        ("1/((x - 20)*(x - 30))", "log(x - 30)/10 - log(x - 20)/10", None),
        ("1/(x**2 - 4)", "log(x - 2)/4 - log(x + 2)/4", "log(Abs(x - 2))/4 - log(Abs(x + 2))/4"),
    ],
)
def test_a_real_form_stands_beside(f: str, answer: str, better: str | None) -> None:
    """Logarithms of absolute values are real on both sides of a pole."""
    form = described(read_infix(f), read_infix(answer))
    assert form.real is Known.NO
    assert form.real_answer is not None
    assert better is None or to_infix(form.real_answer) == better


def test_what_is_real_where_its_function_is_stays() -> None:
    """Between -2 and 2 neither is real."""
    form = described(read_infix("sqrt(x**2 - 4)/x"), read_infix("sqrt(x**2 - 4) - 2*atan(sqrt(x**2 - 4)/2)"))
    assert (form.continuous, form.real, form.real_answer) == (Known.YES, Known.YES, None)


def test_what_is_real_nowhere_is_unknown() -> None:
    """Of a complex function nobody asks for a real answer."""
    form = described(read_infix("exp(I*x)"), read_infix("-I*exp(I*x)"))
    assert (form.real, form.real_answer) == (Known.UNKNOWN, None)


def test_a_jump_that_stays_is_said_and_no_form_is_made() -> None:
    """Absolute values mend no half angles."""
    form = described(read_infix("1/(2 + cos(x))"), read_infix("2*atan(tan(x/2)/sqrt(3))/sqrt(3)"))
    assert (form.continuous, form.real, form.real_answer) == (Known.NO, Known.YES, None)


@pytest.mark.parametrize(
    ("text", "form"),
    [
        ("x*exp(x)", (Known.YES, Known.YES)),
        ("atan(tan(x))", (Known.UNKNOWN, Known.UNKNOWN)),
        ("log(x)", (Known.YES, Known.UNKNOWN)),
        ("sqrt(x)*atan(1/x)", (Known.UNKNOWN, Known.UNKNOWN)),
    ],
)
def test_at_sight_only_what_is_certain_is_said(text: str, form: tuple[Known, Known]):
    """Yes where the way it is written shows it, and else that it is not known."""
    assert form_at_sight(read_infix(text))[:2] == form
