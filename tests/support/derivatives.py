"""Random elementary functions by seed with their derivatives, which no proof may ever rule out."""

from collections.abc import Callable
from functools import cache
from random import Random
from typing import NamedTuple

from asyncgen.mathematics.engines.risch.expressions import (
    POWERS,
    Motion,
    Node,
    X,
    added,
    divided,
    multiplied,
    parsed,
    replaced,
)
from asyncgen.problems.distributions import PRESETS, with_operator_range
from asyncgen.problems.infix import read_infix
from asyncgen.problems.spec import Spec
from asyncgen.sampler import Sampler


class Pair(NamedTuple):
    """A function and its derivative, which may be written in another form."""

    antiderivative: Node
    integrand: Node


Family = Callable[[Random], Pair]


def tree(text: str) -> Node:
    """The tree of a text in infix notation. Raises ParseError."""
    return parsed(read_infix(text))


# -- derivatives -----------------------------------------------------------------------------------------

_SLOPES = {
    "exp": "exp(x)",
    "ln": "1/x",
    "sqrt": "1/(2*sqrt(x))",
    "inv": "-1/x**2",
    "sin": "cos(x)",
    "cos": "-sin(x)",
    "tan": "1 + tan(x)**2",
    "cot": "-1 - cot(x)**2",
    "sec": "sec(x)*tan(x)",
    "csc": "-csc(x)*cot(x)",
    "sinh": "cosh(x)",
    "cosh": "sinh(x)",
    "tanh": "1 - tanh(x)**2",
    "coth": "1 - coth(x)**2",
    "asin": "1/sqrt(1 - x**2)",
    "acos": "-1/sqrt(1 - x**2)",
    "atan": "1/(1 + x**2)",
    "acot": "-1/(1 + x**2)",
    "asinh": "1/sqrt(x**2 + 1)",
    "acosh": "1/(sqrt(x - 1)*sqrt(x + 1))",
    "atanh": "1/(1 - x**2)",
    "acoth": "1/(1 - x**2)",
}


@cache
def _slope(token: str) -> Node:
    """The derivative of a function of one operand at x."""
    if token in POWERS and token != "inv":
        n = POWERS[token]
        return multiplied(n, _power(X, n - 1))
    return tree(_SLOPES[token])


def derivative(node: Node) -> Node:
    """The derivative by x, with what is 0 or a factor 1 left out. Raises KeyError for other operators."""
    return _derivative(node, Motion())


def _derivative(node: Node, moves: Motion) -> Node:
    if node == X:
        return 1
    if not moves(node):
        return 0
    token, u, *others = node
    du = _derivative(u, moves)
    if not others:
        return multiplied(replaced(_slope(token), X, u), du)
    v = others[0]
    return _BINARY[token](u, du, v, _derivative(v, moves))


def _difference(a: Node, b: Node) -> Node:
    return added(a, multiplied(-1, b))


def _of_quotient(u: Node, du: Node, v: Node, dv: Node) -> Node:
    first = divided(du, v) if du != 0 else 0
    return first if dv == 0 else _difference(first, divided(multiplied(u, dv), ("pow2", v)))


def _power(u: Node, v: Node) -> Node:
    return 1 if v == 0 else u if v == 1 else ("pow", u, v)


def _of_power(u: Node, du: Node, v: Node, dv: Node) -> Node:
    if dv == 0:
        return multiplied(multiplied(v, _power(u, ("sub", v, 1) if not isinstance(v, int) else v - 1)), du)
    exponent = added(multiplied(dv, ("ln", u)), divided(multiplied(v, du), u))
    return multiplied(("pow", u, v), exponent)


_BINARY: dict[str, Callable[[Node, Node, Node, Node], Node]] = {
    "add": lambda _u, du, _v, dv: added(du, dv),
    "sub": lambda _u, du, _v, dv: _difference(du, dv),
    "mul": lambda u, du, v, dv: added(multiplied(du, v), multiplied(u, dv)),
    "div": _of_quotient,
    "pow": _of_power,
}


