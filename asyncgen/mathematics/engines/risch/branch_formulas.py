"""A branch of a decision with its steps, as formulas in the variables of its tower."""

from collections.abc import Callable, Iterator
from operator import itemgetter
from typing import Any

from asyncgen.mathematics.engines.risch import answers, attempts, integration, kernels, steps
from asyncgen.mathematics.engines.risch.equations import Form, form_of_solutions
from asyncgen.mathematics.engines.risch.expressions import (
    POWERS,
    Motion,
    Node,
    added,
    divided,
    multiplied,
    rational,
)
from asyncgen.mathematics.engines.risch.formulas import Formulas
from asyncgen.mathematics.engines.risch.linear import constraints
from asyncgen.mathematics.engines.risch.reading import Reading
from asyncgen.mathematics.engines.risch.residue_formulas import Poles, logarithms, polynomial_in_z
from asyncgen.mathematics.fields.element import Element
from asyncgen.mathematics.fields.errors import Undecided
from asyncgen.mathematics.fields.roots import Root, components, product_of, slope_of
from asyncgen.problems import derivations as model
from asyncgen.problems.derivations import Branch, Formula, Kernel, KernelKind, Rewritten
from asyncgen.problems.tokens import infix_of

LARGEST_SYSTEM = 4  # degree of a polynomial whose coefficients are looked at one by one
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
        obstruction=None if obstruction is None else _obstruction(formulas, obstruction),
    )


def _antiderivative(formulas: Formulas, integral: integration.Integral) -> Formula:
    total = formulas.sum(answers.joined(integral.elements))
    for part in integral.logarithms:
        term = logarithms(formulas, part)
        if total is None or term is None:
            return None
        total = added(total, term)
    return total


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
        return Kernel(name, KernelKind.EXPONENTIAL, _applied("exp", argument), argument, derivative)
    argument = formulas.of(kernel.power)
    factor = formulas.of(kernel.exponent / field.variable(kernel.v))
    definition = _divided(_applied("ln", argument), factor)
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
        formulas.name(root.v), KernelKind.ROOT, _applied("sqrt", argument), argument, derivative, called
    )


def _applied(token: str, argument: Formula) -> Formula:
    return None if argument is None else (token, argument)


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


def _hermite(formulas: Formulas, step: steps.Hermite) -> model.HermiteStep:
    return model.HermiteStep(
        variable=formulas.name(step.v),
        given=formulas.of(step.f),
        integrated=formulas.of(step.integrated),
        left=formulas.sum([step.simple, step.reduced]),
        simple=formulas.of(step.simple),
        reduced=formulas.of(step.reduced),
    )


def _residues(formulas: Formulas, step: steps.Residues) -> model.ResidueStep:
    poles = Poles(step.v, step.numerator, step.denominator)
    found = integration.Logarithms(step.v, step.numerator, step.denominator, step.residues)
    return model.ResidueStep(
        variable=formulas.name(step.v),
        given=formulas.of(step.numerator / formulas.field.of(step.denominator)),
        integrated=logarithms(formulas, found),
        left=formulas.of(-step.excess),
        denominator=formulas.polynomial(step.denominator),
        polynomial=polynomial_in_z(formulas, poles.residues()),
    )


def _equation(formulas: Formulas, step: steps.Equation) -> model.EquationStep:
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


def _limited(formulas: Formulas, step: steps.Limited) -> model.LimitedStep:
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


def _polynomials(formulas: Formulas, step: steps.Polynomials) -> model.PolynomialStep:
    return model.PolynomialStep(
        variable=formulas.name(formulas.field.tower[0]),
        given=formulas.of(step.f),
        integrated=formulas.of(step.integrated),
        left=0,
    )


def _components(formulas: Formulas, step: steps.Components) -> model.ComponentsStep:
    products = [(product_of(formulas.field, subset), part) for subset, part in step.parts.items()]
    return model.ComponentsStep(
        variable=formulas.name(max(v for subset in step.parts for v in subset)),
        given=formulas.of(step.f),
        integrated=0,
        left=formulas.sum([step.rest, *(part * product for product, part in products)]),
        rest=formulas.of(step.rest),
        parts=tuple(model.Component(formulas.of(product), formulas.of(part)) for product, part in products),
    )


def _rooted(formulas: Formulas, step: steps.Rooted) -> model.Step:
    field, product = formulas.field, product_of(formulas.field, step.subset)
    y = step.integrated / product
    shared = {
        "variable": formulas.of(product),
        "given": formulas.of(step.b * product),
        "integrated": formulas.of(step.integrated),
        "left": formulas.of(step.left),
    }
    if step.left or field.contains_any(y, step.subset):
        return model.RootStep(**shared)
    slope = slope_of(field, step.subset)
    return model.EquationStep(
        **shared, power=1, f=formulas.of(slope), g=formulas.of(step.b), y=formulas.of(y)
    )


def _excluded(formulas: Formulas, step: steps.Excluded) -> model.NoLogarithmStep:
    product = product_of(formulas.field, step.subset)
    given = formulas.of(step.b * product)
    return model.NoLogarithmStep(
        variable=formulas.of(product),
        given=given,
        integrated=0,
        left=given,
        varies=step.why.varies,
        infinite_order=step.why.has_infinite_order,
        units=tuple(formulas.name(v) for v in step.why.units),
    )


