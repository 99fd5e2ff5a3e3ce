"""A constant differentiated away: the equation that is left, in its shortest form."""

from collections.abc import Callable, Sequence
from contextlib import suppress

from asyncgen.mathematics.fields.errors import Degenerate, Undecided
from asyncgen.mathematics.forms.derivation import Derivation
from asyncgen.mathematics.forms.element import Element
from asyncgen.mathematics.forms.field import Field
from asyncgen.mathematics.forms.reading import field_for
from asyncgen.mathematics.forms.writing import Writer
from asyncgen.mathematics.kinds.construction import Dropped, Tokens
from asyncgen.mathematics.kinds.equations.solving import factors_of

FOR_EQUATIONS = 10  # kernels: the unknowns, and what inverting and differentiating make

Elimination = Callable[[Field], Element]  # to what is 0 for the solution


def equation_from(constant: Element, leading: str) -> Element:
    """What is 0 if a constant, given as a function of x, Y and Y', is one: a factor of its derivative.

    leading: the highest derivative in the equation. Raises Dropped unless one factor alone holds it.
    """
    field = constant.field
    slope = Derivation(field)(constant)
    number = field.numbers.get(leading)
    if not slope or number is None:
        raise Dropped("one constant")
    factors = [factor for factor in factors_of(slope) if field.contains(factor, number)]
    if len(factors) != 1:
        raise Dropped("no equation")
    return factors[0]


def shortest_equation(tokens: Sequence[str], eliminate: Elimination, leading: str) -> Tokens:
    """The equation of a family in its shortest form. Raises Dropped, Degenerate.

    The structural form is looked at where it can differ from the expanded one, or that is too large.
    """
    expanded = field_for(tokens, extra=FOR_EQUATIONS)
    try:
        found = [_written(eliminate(expanded), leading)]
    except Undecided:
        found = []
    if expanded.forms_differ or not found:
        structural = field_for(tokens, extra=FOR_EQUATIONS, structural=True)
        with suppress(Dropped, Undecided, Degenerate):
            found.append(_written(eliminate(structural), leading))
    if not found:
        raise Dropped("too large")
    return min(found, key=len)


def _written(equation: Element, leading: str) -> Tokens:
    """The equation's tokens: as it is, or solved for its highest derivative, whichever is shorter."""
    write = Writer(equation.field)
    as_it_is = write(equation)
    value = _solved(equation, leading)
    if value is None:
        return as_it_is
    solved = ("add", leading, *write(-value)) if value.coefficient < 0 else ("sub", leading, *write(value))
    return min(as_it_is, solved, key=len)


def _solved(equation: Element, leading: str) -> Element | None:
    """-b/a for an equation that is a times the highest derivative plus b; None for one of another form."""
    field, number = equation.field, equation.field.numbers[leading]
    if not equation.sums:
        return None
    ((p, _),) = equation.sums
    if p.degrees()[number] != 1:
        return None
    slope = p.derivative(number)
    a, b = field.of(slope), field.of(p - slope * field.generators[number])
    return None if field.contains(a, number) or field.contains(b, number) else -b / a
