"""Rules of `values`: values and derivatives in ball arithmetic, with mpmath and SymPy as oracles."""

from functools import partial
from math import factorial

import mpmath
import pytest
from flint import ctx

from asyncgen.mathematics.programs import UNUSABLE, Dual
from asyncgen.mathematics.sympy_notation import X, to_sympy
from asyncgen.mathematics.values import compile_tokens
from asyncgen.problems.errors import ParseError
from asyncgen.problems.infix import read_infix
from asyncgen.problems.tokens import ARITY, SPECIAL


def words(text: str) -> list[str]:
    """Tokens, written as text."""
    return text.split()


ON_THE_LINE = (0.3, -0.3, 0.7, 1.7, -1.7, 3.3)
OFF_THE_LINE = (0.4 + 0.3j, -0.4 + 2j, 1.5 - 1j, -2 - 1.5j)
HALF = words("div INT+ 1 INT+ 2")
THIRD = words("div INT+ 1 INT+ 3")
UNARY_LIKE = [name for name in ARITY if ARITY[name] == 1 and name not in ("abs", "sign")]
WITH_PARAMETERS = [name for name in SPECIAL if SPECIAL[name] > 1]


def close(ball: complex, number: mpmath.mpc) -> bool:
    return abs(mpmath.mpmathify(ball) - number) <= 1e-12 * (1 + abs(number))


def middle(dual: Dual) -> tuple[complex, complex]:
    return complex(dual.value.mid()), complex(dual.derivative.mid())


def in_x(name: str) -> list[str]:
    """The function applied to x, its parameters set to small rationals."""
    if name in ("elliptic_f", "elliptic_e"):
        return [name, "x", *THIRD]
    if name == "elliptic_pi":
        return [name, *THIRD, "x", *HALF]
    rationals = [["div", "INT+", str(n), "INT+", "7"] for n in (1, 2, 3, 4, 5)]
    return [name, *(token for r in rationals[: ARITY[name] - 1] for token in r), "x"]


@pytest.mark.parametrize("name", UNARY_LIKE + WITH_PARAMETERS)
def test_value_is_that_of_sympys_function(name: str) -> None:
    """Each function takes SymPy's values, on the real line, on its cuts, and off the line."""
    tokens = in_x(name)
    program, expression = compile_tokens(tokens), to_sympy(tokens)
    for point in (*ON_THE_LINE, *OFF_THE_LINE):
        dual = program.at(point)
        if name in ("hyp2f1", "hyp3f2") and not dual.finite():
            continue  # outside the circle of convergence
        expected = mpmath.mpmathify(expression.subs(X, point).evalf(20))
        assert close(middle(dual)[0], expected), (point, dual, expected)


@pytest.mark.parametrize("name", UNARY_LIKE + WITH_PARAMETERS)
def test_derivative_is_the_slope_of_the_values(name: str) -> None:
    """The derivative is the limit of differences of the values along the real direction."""
    program = compile_tokens(in_x(name))
    step = 2.0**-30
    for point in (*ON_THE_LINE, *OFF_THE_LINE):
        dual = program.at(point, 128)
        if not dual.finite():
            continue
        after, before = program.at(point + step, 128).value, program.at(point - step, 128).value
        slope = complex(((after - before) / (2 * step)).mid())
        assert abs(middle(dual)[1] - slope) <= 1e-9 * (1 + abs(slope)), (point, dual, slope)


@pytest.mark.parametrize(
    "tokens",
    [
        "pow x div INT+ 1 INT+ 3",
        "pow x div INT- 3 INT+ 2",
        "pow x x",
        "rac x INT+ 3",
        "rac x add INT+ 1 INT+ 1",
        "pow E x",
        "pow INT+ 2 x",
        "pow x sub INT+ 3 INT+ 5",
        "pow x INT+ 0",
        "sub div x pi mul I E",
    ],
)
def test_powers_take_the_principal_branch(tokens: str) -> None:
    """Powers of every sort of exponent have SymPy's values and derivatives."""
    program, expression = compile_tokens(tokens.split()), to_sympy(tokens.split())
    for point in (*ON_THE_LINE, *OFF_THE_LINE):
        value, slope = middle(program.at(point))
        assert close(value, mpmath.mpmathify(expression.subs(X, point).evalf(20)))
        assert close(slope, mpmath.mpmathify(expression.diff(X).subs(X, point).evalf(20)))


