"""The steps of a derivation in sentences."""

from collections.abc import Callable, Iterator, Sequence
from typing import Any

from asyncgen.derivations.blocks import Block, Item, Math, Say, Show, applied, listed, negated, shown
from asyncgen.problems.derivations import (
    Component,
    ComponentsStep,
    EquationStep,
    Formula,
    HermiteStep,
    LimitedStep,
    NoLogarithmStep,
    PolynomialStep,
    ResidueStep,
    RootStep,
    Step,
)


def step(one: Step, number: int) -> Iterator[Block]:
    """What was done, and what it says: given = D(integrated) + left."""
    first, *others = _STEPS[type(one)](one)
    assert isinstance(first, Say)
    yield Say((f"{number}. ", *first.items))
    yield from others


def taken_apart(one: Step, *left: Formula) -> Show:
    """What is given as D(integrated) and the parts of what is left."""
    items: list[Item] = []
    if one.integrated != 0:
        items.append(applied("D", one.integrated))
    for part in left or (one.left,):
        positive = negated(part) if items else None
        if positive is not None:
            items += [" - ", Math(positive)]
        elif part != 0:
            items += [" + "] * bool(items) + [shown(part)]
    return Show((shown(one.given), " = ", *(items or [Math(0)])))


def equation(f: Formula, g: Formula, units: Sequence[Component] = ()) -> Show:
    """D(y) + f y = g, less constants times the parts of units."""
    less = [item for place, unit in enumerate(units, start=1) for item in _less(unit.part, f"c{place}")]
    left = [] if f == 0 else _signed(f, "y")
    return Show((Math(("D", "y")), *left, " = ", shown(g), *less))


def limited(f: Formula, slope: Formula) -> Show:
    """What has to hold: f = D(y) + c slope."""
    return Show((shown(f), " = ", Math(("D", "y")), *_signed(slope, "c")))


def _signed(formula: Formula, name: str) -> tuple[Item, Item]:
    """A formula times a name, to be added: its sign, and the rest."""
    positive = negated(formula)
    return (" + ", _times(formula, name)) if positive is None else (" - ", _times(positive, name))


def _less(formula: Formula, name: str) -> tuple[Item, Item]:
    """The same, to be subtracted."""
    positive = negated(formula)
    return (" - ", _times(formula, name)) if positive is None else (" + ", _times(positive, name))


def _times(formula: Formula, name: Formula) -> Math:
    """A formula times a name, or another formula."""
    if formula == 1:
        return shown(name)
    if isinstance(formula, tuple) and formula[:2] == ("div", 1):
        return Math(("div", name, formula[2]))
    return applied("mul", formula, name)


def _hermite(one: HermiteStep) -> Iterator[Block]:
    v = Math(one.variable)
    if one.integrated == 0:
        yield Say(("The poles in ", v, " are simple. They are parted from what has none:"))
    else:
        yield Say(("Hermite reduction in ", v, " (Bronstein 5.3) takes away the multiple poles:"))
    yield taken_apart(one, one.simple, one.reduced)


def residues(variable: Formula, given: Formula, denominator: Formula) -> tuple[Item, ...]:
    """That a polynomial, to be shown next, has the residues for its roots."""
    return (
        "The residues of ",
        shown(given),
        ", as a function of ",
        Math(variable),
        ", at the zeros of ",
        shown(denominator),
        " are the roots ",
        Math("z"),
        " of",
    )


def _residues(one: ResidueStep) -> Iterator[Block]:
    yield Say(residues(one.variable, one.given, one.denominator))
    yield Show((shown(one.polynomial), " = ", Math(0)))
    yield Say(("They are constant, so that this part is a sum of logarithms (Bronstein 5.6):",))
    yield taken_apart(one)


def _equation(one: EquationStep) -> Iterator[Block]:
    yield Say(
        (
            "The term ",
            shown(one.given),
            " can only come from a product of ",
            power(one.variable, one.power),
            " and a ",
            Math("y"),
            f" from the field beneath with (Risch differential equation, Bronstein {sections(one.variable)})",
        )
    )
    yield equation(one.f, one.g)
    yield Say(("A solution is ", Math("y"), " = ", shown(one.y), ":"))
    yield taken_apart(one)


def power(variable: Formula, exponent: int) -> Math:
    """A power of a variable."""
    return Math(variable if exponent == 1 else ("pow", variable, exponent))


def sections(variable: Formula) -> str:
    """Where the book says why this differential equation has to have a solution: not for roots."""
    return "5.9 and chapter 6" if isinstance(variable, str) and variable.startswith("t") else "chapter 6"


def _limited(one: LimitedStep) -> Iterator[Block]:
    yield Say(
        (
            "The coefficient of ",
            power(one.variable, one.power),
            " must be a derivative plus a constant multiple of ",
            Math(("D", one.variable)),
            " (limited integration, Bronstein 5.8 and 7.2):",
        )
    )
    yield limited(one.f, one.slope)
    yield Say(
        ("It is, with ", Math("y"), " = ", shown(one.y), " and ", Math("c"), " = ", shown(one.c), ". So")
    )
    yield taken_apart(one)


def _polynomial(one: PolynomialStep) -> Iterator[Block]:
    yield Say(("A polynomial in ", Math(one.variable), " is left:"))
    yield taken_apart(one)


def _components(one: ComponentsStep) -> Iterator[Block]:
    yield Say(("The integrand is parted by products of roots:",))
    yield taken_apart(one, one.rest, *(_times(c.part, c.product).formula for c in one.parts))
    yield Say(("Changing the signs of the roots shows that it is elementary exactly if each of these is.",))


def _root(one: RootStep) -> Iterator[Block]:
    yield Say(("The term ", shown(one.given), " is a derivative, but for what is free of its roots:"))
    yield taken_apart(one)


def _no_logarithm(one: NoLogarithmStep) -> Iterator[Block]:
    given = shown(one.given)
    if one.varies:
        yield Say(
            (
                given,
                " has residues that are not constant. So no logarithm takes them away.",
            )
        )
        return
    if one.infinite_order:
        yield Say(
            (
                given,
                " has residues where no function has its zeros and poles: the divisor of these places is no "
                "torsion, as its orders on two reductions of the curve modulo primes differ (Davenport 1981, "
                "Trager 1984). So no logarithm takes them away.",
            )
        )
    if one.units:
        units = listed([shown(unit) for unit in one.units])
        yield Say(
            (
                "Logarithms in an antiderivative can only be constant multiples of ",
                *units,
                ", as there are no more independent functions with zeros and poles at these places.",
            )
        )
    elif not one.infinite_order:
        yield Say(
            (
                given,
                " has no residue that is constant and not 0, neither at a finite place nor where its root is "
                "not ramified. So an antiderivative holds no logarithm.",
            )
        )


_STEPS: dict[type, Callable[[Any], Iterator[Block]]] = {
    HermiteStep: _hermite,
    ResidueStep: _residues,
    EquationStep: _equation,
    LimitedStep: _limited,
    PolynomialStep: _polynomial,
    ComponentsStep: _components,
    NoLogarithmStep: _no_logarithm,
    RootStep: _root,
}
