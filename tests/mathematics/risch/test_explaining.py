"""Derivations are true: each identity in them holds, and what has no solution has none by other means."""

import json
from typing import Any

import mpmath
import pytest
import sympy
from derivation_truth import falsehoods, misread

from asyncgen.derivations.record import record
from asyncgen.mathematics.engines.catalogue import OWN, explainer
from asyncgen.mathematics.engines.interface import Integrand
from asyncgen.mathematics.engines.risch import explaining
from asyncgen.mathematics.engines.risch.attempts import Way, branches
from asyncgen.mathematics.engines.risch.branch_formulas import branch_of
from asyncgen.mathematics.engines.risch.expressions import parsed
from asyncgen.mathematics.fields.primes import LARGE
from asyncgen.problems.derivations import Derivation, Verdict
from asyncgen.problems.reading import read_function

X = sympy.Symbol("x")

ELEMENTARY = (
    *("x*exp(x)", "1/(x**2 + 1)**2", "1/(x**5 + 1)", "1/(x**4 + x + 1)", "(x**7 - 2)/(x**3 - x)**2"),
    *("tan(x)**3", "1/(exp(x) + 1)", "1/(2 + cos(x))", "cosh(x)*sin(x)", "x**2*exp(x)/(x + 2)**2"),
    *("log(x)**3/x**2", "x**x*(log(x) + 1)", "exp(1/x)/x**2", "atan(x)", "x*atan(x)**2", "log(x + 1)*x"),
    *("exp(x)/(exp(2*x) - 2)", "sqrt(2)*x/(x**2 - sqrt(3))", "2**x*x", "sin(2)*x**pi", "pi/(x + E)"),
    *("sqrt(x**2 + 1)", "exp(asin(x))", "asin(x)**2", "sqrt(exp(x) + 1)", "x**(1/3)/(x + 1)"),
    *("sqrt(x)/(x + 1)", "x**2*sqrt(x**3 + 1)", "sqrt(x**2)*exp(x)", "x + 1/x + log(x)/x", "0*x", "5"),
    *("x**2*asin(x**3)/sqrt(1 - x**6)", "1/(x*log(x)*log(log(x)))", "exp(x)*sin(x)*x"),
    *("exp(sqrt(x**3 + 1))*x**2/sqrt(x**3 + 1)", "x*asin(x) + x**2/sqrt(x**3 + 1)"),
)
NONELEMENTARY = (
    *("exp(x**2)", "exp(x)/x", "sin(x)/x", "exp(exp(x))", "x**x", "tan(x)**3*exp(x)"),
    *("1/log(x)", "x/atan(x)", "x*tan(x)", "log(log(x))", "asin(x)/(x + 1)", "x/(exp(2*x) + exp(x) + 3)"),
    *("log(x)/(x + 1)", "atan(x)*log(x)", "log(x + 1)*log(x)", "log(x)**2/(x - 1)", "atan(x)/x"),
    *("sqrt(x**3 + 1)", "1/sqrt(sin(x))", "x*exp(x) + sqrt(x**3 + 1)", "asin(x) + sqrt(x**3 + 1)"),
    *("exp(x**2)*sqrt(x**2)/x", "exp(E*x**2)*pi", "asin(x**3)", "sqrt(x**3 + 1)/x**2"),
    *(
        "asin(x**3)/x",
        "asin(x**3)**2",
        "exp(sqrt(x**3 + 1))",
        "exp(x**2)*sqrt(x) + asin(x)",
        "sqrt(x**4 + x + 1)",
        "1/((x - 1)*sqrt(x**3 + 1))",
        "asinh(exp(x) + x)",
    ),
)


def explained(function: str, seconds: float = 60.0) -> Derivation:
    return explainer().explain(Integrand(read_function(function)), seconds)


def recorded(function: str) -> dict[str, Any]:
    found: dict[str, Any] = json.loads(json.dumps(record(explained(function))))
    return found


