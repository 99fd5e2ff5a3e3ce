"""The square roots of one function: each found in the field, with a chosen sign, or adjoined to it."""

from asyncgen.mathematics.engines.risch.expressions import Node
from asyncgen.mathematics.engines.risch.square_roots import adjoin, square_root
from asyncgen.mathematics.engines.risch.tower import Tower
from asyncgen.mathematics.fields.constant_roots import cleared
from asyncgen.mathematics.fields.element import Element
from asyncgen.mathematics.fields.errors import NeedsExtension, Undecided

MOST_ROOTS = 4  # that a field is extended by


class ChosenRoots:
    """The roots that the reading of a function meets. Equal radicands have one root.

    signs: bit j says that the j-th root of a square is taken with a minus. extended: whether roots may be
    adjoined. signed: for each root of a square, its tree and its value. names: trees for the adjoined roots,
    each with the element that divides it.
    """

    def __init__(self, tower: Tower, signs: int, *, extended: bool) -> None:
        self.signed: list[tuple[Node, Element]] = []
        self.names: dict[int, tuple[Node, Element]] = {}
        self._tower, self._field = tower, tower.field
        self._signs, self._extended = signs, extended
        self._known: list[tuple[Element, Element]] = []  # radicands with their roots

    def root(self, u: Element, node: Node) -> Element:
        """The square root of u, which the function calls `node`. Raises NeedsExtension, Undecided."""
        if not u:
            return self._field.zero
        if self._field.is_constant(u):
            return self._tower.constants.square_root(u)
        root = next((root for radicand, root in self._known if self._are_equal(radicand, u)), None)
        if root is None:
            root = self._new_root(u, node)
            self._known.append((u, root))
        return root

    def _are_equal(self, f: Element, g: Element) -> bool:
        """Whether two elements are, also where roots of constants hide it."""
        return f == g or (bool(self._field.constant_roots) and not cleared(self._field, f - g))

    def _new_root(self, u: Element, node: Node) -> Element:
        """The root of a square has one sign at one place and maybe the other at another."""
        root = square_root(self._tower, u)
        if root is None:
            return self._adjoined(u, node)
        if self._signs >> len(self.signed) & 1:
            root = -root
        self.signed.append((node, root))
        return root

    def _adjoined(self, u: Element, node: Node) -> Element:
        if not self._extended:
            raise NeedsExtension("a root")
        if len(self.names) == MOST_ROOTS:
            raise Undecided("many roots")
        v, factor = adjoin(self._tower, u)
        self.names[v] = node, factor
        return factor * self._field.variable(v)
