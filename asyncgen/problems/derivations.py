"""A derivation: the facts on which the decision on a function rests.

A formula is a nested tuple (token, operand, ...) with integers and names as leaves: x, or s after a change
of the variable, the kernels t1, t2, ..., the root S or roots S1, S2, ..., and z for what runs over the roots
of a polynomial. D is the derivation d/dx (or d/ds). None stands for a formula that is too long, or whose
numbers could not be read.

Each step takes something apart: given = D(integrated) + left.
"""

from dataclasses import dataclass
from enum import StrEnum
from typing import Any, ClassVar

Formula = Any  # int | str | tuple of a token and formulas | None: recursive types cost more than they tell


class Verdict(StrEnum):
    """What became of the function."""

    ELEMENTARY = "elementary"  # there is an antiderivative, confirmed
    NONELEMENTARY = "nonelementary"  # it is shown that there is no elementary one
    UNVERIFIED = "unverified"  # an antiderivative was found that the check does not confirm everywhere
    UNDECIDED = "undecided"
    DEGENERATE = "degenerate"  # the function has no value anywhere


# -- the field -------------------------------------------------------------------------------------------


class KernelKind(StrEnum):
    """What a kernel is over the field beneath it."""

    EXPONENTIAL = "exponential"
    LOGARITHM = "logarithm"
    ROOT = "root"


@dataclass(frozen=True, slots=True)
class Kernel:
    """A variable of the tower: exp(argument), log(argument) over a constant, sqrt(argument).

    derivative: an element of the field. called: what the function calls it, as atan(x); None where that is
    its definition, or nothing.
    """

    name: str
    kind: KernelKind
    definition: Formula
    argument: Formula
    derivative: Formula
    called: Formula = None


@dataclass(frozen=True, slots=True)
class Rewritten:
    """A part of the function, as an element of the field."""

    part: Formula
    value: Formula


@dataclass(frozen=True, slots=True)
class Change:
    """A change of the variable: x as a function of s, and s as one of x."""

    x: Formula
    s: Formula


# -- steps -----------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True, kw_only=True)
class Step:
    """given = D(integrated) + left; `variable` is the top variable, or a product of roots.

    section: where the book has it: M. Bronstein, Symbolic Integration I, 2nd edition.
    """

    kind: ClassVar[str]
    section: ClassVar[str | None] = None
    variable: Formula
    given: Formula
    integrated: Formula
    left: Formula


@dataclass(frozen=True, slots=True, kw_only=True)
class HermiteStep(Step):
    """left = simple + reduced."""

    kind: ClassVar[str] = "hermite"
    section: ClassVar[str | None] = "5.3"
    simple: Formula
    reduced: Formula


@dataclass(frozen=True, slots=True, kw_only=True)
class ResidueStep(Step):
    """Logarithms: the residues at the zeros of `denominator` are the roots z of `polynomial`, constant."""

    kind: ClassVar[str] = "residues"
    section: ClassVar[str | None] = "5.6"
    denominator: Formula
    polynomial: Formula


@dataclass(frozen=True, slots=True, kw_only=True)
class EquationStep(Step):
    """given = g variable^power, integrated = y variable^power: y is a solution of D(y) + f y = g.

    The variable is an exponential, or a product of roots.
    """

    kind: ClassVar[str] = "equation"
    section: ClassVar[str | None] = "5.9"
    power: int
    f: Formula
    g: Formula
    y: Formula


@dataclass(frozen=True, slots=True, kw_only=True)
class LimitedStep(Step):
    """given = f variable^power with f = D(y) + c slope, c constant and slope = D(variable)."""

    kind: ClassVar[str] = "limited"
    section: ClassVar[str | None] = "5.8"
    power: int
    f: Formula
    slope: Formula
    y: Formula
    c: Formula


@dataclass(frozen=True, slots=True, kw_only=True)
class PolynomialStep(Step):
    """A polynomial in the variable with constant coefficients."""

    kind: ClassVar[str] = "polynomial"
    section: ClassVar[str | None] = "5.8"


@dataclass(frozen=True, slots=True)
class Component:
    """A product of roots, and what stands at it."""

    product: Formula
    part: Formula