@pytest.mark.parametrize("function", [*ELEMENTARY, *NONELEMENTARY])
def test_each_identity_holds(function: str):
    """What is given is D(integrated) + left; kernels, equations, residues and sums, with random numbers."""
    found = recorded(function)
    assert falsehoods(found) == []
    assert all(branch["element"] is not None for branch in found["branches"])


@pytest.mark.parametrize("function", [*ELEMENTARY, *NONELEMENTARY])
def test_the_element_is_the_function(function: str):
    """At a real point, with the kernels' definitions in their places."""
    assert misread(recorded(function)) == []


@pytest.mark.parametrize("function", ["x*exp(x)", "tan(x)**3", "log(x)**3/x**2", "1/(x**5 + 1)", "1/log(x)"])
def test_a_falsehood_is_found(function: str):
    """The rules above are able to fail: one formula of each kind is changed."""
    found = recorded(function)
    branch = found["branches"][0]
    assert falsehoods({**found, "branches": [{**branch, "antiderivative": "x**2"}]})
    assert misread({**found, "branches": [{**branch, "element": "x**2"}]})
    for step in branch["steps"]:
        assert falsehoods({**found, "branches": [{**branch, "steps": [{**step, "given": "x**9"}]}]})


@pytest.mark.parametrize("function", ELEMENTARY)
def test_an_antiderivative_has_steps_that_add_up(function: str):
    """The verdict is that of the check; mpmath's derivative is the function, too."""
    found = explained(function)
    assert (found.verdict, found.reason) == (Verdict.ELEMENTARY, None)
    assert found.answer is not None
    text = record(found)["answer"]["antiderivative"]
    if "RootSum" not in text:
        answer = sympy.lambdify(X, sympy.sympify(text), "mpmath")
        expected = sympy.lambdify(X, sympy.sympify(function.replace("0*x", "0")), "mpmath")
        place = mpmath.mpf("0.34567")
        assert abs(mpmath.diff(answer, place) - expected(place)) < 1e-6


@pytest.mark.parametrize("function", NONELEMENTARY)
def test_what_is_ruled_out_has_an_obstruction_and_two_primes(function: str):
    """In each branch of the function, or in exactly one term of the sum."""
    found = explained(function)
    assert (found.verdict, found.answer) == (Verdict.NONELEMENTARY, None)
    proven = [part.derivation for part in found.parts if part.derivation.answer is None] or [found]
    (one,) = proven
    assert all(branch.obstruction is not None for branch in one.branches)
    assert len(set(one.moduli)) == 2


WITH_POLES = ["exp(x)/x", "exp(x**2)/(x + 1)"]
WITH_A_SHAPE = ["exp(x**2)", "exp(x)/(x**2 + 1)**2", "x**2*exp(x**4)", "sqrt(x**3 + 1)", "exp(1/x)"]
WITH_A_SHAPE += ["x/sqrt(x**3 + 1)", "sqrt(x**3 + 1)*x", "(x - 1)*exp(x)/x**3", "x**4*exp(2*x**2)"]


@pytest.mark.parametrize("function", [*WITH_POLES, *WITH_A_SHAPE])
def test_an_equation_without_solution_has_none_of_its_shape(function: str):
    """SymPy's linear algebra finds no polynomial q of the degree for which y = q x^shift/divisor would do."""
    obstruction = recorded(function)["branches"][0]["obstruction"]
    assert (obstruction["kind"], obstruction["field"]) == ("equation", ["x"])
    f, g = (sympy.sympify(obstruction[name]) for name in "fg")
    shape = obstruction["shape"] or {"divisor": "x**3*(x + 1)**3*(x**2 + 1)**3", "shift": 0, "degree": 12}
    unknowns = sympy.symbols(f"c0:{shape['degree'] + 1}")
    q = sum(c * X**j for j, c in enumerate(unknowns))
    y = q * X ** shape["shift"] / sympy.sympify(shape["divisor"])
    rest = sympy.numer(sympy.together(sympy.diff(y, X) + f * y - g))
    assert sympy.linsolve(sympy.Poly(rest, X).coeffs(), *unknowns) == sympy.EmptySet
    assert obstruction["poles"] == (obstruction["shape"] is None)


