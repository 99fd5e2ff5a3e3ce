"""Rules of special functions after a proof: which are found, how they are written, and what never happens."""

from collections.abc import Callable, Iterator
from random import Random

import mpmath
import pytest
from derivatives import derivative, tree

from asyncgen.mathematics.check import Verdict, check
from asyncgen.mathematics.engines.interface import Answer, Finding, Integrand
from asyncgen.mathematics.engines.risch import engine as engine_module
from asyncgen.mathematics.engines.risch.decision import decide
from asyncgen.mathematics.engines.risch.engine import Risch
from asyncgen.mathematics.engines.risch.expressions import (
    Node,
    X,
    added,
    multiplied,
    parsed,
    replaced,
    tokens_of,
)
from asyncgen.mathematics.values import compile_tokens
from asyncgen.problems.infix import read_infix
from asyncgen.problems.infix_text import to_infix
from asyncgen.problems.tokens import SPECIAL

WRITTEN = [
    ("exp(x**2)", "sqrt(pi)*erfi(x)/2"),
    ("exp(-x**2)", "sqrt(pi)*erf(x)/2"),
    ("exp(x)/x", "Ei(x)"),
    ("exp(exp(x))", "Ei(exp(x))"),
    ("exp(5/x)", "x*exp(5/x) - 5*Ei(5/x)"),
    ("sin(x)/x", "Si(x)"),
    ("cos(2*x)/x", "Ci(2*x)"),
    ("cos(x**2)", "sqrt(pi/2)*fresnelc(sqrt(2/pi)*x)"),
    ("sin(2*x**2)", "sqrt(pi)*fresnels(2*x/sqrt(pi))/2"),
    ("1/log(x)", "li(x)"),
    ("x/log(x)", "Ei(2*log(x))"),
    ("log(log(x))", "x*log(log(x)) - li(x)"),
    ("exp(x**3)", "x*hyp1f1(1/3, 4/3, x**3)"),
    ("exp(log(x)**2)", "exp(-1/4)*sqrt(pi)*erfi(log(x) + 1/2)/2"),
    ("log(x)/(x + 1)", "log(x)*log(x + 1) + polylog(2, -x)"),
    ("log(x + 1)/x", "-polylog(2, -x)"),
    ("atanh(x)/x", "polylog(2, x)/2 - polylog(2, -x)/2"),
    ("x/(exp(x) + 1)", "x**2/2 - x*log(exp(x) + 1) - polylog(2, -exp(x))"),
    ("x/(exp(x) - 1)", "-x**2/2 - polylog(2, 1 - exp(x))"),
]


def forms(node: Node) -> Iterator[tuple[str, ...]]:
    """The candidates for a function that is ruled out."""
    found = decide(node)
    assert found.is_proof
    return map(tokens_of, found.special())


@pytest.mark.parametrize(("text", "expected"), WRITTEN)
def test_how_a_special_form_is_written(text: str, expected: str) -> None:
    """The answer is the one that a reader expects: real, and without a constant that is not needed."""
    assert [to_infix(form) for form in forms(tree(text))] == [expected]


RIGHT = [
    "x*tan(x)",
    "x**2/tanh(x)",
    "x/sin(x)",
    "x**3/(cosh(x) + 2)",
    "x*sin(x)/(2 + cos(x))",
    "log(tan(x))*x",
    "exp(tan(x))",
    "exp(x)/(x**2 + 1)",
    "exp(x)/(x**2 - 2)",
    "sin(x)/(x**2 + 5)",
    "cos(x - 2)/x + sin(x**2)",
    "sin(x**3)*(x + 3)",
    "cosh(x**2)*x**2",
    "exp(x)*sin(x)/x",
    "cosh(2*x)*cos(3*sqrt(x))",
    "cosh(x + exp(x))",
    "sin(log(x - 1)**2)",
    "cos(x - log(x))",
    "exp(pi*log(x) + x)",
    "(3*x**2 + x)/log(2*x)",
    "1/(log(x)**2 - 1)",
    "1/log(x)**2",
    "log(x)**3/(x - 2)",
    "log(x + 2)/x",
    "atan(x)/(x + 1)",
    "log(x)*exp(x)",
    "(x + log(x + 1))*x**2*exp(-x)",
    "sqrt(asin(x))",
    "x/asin(x)",
    "atan(sin(x))",
    "exp(x**2)*(1 + exp(1)*x) + 1/log(x)",
    "log(cos(x/(5 + cosh(4))))",
]


