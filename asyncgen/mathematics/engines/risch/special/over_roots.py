"""Integrals over a root as trees: elliptic ones, and Gauss's hypergeometric function."""

from collections.abc import Callable
from fractions import Fraction

from asyncgen.mathematics.engines.risch.expressions import (
    Node,
    added,
    divided,
    multiplied,
    number,
    raised,
    rational,
)
from asyncgen.mathematics.engines.risch.special.terms import Function, Term
from asyncgen.mathematics.engines.risch.writing import Writer
from asyncgen.mathematics.fields.element import Element
from asyncgen.mathematics.fields.numbers import rational_square_root


def root_of(node: Node) -> Node:
    """The square root, worked out where it is rational."""
    q = rational(node)
    root = None if q is None else rational_square_root(q)
    return ("sqrt", node) if root is None else number(root)


def over_root(writer: Writer, term: Term) -> Node:
    """The function of a term, by the root as it stands in the function that was integrated."""
    if term.function is Function.ROOT:
        return writer.names[term.parameters[-1]][0]
    return OVER_ROOTS[term.function](writer, term)


def _binomial(writer: Writer, term: Term) -> Node:
    """x^(j+1)/(j + 1) 2F1(1/2, a; a + 1; -c x^n), a = (j + 1)/n."""
    _, _, variable, c = term.arguments
    n, j, _ = term.parameters
    x, a = writer.complex(variable), Fraction(j + 1, n)
    z = multiplied(-1, multiplied(writer.complex(c), raised(x, n)))
    half = number(Fraction(1, 2))
    function = ("hyp2f1", half, number(a), number(a + 1), z)
    value = divided(multiplied(raised(x, j + 1) if j + 1 else 1, function), j + 1)
    return _times_quotient(writer, term, ("sqrt", added(1, multiplied(-1, z))), value)


def _of_angle(writer: Writer, term: Term) -> Node:
    _, _, _, m, w, *characteristic = term.arguments
    kind, hyperbolic, quarter, _ = term.parameters
    half = divided(writer.complex(w), 2)
    angle = multiplied(multiplied(-1, "I"), half) if hyperbolic else half
    angle = added(angle, multiplied(number(Fraction(quarter if quarter < 3 else quarter - 4, 4)), "pi"))
    value = _elliptic(writer, kind, angle, m, characteristic)
    root = _complement(writer, m, raised(("sin", angle), 2))
    return _times_quotient(writer, term, root, multiplied("I", value) if hyperbolic else value)


def _of_square(writer: Writer, term: Term) -> Node:
    _, _, z, m, a, *characteristic = term.arguments
    (kind, _) = term.parameters
    size = root_of(writer.complex(a))
    sine = multiplied(size, writer.variable(writer.field.tower[0]))
    value = divided(_elliptic(writer, kind, ("asin", sine), m, characteristic), size)
    square = writer.complex(z)
    root = multiplied(("sqrt", added(1, multiplied(-1, square))), _complement(writer, m, square))
    return _times_quotient(writer, term, root, value)


def _of_roots(writer: Writer, term: Term) -> Node:
    _, _, z, m, *characteristic = term.arguments
    square = writer.complex(z)
    value = _elliptic(writer, term.parameters[0], ("asin", ("sqrt", square)), m, characteristic)
    rest = ("sqrt", writer.complex(writer.field.one - z))
    root = multiplied(multiplied(("sqrt", square), rest), _complement(writer, m, square))
    return _times_quotient(writer, term, root, value)


def _complement(writer: Writer, m: Element, square: Node) -> Node:
    """sqrt(1 - m Z)."""
    return ("sqrt", added(1, multiplied(-1, multiplied(writer.complex(m), square))))


def _elliptic(writer: Writer, kind: int, angle: Node, m: Element, characteristic: list[Element]) -> Node:
    parameter = writer.complex(m)
    if characteristic:
        return ("elliptic_pi", writer.complex(characteristic[0]), angle, parameter)
    return ("elliptic_f" if kind == 1 else "elliptic_e", angle, parameter)


def _times_quotient(writer: Writer, term: Term, root: Node, value: Node) -> Node:
    """The value times P h/S, as P q h over the root q S."""
    constant, quotient, *_ = term.arguments
    node, _ = writer.names[term.parameters[-1]]
    if constant and isinstance(node, tuple) and node[0] == "sqrt":
        return divided(value, root_of(writer.complex(constant)))
    return multiplied(divided(multiplied(root, writer.complex(quotient)), node), value)


OVER_ROOTS: dict[Function, Callable[[Writer, Term], Node]] = {
    Function.ROOT: over_root,
    Function.BINOMIAL: _binomial,
    Function.OF_ANGLE: _of_angle,
    Function.OF_SQUARE: _of_square,
    Function.OF_ROOTS: _of_roots,
}
