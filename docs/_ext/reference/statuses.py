"""The page of statuses and reasons: what each claims of a function."""

import re
from typing import NamedTuple

from asyncgen.mathematics.engines.catalogue import ENGINES
from asyncgen.problems.kinds import ATTEMPTS
from asyncgen.problems.records import Status
from reference.markdown import code, codes, table

STATUSES: dict[Status, str] = {
    Status.ELEMENTARY: "an elementary antiderivative F was found, and F' = f at every usable point tried",
    Status.SPECIAL: "the same, with special functions such as erf or Ei in F",
    Status.NONELEMENTARY: "a decision procedure, see `proof`, rules out an elementary antiderivative",
    Status.UNVERIFIED: "there is an answer, and the check could not confirm it everywhere",
    Status.TIMEOUT: "an engine or the worker was cut by a limit: nothing is said of the function",
    Status.MEMORY: "an engine or the worker did not have enough memory",
    Status.CRASHED: "the worker process ended before it answered",
    Status.ERROR: "an engine raised an exception, and no engine did better",
    Status.UNSOLVED: "every engine finished, and none found an answer: nothing is said of the function",
    Status.DEGENERATE: "the function is constant, undefined or infinite, or no problem could be built",
}


class Reason(NamedTuple):
    """A reason that can stand in a row. Capital letters in `shown` stand for what differs."""

    shown: str
    status: Status
    meaning: str

    @property
    def pattern(self) -> re.Pattern[str]:
        """What the reason looks like in a row."""
        return re.compile(re.sub(r"\\?\b[A-Z]+\b", ".+", re.escape(self.shown)), re.DOTALL)


UNDECIDED = {
    "a root": "a root that is neither removed by a change of variable nor adjoined",
    "many roots": "more than four roots would have to be adjoined",
    "a root of a root": "a root inside another one of the same function",
    "a root in an exponent": "an exponential of a root for which no equation was solved",
    "a root beneath an exponential": "how far a solution with a root goes could not be bounded",
    "residues in a field with a root": "whether a function with a root has a logarithm was left open",
    "residues in a field with a root of roots": "the same, with a root inside a root",
    "a residue at infinity": "the same, for a residue where x is infinite",
    "a place at infinity where the root is not ramified": "the same, where a kernel is infinite",
    "a place at 0 where the root is not ramified": "the same, where an exponential is 0",
    "poles of high order": "the reduction of a function with a root took too many steps",
    "the root of a logarithm's argument": "it would have to adjoin this root, and no other way decided",
    "abs": "a proof is none next to an abs or a sign; each special function has its own name as the reason",
    "a denominator that is not real": "the answer could not be made real",
    "a number that is not real": "the answer could not be made real",
    "a root that is not real": "the answer could not be made real",
    "a long answer": "the answer has too many terms",
    "a number of many digits": "a number could not be read from its residue",
    "algebraic residues": "the residues are roots of a polynomial with which no answer is written",
    "residues with constants": "the residues depend on constants such as pi in a way that is not written",
    "a root in a root": "a root inside a root that seems to be a number, and was not found",
    "the root of a constant": "a root of large degree, or one that may be there already and was not found",
    "a constant without a value": "the value of a constant could not be computed",
    "the branch of a constant": "which of its values a constant has could not be told",
    "constants that may depend on each other": "neither dependence nor independence could be shown",
    "another function on another interval": "there is an antiderivative in one period, in another none",
    "an unclear relation of kernels": "a dependence of exponentials and logarithms that was not confirmed",
    "exponents of many parts": "the exponents have no common part of a reasonable size",
    "too many kernels": "the function holds too many different functions and constants",
    "too deep": "the function is nested too deeply",
    "too much work": "the procedure stopped after a fixed number of steps",
    "a large integer": "an integer above 1,000,000",
    "a large power": "a power too large to be multiplied out",
    "a solution of large degree": "an equation may have solutions of too large a degree",
    "a divisor of zero": "a computation with algebraic numbers met a number without an inverse",
    "too few points": "the function could not be evaluated at enough random points",
    "no prime is suitable": "no prime had what the function needs",
    "two primes disagree": "a verdict that a second prime did not confirm",
    "the signs of many roots": "more than three roots of squares",
    "division by zero": "the function divides by zero, or seems to",
    "the logarithm of 0": "the function holds it, or seems to",
}