@pytest.mark.parametrize(
    "tokens",
    [
        "div INT+ 1 INT+ 0",
        "inv sub x x",
        "ln sub x x",
        "div sub x x sub x x",
        "add x asin div sub x x sub x x",
        "sqrt div sub x x sub x x",
        "pow INT+ 0 INT- 1",
        "pow sub x x sub INT+ 0 x",
        "gamma sub x x",
        "sign sub x x",
        "abs mul I x",
        "polylog x x",
        "hyp2f1 x x x x",
        "pow x pow INT+ 9 pow INT+ 9 INT+ 9",
    ],
)
def test_undefined_points_are_unusable(tokens: str) -> None:
    """Where a function is undefined, or out of reach, the result is not finite and nothing raises."""
    assert not compile_tokens(tokens.split()).at(1.5).finite()


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("log(x + acos(x/x)**2)", mpmath.log(1.5)),
        ("asin(x/x) + x", mpmath.pi / 2 + 1.5),
        ("sqrt(x/x - 1) + x", 1.5),
        ("acosh(x/x) + x", 1.5),
        ("(x - x)**x", 0),
        ("(x/x - 1)**(x/x - 1)", 1),
        ("log(1)**exp(1)", 0),
        ("elliptic_f(x, x/2)", mpmath.ellipf(1.5, 0.75)),
    ],
)
def test_a_value_needs_no_derivative(text: str, value: mpmath.mpf) -> None:
    """Values alone are known at the edge of a domain, too, and for 0 to a positive power."""
    assert close(complex(compile_tokens(read_infix(text)).value_at(1.5).mid()), mpmath.mpmathify(value))


@pytest.mark.parametrize("name", UNARY_LIKE + WITH_PARAMETERS)
def test_a_value_alone_is_the_one_with_the_derivative(name: str) -> None:
    """Where both are known, they overlap."""
    program = compile_tokens(in_x(name))
    for point in (*ON_THE_LINE, *OFF_THE_LINE):
        dual, value = program.at(point), program.value_at(point)
        assert value.overlaps(dual.value) or not dual.finite()


def test_abs_and_sign_need_a_real_argument_of_known_sign() -> None:
    """|x| is x or -x on the real line and unusable off it, where it is not analytic."""
    absolute, sign = compile_tokens(["abs", "x"]), compile_tokens(["sign", "x"])
    assert middle(absolute.at(-2)) == (2, -1)
    assert middle(sign.at(-2)) == (-1, 0)
    assert not absolute.at(1j).finite()
    assert not sign.at(1 + 1j).finite()


@pytest.mark.parametrize(
    ("tokens", "value"),
    [
        ("add x acos INT+ 1", 1.5),
        ("add x acosh INT+ 1", 1.5),
        ("mul x asin INT- 1", -0.75 * mpmath.pi),
        ("add x sqrt INT+ 0", 1.5),
        ("add x sqrt sub x x", 1.5),
        ("add x sqrt sub x mul x INT+ 1", 1.5),
        ("add x sqrt sub pow2 x pow2 x", 1.5),
    ],
)
def test_a_constant_has_a_value_where_the_function_has_no_slope(tokens: str, value: float) -> None:
    """acos(1) and sqrt(0) are numbers, although the slopes of acos and sqrt there are infinite."""
    dual = compile_tokens(tokens.split()).at(1.5)
    assert dual.finite()
    assert close(middle(dual)[0], mpmath.mpf(value))


@pytest.mark.parametrize(
    ("tokens", "value"),
    [
        ("sub INT+ 0 x", -1.5),
        ("sub x INT+ 0", 1.5),
        ("div INT+ 1 x", 1 / 1.5),
        ("div x INT+ 1", 1.5),
        ("mul INT+ 1 x", 1.5),
        ("sub INT+ 1 inv x", 1 - 1 / 1.5),
        ("add INT+ 0 x", 1.5),
        ("mul pow INT+ 1 x E", mpmath.e),
    ],
)
def test_numbers_that_change_nothing_are_told_from_nodes(tokens: str, value: float) -> None:
    """0 and 1 may go where they are neutral, and nowhere else."""
    assert close(middle(compile_tokens(tokens.split()).at(1.5))[0], mpmath.mpf(value))


@pytest.mark.parametrize("tokens", ["div sin x pow2 x", "mul ln INT+ 2 erf exp x", "pow E x", "pow x INT- 3"])
def test_functions_without_branches_are_known_as_such(tokens: str) -> None:
    """Quotients of entire functions, with whatever constants, have one value."""
    assert compile_tokens(tokens.split()).single_valued


