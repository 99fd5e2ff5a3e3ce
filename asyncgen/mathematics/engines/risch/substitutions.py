"""Changes of the variable, x = x(s), that make a root or an inverse function of the integrand a variable.

For u a Moebius function of a kernel, s = sqrt(u), s = asin(u) and the like are solved for x. For the root
of a quadratic polynomial in a kernel there are Euler's substitutions: the curve y^2 = p v^2 + q v + r is
rational. Where an argument is none of these, x may stand in it once; then it is solved step by step.
"""

from collections.abc import Iterator
from fractions import Fraction
from itertools import islice

from flint import fmpq, fmpq_poly

from asyncgen.mathematics.engines.risch.arguments import Argument, Coefficients
from asyncgen.mathematics.engines.risch.expressions import (
    INVERSE,
    Motion,
    Node,
    S,
    added,
    divided,
    multiplied,
    number,
    raised,
    rational,
)
from asyncgen.mathematics.engines.risch.paths import solved, undone
from asyncgen.mathematics.engines.risch.substitution import Substitution
from asyncgen.mathematics.fields.errors import Degenerate, NeedsPrime, Undecided
from asyncgen.mathematics.fields.numbers import rational_square_root

MOST = 4  # changes of variable that are tried for one function
ARCTANGENTS = frozenset(("atan", "atanh"))


def substitutions(node: Node, *, arctangents: bool = False) -> Iterator[Substitution]:
    """The changes of variable that the roots of a function ask for, the outermost root first."""
    found = (change for part in reversed(_parts(node, arctangents)) for change in _for_part(part))
    return islice(found, MOST)


def _parts(node: Node, arctangents: bool) -> list[Node]:
    """The roots and inverse functions of x in a tree, inner ones before outer ones."""
    moves, found = Motion(), []

    def look(part: Node) -> None:
        if not isinstance(part, tuple) or not moves(part):
            return
        for operand in part[1:]:
            look(operand)
        wanted = _is_root(part) or part[0] in INVERSE or (arctangents and part[0] in ARCTANGENTS)
        if wanted and part not in found:
            found.append(part)

    look(node)
    return found


def _is_root(part: Node) -> bool:
    if part[0] == "sqrt":
        return True
    exponent = _exponent(part)
    return exponent is not None and exponent.denominator != 1


def _exponent(part: Node) -> Fraction | None:
    """The rational exponent of a power, if it has one."""
    if part[0] == "pow":
        return rational(part[2])
    if part[0] == "rac":
        degree = rational(part[2])
        return 1 / degree if degree else None
    return Fraction(1, 2) if part[0] == "sqrt" else None


def _for_part(part: Node) -> Iterator[Substitution]:
    """The changes of variable for one root or inverse function."""
    done = False
    try:
        for found in _by_argument(part):
            yield found
            done = True
    except (Undecided, Degenerate, NeedsPrime, ZeroDivisionError):
        pass
    if not done:
        try:
            yield _by_path(part)
        except (Undecided, Degenerate, ZeroDivisionError):
            return


def _by_path(part: Node) -> Substitution:
    """Solve for x one operation after the other. Raises Undecided where x stands twice."""
    if part[0] in INVERSE or part[0] in ARCTANGENTS:
        return Substitution(solved(part[1], undone(part[0], S)), {part: S}, part)
    x = solved(part[1], _root_to(part))
    return Substitution(x, *_power_of_root(part))


def _by_argument(part: Node) -> Iterator[Substitution]:
    argument = Argument.of(part[1])
    if part[0] in INVERSE or part[0] in ARCTANGENTS:
        yield Substitution(argument.x_where(undone(part[0], S)), {part: S}, part)
    elif part[0] != "sqrt":
        yield Substitution(argument.x_where(_root_to(part)), *_power_of_root(part))
    else:
        yield from _for_square_root(part, argument)


def _root_to(part: Node) -> Node:
    """What is under the root u**(p/q), where s = u**(1/q)."""
    exponent = _exponent(part)
    assert exponent is not None
    return raised(S, exponent.denominator)


def _power_of_root(part: Node) -> tuple[dict[Node, Node], Node]:
    """The value of u**(p/q) in s, and s in x."""
    exponent = _exponent(part)
    assert exponent is not None
    root = (
        ("sqrt", part[1]) if exponent.denominator == 2 else ("pow", part[1], ("div", 1, exponent.denominator))
    )
    return {part: raised(S, exponent.numerator)}, root


# -- square roots ----------------------------------------------------------------------------------------


