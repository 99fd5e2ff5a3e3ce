"""Numbers about a set of pairs: lengths with their percentiles, counts, shares."""

import math
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from asyncgen.datasets.measuring.digests import Shared
from asyncgen.datasets.measuring.measuring import Measure

PERCENTILES = (1, 5, 25, 50, 75, 95, 99)
LONGEST = 512  # tokens of an answer, in the published files too


class Numbers:
    """Whole numbers, such as lengths: their mean, standard deviation and percentiles."""

    def __init__(self) -> None:
        self._counts: Counter[int] = Counter()

    def add(self, number: int) -> None:
        self._counts[number] += 1

    @property
    def count(self) -> int:
        return self._counts.total()

    @property
    def total(self) -> int:
        return sum(number * count for number, count in self._counts.items())

    @property
    def mean(self) -> float:
        return self.total / self.count if self.count else math.nan

    @property
    def deviation(self) -> float:
        """The standard deviation of these numbers themselves, not of what they are a sample of."""
        if not self.count:
            return math.nan
        mean = self.mean
        return math.sqrt(sum(c * (n - mean) ** 2 for n, c in self._counts.items()) / self.count)

    @property
    def largest(self) -> int:
        return max(self._counts, default=0)

    def above(self, limit: int) -> int:
        """How many are larger."""
        return sum(count for number, count in self._counts.items() if number > limit)

    def percentile(self, percent: int) -> int:
        """The smallest number that so many of a hundred do not exceed (nearest rank); 0 without numbers."""
        wanted, seen = percent / 100 * self.count, 0
        for number in sorted(self._counts):
            seen += self._counts[number]
            if seen >= wanted:
                return number
        return 0

    def as_dict(self) -> dict[str, Any]:
        """For JSON; without numbers only that there are none."""
        if not self.count:
            return {"count": 0}
        percentiles = {f"p{percent}": self.percentile(percent) for percent in PERCENTILES}
        mean, deviation = round(self.mean, 3), round(self.deviation, 3)
        return {"count": self.count, "mean": mean, "sd": deviation, **percentiles, "max": self.largest}


@dataclass(frozen=True, slots=True)
class Overlap:
    """What a set has in common with another one: by form, and by values."""

    other: str
    pairs: int  # of the other
    form: Shared
    values: Shared


@dataclass(slots=True)
class Summary:
    """What is known of a set of pairs. Numbers of tokens, of rows, and of different digests."""

    name: str
    problem: Numbers = field(default_factory=Numbers)
    answer: Numbers = field(default_factory=Numbers)
    published_problem: Numbers = field(default_factory=Numbers)
    published_answer: Numbers = field(default_factory=Numbers)
    operators: Numbers = field(default_factory=Numbers)
    names: Counter[str] = field(default_factory=Counter)  # problems that have this operator
    rows: Mapping[tuple[str, str], int] = field(default_factory=dict)  # by kind and status
    bad: int = 0
    unmeasured: int = 0  # pairs whose worker was killed
    by_text: int = 0  # pairs whose marks are those of their text
    distinct: Mapping[str, int] = field(default_factory=dict)
    overlap: Overlap | None = None

    @property
    def pairs(self) -> int:
        return self.problem.count

    @property
    def ratio(self) -> float:
        """Tokens of problems for each token of answers."""
        return self.problem.total / self.answer.total if self.answer.total else math.nan

    @property
    def too_long(self) -> float:
        """The share of answers with more than LONGEST tokens."""
        return self.answer.above(LONGEST) / self.pairs if self.pairs else math.nan

    @property
    def unique(self) -> dict[str, float]:
        """What is left of 1 without repetitions: by text, by form, by values, by skeleton."""
        return {name: count / self.pairs for name, count in self.distinct.items() if self.pairs}

    def add(self, found: Measure) -> None:
        """Count a pair."""
        self.problem.add(found.problem)
        self.answer.add(found.answer)
        self.operators.add(found.operators)
        self.names.update(found.names)
        self.by_text += found.by_text
        if found.published_problem is not None and found.published_answer is not None:
            self.published_problem.add(found.published_problem)
            self.published_answer.add(found.published_answer)
