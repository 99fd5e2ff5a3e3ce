"""How a function was decided, as a derivation: its decision made again with each step noted.

The same way, the same prime, so that the steps are those of the decision itself.
"""

from collections.abc import Callable, Iterator
from dataclasses import replace

from asyncgen.mathematics.check import Finding, check
from asyncgen.mathematics.check import Verdict as Judgement
from asyncgen.mathematics.engines.risch.attempts import Way, branches
from asyncgen.mathematics.engines.risch.branch_formulas import branch_of
from asyncgen.mathematics.engines.risch.decision import (
    Decision,
    decide,
    decide_in,
    terms_of,
    ways_with_roots,
)
from asyncgen.mathematics.engines.risch.domains import made_real
from asyncgen.mathematics.engines.risch.expressions import Node, tokens_of
from asyncgen.mathematics.engines.risch.signs import decide_with_signs, signs_as_roots
from asyncgen.mathematics.fields.errors import Degenerate, NeedsExtension, NeedsPrime, Undecided
from asyncgen.problems.derivations import (
    Answer,
    Attempt,
    Branch,
    Change,
    Derivation,
    Part,
    Verdict,
    undecided,
)


def explained(node: Node, engine: str) -> Derivation:
    """The derivation for a function of x, by the engine of this name."""
    try:
        found = decide_with_signs(node)
    except Degenerate as error:
        return Derivation(function=node, engine=engine, verdict=Verdict.DEGENERATE, reason=str(error))
    except Undecided as error:
        return undecided(node, engine, str(error), tuple(_tried(signs_as_roots(node), None)))
    return _derivation(node, found, engine)


def _derivation(function: Node, found: Decision, engine: str) -> Derivation:
    node = signs_as_roots(function)
    noted = _branches(node, found)
    own = sum(branch.obstruction is None for branch in noted)  # answers, before those that join them
    answer = None if found.is_proof else _answer(function, found, own)
    tried = tuple(_tried(node, found.way)) if found.parts or found.way not in (None, Way()) else ()
    return Derivation(
        function=function,
        engine=engine,
        verdict=_verdict(answer),
        reason=found.obstruction,
        tried=tried,
        change=None if found.way is None else _change(found.way),
        branches=noted,
        parts=tuple(Part(sign, _derivation(term, part, engine)) for sign, term, part in found.parts),
        moduli=found.primes,
        answer=answer,
        special=_special(function, found) if found.is_proof else None,
    )


def _verdict(answer: Answer | None) -> Verdict:
    if answer is None:
        return Verdict.NONELEMENTARY
    return Verdict.ELEMENTARY if answer.check == Judgement.CONFIRMED else Verdict.UNVERIFIED


def _answer(node: Node, found: Decision, own: int) -> Answer:
    """The first candidate that is confirmed; if none is, the first."""
    judged: list[Answer] = []
    for place, found_one in enumerate(found.candidates):
        candidate = made_real(node, found_one)
        verdict = check(tokens_of(node), tokens_of(candidate))
        is_joined = found.way is not None and place >= own
        answer = Answer(candidate, verdict.reason, verdict.count(Finding.AGREES), joined=is_joined)
        if verdict.verdict is Judgement.CONFIRMED:
            return answer
        judged.append(answer)
    return judged[0]


def _special(node: Node, found: Decision) -> Answer | None:
    """The first candidate with special functions that is confirmed."""
    for form in found.special():
        candidate = made_real(node, form)
        verdict = check(tokens_of(node), tokens_of(candidate))
        if verdict.verdict is Judgement.CONFIRMED:
            return Answer(candidate, verdict.reason, verdict.count(Finding.AGREES))
    return None


def _branches(node: Node, found: Decision) -> tuple[Branch, ...]:
    if found.way is None:
        return ()
    x = "x" if found.way.substitution is None else "s"
    try:
        noted = branches(node, replace(found.way, noted=True), found.primes[0])
        return tuple(branch_of(branch, x) for branch in noted)
    except (Undecided, Degenerate, NeedsPrime):  # writing down takes work, too
        return ()


def _change(way: Way) -> Change | None:
    return None if way.substitution is None else Change(way.substitution.x, way.substitution.s)


# -- what was tried without a decision -------------------------------------------------------------------


def _tried(node: Node, deciding: Way | None) -> Iterator[Attempt]:
    """The ways before the one that decided, and where each ended; all, and then the terms, if none did."""
    first = _end_of(node, Way())
    if first is None:
        return
    yield _attempt(node, Way(), first)
    if not isinstance(first, NeedsExtension):
        return
    for way in ways_with_roots(node, first):
        if way == deciding:
            return
        error = _end_of(node, way)
        if error is not None:
            yield _attempt(node, way, error)
    yield from _terms_tried(node)


def _end_of(node: Node, way: Way) -> Undecided | Degenerate | None:
    """Why a way does not lead to a decision; None if it does."""
    try:
        decide_in(node, way)
    except (Undecided, Degenerate) as error:
        return error
    return None


def _attempt(node: Node, way: Way, error: Exception) -> Attempt:
    names = [name for name, is_so in _WAYS if is_so(way)]
    return Attempt(", ".join(names) or "as it stands", node, _change(way), str(error))


def _terms_tried(node: Node) -> Iterator[Attempt]:
    """The terms of a sum that were not decided."""
    terms = list(terms_of(node, 1))
    for _, term in terms if len(terms) > 1 else ():
        try:
            decide(term)
        except (Undecided, Degenerate) as error:
            yield Attempt("term", term, None, str(error))


_WAYS: list[tuple[str, Callable[[Way], bool]]] = [
    ("substitution", lambda way: way.substitution is not None),
    ("roots", lambda way: way.extended),
]