# -- other forms -----------------------------------------------------------------------------------------

_FORMS = {
    "tan": "sin(x)/cos(x)",
    "sin": "2*tan(x/2)/(1 + tan(x/2)**2)",
    "cos": "(1 - tan(x/2)**2)/(1 + tan(x/2)**2)",
    "sinh": "(exp(x) - exp(-x))/2",
    "cosh": "(exp(x) + exp(-x))/2",
    "tanh": "1 - 2/(exp(2*x) + 1)",
    "sqrt": "x**(1/2)",
    "pow2": "x*x",
    "pow3": "x*x**2",
    "exp": "exp(x/2)**2",
    "inv": "x**(-1)",
}


def rewritten(node: Node, source: Random, share: float = 0.3) -> Node:
    """The same function, with this share of its operators written in another way."""
    if not isinstance(node, tuple):
        return node
    node = (node[0], *[rewritten(operand, source, share) for operand in node[1:]])
    if source.random() >= share:
        return node
    if node[0] in _FORMS:
        return replaced(tree(_FORMS[node[0]]), X, node[1])
    return _regrouped(node)


def _regrouped(node: Node) -> Node:
    """A product over a sum multiplied out, a difference or quotient as a sum or product."""
    if node[0] == "mul" and isinstance(node[2], tuple) and node[2][0] in ("add", "sub"):
        return (node[2][0], ("mul", node[1], node[2][1]), ("mul", node[1], node[2][2]))
    if node[0] == "sub":
        return ("add", node[1], ("mul", -1, node[2]))
    return ("mul", node[1], ("inv", node[2])) if node[0] == "div" else node


# -- parts -----------------------------------------------------------------------------------------------

