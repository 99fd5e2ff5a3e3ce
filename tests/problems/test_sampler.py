"""The law of the sampled functions, against brute-force enumeration and exact arithmetic."""

import subprocess
import sys
from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import replace
from fractions import Fraction
from itertools import islice
from math import prod, sqrt
from typing import TypeVar

import pytest

from asyncgen.problems.distributions import PRESETS, with_operator_range
from asyncgen.problems.errors import UsageError
from asyncgen.problems.spec import Distribution, GeometricIntegers, OperatorCount, Spec, UniformIntegers
from asyncgen.problems.tokens import ARITY, fold
from asyncgen.problems.trees import TreeCounts
from asyncgen.sampler import Sampler

PLAIN = Distribution(
    binary=(("add", 1.0),),
    unary=(("sin", 1.0),),
    leaves=(("x", 1.0),),
    integers=UniformIntegers(),
    operators=(OperatorCount(0, 5),),
)
SCHROEDER = (1, 2, 6, 22, 90, 394, 1806)
K = TypeVar("K")
Shape = tuple[int, ...]  # arities in prefix order


def shapes(operators: int) -> Iterator[Shape]:
    """Every unary-binary tree with that many internal nodes, straight from the definition."""
    if operators == 0:
        yield (0,)
        return
    for child in shapes(operators - 1):
        yield (1, *child)
    for left in range(operators):
        for first in shapes(left):
            for second in shapes(operators - 1 - left):
                yield (2, *first, *second)


def weight(shape: Shape, kinds: tuple[int, int, int]) -> int:
    """How many labelled trees a shape stands for: L, p1 or p2 for each node."""
    return prod(kinds[arity] for arity in shape)


def forest_weight(empty: int, operators: int, kinds: tuple[int, int, int]) -> int:
    """The weight of all rows of `empty` trees with `operators` internal nodes together."""
    if empty == 0:
        return int(operators == 0)
    return sum(
        weight(tree, kinds) * forest_weight(empty - 1, operators - used, kinds)
        for used in range(operators + 1)
        for tree in shapes(used)
    )


def shape_of(prefix: str) -> Shape:
    return tuple(ARITY.get(token, 0) for token in prefix.split() if not token.isdigit())


def assert_follows(seen: Mapping[K, int], law: Mapping[K, Fraction]) -> None:
    """Pearson's chi-square test at p = 0.0005 (quantile by Wilson and Hilferty); the seed is fixed."""
    assert set(seen) <= set(law)
    total, free = sum(seen.values()), len(law) - 1
    expected = {key: float(total * share / sum(law.values())) for key, share in law.items()}
    statistic = sum((seen.get(key, 0) - mean) ** 2 / mean for key, mean in expected.items())
    assert statistic < free * (1 - 2 / (9 * free) + 3.29 * sqrt(2 / (9 * free))) ** 3


def prefixes(distribution: Distribution, count: int) -> list[str]:
    problems = Sampler(Spec(distribution)).stream([range(count)])
    return [problem.prefix for problem in problems]


def test_counts_are_the_large_schroeder_numbers() -> None:
    """With L = p1 = p2 = 1, D(1, n) is the number of unary-binary trees with n internal nodes."""
    counts = TreeCounts((1, 1, 1), 6)
    assert tuple(counts.count(1, n) for n in range(7)) == SCHROEDER
    assert tuple(sum(1 for _ in shapes(n)) for n in range(7)) == SCHROEDER


@pytest.mark.parametrize("kinds", [(1, 1, 1), (2, 1, 3), (3, 2, 0), (2, 0, 1)])
def test_counts_equal_enumeration(kinds: tuple[int, int, int]) -> None:
    """D(e, n) is the weight of all ways to fill e empty nodes with n operators, for any L, p1, p2."""
    counts = TreeCounts(kinds, 6)
    for empty in range(4):
        for operators in range(4):
            assert counts.count(empty, operators) == forest_weight(empty, operators, kinds)


@pytest.mark.parametrize(
    ("kinds", "operators"),
    [((1, 1, 1), 5), ((2, 1, 3), 3), ((1, 3, 2), 4), ((3, 2, 0), 4), ((2, 0, 1), 4)],
)
def test_ranks_meet_every_shape_by_its_weight(kinds: tuple[int, int, int], operators: int) -> None:
    """Over all ranks below D(1, n), each shape comes exactly as often as its weight: it is unbiased."""
    counts = TreeCounts(kinds, operators)
    ranks = range(counts.count(1, operators))
    found = Counter(tuple(counts.arities(operators, rank)) for rank in ranks)
    expected = {shape: weight(shape, kinds) for shape in shapes(operators)}
    assert found == {shape: share for shape, share in expected.items() if share}


