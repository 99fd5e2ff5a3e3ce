"""What the tests of exports share: small stores with rows by hand, and what is found in an export."""

import json
from collections.abc import Iterable
from pathlib import Path

from store_cases import SPEC

from asyncgen.datasets.splits import read_split
from asyncgen.problems.infix import read_infix
from asyncgen.problems.records import Form, Known, Outcome, Problem, Status
from asyncgen.problems.spec import Spec
from asyncgen.problems.tokens import ARITY
from asyncgen.store import RunInfo, Store

INFO = RunInfo(
    "generate",
    settings={"timeout_cpu_seconds": 5.0, "engines_cpu_seconds": {"risch": 0.25}},
    versions={"asyncgen": "0.1.0", "sympy": "1.14.0"},
)
ALL = read_split("1,0,0")  # to train


def solved(index: int, function: str, answer: str = "x", status: Status = Status.ELEMENTARY) -> Outcome:
    """A row in ordinary notation; its answer need not be one."""
    tokens = read_infix(function)
    problem = Problem(index, " ".join(tokens), sum(token in ARITY for token in tokens))
    outcome = problem.outcome(status, answer=read_infix(answer), engine="risch")
    return outcome.formed(Form(Known.YES, Known.YES)) if status.success else outcome


def proven(index: int, function: str) -> Outcome:
    """A row of a function without an elementary antiderivative."""
    problem = Problem(index, " ".join(read_infix(function)), 1)
    return problem.outcome(Status.NONELEMENTARY, engine="risch", proof="risch")


def equation(index: int, prefix: str, solution: str, status: Status = Status.ELEMENTARY) -> Outcome:
    """A row of a differential equation; both in prefix notation."""
    reason = None if status.success else "part:0.60"
    problem = Problem(index, prefix, 1, kind="ode1")
    return problem.outcome(status, answer=solution.split(), reason=reason)


def many(start: int, stop: int) -> list[Outcome]:
    """Rows of functions that differ in more than a factor, one for each index."""
    return [solved(index, f"x + exp(x/{index + 2})", f"x**2/{index + 2}") for index in range(start, stop)]


async def store(path: Path, rows: Iterable[Outcome], spec: Spec = SPEC) -> Path:
    """A store with these rows, and one run that made them."""
    async with Store(path, spec) as writer:
        run = await writer.begin_run(INFO)
        await writer.add(run, list(rows))
        await writer.end_run(run, "done")
    return path


def files(folder: Path) -> dict[str, bytes]:
    """Every file of an export with its bytes, but for the report, which names the stores."""
    found = {path.relative_to(folder).as_posix(): path for path in folder.rglob("*") if path.is_file()}
    return {name: path.read_bytes() for name, path in found.items() if name != "export.json"}


def lines(folder: Path, part: str = "train") -> list[dict[str, object]]:
    """The rows of an export as JSON lines."""
    return [json.loads(line) for line in (folder / f"{part}.jsonl").read_text().splitlines()]
