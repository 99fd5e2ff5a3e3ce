"""Is a derivative that our own integrator leaves undecided ever ruled out by FriCAS? It must not be.

Draws N functions, spread evenly over the families of tests/support/derivatives.py. What `risch` does not
decide of their derivatives is asked of FriCAS, once on its own word and once as asyncgen takes it: asked a
second time where there are several logarithms, and withdrawn where parts of the function may depend on each
other. Prints the false verdicts that are left, then a row for each family; exit status 1 if there are any.

    python benchmarks/fricas_verdicts.py [--n 2400 --seed 0 --family dependent_roots]
"""

import argparse
import sys
from collections import Counter
from pathlib import Path
from random import Random
from unittest.mock import patch

from asyncgen.mathematics.engines.fricas import engine as module
from asyncgen.mathematics.engines.fricas.engine import Fricas
from asyncgen.mathematics.engines.interface import Answer, Finding, Integrand
from asyncgen.mathematics.engines.pipe import EngineLost
from asyncgen.mathematics.engines.risch.engine import Risch
from asyncgen.mathematics.engines.risch.expressions import tokens_of
from asyncgen.problems.infix_text import to_infix

sys.path.insert(0, str(Path(__file__).parent.parent / "tests" / "support"))
from derivatives import FAMILIES, Family, Pair

CPU_LIMIT = 0.25  # seconds, for each engine
COLUMNS = ("functions", "undecided", "solved", "ruled out at its word", "FALSE")


def on_its_word(fricas: Fricas, integrand: Integrand) -> Answer:
    """FriCAS's answer to the first question, whatever the roots and logarithms."""
    with patch.multiple(module, dependence=lambda _: None, told_apart=lambda _: None):
        return fricas.integrate(integrand, CPU_LIMIT)


def false_verdict(engine: str, pair: Pair) -> Counter[str]:
    """Print it."""
    print(f"FALSE by {engine}: {to_infix(tokens_of(pair.integrand))}")
    print(f"  F = {to_infix(tokens_of(pair.antiderivative))}", flush=True)
    return Counter(["FALSE"])


def look(family: Family, seed: int, index: int, fricas: Fricas) -> Counter[str]:
    """What became of one derivative."""
    pair = family(Random(f"{family.__name__} {seed} {index}"))
    integrand = Integrand(tokens_of(pair.integrand))
    found = Counter(["functions"])
    finding = Risch().integrate(integrand, CPU_LIMIT).finding
    if finding is Finding.SOLVED:
        return found
    if finding is Finding.NONELEMENTARY:
        return found + false_verdict("risch", pair)
    try:
        finding = on_its_word(fricas, integrand).finding
        found.update(["undecided", finding.value])
        if finding is not Finding.NONELEMENTARY:
            return found
        found["ruled out at its word"] += 1
        if fricas.integrate(integrand, CPU_LIMIT).finding is Finding.NONELEMENTARY:
            found += false_verdict("FriCAS", pair)
    except EngineLost:
        found["lost"] += 1
    return found


def main() -> int:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--n", type=int, default=2400)
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--family", choices=[family.__name__ for family in FAMILIES])
    options = parser.parse_args()
    families = tuple(family for family in FAMILIES if options.family in (None, family.__name__))
    rows: dict[str, Counter[str]] = {family.__name__: Counter() for family in families}
    fricas = Fricas()
    for number in range(options.n):
        family, index = families[number % len(families)], number // len(families)
        rows[family.__name__] += look(family, options.seed, index, fricas)
    fricas.close()
    rows["all"] = sum(rows.values(), Counter())
    print(f"| family | {' | '.join(COLUMNS)} |\n|{'---|' * (len(COLUMNS) + 1)}")
    for name, row in rows.items():
        print(f"| {name} | {' | '.join(str(row[column]) for column in COLUMNS)} |")
    return 1 if rows["all"]["FALSE"] else 0


if __name__ == "__main__":
    sys.exit(main())
