"""A function's derivative alone: without the values that it does not need.

The derivative of a sum needs those of its terms, and with a constant factor it is as simple. So the value of
a special function that stands there, which is slow, need not be known: polylog(2, x) has the derivative
-log(1 - x)/x.
"""

from collections.abc import Mapping, Sequence

from asyncgen.mathematics.balls import FUNCTIONS, SLOPES, divide, multiply
from asyncgen.mathematics.series import Step
from asyncgen.mathematics.special_balls import total

LINEAR = (total, FUNCTIONS["add"], FUNCTIONS["sub"])


def without_values(nodes: Sequence[Step], moving: Sequence[bool], result: int) -> Mapping[int, Step]:
    """The nodes that the derivative of `result` needs, each after its operands, with what gives it fastest.

    moving: which nodes depend on the variable. The values of the nodes may be any.
    """
    found: dict[int, Step] = {}
    slopes, values = {result}, set[int]()  # the nodes of which the derivative, or more, is wanted
    for node in range(result, -1, -1):
        if node in values or not moving[node]:
            if node in values or node in slopes:
                operation, operands = found[node] = nodes[node]
                values.update(operands)
        elif node in slopes:
            operation, operands = found[node] = _slope(nodes[node])
            linear = _linear(operation, operands, moving)
            slopes.update(linear)
            values.update(i for i in operands if i not in linear)
    return dict(reversed(found.items()))


def _slope(step: Step) -> Step:
    operation, operands = step
    if operation not in SLOPES:
        return step
    slope, first = SLOPES[operation]
    return slope, operands[first:]


def _linear(operation: object, operands: tuple[int, ...], moving: Sequence[bool]) -> tuple[int, ...]:
    """The operands in which an operation is linear, if its others are constant."""
    if operation in LINEAR:
        return operands
    if operation is divide and not moving[operands[1]]:
        return operands[:1]
    if operation is multiply and not all(moving[i] for i in operands):
        return tuple(i for i in operands if moving[i])
    return ()
