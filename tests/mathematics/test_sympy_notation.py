"""Rules of `notation`: tokens to SymPy and back."""

import pytest
import sympy
from hypothesis import given
from hypothesis import strategies as st
from sympy import Dummy, Float, Integral, Piecewise, Rational, S, Symbol, exp, log, sqrt

from asyncgen.mathematics.sympy_notation import Untranslatable, X, candidates, from_sympy, to_sympy
from asyncgen.problems.infix import read_infix
from asyncgen.problems.infix_text import to_infix
from asyncgen.problems.tokens import ARITY, BINARY, SPECIAL, UNARY

NUMBERS = [["INT+", "3"], ["INT-", "2"], ["INT+", "1", "2"], ["div", "INT+", "2", "INT+", "7"]]
LEAVES = st.sampled_from([["x"], ["x"], ["x"], ["pi"], ["E"], *NUMBERS])
OPERATORS = [*UNARY, *(name for name in BINARY if name not in ("rac", "pow"))]


def trees(children: st.SearchStrategy[list[str]]) -> st.SearchStrategy[list[str]]:
    """Prefix sequences of one operator over the given ones."""
    return st.sampled_from(OPERATORS).flatmap(
        lambda name: st.tuples(*[children] * ARITY[name]).map(
            lambda operands: [name, *(token for operand in operands for token in operand)]
        )
    )


@given(st.recursive(LEAVES, trees, max_leaves=5))
def test_sympy_to_tokens_and_back_is_the_identity(tokens: list[str]) -> None:
    """Reading what was written from an expression gives the same expression."""
    expression = to_sympy(tokens)
    try:
        written = from_sympy(expression)
    except Untranslatable:
        return  # zoo, nan, or SymPy's own heads such as AccumBounds
    assert to_sympy(written) == expression


@pytest.mark.parametrize("name", sorted(SPECIAL))
def test_special_functions_keep_their_parameters_in_order(name: str) -> None:
    """Every special function survives the way to SymPy and back."""
    parameters = [f"div INT+ {n} INT+ 7" for n in (1, 2, 3, 4, 5)]
    tokens = " ".join([name, *parameters[: ARITY[name] - 1], "x"]).split()
    assert to_sympy(from_sympy(to_sympy(tokens))) == to_sympy(tokens)


@pytest.mark.parametrize(
    ("expression", "tokens"),
    [
        (X**2, "pow x INT+ 2"),
        (1 / X, "pow x INT- 1"),
        (sqrt(X), "sqrt x"),
        (1 / sqrt(X), "pow x div INT- 1 INT+ 2"),
        (Rational(-2, 3) * X, "mul div INT- 2 INT+ 3 x"),
        (-X, "mul INT- 1 x"),
        (exp(X) * log(X) * 12, "mul INT+ 1 2 mul exp x ln x"),
        (S.Exp1 + S.Pi, "add E pi"),
        (exp(X + 1), "exp add INT+ 1 x"),
        (abs(X), "abs x"),
    ],
)
def test_published_notation(expression: sympy.Expr, tokens: str) -> None:
    """Tokens follow the published notation; long sums and products nest to the right."""
    assert " ".join(from_sympy(expression)) == tokens


@pytest.mark.parametrize(
    ("expression", "head"),
    [
        (Float(1.5) * X, "Float"),
        (Symbol("y"), "Symbol"),
        (sympy.floor(X), "floor"),
        (sympy.meijerg([1], [], [], [2], X), "meijerg"),
        (Integral(exp(X) / sympy.sin(X), X), "Integral"),
        (S.NaN, "NaN"),
        (Symbol("z"), "Symbol"),
        (sympy.RootSum(X**61 - X - 1, sympy.Lambda(X, log(X))), "RootSum"),
        (sympy.RootSum(X**3 - sqrt(2), sympy.Lambda(X, log(X))), "RootSum"),
    ],
)
def test_what_cannot_be_written_names_its_head(expression: sympy.Expr, head: str) -> None:
    """An expression outside the vocabulary is refused by name."""
    with pytest.raises(Untranslatable) as refusal:
        list(candidates(expression))
    assert refusal.value.head == head


def test_numbers_too_large_to_hold_are_refused() -> None:
    """A tower of powers is refused before SymPy multiplies it out."""
    for tower in ("pow INT+ 9 pow INT+ 9 INT+ 9", "pow add x INT+ 1 pow INT+ 9 INT+ 9"):
        with pytest.raises(Untranslatable, match="huge"):
            to_sympy(tower.split())


def test_each_branch_of_a_piecewise_is_a_candidate() -> None:
    """Which branch is right is for the check to say."""
    answer = 2 * Piecewise((X, X > 1), (log(X), True))
    assert [" ".join(c) for c in candidates(answer)] == ["mul INT+ 2 x", "mul INT+ 2 ln x"]


def test_sums_over_roots_of_quadratics_are_written_out() -> None:
    """The roots of a quadratic are put in for the sum over them."""
    t = Symbol("t")
    root_sum = sympy.RootSum(X**2 - 2, sympy.Lambda(t, t * log(X + t)))
    (written,) = candidates(root_sum)
    assert to_sympy(written).diff(X).equals(root_sum.doit().diff(X))


@pytest.mark.parametrize(
    "text",
    [
        "RootSum(5*z**5 - 1, Lambda(z, z*log(x - z)))",
        "RootSum(z**3 - z - 1, Lambda(z, z*log(x - z)/(z + 1)))",
        "x + 3*RootSum(2*z**4 + z/3 - 1, Lambda(z, exp(z*x)))",
        "RootSum((z**3 - z - 1)**2, Lambda(z, log(x - z)))",
        "RootSum(z**3 - z - 1, Lambda(z, x))",
    ],
)
def test_a_sum_over_roots_is_sympys(text: str) -> None:
    """SymPy reads our text of a sum as the expression that we make of it, and it comes back from there."""
    tokens = read_infix(text)
    expression = to_sympy(tokens)
    assert sympy.sympify(to_infix(tokens)) == expression
    assert to_sympy(from_sympy(expression)) == expression


def test_sums_over_roots_from_degree_three_stay_sums() -> None:
    """Radicals of a cubic make twenty times as many tokens, whatever the variable of the sum is called."""
    t = Dummy("t")
    root_sum = sympy.RootSum(t**3 + t + 1, sympy.Lambda(t, t * log(X - t**2)))
    (written,) = candidates(root_sum)
    assert to_infix(written) == "RootSum(z**3 + z + 1, Lambda(z, z*log(x - z**2)))"
    assert len(from_sympy(root_sum.doit())) > 20 * len(written)
