"""What rules out an elementary antiderivative, as formulas in the variables of its tower."""

from collections.abc import Iterator
from typing import Any

from asyncgen.mathematics.engines.risch import integration, noted_steps
from asyncgen.mathematics.engines.risch.equations import form_of_solutions
from asyncgen.mathematics.engines.risch.expressions import Node, added, multiplied
from asyncgen.mathematics.engines.risch.formulas import Formulas, applied
from asyncgen.mathematics.engines.risch.linear import constraints
from asyncgen.mathematics.engines.risch.residue_formulas import Poles, polynomial_in_z
from asyncgen.mathematics.engines.risch.solutions import Form
from asyncgen.mathematics.fields.element import Element
from asyncgen.mathematics.fields.errors import NeedsPrime, Undecided
from asyncgen.mathematics.fields.roots import components, product_of
from asyncgen.problems import derivations as model
from asyncgen.problems.derivations import Formula

LARGEST_SYSTEM = 4  # degree of a polynomial whose coefficients are looked at one by one


def obstruction_of(formulas: Formulas, found: integration.Obstruction) -> model.Obstruction:
    """The obstruction in formulas."""
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
    field = formulas.field
    poles = Poles.of(field, found.f, found.v)
    coefficients = poles.residues(field)
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
        units=tuple(_parts_at_roots(formulas, found)),
        field=_generators(formulas, found.level, found.level - bool(found.roots)),
        **_shape(formulas, found, [found.g]),
    )


def _parts_at_roots(formulas: Formulas, found: integration.NoSolution) -> Iterator[model.Component]:
    """The logarithms that an antiderivative may hold, each with what its derivative has at the roots."""
    field = formulas.field
    for formula, slope in [] if found.logarithms is None else units_of(formulas, found.logarithms):
        parts = components(field, slope, field.roots_at(found.level))
        yield model.Component(formula, formulas.of(parts.get(found.roots, field.zero)))


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
        if found.logarithms is not None and (found.logarithms.known or found.logarithms.units):
            return {"shape": None, "poles": False}
        f, known = found.f, not found.roots  # then exp of the integral of f is a power of v
    try:
        form = form_of_solutions(field, f, g, found.level, transcendental=known)
    except (Undecided, NeedsPrime):
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


def units_of(formulas: Formulas, why: noted_steps.NoLogarithm) -> Iterator[tuple[Formula, Element]]:
    """The logarithms that are left, each with its derivative."""
    field = formulas.field
    yield from ((formulas.name(v), field.derivatives[v]) for v in why.known)
    yield from ((applied("ln", formulas.of(w)), field.derive(w) / w) for w in why.units)
