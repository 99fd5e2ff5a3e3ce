"""Whether a function is constant, by its values: one test for functions that are drawn and for built ones."""

from collections.abc import Sequence

from flint import acb

from asyncgen.mathematics.programs import Program
from asyncgen.mathematics.values import compile_tokens

PLACES = (0.7109375, 2.328125, -1.2890625, 0.109375, 5.6171875, -0.3359375)  # where a function is tried first
FAR = (-0.01953125, 9.4140625, -12.453125, -21.265625, 35.28125, 77.53125, -118.40625, 1009.5, -1013.5)
OFF_AXIS = tuple(complex(sign * place, place / 3) for place in PLACES for sign in (1, -1))  # not real
MODERATE = 1e300  # values beyond which numbers may be too large for SymPy
MANY_BITS = 512  # at which values that are equal to most digits are taken for the same
SAME_BITS = 200  # to which they must be known then
ENOUGH = 5  # places with the same value that show a constant


def is_constant(tokens: Sequence[str]) -> bool:
    """Whether enough values are known to many digits, and are the same. Raises ParseError."""
    program = compile_tokens(tokens)
    return not varies(program) and are_one(values_of(program))


def is_multiple_of_x(answer: Sequence[str]) -> bool:
    """Whether an antiderivative is c x, as far as values tell; that of what is constant on parts is not."""
    return are_one(values_of(compile_tokens(("div", *answer, "x"))))


def varies(program: Program) -> bool:
    """Whether two values are known, of moderate size, and for certain different."""
    known = None
    for place in PLACES:
        value = program.value_at(place)
        if not value.is_finite() or not value.abs_upper() < MODERATE:
            continue
        if known is not None and not value.overlaps(known):
            return True
        known = value
    return False


def values_of(program: Program) -> list[acb]:
    """The values at all places tried, complex ones among them; (x - x)/(x - x) has none."""
    values = (program.value_at(place, MANY_BITS) for place in (*PLACES, *FAR, *OFF_AXIS))
    return [value for value in values if value.is_finite()]


def are_one(values: list[acb]) -> bool:
    """Whether enough values are known to many digits, and are the same, as of sin(x)**2 + cos(x)**2."""
    known = [value for value in values if value.rad() < (1 + value.abs_upper()) / 2**SAME_BITS]
    return len(known) >= ENOUGH and all(value.overlaps(known[0]) for value in values)
