"""How the function of a row was decided by our own integrator, as JSON text; to be worked out in workers.

Its top level is light: the mathematics comes in inside.
"""

import json

from asyncgen.problems.derivations import Verdict
from asyncgen.problems.kinds import EQUATIONS
from asyncgen.problems.records import Outcome, Problem, Status
from asyncgen.worker import explain

CPU_SECONDS = 2.5  # for one row: what `asyncgen explain` gives a function where nobody says how many

_VERDICTS = {
    Status.ELEMENTARY: Verdict.ELEMENTARY,
    Status.SPECIAL: Verdict.NONELEMENTARY,  # the special functions stand beside the proof
    Status.NONELEMENTARY: Verdict.NONELEMENTARY,
}


def fitting(row: Outcome) -> Verdict | None:
    """What the derivation of a row has to come to; None if the row can have none."""
    return None if row.kind in EQUATIONS else _VERDICTS.get(row.status)


def load() -> None:
    """Import the integrator, so that workers inherit it."""
    steps("mul x exp x", Verdict.ELEMENTARY)


def steps(problem: str, verdict: Verdict) -> str | None:
    """The derivation for a function in prefix notation, or None if it does not come to this verdict.

    To be called in the main thread of a worker.
    """
    from asyncgen.derivations.record import record

    try:
        found = explain(Problem(0, problem, 0), CPU_SECONDS)
        if found.verdict is verdict:
            return json.dumps(record(found), separators=(",", ":"))
    except Exception:  # whatever goes wrong on the way: there is a row all the same
        return None
    return None
