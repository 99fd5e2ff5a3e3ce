"""How many rows of each kind does one core make, how long are they, and how many are really different?

Rows come by index, as in the main job, in this process: drawn, built, written and checked, all counted.
Unique are rows whose problem no earlier row has: as text, by canonical form (the same for c*f, and for
other orders of terms), by skeleton (every integer the same). The published generator
(facebookresearch/SymbolicMathematics) is in no package registry: its rates are those that were measured
once, on one core of a machine like this, with SymPy 1.4; compare factors, not figures. Lengths are in
tokens, of problems and answers, in our notation and in that of the published files, beside the paper's.

    python benchmarks/kinds.py [--n 3000] [--kinds backward,ode1] [--structural] [--published] [--quick]
"""

import statistics
import time
from collections import Counter
from collections.abc import Iterator, Sequence
from typing import NamedTuple

from rounds import parser, table

from asyncgen.jobs.limits import Limits
from asyncgen.mathematics.fields.errors import Degenerate, Undecided
from asyncgen.mathematics.forms.canonical import Canonical
from asyncgen.mathematics.forms.reading import field_for, read
from asyncgen.problems.configuration import load_configuration, specification
from asyncgen.problems.kinds import FORWARD, KINDS, WITH_FORMS
from asyncgen.problems.published import in_published_notation
from asyncgen.problems.records import Outcome, dropped_counts
from asyncgen.problems.spec import Spec
from asyncgen.sampler import Sampler
from asyncgen.worker import load, load_constructions, solve

GOALS = {  # unique rows a CPU-second
    **{"backward": 370, "parts": 400, "parts-lookup": 60, "ode1": 140, "ode2": 35},
    **{"liouville": 250, "substitution": 280, "tower": 150, "forward": 280},
}
GOAL_STRUCTURAL = 500  # of backward
PUBLISHED_RATES = {"backward": 5.42, "forward": 0.190, "parts-lookup": 0.035, "ode1": 1.09, "ode2": 0.113}
PUBLISHED_LENGTHS = {
    "forward": "18.9±6.9 → 49.6±48.3",
    "backward": "70.2±47.8 → 21.3±8.3",
    "parts-lookup": "17.5±9.1 → 26.4±11.3",
    "ode1": "123.6±115.7 → 23.0±15.2",
    "ode2": "149.1±130.2 → 24.3±14.9",
}
FORWARD_SECONDS = 1.5  # of CPU, for our engine


class Made(NamedTuple):
    """Rows of one kind, and the CPU seconds that they took."""

    kind: str
    outcomes: list[Outcome]
    seconds: float

    @property
    def right(self) -> list[Outcome]:
        """The rows that count: confirmed ones, and proofs."""
        return [row for row in self.outcomes if row.success or row.proof]


def made(spec: Spec, count: int) -> Made:
    """The first rows of a specification."""
    sampler = Sampler(spec)
    limits = Limits(engines=f"risch={FORWARD_SECONDS}").cpu
    started = time.process_time()
    outcomes = [solve(sampler.problem(index), limits, spec) for index in range(count)]
    return Made(spec.kind, outcomes, time.process_time() - started)


def canonical(tokens: Sequence[str]) -> str:
    """What is the same for functions that are multiples of each other, however they are written."""
    field = field_for(tokens)
    try:
        return Canonical(field).without_constants(read(field, tokens))
    except (Degenerate, Undecided):
        return " ".join(tokens)


def skeleton(tokens: Sequence[str]) -> str:
    """The tokens with C for every integer."""
    return " ".join("C" if token in ("INT+", "INT-") else token for token in tokens if not token.isdigit())


def shares(made: Made) -> Iterator[str]:
    """How many rows are different: as text, by canonical form, by skeleton."""
    problems = [row.problem_prefix.split() for row in made.right]
    for mark in (" ".join, canonical, skeleton):
        yield f"{len(set(map(mark, problems))) / len(problems):.1%}"


def length(rows: Sequence[Sequence[str]]) -> str:
    """Mean and standard deviation of the numbers of tokens."""
    sizes = [len(row) for row in rows]
    return f"{statistics.mean(sizes):.1f}±{statistics.pstdev(sizes):.1f}"


def lengths(pairs: Sequence[tuple[Sequence[str], Sequence[str]]]) -> str:
    """The lengths of problems and answers."""
    problems, answers = zip(*pairs, strict=True)
    return f"{length(problems)} → {length(answers)}"


def row_of_rates(made: Made, goal: int | None) -> list[str]:
    """Rates beside the goal and the published generator's, and what became of the rest."""
    unique = len({row.problem_prefix for row in made.right})
    rate = unique / made.seconds
    peer = PUBLISHED_RATES.get(made.kind)
    others = Counter(str(row.status) for row in made.outcomes if row not in made.right)
    return [
        made.kind,
        f"{rate:.0f}",
        "" if goal is None else f"{goal}, {'met' if rate >= goal else 'NOT met'}",
        "" if peer is None else f"{rate / peer:.0f}",
        ", ".join(f"{name} {count}" for name, count in others.most_common()),
        _dropped(made.outcomes),
    ]


def _dropped(outcomes: Sequence[Outcome]) -> str:
    """The attempts that gave no row, in percent of all attempts."""
    counts: Counter[str] = Counter()
    for row in outcomes:
        counts.update(dropped_counts(row.dropped))
    attempts = len(outcomes) + sum(counts.values())
    return ", ".join(f"{reason} {count / attempts:.1%}" for reason, count in counts.most_common(6))


def row_of_lengths(made: Made) -> list[str]:
    """Lengths in both notations beside the paper's, and which part is longer."""
    pairs = [
        (row.problem_prefix.split(), row.answer_prefix.split()) for row in made.right if row.answer_prefix
    ]
    published = [tuple(map(in_published_notation, pair)) for pair in pairs]
    ratio = statistics.median(len(problem) / len(answer) for problem, answer in pairs)
    shorter = sum(len(problem) < len(answer) for problem, answer in pairs) / len(pairs)
    return [
        made.kind,
        lengths(pairs),
        lengths(published),
        PUBLISHED_LENGTHS.get(made.kind, ""),
        f"{ratio:.2f}",
        f"{shorter:.0%}",
        *shares(made),
    ]


def main() -> None:
    flags = parser(__doc__)
    flags.add_argument("--n", type=int, default=3000, help="rows of each kind; a third of forward ones")
    flags.add_argument("--kinds", default=",".join(KINDS), help="which kinds, separated by commas")
    flags.add_argument("--structural", action="store_true", help="the form that is found first")
    flags.add_argument("--published", action="store_true", help="filters and notation as published")
    options = flags.parse_args()
    count = 20 if options.quick else options.n
    load()
    load_constructions()
    found = []
    for kind in options.kinds.split(","):
        configuration = load_configuration(None, kind=kind)
        spec = specification(
            configuration,
            configuration.laws,
            published=options.published and kind != FORWARD,
            structural=options.structural and kind in WITH_FORMS,
        )
        found.append(made(spec, count // 3 if kind == FORWARD else count))
    goals = {"backward": GOAL_STRUCTURAL} if options.structural else {} if options.published else GOALS
    table(
        ["kind", "unique rows/CPU-s", "goal", "times published", "other rows", "dropped attempts"],
        [row_of_rates(made, goals.get(made.kind)) for made in found],
    )
    table(
        [
            "kind",
            "tokens, ours",
            "tokens, published notation",
            "the paper's",
            "median in/out",
            "in shorter",
            "unique: text",
            "form",
            "skeleton",
        ],
        [row_of_lengths(made) for made in found],
    )


if __name__ == "__main__":
    main()