@pytest.mark.parametrize("text", RIGHT)
def test_a_special_form_is_right(text: str) -> None:
    """Its derivative is the function, as the check of all answers sees it, on all of its domain."""
    node = tree(text)
    form = next(forms(node))
    assert any(token in SPECIAL for token in form)
    assert check(tokens_of(node), form).verdict is Verdict.CONFIRMED


# The derivatives, up to a constant, of erf, erfi, Ei, Si, Ci, Shi, Chi, S, C, li, gamma and polylogarithms.
SLOPES = (
    *("exp(-x**2)", "exp(x**2)", "exp(x)/x", "sin(x)/x", "cos(x)/x", "sinh(x)/x", "cosh(x)/x", "sin(x**2)"),
    *("cos(x**2)", "1/log(x)", "exp(-x**3)", "x*exp(x**3)", "sin(x**3)", "log(x)/(x + 1)", "log(1 - x)/x"),
    *("x/(exp(x) + 1)", "x**2/(exp(x) - 2)", "x/cos(x)"),
)
INNER = ("x", "2*x + 1", "x/3 - 2", "x**2", "exp(x)", "1/x")
ELEMENTARY = (
    "x*exp(x)",
    "x*sin(x)",
    "log(x)**2",
    "x**2/(x + 1)",
    "atan(x)",
    "exp(2*x)/x",
    "x*log(x + 2)",
    "x",
)


@pytest.mark.parametrize("inner", INNER)
@pytest.mark.parametrize("slope", SLOPES)
def test_a_special_form_next_to_an_elementary_one_is_found(slope: str, inner: str) -> None:
    """A multiple of F(u)' and G' with elementary G is ruled out, and integrated: by F, or by another one."""
    source = Random(f"{slope} {inner}")
    u = tree(inner)
    special = multiplied(replaced(tree(slope), X, u), derivative(u))
    integrand = added(
        multiplied(source.choice((1, 2, -3)), special), derivative(tree(source.choice(ELEMENTARY)))
    )
    tokens = tokens_of(integrand)
    verdicts = [check(tokens, form).verdict for form in forms(integrand)]
    assert Verdict.CONFIRMED in verdicts, to_infix(tokens)


OVER_ROOTS = [
    ("sqrt(sin(x))", "2*elliptic_e(x/2 - pi/4, 2)"),
    ("1/sqrt(cos(2*x))", "elliptic_f(x, 2)"),
    ("sqrt(3 + cosh(x))", "4*I*elliptic_e(-I*x/2, 1/2)"),
    ("acos(x**2)", "x*acos(x**2) - 2*elliptic_f(asin(x), -1) + 2*elliptic_e(asin(x), -1)"),
    ("1/sqrt(x**3 + 1)", "x*hyp2f1(1/2, 1/3, 4/3, -x**3)"),
    ("asinh(x**5)", "x*asinh(x**5) - 5*x**6*hyp2f1(1/2, 3/5, 8/5, -x**10)/6"),
]


@pytest.mark.parametrize(("text", "expected"), OVER_ROOTS)
def test_how_an_integral_over_a_root_is_written(text: str, expected: str) -> None:
    """The first way is the shortest: an elliptic integral, or one with a hypergeometric series."""
    assert to_infix(next(forms(tree(text)))) == expected


RIGHT_OVER_ROOTS = [
    "acosh(x**2)",
    "asinh(1/x**2)",
    "acosh(x**7)",
    "x*acos(x**3)",
    "sqrt(2*sinh(x))",
    "sqrt(sin(x)**3)",
    "sin(x)**2*sqrt(sin(x)) + x*exp(x)",
    "sqrt(sin(x) + 2)",
    "exp(x)*sqrt(cos(exp(x)))",
    "1/sqrt(x**3 + x)",
    "1/sqrt(x**4 - 5*x**2 + 4)",
    "sqrt(x**4 + 2)*x**2 + x*exp(x)",
    "x/sqrt(x**3 + 1)",
]


@pytest.mark.parametrize("text", RIGHT_OVER_ROOTS)
def test_an_integral_over_a_root_is_right(text: str) -> None:
    """Its derivative is the function on all of its domain, though the root has other signs there."""
    node = tree(text)
    assert check(tokens_of(node), next(forms(node))).verdict is Verdict.CONFIRMED


