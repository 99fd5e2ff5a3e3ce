r"""Rows of each kind of problem, made by the code when the documents are built, and typeset.

What is shown are the first short rows of seed 0 with the default settings, whatever became of them.
"""

from collections.abc import Iterator
from functools import lru_cache, partial

from asyncgen.derivations.latex import formula
from asyncgen.jobs.limits import Limits
from asyncgen.problems.configuration import load_configuration, specification
from asyncgen.problems.kinds import EQUATIONS, KINDS
from asyncgen.problems.records import Outcome
from asyncgen.problems.tokens import ALL_LEAVES, tree_of
from asyncgen.sampler import Sampler
from asyncgen.worker import load, load_constructions, solve
from reference.markdown import code

ROWS = 6
SHORTEST, LONGEST = 12, 40  # tokens of a problem and its answer together
ENGINE = "risch=1.5"  # for forward problems: the one that every install has
_SUMS = ("add", "sub")


@lru_cache
def page(kind: str) -> str:
    """The rows of a kind, each with its index and its status."""
    written = "\n".join(_written(row) for row in rows(kind))
    size = f"{SHORTEST} to {LONGEST} tokens"
    return f"The first {ROWS} rows of seed 0 with {size}, problem and answer together:\n\n{written}"


PAGES = {f"kind-{kind}": partial(page, kind) for kind in KINDS}


@lru_cache
def rows(kind: str) -> tuple[Outcome, ...]:
    """The first short rows of a kind, by index."""
    load()
    load_constructions()
    configuration = load_configuration(None, kind=kind)
    spec = specification(configuration, configuration.laws)
    sampler, limits = Sampler(spec), Limits(engines=ENGINE).cpu
    found: list[Outcome] = []
    index = 0
    while len(found) < ROWS:
        row = solve(sampler.problem(index), limits, spec)
        if SHORTEST <= length(row) <= LONGEST:
            found.append(row)
        index += 1
    return tuple(found)


def length(row: Outcome) -> int:
    """Tokens of a problem and its answer together."""
    return len(row.problem_prefix.split()) + len((row.answer_prefix or "").split())


def _written(row: Outcome) -> str:
    reason = f", {code(row.reason)}" if row.reason else ""
    return f"Row {row.index}, {code(row.status)}{reason}:\n\n$$\n{''.join(_formula(row))}\n$$\n"


def _formula(row: Outcome) -> Iterator[str]:
    """The problem and its answer, if there is one."""
    problem = row.problem_prefix.split()
    text = formula(tree_of(problem, ALL_LEAVES))
    answer = row.answer_prefix and formula(tree_of(row.answer_prefix.split(), ALL_LEAVES))
    if row.kind in EQUATIONS:
        yield rf"{text} = 0, \qquad y = {answer}"
        return
    held = rf"\left({text}\right)" if problem[0] in _SUMS else text
    yield rf"\int {held} \, dx"
    if answer:
        yield f" = {answer}"