CONSTANTS = (
    *("exp(2)", "exp(1)", "exp(1/2)", "log(6)", "log(2)", "log(3)", "sin(1)", "sin(2)", "cos(2)"),
    *("pi", "sqrt(2)", "sqrt(3)", "atan(2)", "3", "2/5"),
)
ZEROS = (
    *("sqrt(2)*sqrt(3) - sqrt(6)", "log(6) - log(2) - log(3)", "exp(1/2)**2 - exp(1)", "sqrt(8) - 2*sqrt(2)"),
    *("exp(1)**2 - exp(2)", "sin(2) - 2*sin(1)*cos(1)", "cos(2) - 2*cos(1)**2 + 1", "atan(1) - pi/4"),
    *("log(8) - 3*log(2)", "exp(log(2)) - 2", "atan(2) + atan(1/2) - pi/2", "sin(1)**2 + cos(1)**2 - 1"),
    *("atan(1) + atan(2) + atan(3) - pi", "acosh(2) - log(2 + sqrt(3))", "asinh(1) - log(1 + sqrt(2))"),
    *(
        "asin(3/5) - atan(3/4)",
        "sqrt(2 + sqrt(3)) - (sqrt(6) + sqrt(2))/2",
        "2**sqrt(2)*2**(1 - sqrt(2)) - 2",
    ),
    *(
        "log(exp(2)) - 2",
        "log(sqrt(2)) - log(2)/2",
        "sin(3) - 3*sin(1) + 4*sin(1)**3",
        "tan(pi/8) - sqrt(2) + 1",
    ),
    *(
        "cos(pi/5) - (1 + sqrt(5))/4",
        "atanh(1/2) - log(3)/2",
        "exp(1) + exp(-1) - 2*cosh(1)",
        "exp(I*pi) + 1",
    ),
    *(
        "acos(1/3) + asin(1/3) - pi/2",
        "log(pi**2) - 2*log(pi)",
        "log(4)/log(2) - 2",
        "sin(atan(2)) - 2/sqrt(5)",
    ),
    *("log(I) - I*pi/2", "cos(1) + I*sin(1) - exp(I)", "exp(2*log(3)) - 9", "sqrt(sqrt(4)) - sqrt(2)"),
    *("exp(asinh(1)) - 1 - sqrt(2)", "log(2 + sqrt(3)) + log(2 - sqrt(3))", "atan(1/2) + atan(1/3) - pi/4"),
    *("exp(sqrt(2))*exp(sqrt(8)) - exp(sqrt(18))", "log(log(4)) - log(log(2)) - log(2)", "E**2 - exp(2)"),
    *(
        "(1 + sqrt(2))**3 - 7 - 5*sqrt(2)",
        "tanh(log(2)) - 3/5",
        "2**pi - exp(pi*log(2))",
        "sin(asin(1/3)) - 1/3",
    ),
    *("sin(pi)", "sqrt(3 + 2*sqrt(2)) - 1 - sqrt(2)", "2**(1/3)*4**(1/3) - 2", "tan(1)*cos(1) - sin(1)"),
)
ZERO_FUNCTIONS = (
    *("log(2*x) - log(x) - log(2)", "exp(x + log(2)) - 2*exp(x)", "asinh(x) - log(x + sqrt(x**2 + 1))"),
    *("asin(x) + acos(x) - pi/2", "log(exp(x) + 1) - log(1 + exp(-x)) - x", "x**x - exp(x*log(x))"),
    *("2*atan(tanh(x/2)) - atan(sinh(x))", "asin(tanh(x)) - atan(sinh(x))", "sinh(asinh(x)) - x"),
    *("log(sqrt(x)) - log(x)/2", "x**(1/3)*x**(2/3) - x", "exp(2*log(x)) - x**2", "log(exp(2*x)) - 2*x"),
    *("sin(2*x) - 2*sin(x)*cos(x)", "tan(x/2) - sin(x)/(1 + cos(x))", "cosh(x)**2 - sinh(x)**2 - 1"),
    *(
        "sqrt(x**2 + 2*x + 1)**2 - (x + 1)**2",
        "atan(x) - asin(x/sqrt(x**2 + 1))",
        "exp(atanh(x))**2 - (1 + x)/(1 - x)",
    ),
    *(
        "sqrt(1 - x)*sqrt(1 + x) - sqrt(1 - x**2)",
        "6**x - 2**x*3**x",
        "x**log(2) - 2**log(x)",
        "acosh(cosh(x))**2 - x**2",
    ),
    *("sqrt(exp(2*x)) - exp(x)", "exp(x/2)*exp(x/3) - exp(5*x/6)", "log(x**2)**2 - 4*log(sqrt(x**2))**2"),
    *(
        "atanh(x) - log(1 + x)/2 + log(1 - x)/2",
        "cos(acos(x)) - x",
        "tan(atan(x) + atan(2)) - (x + 2)/(1 - 2*x)",
    ),
    *(
        "log(1 + 1/x) - log(x + 1) + log(x)",
        "asin(sin(1)*x) - asin(x*sin(1))",
        "log(log(x**2)/log(x)) - log(2)",
    ),
)
_NO_ANTIDERIVATIVE = (
    "exp(x**2)",
    "exp(x)/x",
    "1/log(x)",
    "sin(x)/x",
    "x**x",
    "log(x)/(x + 1)",
    "sqrt(x**3 + 1)",
)
_UNARY = (
    *("exp", "log", "sqrt", "sin", "cos", "tan", "asin", "acos", "atan"),
    *("sinh", "cosh", "tanh", "asinh", "acosh", "atanh"),
)


def _linear(source: Random) -> str:
    return f"({source.choice((1, 1, 1, 2, 3, -1, -2))}*x + {source.randint(-3, 3)})"


def _polynomial(source: Random) -> str:
    return f"({source.randint(-2, 2)}*x**2 + {source.choice((1, 2, -1, 3))}*x + {source.randint(-3, 3)})"


def _argument(source: Random) -> str:
    """An operand: mostly linear or x."""
    forms = (_linear, _linear, _polynomial, lambda _: "x", lambda _: "x", lambda _: "(1/x)", lambda _: "x**2")
    return source.choice(forms)(source)


