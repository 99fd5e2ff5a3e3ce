"""Whole exports: the same bytes whatever the order and the interruptions, and no leak between parts."""

import asyncio
import json
import sqlite3
from collections.abc import AsyncIterator
from contextlib import closing
from dataclasses import replace
from pathlib import Path

import pytest
from deadly import mark_or_die
from document_text import blocks
from exported import ALL, INFO, equation, files, lines, many, proven, solved, store
from places import DOCS
from store_cases import SPEC, fill, largest_file, mounted, names, query

from asyncgen.datasets.checking.check import check
from asyncgen.datasets.checking.checks import Checking
from asyncgen.datasets.checking.recheck import Again
from asyncgen.datasets.exporting import export as module
from asyncgen.datasets.exporting import scanning
from asyncgen.datasets.exporting.errors import ExportError
from asyncgen.datasets.exporting.export import Run, export
from asyncgen.datasets.exporting.request import Format, Report, Request
from asyncgen.datasets.exporting.working import NAME
from asyncgen.datasets.importing.import_file import import_file, opened
from asyncgen.datasets.importing.imported import ImportSettings
from asyncgen.datasets.selection import Selection
from asyncgen.datasets.splits import By, read_split
from asyncgen.mathematics.marks import marks_of
from asyncgen.problems.errors import StoreError, UsageError
from asyncgen.problems.published import in_published_notation
from asyncgen.problems.records import Outcome, Problem, Status
from asyncgen.problems.tokens import skeleton
from asyncgen.sqlite.errors import StoreWriteError
from asyncgen.store import Store

CHECKED = [
    solved(0, "cos(x)", "sin(x)"),
    solved(1, "x*exp(x)", "x"),
    solved(2, "2*x + cos(x)", "x**2 + sin(x)"),
]
OTHER = replace(SPEC, seed=2)
JSONL, PREFIX = Request(format="jsonl", split=ALL), Request(format="prefix", split=ALL)
THIRDS = read_split("0.4,0.3,0.3")

# The same values in each line, written in ways that the form of some does not see through.
SAME_VALUES = [
    ["sin(2*x)", "sin(x)*cos(x)", "3*tan(x)*cos(x)**2"],
    ["exp(x)**2 + 1", "exp(2*x) + 1", "(exp(x) + I)*(exp(x) - I)"],
    ["cos(x)**2 - sin(x)**2", "cos(2*x)", "1 - 2*sin(x)**2"],
    ["log(x**2 + 2*x + 1) + x", "log((x + 1)**2) + x"],
    ["cosh(x) + sinh(x) + x", "exp(x) + x"],
    ["x*exp(x)", "2*x*exp(x)"],
]


async def run(*stores: Path, to: Path, request: Request = JSONL, **changes: object) -> Report:
    """An export with two workers."""
    return await export(stores, to, request, Run(workers=2, **changes))  # type: ignore[arg-type]


async def test_rows_that_failed_a_check_are_left_out(tmp_path: Path):
    """They are counted; an export that was made before the check is another one."""
    path = await store(tmp_path / "a.db", CHECKED)
    before = await run(path, to=tmp_path / "before")
    await check(path, Checking(points=20))
    after = await run(path, to=tmp_path / "after")
    assert (before.exported, before.left_out) == (3, {})
    assert (after.exported, after.left_out) == (2, {"failed a check": 1})
    with pytest.raises(UsageError, match="from other stores"):
        await run(path, to=tmp_path / "before")


async def test_a_row_that_was_mended_has_not_failed(tmp_path: Path):
    """What was found of its earlier text says nothing of it."""
    path = await store(tmp_path / "a.db", CHECKED)
    await check(path, Checking(points=20))
    with closing(sqlite3.connect(path)) as connection:
        connection.execute("UPDATE results SET answer_prefix = 'mul sub x INT+ 1 exp x' WHERE idx = 1")
        connection.commit()
    assert (await run(path, to=tmp_path / "out")).left_out == {}


