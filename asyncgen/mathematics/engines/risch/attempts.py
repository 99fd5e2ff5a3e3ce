"""One function, looked at in one way: with each choice of signs, modulo primes that do."""

from collections.abc import Callable
from dataclasses import dataclass, replace
from dataclasses import field as field_
from itertools import islice
from typing import TypeVar

from asyncgen.mathematics.engines.risch.expressions import Node
from asyncgen.mathematics.engines.risch.integration import Integral, integrate
from asyncgen.mathematics.engines.risch.radicals import Primitive, Radical, integrate_radical
from asyncgen.mathematics.engines.risch.reading import Reading, Setting, Substitution, read
from asyncgen.mathematics.engines.risch.steps import PLACES, Elsewhere
from asyncgen.mathematics.fields.element import Element
from asyncgen.mathematics.fields.errors import (
    Degenerate,
    NeedsAnotherPrime,
    NeedsRoot,
    NeedsSmallPrime,
    Undecided,
)
from asyncgen.mathematics.fields.field import DifferentialField
from asyncgen.mathematics.fields.primes import LARGE, SMALL, are_squares
from asyncgen.mathematics.fields.specialisation import Specialisation

MOST_SIGNS = 3  # roots of squares whose signs are tried in all ways
MOST_VALUES = 3  # of steps, with which a proof is done again
MOST_PRIMES = 24  # changes of the prime before the function stays undecided

T = TypeVar("T")


@dataclass(slots=True)
class Primes:
    """Primes for one function: large ones while they do, with the roots that turn out to be needed."""

    skipped: int = 0  # primes that are left to somebody else
    small: bool = False
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
            except NeedsRoot as error:
                self.radicands.add(error.radicand)
        raise Undecided("no prime is suitable")

    def _prime(self) -> int:
        wanted = frozenset(self.radicands)
        suitable = (
            prime
            for prime in (SMALL if self.small else LARGE)
            if prime not in self.refused and are_squares(wanted, prime)
        )
        prime = next(islice(suitable, self.skipped, None), None)
        if prime is None:
            raise Undecided("no prime is suitable")
        return prime

    def others(self) -> "Primes":
        """Primes of which none is among these, with the same properties."""
        return Primes(self.skipped + 1, self.small, set(self.radicands), set(self.refused))


@dataclass(slots=True)
class Branch:
    """The function with one choice of the signs of its roots of squares, and its integral."""

    reading: Reading
    integral: Integral

    @property
    def is_elementary(self) -> bool:
        """Whether nothing stood in the way."""
        return self.integral.obstruction is None


@dataclass(frozen=True, slots=True)
class Way:
    """How a function is looked at: in another variable, in a field extended by a root."""

    substitution: Substitution | None = None
    extended: bool = False


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
    branch = Branch(reading, _integral(reading))
    if not branch.is_elementary:
        _require_proof(reading)
        if reading.tower.steps is not None and reading.tower.steps.steps:
            _require_proof_at_places(node, setting)
    return branch


def _require_proof_at_places(node: Node, setting: Setting) -> None:
    """Show that there is no integral with the values that the steps have at places: on those intervals.

    Raises Undecided where there is one, or no place can be used.
    """
    seen: list[list[tuple[int, int]]] = []
    for place in PLACES:
        try:
            reading = read(node, replace(setting, place=place))
        except (Elsewhere, Degenerate):
            continue
        assert reading.tower.steps is not None
        if reading.tower.steps.values in seen:
            continue
        seen.append(reading.tower.steps.values)
        if len(seen) > MOST_VALUES:
            return
        if _integral(reading).obstruction is None:
            raise Undecided("another function on another interval")
        _require_proof(reading)
    if not seen:
        raise Undecided("another function on another interval")


def _integral(reading: Reading) -> Integral:
    return _integrated(reading.tower.field, reading.element, reading.radical, reading.primitive)


def _integrated(
    field: DifferentialField, f: Element, radical: Radical | None, theta: Primitive | None
) -> Integral:
    return integrate(field, f) if radical is None else integrate_radical(field, f, radical, theta)


def _require_proof(reading: Reading) -> None:
    """Show that there is no integral with numbers for the roots of constants, which were taken as if free.

    Raises Undecided where there is one.
    """
    if not reading.tower.field.roots:
        return
    image = Specialisation(reading.tower.field)
    radical, theta = reading.radical, reading.primitive
    if radical is not None:
        radical = Radical(radical.v, image.of(radical.radicand))
    if theta is not None:
        theta = Primitive(theta.v, image.of(theta.slope))
    integral = _integrated(image.field, image.of(reading.element), radical, theta)
    if integral.obstruction is None:
        raise Undecided("constants that may depend on each other")
