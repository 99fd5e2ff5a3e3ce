"""Engines in order, each within its CPU limit, each answer checked: the first that is confirmed wins.

An engine that fails, is cut, or whose answer the check refutes hands over to the next; the best of
what came of them is kept, by the precedence of `Status`. A closed form with special functions is worth
more than the proof alone that there is no elementary antiderivative: after a proof by an engine that does
not look for such forms itself the others still get a short try. The proof stays next to the form.

A confirmed elementary answer wins over a proof: the check has seen it, and nothing checks a proof. The
reason then says whose proof it contradicts, so that such rows can be counted.

Of an engine that guesses only what is right counts, on the domain or on a part of it. Its wrong answers are
no evidence, and a row is what it would be without them. The checks of its answers are within its CPU seconds.
"""

import time
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace

from asyncgen.mathematics.check import Verdict, check
from asyncgen.mathematics.cpu_limit import EXPIRED, within
from asyncgen.mathematics.engines.catalogue import OWN, engine, entry
from asyncgen.mathematics.engines.interface import Answer, Finding, Integrand, Integrator, Tokens
from asyncgen.mathematics.engines.plain_numbers import with_plain_numbers
from asyncgen.problems.records import CpuLimits, Status
from asyncgen.problems.tokens import SPECIAL

AFTER_PROOF = 0.25  # CPU seconds for an engine to find a special form of what is not elementary
LONGEST_REASON = 120  # characters of an exception's text worth keeping
_PRECEDENCE = {status: rank for rank, status in enumerate(Status)}
# How much a reason tells; those that are not named here, such as a cut check, rank 2.
_EVIDENCE: dict[str, int] = {Verdict.BRANCH: 0, Verdict.POINTS: 1, Verdict.REFUTED: 3, "not implemented": 3}


@dataclass(frozen=True, slots=True)
class Result:
    """What became of an integrand, with the answer it rests on: confirmed, or kept as evidence.

    `proof` names the engine that showed that there is no elementary answer.
    """

    status: Status
    answer: Tokens | None = None
    engine: str | None = None
    reason: str | None = None
    proof: str | None = None

    @property
    def rank(self) -> tuple[int, int]:
        """Less is better: by status, then by how much of the answer the check confirmed."""
        verdict = (self.reason or "").partition(":")[0]  # "branch:x<0" tells where, too
        return _PRECEDENCE[self.status], _EVIDENCE.get(verdict, 2)


def solve(integrand: Integrand, limits: CpuLimits) -> Result:
    """The best result of the engines that `limits` names, tried in its order until one succeeds."""
    best: Result | None = None
    for name, seconds in limits.engines:
        if best is not None and best.proof is not None:
            seconds = min(seconds, AFTER_PROOF)
        best = _better(best, _attempt(engine(name, limits.model), integrand, seconds, limits.check))
        if best.status.success or _is_thorough_proof(best):
            break
    return best or Result(Status.UNSOLVED, reason="no engine")


def _better(best: Result | None, result: Result) -> Result:
    """The better one, the later of equals; but a proof that is there stays, next to a special form."""
    if best is None:
        return result
    if best.proof is None:
        return result if result.rank <= best.rank else best
    if result.status is Status.ELEMENTARY:
        return replace(result, reason=f"contradicts:{best.proof}")
    return replace(result, proof=best.proof) if result.status is Status.SPECIAL else best


def _is_thorough_proof(result: Result) -> bool:
    """Whether there is no elementary answer, by an engine that has looked for special functions itself."""
    return result.proof is not None and entry(result.proof).thorough


