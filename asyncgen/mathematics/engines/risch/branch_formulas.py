"""A branch of a decision with its steps, as formulas in the variables of its tower."""

from collections.abc import Callable, Iterator, Sequence
from operator import itemgetter
from typing import Any

from asyncgen.mathematics.engines.risch import answers, attempts, integration, kernels, noted_steps
from asyncgen.mathematics.engines.risch.expressions import (
    POWERS,
    Motion,
    Node,
    added,
    divided,
    multiplied,
    rational,
)
from asyncgen.mathematics.engines.risch.formulas import Formulas, applied
from asyncgen.mathematics.engines.risch.obstruction_formulas import obstruction_of, units_of
from asyncgen.mathematics.engines.risch.reading import Reading
from asyncgen.mathematics.engines.risch.residue_formulas import Poles, logarithms, polynomial_in_z
from asyncgen.mathematics.fields.element import Element
from asyncgen.mathematics.fields.roots import Root, product_of, slope_of
from asyncgen.problems import derivations as model
from asyncgen.problems.derivations import Branch, Formula, Kernel, KernelKind, Rewritten
from asyncgen.problems.infix_text import infix_of

_ARITHMETIC = frozenset(("add", "sub", "mul", "div", *POWERS))


def branch_of(branch: attempts.Branch, x: str) -> Branch:
    """The branch in formulas; x is the name of the variable."""
    reading, integral = branch.reading, branch.integral
    formulas = Formulas(reading, x)
    found = tuple(_kernels(reading, formulas))
    shown = [_STEPS[type(step)](formulas, step) for step in integral.steps or ()]
    obstruction = integral.obstruction
    return Branch(
        signs=tuple(Rewritten(node, formulas.of(value)) for node, value in reading.signed),
        constants=tuple(formulas.name(kernel.v) for kernel in reading.tower.constants.kernels),
        kernels=found,
        rewritten=tuple(_rewritten(reading, formulas, found)),
        element=formulas.of(reading.element),
        steps=tuple(shown),
        antiderivative=None if obstruction is not None else _antiderivative(formulas, integral),
        obstruction=None if obstruction is None else obstruction_of(formulas, obstruction),
    )


def _antiderivative(formulas: Formulas, integral: integration.Integral) -> Formula:
    total = formulas.sum(answers.joined(integral.elements))
    for part in integral.logarithms:
        term = logarithms(formulas, part)
        if total is None or term is None:
            return None
        total = added(total, term)
    return _with_units(formulas, total, integral.units)


# -- the field -------------------------------------------------------------------------------------------


def _kernels(reading: Reading, formulas: Formulas) -> Iterator[Kernel]:
    """Kernels and roots, each made of those before it."""
    found = [(kernel.v, _kernel(kernel, formulas)) for kernel in reading.tower.kernels]
    found += [(root.v, _root(root, reading, formulas)) for root in formulas.field.roots]
    return (kernel for _, kernel in sorted(found, key=itemgetter(0)))


def _kernel(kernel: kernels.Kernel, formulas: Formulas) -> Kernel:
    field = formulas.field
    name, derivative = formulas.name(kernel.v), formulas.of(field.derivatives[kernel.v])
    if kernel.is_exponential:
        argument = formulas.of(kernel.exponent)
        return Kernel(name, KernelKind.EXPONENTIAL, applied("exp", argument), argument, derivative)
    argument = formulas.of(kernel.power)
    factor = formulas.of(kernel.exponent / field.variable(kernel.v))
    definition = _divided(applied("ln", argument), factor)
    is_same = kernel.node is None or (definition and infix_of(kernel.node) == infix_of(definition))
    called = None if is_same else kernel.node
    return Kernel(name, KernelKind.LOGARITHM, definition, argument, derivative, called)


def _root(root: Root, reading: Reading, formulas: Formulas) -> Kernel:
    field, argument = formulas.field, formulas.polynomial(root.radicand)
    node, factor = reading.names.get(root.v, (None, field.one))
    divisor = formulas.of(factor)
    called = None if node is None or divisor == 1 else _divided(node, divisor)
    derivative = formulas.of(field.derivatives[root.v])
    return Kernel(
        formulas.name(root.v), KernelKind.ROOT, applied("sqrt", argument), argument, derivative, called
    )


def _divided(formula: Formula, divisor: Formula) -> Formula:
    return None if formula is None or divisor is None else divided(formula, divisor)


def _rewritten(reading: Reading, formulas: Formulas, kernels: tuple[Kernel, ...]) -> Iterator[Rewritten]:
    """The functions in the function, each as an element, but for those that are kernels as they stand."""
    moves = Motion()
    names = {kernel.name: kernel for kernel in kernels}
    for node, element in reading.values.items():
        if not isinstance(node, tuple) or node[0] in _ARITHMETIC or not moves(node):
            continue
        if node[0] in ("pow", "rac") and rational(node[2]) is not None:
            continue
        value = formulas.of(element)
        if value is None or (isinstance(value, str) and _is_called(node, names.get(value))):
            continue
        yield Rewritten(node, value)


