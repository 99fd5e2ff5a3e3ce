"""One function, looked at in one way: with each choice of signs, modulo primes that do."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from dataclasses import field as field_
from itertools import islice
from typing import TypeVar

from asyncgen.mathematics.engines.risch.expressions import Node
from asyncgen.mathematics.engines.risch.integration import Integral, integrate
from asyncgen.mathematics.engines.risch.noted_steps import Step
from asyncgen.mathematics.engines.risch.proofs import require_proof
from asyncgen.mathematics.engines.risch.reading import Reading, Setting, read
from asyncgen.mathematics.engines.risch.substitution import Substitution
from asyncgen.mathematics.fields.errors import (
    NeedsAnotherPrime,
    NeedsDigits,
    NeedsRoot,
    NeedsSmallPrime,
    Undecided,
)
from asyncgen.mathematics.fields.primes import LARGE, SMALL, WIDE_BITS, are_squares, wide

MOST_SIGNS = 3  # roots of squares whose signs are tried in all ways
MOST_PRIMES = 24  # changes of the prime before the function stays undecided

T = TypeVar("T")


@dataclass(slots=True)
class Primes:
    """Primes for one function: large ones while they do, with the roots that turn out to be needed."""

    skipped: int = 0  # primes that are left to somebody else
    small: bool = False
    widened: int = 0  # how often longer primes were asked for
    radicands: set[int] = field_(default_factory=set)
    refused: set[int] = field_(default_factory=set)  # without a root of a constant that is needed

    def until_one_does(self, compute: Callable[[int], T]) -> T:
        """What the computation comes to modulo a prime that has what it needs. Raises Undecided."""
        for _ in range(MOST_PRIMES):
            prime = self._prime()
            try:
                return compute(prime)
            except NeedsAnotherPrime:
                self.refused.add(prime)
            except NeedsSmallPrime:
                if self.small:
                    raise Undecided("no prime is suitable") from None
                self.small = True
            except NeedsDigits:
                if self.widened == len(WIDE_BITS):
                    raise Undecided("a number of many digits") from None
                self.widened += 1
            except NeedsRoot as error:
                self.radicands.add(error.radicand)
        raise Undecided("no prime is suitable")

    def _prime(self) -> int:
        wanted = frozenset(self.radicands)
        suitable = (
            prime for prime in self._listed() if prime not in self.refused and are_squares(wanted, prime)
        )
        prime = next(islice(suitable, self.skipped, None), None)
        if prime is None:
            raise Undecided("no prime is suitable")
        return prime

    def _listed(self) -> Iterable[int]:
        if self.widened:
            return wide(WIDE_BITS[self.widened - 1])
        return SMALL if self.small else LARGE

    def others(self) -> "Primes":
        """Primes of which none is among these, with the same properties."""
        return Primes(self.skipped + 1, self.small, self.widened, set(self.radicands), set(self.refused))


@dataclass(slots=True)
class Branch:
    """The function with one choice of the signs of its roots of squares, and its integral."""

    reading: Reading
    integral: Integral
    signs: int = 0  # bit j: the j-th root has a minus

    @property
    def is_elementary(self) -> bool:
        """Whether nothing stood in the way."""
        return self.integral.obstruction is None


@dataclass(frozen=True, slots=True)
class Way:
    """How a function is looked at: in another variable, in a field extended by roots; noting each step."""

    substitution: Substitution | None = None
    extended: bool = False
    noted: bool = False


def branches(node: Node, way: Way, prime: int) -> list[Branch]:
    """The function integrated under each choice of signs. Raises Undecided, Degenerate, NeedsPrime.

    At each place one of the choices holds: the function is not elementary if none of them is.
    """
    first = _branch(node, way, prime, 0)
    count = len(first.reading.signed)
    if count > MOST_SIGNS:
        raise Undecided("the signs of many roots")
    return [first, *(_branch(node, way, prime, signs) for signs in range(1, 1 << count))]


def _branch(node: Node, way: Way, prime: int, signs: int) -> Branch:
    setting = Setting(prime, signs, way.substitution, way.extended)
    reading = read(node, setting)
    steps: list[Step] | None = [] if way.noted else None
    branch = Branch(reading, integrate(reading.tower.field, reading.element, steps), signs)
    if not branch.is_elementary:
        require_proof(node, setting, reading)
    return branch
