"""Whole imports: one row for each record, the same whatever happens meanwhile."""

import asyncio
import os
import signal
import sqlite3
import subprocess
from collections.abc import Iterator, Sequence
from contextlib import closing
from dataclasses import replace
from fractions import Fraction
from pathlib import Path

import pytest
from command_line import COMMAND, arrive
from deadly import judge_or_die
from store_cases import query

from asyncgen.datasets.exporting.export import Run, export
from asyncgen.datasets.exporting.request import Request
from asyncgen.datasets.importing.import_file import import_file, opened
from asyncgen.datasets.importing.imported import Imported, ImportSettings, Sort
from asyncgen.datasets.importing.judging import Limits
from asyncgen.datasets.importing.records import Record
from asyncgen.datasets.importing.sources import Asked, Source
from asyncgen.datasets.merging.merge import merge
from asyncgen.datasets.selection import Selection
from asyncgen.datasets.splits import Split
from asyncgen.problems.errors import StoreError, UsageError
from asyncgen.problems.records import Status
from asyncgen.store import RunInfo, Store

PAIRS = [
    ("sub Y' cos x", "sin x"),
    ("sub Y' mul INT+ 2 x", "pow2 x"),
    ("sub Y' cos x", "cos x"),
    ("sub Y' mul INT+ 3 cos x", "mul INT+ 3 sin x"),
    ("sub Y' exp sin", "x"),
    ("sub Y' Y", "mul a8 exp x"),
    ("sub Y' inv x", ""),
    ("sub Y' Y", "mul INT+ 2 mul a8 exp x"),
]
CONTENT = (
    "idx, kind, status, problem_prefix, answer_prefix, integral, reason, continuous, real, real_answer, "
    "operators, success"
)


def lines(count: int) -> str:
    """So many published lines; those of PAIRS take turns."""
    return "".join("\t".join(PAIRS[i % len(PAIRS)]) + "\n" for i in range(count))


async def imported(
    store: Path, file: Path, asked: Asked | None = None, settings: ImportSettings | None = None
) -> Imported:
    with file.open("rb") as source, opened(source, str(file), asked) as given:
        return await import_file(store, given, settings or ImportSettings(workers=2))


class Stopping:
    """The records of a source, which sets `stop` when so many were read."""

    def __init__(self, source: Source, stop: asyncio.Event, count: int) -> None:
        self.layout = source.layout
        self.share = 0.0
        self._source = source
        self._stop = stop
        self._count = count
        self._loop = asyncio.get_running_loop()

    def records(self, after: int) -> Iterator[Record]:
        """Those of the source; they are read in another thread."""
        for read, record in enumerate(self._source.records(after), 1):
            if read == self._count:
                self._loop.call_soon_threadsafe(self._stop.set)
            yield record


def content(store: Path) -> list[tuple[object, ...]]:
    """The rows, without seconds and run."""
    return query(store, f"SELECT {CONTENT} FROM results ORDER BY idx")


async def test_each_record_is_a_row(tmp_path: Path):
    """By the number of its line; what was found is counted, each record once."""
    (tmp_path / "a.prefix").write_text("# published\n" + lines(8) + "\nsub Y' sin x\tx\n")
    found = await imported(tmp_path / "a.db", tmp_path / "a.prefix")
    assert query(tmp_path / "a.db", "SELECT idx, kind, status, reason FROM results") == [
        (2, "forward", "elementary", None),
        (3, "forward", "elementary", None),
        (4, "forward", "unverified", "refuted"),
        (5, "forward", "elementary", "duplicate:2"),
        (6, "forward", "error", "unreadable:column 12: 'sin' needs 1 operands"),
        (7, "ode1", "elementary", None),
        (8, "forward", "unsolved", "no answer"),
        (9, "ode1", "elementary", "duplicate:7"),
        (11, "forward", "unverified", "refuted"),
    ]
    counts = {sort: count for sort, count in found.sorts.items() if count}
    assert (found.state, found.stored, found.records, found.is_faulty) == ("done", 9, 9, True)
    assert counts == {
        Sort.CONFIRMED: 3,
        Sort.DUPLICATE: 2,
        Sort.WRONG: 2,
        Sort.UNREADABLE: 1,
        Sort.NO_ANSWER: 1,
    }
    assert [failure.index for failure in found.failures] == [4, 5, 6, 9, 11]


