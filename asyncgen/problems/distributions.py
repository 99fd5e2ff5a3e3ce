"""How functions are drawn: the named presets, their laws of operator counts, what can be drawn from at all.

Every fault of a distribution or a specification is a UsageError of one line: what, where, what to do.
"""

from collections.abc import Collection
from dataclasses import replace

from asyncgen.problems.errors import UsageError
from asyncgen.problems.kinds import KINDS, MIXTURE, SECOND_LAW, WITHOUT_TREES, check_table
from asyncgen.problems.spec import (
    Distribution,
    GeometricIntegers,
    Law,
    OperatorCount,
    Spec,
    UniformIntegers,
    Weights,
)
from asyncgen.problems.tokens import BINARY, UNARY
from asyncgen.problems.typed import check_order, number_in, unknown, weight_in, whole_in

# `rac` is left out of sampling: a root of random order says nothing that `pow` and `div` do not.
SAMPLED_BINARY = tuple(name for name in BINARY if name != "rac")
SAMPLED_LEAVES = ("x", "integer", "pi", "E")
MAX_OPERATORS = 100
MAX_INTEGERS = 100_000  # each integer that may be drawn has an entry in a table
MAX_RATIO = 0.99
LEAST_SHARE_OF_X = 1 / 1000  # a function without x is drawn again: this bounds how often


def _even(names: str, weight: float = 1.0) -> Weights:
    return tuple((name, weight) for name in names.split())


PRESETS: dict[str, Distribution] = {
    # The released data of Lample & Charton (arXiv 1912.01412, appendix C), forward generation.
    "lample-charton": Distribution(
        binary=(("add", 10.0), ("mul", 10.0), ("div", 5.0), ("sub", 3.0)),
        unary=(
            *_even("sqrt pow2 ln exp sin cos tan", 4.0),
            ("pow3", 2.0),
            *_even("pow4 pow5 asin acos atan sinh cosh tanh asinh acosh atanh"),
        ),
        leaves=(("x", 0.75), ("integer", 0.25)),
        integers=UniformIntegers(low=1, high=5),
        operators=(OperatorCount(3, 15, 39.0), OperatorCount(0, 2, 1.0)),
    ),
    # The law of cckolon/intclass: operators alike, integers floor(1 - ln U), U uniform in (0, 1).
    "intclass": Distribution(
        binary=_even("add sub mul div pow"),
        unary=_even("ln exp sin cos tan sqrt asin acos atan"),
        leaves=(("x", 0.5), ("integer", 0.5)),
        integers=GeometricIntegers(ratio=0.36787944117144233),  # 1/e
        operators=(OperatorCount(1, 15),),
    ),
}
DEFAULT_PRESET = PAPER_PRESET = "lample-charton"  # the latter has a law of operator counts for each kind


def preset(name: str) -> Distribution:
    """The preset of this name; UsageError, with the nearest name, if there is none."""
    if name not in PRESETS:
        raise UsageError(f"no preset {unknown(name, PRESETS)}")
    return PRESETS[name]


def with_operator_range(distribution: Distribution, low: int | None, high: int | None) -> Distribution:
    """The distribution with its operator counts moved into low..high, as `law_within` does."""
    changed = replace(distribution, operators=law_within(distribution.operators, low, high))
    check_distribution(changed)
    return changed


def law_within(law: Law, low: int | None, high: int | None) -> Law:
    """A law of operator counts moved into low..high; None leaves a bound alone.

    Both bounds: uniform in low..high. One bound: every part keeps its weight and is cut there, a
    part with nothing left goes, and the outermost parts stretch to a bound that lies beyond them.
    """
    for bound in (low, high):
        if bound is not None and not 0 <= bound <= MAX_OPERATORS:
            raise UsageError(f"{bound} operators: there may be 0..{MAX_OPERATORS}")
    if low is not None and high is not None:
        return (OperatorCount(low, high),)
    parts = law
    if low is not None:
        least = min(part.low for part in parts)
        starts = (low if part.low == least else max(low, part.low) for part in parts)
        parts = tuple(replace(part, low=start) for part, start in zip(parts, starts, strict=True))
    elif high is not None:
        most = max(part.high for part in parts)
        ends = (high if part.high == most else min(high, part.high) for part in parts)
        parts = tuple(replace(part, high=end) for part, end in zip(parts, ends, strict=True))
    parts = tuple(part for part in parts if part.low <= part.high)
    if not parts:
        raise UsageError("no operator count of the distribution is in that range: give both bounds")
    return parts


def with_law(spec: Spec, law: Law) -> Spec:
    """The specification with this law of operator counts for each of its kinds that has one."""
    assert spec.distribution is not None  # functions of a file are as they are
    shares = (replace(share, operators=law) if share.operators else share for share in spec.mixture)
    return replace(spec, distribution=replace(spec.distribution, operators=law), mixture=tuple(shares))