async def test_the_document_tells_how_to_leave_out_the_same_rows(tmp_path: Path):
    """The SQL below Checking again gives what an export has, whatever the verdicts."""
    rows = [solved(0, "cos(x)", "sin(x)"), *(solved(n, f"x**{n}*exp(x)", "x") for n in range(1, 9))]
    path = await store(tmp_path / "a.db", rows)
    await check(path, Checking(points=20))
    with closing(sqlite3.connect(path)) as connection:
        connection.executemany(
            "UPDATE checks SET verdict = ? WHERE idx = ?",
            [(verdict, index) for index, verdict in enumerate([*Again, "timeout", "memory", "crashed"], 1)],
        )
        connection.commit()
    (sql,) = (block.code for block in blocks(DOCS / "many-stores.md", "sql") if "checks" in block.code)
    await run(path, to=tmp_path / "out", request=replace(JSONL, columns=("problem_prefix", "answer_prefix")))
    found = {tuple(row.values()) for row in lines(tmp_path / "out")}
    assert found == set(query(path, sql))
    assert len(found) == 6


async def test_the_rows_of_several_stores(tmp_path: Path):
    """What was read is what is in and what was left out, by reason; each problem is there once."""
    first = await store(
        tmp_path / "a.db",
        [
            solved(0, "x*exp(x)", "(x - 1)*exp(x)"),
            solved(1, "7*exp(x)*x", "7*(x - 1)*exp(x)"),
            proven(2, "exp(x**2)"),
            solved(3, "x", status=Status.TIMEOUT),
            solved(4, "exp(x)" + "*sin(x)" * 300),
        ],
    )
    second = await store(
        tmp_path / "b.db", [equation(0, "sub Y' Y", "mul a8 exp x"), solved(5, "x*exp(x)*5")], OTHER
    )
    report = await run(first, second, to=tmp_path / "out", request=JSONL)
    assert report.state == "done"
    assert report.rows == 7 == report.exported + sum(report.left_out.values())
    assert report.left_out == {"duplicate": 2, "status": 2, "too long": 1}
    assert (report.parts, report.files) == ({"train": 2}, {"train.jsonl": 2})
    found = lines(tmp_path / "out")
    assert sorted(str(row["problem_prefix"]) for row in found) == ["mul x exp x", "sub Y' Y"]
    assert {row["spec"] for row in found} == {SPEC.digest().hex(), OTHER.digest().hex()}
    assert names(tmp_path / "out") == ["export.json", "train.jsonl"]
    assert json.loads((tmp_path / "out" / "export.json").read_text())["counts"] == report.as_dict()


# The answer has 4 tokens as it stands, and 8 as published.
LONG_AS_PUBLISHED = [solved(0, "cos(x)", "sin(x)"), solved(1, "x*exp(x)", "1/x - 1/exp(x)")]


@pytest.mark.parametrize(
    ("format", "columns"),
    [("jsonl", ("input", "output")), ("jsonl", ("kind", "input")), ("parquet", ()), ("prefix", ())],
)
async def test_where_pairs_are_written_none_is_missing(
    tmp_path: Path, format: Format, columns: tuple[str, ...]
):
    """A pair that is too long as published is counted; a proof has none, and is in where more is written."""
    pytest.importorskip("pyarrow")
    path = await store(tmp_path / "a.db", [*LONG_AS_PUBLISHED, proven(2, "exp(x**2)")])
    statuses = (Status.ELEMENTARY, Status.NONELEMENTARY)
    request = Request(
        format=format, split=ALL, columns=columns, selection=Selection(statuses=statuses, max_tokens=6)
    )
    report = await run(path, to=tmp_path / "out", request=request)
    alone = format == "prefix" or ("kind" not in columns and format == "jsonl")
    assert report.left_out == {"too long": 1, **({"no answer": 1} if alone else {})}
    assert report.exported + sum(report.left_out.values()) == report.rows
    assert await parts_of(tmp_path / "out", format) == {"sub Y' cos x": "train"} | (
        {} if alone or format == "parquet" else {"None": "train"}
    )