async def test_a_right_answer_is_no_repetition_of_a_wrong_one(tmp_path: Path):
    """A duplicate has a confirmed record before it, not only one of the same problem."""
    records = ["sub Y' cos x\tx", "sub Y' cos x\t", "sub Y' cos x\tsin x", "sub Y' cos x\tadd sin x INT+ 1"]
    (tmp_path / "a.prefix").write_text("\n".join(records))
    await imported(tmp_path / "a.db", tmp_path / "a.prefix")
    found = query(tmp_path / "a.db", "SELECT idx, reason FROM results")
    assert found == [(1, "refuted"), (2, "no answer"), (3, None), (4, "duplicate:3")]


async def test_rows_do_not_depend_on_the_workers(tmp_path: Path):
    """Duplicates neither: the first is the first of the file, not the first that was looked at."""
    (tmp_path / "a.prefix").write_text(lines(200))
    for workers in (1, 3):
        settings = ImportSettings(workers=workers)
        await imported(tmp_path / f"{workers}.db", tmp_path / "a.prefix", settings=settings)
    assert content(tmp_path / "1.db") == content(tmp_path / "3.db")
    assert {row[6] for row in content(tmp_path / "1.db")[8:]} == {
        *("duplicate:1", "duplicate:2", "duplicate:6", "refuted", "no answer"),
        "unreadable:column 12: 'sin' needs 1 operands",
    }


async def test_a_stop_loses_nothing(tmp_path: Path):
    """What was begun is stored, in the order of the file; the same import goes on, and then does nothing."""
    (tmp_path / "a.prefix").write_text(lines(400))
    await imported(tmp_path / "whole.db", tmp_path / "a.prefix")
    stop, path = asyncio.Event(), tmp_path / "a.db"
    with (tmp_path / "a.prefix").open("rb") as file, opened(file, "a.prefix") as given:
        given = replace(given, source=Stopping(given.source, stop, 300))
        stopped = await import_file(path, given, ImportSettings(workers=1), stop)
    assert stopped.state == "stopped"
    assert 0 < stopped.stored < 400
    assert [row[0] for row in content(path)] == list(range(1, stopped.stored + 1))
    again = await imported(path, tmp_path / "a.prefix")
    assert (again.state, again.stored) == ("done", 400 - stopped.stored)
    assert content(path) == content(tmp_path / "whole.db")
    nothing = await imported(path, tmp_path / "a.prefix")
    assert (nothing.state, nothing.stored, nothing.sorts) == ("nothing", 0, again.sorts)
    assert query(path, "SELECT command, how_ended FROM runs") == [("import", "stopped"), ("import", "done")]


@pytest.mark.chaos
@pytest.mark.parametrize("format", ["prefix", "csv", "sqlite"])
def test_a_kill_changes_no_row(tmp_path: Path, format: str):
    """Killed in the middle, the same command goes on, and the rows are those of an import left alone."""
    file = file_of(tmp_path / "file", format, 1500)
    command = [*COMMAND, "import", str(file), "--format", format, "--workers", "2", "--quiet", "--to"]
    with subprocess.Popen([*command, str(tmp_path / "a.db")]) as child:
        arrive(child, lambda: stored(tmp_path / "a.db"))
        child.kill()
    before = stored(tmp_path / "a.db")
    assert 0 < before < 1500
    for store in ("a.db", "whole.db"):
        done = subprocess.run([*command, str(tmp_path / store)], capture_output=True, check=False)
        assert (done.returncode, done.stderr) == (1, b"")
    assert content(tmp_path / "a.db") == content(tmp_path / "whole.db")
    assert query(tmp_path / "a.db", "PRAGMA integrity_check") == [("ok",)]
    assert query(tmp_path / "a.db", "SELECT how_ended FROM runs") == [(None,), ("done",)]


def stored(path: Path) -> int:
    try:
        return int(str(query(path, "SELECT count(*) FROM results")[0][0]))
    except sqlite3.OperationalError:
        return 0


def file_of(path: Path, format: str, count: int) -> Path:
    """The pairs of PAIRS in turns; in CSV each takes two lines."""
    pairs = [PAIRS[i % len(PAIRS)] for i in range(count)]
    if format == "prefix":
        path.write_text(lines(count))
    elif format == "csv":
        path.write_text("input,output\n" + "".join(f'{a},"{b}\n"\n' for a, b in pairs))
    else:
        with closing(sqlite3.connect(path)) as connection:
            connection.execute("CREATE TABLE pairs (input TEXT, output TEXT)")
            connection.executemany("INSERT INTO pairs VALUES (?, ?)", pairs)
            connection.commit()
    return path


