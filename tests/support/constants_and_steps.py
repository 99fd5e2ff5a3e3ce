"""Derivatives whose constants are roots of constants, or change from one period of a function to the next."""

from random import Random

from derivatives import _NO_ANTIDERIVATIVE, Family, Pair, _factor, _pair, derivative, tree

from asyncgen.mathematics.engines.risch.expressions import Node

POSITIVE = (
    *("2", "3", "6", "12", "sqrt(2)", "(1 + sqrt(2))", "(sqrt(2) - 1)", "(2 + sqrt(2))", "(3 + 2*sqrt(2))"),
    *(
        "pi",
        "(2*pi)",
        "(pi + 1)",
        "log(2)",
        "log(3)",
        "tan(1)",
        "sin(1)",
        "E",
        "(1 + E)",
        "sinh(1)",
        "(4*cos(1))",
    ),
    *("2**(1/3)", "sqrt(pi)", "asin(1/3)", "atan(2)", "acosh(3)", "(5 + sqrt(5))", "cos(pi/5)", "tan(pi/8)"),
)
ROOTS = (
    *(
        "2**(1/3)",
        "5**(2/3)",
        "2**(1/4)",
        "2**(1/6)",
        "(1 + sqrt(2))**(1/3)",
        "sqrt(1 + sqrt(2))",
        "pi**(1/3)",
    ),
    *("sqrt(sqrt(2) - 1)", "sqrt(2 + sqrt(2))", "sqrt(2 - sqrt(2))", "sin(pi/8)", "sin(pi/5)", "tan(pi/5)"),
    *("sqrt(pi)", "sqrt(2*pi)", "sqrt(E)", "sqrt(tan(1))", "sqrt(log(2))", "sqrt(cos(1))", "sqrt(cos(3))"),
    *(
        "asin(log(5))",
        "sqrt(asin(4))",
        "asinh(tan(1))",
        "sqrt(1 + E)",
        "sqrt(1 + E**2)",
        "log(log(2))",
        "asin(1/3)",
    ),
)


def _zero_of_roots(source: Random) -> str:
    """A constant that is 0 for the roots in it."""
    c, d = source.choice(POSITIVE), source.choice(POSITIVE)
    return source.choice(
        (
            f"sqrt({c})**2 - {c}",
            f"sqrt({c})*sqrt(1/{c}) - 1",
            f"({c})**(1/3)*({c})**(2/3) - {c}",
            f"({c})**(1/4)*({c})**(1/4) - sqrt({c})",
            f"log(sqrt({c})) - log({c})/2",
            f"sqrt({c}*{d}) - sqrt({c})*sqrt({d})",
            f"exp(sqrt({c}))**2 - exp(sqrt(4*{c}))",
            f"1/(sqrt({c}) - sqrt({d} + 1)) - (sqrt({c}) + sqrt({d} + 1))/({c} - {d} - 1)",
            f"asinh(sqrt({c})) - log(sqrt({c}) + sqrt({c} + 1))",
            f"sin(atan(sqrt({c}))) - sqrt({c})/sqrt({c} + 1)",
            f"exp(log({c})/2 + log({d})/2) - sqrt({c})*sqrt({d})",
            f"log({c} + sqrt({d})) + log({c}**2 - {d}) - log({c}**2 - {d}) - log({c} + sqrt({d}))",
        )
    )


def zero_roots(source: Random) -> Pair:
    """F' + 0 g, the zero made of roots of constants, g often without an antiderivative."""
    one, two = source.choice(ROOTS), source.choice(ROOTS)
    text = source.choice(("x", "A*x*exp(B*x)", "log(x + A)*B", "A*atan(x)", "x**2*log(x)*A + B*exp(x)"))
    function = tree(text.replace("A", one).replace("B", two))
    extra = tree(f"({_zero_of_roots(source)})*{source.choice(_NO_ANTIDERIVATIVE)}")
    return Pair(function, ("add", derivative(function), extra))