async def test_own_pairs_are_imported_without_loss(tmp_path: Path):
    """What an export writes of pairs alone is read again, line by line."""
    path = await store(tmp_path / "a.db", [*LONG_AS_PUBLISHED, proven(2, "exp(x**2)")])
    request = Request(
        format="jsonl", split=ALL, columns=("input", "output"), selection=Selection(max_tokens=6)
    )
    await run(path, to=tmp_path / "out", request=request)
    file = tmp_path / "out" / "train.jsonl"
    with file.open("rb") as source, opened(source, str(file), None) as given:
        await import_file(tmp_path / "b.db", given, ImportSettings(workers=1))
    assert query(tmp_path / "b.db", "SELECT problem_prefix, status FROM results") == [("cos x", "elementary")]


@pytest.mark.parametrize("format", ["prefix", "jsonl", "parquet"])
async def test_the_bytes_do_not_depend_on_the_order(tmp_path: Path, format: Format):
    """Neither on that of the stores, nor on their names, nor on the number of workers."""
    if format == "parquet":
        pytest.importorskip("pyarrow")
    rows = many(0, 450)
    first = await store(tmp_path / "a.db", rows[:300])
    second = await store(tmp_path / "b.db", [row._replace(index=row.index + 9) for row in rows[200:]], OTHER)
    request = Request(format=format, split=THIRDS)
    assert (await run(first, second, to=tmp_path / "1", request=request)).left_out == {"duplicate": 100}
    first.rename(tmp_path / "c.db")
    await export([second, tmp_path / "c.db"], tmp_path / "2", request, Run(workers=1))
    assert files(tmp_path / "1") == files(tmp_path / "2")
    reports = [(tmp_path / folder / "export.json").read_bytes() for folder in "12"]
    assert reports[0] == reports[1]


async def test_rows_come_in_the_order_of_their_marks(tmp_path: Path):
    """So that kinds and stores are mixed, and no part begins with what is easy."""
    path = await store(tmp_path / "a.db", many(0, 300))
    await run(path, to=tmp_path / "out", request=replace(JSONL, columns=("form_mark", "index")))
    found = lines(tmp_path / "out")
    assert found == sorted(found, key=lambda row: str(row["form_mark"]))
    indices = [int(str(row["index"])) for row in found]
    assert abs(sum(indices[:100]) / 100 - 150) < 40


async def parts_of(folder: Path, format: Format) -> dict[str, str]:
    """The part in which each problem is, read from the files of the format."""
    found = {}
    for part, other in (("train", "train"), ("validation", "valid"), ("test", "test")):
        if format == "jsonl":
            rows = lines(folder, part) if (folder / f"{part}.jsonl").exists() else []
            found.update({str(row["input"]): part for row in rows})
        elif format == "prefix":
            file = folder / f"{other}.prefix"
            text = file.read_text() if file.exists() else ""
            found.update({line.partition("\t")[0]: part for line in text.splitlines()})
        else:
            import pyarrow.parquet

            for file in folder.glob(f"data/seq2seq/{part}-*"):
                rows = pyarrow.parquet.read_table(file).to_pylist()
                found.update({row["input"]: part for row in rows})
    return found


@pytest.mark.parametrize("seed", [1, 2])
async def test_equal_values_are_never_in_two_parts(tmp_path: Path, seed: int):
    """In any format, from whatever stores, whatever else is exported."""
    pytest.importorskip("pyarrow")
    pairs = [(text, number) for number, group in enumerate(SAME_VALUES) for text in group]
    spec = replace(SPEC, seed=seed)
    rows = [solved(index, text) for index, (text, _) in enumerate(pairs)]
    a = await store(tmp_path / "a.db", rows[::2] + many(100, 160), spec)
    b = await store(tmp_path / "b.db", rows[1::2] + many(50, 120), replace(spec, seed=9))
    one: dict[str, str] = {}
    for number, (format, stores) in enumerate(
        [("jsonl", [a, b]), ("prefix", [b]), ("prefix", [a, b]), ("parquet", [b, a]), ("jsonl", [a])]
    ):
        chosen: Format = format  # type: ignore[assignment]
        to = tmp_path / str(number)
        request = Request(
            format=chosen, split=THIRDS, columns=("input", "values_mark") if format == "jsonl" else ()
        )
        await run(*stores, to=to, request=request)
        for problem, part in (await parts_of(to, chosen)).items():
            values = marks_of(problem.split()[2:]).values.hex()
            assert one.setdefault(values, part) == part
    assert set(one.values()) == {"train", "validation", "test"}
    groups = [
        {marks_of(rows[i].problem_prefix.split()).values for i, (_, n) in enumerate(pairs) if n == k}
        for k in range(6)
    ]
    assert all(len(group) == 1 for group in groups)  # else nothing was tried


