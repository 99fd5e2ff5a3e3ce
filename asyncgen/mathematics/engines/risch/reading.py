"""From a function's tree to an element of its tower."""

from collections.abc import Callable
from dataclasses import dataclass
from dataclasses import field as field_
from fractions import Fraction

from asyncgen.mathematics.engines.risch.chosen_roots import ChosenRoots
from asyncgen.mathematics.engines.risch.expressions import (
    CIRCULAR,
    HYPERBOLIC,
    INVERSE,
    POWERS,
    Motion,
    Node,
    S,
    X,
    added,
    divided,
    multiplied,
    number,
    rational,
)
from asyncgen.mathematics.engines.risch.steps import Steps
from asyncgen.mathematics.engines.risch.substitution import Substitution
from asyncgen.mathematics.engines.risch.tower import Known, Refined, Tower
from asyncgen.mathematics.fields.constant_roots import cleared
from asyncgen.mathematics.fields.element import Element
from asyncgen.mathematics.fields.errors import Degenerate, NeedsExtension, Undecided

MOST_REFINEMENTS = 6
QUARTERS = 4  # of 2 pi: by multiples of these x differs from its value by an inverse function
_RECIPROCALS = {"cot": "tan", "sec": "cos", "csc": "sin", "coth": "tanh", "sech": "cosh", "csch": "sinh"}
_INVERSES_OF_RECIPROCALS = {"asec": "acos", "acsc": "asin", "asech": "acosh", "acsch": "asinh"}
_SEVERAL_VALUED = INVERSE | {"sqrt", "pow", "rac", "ln", "atan", "acot", "atanh", "acoth"}
_PLAIN = {"add": added, "mul": multiplied, "div": divided}  # with what costs nothing worked out
_WITHOUT_KERNEL = frozenset(("add", "sub", "mul", "div", *POWERS))


@dataclass(frozen=True, slots=True)
class Setting:
    """How a function is read: the prime, the signs of roots of squares, the change of its variable."""

    prime: int
    signs: int = 0  # bit j: the j-th root of a square is taken with a minus
    substitution: Substitution | None = None
    extended: bool = False  # by square roots
    place: float | None = None  # at which steps have their values; else they are variables


@dataclass(slots=True)
class Reading:
    """A function as an element of a field.

    signed: for each root of a square that was met, its tree and its value.
    names: trees for the roots that the field was extended by, each with the element that divides it.
    values: the parts of the function, each with its element.
    """

    tower: Tower
    element: Element
    signed: list[tuple[Node, Element]] = field_(default_factory=list)
    substitution: Substitution | None = None
    names: dict[int, tuple[Node, Element]] = field_(default_factory=dict)
    values: dict[Node, Element] = field_(default_factory=dict)


def read(node: Node, setting: Setting) -> Reading:
    """The function as an element. Raises Undecided, Degenerate, NeedsPrime."""
    known = Known()
    for _ in range(MOST_REFINEMENTS):
        try:
            return _Reader(node, setting, known).reading()
        except Refined:
            continue
        except ZeroDivisionError:
            raise Degenerate("division by zero") from None
    raise Undecided("exponents of many parts")