def _factor(source: Random) -> str:
    """What an antiderivative may be multiplied by."""
    return source.choice(("1", "1", "x", "x**2", "1/x", "exp(x)", "log(x)", "(x + 1)", "1/(x + 1)"))


def _call(source: Random, names: tuple[str, ...], operand: str) -> str:
    return f"{source.choice(names)}({operand})"


def _pair(text: str, source: Random) -> Pair:
    """The function of a text; half of the derivatives are rewritten."""
    function = tree(text)
    slope = derivative(function)
    return Pair(function, rewritten(slope, source) if source.random() < 0.5 else slope)


def _joined(source: Random, parts: list[str]) -> str:
    """Parts joined by random arithmetic."""
    text = f"({parts[0]})"
    for part in parts[1:]:
        text = f"({text} {source.choice('+-**/')} ({part}))"
    return text


# -- families --------------------------------------------------------------------------------------------


def nested_exponentials_and_logarithms(source: Random) -> Pair:
    text = _argument(source)
    for _ in range(source.randint(2, 3)):
        text = _call(
            source, ("exp", "log", "log", "log"), f"{text} {source.choice('+*')} {_argument(source)}"
        )
    return _pair(f"{_factor(source)}*{text}", source)


def products_of_logarithms(source: Random) -> Pair:
    shifts = source.sample(range(-2, 4), source.randint(2, 3))
    logs = [f"log(x + {shift})**{source.choice((1, 1, 1, 2, 3, -1))}" for shift in shifts]
    return _pair(
        f"{_factor(source)}*({'*'.join(logs)}) + {_call(source, ('log',), _argument(source))}", source
    )


def rational_in_exponentials(source: Random) -> Pair:
    parts = [
        "exp(x)",
        "exp(2*x)",
        "(exp(x) + 1)",
        "(exp(-x) - 2)",
        "exp(x/2)",
        "(exp(x) + x)",
        "(exp(2*x) + 3)",
    ]
    above, below = source.sample(parts, 2)
    return _pair(f"{_factor(source)}*{above}/{below} + {_factor(source)}*log({source.choice(parts)})", source)


def algebraic_in_exponentials(source: Random) -> Pair:
    parts = [
        *("sqrt(exp(x) + 1)", "exp(asinh(x))", "exp(asin(x))", "sqrt(exp(2*x) - 1)", "asinh(exp(x))"),
        *(
            "exp(sqrt(x))",
            "sqrt(exp(x))",
            "exp(acosh(x))",
            "log(x + 1)",
            "exp(sqrt(x + 1))",
            "sqrt(1 + exp(-x))",
        ),
        *(
            "exp(atan(x))",
            "exp(atanh(x))",
            "acosh(exp(x))",
            "atan(sqrt(exp(x) - 1))",
            "log(1 + sqrt(exp(x) + 1))",
        ),
    ]
    return _pair(_joined(source, [_factor(source), *source.sample(parts, source.randint(1, 2))]), source)


def inverse_functions(source: Random) -> Pair:
    names = ("asin", "acos", "acosh", "asinh", "atanh", "atan")
    operand = source.choice((_linear(source), _argument(source), "sqrt(x)", "1/x", "exp(x)", "sin(x)"))
    text = f"{_factor(source)}*{_call(source, names, operand)}**{source.choice((1, 1, 1, 2))}"
    if source.random() < 0.4:
        text += f"*{_call(source, names, source.choice((operand, 'x')))}"
    return _pair(text, source)


def trigonometric(source: Random) -> Pair:
    names = ("sin", "cos", "tan", "sec", "csc", "cot")
    parts = [_call(source, names, source.choice(("x", "x", "2*x", "x/2", "x + 1"))) for _ in range(3)]
    return _pair(_joined(source, [_factor(source), *parts]), source)


def half_angles(source: Random) -> Pair:
    """Everything circular in terms of the tangent of half the angle."""
    function, slope = trigonometric(source)
    return Pair(function, rewritten(slope, source, 1.0))


