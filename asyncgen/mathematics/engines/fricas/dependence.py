"""May the roots of an integrand depend on each other, so that a verdict about it cannot be trusted?

Risch's algorithm treats each root as a new algebraic quantity, which it must be told truly: with sqrt(x+1),
sqrt(x-1) and sqrt(x**2-1) side by side FriCAS calls the derivative of x**3*log(acosh(x)) nonelementary.
Inverse functions bring a root of their own: acosh(u) that of u**2-1. Roots inside roots hide what they
depend on: with u = sqrt(x**2+1), sqrt(u+1)*sqrt(u-1) is x.
"""

from collections.abc import Iterable, Sequence
from itertools import combinations
from typing import Any

from asyncgen.mathematics.cpu_limit import EXPIRED, within
from asyncgen.mathematics.sympy_notation import Untranslatable, X, to_sympy
from asyncgen.problems.tokens import fold

Tokens = tuple[str, ...]

_SECONDS = 0.1  # CPU seconds for looking at them; where that is not enough, they may depend
_MANY = 6  # different roots beyond which nothing is looked at
# The root inside each inverse function, as prefix around its operand.
_INVERSE = {
    "asin": ("sub", "INT+", "1", "pow2"),
    "acos": ("sub", "INT+", "1", "pow2"),
    "asinh": ("add", "INT+", "1", "pow2"),
    "acosh": ("add", "INT-", "1", "pow2"),
    "asec": ("add", "INT-", "1", "pow2"),
    "acsc": ("add", "INT-", "1", "pow2"),
    "asech": ("sub", "INT+", "1", "pow2"),
    "acsch": ("add", "INT+", "1", "pow2"),
}


def roots_may_depend(tokens: Sequence[str]) -> bool:
    """Whether the roots in the function may depend on each other, as far as is seen.

    Square roots of rational functions do exactly if a product of some of the radicands is a square, up to a
    constant. Others are said to if two radicands share a factor or hold functions that may be related,
    or if one holds a root and there are roots besides it and those inside.
    """
    roots = _roots(tokens)
    if len(roots) < 2:
        return False
    if len(roots) > _MANY or _one_of_several_holds_roots(roots):
        return True
    try:
        answer = within(
            _SECONDS, lambda: _depend([to_sympy(radicand) for radicand in roots], all(roots.values()))
        )
    except (Untranslatable, ArithmeticError, ValueError, TypeError, AttributeError, NotImplementedError):
        return True
    return answer is EXPIRED or answer is True


def radicands(tokens: Sequence[str]) -> list[Tokens]:
    """What roots are taken of, inside inverse functions included; each once."""
    return list(_roots(tokens))


def _one_of_several_holds_roots(roots: Iterable[Tokens]) -> bool:
    """Whether there are roots inside one of them, and others besides that one and those inside."""
    inside = {inner for radicand in roots for inner in _roots(radicand)}
    return bool(inside) and len([radicand for radicand in roots if radicand not in inside]) > 1


def _roots(tokens: Sequence[str]) -> dict[Tokens, bool]:
    """The radicands, and whether of each no other roots are taken than square roots."""
    found: dict[Tokens, bool] = {}

    def apply(name: str, operands: list[Tokens]) -> Tokens:
        if name in ("sqrt", "rac") or (name == "pow" and _is_fraction(operands[1])):
            square = name == "sqrt" or (name == "pow" and operands[1][-2:] == ("INT+", "2"))
            found[operands[0]] = found.get(operands[0], True) and square
        elif name in _INVERSE:
            found.setdefault((*_INVERSE[name], *operands[0]), True)
        return (name, *(token for operand in operands for token in operand))

    fold(tokens, _leaf, apply)
    return found


def _leaf(token: str | int) -> Tokens:
    if isinstance(token, str):
        return (token,)
    return ("INT+" if token >= 0 else "INT-", *str(abs(token)))


def _is_fraction(exponent: Tokens) -> bool:
    """Whether an exponent is constant and not an integer; one with x makes no root but an exponential."""
    return "x" not in exponent and exponent[0] not in ("INT+", "INT-")


def _depend(expressions: list[Any], square_roots: bool) -> bool:
    from sympy import fraction, together

    if _hold_related_functions(expressions):
        return True
    products = []
    for expression in dict.fromkeys(expressions):
        above, below = fraction(together(expression))
        products.append((above * below).expand())
    if not _share_a_factor(products):
        return False
    return not (square_roots and all(map(_is_rational, products))) or _multiply_to_a_square(products)


def _hold_related_functions(expressions: list[Any]) -> bool:
    """Whether two functions in them may be related: logarithms, and others of u and of a multiple of u.

    exp(u) is the square of exp(u/2), which is not seen by those who look for common factors.
    """
    from sympy import Function, log

    functions = {function for expression in expressions for function in expression.atoms(Function)}
    return any(
        (one.func is log and other.func is log) or (one.args[0] / other.args[0]).is_Rational
        for one, other in combinations(functions, 2)
    )


def _is_rational(expression: Any) -> bool:
    """Whether this is a polynomial in x with rational coefficients."""
    polynomial = expression.as_poly(X)
    return polynomial is not None and (polynomial.domain.is_ZZ or polynomial.domain.is_QQ)


def _share_a_factor(products: list[Any]) -> bool:
    from sympy import gcd

    return any(gcd(one, other) not in (1, -1) for one, other in combinations(products, 2))


def _multiply_to_a_square(polynomials: list[Any]) -> bool:
    """Whether some of them do: elimination over the odd exponents of their irreducible factors."""
    from sympy import factor_list

    reduced: list[set[Any]] = []
    for polynomial in polynomials:
        odd = {factor for factor, exponent in factor_list(polynomial)[1] if exponent % 2}
        for other in reduced:
            if _leading(other) in odd:
                odd = odd ^ other
        if not odd:
            return True
        reduced.append(odd)
    return False


def _leading(factors: set[Any]) -> Any:
    """The factor by which a set is eliminated from later ones."""
    return min(factors, key=str)
