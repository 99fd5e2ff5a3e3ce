"""Is a derivative of an elementary function ever ruled out by our own integrator? It must not be.

Draws N functions, spread evenly over the families of tests/support (derivatives.py, constants_and_steps.py),
and decides on each derivative within 2 CPU seconds. Prints false proofs, exceptions and answers that the
check does not confirm, then a row for each family, also when interrupted; exit status 1 if there is a false
proof.

    python benchmarks/soundness.py [--n 10000 --seed 0 --family powers]
"""

import argparse
import sys
import traceback
from collections import Counter
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from random import Random
from time import process_time

from asyncgen.mathematics.check import Verdict, check
from asyncgen.mathematics.cpu_limit import EXPIRED, within
from asyncgen.mathematics.engines.risch.decision import Decision, decide
from asyncgen.mathematics.engines.risch.expressions import tokens_of
from asyncgen.mathematics.fields.errors import Degenerate, Undecided
from asyncgen.problems.infix_text import to_infix

sys.path.insert(0, str(Path(__file__).parent.parent / "tests" / "support"))
from constants_and_steps import CONSTANTS_AND_STEPS
from derivatives import FAMILIES as OTHERS
from derivatives import Family, Pair

FAMILIES = OTHERS + CONSTANTS_AND_STEPS
CPU_LIMIT = 2.0  # seconds, for a decision and for a check
COLUMNS = ("functions", "elementary", "confirmed", "undecided", "cut", "exceptions", "FALSE")


@dataclass
class Row:
    """What became of one family's functions."""

    counts: Counter[str] = field(default_factory=Counter)
    seconds: list[float] = field(default_factory=list)
    slowest: tuple[float, str] = (0.0, "")

    def took(self, seconds: float, pair: Pair) -> None:
        self.seconds.append(seconds)
        if seconds > self.slowest[0]:
            self.slowest = (seconds, shown(pair.integrand))

    def line(self, name: str) -> str:
        mean, largest = 1000 * sum(self.seconds) / max(len(self.seconds), 1), 1000 * self.slowest[0]
        cells = (name, *(self.counts[column] for column in COLUMNS), f"{mean:.0f}", f"{largest:.0f}")
        return f"| {' | '.join(map(str, cells))} |"


def shown(node: object) -> str:
    return str(to_infix(tokens_of(node)))


def drawn(family: Family, seed: int, index: int) -> Pair:
    return family(Random(f"{family.__name__} {seed} {index}"))


def try_one(pair: Pair, row: Row, place: str) -> None:
    """Decides, counts, and prints what should not be."""
    row.counts["functions"] += 1
    started = process_time()
    try:
        found = within(CPU_LIMIT, lambda: decide(pair.integrand))
    except (Undecided, Degenerate):
        row.counts["undecided"] += 1
    except Exception as error:
        row.counts["exceptions"] += 1
        frames = "".join(traceback.format_list(traceback.extract_tb(error.__traceback__)[-2:]))
        print(f"EXCEPTION {place} {error!r}\n{frames}  f = {shown(pair.integrand)}", flush=True)
    else:
        if found is EXPIRED:
            row.counts["cut"] += 1
        else:
            count_decision(pair, found, row, place)
    row.took(process_time() - started, pair)


def count_decision(pair: Pair, found: Decision, row: Row, place: str) -> None:
    if not found.is_proof:
        row.counts["elementary"] += 1
        reasons = [reason(pair.integrand, answer) for answer in found.candidates]
        row.counts["confirmed"] += Verdict.CONFIRMED in reasons
        if Verdict.CONFIRMED not in reasons:
            print(f"NOT CONFIRMED {place} {reasons}\n  f = {shown(pair.integrand)}", flush=True)
        return
    row.counts["FALSE"] += 1
    evidence = reason(pair.integrand, pair.antiderivative)
    print(f"FALSE PROOF {place} {found.obstruction}; F' = f: {evidence}")
    print(f"  F = {shown(pair.antiderivative)}\n  f = {shown(pair.integrand)}", flush=True)


def reason(integrand: object, answer: object) -> str:
    """The verdict of the check, and where the answer fails."""
    found = within(CPU_LIMIT, lambda: check(tokens_of(integrand), tokens_of(answer)).reason)
    return "cut" if found is EXPIRED else found


def campaign(families: tuple[Family, ...], count: int, seed: int) -> dict[str, Row]:
    """One function of each family in turn, so that all of them have their share of a run that is ended."""
    rows = {family.__name__: Row() for family in families}
    with suppress(KeyboardInterrupt):
        for number in range(count):
            family, index = families[number % len(families)], number // len(families)
            name = family.__name__
            try_one(drawn(family, seed, index), rows[name], f"{name} {seed} {index}")
    return rows


def main() -> int:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--n", type=int, default=10000)
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--family", choices=[family.__name__ for family in FAMILIES])
    parser.add_argument("--quick", action="store_true", help="next to nothing, to see that it runs")
    options = parser.parse_args()
    families = tuple(family for family in FAMILIES if options.family in (None, family.__name__))
    rows = campaign(families, len(families) if options.quick else options.n, options.seed)
    print(f"| family | {' | '.join(COLUMNS)} | mean ms | largest ms |\n|{'---|' * (len(COLUMNS) + 3)}")
    for name, row in rows.items():
        print(row.line(name))
    for name, row in rows.items():
        print(f"slowest of {name}: {1000 * row.slowest[0]:.0f} ms {row.slowest[1]}")
    return 1 if any(row.counts["FALSE"] for row in rows.values()) else 0


if __name__ == "__main__":
    sys.exit(main())
