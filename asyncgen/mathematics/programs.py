"""The value and the derivative of a function at a point, in ball arithmetic.

A `Program` is a compiled function (`values` makes them), run at as many points and precisions as needed. It
computes with power series of length two over complex balls (python-flint's `acb_series`), so that value and
derivative come together and with rigorous error bounds: the true number lies inside the ball. With series of
length one it computes values alone, also where a derivative does not exist.

A function of several variables is given a series for each; `Program.coefficients` computes its own, of any
length, so that second derivatives can be had of elementary functions.

Guarantees: no exception leaves `Program.at`, `value_at` and `coefficients`. Where the function is undefined,
or not known to be analytic, the result is `UNUSABLE`, whose balls are not finite, or None. Functions of
several branches take the principal one; on a branch cut the values are those of `acb`, and the derivative is
the one along the real line.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import NamedTuple

from flint import acb, acb_series, ctx

from asyncgen.mathematics.series import Series, Step

Coefficients = Sequence[complex | acb]  # of a power series; numbers are taken as exact
UNDEFINED = (ArithmeticError, ValueError, TypeError, NotImplementedError)  # flint's words for it


class Dual(NamedTuple):
    """A value and a derivative, both balls."""

    value: acb
    derivative: acb

    def finite(self) -> bool:
        """Whether both balls are finite."""
        return self.value.is_finite() and self.derivative.is_finite()


UNUSABLE = Dual(acb("nan"), acb("nan"))


@dataclass(slots=True)
class Program:
    """A compiled function: each step fills the next register.

    The registers that do not depend on the variables come first, and are kept for each precision.
    """

    fixed: list[Step]
    steps: list[Step]
    result: int
    single_valued: bool  # made of functions without branches: analytic but for poles
    most_bits: int  # the highest precision at which a point is looked at closer; 0: at none, it is slow
    known: dict[tuple[int, int], list[Series]] = field(default_factory=dict)  # by bits and length

    def at(self, point: complex | acb, bits: int = 64) -> Dual:
        """Value and derivative at a point, taken as exact, with this precision in bits."""
        answer = self._series(bits, 2, [point, 1])
        # A quotient of zeros leaves fewer terms; flint would read the missing derivative as 0.
        return UNUSABLE if answer is None or answer.prec < 2 else Dual(answer[0], answer[1])

    def value_at(self, point: complex | acb, bits: int = 64) -> acb:
        """The value alone."""
        answer = self._series(bits, 1, [point])
        return UNUSABLE.value if answer is None or answer.prec < 1 else answer[0]

    def coefficients(self, bits: int, length: int, *inputs: Coefficients) -> list[acb] | None:
        """The first coefficients of the function's power series, from those of its variables in order.

        None where not all of them exist, or one is not known at this precision.
        """
        answer = self._series(bits, length, *inputs)
        if answer is None or answer.prec < length:
            return None
        found = [answer[place] for place in range(length)]
        return found if all(coefficient.is_finite() for coefficient in found) else None

    def _series(self, bits: int, length: int, *inputs: Coefficients) -> Series | None:
        before = ctx.prec, ctx.cap
        ctx.prec, ctx.cap = bits, length
        try:
            registers = self._fixed_registers(bits, length).copy()
            registers += [acb_series(coefficients) for coefficients in inputs]
            _run(self.steps, registers)
            return registers[self.result]
        except UNDEFINED:
            return None
        finally:
            ctx.prec, ctx.cap = before

    def _fixed_registers(self, bits: int, length: int) -> list[Series]:
        if (bits, length) not in self.known:
            registers: list[Series] = []
            _run(self.fixed, registers)
            self.known[bits, length] = registers
        return self.known[bits, length]


def _run(steps: list[Step], registers: list[Series]) -> None:
    for operation, operands in steps:
        if len(operands) == 1:
            registers.append(operation(registers[operands[0]]))
        elif len(operands) == 2:  # written out: this loop is where a check spends its time
            first, second = operands
            registers.append(operation(registers[first], registers[second]))
        else:
            registers.append(operation(*[registers[i] for i in operands]))