_STEPS: dict[type, Callable[[Formulas, Any], model.Step]] = {
    steps.Hermite: _hermite,
    steps.Residues: _residues,
    steps.Equation: _equation,
    steps.Limited: _limited,
    steps.Polynomials: _polynomials,
    steps.Components: _components,
    steps.Rooted: _rooted,
    steps.Excluded: _excluded,
}


# -- obstructions ----------------------------------------------------------------------------------------


def _obstruction(formulas: Formulas, found: integration.Obstruction) -> model.Obstruction:
    if isinstance(found, integration.ResiduesVary):
        return _residues_vary(formulas, found)
    if isinstance(found, integration.NoSolution):
        return _no_solution(formulas, found)
    return model.NotLimited(
        variable=formulas.name(found.v),
        f=formulas.of(found.f),
        slope=formulas.of(found.slope),
        field=_generators(formulas, found.level, found.level),
        **_shape(formulas, found, [found.f, found.slope]),
    )


def _residues_vary(formulas: Formulas, found: integration.ResiduesVary) -> model.ResiduesVary:
    field, poles = formulas.field, Poles.of(found.f, found.v)
    coefficients = poles.residues()
    varying = [c for c in reversed(coefficients or []) if not field.is_constant(c)]
    witness = varying[0] if varying else None
    return model.ResiduesVary(
        variable=formulas.name(found.v),
        given=formulas.of(found.f),
        denominator=formulas.polynomial(poles.denominator),
        polynomial=polynomial_in_z(formulas, coefficients),
        witness=None if witness is None else formulas.of(witness),
        derivative=None if witness is None else formulas.of(field.derive(witness)),
    )


def _no_solution(formulas: Formulas, found: integration.NoSolution) -> model.NoSolution:
    field, v = formulas.field, found.v
    if found.roots:
        power, factor = 1, product_of(field, found.roots)
    else:
        power = field.integer(found.f / field.logarithmic_derivative(v)) or 1
        factor = field.power(v, power)
    return model.NoSolution(
        variable=formulas.of(product_of(field, found.roots)) if found.roots else formulas.name(v),
        given=formulas.of(found.g * factor),
        power=power,
        f=formulas.of(found.f),
        g=formulas.of(found.g),
        units=tuple(_units(formulas, found)),
        field=_generators(formulas, found.level, found.level - bool(found.roots)),
        **_shape(formulas, found, [found.g]),
    )


def _units(formulas: Formulas, found: integration.NoSolution) -> Iterator[model.Component]:
    """The logarithms that an antiderivative may hold, each with what its derivative has at the roots."""
    field = formulas.field
    for v in found.units:
        parts = components(field, field.derivatives[v], field.roots_at(found.level))
        yield model.Component(formulas.name(v), formulas.of(parts.get(found.roots, field.zero)))


def _generators(formulas: Formulas, level: int, of_roots: int) -> tuple[str, ...]:
    """What generates K_level, with the roots up to K_of_roots."""
    field = formulas.field
    roots = [root.v for root in field.roots if root.level <= of_roots]
    return tuple(formulas.name(v) for v in (*field.tower[: level + 1], *roots))


def _shape(
    formulas: Formulas, found: integration.NoSolution | integration.NotLimited, g: list[Element]
) -> dict[str, Any]:
    """What each solution of an equation would look like, where that can be said."""
    field = formulas.field
    f, known = field.zero, False
    if isinstance(found, integration.NoSolution):
        if found.units:  # whose constants are unknown, too
            return {"shape": None, "poles": False}
        f, known = found.f, not found.roots  # then exp of the integral of f is a power of v
    try:
        form = form_of_solutions(field, f, g, found.level, transcendental=known)
    except Undecided:
        form = None
    if form is None or form.bound is None:
        return {"shape": None, "poles": form is not None}
    shape = model.Shape(
        formulas.name(form.v),
        form.shift,
        formulas.of(form.divisor),
        form.bound,
        tuple(_conditions(formulas, f, g, form)) if form.v == field.tower[0] else (),
    )
    return {"shape": shape, "poles": False}


def _conditions(formulas: Formulas, f: Element, g: list[Element], form: Form) -> Iterator[model.Condition]:
    """What D y + f y + c g_1 + ... = g_0 means for the coefficients of y: an equation for each power of x."""
    if form.bound is None or form.bound > LARGEST_SYSTEM:
        return
    field, x = formulas.field, form.v
    powers = [field.power(x, j + form.shift) / form.divisor for j in range(form.bound + 1)]
    images = [field.derive(y) + f * y for y in powers]
    unknowns = [*(f"c{j}" for j in range(len(images))), *(["c"] if len(g) > 1 else [])]
    for *row, right in constraints(field, [*images, *g[1:], g[0]]):
        factors = [formulas.of(factor) for factor in row]
        left: Node = 0 if None not in factors else None
        for factor, unknown in zip(factors, unknowns, strict=True):
            left = None if left is None else added(left, multiplied(factor, unknown))
        yield model.Condition(left, formulas.of(right))
