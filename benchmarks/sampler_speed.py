"""How many problems a second does one core sample, compared with the textbook way?

The textbook way follows the paper (Lample & Charton 2019, appendix C) step by step: counts D(e, n) memoized,
for each operator a list of the probabilities of every place and arity, one draw from it, one for each name.
Both give prefix text of functions with x, of the same law. Only ours gives problem i without those before.
CPU seconds of this process; the goal: ours at least 50,000 problems a second at up to 15 operators.

    python benchmarks/sampler_speed.py [--n 50000] [--rounds 5] [--quick]
"""

import random
import statistics
import time
from collections.abc import Callable
from functools import cache

from rounds import parser, table

from asyncgen.problems.distributions import PRESETS, with_operator_range
from asyncgen.problems.records import Problem
from asyncgen.problems.spec import Distribution, Spec, UniformIntegers
from asyncgen.sampler import Sampler

PRESET = PRESETS["lample-charton"]
GOAL = 50_000  # problems a second


class Textbook:
    """The sampler that one writes from the paper."""

    def __init__(self, distribution: Distribution, seed: int) -> None:
        assert isinstance(distribution.integers, UniformIntegers)
        self._random = random.Random(seed)
        self._integers = range(distribution.integers.low, distribution.integers.high + 1)
        self._names = {
            arity: ([name for name, _ in weights], [weight for _, weight in weights])
            for arity, weights in enumerate((distribution.leaves, distribution.unary, distribution.binary))
        }
        self._counts = [list(range(part.low, part.high + 1)) for part in distribution.operators]
        self._parts = [part.weight for part in distribution.operators]

    def problem(self, index: int) -> Problem:
        """The next function with x; the index is only noted."""
        (counts,) = self._random.choices(self._counts, self._parts)
        operators = self._random.choice(counts)
        while "x" not in (tokens := self._tree(operators)):
            pass
        return Problem(index, " ".join(tokens), operators)

    def _tree(self, operators: int) -> list[str]:
        """Prefix tokens: None marks an empty node until it is filled."""
        tree: list[str | None] = [None]
        first = 0  # empty nodes before this place become leaves
        for left in range(operators, 0, -1):
            places = [place for place, token in enumerate(tree) if token is None and place >= first]
            skipped, arity = self._next(len(places), left)
            place = places[skipped]
            first = place + 1
            tree[place : place + 1] = [self._name(arity), *[None] * arity]
        return [token or self._leaf() for token in tree]

    def _next(self, empty: int, left: int) -> tuple[int, int]:
        """How many empty nodes are skipped, and the arity of the next operator."""
        events = [(skipped, arity) for skipped in range(empty) for arity in (1, 2)]
        chances = [
            trees(empty - skipped + arity - 1, left - 1) / trees(empty, left) for skipped, arity in events
        ]
        (event,) = self._random.choices(events, chances)
        return event

    def _name(self, arity: int) -> str:
        names, weights = self._names[arity]
        return self._random.choices(names, weights)[0]

    def _leaf(self) -> str:
        name = self._name(0)
        return f"INT+ {self._random.choice(self._integers)}" if name == "integer" else name


@cache
def trees(empty: int, operators: int) -> int:
    """D(empty, operators) with L = p1 = p2 = 1."""
    if empty == 0:
        return int(operators == 0)
    if operators == 0:
        return 1
    return trees(empty - 1, operators) + trees(empty, operators - 1) + trees(empty + 1, operators - 1)


def rate(problem: Callable[[int], Problem], count: int) -> float:
    """Problems per CPU second."""
    started = time.process_time()
    for index in range(count):
        problem(index)
    return count / (time.process_time() - started)


def main() -> None:
    flags = parser(__doc__, rounds=5)
    flags.add_argument(
        "--n", type=int, default=50_000, help="problems of ours a round; a fifth of the textbook's"
    )
    options = flags.parse_args()
    n, rounds = (500, 1) if options.quick else (options.n, options.rounds)
    rows = []
    laws = {"uniform in 1..15": with_operator_range(PRESET, 1, 15), "the preset, 3..15": PRESET}
    for law, distribution in laws.items():
        ours, textbook = Sampler(Spec(distribution)), Textbook(distribution, seed=0)
        pairs = [(rate(ours.problem, n), rate(textbook.problem, n // 5)) for _ in range(rounds)]
        fast, slow = (statistics.median(column) for column in zip(*pairs, strict=True))
        met = "met" if fast >= GOAL else "NOT met"
        rows.append([law, f"{fast:,.0f}", f"{slow:,.0f}", f"{fast / slow:.1f}", met])
    table(["operators", "ours, problems/s", "textbook, problems/s", "times", f"{GOAL:,}/s"], rows)


if __name__ == "__main__":
    main()
