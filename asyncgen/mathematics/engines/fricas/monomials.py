"""Functions c*x**n with c free of x, however they are written."""

from asyncgen.mathematics.engines.risch.expressions import POWERS, Node, X, replaced


def degree(node: Node) -> int | None:
    """The n of c*x**n; None of any other function."""
    if not isinstance(node, tuple):
        return int(node == X)
    name, *operands = node
    degrees = [degree(operand) for operand in operands]
    if not any(degrees) and None not in degrees:
        return 0
    n, *others = degrees
    if n is None or None in others:
        return None
    if name in POWERS:
        return n * POWERS[name]
    if name == "pow" and isinstance(operands[1], int):
        return n * operands[1]
    return _joined(name, n, others[0]) if others and others[0] is not None else None


def _joined(name: str, n: int, m: int) -> int | None:
    if name in ("add", "sub"):
        return n if n == m else None
    return {"mul": n + m, "div": n - m}.get(name)


def coefficient(monomial: Node) -> Node:
    """The c of c*x**n."""
    return replaced(monomial, X, 1)