@pytest.mark.parametrize("function", [*WITH_A_SHAPE, "exp(pi*x**2)"])
def test_the_conditions_are_those_of_the_equation(function: str):
    """The linear equations shown are those that SymPy finds, and have no solution."""
    obstruction = recorded(function)["branches"][0]["obstruction"]
    shape = obstruction["shape"]
    unknowns = sympy.symbols(f"c0:{shape['degree'] + 1}")
    f, g, divisor = (sympy.sympify(text) for text in (obstruction["f"], obstruction["g"], shape["divisor"]))
    y = sum(c * X**j for j, c in enumerate(unknowns)) * X ** shape["shift"] / divisor
    rest = sympy.numer(sympy.together(sympy.diff(y, X) + f * y - g))
    theirs = sympy.Poly(rest, X).coeffs()
    ours = [sympy.sympify(f"({c['left']}) - ({c['right']})") for c in shape["conditions"]]
    columns = [*unknowns, 1]
    matrix = [rows_of(equations, columns) for equations in (theirs, ours, [*theirs, *ours])]
    assert len({sympy.Matrix(rows).rank() for rows in matrix}) == 1
    assert sympy.linsolve(ours, *unknowns) == sympy.EmptySet


def rows_of(equations: list[Any], columns: list[Any]) -> list[list[Any]]:
    """The coefficients of linear equations in the unknowns, and of 1."""
    return [
        [
            equation.subs(dict.fromkeys(columns[:-1], 0)) if c == 1 else sympy.diff(equation, c)
            for c in columns
        ]
        for equation in map(sympy.expand, equations)
    ]


def test_a_decision_in_another_variable_says_which():
    """What was tried before, the change, and the element with dx/ds in it."""
    found = recorded("exp(asin(x))")
    assert found["tried"] == [
        {"way": "as it stands", "function": "exp(asin(x))", "change": None, "reason": "a root"}
    ]
    assert found["change"] == {"x": "sin(s)", "s": "asin(x)"}
    assert [kernel["definition"] for kernel in found["branches"][0]["kernels"]] == ["exp(I*s)", "exp(s)"]


def test_a_function_over_a_root_has_the_root_in_its_field():
    """What does not exist next to asin(x**3) does not exist among functions with the root either."""
    obstruction = recorded("asin(x**3)/x")["branches"][0]["obstruction"]
    assert (obstruction["kind"], obstruction["field"]) == ("limited", ["x", "S"])


@pytest.mark.parametrize("function", ["x/sqrt(x**4 + 10*x**2 - 96*x - 71)", "1/(x*sqrt(x**3 + 1))"])
def test_a_unit_adds_its_logarithm(function: str):
    """The logarithm of a fundamental unit, by Pell's equation: D of what is integrated is the element."""
    node = parsed(read_function(function))
    found = branches(node, Way(extended=True, noted=True), LARGE[0])
    told = tuple(branch_of(branch, "x") for branch in found)
    whole = Derivation(function=node, engine="ours", verdict=Verdict.UNVERIFIED, branches=told)
    assert all("log" in branch["antiderivative"] for branch in record(whole)["branches"])
    assert falsehoods(record(whole)) == []


@pytest.mark.parametrize(
    ("function", "varies", "infinite_order", "units"),
    [
        ("sqrt(x**3 + 1)", False, False, []),
        ("sqrt(x**4 + x + 1)", False, True, []),
        ("asinh(exp(x) + x)", False, False, ["t2"]),
    ],
)
def test_a_root_without_logarithms_says_why(
    function: str, varies: bool, infinite_order: bool, units: list[str]
):
    """No residues, a divisor of infinite order, or a unit that is known."""
    (branch,) = recorded(function)["branches"]
    (step,) = [step for step in branch["steps"] if step["kind"] == "no logarithm"]
    assert (step["varies"], step["infinite_order"], step["units"]) == (varies, infinite_order, units)
    assert [unit["product"] for unit in branch["obstruction"]["units"]] == units


