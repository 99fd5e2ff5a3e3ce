"""From an integral in a tower to an antiderivative in the notation of functions."""

from collections.abc import Iterable
from itertools import chain

from asyncgen.mathematics.engines.risch import logarithms
from asyncgen.mathematics.engines.risch.expressions import (
    Node,
    added,
    collected,
    leads_with_minus,
    multiplied,
)
from asyncgen.mathematics.engines.risch.integration import Integral, Logarithms
from asyncgen.mathematics.engines.risch.real_logarithms import logarithm_of_element
from asyncgen.mathematics.engines.risch.residues import residue_polynomials
from asyncgen.mathematics.engines.risch.special.over_roots import OVER_ROOTS
from asyncgen.mathematics.engines.risch.special.writing import sum_of_terms
from asyncgen.mathematics.engines.risch.writing import Writer
from asyncgen.mathematics.fields.element import Element


def written(writer: Writer, integrand: Element, integral: Integral) -> Node:
    """The antiderivative: real, where the integrand is. Raises Undecided, NeedsRoot."""
    if not writer.conjugation.commutes:
        return collected(_complex(writer, integral))
    real = _tidy(_real_part(writer, integral), integral)
    if writer.conjugation.is_real(integrand):
        return real
    return added(real, multiplied("I", _tidy(_real_part(writer, _turned(writer, integral)), integral)))


def _complex(writer: Writer, integral: Integral) -> Node:
    """The antiderivative of a function in which i stands where it cannot be told apart."""
    return _sum(
        map(writer.complex, joined(integral.elements)),
        (logarithms.written_with_i(writer, part) for part in integral.logarithms),
        (multiplied(writer.complex(c), ("ln", writer.complex(w))) for c, w in integral.units),
    )


def _sum(*groups: Iterable[Node]) -> Node:
    total: Node = 0
    for node in chain(*groups):
        total = added(total, node)
    return total


def _tidy(node: Node, integral: Integral) -> Node:
    """A sum with like terms of logarithms put together, and without a minus in front where it can be."""
    has_parts = integral.logarithms or len(integral.elements) + len(integral.units) > 1
    return collected(node) if has_parts or leads_with_minus(node) else node


def _real_part(writer: Writer, integral: Integral) -> Node:
    return _sum(
        map(writer.real, joined(integral.elements)),
        (logarithms.written(writer, part) for part in integral.logarithms),
        (logarithm_of_element(writer, c, w) for c, w in integral.units),
        [sum_of_terms(writer, integral.special)] if integral.special else [],
    )


def _turned(writer: Writer, integral: Integral) -> Integral:
    """The integral times -i: its real part is the imaginary part of the integral.

    Terms over a root are no part of it: they are written whole next to the real part.
    """
    field = writer.field
    factor = -field.i
    parts = []
    for part in integral.logarithms:
        numerator = part.numerator * factor
        (residues,) = residue_polynomials(field, numerator, part.denominator, part.v, wanted=1)
        parts.append(Logarithms(part.v, numerator, part.denominator, residues))
    return Integral(
        [element * factor for element in integral.elements],
        parts,
        units=[(c * factor, w) for c, w in integral.units],
        special=[term.times(factor) for term in integral.special if term.function not in OVER_ROOTS],
    )


def joined(elements: list[Element]) -> list[Element]:
    """The elements, those added up that are as short together: of equal denominators, or of powers."""
    together: list[Element] = []
    for element in elements:
        for place, other in enumerate(together):
            if _belong(element, other):
                together[place] = other + element
                break
        else:
            together.append(element)
    return [element for element in together if element]


def _belong(first: Element, second: Element) -> bool:
    a, b = first.denominator, second.denominator
    return bool(a == b) or (len(a) == 1 and len(b) == 1)
