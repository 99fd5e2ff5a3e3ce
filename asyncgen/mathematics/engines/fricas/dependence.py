"""May parts of an integrand depend on each other in a way that FriCAS does not see?

It takes each root for a new algebraic quantity. With sqrt(x+1), sqrt(x-1) and sqrt(x**2-1) side by side, or
with sqrt(1-cosh(x)**2), it rules out functions that have an elementary antiderivative. Square roots are new
exactly if no product of their radicands is a square up to a constant, which our own fields tell: a product
that is no square modulo a prime is none at all. Nor does FriCAS see what log(exp(u)/v) has to do with a u
that holds a root, that exp(log(x)/2) is a root, or that tan(pi/8) + 1 is sqrt(2).
"""

from collections.abc import Iterator
from functools import reduce
from itertools import combinations

from asyncgen.mathematics.cpu_limit import within
from asyncgen.mathematics.engines.interface import Tokens
from asyncgen.mathematics.engines.risch.attempts import Primes
from asyncgen.mathematics.engines.risch.denominators import squarefree_factors
from asyncgen.mathematics.engines.risch.expressions import (
    CIRCULAR,
    HYPERBOLIC,
    POWERS,
    Motion,
    Node,
    parsed,
    rational,
)
from asyncgen.mathematics.engines.risch.reading import Setting, read
from asyncgen.mathematics.fields.element import Polynomial
from asyncgen.mathematics.fields.errors import Degenerate, NeedsExtension, Undecided
from asyncgen.mathematics.fields.field import DifferentialField

_SECONDS = 0.25  # CPU seconds for looking at the roots; where that is not enough, they may depend
_MANY = 4  # different roots beyond which nothing is looked at
_HIGHER = "higher"  # in the place of what a root of a degree above two is taken of
_NAMED = frozenset(("pi", "E"))
_ARITHMETIC = frozenset(("add", "sub", "mul", "div", *POWERS))
_LOGARITHMS = frozenset(("ln", "atan", "acot", "atanh", "acoth"))
_EXPONENTIALS = frozenset(("exp", *CIRCULAR, *HYPERBOLIC))


def dependence(tokens: Tokens) -> str | None:
    """What may depend on something else in the function, in words; None if nothing is seen to."""
    node = parsed(tokens)
    if len(_irrational(node) | _NAMED.intersection(tokens)) > 1:
        return "dependent constants"
    hidden = _hides_an_exponential(node) or _hides_a_root(node)
    return "dependent roots" if hidden or _roots_may_depend(node) else None


def _irrational(node: Node) -> set[Node]:
    """The functions of numbers in a tree, those inside others too, and the logarithms of bases of powers."""
    moves, found = Motion(), set()
    for part in _parts(node):
        if part[0] == "pow" and isinstance(part[2], int):
            continue
        if part[0] == "pow" and isinstance(part[1], int):
            found.add(("ln", part[1]))
        elif part[0] not in _ARITHMETIC and not moves(part):
            found.add(part)
    return found


def _roots_may_depend(node: Node) -> bool:
    """Whether some of the roots may be made of the others, or be none."""
    roots = _roots(node)
    if len(roots) > _MANY or _HIGHER in roots:
        return True
    inside = {inner for radicand in roots for inner in _roots(radicand)}
    if inside and len(roots - inside) > 1:  # with u = sqrt(x**2+1), sqrt(u+1)*sqrt(u-1) is x
        return True
    innermost = [radicand for radicand in roots if not _roots(radicand)]
    return within(_SECONDS, lambda: any(map(_may_be_a_square, _products(innermost)))) is not False


def _roots(node: Node) -> set[Node]:
    """What the roots of functions of x are taken of, those in inverse functions included."""
    moves = Motion()
    return {_radicand(part) for part in _parts(node) if moves(part)} - {None}


def _parts(node: Node) -> Iterator[Node]:
    """The functions and operations in a tree."""
    if isinstance(node, tuple):
        yield node
        for operand in node[1:]:
            yield from _parts(operand)


def _radicand(part: Node) -> Node | None:
    """What a function takes a root of; None if it takes none."""
    name, u, *others = part
    if name in ("asin", "acos", "asech"):
        return ("sub", 1, ("pow2", u))
    if name in ("asinh", "acsch"):
        return ("add", 1, ("pow2", u))
    if name in ("acosh", "asec", "acsc"):
        return ("sub", ("pow2", u), 1)
    degree = _degree(name, others)
    return None if degree == 1 else u if degree == 2 else _HIGHER


def _degree(name: str, others: list[Node]) -> int:
    """2 for a square root, 1 for what is no root; that of a `rac` does not matter."""
    if name == "pow":
        exponent = rational(others[0])
        return 1 if exponent is None else exponent.denominator
    return {"sqrt": 2, "rac": 3}.get(name, 1)


def _hides_an_exponential(node: Node) -> bool:
    """Whether a logarithm holds an exponential of what holds a root."""
    return any(
        _roots(exponential)
        for logarithm in _parts(node)
        if logarithm[0] == "ln"
        for exponential in _parts(logarithm)
        if _is_exponential(exponential)
    )


def _hides_a_root(node: Node) -> bool:
    """Whether an exponential is a root of a logarithm's argument, as exp(log(x)/2) and tan(atan(x)/2) are."""
    return any(
        _is_a_root_of_an_argument(part)
        for part in _parts(node)
        if _is_exponential(part) and any(inner[0] in _LOGARITHMS for inner in _parts(part))
    )


def _is_exponential(part: Node) -> bool:
    return part[0] in _EXPONENTIALS or (part[0] == "pow" and rational(part[2]) is None)


def _is_a_root_of_an_argument(part: Node) -> bool:
    try:
        Primes().until_one_does(lambda prime: read(part, Setting(prime)))
    except NeedsExtension as error:
        return error.of_logarithm
    except (Undecided, Degenerate):
        pass
    return False


def _products(radicands: list[Node]) -> Iterator[Node]:
    """Those of one of them or more."""
    for count in range(1, len(radicands) + 1):
        for chosen in combinations(radicands, count):
            yield reduce(lambda one, other: ("mul", one, other), chosen)


def _may_be_a_square(node: Node) -> bool:
    """Whether a function is a constant times a square, or cannot be read."""
    try:
        return Primes().until_one_does(lambda prime: _is_a_square(node, prime))
    except (Undecided, Degenerate):
        return True


def _is_a_square(node: Node, prime: int) -> bool:
    """Whether it is a square in its field, or where exp(u/2) stands beside the exp(u) in it.

    Where functions have steps, as log(x**2) has beside 2*log(x), it may be one between them.
    """
    reading = read(node, Setting(prime))
    field, steps = reading.tower.field, reading.tower.steps
    if steps is not None and steps.steps:
        return True
    return all(
        multiplicity % 2 == 0
        for part in (reading.element.numerator, reading.element.denominator)
        for factor, multiplicity in squarefree_factors(field, _without_exponentials(field, part))
        if field.level(factor) >= 0  # what is constant is a square, as the constants are closed
    )


def _without_exponentials(field: DifferentialField, polynomial: Polynomial) -> Polynomial:
    """The polynomial divided by the powers of exponentials that divide it."""
    for v in filter(field.is_exponential, field.tower):
        power = min((monomial[v] for monomial in polynomial.monoms()), default=0)
        polynomial = polynomial / field.generators[v] ** power
    return polynomial
