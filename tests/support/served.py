"""The example service for its tests: two functions never end, as with no engine really.

uvicorn imports it. SERVICE holds settings as JSON; NOTE is a file for the id of a process that hangs.
"""

import json
import os
import sys
from collections.abc import Callable
from functools import partial

import workload
from places import ROOT

from asyncgen import Outcome, Problem
from asyncgen.jobs import label as single
from asyncgen.jobs.labelling import solver
from asyncgen.jobs.limits import Limits

sys.path.insert(0, str(ROOT / "examples"))

from integration_service import ServiceSettings, make_app


def hang_or_solve(problem: Problem, solve: Callable[[Problem], Outcome]) -> Outcome:
    """What the workers do."""
    if problem.prefix == "sinh x":
        workload.announce_and_hang(os.environ["NOTE"])
    if problem.prefix == "cosh x":
        workload.burn()
    return solve(problem)


def hanging_solver(limits: Limits) -> Callable[[Problem], Outcome]:
    return partial(hang_or_solve, solve=solver(limits))


single.solver = hanging_solver
app = make_app(ServiceSettings(**json.loads(os.environ["SERVICE"])))