def test_hundred_operators_are_within_reach() -> None:
    """The largest tree that may be asked for has 100 internal nodes and exact counts."""
    counts = TreeCounts((3, 2, 2), 100)
    for rank in (0, counts.count(1, 100) // 2, counts.count(1, 100) - 1):
        arities = counts.arities(100, rank)
        assert sum(arity > 0 for arity in arities) == 100
        assert sum(arities) == len(arities) - 1


@pytest.mark.parametrize("operators", [1, 2, 3, 4, 5])
def test_shapes_are_equally_likely(operators: int) -> None:
    """With the preset's L = p1 = p2 = 1 every shape of n operators has the same chance."""
    law = dict.fromkeys(shapes(operators), Fraction(1))
    drawn = prefixes(with_operator_range(PLAIN, operators, operators), 40 * len(law))
    assert_follows(Counter(map(shape_of, drawn)), law)


def test_shape_weights_shift_the_shapes() -> None:
    """Other (L, p1, p2) change the law of the shapes to their weights."""
    kinds = (2, 1, 3)
    law = {shape: Fraction(weight(shape, kinds)) for shape in shapes(3)}
    drawn = prefixes(replace(with_operator_range(PLAIN, 3, 3), shape=kinds), 5000)
    assert_follows(Counter(map(shape_of, drawn)), law)


def test_operator_counts_follow_their_law() -> None:
    """Uniform in 3..15, and with probability 1/40 uniform in 0..2, also after redrawing without x."""
    law = {n: Fraction(39, 40 * 13) if n >= 3 else Fraction(1, 40 * 3) for n in range(16)}
    problems = Sampler(Spec(PRESETS["lample-charton"])).stream([range(12000)])
    assert_follows(Counter(problem.operators for problem in problems), law)


def test_redrawing_keeps_the_operator_count() -> None:
    """Where x is rare, small functions are redrawn often, and stay as frequent as they should be."""
    leaves = (("x", 0.1), ("integer", 0.9))
    distribution = replace(with_operator_range(PLAIN, 0, 3), leaves=leaves)
    problems = Sampler(Spec(distribution)).stream([range(2000)])
    law = dict.fromkeys(range(4), Fraction(1))
    assert_follows(Counter(problem.operators for problem in problems), law)


def test_operators_are_drawn_by_weight() -> None:
    """Each arity's operators come in proportion to their weights, whatever the shape."""
    distribution = with_operator_range(PRESETS["lample-charton"], 8, 8)
    seen = Counter(token for prefix in prefixes(distribution, 4000) for token in prefix.split())
    for table in (distribution.unary, distribution.binary):
        law = {name: Fraction(share) for name, share in table}
        assert_follows({name: seen[name] for name in law}, law)


def test_leaves_are_drawn_by_weight() -> None:
    """Leaves follow their weights and integers their own law; long trees make redrawing rare."""
    leaves = (("x", 0.5), ("integer", 0.375), ("pi", 0.125))
    integers = UniformIntegers(low=-2, high=12)
    base = replace(with_operator_range(PLAIN, 60, 60), shape=(1, 1, 4))
    drawn = prefixes(replace(base, leaves=leaves, integers=integers), 400)
    seen: Counter[str | int] = Counter()
    for prefix in drawn:
        fold(prefix.split(), lambda leaf: seen.update([leaf]), lambda _token, _operands: None)
    each = Fraction(3, 8) / 14
    law: dict[str | int, Fraction]
    law = {"x": Fraction(1, 2), "pi": Fraction(1, 8), **dict.fromkeys(range(-2, 13), each)}
    del law[0]
    assert_follows(seen, law)


def test_geometric_integers_follow_their_law() -> None:
    """P(k) is proportional to ratio**k, which for ratio 1/e is the law of floor(1 - ln U)."""
    distribution = replace(
        with_operator_range(PLAIN, 1, 1),
        unary=(),
        leaves=(("x", 1.0), ("integer", 1.0)),
        integers=GeometricIntegers(0.5),
    )
    seen = Counter(prefix.split()[-1] for prefix in prefixes(distribution, 6000))
    few = {name: seen[name] for name in "1234"}
    assert_follows(few, {name: Fraction(1, 2 ** int(name)) for name in few})


@pytest.mark.parametrize("name", sorted(PRESETS))
def test_every_problem_is_a_function_of_x(name: str) -> None:
    """Every problem is one expression with x in it and as many internal nodes as it says."""
    for problem in Sampler(Spec(PRESETS[name])).stream([range(500)]):
        tokens = problem.prefix.split()
        fold(tokens, lambda _: None, lambda _token, _operands: None)
        assert "x" in tokens
        assert problem.operators == sum(token in ARITY for token in tokens)
        assert problem.kind == "forward"


def test_no_operators_leave_x_itself() -> None:
    """With 0 operators only x can be drawn, because every function contains x."""
    distribution = with_operator_range(PRESETS["intclass"], 0, 0)
    assert set(prefixes(distribution, 50)) == {"x"}


def test_absent_arities_are_not_drawn() -> None:
    """Without unary operators trees are binary only; without binary ones they are chains."""
    assert prefixes(replace(with_operator_range(PLAIN, 2, 2), binary=()), 3) == ["sin sin x"] * 3
    trees = prefixes(replace(with_operator_range(PLAIN, 2, 2), unary=()), 40)
    assert set(trees) == {"add x add x x", "add add x x x"}


def test_random_access_equals_streaming() -> None:
    """Problem i is the same alone, in a stream, and in whatever order it is asked for."""
    spec = Spec(PRESETS["lample-charton"], seed=3)
    streamed = list(Sampler(spec).stream([range(5, 20), range(2)]))
    fresh = Sampler(spec)
    wanted = [*range(5, 20), 0, 1]
    again = {index: fresh.problem(index) for index in reversed(wanted)}
    assert streamed == [again[index] for index in wanted]


def test_streams_may_be_endless() -> None:
    """A stream draws a problem only when it is asked for."""
    stream = Sampler(Spec(PLAIN)).stream([range(10**18)])
    assert [problem.index for problem in islice(stream, 3)] == [0, 1, 2]


def test_seed_and_distribution_decide_the_stream() -> None:
    """Another seed, or another weight, gives other problems."""
    base = PRESETS["lample-charton"]
    specs = [Spec(base), Spec(base, seed=1), Spec(replace(base, binary=(("add", 1.0),)))]
    streams = [list(Sampler(spec).stream([range(20)])) for spec in specs]
    functions = {problem.prefix for stream in streams for problem in stream}
    assert len(functions) > 55  # of 60: small ones may come twice


@pytest.mark.parametrize("index", [-1, 2**64])
def test_index_out_of_range_is_refused(index: int) -> None:
    """An index is an unsigned 64-bit integer; anything else is a misuse that is named."""
    with pytest.raises(UsageError, match="index"):
        Sampler(Spec(PLAIN)).problem(index)


def test_sampler_does_not_import_sympy() -> None:
    """The parent process samples, and never pays for SymPy."""
    code = "import asyncgen.sampler, asyncgen.problems.infix, sys; sys.exit('sympy' in sys.modules)"
    subprocess.run([sys.executable, "-c", code], check=True)


GOLDEN = {
    ("lample-charton", 0, 0): "mul pow3 add x add x INT+ 3 x",
    ("lample-charton", 0, 2): "tan add atan INT+ 4 x",
    (
        "lample-charton",
        0,
        123_456_789_012,
    ): "div add add mul x pow3 x x mul x add add INT+ 1 exp mul x x INT+ 1 x",
    ("lample-charton", 7, 2): "ln mul x add sub mul add INT+ 4 add x x add x x mul INT+ 4 add x x div x x",
    ("intclass", 0, 0): "pow x pow pow asin mul add x sub INT+ 1 x mul x INT+ 1 INT+ 1 sub x INT+ 1",
    (
        "intclass",
        5,
        18_446_744_073_709_551_615,
    ): "div x mul sqrt sub x add pow INT+ 2 x exp INT+ 1 add x sub x exp ln cos sub atan INT+ 2 x",
}


def test_stream_has_not_changed() -> None:
    """The published streams stay as they are; where they must change, SAMPLING_VERSION is raised."""
    for (name, seed, index), prefix in GOLDEN.items():
        assert Sampler(Spec(PRESETS[name], seed=seed)).problem(index).prefix == prefix