class _Reader:
    """Reads one tree into one tower."""

    def __init__(self, node: Node, setting: Setting, known: Known) -> None:
        self._node, self._setting = node, setting
        self._moves = Motion()
        self._values: dict[Node, Element] = {}
        self._numbers: dict[Node, Node] = {}  # for parts in which x stands
        self._tower = Tower(setting.prime, self._variables(), known)
        self._field = self._tower.field
        s = X if setting.substitution is None else setting.substitution.s
        self._roots = ChosenRoots(self._tower, setting.signs, extended=setting.extended)
        self._tower.steps = Steps(self._tower, s, setting.place, self._roots.names)

    def _variables(self) -> int:
        """A bound for the number of kernels."""
        substitution = self._setting.substitution
        nodes = (
            [self._node]
            if substitution is None
            else [self._node, substitution.x, *substitution.values.values()]
        )
        seen: set[Node] = set()
        return 2 + sum(_kernels(node, seen) for node in nodes)

    def reading(self) -> Reading:
        substitution = self._setting.substitution
        if substitution is None:
            element = self._value(self._node)
        else:
            x = self._value(substitution.x)
            for part, value in substitution.values.items():
                self._values[part] = self._value(value)
            element = cleared(self._field, self._value(self._node) * self._field.derive(x))
        self._tower.constants.roots.certify()
        roots = self._roots
        return Reading(self._tower, element, roots.signed, substitution, roots.names, self._values)

    def _value(self, node: Node) -> Element:
        known = self._values.get(node)
        if known is None:
            known = self._values[node] = cleared(self._field, self._read(node))
            if isinstance(node, tuple) and known.numerator.is_constant() and self._moves(node):
                self._note_number(node, known)
        return known

    def _note_number(self, node: Node, element: Element) -> None:
        value = self._field.number_of(element)
        if value is not None and value.keys() <= {1}:
            self._numbers[node] = number(value.get(1, Fraction(0)))

    def _plain(self, node: Node) -> Node:
        """The tree with numbers for the parts that are numbers though x stands in them, as x/x is 1."""
        if not self._numbers or not isinstance(node, tuple):
            return node
        if node in self._numbers:
            return self._numbers[node]
        name, *operands = node[0], *map(self._plain, node[1:])
        return _PLAIN[name](*operands) if name in _PLAIN else (name, *operands)

    def _read(self, node: Node) -> Element:
        if isinstance(node, int):
            return self._field.number(node)
        if isinstance(node, str):
            return self._leaf(node)
        reader = _READERS.get(node[0])
        if reader is None:
            raise Undecided(node[0])
        element = reader(self, node)
        if node[0] in _SEVERAL_VALUED:
            plain = self._plain(node)
            if not self._moves(plain):
                return self._tower.constants.principal(element, plain)
        return element

    def _leaf(self, name: str) -> Element:
        if name == X and self._setting.substitution is not None:
            return self._x_of_s(self._setting.substitution)
        if name in (X, S):
            return self._tower.x
        if name == "pi":
            return self._tower.constants.pi()
        if name == "E":
            return self._tower.exp(self._field.one)
        return self._field.i

    def _x_of_s(self, substitution: Substitution) -> Element:
        """X where the function holds it: as a function of s, and the step that it is beside it."""
        x, steps, i = self._value(substitution.x), self._tower.steps, self._field.i
        if steps is None or not substitution.is_up_to_steps:
            return x
        return x - steps.beside(x * i, QUARTERS, i, X) * i

    # -- arithmetic --------------------------------------------------------------------------------------

    def _add(self, node: Node) -> Element:
        return self._value(node[1]) + self._value(node[2])

    def _sub(self, node: Node) -> Element:
        return self._value(node[1]) - self._value(node[2])

    def _mul(self, node: Node) -> Element:
        return self._value(node[1]) * self._value(node[2])

    def _div(self, node: Node) -> Element:
        return self._value(node[1]) / self._value(node[2])

    def _fixed_power(self, node: Node) -> Element:
        return self._tower.power(self._value(node[1]), POWERS[node[0]])

    def _power(self, node: Node) -> Element:
        base, exponent = node[1:]
        q = rational(exponent)
        if q is None:
            if not self._value(base):
                return self._power_of_zero(self._value(exponent))
            return self._tower.exp(self._value(exponent) * self._log_of(base))
        if q.denominator == 1:
            return self._tower.power(self._value(base), int(q))
        if isinstance(base, tuple) and base[0] == "exp":
            return self._tower.exp(self._value(base[1]) * self._rational(q))
        if q.denominator == 2:
            return self._tower.power(self._value(("sqrt", base)), q.numerator)
        if not self._moves(base):
            return self._tower.exp(self._log_of(base) * self._rational(q))
        raise NeedsExtension("a root")

    def _power_of_zero(self, exponent: Element) -> Element:
        """0 to a power that moves is 0 wherever it has a value. Raises Degenerate where it has none."""
        if not exponent:
            return self._field.one
        if self._field.is_constant(exponent) and not self._tower.constants.ball(exponent).real > 0:
            raise Degenerate("division by zero")
        return self._field.zero

    def _rac(self, node: Node) -> Element:
        return self._power(("pow", node[1], ("inv", node[2])))

    def _rational(self, q: Fraction) -> Element:
        return self._field.number(q.numerator, q.denominator)

    # -- exponentials and logarithms ---------------------------------------------------------------------

    def _exp(self, node: Node) -> Element:
        return self._tower.exp(self._value(node[1]))

    def _ln(self, node: Node) -> Element:
        return self._log_of(node[1])

    def _log_of(self, base: Node) -> Element:
        if isinstance(base, tuple) and base[0] == "sqrt":  # on the principal branches this is so
            return self._log_of(base[1]) * self._rational(Fraction(1, 2))
        return self._tower.log(self._value(base), node=self._plain(("ln", base)))

    def _periodic(self, node: Node) -> Element:
        """sin, tan, cosh and the like by exponentials."""
        name, u = node[0], self._value(node[1])
        if name in _RECIPROCALS:
            return self._periodic_of(_RECIPROCALS[name], u).inverse()
        return self._periodic_of(name, u)

    def _periodic_of(self, name: str, u: Element) -> Element:
        field = self._field
        circular = name in CIRCULAR
        exponent = u * field.i if circular else u
        if name in ("tan", "tanh"):
            power = self._tower.exp(exponent.scaled(2))
            tangent = (power - field.one) / (power + field.one)
            return -(tangent * field.i) if circular else tangent
        power = self._tower.exp(exponent)
        if name in ("cos", "cosh"):
            return (power + power.inverse()) * field.number(1, 2)
        sine = (power - power.inverse()) * field.number(1, 2)
        return -(sine * field.i) if circular else sine

    def _arctangent(self, node: Node) -> Element:
        """2i atan(u) = log((1 + iu)/(1 - iu)), 2 atanh(u) = log((1 + u)/(1 - u))."""
        field, name = self._field, node[0]
        u = self._value(node[1])
        if name in ("acot", "acoth"):
            u = u.inverse()
        circular = name in ("atan", "acot")
        factor = field.i.scaled(2) if circular else field.number(2)
        if circular:
            u = u * field.i
        above, below = field.one + u, field.one - u
        if not above or not below:
            raise Degenerate("the logarithm of 0")
        return self._tower.log(above / below, factor, self._plain(node)) / factor

    # -- roots -------------------------------------------------------------------------------------------

    def _sqrt(self, node: Node) -> Element:
        inner = node[1]
        if isinstance(inner, tuple) and inner[0] == "exp":
            return self._tower.exp(self._value(inner[1]) * self._field.number(1, 2))
        return self._roots.root(self._value(inner), self._plain(node))

    def _inverse(self, node: Node) -> Element:
        """asin and the like: i asin(u) = log(iu + sqrt(1 - u^2))."""
        field, name, u = self._field, node[0], self._value(node[1])
        inner = self._plain(node[1])
        if name in _INVERSES_OF_RECIPROCALS:
            name, u, inner = _INVERSES_OF_RECIPROCALS[name], u.inverse(), ("inv", inner)
        if name in ("asin", "acos"):
            root = self._roots.root(field.one - u * u, ("sqrt", ("sub", 1, ("pow2", inner))))
            power = u * field.i + root if name == "asin" else u + root * field.i
            return self._tower.log(power, field.i, self._plain(node)) / field.i
        if name == "asinh":
            root = self._roots.root(field.one + u * u, ("sqrt", ("add", 1, ("pow2", inner))))
        else:
            factors = ("sqrt", ("sub", inner, 1)), ("sqrt", ("add", inner, 1))
            root = self._roots.root(u * u - field.one, ("mul", *factors))
        return self._tower.log(u + root, field.one, self._plain(node))


def _kernels(node: Node, seen: set[Node]) -> int:
    """How many kernels a tree may need."""
    if not isinstance(node, tuple):
        return 1 if node in ("pi", "E") else 0
    if node in seen:
        return 0
    seen.add(node)
    own = 0 if node[0] in _WITHOUT_KERNEL else 2 if node[0] in INVERSE else 1
    if isinstance(node[1], int):  # the logarithms of the primes of a number
        own += 2 * own
    return own + sum(_kernels(operand, seen) for operand in node[1:])


_READERS: dict[str, Callable[[_Reader, Node], Element]] = {
    "add": _Reader._add,
    "sub": _Reader._sub,
    "mul": _Reader._mul,
    "div": _Reader._div,
    "pow": _Reader._power,
    "rac": _Reader._rac,
    "exp": _Reader._exp,
    "ln": _Reader._ln,
    "sqrt": _Reader._sqrt,
    **dict.fromkeys(POWERS, _Reader._fixed_power),
    **dict.fromkeys((*CIRCULAR, *HYPERBOLIC), _Reader._periodic),
    **dict.fromkeys(("atan", "acot", "atanh", "acoth"), _Reader._arctangent),
    **dict.fromkeys(INVERSE, _Reader._inverse),
}
