"""Does a proof that a function is not elementary hold when the function is looked at in other ways?

Each proof of `risch` on N sampled functions (preset lample-charton) is asked for again:

- mirrored: the operands of sums and products change places, and so does the order of the kernels;
- exponentials: circular and hyperbolic functions and their inverses are written with exp(I*u) and logarithms;
- half angles: sines and cosines are written with tangents of half of the angle, roots as powers, and so on;
- x -> exp(x), x -> 1/x: the function in another variable, f(x(t)) x'(t), which is elementary if f is.

Prints how often each way agrees or stays undecided, then each contradiction; exit status 1 if there is one.

    python benchmarks/other_paths.py [--sizes 1-5,1-15 --n 2000 --seed 20]
"""

import argparse
import sys
from collections import Counter
from collections.abc import Callable, Iterator
from pathlib import Path
from random import Random

from rounds import table

from asyncgen.mathematics.check import check
from asyncgen.mathematics.cpu_limit import EXPIRED, within
from asyncgen.mathematics.engines.risch.decision import Decision, decide
from asyncgen.mathematics.engines.risch.expressions import Node, X, multiplied, parsed, replaced, tokens_of
from asyncgen.mathematics.fields.errors import Degenerate, Undecided
from asyncgen.problems.distributions import PRESETS, with_operator_range
from asyncgen.problems.infix_text import to_infix
from asyncgen.problems.records import CpuLimits, Status
from asyncgen.problems.spec import Spec
from asyncgen.sampler import Sampler
from asyncgen.worker import solve

sys.path.insert(0, str(Path(__file__).parent.parent / "tests" / "support"))
from derivatives import rewritten, tree

CPU_LIMIT = 5.0  # seconds, for one way
_EXPONENTIALS = {
    "sin": "(exp(I*x) - exp(-I*x))/(2*I)",
    "cos": "(exp(I*x) + exp(-I*x))/2",
    "tan": "-I*(exp(2*I*x) - 1)/(exp(2*I*x) + 1)",
    "sinh": "(exp(x) - exp(-x))/2",
    "cosh": "(exp(x) + 1/exp(x))/2",
    "tanh": "1 - 2/(exp(2*x) + 1)",
    "atan": "I/2*(log(1 - I*x) - log(1 + I*x))",
    "atanh": "(log(1 + x) - log(1 - x))/2",
    "asinh": "log(x + sqrt(x**2 + 1))",
    "acosh": "log(x + sqrt(x - 1)*sqrt(x + 1))",
    "asin": "-I*log(I*x + sqrt(1 - x**2))",
    "acos": "-I*log(x + I*sqrt(1 - x**2))",
}


def mirrored(node: Node) -> Node:
    """The same function with its operands in the other order."""
    if not isinstance(node, tuple):
        return node
    operands = [mirrored(operand) for operand in node[1:]]
    if node[0] in ("add", "mul"):
        operands.reverse()
    if node[0] == "sub":
        return ("add", ("mul", -1, operands[1]), operands[0])
    return (node[0], *operands)


def in_exponentials(node: Node) -> Node:
    """The same function without circular, hyperbolic and inverse functions."""
    if not isinstance(node, tuple):
        return node
    operands = [in_exponentials(operand) for operand in node[1:]]
    form = _EXPONENTIALS.get(node[0])
    return (node[0], *operands) if form is None else replaced(tree(form), X, operands[0])


def in_half_angles(node: Node) -> Node:
    """The same function with all that tests/support/derivatives.py can write in another way."""
    return rewritten(node, Random(0), share=1.0)


def in_exponential(node: Node) -> Node:
    """f(exp(x)) exp(x)."""
    return multiplied(replaced(node, X, ("exp", X)), ("exp", X))


def in_reciprocal(node: Node) -> Node:
    """-f(1/x)/x^2."""
    return ("div", replaced(node, X, ("inv", X)), ("mul", -1, ("pow2", X)))


WAYS: dict[str, Callable[[Node], Node]] = {
    "mirrored": mirrored,
    "exponentials": in_exponentials,
    "half angles": in_half_angles,
    "x -> exp(x)": in_exponential,
    "x -> 1/x": in_reciprocal,
}


def functions(low: int, high: int, n: int, seed: int) -> Iterator[Node]:
    """The first n functions of a stream that are not degenerate."""
    sampler, index = Sampler(Spec(with_operator_range(PRESETS["lample-charton"], low, high), seed=seed)), 0
    limits = CpuLimits(parse=5.0, engines=(), check=1.0)
    while n:
        problem = sampler.problem(index)
        index += 1
        if solve(problem, limits).status is not Status.DEGENERATE:
            n -= 1
            yield parsed(problem.prefix.split())


def decided(node: Node) -> Decision | None:
    """The decision, None where there is none within the limit."""
    try:
        found = within(CPU_LIMIT, lambda: decide(node))
    except (Undecided, Degenerate):
        return None
    return None if found is EXPIRED else found


def said(found: Decision | None, node: Node) -> str:
    """In a word, what another way says of a function that is proven not elementary."""
    if found is None:
        return "undecided"
    if found.is_proof:
        return "agrees"
    verdicts = {check(tokens_of(node), tokens_of(candidate)).verdict.value for candidate in found.candidates}
    return "CONTRADICTS" if "confirmed" in verdicts else "says elementary, unconfirmed"


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--sizes", default="1-5,1-15")
    parser.add_argument("--n", type=int, default=2000)
    parser.add_argument("--seed", type=int, default=20)
    parser.add_argument("--quick", action="store_true", help="a smoke test of 12 functions of each size")
    options = parser.parse_args()
    if options.quick:
        options.n = 12
    counts: dict[tuple[str, str], Counter[str]] = {}
    contradictions = []
    for size in options.sizes.split(","):
        low, high = map(int, size.split("-"))
        for node in functions(low, high, options.n, options.seed):
            first = decided(node)
            if first is None or not first.is_proof:
                continue
            for name, rewrite in WAYS.items():
                other = rewrite(node)
                word = said(decided(other), other)
                counts.setdefault((size, name), Counter())[word] += 1
                if word not in ("agrees", "undecided"):
                    contradictions.append(f"{name}: {word}: {to_infix(tokens_of(node))}")
    words = sorted({word for counter in counts.values() for word in counter})
    table(
        ["operators", "way", *words],
        [[*key, *(str(counter[word]) for word in words)] for key, counter in counts.items()],
    )
    print("\n".join(contradictions))
    if any("CONTRADICTS" in line for line in contradictions):
        sys.exit(1)


if __name__ == "__main__":
    main()
