"""Functions with abs and sign, which are roots of squares where their operands are real."""

from asyncgen.mathematics.engines.risch.decision import Decision, decide
from asyncgen.mathematics.engines.risch.expressions import Node
from asyncgen.mathematics.fields.errors import Undecided


def decide_with_signs(node: Node) -> Decision:
    """The decision, abs and sign read as roots of squares: where u is not real they are none."""
    as_roots = signs_as_roots(node)
    found = decide(as_roots)
    if found.is_proof and as_roots != node:
        raise Undecided("abs")
    return found


def signs_as_roots(node: Node) -> Node:
    """The function with sqrt(u**2) for abs(u) and sqrt(u**2)/u for sign(u): the same only where u is real."""
    if not isinstance(node, tuple):
        return node
    name, *operands = node[0], *map(signs_as_roots, node[1:])
    if name not in ("abs", "sign"):
        return (name, *operands)
    root = ("sqrt", ("pow2", operands[0]))
    return root if name == "abs" else ("div", root, operands[0])