def _for_square_root(part: Node, argument: Argument) -> Iterator[Substitution]:
    """Of u = n(v)/d(v) in a kernel v."""
    squarefree = _squarefree_part(argument)
    if squarefree is not None:  # sqrt(q^2 r) is the root of a square in the variable of sqrt(r)
        yield _for_polynomial(argument, squarefree)
        return
    if argument.is_moebius:
        yield Substitution(argument.x_where(("pow2", S)), {part: S}, part)
        if argument.is_of_exponential and len(argument.denominator) == 1 and argument.numerator[0]:
            yield _for_half_exponential(part, argument)
        return
    if len(argument.numerator) == 3 and len(argument.denominator) == 1:
        yield _for_quadratic(part, argument, [c / argument.denominator[0] for c in argument.numerator])


def _squarefree_part(argument: Argument) -> Coefficients | None:
    """The squarefree part of n d, unless u is linear, quadratic or Moebius as it stands."""
    n, d = argument.numerator, argument.denominator
    if argument.is_moebius or (len(n) == 3 and len(d) == 1):
        return None
    leading, factors = (_polynomial(n) * _polynomial(d)).factor()
    result = fmpq_poly([leading])
    for factor, multiplicity in factors:
        if multiplicity % 2:
            result *= factor
    if result.degree() < 1:
        return None
    return [Fraction(int(c.p), int(c.q)) for c in result.coeffs()]


def _polynomial(a: Coefficients) -> fmpq_poly:
    return fmpq_poly([fmpq(c.numerator, c.denominator) for c in a])


def _for_polynomial(argument: Argument, r: Coefficients) -> Substitution:
    """For the square root of a polynomial in the kernel."""
    root = ("sqrt", _tree(r, argument.variable()))
    if len(r) == 2:
        value = divided(("sub", ("pow2", S), number(r[0])), number(r[1]))
        return Substitution(argument.x_where_variable(value), {}, root)
    if len(r) != 3:
        raise Undecided("a root of higher degree")
    found = _for_quadratic(root, argument, r)
    return Substitution(found.x, {}, found.s)


def _tree(a: Coefficients, v: Node) -> Node:
    total: Node = 0
    for j, c in enumerate(a):
        if c:
            total = added(total, multiplied(number(c), raised(v, j)) if j else number(c))
    return total


def _for_half_exponential(part: Node, argument: Argument) -> Substitution:
    """sqrt(n1 e^w + n0) with v = e^(w/2): the root of a quadratic."""
    d0 = argument.denominator[0]
    n0, n1 = (c / d0 for c in argument.numerator)
    v, t, s = _euler(n1, Fraction(0), n0, argument.half_variable(), part)
    return Substitution(argument.x_where_half_variable(v), {part: t}, s)


def _for_quadratic(root: Node, argument: Argument, r: Coefficients) -> Substitution:
    """sqrt(p v^2 + q v + r)."""
    v, t, s = _euler(r[2], r[1], r[0], argument.variable(), root)
    return Substitution(argument.x_where_variable(v), {root: t}, s)


def _euler(p: Fraction, q: Fraction, r: Fraction, v: Node, t: Node) -> tuple[Node, Node, Node]:
    """(v in s, t in s, s in v and t) for the curve t^2 = p v^2 + q v + r, by Euler."""
    leading, constant = rational_square_root(p), rational_square_root(r)
    if leading:  # t = s - sqrt(p) v
        above = ("sub", ("pow2", S), number(r))
        value = ("div", above, added(number(q), multiplied(number(2 * leading), S)))
        return value, ("sub", S, multiplied(number(leading), value)), added(t, multiplied(number(leading), v))
    if constant:  # t = s v + sqrt(r)
        above = ("sub", multiplied(number(2 * constant), S), number(q))
        value = ("div", above, ("sub", number(p), ("pow2", S)))
        return value, added(("mul", value, S), number(constant)), ("div", ("sub", t, number(constant)), v)
    discriminant = rational_square_root(q * q - 4 * p * r)
    if discriminant is None:
        raise Undecided("a curve without an obvious point")
    first, second = (-q + discriminant) / (2 * p), (-q - discriminant) / (2 * p)  # t = s (v - first)
    above = ("sub", multiplied(number(first), ("pow2", S)), number(p * second))
    value = ("div", above, ("sub", ("pow2", S), number(p)))
    return value, ("mul", S, ("sub", value, number(first))), ("div", t, ("sub", v, number(first)))