def test_both_signs_of_a_root_of_a_square_are_looked_at():
    """A branch each, and the answer joined by the sign."""
    found = explained("sqrt(x**2)*exp(x)")
    assert [branch.signs[0].value for branch in found.branches] == ["x", ("mul", -1, "x")]
    assert found.answer is not None
    assert found.answer.joined


def test_complex_exponentials_are_named():
    """What stands behind a circular function is told."""
    (branch,) = recorded("sin(x)/x")["branches"]
    assert branch["rewritten"] == [{"part": "sin(x)", "value": "-I*(t1**2 - 1)/(2*t1)"}]
    assert branch["kernels"][0]["definition"] == "exp(I*x)"


def test_an_undecided_function_says_where_each_way_ended():
    """As it stands, in other variables, in a field with the root, and the terms of a sum."""
    found = explained("1/((x**2 - 2)*sqrt(x**3 + sqrt(x))) + exp(x)")
    assert (found.verdict, found.reason) == (Verdict.UNDECIDED, "a root of a root")
    ways = ["as it stands", "substitution", "roots", "substitution, roots", "term"]
    assert [attempt.way for attempt in found.tried] == ways
    assert all(attempt.reason for attempt in found.tried)


def test_terms_are_tried_only_where_a_root_stands_in_the_way():
    """Nothing is said to have been tried that was not."""
    assert [attempt.way for attempt in explained("erf(x)*log(x) + x").tried] == ["as it stands"]


def test_a_function_without_values_is_degenerate():
    """In words that say why."""
    found = explained("1/(x - x)")
    assert (found.verdict, found.reason) == (Verdict.DEGENERATE, "division by zero")


def test_the_limit_is_kept(monkeypatch: pytest.MonkeyPatch):
    """Where the CPU seconds are used up, nothing is claimed."""

    def spin(*_: object) -> None:
        while True:
            pass

    monkeypatch.setattr(explaining, "explained", spin)
    found = explained("x", seconds=0.01)
    assert (found.verdict, found.reason) == (Verdict.UNDECIDED, "the CPU seconds were used up")


def test_a_decision_stands_where_its_obstruction_takes_too_much_work_to_write_down():
    """The verdict and its reason are told, without a branch."""
    found = explained("log(2/asinh(log(acosh(x) + x)*(x - cosh(x) + x))*x)")
    assert (found.verdict, found.branches) == (Verdict.NONELEMENTARY, ())
    assert found.reason == "the residues of a function are not constant"


def test_the_engine_is_our_own():
    """By the name that labels have."""
    assert explained("x").engine == OWN[0]


def test_nothing_is_noted_unless_asked():
    """A decision for a label keeps no steps."""
    (branch,) = branches(parsed(read_function("x*exp(x)")), Way(), LARGE[0])
    assert branch.integral.steps is None


def test_special_functions_stand_beside_a_proof():
    """What `label` stores as special is told after the proof that there is no elementary answer."""
    found = explained("sin(x)/x")
    assert found.verdict is Verdict.NONELEMENTARY
    assert found.special is not None
    assert record(found)["special"]["antiderivative"] == "Si(x)"


@pytest.mark.parametrize(
    "text", ["atan(tan(x))", "2**(1/3)*x*exp(x)", "sqrt(1 + sqrt(2))*exp(x**2)", "log(x**2)"]
)
def test_steps_and_roots_of_constants_have_formulas(text: str):
    """They are written as what they stand for."""
    (branch,) = recorded(text)["branches"]
    assert branch["element"] is not None
