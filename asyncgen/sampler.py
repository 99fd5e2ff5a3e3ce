"""Problem number i of a stream, at random access, alike on every machine: drawn, or drawn for in its worker.

A forward problem is a function, drawn here. One of another kind is built together with its answer, in a
worker: here it is no more than its index and kind, and `draw` gives the worker what is random in each of
its attempts.

Guarantees: problem i, and each attempt at it, depends on (spec, i) alone. All that is random comes from
SHAKE-128 of the specification's digest, the index, and what it is for (`problems.trees`).
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from fractions import Fraction
from functools import cached_property

from asyncgen.problems.distributions import check_spec
from asyncgen.problems.errors import UsageError
from asyncgen.problems.kinds import CONSTRUCTED, SECOND_LAW, WITHOUT_TREES, Draw
from asyncgen.problems.records import Problem
from asyncgen.problems.spec import Spec
from asyncgen.problems.trees import WORD, Functions, choice, operator_choice, random_words


class Sampler:
    """The stream of problems that a specification describes.

    Raises UsageError when there is nothing to be drawn from, or nothing can be; the message says why.
    """

    def __init__(self, spec: Spec) -> None:
        check_spec(spec)
        distribution = spec.distribution
        assert distribution is not None  # or it would not have passed
        self.spec = spec
        self._key = spec.digest()
        self._kinds = choice((share.kind, Fraction(share.weight)) for share in spec.shares)
        with_trees = [share for share in spec.shares if share.kind not in WITHOUT_TREES]
        self._laws = {share.kind: operator_choice(share.operators) for share in with_trees}
        self._functions = {share.kind: Functions(distribution, share.operators) for share in with_trees}

    def problem(self, index: int) -> Problem:
        """Problem number `index`, 0 <= index < 2**64."""
        if not 0 <= index < 1 << WORD:
            raise UsageError(f"a problem's index lies in 0 .. 2**64 - 1, not {index}")
        kind = self._kind(index)
        if kind in CONSTRUCTED:
            return Problem(index, "", 0, kind)
        operators, tokens = self._functions[kind].draw(self._key + index.to_bytes(8, "little"))
        return Problem(index, " ".join(tokens), operators, kind)

    def stream(self, ranges: Iterable[range]) -> Iterator[Problem]:
        """The problems of these ranges of indices, one by one, in their order."""
        for indices in ranges:
            for index in indices:
                yield self.problem(index)

    def draw(self, index: int, attempt: int, kind: str) -> Draw:
        """What is random in one attempt at a problem of a constructed kind of this specification."""
        key = self._attempt_key(index, attempt)
        if kind in WITHOUT_TREES:
            return _Draw(self, key)
        operators = self._laws[kind].pick(next(random_words(key, b"operators")))
        return _Draw(self, key, operators, self._functions[kind])

    @cached_property
    def second(self) -> Functions:
        """What second functions are drawn from."""
        assert self.spec.distribution is not None
        return Functions(self.spec.distribution, SECOND_LAW)

    def _kind(self, index: int) -> str:
        if len(self._kinds.outcomes) == 1:
            return self._kinds.outcomes[0]
        return self._kinds.pick(next(random_words(self._attempt_key(index, 0), b"kind")))

    def _attempt_key(self, index: int, attempt: int) -> bytes:
        """With the counter and the name behind it, longer than the key of any forward problem."""
        return self._key + index.to_bytes(8, "little") + attempt.to_bytes(4, "little")


@dataclass(frozen=True, slots=True)
class _Draw:
    """One attempt: `kinds.Draw` says what each part is."""

    sampler: Sampler
    key: bytes
    operators: int = 0
    functions: Functions | None = None

    @property
    def structural(self) -> bool:
        return self.sampler.spec.structural

    def function(self, part: str = "") -> list[str]:
        if self.functions is None:
            raise TypeError("this kind of problem draws no functions")
        return self._tokens(self.functions, b"function:" + part.encode(), self.operators)

    def second(self) -> list[str]:
        return self._tokens(self.sampler.second, b"second")

    def words(self, part: str) -> Iterator[int]:
        return random_words(self.key, b"words:" + part.encode())

    def _tokens(self, functions: Functions, name: bytes, operators: int | None = None) -> list[str]:
        _, pieces = functions.draw(self.key, name, operators)
        return " ".join(pieces).split()  # a piece may be an integer of several tokens
