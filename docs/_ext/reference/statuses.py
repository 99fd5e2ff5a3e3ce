"""The page of statuses and reasons: what each claims of a function."""

import re
from typing import NamedTuple

from asyncgen.mathematics.engines.catalogue import ENGINES
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
    Status.DEGENERATE: "the function is constant, undefined or infinite: not worth integrating",
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


REASONS = (
    Reason(
        "contradicts:ENGINE", Status.ELEMENTARY, "the engine had ruled out this answer, which is confirmed"
    ),
    Reason("fricas", Status.NONELEMENTARY, "the verdict of FriCAS"),
    Reason("sympy-risch", Status.NONELEMENTARY, "the verdict of SymPy's `risch_integrate`"),
    Reason("branch:WHERE", Status.UNVERIFIED, "the answer is right at some points, and wrong at WHERE"),
    Reason("refuted", Status.UNVERIFIED, "the answer is wrong at some points, and right at none"),
    Reason("points", Status.UNVERIFIED, "too few points could be used to tell"),
    Reason("points:WHERE", Status.UNVERIFIED, "the answer is right at some points, and not known at WHERE"),
    Reason("cpu:check", Status.UNVERIFIED, "the check used up its CPU limit"),
    Reason("cpu:parse", Status.TIMEOUT, "the first look at the function used up its CPU limit"),
    Reason("cpu:ENGINE", Status.TIMEOUT, f"the engine used up its CPU limit: {codes(ENGINES)}"),
    Reason("wall", Status.TIMEOUT, "the worker was killed at the wall-clock limit"),
    Reason("resident", Status.MEMORY, "the worker was killed at the memory limit"),
    Reason("exit:N", Status.CRASHED, "the worker ended with exit status N; -N is signal N"),
    Reason("lost", Status.CRASHED, "the worker is gone, and how it ended is not known"),
    Reason("parse:EXCEPTION", Status.ERROR, "SymPy raised this at the first look at the function"),
    Reason("EXCEPTION", Status.ERROR, "the engine raised this: the type, and one line of the text"),
    Reason("integral", Status.UNSOLVED, "a part was left as an integral, which proves nothing here"),
    Reason("incomplete", Status.UNSOLVED, "FriCAS met a case of its algorithm that is not written yet"),
    Reason(
        "dependent roots", Status.UNSOLVED, "FriCAS's verdict was dropped: roots may depend on each other"
    ),
    Reason(
        "one side", Status.UNSOLVED, "FriCAS solved one side of an abs or a sign, and ruled out the other"
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
    Reason("no engine", Status.UNSOLVED, "the run had no engine"),
    Reason("constant", Status.DEGENERATE, "x drops out"),
    Reason("infinite", Status.DEGENERATE, "it is infinite, as 1/0 and log(0) are"),
    Reason("nan", Status.DEGENERATE, "it has no value, as 0/0 has none"),
    Reason("undefined", Status.DEGENERATE, "no value was found anywhere"),
    Reason("huge", Status.DEGENERATE, "a number in it is too large to be held"),
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