# The same question in each line: the integral of f, and equations Y' = c f(x).
SAME_QUESTION = [
    ["cos x", "add Y' mul INT- 1 cos x", "sub mul INT+ 3 Y' cos x", "mul INT+ 5 cos x"],
    ["sin mul INT+ 2 x", "sub Y' mul sin x cos x", "sub mul x Y' mul x sin mul INT+ 2 x"],
    ["mul x exp x", "sub mul INT+ 7 mul x exp x Y'", "sub div Y' x exp x"],
    ["div INT+ 1 add x INT+ 1", "sub mul add x INT+ 1 Y' INT+ 4", "sub add mul x Y' Y' INT+ 1"],
    ["tanh ln x", "add Y' tanh ln x", "add mul pi Y' div tanh ln x sqrt INT+ 2"],
    ["erf x", "sub Y' erf x", "sub erf x div Y' INT+ 9"],
    *([f"sin pow x INT+ {n}", f"sub Y' sin pow x INT+ {n}"] for n in range(2, 9)),
]


def asking(index: int, problem: str) -> Outcome:
    """A row that asks for an integral, or an equation."""
    if "Y'" in problem:
        return equation(index, problem, "add a8 x")
    return Problem(index, problem, 1).outcome(Status.ELEMENTARY, answer=("x",))


@pytest.mark.parametrize("split_by", ["values", "skeleton"])
@pytest.mark.parametrize("format", ["jsonl", "prefix", "parquet"])
async def test_an_equation_is_where_its_integral_is(tmp_path: Path, format: Format, split_by: By):
    """Together, apart, and in either order; where both have one form, they are duplicates of each other."""
    pytest.importorskip("pyarrow")
    texts = [text for group in SAME_QUESTION for text in group]
    rows = [asking(index, text) for index, text in enumerate(texts)]
    a = await store(tmp_path / "a.db", rows[::2])
    b = await store(tmp_path / "b.db", rows[1::2], OTHER)
    groups = {
        " ".join(in_published_notation(text.split())): number
        for number, group in enumerate(SAME_QUESTION)
        for text in group
    }
    seen: dict[int, str] = {}
    request = Request(format=format, split=THIRDS, split_by=split_by, columns=("input",))
    for number, stores in enumerate([[a, b], [b, a], [a], [b]]):
        if len(stores) == 1 and split_by == "skeleton":  # which promises this within one export
            seen.clear()
        report = await run(*stores, to=tmp_path / str(number), request=request)
        assert report.exported + sum(report.left_out.values()) == report.rows
        for problem, part in (await parts_of(tmp_path / str(number), format)).items():
            group = groups[problem if problem in groups else problem.removeprefix("sub Y' ")]
            assert seen.setdefault(group, part) == part
        if number < 2:
            assert report.left_out["duplicate"] >= 15
            assert len(set(seen.values())) > 1


# Equal values, or equal but for their numbers, and neither.
ALIKE = [*SAME_VALUES, [f"x*sin({n}*x)" for n in range(2, 9)], [f"x/({n}*x + exp(x))" for n in range(1, 9)]]


@pytest.mark.parametrize("format", ["jsonl", "prefix"])
async def test_by_skeleton_neither_skeletons_nor_values_are_in_two_parts(tmp_path: Path, format: Format):
    """Whatever the order of the stores; what is left out for it is counted, and held out elsewhere."""
    texts = [text for group in ALIKE for text in group]
    rows = [*(solved(index, text) for index, text in enumerate(texts)), *many(100, 160)]
    a, b = await store(tmp_path / "a.db", rows[::2]), await store(tmp_path / "b.db", rows[1::2], OTHER)
    request = Request(format=format, split=THIRDS, split_by="skeleton", columns=("input", "problem_prefix"))
    report = await run(a, b, to=tmp_path / "1", request=request)
    assert await run(b, a, to=tmp_path / "2", request=request) == report
    assert files(tmp_path / "1") == files(tmp_path / "2")
    assert report.exported + sum(report.left_out.values()) == len(rows)
    assert report.left_out["values held out"] > 0
    seen: dict[tuple[str, object], str] = {}
    for problem, part in (await parts_of(tmp_path / "1", format)).items():
        tokens = problem.split()[2:]
        for mark in (("values", marks_of(tokens).values), ("skeleton", skeleton(tokens))):
            assert seen.setdefault(mark, part) == part
    assert {part for (_, _), part in seen.items()} == {"train", "validation", "test"}


