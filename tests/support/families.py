"""Random families of functions for tests, and mpmath as the oracle of whether they solve an equation."""

import random
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from typing import Any

import mpmath
from mpmath import mp

from asyncgen.problems.distributions import preset
from asyncgen.problems.spec import OperatorCount, Spec
from asyncgen.problems.tokens import ALL_LEAVES, ARITY, UNKNOWNS, fold
from asyncgen.sampler import Sampler

DIGITS = 150
UNDEFINED = (ArithmeticError, ValueError, mpmath.libmp.NoConvergence)


@dataclass(frozen=True)
class Drawn:
    """What is random in an attempt: this function, and words that follow from a number."""

    tokens: Sequence[str]
    number: int = 0
    structural: bool = False

    @property
    def operators(self) -> int:
        return sum(token in ARITY for token in self.tokens)

    def function(self, part: str = "") -> list[str]:
        return list(self.tokens)

    def second(self) -> list[str]:
        raise NotImplementedError

    def words(self, part: str) -> Iterator[int]:
        stream = random.Random(f"{self.number} {part}")
        while True:
            yield stream.getrandbits(64)


def draws(low: int, high: int, count: int) -> Iterator[Drawn]:
    """Random functions of so many operators."""
    law = replace(preset("lample-charton"), operators=(OperatorCount(low, high),))
    sampler = Sampler(Spec(law, "forward", 0))
    for number in range(count):
        yield Drawn(sampler.problem(number).prefix.split(), number)


def residuals(problem: Sequence[str], answer: Sequence[str], order: int, seed: int) -> Iterator[mpmath.mpf]:
    """How far the highest derivative is from what the equation says, relatively, where Y is real.

    At random points, and to first order: the equation's value over its slope with respect to the derivative.
    """
    stream = random.Random(seed)
    with mp.workdps(DIGITS):
        for _ in range(30):
            signs = (1, -1)
            numbers = [mp.mpf(stream.choice(signs) * stream.uniform(0.4, 1.6)) for _ in ("x", "a8", "a9")]
            found = _residual(problem, answer, order, dict(zip(("x", "a8", "a9"), numbers, strict=True)))
            if found is not None:
                yield found


def _residual(
    problem: Sequence[str], answer: Sequence[str], order: int, names: dict[str, mpmath.mpf]
) -> mpmath.mpf | None:
    def solution(x: mpmath.mpf) -> mpmath.mpc:
        return value(answer, {**names, "x": x})

    def equation(highest: mpmath.mpf) -> mpmath.mpc:
        return value(problem, {**names, **dict(zip(UNKNOWNS, [*lower, highest], strict=False))})

    try:
        *lower, highest = (mp.diff(solution, names["x"], number) for number in range(order + 1))
        if any(abs(mp.im(number)) > 1e-20 for number in (*lower, highest)):
            return None
        return abs(equation(highest) / mp.diff(equation, highest)) / (1 + abs(highest))
    except UNDEFINED:
        return None


def value(tokens: Sequence[str], names: dict[str, mpmath.mpf]) -> mpmath.mpc:
    """The value of a function, by mpmath alone."""
    known = {**names, "pi": mp.pi, "E": mp.e}
    return fold(tokens, lambda leaf: known.get(leaf, leaf), _apply, ALL_LEAVES)


def _apply(name: str, operands: list[mpmath.mpc]) -> mpmath.mpc:
    first = mp.mpmathify(operands[0])
    binary = {"add": "__add__", "sub": "__sub__", "mul": "__mul__", "div": "__truediv__", "pow": "__pow__"}
    if name in binary:
        return getattr(first, binary[name])(mp.mpmathify(operands[1]))
    if name.startswith("pow"):
        return first ** int(name[3:])
    return 1 / first if name == "inv" else getattr(mp, name)(first)


def family(text: str) -> Any:
    """The tree of a function with constants, written as text."""
    return fold(text.split(), lambda leaf: leaf, lambda token, operands: (token, *operands), ALL_LEAVES)
