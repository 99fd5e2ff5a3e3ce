"""The forms in which an engine that decides integrals is asked for one, in turn, until one is decided.

1. In the variable t = sqrt(a*x + b), if there is such a root; otherwise as it stands.
2. Where that failed, a sum in parts that have no function in common.
3. One part: in the variable t = u(a*x + b) for the logarithms and inverse functions u that it holds.

What a verdict rests on: a change of the variable is one of names, as both variables are elementary functions
of each other. A sum is not elementary if one part is not and all others are; these must have a confirmed
antiderivative without special functions. More is not concluded.
"""

from collections.abc import Callable, Iterator
from functools import partial
from itertools import islice

from asyncgen.mathematics.check import Verdict, check
from asyncgen.mathematics.cpu_limit import EXPIRED, within
from asyncgen.mathematics.engines.fricas.dependence import radicands, roots_may_depend
from asyncgen.mathematics.engines.fricas.rewriting import continued
from asyncgen.mathematics.engines.fricas.substitution import Changed, without_inverse, without_root
from asyncgen.mathematics.engines.fricas.summands import parts
from asyncgen.mathematics.engines.interface import Answer, Finding, Tokens
from asyncgen.problems.tokens import SPECIAL
from asyncgen.problems.tree import chained, flatten

Ask = Callable[[Tokens, float], Answer]  # a function, and the part of the time left that it may use

LATER = 0.4  # of the time left, for each question after the first
ROOTS = 3  # that are removed one after the other, as from sqrt(1 + sqrt(x))
INVERSES = 2  # changes of the variable that are tried
CHECKING = 0.25  # CPU seconds for the check of a part
LONGEST = 2000  # tokens of a part's antiderivative that is worth a check
_PERIODIC = frozenset(("sin", "cos", "tan", "sinh", "cosh", "tanh"))
_DECIDED = (Finding.SOLVED, Finding.NONELEMENTARY)


def in_turn(tokens: Tokens, ask: Ask) -> Answer:
    """The first form's answer that decides the integral; the first answer of all if none does."""
    roots = list(_roots_removed(tokens))
    function = roots[-1].integrand if roots else tokens
    answer = _in_turn(function, ask)
    for changed in reversed(roots):
        answer = _undone(answer, changed)
    return answer


def _roots_removed(tokens: Tokens) -> Iterator[Changed]:
    for _ in range(ROOTS):
        changed = without_root(tokens)
        if changed is None:
            return
        yield changed
        tokens = changed.integrand


def _in_turn(tokens: Tokens, ask: Ask) -> Answer:
    first = ask(tokens, 1.0)
    if first.finding is not Finding.UNSOLVED:  # where it was cut, there is no time left for others
        return first
    several = parts(tokens)
    answer = _together(several, ask) if len(several) > 1 else _in_variables(tokens, ask)
    return answer if answer.finding in _DECIDED else first


def _in_variables(tokens: Tokens, ask: Ask) -> Answer:
    """The answer in the first variable that gives one; a verdict only where the roots are sound."""
    for changed in islice(without_inverse(tokens), INVERSES):
        answer = _undone(ask(changed.integrand, LATER), changed)
        if answer.finding is Finding.SOLVED or (
            answer.finding is Finding.NONELEMENTARY
            and _roots_are_sound(changed)
            and not roots_may_depend(tokens)
        ):
            return answer
    return Answer(Finding.UNSOLVED)


def _roots_are_sound(changed: Changed) -> bool:
    """Whether no root is taken of a circular or hyperbolic function that x has become.

    For x = sin(t) the root of 1 - x**2 is none: it is cos(t). A logarithm adds nothing of the kind.
    """
    return changed.variable[0] == "ln" or all(
        _PERIODIC.isdisjoint(radicand) for radicand in radicands(changed.integrand)
    )


def _undone(answer: Answer, changed: Changed) -> Answer:
    if answer.finding is not Finding.SOLVED:
        return answer
    candidates = dict.fromkeys(entire for one in answer.candidates for entire in (one, continued(one)))
    return Answer(Finding.SOLVED, tuple(changed.undone(candidate) for candidate in candidates))


def _together(several: list[Tokens], ask: Ask) -> Answer:
    """The answer that those for the parts make, if each part is decided."""
    answers = []
    for part in several:
        answers.append(in_turn(part, partial(_later, ask)))
        if answers[-1].finding not in _DECIDED:
            return answers[-1]
    solved = [
        (part, next(iter(answer.candidates)))
        for part, answer in zip(several, answers, strict=True)
        if answer.finding is Finding.SOLVED
    ]
    if len(solved) == len(several):
        return Answer(Finding.SOLVED, (_sum([candidate for _, candidate in solved]),))
    if len(solved) == len(several) - 1 and all(_is_elementary(*pair) for pair in solved):
        return next(answer for answer in answers if answer.finding is Finding.NONELEMENTARY)
    return Answer(Finding.UNSOLVED, reason="parts")


def _later(ask: Ask, tokens: Tokens, share: float) -> Answer:
    return ask(tokens, LATER * share)


def _is_elementary(part: Tokens, candidate: Tokens) -> bool:
    """Whether this is a confirmed antiderivative without special functions."""
    if len(candidate) > LONGEST or not SPECIAL.keys().isdisjoint(candidate):
        return False
    outcome = within(CHECKING, lambda: check(part, candidate))
    return outcome is not EXPIRED and outcome.verdict is Verdict.CONFIRMED


def _sum(terms: list[Tokens]) -> Tokens:
    return flatten(chained("add", map(list, terms)))