@dataclass(frozen=True, slots=True, kw_only=True)
class ComponentsStep(Step):
    """given = rest + sum of part * product: it is elementary exactly if each of them is.

    rest and the parts are free of these roots.
    """

    kind: ClassVar[str] = "components"
    rest: Formula
    parts: tuple[Component, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class RootStep(Step):
    """given is a product of roots times what is free of them, left is free of them."""

    kind: ClassVar[str] = "root"


@dataclass(frozen=True, slots=True, kw_only=True)
class NoLogarithmStep(Step):
    """An antiderivative of given holds no logarithm, but for constant multiples of those in `units`.

    varies: given has residues that are not constant. infinite_order: its residues are at places whose divisor
    is no torsion, so that no function has its zeros and poles there. If neither, and there are no units, it
    has no constant residue that is not 0.
    """

    kind: ClassVar[str] = "no logarithm"
    varies: bool
    infinite_order: bool
    units: tuple[Formula, ...]


# -- obstructions ----------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Condition:
    """left = right, which has to hold."""

    left: Formula
    right: Formula


@dataclass(frozen=True, slots=True)
class Shape:
    """Each solution would be y = q variable^shift / divisor, q a polynomial in it of at most this degree.

    conditions: where x or s is the only variable, what this means for q = c0 + c1 x + c2 x^2 + ..., a linear
    equation for each power of the variable. No constants satisfy all. Empty where there are too many.
    """

    variable: str
    shift: int
    divisor: Formula
    degree: int
    conditions: tuple[Condition, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class ResiduesVary:
    """The residues of `given` at the zeros of `denominator` are the roots z of `polynomial`.

    witness: an element that would be constant if they were; derivative: its derivative, not 0.
    """

    kind: ClassVar[str] = "residues"
    rests_on: ClassVar[str] = "Liouville's theorem (5.5), residue criterion (5.6)"
    variable: str
    given: Formula
    denominator: Formula
    polynomial: Formula
    witness: Formula
    derivative: Formula


@dataclass(frozen=True, slots=True, kw_only=True)
class NoSolution:
    """D(y) + f y = g has no solution y in the field that `field` generates; given = g variable^power.

    units: logarithms t that an antiderivative may hold, with the part h that D(t) has at the variable: the
    right side is g less the sum of constants times h then.
    shape: of each solution, where that can be said. poles: whether no solution can have the poles needed.
    """

    kind: ClassVar[str] = "equation"
    rests_on: ClassVar[str] = "Liouville's theorem (5.5), Risch differential equation (5.9, 6)"
    variable: Formula
    given: Formula
    power: int
    f: Formula
    g: Formula
    units: tuple[Component, ...]
    field: tuple[str, ...]
    shape: Shape | None
    poles: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class NotLimited:
    """`f` is not D(y) + c slope for any y of the field and constant c; slope = D(variable).

    shape, poles: as of NoSolution.
    """

    kind: ClassVar[str] = "limited"
    rests_on: ClassVar[str] = "Liouville's theorem (5.5), limited integration (5.8, 7.2)"
    variable: str
    f: Formula
    slope: Formula
    field: tuple[str, ...]
    shape: Shape | None
    poles: bool


Obstruction = ResiduesVary | NoSolution | NotLimited


# -- the whole -------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True, kw_only=True)
class Branch:
    """The function as an element of a field, with one choice of the signs of the roots of squares.

    signs: the roots of squares, each with the value that is taken for it. element: what is integrated.
    antiderivative: of the element, in the field and its logarithms.
    """

    signs: tuple[Rewritten, ...]
    constants: tuple[Formula, ...]
    kernels: tuple[Kernel, ...]
    rewritten: tuple[Rewritten, ...]
    element: Formula
    steps: tuple[Step, ...]
    antiderivative: Formula
    obstruction: Obstruction | None


@dataclass(frozen=True, slots=True)
class Attempt:
    """A way in which the function was looked at without a decision, and where it ended."""

    way: str  # "as it stands", "substitution", "roots", "substitution, roots", "term" (one of the function's)
    function: Formula
    change: Change | None
    reason: str


@dataclass(frozen=True, slots=True)
class Answer:
    """An antiderivative and what the check says of it: a verdict, and the part of the domain it fails on.

    joined: whether those of two signs were put together.
    """

    antiderivative: Formula
    check: str
    agreeing: int  # points at which its derivative was the function
    joined: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Derivation:
    """What an engine found on a function of x, and how.

    reason: where it ended, in words, for what is not elementary. change, branches: the way that decided; or
    parts: the terms of a sum. moduli: the primes modulo which it was decided, and confirmed. special: an
    antiderivative with special functions, next to a proof that there is no elementary one.
    """

    function: Formula
    engine: str
    verdict: Verdict
    reason: str | None = None
    tried: tuple[Attempt, ...] = ()
    change: Change | None = None
    branches: tuple[Branch, ...] = ()
    parts: tuple["Part", ...] = ()
    moduli: tuple[int, ...] = ()
    answer: Answer | None = None
    special: Answer | None = None


@dataclass(frozen=True, slots=True)
class Part:
    """A term of a sum: the sum is the sum of sign * term."""

    sign: int
    derivation: Derivation


def undecided(function: Formula, engine: str, reason: str, tried: tuple[Attempt, ...] = ()) -> Derivation:
    """A function on which nothing was found."""
    return Derivation(function=function, engine=engine, verdict=Verdict.UNDECIDED, reason=reason, tried=tried)