def _attempt(integrator: Integrator, integrand: Integrand, seconds: float, checking: float) -> Result:
    """What one engine comes to. Whatever it raises becomes a status: an engine is not our code."""
    name, until = integrator.name, time.process_time() + seconds
    try:
        answer = integrator.integrate(integrand, seconds)
        if answer.finding is Finding.GUESSED:
            return _best_guess(name, integrand.tokens, answer.candidates, checking, until)
        if name not in OWN:
            answer = replace(answer, candidates=_with_plain_numbers(answer.candidates))
        if answer.finding is Finding.SOLVED:
            return _best_candidate(name, integrand.tokens, answer.candidates, checking)
        if answer.finding is Finding.NONELEMENTARY:
            return _next_to_proof(name, integrand.tokens, answer, checking)
        return _without_answer(name, answer)
    except MemoryError:
        return Result(Status.MEMORY, engine=name)
    except Exception as error:
        return Result(Status.ERROR, engine=name, reason=describe(error))


def _with_plain_numbers(candidates: Iterable[Tokens]) -> Iterator[Tokens]:
    """Each answer of another program with its numbers worked out, and as it is, in case that fails."""
    for candidate in candidates:
        plain = with_plain_numbers(candidate)
        yield plain
        if plain != candidate:
            yield candidate


def describe(error: Exception) -> str:
    """An exception as a short reason: its type, and one line of its text."""
    text = " ".join(str(error).split())[:LONGEST_REASON]
    return f"{type(error).__name__}: {text}" if text else type(error).__name__


def _without_answer(name: str, answer: Answer) -> Result:
    if answer.finding is Finding.CUT:
        return Result(Status.TIMEOUT, engine=name, reason=f"cpu:{name}")
    return Result(Status.UNSOLVED, engine=name, reason=answer.reason)


def _next_to_proof(name: str, integrand: Tokens, answer: Answer, checking: float) -> Result:
    """The proof, with the engine's own special form where one is confirmed."""
    proof = Result(Status.NONELEMENTARY, engine=name, reason=answer.reason, proof=name)
    try:
        for candidate in answer.candidates:
            result = judge(integrand, candidate, name, checking)
            if result.status.success:
                return _better(proof, result)
    except Exception:
        return proof
    return proof


def _best_candidate(name: str, integrand: Tokens, candidates: Iterable[Tokens], checking: float) -> Result:
    """The first candidate that is confirmed, or the one of which the most was."""
    results = []
    for candidate in candidates:
        result = judge(integrand, candidate, name, checking)
        if result.status.success:
            return result
        results.append(result)
    return min(results, key=lambda result: result.rank)


def _best_guess(
    name: str, integrand: Tokens, guesses: Iterable[Tokens], checking: float, until: float
) -> Result:
    """The first guess that is confirmed, or one that is right on a part, until this time of the CPU clock."""
    best = Result(Status.UNSOLVED, engine=name, reason="guesses")
    for guess in guesses:
        if time.process_time() > until:
            return _better(best, Result(Status.TIMEOUT, engine=name, reason=f"cpu:{name}"))
        result = _judge_guess(integrand, guess, name, checking)
        if result is not None:
            best = _better(best, result)
            if best.status.success:
                break
    return best


def _judge_guess(integrand: Tokens, guess: Tokens, name: str, checking: float) -> Result | None:
    """The guess where it is right, in plain numbers if they are right, too; None where nothing is known."""
    try:
        result = judge(integrand, guess, name, checking)
        if not result.status.success:
            return result if (result.reason or "").startswith(Verdict.BRANCH) else None
        plain = with_plain_numbers(guess)
        again = judge(integrand, plain, name, checking) if plain != guess else result
        return again if again.status.success else result
    except Exception:  # whatever the check makes of a strange function: the next guess may be right
        return None


def judge(integrand: Tokens, candidate: Tokens, name: str | None, checking: float) -> Result:
    """One candidate under the check, which may use so many CPU seconds."""
    outcome = within(checking, lambda: check(integrand, candidate))
    if outcome is EXPIRED:
        return Result(Status.UNVERIFIED, candidate, name, "cpu:check")
    if outcome.verdict is not Verdict.CONFIRMED:
        return Result(Status.UNVERIFIED, candidate, name, outcome.reason)
    special = any(token in SPECIAL for token in candidate)
    return Result(Status.SPECIAL if special else Status.ELEMENTARY, candidate, name)