def check_spec(spec: Spec) -> None:
    """Raise UsageError, which names the wrong part, if these problems cannot be drawn here."""
    if spec.distribution is None:
        raise UsageError("these functions come from a file: asyncgen label FILE makes their rows")
    check_distribution(spec.distribution)
    if spec.kind == MIXTURE or spec.mixture:
        _check_mixture(spec, spec.distribution)
    if any(share.kind == "parts-lookup" for share in spec.shares):
        check_distribution(replace(spec.distribution, operators=SECOND_LAW))
    check_table(spec)


def _check_mixture(spec: Spec, distribution: Distribution) -> None:
    names = [share.kind for share in spec.mixture]
    for share in spec.mixture:
        if share.kind not in KINDS:
            raise UsageError(f"[kinds] has no {unknown(share.kind, KINDS)}")
        if not weight_in(f"[kinds] {share.kind}", share.weight):
            raise UsageError(f"[kinds] {share.kind} needs a weight above 0: leave it out otherwise")
        if share.kind not in WITHOUT_TREES:
            check_distribution(replace(distribution, operators=share.operators))
    if spec.kind != MIXTURE or len(set(names)) < max(2, len(names)):
        raise UsageError("a mixture has several kinds, each named once")


def check_distribution(distribution: Distribution) -> None:
    """Raise UsageError, which names the wrong part, if nothing can be drawn from this."""
    _check_weights("binary", distribution.binary, SAMPLED_BINARY)
    _check_weights("unary", distribution.unary, UNARY)
    _check_leaves(distribution.leaves)
    _check_integers(distribution.integers)
    check_law(distribution.operators)
    _check_shape(distribution)


def _check_weights(table: str, weights: Weights, allowed: Collection[str]) -> None:
    for name, weight in weights:
        if name not in allowed:
            raise UsageError(f"[{table}] has no {unknown(name, allowed)}")
        weight_in(f"[{table}] {name}", weight)
    if len({name for name, _ in weights}) < len(weights):
        raise UsageError(f"[{table}] gives a name twice: keep one of the two")
    if weights and not any(weight for _, weight in weights):
        raise UsageError(f"[{table}] has only weights of 0: give one a positive weight")


def _check_leaves(weights: Weights) -> None:
    _check_weights("leaves", weights, SAMPLED_LEAVES)
    share = dict(weights).get("x", 0.0)
    if share == 0 or share < LEAST_SHARE_OF_X * sum(weight for _, weight in weights):
        raise UsageError(
            "[leaves] x has too little weight, and every function needs an x: "
            f"give it at least {LEAST_SHARE_OF_X} of the total"
        )


def _check_integers(law: UniformIntegers | GeometricIntegers) -> None:
    if isinstance(law, GeometricIntegers):
        if not 0 < number_in("[integers] ratio", law.ratio) <= MAX_RATIO:
            raise UsageError(f"[integers] ratio must lie above 0 and up to {MAX_RATIO}")
        return
    low, high = whole_in("[integers] low", law.low), whole_in("[integers] high", law.high)
    if not isinstance(law.nonzero, bool):
        raise UsageError("[integers] nonzero must be true or false")
    check_order("[integers]", low, high)
    if high - low >= MAX_INTEGERS or max(-low, high) > 10**15:
        raise UsageError(f"[integers] low..high holds too much: at most {MAX_INTEGERS} integers")
    if law.nonzero and low == high == 0:
        raise UsageError("[integers] has nothing but 0, which nonzero = true leaves out: widen it")


def check_law(parts: Collection[OperatorCount]) -> None:
    """Raise UsageError if no number of operators can be drawn from these."""
    for part in parts:
        low, high = whole_in("operators low", part.low), whole_in("operators high", part.high)
        check_order("operators", low, high)
        if low < 0 or high > MAX_OPERATORS:
            raise UsageError(f"operators {low}..{high} must lie within 0..{MAX_OPERATORS}")
        weight_in("operators weight", part.weight)
    if not any(part.weight for part in parts):
        raise UsageError("operators has no part of positive weight: give at least one")


def _check_shape(distribution: Distribution) -> None:
    names = ("leaves", "unary", "binary")
    sizes = {
        name: whole_in(f"[shape] {name}", size) for name, size in zip(names, distribution.shape, strict=True)
    }
    if not 1 <= sizes["leaves"] <= 1000 or not all(0 <= size <= 1000 for size in sizes.values()):
        raise UsageError("[shape] leaves must lie in 1..1000, unary and binary in 0..1000")
    if not any(shape_of_trees(distribution)[1:]) and any(
        part.high for part in distribution.operators if part.weight
    ):
        raise UsageError("there are no operators to build from: add names to [unary] or [binary]")


def shape_of_trees(distribution: Distribution) -> tuple[int, int, int]:
    """(L, p1, p2) of the tree counts, with 0 for an arity that has no operators."""
    leaves, unary, binary = distribution.shape
    return leaves, unary if distribution.unary else 0, binary if distribution.binary else 0