@pytest.mark.parametrize("format", ["jsonl", "prefix"])
async def test_a_part_without_rows_has_no_file(tmp_path: Path, format: Format):
    """An empty file is one that libraries stumble over; the report says that there are none."""
    path = await store(tmp_path / "a.db", many(0, 1))
    report = await run(path, to=tmp_path / "out", request=Request(format=format))
    assert sorted(report.parts.values()) == [0, 0, 1]
    assert list(report.files.values()) == [1]
    assert names(tmp_path / "out") == sorted(["export.json", *report.files])


async def test_a_stopped_export_goes_on(tmp_path: Path):
    """With the same bytes in the end; nothing but the working file is there meanwhile."""
    path = await store(tmp_path / "a.db", many(0, 3000))
    await run(path, to=tmp_path / "whole")
    stop, seen = asyncio.Event(), []

    def on_progress(read: int, rows: int) -> None:
        seen.append((read, rows))
        stop.set()

    report = await run(path, to=tmp_path / "out", stop=stop, on_progress=on_progress)
    assert report.state == "stopped"
    assert 0 < report.rows < 3000 == seen[0][1]
    assert {name.removesuffix("-wal") for name in names(tmp_path / "out")} == {NAME}
    seen = []
    assert (await run(path, to=tmp_path / "out", on_progress=lambda *read: seen.append(read))).state == "done"
    assert seen[0][0] > report.rows
    assert files(tmp_path / "out") == files(tmp_path / "whole")


