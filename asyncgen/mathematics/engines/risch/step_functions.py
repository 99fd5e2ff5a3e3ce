"""In answers a step gives way to the function that has it: x atan(tan(x)) - x^2/2 is written without one."""

from __future__ import annotations

from typing import TYPE_CHECKING

from asyncgen.mathematics.engines.risch.expressions import added, multiplied
from asyncgen.mathematics.engines.risch.steps import Step
from asyncgen.mathematics.engines.risch.tower import Tower
from asyncgen.mathematics.fields.element import Element

if TYPE_CHECKING:
    from asyncgen.mathematics.engines.risch.writing import Writer


class StepFunctions:
    """The functions with steps in one tower, for its writer."""

    def __init__(self, writer: Writer, tower: Tower) -> None:
        self._writer, self._field = writer, tower.field
        self.steps = [] if tower.steps is None else tower.steps.steps

    def in_place_of_steps(self, f: Element) -> Element:
        """The element with (factor * function - total)/i for each step s, whose variable now is the function.

        A function that is not real has no variable: there s itself is named.
        """
        for step in reversed(self.steps):
            if self._field.contains(f, step.v):
                f = self._without(f, step)
        return f

    def _without(self, f: Element, step: Step) -> Element:
        field, writer = self._field, self._writer
        if not all(writer.conjugation.is_real(part * field.i) for part in (step.factor, step.total)):
            factor, total = (writer.complex(-(part * field.i)) for part in (step.factor, step.total))
            writer.name(step.v, added(multiplied(factor, step.node), multiplied(-1, total)))
            return f
        writer.name(step.v, step.node)
        s = -(step.factor * field.variable(step.v) - step.total) * field.i
        above, below = (self._composed(field.of(p), step.v, s) for p in (f.numerator, f.denominator))
        return above / below

    def _composed(self, f: Element, v: int, value: Element) -> Element:
        total = self._field.zero
        for j, coefficient in self._field.laurent(f, v).items():
            total = total + coefficient * value**j
        return total
