"""Random words into functions: trees counted and drawn by their rank, operators and leaves by weight.

The trees are those of Lample & Charton (arXiv 1912.01412, section 2 and appendix C). A shape comes
from one uniform integer below D(1, n), read against exact counts; operators and leaves come from
the weights of the distribution, independently of the shape.

Guarantees: every choice compares integers from SHAKE-128 with integer thresholds made by rational
arithmetic; no floating-point function takes part, because those differ between machines. Each choice
has the configured probability to within 2**-64.
"""

import hashlib
import struct
from bisect import bisect_right
from collections.abc import Iterable, Iterator, Sequence
from fractions import Fraction
from itertools import accumulate, count
from math import lcm
from typing import Generic, NamedTuple, TypeVar

from asyncgen.problems.distributions import shape_of_trees
from asyncgen.problems.spec import Distribution, GeometricIntegers, Law, UniformIntegers

T = TypeVar("T")

WORD = 64  # bits of one random word; one word makes one choice
_COUNT, _RANK = 0, 2  # words of a draw: operator count, one that is not used, shape; then one for each node
_BLOCK = struct.Struct("<16Q")  # words made at a time where there is no end of them


class TreeCounts:
    """The counts D(e, n) of Lample & Charton for (L, p1, p2), up to `operators` internal nodes."""

    def __init__(self, shape: tuple[int, int, int], operators: int) -> None:
        self._shape = shape
        self._counts = _count_trees(shape, operators)
        self._cells: dict[tuple[int, int], list[int]] = {}

    def count(self, empty: int, operators: int) -> int:
        """D(empty, operators): the weight of all ways to fill the empty nodes."""
        return self._counts[operators][empty]

    def arities(self, operators: int, rank: int) -> list[int]:
        """Tree number `rank`, 0 <= rank < D(1, operators): its arities (0, 1, 2) in prefix order.

        As many ranks lead to a shape as its weight: L for each leaf, p1 or p2 for each operator.
        """
        arities: list[int] = []
        empty = 1
        for left in range(operators - 1, -1, -1):
            cells = self._cells.get((empty, left)) or self._make_cells(empty, left)
            cell = bisect_right(cells, rank)
            if cell:
                rank -= cells[cell - 1]
            skipped = cell >> 1  # empty nodes before the operator: they become leaves
            if skipped:
                arities += [0] * skipped
            arity = 1 + (cell & 1)
            arities.append(arity)
            empty += arity - 1 - skipped
            rank %= self._counts[left][empty]  # a cell holds that many trees L**k * p times
        arities += [0] * empty
        return arities

    def _make_cells(self, empty: int, left: int) -> list[int]:
        """Cumulative weights of (k, unary), (k, binary) for k = 0 .. empty - 1; kept."""
        leaves, unary, binary = self._shape
        after = self._counts[left]
        weights = []
        for k in range(empty):
            weights.append(leaves**k * unary * after[empty - k])
            weights.append(leaves**k * binary * after[empty - k + 1])
        cells = self._cells[empty, left] = list(accumulate(weights))
        return cells


def _count_trees(shape: tuple[int, int, int], operators: int) -> list[list[int]]:
    """D(e, n) as rows[n][e]; row n goes only as far as a tree of `operators` nodes can reach."""
    leaves, unary, binary = shape
    rows = [[leaves**empty for empty in range(operators + 2)]]
    for n in range(1, operators + 1):
        fewer, row = rows[-1], [0]
        for empty in range(1, operators - n + 2):
            row.append(leaves * row[-1] + unary * fewer[empty] + binary * fewer[empty + 1])
        rows.append(row)
    return rows


class Choice(NamedTuple, Generic[T]):
    """A weighted choice: the outcome is the first whose threshold lies above the random word."""

    thresholds: list[int]
    outcomes: tuple[T, ...]

    def pick(self, word: int) -> T:
        return self.outcomes[bisect_right(self.thresholds, word)]