async def test_a_stop_while_files_are_written(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    """No file has appeared; the next call reads no store again."""
    path = await store(tmp_path / "a.db", many(0, 40))
    stop = asyncio.Event()
    monkeypatch.setattr(module, "_AT_A_TIME", 10)
    written = module._writer

    def stopping(*args: object) -> object:
        stop.set()
        return written(*args)  # type: ignore[arg-type]

    monkeypatch.setattr(module, "_writer", stopping)
    assert (await run(path, to=tmp_path / "out", stop=stop)).state == "stopped"
    assert {name.removesuffix("-wal") for name in names(tmp_path / "out")} == {NAME}
    monkeypatch.setattr(module, "_writer", written)
    monkeypatch.setattr(scanning, "Scheduler", None)  # it would be needed for reading
    assert (await run(path, to=tmp_path / "out")).exported == 40


async def test_a_complete_export_is_left_alone(tmp_path: Path):
    """The same again does nothing; other flags are refused, and so is a store that has grown."""
    path = await store(tmp_path / "a.db", many(0, 20))
    done = await run(path, to=tmp_path / "out")
    before = files(tmp_path / "out")
    assert await run(path, to=tmp_path / "out") == replace(done, state="nothing")
    with pytest.raises(UsageError, match="made with other flags or from other stores"):
        await run(path, to=tmp_path / "out", request=PREFIX)
    await store(path, many(0, 21))
    with pytest.raises(UsageError, match="made with other flags or from other stores"):
        await run(path, to=tmp_path / "out")
    assert files(tmp_path / "out") == before


async def test_a_store_that_grows_meanwhile_is_refused(tmp_path: Path):
    """Half of its new rows would be in: the message says what to do, and the next call begins anew."""
    path = await store(tmp_path / "a.db", many(0, 20))
    async with Store(path, SPEC) as writer:
        number = await writer.begin_run(INFO)

        async def grow() -> None:
            await writer.add(number, many(20, 21))

        tasks = []
        with pytest.raises(ExportError, match="was written to while it was read"):
            await run(
                path, to=tmp_path / "out", on_progress=lambda *_: tasks.append(asyncio.ensure_future(grow()))
            )
        await asyncio.gather(*tasks)
    assert (await run(path, to=tmp_path / "out")).exported == 21


@pytest.mark.parametrize("format", ["prefix", "jsonl", "parquet"])
async def test_a_disk_that_fills_up(tmp_path: Path, format: Format):
    """One line, no file half written; once there is room the same call goes on without reading again."""
    if format == "parquet":
        pytest.importorskip("pyarrow")
    path = await store(tmp_path / "a.db", many(0, 1000))
    request = Request(format=format, split=ALL)
    await run(path, to=tmp_path / "whole", request=request)
    with mounted(tmp_path / "disk", "3m") as disk:
        ballast: list[Path] = []
        with pytest.raises((ExportError, StoreWriteError)) as caught:
            await run(
                path,
                to=disk / "out",
                request=request,
                on_progress=lambda read, rows: ballast.append(fill(disk)) if read == rows else None,
            )
        assert "space" in str(caught.value)
        assert "\n" not in str(caught.value)
        assert {name.removesuffix("-wal") for name in names(disk / "out")} == {NAME}
        ballast[0].unlink()
        assert (await run(path, to=disk / "out", request=request)).exported == 1000
        assert files(disk / "out") == files(tmp_path / "whole")


async def test_a_file_that_must_not_grow(tmp_path: Path):
    """Refused in one line by whichever file comes first to its limit, and resumed."""
    path = await store(tmp_path / "a.db", many(0, 1500))
    for size in (60_000, 200_000):
        with largest_file(size), pytest.raises((ExportError, StoreWriteError, StoreError)) as caught:
            await run(path, to=tmp_path / "out")
        assert "\n" not in str(caught.value)
        assert [name for name in names(tmp_path / "out") if not name.startswith(NAME)] == []
    assert (await run(path, to=tmp_path / "out")).exported == 1500


async def test_a_row_that_kills_its_worker_goes_by_its_text(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    """The others of its call are marked as ever."""
    path = await store(tmp_path / "a.db", [*many(0, 5), solved(5, "3*x")])
    await run(path, to=tmp_path / "whole", request=replace(JSONL, columns=("form_mark",)))
    monkeypatch.setattr(scanning, "mark", mark_or_die)
    report = await run(path, to=tmp_path / "out", request=replace(JSONL, columns=("form_mark",)))
    assert (report.exported, report.by_text) == (6, 1)
    found, usual = ({row["form_mark"] for row in lines(tmp_path / folder)} for folder in ("out", "whole"))
    assert len(found & usual) == 5


@pytest.mark.parametrize("rows", [[], [solved(0, "x", status=Status.TIMEOUT)]])
async def test_nothing_to_export_is_said(tmp_path: Path, rows: list):
    """With the counts, and no folder is left."""
    path = await store(tmp_path / "a.db", rows)
    with pytest.raises(UsageError, match=r"no row is left to export \((status 1|the stores are empty)\)"):
        await run(path, to=tmp_path / "out")
    assert not (tmp_path / "out").exists()


async def test_flags_of_the_selection_reach_the_rows(tmp_path: Path):
    """Real forms, equations on a part, kinds."""
    rows = [
        solved(0, "1/x", "log(x)")._replace(real="no", real_answer="log(abs(x))"),
        equation(1, "sub Y' Y", "mul a8 exp x", Status.UNVERIFIED),
    ]
    path = await store(tmp_path / "a.db", rows)
    both = replace(JSONL, selection=Selection(real_answers=True, on_part=True))
    assert (await run(path, to=tmp_path / "out", request=both)).exported == 2
    found = {row["kind"]: row for row in lines(tmp_path / "out")}
    assert found["forward"]["integral"] == "log(abs(x))"
    assert found["forward"]["answer_prefix"] == "ln abs x"
    assert (found["forward"]["real"], found["ode1"]["status"]) == ("yes", "unverified")


@pytest.fixture(autouse=True)
async def _no_task_is_left() -> AsyncIterator[None]:
    """Nothing goes on behind an export."""
    yield
    assert asyncio.all_tasks() == {asyncio.current_task()}