@pytest.mark.chaos
def test_an_interrupted_import_says_how_to_go_on(tmp_path: Path):
    """Ctrl-C: what was begun is stored, status 3."""
    file, store = file_of(tmp_path / "a.prefix", "prefix", 20_000), tmp_path / "a.db"
    command = [*COMMAND, "import", str(file), "--to", str(store), "--workers", "1"]
    with subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True) as child:
        arrive(child, lambda: stored(store))
        child.send_signal(signal.SIGINT)
        _, said = child.communicate(timeout=100)
    assert child.returncode == 3
    assert f"{stored(store)} records are stored; to go on: " in said


@pytest.mark.chaos
def test_a_disk_that_takes_no_more(tmp_path: Path):
    """One line, and what was stored is kept; with room again the same command goes on."""
    file, store = file_of(tmp_path / "a.prefix", "prefix", 2000), tmp_path / "a.db"
    command = [*COMMAND, "import", str(file), "--to", str(store), "--workers", "2", "--quiet"]
    limited = ["bash", "-c", 'ulimit -f 150; exec "$@"', "bash", *command]
    done = subprocess.run(limited, capture_output=True, text=True, check=False)
    (line,) = done.stderr.splitlines()
    assert done.returncode == 1
    assert line.endswith("everything stored before is kept: check the disk and its free space and resume")
    before = stored(store)
    assert 0 < before < 2000
    again = subprocess.run(command, capture_output=True, text=True, check=False)
    assert (again.returncode, again.stderr, stored(store)) == (1, "", 2000)


async def exported(folder: Path, stores: Sequence[Path], format: str, **more: object) -> Path:
    """The one file of an export without splits."""
    request = Request(format=format, split=Split((Fraction(1), Fraction(0), Fraction(0))), **more)
    await export(stores, folder, request, Run(workers=2))
    (path,) = (path for path in folder.iterdir() if path.name.startswith("train"))
    return path


@pytest.mark.parametrize("format", ["prefix", "jsonl"])
async def test_what_was_exported_comes_back(tmp_path: Path, format: str):
    """Every row of ours is confirmed again, with its kind where the file has it, and its form."""
    (tmp_path / "a.prefix").write_text(lines(6) + "sub Y' inv x\tln x\nsub Y' erf x\t\n")
    await imported(tmp_path / "a.db", tmp_path / "a.prefix", Asked(kind="parts"))
    file = await exported(tmp_path / "out", [tmp_path / "a.db"], format)
    back = await imported(tmp_path / "back.db", file, Asked(kind="parts"))
    assert (back.records, back.sorts[Sort.CONFIRMED]) == (4, 4)
    shown = "kind, status, continuous, real, real_answer"
    rows = [
        query(
            tmp_path / store, f"SELECT {shown} FROM results WHERE success AND reason IS NULL ORDER BY 1, 2, 5"
        )
        for store in ("a.db", "back.db")
    ]
    assert rows[0] == rows[1]


async def test_an_equation_on_a_part_is_exported_on_part(tmp_path: Path):
    """As rows that were built."""
    (tmp_path / "a.prefix").write_text("sub Y' Y\tmul a8 exp abs x\n")
    await imported(tmp_path / "a.db", tmp_path / "a.prefix")
    with pytest.raises(UsageError, match="no row is left to export"):
        await exported(tmp_path / "none", [tmp_path / "a.db"], "prefix")
    selection = Selection(on_part=True)
    file = await exported(tmp_path / "one", [tmp_path / "a.db"], "prefix", selection=selection)
    assert file.read_text() == "add Y' mul INT- 1 Y\tmul a8 exp abs x\n"


async def test_other_limits_are_refused(tmp_path: Path):
    """Also where nothing is left to do: the rows would not be those that are asked for."""
    (tmp_path / "a.prefix").write_text(lines(8))
    await imported(tmp_path / "a.db", tmp_path / "a.prefix")
    with pytest.raises(UsageError, match="max_tokens was 512 and is 9"):
        await imported(
            tmp_path / "a.db", tmp_path / "a.prefix", settings=ImportSettings(limits=Limits(max_tokens=9))
        )


