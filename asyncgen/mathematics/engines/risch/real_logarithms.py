"""Real parts of complex multiples of logarithms (Bronstein 2.8, after Rioboo)."""

from asyncgen.mathematics.engines.risch.expressions import Node, added, divided, multiplied, number, split
from asyncgen.mathematics.engines.risch.writing import Terms, Writer, product_of, scaled, shifted
from asyncgen.mathematics.fields import numbers
from asyncgen.mathematics.fields.element import Polynomial


def real_part(writer: Writer, real: Node, imaginary: Node, p: Polynomial) -> Node:
    """Re((real + i imaginary) log p), up to a constant."""
    terms = writer.terms_of(p)
    shift = writer.centre(terms)
    terms = shifted(terms, shift)
    node: Node = 0
    for v in writer.conjugation.imaginary:  # log p = log(p E^s) - s iw, with E = exp(iw)
        if shift[v]:
            node = added(node, multiplied(multiplied(imaginary, number(shift[v])), writer.exponent(v)))
    factor = writer.factor_to_real(terms)
    if factor is not None:
        return added(node, _times_log(writer, real, scaled(terms, factor)))
    norm = _times_log(writer, divided(real, 2), product_of(terms, writer.conjugated(terms))) if real else 0
    return added(added(node, norm), _times_argument(writer, imaginary, terms))


def _times_log(writer: Writer, c: Node, terms: Terms) -> Node:
    return multiplied(c, ("ln", writer.sum(writer.primitive(terms)))) if c != 0 else 0


def _times_argument(writer: Writer, c: Node, terms: Terms) -> Node:
    """-c arg(terms) as c atan(Re/Im), which has fewer jumps: the imaginary part is of less degree."""
    if c == 0:
        return 0
    turned = scaled(terms, numbers.minus(numbers.IMAGINARY))
    factor, ratio = split(writer.quotient(terms, turned))
    sign = -1 if factor < 0 else 1
    return multiplied(multiplied(sign, c), ("atan", multiplied(number(abs(factor)), ratio)))