def hyperbolic(source: Random) -> Pair:
    names = ("sinh", "cosh", "tanh", "coth")
    parts = [_call(source, names, source.choice(("x", "x", "2*x", "x/2", "log(x)"))) for _ in range(2)]
    return _pair(_joined(source, [_factor(source), *parts]), source)


def dependent_roots(source: Random) -> Pair:
    a = source.randint(1, 3)
    roots = [f"sqrt(x + {a})", f"sqrt(x - {a})", f"sqrt(x**2 - {a * a})", f"sqrt({a} - x)", f"acosh(x/{a})"]
    roots += [
        f"sqrt({a * a} - x**2)",
        f"asin(x/{a})",
        "sqrt(x)",
        "exp(sqrt(x))",
        f"log(x + sqrt(x**2 - {a * a}))",
    ]
    return _pair(_joined(source, [_factor(source), *source.sample(roots, source.randint(2, 3))]), source)


def one_root_with_its_inverse_function(source: Random) -> Pair:
    """A polynomial in an inverse function over a field with the root of its derivative, plus logarithms."""
    u = source.choice(
        ("x", "x", "exp(x)", "log(x)", "(2*x + 1)", "x**2", "(x*exp(x))", "(1/x)", "exp(-x)", "(x + 1)/x")
    )
    root, name = source.choice(((f"sqrt(1 - {u}**2)", "asin"), (f"sqrt({u}**2 + 1)", "asinh")))
    theta = f"{name}({u})"
    terms = [
        *(theta, f"3*{theta}", f"{_factor(source)}*{theta}", f"{_factor(source)}*{theta}**2", f"{theta}**3"),
        *(
            f"{_factor(source)}*{root}",
            f"{root}*{theta}",
            f"log({u} + 2)",
            f"log(1 + {root})",
            f"{root}/({u} - 2)",
        ),
        *(
            f"atan({u})",
            f"log({theta})",
            f"atan({root})",
            f"log(2 + {root})*{u}",
            f"exp({root})",
            f"{theta}/{root}",
        ),
        *(f"atanh({root})", f"{root}**3*{_factor(source)}", f"1/{theta}", "asin(2*x)", f"{_factor(source)}"),
    ]
    return _pair(" + ".join(source.sample(terms, source.randint(1, 4))), source)


def kernels_over_roots(source: Random) -> Pair:
    """Exponentials, logarithms and inverse functions of what holds one or two roots that are no squares."""
    u, w = source.sample(_RADICANDS, 2)
    inner = source.choice((f"sqrt({u})", f"asin({u})", f"acosh({u})", f"asinh({u})", f"acos({u})*x"))
    second = source.choice((f"sqrt({w})", f"asinh({w})", f"sqrt({u})", f"asin({u})", "x", "log(x)", f"{w}"))
    outer = source.choice(_OUTER).replace("u", f"({inner})").replace("w", f"({second})")
    return _pair(_joined(source, [_factor(source), outer, *source.sample((second, inner, "1"), 1)]), source)


def roots_of_kernels(source: Random) -> Pair:
    """Roots of what holds other roots, logarithms, exponentials and inverse functions."""
    parts = source.sample(
        ("sqrt(x)", "sqrt(x**2 + 1)", "asin(x)", "log(x)", "x", "exp(x)", "sin(x)", "acosh(x)", "atan(x)"), 2
    )
    radicand = f"({_joined(source, parts)} + {source.randint(0, 2)})"
    outer = source.choice(_OUTER).replace("u", f"sqrt({radicand})").replace("w", source.choice(parts))
    last = source.choice(("1", "x", parts[0], f"sqrt({radicand})", "sqrt(x + 2)"))
    return _pair(_joined(source, [outer, last, _factor(source)]), source)


