"""The page of tokens: the vocabulary of prefix notation, each token with its operands and its meaning.

In the meanings, a, b, c, ... stand for the operands in their order.
"""

from collections.abc import Iterable

from asyncgen.problems.tokens import ARITY, BINARY, BOUND, CONSTANTS, SIGNS, SPECIAL, SUMS, UNARY, VARIABLES
from reference.markdown import code, table

_RECIPROCALS = {"cot": "tan", "sec": "cos", "csc": "sin", "coth": "tanh", "sech": "cosh", "csch": "sinh"}

MEANINGS: dict[str, str] = {
    "add": "a + b",
    "sub": "a - b",
    "mul": "a b",
    "div": "a / b",
    "pow": "a to the power b",
    "rac": "the root of order b of a, that is a to the power 1/b",
    "inv": "1 / a",
    "pow2": "a to the power 2",
    "pow3": "a to the power 3",
    "pow4": "a to the power 4",
    "pow5": "a to the power 5",
    "sqrt": "square root",
    "exp": "e to the power a",
    "ln": "natural logarithm; `log` in ordinary notation",
    "abs": "absolute value; `Abs` in ordinary notation",
    "sign": "sign: 1, 0 or -1",
    "sin": "sine",
    "cos": "cosine",
    "tan": "tangent",
    "sinh": "hyperbolic sine",
    "cosh": "hyperbolic cosine",
    "tanh": "hyperbolic tangent",
    **{name: f"1 / {other}(a)" for name, other in _RECIPROCALS.items()},
    **{f"a{other}": f"inverse of {other}" for other in _RECIPROCALS.values()},
    **{f"a{name}": f"a{other}(1/a)" for name, other in _RECIPROCALS.items()},
    "pi": "the number pi, 3.14159...",
    "E": "the number e, 2.71828...",
    "I": "the imaginary unit",
    "x": "the variable",
    "INT+": "begins an integer of 0 or more; its decimal digits follow, a token each",
    "INT-": "begins a negative integer; the digits of its absolute value follow",
    "erf": "error function",
    "erfc": "complementary error function, 1 - erf(a)",
    "erfi": "imaginary error function, -i erf(i a)",
    "Ei": "exponential integral Ei",
    "li": "logarithmic integral, Ei(ln a)",
    "Si": "sine integral",
    "Ci": "cosine integral",
    "Shi": "hyperbolic sine integral",
    "Chi": "hyperbolic cosine integral",
    "fresnels": "Fresnel integral S: of sin(pi t²/2), from 0 to a",
    "fresnelc": "Fresnel integral C: of cos(pi t²/2), from 0 to a",
    "gamma": "gamma function",
    "loggamma": "logarithm of the gamma function",
    "LambertW": "Lambert's W, principal branch",
    "polylog": "polylogarithm of order a at b",
    "lowergamma": "lower incomplete gamma function: of t^(a-1) exp(-t), from 0 to b",
    "uppergamma": "upper incomplete gamma function: of t^(a-1) exp(-t), from b to infinity",
    "expint": "generalised exponential integral E of order a at b",
    "elliptic_f": "incomplete elliptic integral of the first kind, of angle a and parameter b (b = k²)",
    "elliptic_e": "incomplete elliptic integral of the second kind, of angle a and parameter b (b = k²)",
    "elliptic_pi": "incomplete elliptic integral of the third kind: characteristic a, angle b, parameter c",
    "hyp0f1": "hypergeometric function 0F1(; a; b)",
    "hyp1f1": "hypergeometric function 1F1(a; b; c)",
    "hyp1f2": "hypergeometric function 1F2(a; b, c; d)",
    "hyp2f1": "hypergeometric function 2F1(a, b; c; d)",
    "hyp2f2": "hypergeometric function 2F2(a, b; c, d; e)",
    "hyp2f3": "hypergeometric function 2F3(a, b; c, d, e; f)",
    "hyp3f2": "hypergeometric function 3F2(a, b, c; d, e; f)",
    "rootsum": "sum of b over the roots of the polynomial a; `RootSum(a, Lambda(z, b))` in ordinary notation",
    "z": "the root, in both operands of `rootsum` and nowhere else",
}
SECTIONS: dict[str, tuple[str, ...]] = {
    "Binary operators": BINARY,
    "Unary operators": UNARY,
    "Variable and constants": (*VARIABLES, *CONSTANTS),
    "Integers": SIGNS,
    "Special functions": tuple(SPECIAL),
    "Sums over roots": (*SUMS, BOUND),
}


def page() -> str:
    """All tokens, a section for each sort."""
    return "\n".join(f"## {title}\n\n{_table(names)}" for title, names in SECTIONS.items())


def _table(names: Iterable[str]) -> str:
    rows = [(code(name), _operands(name), MEANINGS[name]) for name in names]
    return table(("token", "operands", "meaning"), rows)


def _operands(name: str) -> str:
    return "digits" if name in SIGNS else str({**ARITY, **SUMS}.get(name, 0))