def choice(weighted: Iterable[tuple[T, Fraction]]) -> Choice[T]:
    """Thresholds floor(2**64 * cumulative / total), in integers; weight 0 is never drawn."""
    outcomes, weights = zip(*weighted, strict=True)
    scale = lcm(*(weight.denominator for weight in weights))
    *sums, total = accumulate(weight.numerator * (scale // weight.denominator) for weight in weights)
    return Choice([(partial << WORD) // total for partial in sums], outcomes)


class Functions:
    """The functions of a distribution whose operator counts follow a law."""

    def __init__(self, distribution: Distribution, law: Law) -> None:
        most = max(part.high for part in law if part.weight)
        self._operators = operator_choice(law)
        self._nodes = _node_choices(distribution)
        self._trees = TreeCounts(shape_of_trees(distribution), most)
        # 64 bits more than the largest count: reducing modulo it then favours no tree.
        self._rank_words = -(-(self._trees.count(1, most).bit_length() + WORD) // WORD)
        size = _RANK + self._rank_words + 2 * most + 1
        self._words = struct.Struct(f"<{size}Q")

    def draw(self, key: bytes, name: bytes = b"", operators: int | None = None) -> tuple[int, list[str]]:
        """A function as prefix text in pieces, and its internal nodes: as many as said, or by the law.

        A function without x is drawn again with the same number of operators, so that their law
        stays the configured one. With 0 operators the function is therefore always x itself.
        """
        digest, words = self._draw(key, 0, name)
        if operators is None:
            operators = self._operators.pick(words[_COUNT])
        redrawn = 0
        while "x" not in (tokens := self._function(operators, digest, words)):
            redrawn += 1
            digest, words = self._draw(key, redrawn, name)
        return operators, tokens

    def _draw(self, key: bytes, redrawn: int, name: bytes) -> tuple[bytes, Sequence[int]]:
        """The random words of one try at a function, as bytes and as 64-bit integers."""
        digest = hashlib.shake_128(key + redrawn.to_bytes(4, "little") + name).digest(self._words.size)
        return digest, self._words.unpack(digest)

    def _function(self, operators: int, digest: bytes, words: Sequence[int]) -> list[str]:
        """One tree with that many internal nodes."""
        first = _RANK + self._rank_words
        rank = int.from_bytes(digest[_RANK * 8 : first * 8], "little")
        arities = self._trees.arities(operators, rank % self._trees.count(1, operators))
        nodes = self._nodes
        # Choice.pick, written out: this line runs once for each node of each problem.
        return [
            nodes[arity][1][bisect_right(nodes[arity][0], word)]
            for arity, word in zip(arities, words[first:], strict=False)
        ]


def random_words(key: bytes, name: bytes) -> Iterator[int]:
    """Integers of 64 bits without end."""
    for block in count():
        digest = hashlib.shake_128(key + block.to_bytes(4, "little") + name).digest(_BLOCK.size)
        yield from _BLOCK.unpack(digest)


def operator_choice(law: Law) -> Choice[int]:
    """The law of the operator count: each part spreads its weight evenly over low..high."""
    return choice(
        (count, Fraction(part.weight) / (part.high - part.low + 1))
        for part in law
        for count in range(part.low, part.high + 1)
    )


def _node_choices(distribution: Distribution) -> tuple[Choice[str], ...]:
    """What may stand at a node of arity 0, 1 and 2."""
    leaves: list[tuple[str, Fraction]] = []
    for name, weight in distribution.leaves:
        if name == "integer":
            leaves += _integer_leaves(distribution.integers, Fraction(weight))
        else:
            leaves.append((name, Fraction(weight)))
    operators = (distribution.unary, distribution.binary)
    named = [[(name, Fraction(weight)) for name, weight in table] for table in operators]
    return (choice(leaves), *(choice(table) if table else Choice([], ()) for table in named))


def _integer_leaves(law: UniformIntegers | GeometricIntegers, weight: Fraction) -> list[tuple[str, Fraction]]:
    """Every integer that the law gives, as tokens, with its share of the weight."""
    shares = _geometric(law) if isinstance(law, GeometricIntegers) else _uniform(law)
    total = sum(shares.values())
    return [(_render(value), weight * share / total) for value, share in shares.items()]


def _uniform(law: UniformIntegers) -> dict[int, int]:
    values = range(law.low, law.high + 1)
    return {value: 1 for value in values if value or not law.nonzero}


def _geometric(law: GeometricIntegers) -> dict[int, int]:
    """Weights in units of 2**-128, until what is left could not show in a word."""
    ratio = Fraction(law.ratio)
    shares: dict[int, int] = {}
    tail, value = 1 << 2 * WORD, 1
    while tail >> WORD:
        rest = tail * ratio.numerator // ratio.denominator
        shares[value] = tail - rest
        tail, value = rest, value + 1
    return shares


def _render(value: int) -> str:
    sign = "INT+" if value >= 0 else "INT-"
    return f"{sign} {' '.join(str(abs(value)))}"