def logarithms_of_roots(source: Random) -> Pair:
    """Units p + sqrt(p**2 + k), quotients (q - S)/(q + S) and functions of the curve, in x or in a kernel."""
    t = source.choice(("x", "x", "x", "exp(x)", "log(x)", "sin(x)", "(x*exp(x))", "(log(x) + x)"))
    p = source.choice(
        (f"({t}**2 + {source.randint(-2, 2)})", f"({t}**3 - {t})", f"({t} + 1)", f"({t}**2 + x)")
    )
    radicand = source.choice(
        (f"({p}**2 + {source.choice((1, -1, 2, 3))})", f"({t}**3 + {t} + 1)", f"({t}**4 + x)")
    )
    s = f"sqrt({radicand})"
    terms = (f"log({p} + {s})", f"log(({t} - {s})/({t} + {s}))", f"atanh({s})", f"{s}/({t} - 1)", f"{t}*{s}")
    terms += (f"asinh({p})", f"atan({s}/2)", f"log(1 + {s})", f"{_factor(source)}*log({p} + {s})")
    return _pair(" + ".join(source.sample(terms, source.randint(1, 2))), source)


_RADICANDS = (
    *("(x**2 + 1)", "(x**3 + x)", "(x**2 - x)", "(exp(x) + x)", "(sin(x) + 2)", "(x*log(x))", "(1/x + x)"),
    *(
        "(x*exp(x))",
        "(x**4 + 1)",
        "(2*x + 1)",
        "(x + sqrt(x))",
        "(cos(x)/x)",
        "(tan(x) + x)",
        "(x**2*exp(2*x) + 1)",
    ),
)
_OUTER = (
    *(
        "exp(u)",
        "log(u)",
        "log(x + u)",
        "log(w + u)",
        "exp(x*u)",
        "sin(u)*w",
        "exp(w*u)",
        "atan(u)",
        "u**2*w",
    ),
    *("u*log(w + x)", "1/(u + w)", "exp(u)/w", "u*exp(x)*w", "log(u)**2", "sqrt(u)*w", "u**3 + w", "tan(u)"),
    *("x/(u + 1)", "cosh(u + w)", "asinh(u)", "exp(u)*log(w)", "log((u + w)/(u - w))", "u/w + log(u)", "u*w"),
)


def hidden_cancellation(source: Random) -> Pair:
    """F' + g - g in another form, g often without an antiderivative."""
    function, slope = source.choice(PLAIN)(source)
    extra = tree(f"{_factor(source)}*{source.choice(_NO_ANTIDERIVATIVE)}")
    other = rewritten(extra, source, 0.7)
    return Pair(function, ("sub", ("add", slope, extra), other))


def zero_constants(source: Random) -> Pair:
    """F' + 0 g, the zero in disguise, g often without an antiderivative."""
    function, slope = source.choice(PLAIN)(source)
    extra = tree(f"({source.choice(ZEROS)})*{source.choice(_NO_ANTIDERIVATIVE)}")
    return Pair(function, ("add", slope, extra) if source.random() < 0.5 else ("add", extra, slope))


def zero_functions(source: Random) -> Pair:
    """F' + 0 g, the zero a difference of two functions that are equal where both are real."""
    function, slope = source.choice(PLAIN)(source)
    return Pair(
        function,
        ("add", slope, tree(f"({source.choice(ZERO_FUNCTIONS)})*{source.choice(_NO_ANTIDERIVATIVE)}")),
    )


def zero_functions_alone(source: Random) -> Pair:
    """0 g and a simple function's derivative, so that little else can be undecided."""
    zero, g = source.choice(ZERO_FUNCTIONS + ZEROS), source.choice(_NO_ANTIDERIVATIVE)
    function = tree(source.choice(("x", "exp(x)", "log(x)", "x*exp(x)*log(x)", "atan(x)", "log(log(x))")))
    return Pair(function, ("add", derivative(function), tree(f"({zero})*{g}")))


def zero_constants_inside(source: Random) -> Pair:
    """0 g in an exponent, an argument or a denominator of F, which only a hidden zero keeps elementary."""
    zero, g = source.choice(ZEROS), source.choice(_NO_ANTIDERIVATIVE)
    outer = source.choice(("exp(x + Z)", "x*exp(Z)", "log(x + Z)", "1/(x + Z)", "atan(x + Z)", "(x + Z)**2"))
    function = tree(outer.replace("Z", f"({zero})*{g}"))
    return Pair(function, derivative(function))