@pytest.mark.parametrize("tokens", ["sqrt x", "abs x", "exp ln x", "pow x x", "asin x", "polylog INT+ 2 x"])
def test_functions_with_branches_are_known_as_such(tokens: str) -> None:
    """A root, a logarithm or an inverse function anywhere makes for branches."""
    assert not compile_tokens(tokens.split()).single_valued


def test_polylogarithms_of_one_argument_share_their_values() -> None:
    """Orders 1 to 4 of the same argument cost four values, since a slope is the value below."""
    chain = "add polylog INT+ 4 x add polylog INT+ 3 x polylog INT+ 2 x"
    values = [step for step in compile_tokens(words(chain)).steps if isinstance(step[0], partial)]
    assert len(values) == 4


@pytest.mark.parametrize("order", ["INT+ 2", "INT+ 5", "div INT+ 5 INT+ 2", "INT+ 1", "INT- 2", "INT+ 0"])
@pytest.mark.parametrize("point", [0.4, -3.0, 0.3 + 2j])
def test_polylogarithms_of_every_order_have_mpmaths_values(order: str, point: complex) -> None:
    """Value and slope of the orders that are made of parts, and of those that are not."""
    tokens = words(f"polylog {order} x")
    value, slope = middle(compile_tokens(tokens).at(point))
    s = mpmath.mpf(float(to_sympy(order.split())))
    assert close(value, mpmath.polylog(s, point))
    assert close(slope, mpmath.polylog(s - 1, point) / point)


def test_balls_narrow_with_precision() -> None:
    """More bits give a narrower ball around the same number."""
    program = compile_tokens(words("sin exp pow2 x"))
    coarse, fine = program.at(2.5, 64).value, program.at(2.5, 256).value
    assert fine.rad() < coarse.rad() * 2.0**-150
    assert coarse.contains(fine)


def test_flints_global_settings_come_back() -> None:
    """Evaluating leaves flint's precision and number of terms as they were, also where it fails."""
    before = ctx.prec, ctx.cap
    compile_tokens(["exp", "x"]).at(1, 300)
    compile_tokens(words("inv sub x x")).at(1, 300)
    assert (ctx.prec, ctx.cap) == before


def test_equal_parts_are_computed_once() -> None:
    """A part that an answer repeats takes one register."""
    program = compile_tokens(words("add exp sin x mul exp sin x exp sin x"))
    assert len(program.steps) == 4


@pytest.mark.parametrize("tokens", ["", "add x", "x x", "foo x"])
def test_what_is_no_expression_is_refused(tokens: str) -> None:
    """Compiling anything but one expression is a ParseError."""
    with pytest.raises(ParseError):
        compile_tokens(tokens.split())


def test_unusable_is_not_finite() -> None:
    """The result for undefined points never passes for a value."""
    assert not UNUSABLE.finite()


ELEMENTARY = [
    name for name in ARITY if ARITY[name] == 1 and name not in SPECIAL and name not in ("abs", "sign")
]


@pytest.mark.parametrize("name", ELEMENTARY)
def test_second_derivatives_come_from_series_of_length_three(name: str) -> None:
    """Each elementary function of x**2 has mpmath's Taylor coefficients, and so has one of a constant."""
    point = 1.25 if name in ("acosh", "asec", "acsc", "acoth") else 0.625
    found = compile_tokens([name, "pow2", "x"]).coefficients(128, 3, [point, 1])
    expression = to_sympy([name, "pow2", "x"])
    assert found is not None
    for order, coefficient in enumerate(found):
        expected = expression.diff(X, order).subs(X, point).evalf(20) / factorial(order)
        assert close(complex(coefficient.mid()), mpmath.mpmathify(expected))


def test_special_functions_have_no_second_derivatives() -> None:
    """Where only the first derivative is known, a longer series is not given."""
    assert compile_tokens(words("polylog INT+ 2 x")).coefficients(64, 2, [0.5, 1]) is not None
    assert compile_tokens(words("polylog INT+ 2 x")).coefficients(64, 3, [0.5, 1]) is None


def test_functions_of_several_variables() -> None:
    """Variables come in the order in which they are named; each is given as a series."""
    program = compile_tokens(words("div a8 sub Y x"), variables=("x", "Y", "a8"))
    assert program.coefficients(64, 2, [1, 1], [3], [8]) == [4, 2]
    assert program.coefficients(64, 2, [1], [3, 1], [8]) == [4, -2]
    assert program.coefficients(64, 2, [3], [3, 1], [8]) is None


def test_names_that_are_no_variables_are_refused() -> None:
    """A constant of an equation means nothing in a function of x alone."""
    with pytest.raises(ParseError):
        compile_tokens(["a8"])