@pytest.mark.parametrize(
    ("text", "values"),
    [("1/sqrt(x**4 + 1)", (0.5, 3.0)), ("sqrt(cos(x))", (-1.0, 1.5)), ("x*tan(x)", (-1.0, 1.2))],
)
def test_the_difference_of_two_values_is_the_integral(text: str, values: tuple[float, float]) -> None:
    """As mpmath integrates the function, which knows nothing of antiderivatives."""
    form = compile_tokens(next(forms(tree(text))))
    function = compile_tokens(read_infix(text))
    lower, upper = (complex(form.at(value).value) for value in values)
    expected = mpmath.quad(lambda x: float(complex(function.at(float(x)).value).real), values)
    assert upper - lower == pytest.approx(float(expected), rel=1e-9)


def test_a_form_that_is_not_known_far_out_has_another_one_behind_it() -> None:
    """The real series 1F2 cancels at large arguments, 1F1 with complex ones does not."""
    node = tree("sin(81*x**4)")
    verdicts = [check(tokens_of(node), form).verdict for form in forms(node)]
    assert verdicts == [Verdict.POINTS, Verdict.CONFIRMED]


def test_a_sum_of_two_that_are_ruled_out_has_a_form() -> None:
    """One of its terms is a proof for the sum, and both have a form."""
    node = tree("sqrt(x**4 + 2)*x**2 + exp(x**2)")
    assert check(tokens_of(node), next(forms(node))).verdict is Verdict.CONFIRMED


@pytest.mark.parametrize(
    "text", ["exp(x)/(exp(x) + x)", "1/(log(x) + x)", "tan(x**2)", "exp(sin(x))", "x**x", "log(sin(x))**2"]
)
def test_there_may_be_no_form(text: str) -> None:
    """Then the proof stands alone."""
    assert list(forms(tree(text))) == []


@pytest.mark.parametrize("text", ["x*exp(x)", "(log(x) - 1)/log(x)**2", "exp(x)*(1/x + log(x))"])
def test_nothing_is_looked_for_without_a_proof(text: str) -> None:
    """What has an elementary antiderivative is not written with special functions."""
    found = decide(tree(text))
    assert not found.is_proof
    assert list(found.special()) == []


def asked(text: str) -> Answer:
    return Risch().integrate(Integrand(read_infix(text)), 5.0)


def test_the_engine_gives_forms_next_to_its_proof() -> None:
    """Both belong to the answer: the words of the proof, and the candidates."""
    answer = asked("exp(x**2)")
    assert (answer.finding, answer.reason) == (
        Finding.NONELEMENTARY,
        "y' + y*(2*x) = 1 has no solution",
    )
    assert [to_infix(form) for form in answer.candidates] == ["sqrt(pi)*erfi(x)/2"]


def test_a_proof_outlives_a_search_that_takes_too_long(monkeypatch: pytest.MonkeyPatch) -> None:
    """The search for special functions has CPU seconds of its own."""
    monkeypatch.setattr(engine_module, "FOR_SPECIAL", 1e-6)
    monkeypatch.setattr(engine_module, "within", _cut_after_the_first(engine_module.within))
    answer = asked("exp(x**2)")
    assert answer.finding is Finding.NONELEMENTARY
    assert list(answer.candidates) == []


def _cut_after_the_first(within: Callable[..., object]) -> Callable[..., object]:
    calls = iter((within, lambda _seconds, _call: engine_module.EXPIRED))
    return lambda seconds, call: next(calls)(seconds, call)


def test_a_sum_with_a_root_has_the_form_of_its_part() -> None:
    """Where a sum is decided part by part, the others complete the form of the one that is ruled out."""
    node = parsed(read_infix("exp(x)/x + sqrt(x**2 + 1)"))
    (form,) = forms(node)
    assert check(tokens_of(node), form).verdict is Verdict.CONFIRMED


def test_numbers_of_many_digits_are_left_alone():
    """Special functions are looked for modulo primes of a word: longer numbers raise nothing."""
    found = decide(parsed(read_infix("sin((1 + x)*(x + x + x*sqrt(5)*5*(x/x*2 + x) + 4))")))
    assert found.is_proof
    assert list(found.special()) == []