async def test_a_file_read_in_another_way_is_refused(tmp_path: Path):
    """The specification says how answers are read, and what differs is told."""
    (tmp_path / "a.csv").write_text("input,output,kind\nx,x**2/2,parts\n")
    await imported(tmp_path / "a.db", tmp_path / "a.csv")
    there = r"csv: problem=input, answer=output, kind\?=kind, integrals=forward"
    here = r"csv: problem=input, answer=output, kind=kind, integrals=forward"
    with pytest.raises(StoreError, match=rf"the same file, read as .* \({there}\) there, .* \({here}\) here"):
        await imported(tmp_path / "a.db", tmp_path / "a.csv", Asked(columns={"kind": "kind"}))


async def test_a_merged_store_is_not_gone_on_with(tmp_path: Path):
    """Its table of problems did not come over, and duplicates would be missed; a whole one needs none."""
    (tmp_path / "a.prefix").write_text(lines(8))
    await imported(tmp_path / "a.db", tmp_path / "a.prefix")
    await merge(tmp_path / "b.db", [tmp_path / "a.db"])
    assert (await imported(tmp_path / "b.db", tmp_path / "a.prefix")).state == "nothing"
    with closing(sqlite3.connect(tmp_path / "b.db")) as connection:
        connection.execute("UPDATE runs SET how_ended = NULL")
        connection.execute("DELETE FROM results WHERE idx > 5")
        connection.commit()
    with pytest.raises(UsageError, match=r"came by a merge, .* import the file into another store"):
        await imported(tmp_path / "b.db", tmp_path / "a.prefix")


async def test_a_file_that_changes_ends_the_import(tmp_path: Path):
    """The rows that are stored stay those of the content that the store was made for."""
    file = tmp_path / "a.prefix"
    file.write_text(lines(3000))
    settings = ImportSettings(workers=1, follow=lambda _: os.utime(file, (1, 1)))
    with pytest.raises(UsageError, match="was changed while it was read"):
        await imported(tmp_path / "a.db", file, settings=settings)
    assert query(tmp_path / "a.db", "SELECT how_ended FROM runs") == [("failed",)]


async def test_every_failure_is_told_to_whoever_asks(tmp_path: Path):
    """Page by page, in order; of the first ones a list is kept."""
    (tmp_path / "a.prefix").write_text(lines(24))
    told: list[int] = []
    settings = ImportSettings(workers=2, shown=3, each=lambda failure: told.append(failure.index))
    found = await imported(tmp_path / "a.db", tmp_path / "a.prefix", settings=settings)
    assert [failure.index for failure in found.failures] == told[:3] == [3, 4, 5]
    assert told == [i for i in range(1, 25) if i not in (1, 2, 6, 7, 15, 23)]


async def test_a_record_that_kills_its_worker_costs_no_other(tmp_path: Path, monkeypatch):
    """Its row says how the worker ended; those beside it in the batch have their verdicts."""
    (tmp_path / "a.prefix").write_text(lines(4) + "sub Y' cosh x\tsinh x\n" + lines(2))
    monkeypatch.setattr("asyncgen.datasets.importing.import_file.judge", judge_or_die)
    found = await imported(tmp_path / "a.db", tmp_path / "a.prefix")
    statuses = [str(row[0]) for row in query(tmp_path / "a.db", "SELECT status FROM results ORDER BY idx")]
    assert statuses == [
        *("elementary", "elementary", "unverified", "elementary"),
        *("crashed", "elementary", "elementary"),
    ]
    assert found.sorts[Sort.CUT] == 1


async def test_a_retry_is_refused(tmp_path: Path):
    """It would put answers of engines in the place of those of the file."""
    from asyncgen.jobs.generate import retry

    (tmp_path / "a.prefix").write_text(lines(8))
    await imported(tmp_path / "a.db", tmp_path / "a.prefix")
    with pytest.raises(UsageError, match=r"came with their answers: .* import the file into another store"):
        await retry(tmp_path / "a.db", [Status.ERROR])


async def test_a_store_of_functions_alone_is_refused(tmp_path: Path):
    """The same file as one of functions is another specification."""
    (tmp_path / "a.prefix").write_text(lines(8))
    with (tmp_path / "a.prefix").open("rb") as file, opened(file, "a.prefix") as given:
        functions = given.spec.__class__(None, source=given.spec.source, reading=given.spec.reading)
    async with Store(tmp_path / "a.db", functions) as store:
        await store.begin_run(RunInfo("label"))
    with pytest.raises(StoreError, match="functions without answers there, and as problems with answers"):
        await imported(tmp_path / "a.db", tmp_path / "a.prefix")