REASONS = (
    Reason(
        "contradicts:ENGINE", Status.ELEMENTARY, "the engine had ruled out this answer, which is confirmed"
    ),
    Reason("the residues of FUNCTION are not constant", Status.NONELEMENTARY, "the verdict of `risch`"),
    Reason(
        "y' + y*(FUNCTION) = FUNCTION has no solution",
        Status.NONELEMENTARY,
        "the verdict of `risch`: next to an exponential, a coefficient asks for this solution",
    ),
    Reason(
        "FUNCTION is not a derivative plus a multiple of FUNCTION",
        Status.NONELEMENTARY,
        "the verdict of `risch`: next to a logarithm, a coefficient has to be one",
    ),
    Reason(
        "VERDICT, in the variable FUNCTION",
        Status.NONELEMENTARY,
        "one of the three before, found after a change of variable",
    ),
    Reason("fricas", Status.NONELEMENTARY, "the verdict of FriCAS"),
    Reason("sympy-risch", Status.NONELEMENTARY, "the verdict of SymPy's `risch_integrate`"),
    Reason("branch:WHERE", Status.UNVERIFIED, "the answer is right at some points, and wrong at WHERE"),
    Reason(
        "part:SHARE",
        Status.UNVERIFIED,
        "the solution of a differential equation holds at this share of the points that were decided",
    ),
    Reason(
        "duplicate:INDEX",
        Status.ELEMENTARY,
        "imported: the record at INDEX has the same problem; also in rows that are `special`",
    ),
    Reason(
        "differs:SHARE",
        Status.UNVERIFIED,
        "imported: the solution holds at this share of the points that were decided, less than 0.2",
    ),
    Reason(
        "constants",
        Status.UNVERIFIED,
        "imported: the solution is not known to have as many constants as its equation has orders",
    ),
    Reason(
        "length:N", Status.UNVERIFIED, "imported: problem or answer has so many tokens; it is not checked"
    ),
    Reason("unreadable:WHAT", Status.ERROR, "imported: the problem or its answer cannot be read"),
    Reason("no answer", Status.UNSOLVED, "imported: the record has none"),
    Reason("refuted", Status.UNVERIFIED, "the answer is wrong at some points, and right at none"),
    Reason("points", Status.UNVERIFIED, "too few points could be used to tell"),
    Reason("points:WHERE", Status.UNVERIFIED, "the answer is right at some points, and not known at WHERE"),
    Reason("cpu:check", Status.UNVERIFIED, "the check used up its CPU limit"),
    Reason("cpu:parse", Status.TIMEOUT, "the first look at the function used up its CPU limit"),
    Reason("cpu:ENGINE", Status.TIMEOUT, f"the engine used up its CPU limit: {codes(ENGINES)}"),
    Reason(
        "cpu:call",
        Status.TIMEOUT,
        "the worker was killed at `--timeout`, which no engine's limit came before",
    ),
    Reason(
        "wall",
        Status.TIMEOUT,
        "the worker was killed far behind `--timeout`, as it waited without using CPU (or at it, once)",
    ),
    Reason("resident", Status.MEMORY, "the worker was killed at the memory limit"),
    Reason("exit:N", Status.CRASHED, "the worker ended with exit status N; -N is signal N"),
    Reason(
        "load",
        Status.CRASHED,
        "the worker was killed before it had taken up the problem, after a minute or more",
    ),
    Reason("lost", Status.CRASHED, "the worker is gone, and how it ended is not known"),
    Reason("parse:EXCEPTION", Status.ERROR, "SymPy raised this at the first look at the function"),
    Reason("EXCEPTION", Status.ERROR, "the engine raised this: the type, and one line of the text"),
    Reason("guesses", Status.UNSOLVED, "no answer of the model is known to be right"),
    Reason("long", Status.UNSOLVED, "the model is not asked for functions of more than 512 tokens"),
    Reason("integral", Status.UNSOLVED, "a part was left as an integral, which proves nothing here"),
    Reason("incomplete", Status.UNSOLVED, "FriCAS met a case of its algorithm that is not written yet"),
    Reason(
        "dependent constants",
        Status.UNSOLVED,
        "FriCAS's verdict was dropped: constants may depend on each other",
    ),
    Reason(
        "dependent roots",
        Status.UNSOLVED,
        "FriCAS's verdict was dropped: roots may depend on each other, or on a logarithm",
    ),
    Reason("not understood", Status.UNSOLVED, "FriCAS lacks a function or operation of the question"),
    Reason("refused", Status.UNSOLVED, "FriCAS printed another message in the place of an answer"),
    Reason("error", Status.UNSOLVED, "FriCAS or Maxima reported an error of its own library"),
    Reason("not implemented", Status.UNSOLVED, "`sympy-risch` does not cover this sort of function"),
    Reason(
        "heuristic", Status.UNSOLVED, "`sympy-risch` gave a verdict by way of a heuristic: it is not taken"
    ),
    Reason(
        "notation:NAME",
        Status.UNSOLVED,
        "the question or the answer holds NAME, such as `rootOf`, which cannot be translated",
    ),
    Reason("notation:long", Status.UNSOLVED, "the answer is too long to be read"),
    Reason("notation:huge", Status.UNSOLVED, "a number in the answer is too large to be written"),
    *(Reason(shown, Status.UNSOLVED, f"`risch`: {meaning}") for shown, meaning in UNDECIDED.items()),
    Reason("no engine", Status.UNSOLVED, "the run had no engine"),
    Reason("constant", Status.DEGENERATE, "x drops out"),
    Reason("infinite", Status.DEGENERATE, "it is infinite, as 1/0 and log(0) are"),
    Reason("nan", Status.DEGENERATE, "it has no value, as 0/0 has none"),
    Reason("undefined", Status.DEGENERATE, "no value was found anywhere"),
    Reason("huge", Status.DEGENERATE, "a number in it is too large to be held"),
    Reason(
        "empty:REASON",
        Status.DEGENERATE,
        f"no problem was built at this index: {ATTEMPTS} attempts were dropped, most of them for REASON",
    ),
)


def statuses() -> str:
    """The table of statuses, in their order of precedence."""
    rows = [(code(status), str(int(status.success)), STATUSES[status]) for status in Status]
    return table(("status", "`success`", "meaning"), rows)


def reasons() -> str:
    """The table of reasons, by status."""
    rows = [
        (code(status), code(reason.shown), reason.meaning)
        for status in Status
        for reason in REASONS
        if reason.status is status
    ]
    return table(("status", "reason", "meaning"), rows)
