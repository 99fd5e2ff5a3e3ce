"""Fields and functions given as text, for tests that take the integrator one stage at a time."""

from collections.abc import Callable
from typing import TypeVar

from asyncgen.mathematics.engines.risch.answers import written
from asyncgen.mathematics.engines.risch.attempts import Primes
from asyncgen.mathematics.engines.risch.expressions import parsed, tokens_of
from asyncgen.mathematics.engines.risch.integration import Integral, integrate
from asyncgen.mathematics.engines.risch.reading import Reading, Setting, read
from asyncgen.mathematics.engines.risch.writing import Writer
from asyncgen.mathematics.fields.element import Element
from asyncgen.mathematics.fields.field import DifferentialField, Kind
from asyncgen.mathematics.fields.primes import LARGE
from asyncgen.problems.infix import read_infix

X, EXP, LOG, CONSTANT, ROOT, NESTED = range(6)  # the variables of `small_field`, and of `field_with_roots`

T = TypeVar("T")


def small_field(prime: int = LARGE[0]) -> DifferentialField:
    """C(x, t, l) with t = exp(x), l = log(x), and a constant that is a variable."""
    field = DifferentialField(prime, 4)
    x, t = field.variable(X), field.variable(EXP)
    field.add_monomial(X, Kind.BASE, field.one)
    field.add_monomial(EXP, Kind.EXPONENTIAL, t)
    field.add_monomial(LOG, Kind.PRIMITIVE, x.inverse())
    field.add_constant(CONSTANT)
    return field


def field_with_roots() -> DifferentialField:
    """`small_field` with s = sqrt(x**3 + 1), and r = sqrt(t + s) over it."""
    field = small_field()
    field.add_root(ROOT, element(field, "x**3 + 1").numerator)
    field.add_root(NESTED, element(field, "t + s").numerator)
    return field


def element(field: DifferentialField, text: str) -> Element:
    """An element of one of these, written in x, t, l, c, s, r with ** for powers and whole numbers."""
    names = {"x": X, "t": EXP, "l": LOG, "c": CONSTANT, "s": ROOT, "r": NESTED}
    scope = {name: _Term(field, field.variable(v)) for name, v in names.items()}
    found = eval(text, {"__builtins__": {}}, scope)
    return found.element if isinstance(found, _Term) else field.number(found)


class _Term:
    """An element beside which a whole number may stand."""

    def __init__(self, field: DifferentialField, element: Element) -> None:
        self.field, self.element = field, element

    def _of(self, other: "_Term | int") -> Element:
        return self.field.number(other) if isinstance(other, int) else other.element

    def __add__(self, other: "_Term | int") -> "_Term":
        return _Term(self.field, self.element + self._of(other))

    def __sub__(self, other: "_Term | int") -> "_Term":
        return _Term(self.field, self.element - self._of(other))

    def __rsub__(self, other: int) -> "_Term":
        return _Term(self.field, self._of(other) - self.element)

    def __mul__(self, other: "_Term | int") -> "_Term":
        return _Term(self.field, self.element * self._of(other))

    def __truediv__(self, other: "_Term | int") -> "_Term":
        return _Term(self.field, self.element / self._of(other))

    def __rtruediv__(self, other: int) -> "_Term":
        return _Term(self.field, self._of(other) / self.element)

    def __pow__(self, exponent: int) -> "_Term":
        return _Term(self.field, self.element**exponent)

    def __neg__(self) -> "_Term":
        return _Term(self.field, -self.element)

    __radd__, __rmul__ = __add__, __mul__


def reading(text: str, *, extended: bool = False) -> Reading:
    """A function, given in infix, as an element of its tower, extended by roots if they are to be."""
    return _with_prime(text, lambda found: found, extended=extended)


def integral(text: str, *, extended: bool = False) -> Integral:
    """The integral of a function in its own tower, extended by roots if they are to be."""
    return _with_prime(text, lambda found: integrate(found.tower.field, found.element), extended=extended)


def answer(text: str) -> list[str] | None:
    """The tokens of the antiderivative, None where there is no elementary one."""
    return _with_prime(text, _answer)


def _answer(found: Reading) -> list[str] | None:
    result = integrate(found.tower.field, found.element)
    if result.obstruction is not None:
        return None
    return list(tokens_of(written(Writer(found.tower, "x"), found.element, result)))


def _with_prime(text: str, compute: Callable[[Reading], T], *, extended: bool = False) -> T:
    node = parsed(read_infix(text))
    return Primes().until_one_does(lambda prime: compute(read(node, Setting(prime, extended=extended))))
