"""Where a derivation meets what rules out an elementary antiderivative, in sentences."""

from collections.abc import Iterator, Sequence

from asyncgen.derivations.blocks import UNKNOWN, Block, Item, Math, Say, Show, applied, listed, shown
from asyncgen.derivations.narrated_steps import equation, limited, power, residues, sections
from asyncgen.problems.derivations import (
    Formula,
    NoSolution,
    NotLimited,
    Obstruction,
    ResiduesVary,
    Shape,
)


def obstruction(found: Obstruction, number: int) -> Iterator[Block]:
    """What rules it out, as step `number`, and the theorem that this rests on."""
    if isinstance(found, ResiduesVary):
        yield from _residues(found, number)
    elif isinstance(found, NoSolution):
        yield from _equation(found, number)
    else:
        yield from _limited(found, number)


def _residues(found: ResiduesVary, number: int) -> Iterator[Block]:
    yield Say((f"{number}. ", *residues(found.variable, found.given, found.denominator)))
    yield Show((shown(found.polynomial), " = ", Math(0)))
    if found.witness is not None:
        yield Say(
            ("They are not constant, as a coefficient of this polynomial has a derivative that is not 0:",)
        )
        yield Show((Math(("D", found.witness)), " = ", shown(found.derivative)))
    else:
        yield Say(("They are not constant: at two points the polynomial is not the same.",))
    yield Say(
        (
            "The residues of a function with an elementary antiderivative are constant (residue criterion, "
            "Bronstein 5.6, from Liouville's theorem, 5.5).",
        )
    )


def _equation(found: NoSolution, number: int) -> Iterator[Block]:
    yield Say(
        (
            f"{number}. By Liouville's theorem (Bronstein 5.5) an elementary antiderivative of ",
            shown(found.given),
            " could only be a product of ",
            power(found.variable, found.power),
            " and a ",
            Math("y"),
            " in ",
            *_field(found.field),
            *_with(found),
            f" with (Risch differential equation, Bronstein {sections(found.variable)})",
        )
    )
    yield equation(found.f, found.g, found.units)
    yield from _no_solution(found.shape, found.poles, "There is no solution")


def _with(found: NoSolution) -> Sequence[Item]:
    """The logarithms with unknown constants that may stand next to y."""
    terms = [applied("mul", f"c{place}", unit.product) for place, unit in enumerate(found.units, start=1)]
    return [", plus ", *listed(terms), ","] if terms else []


def _limited(found: NotLimited, number: int) -> Iterator[Block]:
    yield Say(
        (
            f"{number}. For an elementary antiderivative, the coefficient of the highest power of ",
            Math(found.variable),
            " must be a derivative plus a constant multiple of ",
            Math(("D", found.variable)),
            " (Bronstein 5.8, from Liouville's theorem, 5.5): there must be a ",
            Math("y"),
            " in ",
            *_field(found.field),
            " and a constant ",
            Math("c"),
            " with (limited integration, Bronstein 7.2)",
        )
    )
    yield limited(found.f, found.slope)
    yield from _no_solution(found.shape, found.poles, "There are none")


def _field(names: tuple[str, ...]) -> Sequence[Item]:
    """The field of the rational functions in these variables over the constants."""
    return [Math(("C", *names))] if names else ["the field of the constants"]


def _no_solution(shape: Shape | None, poles: bool, none: str) -> Iterator[Block]:
    if poles:
        yield Say((f"{none}: no ", Math("y"), " can have the poles that this asks for."))
    elif shape is None:
        yield Say((f"{none}.",))
    else:
        yield from _misfit(shape, none)


def _misfit(shape: Shape, none: str) -> Iterator[Block]:
    """That no function of the shape that a solution has is one."""
    y = Math("y")
    if not shape.conditions:
        yield Say((f"{none}: ", y, " would be ", *_form(shape), ", and no such function satisfies it."))
        return
    yield Say((f"{none}: ", y, " would be ", *_form(shape), "."))
    x = shape.variable
    q: Formula = "c0"
    for j in range(1, shape.degree + 1):
        q = ("add", q, ("mul", f"c{j}", x if j == 1 else ("pow", x, j)))
    name = Math("q" if _has_factor(shape) else "y")
    yield Say(("With ", name, " = ", Math(q), ", the powers of ", Math(x), " ask for constants such that"))
    for condition in shape.conditions:
        yield Show((shown(condition.left), " = ", shown(condition.right)))
    yield Say(("and there are none.",))


def _has_factor(shape: Shape) -> bool:
    return bool(shape.shift or shape.divisor != 1)


def _form(shape: Shape) -> Sequence[Item]:
    """What each solution would be: q variable^shift / divisor."""
    form: Formula = "q"
    if shape.shift:
        form = ("mul", form, ("pow", shape.variable, shape.shift))
    if shape.divisor != 1:
        form = ("div", form, UNKNOWN if shape.divisor is None else shape.divisor)
    if shape.degree == 0:
        what = "constant" if shape.variable in ("x", "s") else f"free of {shape.variable}"
        return [what] if form == "q" else [Math(form), ", with ", Math("q"), f" {what}"]
    polynomial: list[Item] = ["a polynomial in ", Math(shape.variable), f" of degree {shape.degree} at most"]
    return polynomial if form == "q" else [Math(form), ", with ", Math("q"), " ", *polynomial]