def zero_roots_inside(source: Random) -> Pair:
    """0 g in an exponent, an argument or a denominator of F, the zero made of roots of constants."""
    zero, g = _zero_of_roots(source), source.choice(_NO_ANTIDERIVATIVE)
    outer = source.choice(("exp(x + Z)", "x*exp(Z)", "log(x + Z)", "1/(x + Z)", "atan(x + Z)", "(x + Z)**2"))
    function = tree(outer.replace("Z", f"({zero})*{g}"))
    return Pair(function, derivative(function))


def roots_of_constants(source: Random) -> Pair:
    """Constants that depend on each other by roots, in coefficients, exponents and arguments."""
    one, two, three, four = (source.choice(ROOTS + POSITIVE) for _ in range(4))
    form = source.choice(
        (
            f"{one}*exp({two}*x)*x + {three}*exp({four}*x)",
            f"log(x + {one})*log({two}*x + {three})",
            f"exp({one}*x)*sin({two}*x + {three})",
            f"({one} + x*{two})*log({three} + x**2) + {four}*atan(x*{one})",
            f"x**({one})*log(x)*{two} + x**({three})",
            f"exp({one} + x*{two})/(x + {three}) + {four}*log(x)",
            f"x**({one}*{two})*exp({one}*x)*exp({two}*x)",
            f"({one})**x*({two}) + ({three})**x*x",
            f"log({one}*x)*log({two}*x)*x",
            f"log(x + {one})/({two} - {three}*x)",
        )
    )
    return _pair(form, source)


_PERIODIC = (
    *("atan(tan(U))", "atan(sin(U)/cos(U))", "asin(sin(U))", "acos(cos(U))", "asin(cos(U))", "atan(cot(U))"),
    *("acosh(cosh(U))", "asinh(sinh(U))", "atanh(tanh(U))", "log(exp(U))", "atan((1 + tan(U))/(1 - tan(U)))"),
    *(
        "acot(tan(U))",
        "log(exp(I*U))",
        "log(U**2*exp(U))",
        "atan(tan(U)/2)",
        "acos(sin(U))",
        "atan(2*tan(U) + 1)",
    ),
    *("log(tan(U)**2)", "log(cos(U)**2)", "atan(tan(U/2))", "acoth(coth(U))", "asin(2*sin(U)*cos(U))"),
)


def _periodic_inverse(source: Random) -> str:
    operand = source.choice(("x", "x", "x", "2*x", "x**2", "x/3 + 1", "log(x)", "exp(x)", "1/x", "sqrt(x)"))
    return source.choice(_PERIODIC).replace("U", f"({operand})")


def periodic_inverses(source: Random) -> Pair:
    """Inverse functions of periodic ones: an argument and a function that is constant in each period."""
    one, two = _periodic_inverse(source), _periodic_inverse(source)
    form = source.choice(
        (
            f"{_factor(source)}*{one}",
            f"{one}**2*{_factor(source)} + {_factor(source)}*log(x)",
            f"exp({one})*{_factor(source)}",
            f"log({one} + {source.choice(('x', '2', 'pi', 'exp(x)'))})*{_factor(source)}",
            f"({one} + x)/({one} - {source.choice(('2', 'x**2', 'log(x)'))})",
            f"sin({one} + x)*exp(x)",
            f"{one}*{two}",
            f"{one} + {_factor(source)}*{two}",
            f"atan({one})*x",
            f"exp(x*{one})",
            f"x**({one}/pi)",
            f"({one} - {two})*{_factor(source)}",
        )
    )
    return _pair(form, source)


_OF_PERIODIC = (
    *("atan(tan(x))", "atan(sin(x)/cos(x))", "asin(sin(x))", "acos(cos(x))", "atan(cot(x))", "asin(cos(x))"),
    *("log(exp(I*x))", "acosh(cosh(x))"),
)