def several_constants(source: Random) -> Pair:
    one, two, three, four = (source.choice(CONSTANTS) for _ in range(4))
    form = source.choice(
        (
            f"{one}*exp({two}*x)*x + {three}*exp({four}*x)",
            f"log(x + {one})*log({two}*x + {three})",
            f"exp({one}*x)*sin({two}*x + {three})",
            f"({one} + x*{two})*log({three} + x**2) + {four}*atan(x*{one})",
            f"x**({one})*log(x)*{two} + x**({three})",
            f"exp({one} + x*{two})/(x + {three}) + {four}*log(x)",
            f"sqrt(x**2 + {one})*{two} + asinh(x/({three}))",
            f"({one})**x*({two}) + ({three})**x*x",
            f"log({one}*x)*log({two}*x)*x",
        )
    )
    return _pair(form, source)


def powers(source: Random) -> Pair:
    parts = [
        "x**x",
        "2**x",
        "x**(1/3)",
        "x**(2/3)",
        "3**x",
        "6**x",
        "x**pi",
        "x**sqrt(2)",
        "(x + 1)**x",
        "x**(x + 1)",
    ]
    parts += [
        "x**(1/x)",
        "4**x",
        "log(x)",
        "x**log(x)",
        "exp(x*log(x))",
        "(x + 1)**(1/3)",
        "log(x)**x",
        "(2*x)**x",
    ]
    return _pair(_joined(source, [_factor(source), *source.sample(parts, source.randint(1, 2))]), source)


def sums_of_compositions(source: Random) -> Pair:
    terms = []
    for _ in range(source.randint(2, 4)):
        text = _argument(source)
        for _ in range(source.randint(1, 2)):
            text = _call(source, _UNARY, text)
        terms.append(f"{_factor(source)}*{text}")
    return _pair(" + ".join(terms), source)


def large_multiples(source: Random) -> Pair:
    large = source.choice((1000, 99999, 100000))
    other = source.choice(("x", "-x", "2*x", "x/3", f"{large + 1}*x"))
    return _pair(
        f"{_factor(source)}*exp({large}*x) + exp({other})*{source.choice(('1', 'x', 'log(x)'))}", source
    )


@cache
def _sampler() -> Sampler:
    return Sampler(Spec(with_operator_range(PRESETS["lample-charton"], 3, 8)))


def sampled(source: Random) -> Pair:
    """A random tree of 3 to 8 operators, as Lample & Charton draw them."""
    function = parsed(_sampler().problem(source.getrandbits(48)).prefix.split())
    return Pair(function, derivative(function))


def sampled_rewritten(source: Random) -> Pair:
    """A random tree, its derivative in another form."""
    function, slope = sampled(source)
    return Pair(function, rewritten(slope, source))


PLAIN: tuple[Family, ...] = (
    nested_exponentials_and_logarithms,
    products_of_logarithms,
    rational_in_exponentials,
    algebraic_in_exponentials,
    inverse_functions,
    trigonometric,
    half_angles,
    hyperbolic,
    dependent_roots,
    one_root_with_its_inverse_function,
    kernels_over_roots,
    roots_of_kernels,
    logarithms_of_roots,
    several_constants,
    powers,
    sums_of_compositions,
    sampled,
    sampled_rewritten,
)
FAMILIES: tuple[Family, ...] = (
    *PLAIN,
    hidden_cancellation,
    zero_constants,
    zero_functions,
    zero_functions_alone,
    zero_constants_inside,
    large_multiples,
)


def pairs(family: Family, seed: int, count: int) -> list[Pair]:
    """The first functions of a family; the same seed draws the same, whatever the count."""
    return [family(Random(f"{family.__name__} {seed} {index}")) for index in range(count)]
