"""The column `steps`: what `asyncgen explain` says of a row's function, where it fits the row."""

import asyncio
import json
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from deadly import DEADLY, mark_or_die_of_steps
from exported import ALL as TO_TRAIN
from exported import equation, files, lines, proven, solved, store
from processes import needed_packages

from asyncgen.datasets import steps as module
from asyncgen.datasets.exporting import scanning
from asyncgen.datasets.exporting.export import Run, export
from asyncgen.datasets.exporting.request import Report, Request
from asyncgen.datasets.selection import SUCCEEDED, Selection
from asyncgen.derivations.record import record
from asyncgen.jobs.explain import SHARE, explanations
from asyncgen.jobs.limits import Limits
from asyncgen.mathematics.engines.risch import explaining
from asyncgen.problems.derivations import Verdict
from asyncgen.problems.files import problem_of
from asyncgen.problems.records import Outcome, Status

ALL = Selection(statuses=(*SUCCEEDED, Status.NONELEMENTARY, Status.UNVERIFIED))
REQUEST = Request(format="jsonl", selection=ALL, split=TO_TRAIN, columns=("integrand", "steps"))
FITTING = [
    solved(0, "x*exp(x)", "(x - 1)*exp(x)"),
    solved(1, "1/(x**5 + 1)"),
    solved(2, "sin(x)/x", "Si(x)", Status.SPECIAL),
    proven(3, "exp(x)/(x + log(x))"),
    solved(4, "sqrt(x**2 + 1)"),
]
OTHERS = [
    solved(10, "exp(x**2)"),  # no elementary answer is known to the integrator: there is none
    proven(11, "x*cos(x)"),
    solved(12, "tan(x)", "log(x)", Status.SPECIAL),
    solved(13, "erf(x)*log(x)"),
    solved(14, "x", "x", Status.UNVERIFIED),
    equation(15, "sub Y' Y", "mul a8 exp x"),
]


async def run(rows: list[Outcome], to: Path, request: Request = REQUEST, **changes: object) -> Report:
    path = await store(to.parent / "a.db", rows)
    return await export([path], to, request, Run(workers=1, **changes))  # type: ignore[arg-type]


def steps_of(folder: Path) -> dict[str, Any]:
    return {str(row["integrand"]): row["steps"] for row in lines(folder)}


async def test_steps_are_what_explain_says(tmp_path: Path):
    """The same record, as an object."""
    report = await run(FITTING, tmp_path / "out")
    problems = [problem_of(row.problem_prefix) for row in FITTING]
    said = [record(found) async for found in explanations(problems, Limits().timeout)]
    assert steps_of(tmp_path / "out") == {row.integrand: one for row, one in zip(FITTING, said, strict=True)}
    assert report.steps == len(FITTING)


async def test_what_does_not_fit_the_row_is_left_out(tmp_path: Path):
    """Another verdict than the row's, no verdict, a row that claims nothing, an equation."""
    report = await run([*OTHERS, FITTING[0]], tmp_path / "out")
    found = steps_of(tmp_path / "out")
    assert [name for name, steps in found.items() if steps is not None] == ["x*exp(x)"]
    assert (len(found), report.steps) == (len(OTHERS) + 1, 1)


async def test_nothing_is_worked_out_unless_asked(tmp_path: Path):
    """The column is not among those that come by themselves, and nothing is counted."""
    for format in ("jsonl", "parquet", "prefix"):
        assert not Request(format=format).has_steps  # type: ignore[arg-type]
    report = await run(FITTING, tmp_path / "out", replace(REQUEST, columns=()))
    assert report.steps is None
    assert all("steps" not in row for row in lines(tmp_path / "out"))
    assert replace(REQUEST, columns=(), steps=True).shown_columns[-1] == "steps"


async def test_the_bytes_are_the_same_after_a_stop(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    """And in another run, with other chunks and more workers."""
    rows = [*FITTING, *(solved(index, f"x**2*exp(x/{index})") for index in range(20, 60))]
    await run(rows, tmp_path / "whole")
    monkeypatch.setattr(scanning, "CHUNK_WITH_STEPS", 2)  # far more of them than are under way at a time
    stop = asyncio.Event()
    report = await run(rows, tmp_path / "out", stop=stop, on_progress=lambda *_: stop.set())
    assert report.state == "stopped"
    assert 0 < report.rows < len(rows)
    path = tmp_path / "a.db"
    assert (await export([path], tmp_path / "out", REQUEST, Run(workers=2))).steps == len(rows)
    assert files(tmp_path / "out") == files(tmp_path / "whole")


async def test_a_row_that_kills_its_worker_has_no_steps(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    """Its marks are those that it has without; so it is in the same part."""
    rows = [*FITTING, solved(20, "3*x")]
    request = replace(REQUEST, columns=("integrand", "form_mark", "values_mark", "problem_prefix"))
    await run(rows, tmp_path / "without", request)
    monkeypatch.setattr(scanning, "mark", mark_or_die_of_steps)
    report = await run(rows, tmp_path / "out", replace(request, steps=True))
    assert (report.steps, report.by_text) == (len(FITTING), 0)
    found = lines(tmp_path / "out")
    assert [row["problem_prefix"] for row in found if row.pop("steps") is None] == [DEADLY]
    assert found == lines(tmp_path / "without")


def test_the_limit_is_that_of_explain(monkeypatch: pytest.MonkeyPatch):
    """In CPU seconds; a derivation that takes longer is none, and neither is one that fails."""
    assert Limits().timeout * SHARE == module.CPU_SECONDS
    assert module.steps("x", Verdict.ELEMENTARY) is not None
    assert module.steps("mul x", Verdict.ELEMENTARY) is None

    def spin(*_: object) -> None:
        while True:
            pass

    monkeypatch.setattr(explaining, "explained", spin)
    monkeypatch.setattr(module, "CPU_SECONDS", 0.01)
    assert module.steps("x", Verdict.ELEMENTARY) is None


async def test_parquet_holds_them_as_text(tmp_path: Path):
    """In the configuration `rows` alone; the card says how many there are."""
    needed_packages("pyarrow")
    import pyarrow.parquet

    request = Request(format="parquet", selection=ALL, steps=True)
    await run([*FITTING, *OTHERS], tmp_path / "out", request)
    for name in ("seq2seq", "classifier"):
        assert "steps" not in pyarrow.parquet.read_table(tmp_path / "out" / "data" / name).column_names
    table = pyarrow.parquet.read_table(tmp_path / "out" / "data" / "rows")
    assert str(table.schema.field("steps").type) == "string"
    verdicts = [json.loads(text)["verdict"] for text in table["steps"].to_pylist() if text is not None]
    assert sorted(verdicts) == ["elementary"] * 3 + ["nonelementary"] * 2
    assert "`steps` of 5 rows is the derivation" in (tmp_path / "out" / "README.md").read_text()