def zero_steps(source: Random) -> Pair:
    """F' + 0 g, the zero made of functions that are constant in each period."""
    one, g = source.choice(_OF_PERIODIC), source.choice(_NO_ANTIDERIVATIVE)
    zero = source.choice(
        (
            f"tan({one}) - sin({one})/cos({one})",
            "atan(tan(x)) - atan(sin(x)/cos(x))",
            "tan(atan(tan(x))) - tan(x)",
            "sin(asin(sin(x))) - sin(x)",
            "cos(2*atan(tan(x))) - cos(2*x)",
            "asin(sin(x)) + acos(sin(x)) - pi/2",
            "exp(log(exp(I*x))) - exp(I*x)",
            f"({one} - x)*({one} + x) - {one}**2 + x**2",
            "sin(atan(tan(x)))**2 - sin(x)**2",
            "acosh(cosh(x))**2 - x**2",
            "cos(acos(cos(x))) - cos(x)",
            "exp(2*I*(atan(tan(x)) - x)) - 1",
            f"exp({one} - x)*exp(x - {one}) - 1",
        )
    )
    function = tree(source.choice(("x", "exp(x)", "log(x)", f"x*{one}", f"{one}**2", "x**2*log(x)")))
    return Pair(function, ("add", derivative(function), tree(f"({zero})*{g}")))


_ON_AN_INTERVAL = {
    "atan(tan(x))": ("x", "x - pi", "x + pi", "x + 2*pi"),
    "atan(sin(x)/cos(x))": ("x", "x - pi", "x + pi"),
    "asin(sin(x))": ("x", "pi - x", "-pi - x", "x - 2*pi", "x + 2*pi"),
    "acos(cos(x))": ("x", "-x", "2*pi - x", "2*pi + x"),
    "asin(cos(x))": ("pi/2 - x", "pi/2 + x", "x - 3*pi/2"),
    "atan(cot(x))": ("pi/2 - x", "-pi/2 - x", "3*pi/2 - x"),
    "log(exp(I*x))": ("I*x", "I*x - 2*I*pi", "I*x + 2*I*pi"),
    "acosh(cosh(x))": ("x", "-x"),
}


def zero_on_an_interval(source: Random) -> Pair:
    """F' + s g, where s is 0 around 0, or in a period beside it: there F is an antiderivative."""
    one, g = source.choice(list(_ON_AN_INTERVAL)), source.choice(_NO_ANTIDERIVATIVE)
    zero = f"({one} - ({source.choice(_ON_AN_INTERVAL[one])}))"
    function = tree(source.choice(("x", "exp(x)", "log(x)", "x**2*log(x)")))
    extra = source.choice((f"{zero}*{g}", f"{zero}**2*{g}", f"exp({zero}*{g})", f"{zero}*x**x + x"))
    return Pair(function, ("add", derivative(function), tree(extra)))


def roots_with_roots_of_constants(source: Random) -> Pair:
    """Functions of w h with roots of c h^2 + 1 and the like in their derivatives, where w^2 is written c."""
    c = source.choice(POSITIVE)
    w = f"sqrt({c})"
    h, slope = source.choice((("x", "1"), ("exp(x)", "exp(x)"), ("log(x)", "1/x"), ("x**2", "2*x")))
    name, root = source.choice(
        (
            ("asinh", f"sqrt({c}*({h})**2 + 1)"),
            ("asin", f"sqrt(1 - {c}*({h})**2)"),
            ("acosh", f"sqrt({c}*({h})**2 - 1)"),
        )
    )
    m = source.choice(("log(x)", "x", "exp(x)", root, f"sqrt(({w}*({h}))**2 + 1)", "1/x"))
    outer = source.choice(("f", "f", "exp(f)", "f**2", "log(f + x)"))
    function = tree(f"{outer.replace('f', f'{name}({w}*({h}))')}*{m}")
    inner = tree(f"{name}({w}*({h}))")
    return Pair(function, _with(derivative(function), derivative(inner), tree(f"{w}*({slope})/{root}")))


def _with(node: Node, part: Node, value: Node) -> Node:
    """The tree with a value for one of its parts."""
    if node == part:
        return value
    return (node[0], *[_with(one, part, value) for one in node[1:]]) if isinstance(node, tuple) else node


CONSTANTS_AND_STEPS: tuple[Family, ...] = (
    roots_with_roots_of_constants,
    zero_roots,
    zero_roots_inside,
    roots_of_constants,
    periodic_inverses,
    zero_steps,
    zero_on_an_interval,
)