def _is_called(node: Node, kernel: Kernel | None) -> bool:
    """Whether the kernel is what the function calls it, but for how its argument is written."""
    if kernel is None:
        return False
    definition = kernel.called if kernel.called is not None else kernel.definition
    return isinstance(definition, tuple) and bool(node[0] == definition[0])


# -- steps -----------------------------------------------------------------------------------------------


def _hermite(formulas: Formulas, step: noted_steps.Hermite) -> model.HermiteStep:
    return model.HermiteStep(
        variable=formulas.name(step.v),
        given=formulas.of(step.f),
        integrated=formulas.of(step.integrated),
        left=formulas.sum([step.simple, step.reduced]),
        simple=formulas.of(step.simple),
        reduced=formulas.of(step.reduced),
    )


def _residues(formulas: Formulas, step: noted_steps.Residues) -> model.ResidueStep:
    poles = Poles(step.v, step.numerator, step.denominator)
    found = integration.Logarithms(step.v, step.numerator, step.denominator, step.residues)
    return model.ResidueStep(
        variable=formulas.name(step.v),
        given=formulas.of(step.numerator / formulas.field.of(step.denominator)),
        integrated=logarithms(formulas, found),
        left=formulas.of(-step.excess),
        denominator=formulas.polynomial(step.denominator),
        polynomial=polynomial_in_z(formulas, poles.residues(formulas.field)),
    )


def _equation(formulas: Formulas, step: noted_steps.Equation) -> model.EquationStep:
    power = formulas.field.power(step.v, step.power)
    return model.EquationStep(
        variable=formulas.name(step.v),
        given=formulas.of(step.g * power),
        integrated=formulas.of(step.y * power),
        left=0,
        power=step.power,
        f=formulas.of(step.f),
        g=formulas.of(step.g),
        y=formulas.of(step.y),
    )


def _limited(formulas: Formulas, step: noted_steps.Limited) -> model.LimitedStep:
    field, v, j = formulas.field, step.v, step.power
    next_power = step.c * field.power(v, j + 1) * field.number(1, j + 1)
    return model.LimitedStep(
        variable=formulas.name(v),
        given=formulas.of(step.a * field.power(v, j)),
        integrated=formulas.of(step.y * field.power(v, j) + next_power),
        left=formulas.of(step.left * field.power(v, j - 1)),
        power=j,
        f=formulas.of(step.a),
        slope=formulas.of(step.slope),
        y=formulas.of(step.y),
        c=formulas.of(step.c),
    )


def _polynomials(formulas: Formulas, step: noted_steps.Polynomials) -> model.PolynomialStep:
    return model.PolynomialStep(
        variable=formulas.name(formulas.field.tower[0]),
        given=formulas.of(step.f),
        integrated=formulas.of(step.integrated),
        left=0,
    )


def _components(formulas: Formulas, step: noted_steps.Components) -> model.ComponentsStep:
    products = [(product_of(formulas.field, subset), part) for subset, part in step.parts.items()]
    return model.ComponentsStep(
        variable=formulas.name(max(v for subset in step.parts for v in subset)),
        given=formulas.of(step.f),
        integrated=0,
        left=formulas.sum([step.rest, *(part * product for product, part in products)]),
        rest=formulas.of(step.rest),
        parts=tuple(model.Component(formulas.of(product), formulas.of(part)) for product, part in products),
    )


def _rooted(formulas: Formulas, step: noted_steps.Rooted) -> model.Step:
    field, product = formulas.field, product_of(formulas.field, step.subset)
    y = step.integrated / product
    shared = {
        "variable": formulas.of(product),
        "given": formulas.of(step.b * product),
        "integrated": _with_units(formulas, formulas.of(step.integrated), step.units),
        "left": formulas.of(step.left),
    }
    if step.left or step.units or field.contains_any(y, step.subset):
        return model.RootStep(**shared)
    slope = slope_of(field, step.subset)
    return model.EquationStep(
        **shared, power=1, f=formulas.of(slope), g=formulas.of(step.b), y=formulas.of(y)
    )


def _with_units(formulas: Formulas, total: Formula, units: Sequence[tuple[Element, Element]]) -> Formula:
    """The formula, plus the sum of c log(w)."""
    for c, w in units:
        factor, logarithm = formulas.of(c), applied("ln", formulas.of(w))
        if total is None or factor is None or logarithm is None:
            return None
        total = added(total, multiplied(factor, logarithm))
    return total


def _excluded(formulas: Formulas, step: noted_steps.Excluded) -> model.NoLogarithmStep:
    product = product_of(formulas.field, step.subset)
    given = formulas.of(step.b * product)
    return model.NoLogarithmStep(
        variable=formulas.of(product),
        given=given,
        integrated=0,
        left=given,
        varies=step.why.varies,
        infinite_order=step.why.has_infinite_order,
        units=tuple(formula for formula, _ in units_of(formulas, step.why)),
    )


_STEPS: dict[type, Callable[[Formulas, Any], model.Step]] = {
    noted_steps.Hermite: _hermite,
    noted_steps.Residues: _residues,
    noted_steps.Equation: _equation,
    noted_steps.Limited: _limited,
    noted_steps.Polynomials: _polynomials,
    noted_steps.Components: _components,
    noted_steps.Rooted: _rooted,
    noted_steps.Excluded: _excluded,
}
