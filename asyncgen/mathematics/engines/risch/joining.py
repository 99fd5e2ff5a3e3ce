"""One antiderivative out of those that hold under different signs of the roots of squares.

The sign of a root, sigma = root/value, is 1 or -1, and constant between its jumps. So F+ and F-, which hold
where it is 1 and -1, are joined by F+ (1 + sigma)/2 + F- (1 - sigma)/2; with several roots there is a product
of such factors for each choice of signs. Which choices occur nobody says: two that do are tried first.
"""

from collections.abc import Iterator, Mapping, Sequence
from itertools import combinations

from asyncgen.mathematics.engines.risch.expressions import (
    Node,
    added,
    collected,
    divided,
    multiplied,
    tokens_of,
)

LONGEST = 4_000  # tokens of an answer that joins more than two


def joined(written: Mapping[int, Node], signs: Sequence[Node | None]) -> Iterator[Node]:
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
            yield _joined_by(signs[place], written[first], written[second])
    if len(written) > 2 and all(sign is not None for sign in signs):
        total = _sum_over_signs(written, signs)
        if len(tokens_of(total)) <= LONGEST:
            yield total


def _likeliness(pair: tuple[int, int]) -> tuple[int, int]:
    """Roots of the same square change their signs together."""
    first, second = pair
    return -(first ^ second).bit_count(), first


def _differ(first: int, second: int, place: int) -> bool:
    return bool((first ^ second) >> place & 1)


def _joined_by(sign: Node, plus: Node, minus: Node) -> Node:
    mean = divided(collected(added(plus, minus)), 2)
    half = divided(collected(added(plus, multiplied(-1, minus))), 2)
    return added(mean, multiplied(sign, half))


def _sum_over_signs(written: Mapping[int, Node], signs: Sequence[Node | None]) -> Node:
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
        for j, sign_of_root in enumerate(signs):
            term = multiplied(sign_of_root, term) if chosen >> j & 1 else term
        total = added(total, term)
    return total
