"""One antiderivative out of those that hold under different signs of the roots of squares.

The sign of a root, sigma = root/value, is 1 or -1, and constant between its jumps. So F+ and F-, which hold
where it is 1 and -1, are joined by F+ (1 + sigma)/2 + F- (1 - sigma)/2; with several roots there is a product
of such factors for each choice of signs. Which choices occur nobody says: two that do are tried first.

Where sigma is known to jump at one place only, what it is multiplied by is made 0 there, so that the
antiderivative does not jump.
"""

from collections.abc import Iterator, Mapping, Sequence
from fractions import Fraction
from itertools import combinations
from typing import NamedTuple

from asyncgen.mathematics.engines.risch.expressions import (
    Node,
    X,
    added,
    collected,
    divided,
    multiplied,
    number,
    replaced,
    tokens_of,
)
from asyncgen.mathematics.engines.risch.reading import Setting, read
from asyncgen.mathematics.engines.risch.writing import Writer
from asyncgen.mathematics.fields.errors import Degenerate, NeedsPrime, Undecided
from asyncgen.mathematics.fields.primes import LARGE
from asyncgen.mathematics.values import compile_tokens


class Sign(NamedTuple):
    """sigma as a tree in x, and the one place where it jumps, if that is known."""

    node: Node
    place: Fraction | None = None


PLACES = (0.7109375, -1.2890625, 2.328125 + 0.75j)
LONGEST_VALUE = 60  # tokens of a constant that is subtracted as it stands
LONGEST = 4_000  # tokens of an answer that joins more than two


def joined(written: Mapping[int, Node], signs: Sequence[Sign | None]) -> Iterator[Node]:
    """Antiderivatives from those for each choice (bit j: root j has a minus), and the roots' signs.

    A sign is None where it is not known how to write it.
    """
    choices = sorted(combinations(written, 2), key=_likeliness)
    for first, second in choices:
        places = (j for j, sign in enumerate(signs) if sign is not None)
        place = next((j for j in places if _differ(first, second, j)), None)
        if place is not None:
            if first >> place & 1:
                first, second = second, first
            sign = signs[place]
            assert sign is not None
            yield _joined_by(sign, written[first], written[second])
    known = [sign for sign in signs if sign is not None]
    if len(written) > 2 and len(known) == len(signs):
        total = _sum_over_signs(written, known)
        if len(tokens_of(total)) <= LONGEST:
            yield total


def _likeliness(pair: tuple[int, int]) -> tuple[int, int]:
    """Roots of the same square change their signs together."""
    first, second = pair
    return -(first ^ second).bit_count(), first


def _differ(first: int, second: int, place: int) -> bool:
    return bool((first ^ second) >> place & 1)


def _joined_by(sign: Sign, plus: Node, minus: Node) -> Node:
    if _are_opposite(plus, minus):
        return multiplied(sign.node, _without_jump(plus, sign.place))
    mean = divided(collected(added(plus, minus)), 2)
    half = divided(collected(added(plus, multiplied(-1, minus))), 2)
    return added(mean, multiplied(sign.node, _without_jump(half, sign.place)))


def _are_opposite(plus: Node, minus: Node) -> bool:
    """Whether one is minus the other, by their values: the answer is checked."""
    total = compile_tokens(tokens_of(("add", plus, minus)))
    values = [total.value_at(place) for place in PLACES]
    return all(value.is_finite() and value.contains(0) for value in values)


def _without_jump(half: Node, place: Fraction | None) -> Node:
    """The same with 0 at that place, if its value there is known."""
    value = 0 if place is None else _value(half, place)
    return collected(added(half, multiplied(-1, value))) if value != 0 else half


def _value(node: Node, place: Fraction) -> Node:
    """The value at a place as a tree; 0 where there is none, it is not real, or not known."""
    there = replaced(node, X, number(place))
    ball = compile_tokens(tokens_of(there)).value_at(0)
    if not ball.is_finite() or not ball.imag.contains(0):
        return 0
    try:
        reading = read(there, Setting(LARGE[0]))
        return Writer(reading.tower, X).complex(reading.element)
    except (Undecided, Degenerate, NeedsPrime):
        return there if len(tokens_of(there)) <= LONGEST_VALUE else 0


def _sum_over_signs(written: Mapping[int, Node], signs: Sequence[Sign]) -> Node:
    """The sum of c_T times the product of the signs in T, c_T the mean of +-F: minus for an odd number of T.

    It is the same sum as that of F times (1 +- sigma)/2 for each root, and most c_T are short, or 0.
    """
    total: Node = 0
    for chosen in range(1 << len(signs)):
        coefficient: Node = 0
        for choice, node in written.items():
            sign = -1 if (choice & chosen).bit_count() % 2 else 1
            coefficient = added(coefficient, multiplied(sign, node))
        term = divided(collected(coefficient), 1 << len(signs))
        among = [sign for j, sign in enumerate(signs) if chosen >> j & 1]
        if len(among) == 1:
            term = _without_jump(term, among[0].place)
        for sign_of_root in among:
            term = multiplied(sign_of_root.node, term)
        total = added(total, term)
    return total
