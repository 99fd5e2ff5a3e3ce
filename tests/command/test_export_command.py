"""`asyncgen export`: what it prints, how it ends, and what is refused in one line."""

import asyncio
import json
import os
import signal
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest
from command_line import COMMAND, arrive, asyncgen
from conftest import Refuse
from exported import files, many, proven, store
from store_cases import KEPT, names
from test_bad_input import check_refused


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return asyncio.run(store(tmp_path / "a.db", [*many(0, 30), proven(30, "exp(x**2)")]))


@pytest.fixture
def long(tmp_path: Path) -> Path:
    """A store whose export takes seconds."""
    return asyncio.run(store(tmp_path / "a.db", many(0, 6000)))


def test_the_counts_are_a_table(path: Path):
    """Every row is in it once; the same again says that there is nothing to do."""
    arguments = ("export", path, "--to", path.parent / "out", "--format", "jsonl", "--split", "0.5,0.5,0")
    done = asyncgen(*arguments)
    assert (done.returncode, done.stderr) == (0, "")
    table = [line.split() for line in done.stdout.splitlines()]
    assert table[1] == ["left", "out:", "status", "1", "3.2%"]
    assert [line[0] for line in table[2:5]] == ["train", "validation", "all"]
    assert sum(int(line[1]) for line in table[2:4]) == 30
    assert f"30 rows written, 2 files in {path.parent / 'out'}" in done.stdout
    again = asyncgen(*arguments)
    assert again.returncode == 0
    assert "30 rows was there already" not in again.stdout
    assert "30 rows were there already" in again.stdout


def test_programs_are_told_the_same(path: Path):
    """As JSON, and in the folder itself."""
    out = path.parent / "out"
    done = asyncgen("export", path, "--to", out, "--format", "prefix", "--json", "--quiet", "--workers", 1)
    summary = json.loads(done.stdout)
    assert (summary.pop("state"), summary.pop("to")) == ("done", str(out))
    assert summary == json.loads((out / "export.json").read_text())["counts"]
    assert (summary["rows"], summary["exported"], summary["left_out"]) == (31, 30, {"status": 1})


def test_rows_with_steps_are_counted(path: Path):
    """In the text, and for programs."""
    arguments = ("export", path, "--format", "jsonl", "--steps", "--columns", "integrand", "--to")
    done = asyncgen(*arguments, path.parent / "out", "--status", "nonelementary")
    assert (done.returncode, done.stdout.splitlines()[-2]) == (0, "with steps: 1 rows")
    done = asyncgen(*arguments, path.parent / "other", "--json")
    assert json.loads(done.stdout)["steps"] == 30


def test_an_old_store_is_exported_as_it_is(tmp_path: Path):
    """One of the first version."""
    before = KEPT.read_bytes()
    done = asyncgen("export", KEPT, "--to", tmp_path / "out", "--format", "prefix", "--json")
    assert json.loads(done.stdout)["exported"] > 0
    assert KEPT.read_bytes() == before


def started(store: Path, out: Path) -> "subprocess.Popen[str]":
    command = [*COMMAND, "export", str(store), "--to", str(out), "--format", "jsonl", "--workers", "1"]
    return subprocess.Popen(
        command, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    )


def has_read(out: Path) -> Callable[[], bool]:
    wal = out / ".export.db-wal"
    return lambda: wal.exists() and wal.stat().st_size > 500_000


def is_writing(out: Path) -> Callable[[], bool]:
    return (out / ".export.parts").exists


@pytest.mark.parametrize("moment", [has_read, is_writing])
def test_a_killed_export_goes_on(long: Path, moment: Callable[[Path], Callable[[], bool]]):
    """No file has appeared, and in the end they are those of an export that nobody killed."""
    out, whole = long.parent / "out", long.parent / "whole"
    with started(long, out) as process:
        arrive(process, moment(out))
        process.send_signal(signal.SIGKILL)
    assert [name for name in names(out) if not name.startswith(".export")] == []
    for folder in (out, whole):
        done = asyncgen("export", long, "--to", folder, "--format", "jsonl")
        assert done.returncode == 0, done.stderr
    assert names(out) == ["export.json", "test.jsonl", "train.jsonl", "validation.jsonl"]
    assert files(out) == files(whole)


def test_a_report_that_somebody_changed(path: Path, refuse: Refuse):
    """One line; the files are left alone."""
    arguments = ["export", "a.db", "--to", "out", "--format", "jsonl"]
    assert refuse(*arguments, "--quiet").returncode == 0
    report = path.parent / "out" / "export.json"
    report.write_text(report.read_text().replace('"counts"', '"count"'))
    check_refused(refuse, path.parent, arguments, ("asyncgen: ", "export.json of the folder was changed"))
    report.write_text("{")
    check_refused(
        refuse, path.parent, arguments, ("asyncgen: ", "out is not empty and no export of asyncgen")
    )


def test_an_interrupted_export_says_how_to_go_on(long: Path):
    """Status 3, the command in the last line, and no worker is left."""
    out = long.parent / "out"
    with started(long, out) as process:
        arrive(process, has_read(out))
        process.send_signal(signal.SIGINT)
        _, said = process.communicate(timeout=60)
    assert process.returncode == 3
    first, last = said.splitlines()[0], said.splitlines()[-1]
    assert first.startswith("SIGINT: finishing what runs")
    assert "rows are read and kept; to go on: " in last
    assert last.endswith(f"export {long} --to {out} --format jsonl --workers 1")
    assert asyncgen("export", long, "--to", out, "--format", "jsonl").returncode == 0


@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        (["export", "--to", "out", "--format", "jsonl"], "export needs a store"),
        (["export", "no.db", "--to", "out", "--format", "jsonl"], "no.db does not exist"),
        (
            ["export", "text", "--to", "out", "--format", "jsonl"],
            "is not a store of asyncgen, nor any SQLite file",
        ),
        (["export", "a.db", "a.db", "--to", "out", "--format", "jsonl"], "a.db is named twice"),
        (["export", "a.db", "--to", "text", "--format", "jsonl"], "text is a file: name a folder"),
        (
            ["export", "a.db", "--to", "text/out", "--format", "jsonl"],
            "text/out cannot be made: Not a directory",
        ),
        (
            ["export", "a.db", "--to", "full", "--format", "jsonl"],
            "full is not empty and no export of asyncgen",
        ),
        (["export", "a.db", "--to", "out", "--format", "csv"], "format"),
        (["export", "a.db", "--format", "jsonl"], "to"),
        (
            ["export", "a.db", "--to", "out", "--format", "jsonl", "--columns", "kind,integrant"],
            "did you mean 'integrand'?",
        ),
        (["export", "a.db", "--to", "out", "--format", "jsonl", "--columns", "kind,kind"], "named twice"),
        (
            ["export", "a.db", "--to", "out", "--format", "jsonl", "--kind", "bakward"],
            "did you mean 'backward'?",
        ),
        (
            ["export", "a.db", "--to", "out", "--format", "jsonl", "--kind", "ode1"],
            "no row is left to export (kind 30, status 1)",
        ),
        (
            ["export", "a.db", "--to", "out", "--format", "jsonl", "--status", "elementry"],
            "did you mean 'elementary'?",
        ),
        (
            ["export", "a.db", "--to", "out", "--format", "jsonl", "--max-tokens", "0"],
            "--max-tokens 0: it must be 1 or more",
        ),
        (
            ["export", "a.db", "--to", "out", "--format", "jsonl", "--split", "0.8,0.3"],
            "--split 0.8,0.3: it must be",
        ),
        (
            ["export", "a.db", "--to", "out", "--format", "jsonl", "--counted"],
            "--counted is for prefix, not for jsonl",
        ),
        (
            ["export", "a.db", "--to", "out", "--format", "prefix", "--proof"],
            "--proof is for jsonl and parquet, not for prefix",
        ),
        (
            ["export", "a.db", "--to", "out", "--format", "prefix", "--steps"],
            "--steps is for jsonl and parquet, not for prefix",
        ),
        (
            ["export", "a.db", "--to", "out", "--format", "jsonl", "--shard-rows", "9"],
            "--shard-rows is for parquet",
        ),
        (
            ["export", "a.db", "--to", "out", "--format", "parquet", "--shard-rows", "0"],
            "it must be 1 or more",
        ),
        (
            ["export", "a.db", "--to", "out", "--format", "jsonl", "--licence", "mit"],
            "--licence is for parquet, not for jsonl",
        ),
        (
            ["export", "a.db", "--to", "out", "--format", "parquet", "--licence", "mit\nx: 1"],
            "it must be a name of the hub, such as cc-by-4.0, mit or other",
        ),
        (
            ["export", "a.db", "--to", "out", "--format", "jsonl", "--workers", "0"],
            "--workers 0: it must be 1 or more",
        ),
        (["export", "a.db", "--to", "out", "--format", "jsonl", "--colums", "kind"], "--columns"),
    ],
)
def test_what_does_not_fit_is_refused(path: Path, refuse: Refuse, arguments: list[str], says: str):
    """Status 2, one line, and nothing is made."""
    (path.parent / "text").write_text("x\n")
    (path.parent / "full").mkdir()
    (path.parent / "full" / "mine").write_text("x\n")
    check_refused(refuse, path.parent, arguments, ("asyncgen: ", says))


def test_a_store_of_a_newer_version_is_refused(path: Path, refuse: Refuse):
    """By its number."""
    data = bytearray(path.read_bytes())
    data[60:64] = (99).to_bytes(4, "big")
    path.write_bytes(data)
    check_refused(
        refuse,
        path.parent,
        ["export", "a.db", "--to", "out", "--format", "jsonl"],
        ("asyncgen: ", "has version 99 of the store's layout"),
    )


def test_without_pyarrow_one_line_says_what_adds_it(
    path: Path, refuse: Refuse, monkeypatch: pytest.MonkeyPatch
):
    """And the other formats go on."""
    monkeypatch.setitem(sys.modules, "pyarrow", None)
    check_refused(
        refuse,
        path.parent,
        ["export", "a.db", "--to", "out", "--format", "parquet"],
        ("asyncgen: ", "--format parquet needs pyarrow: pip install 'asyncgen[export]' adds it"),
    )
    assert refuse("export", "a.db", "--to", "out", "--format", "jsonl", "--quiet").returncode == 0


def test_a_folder_that_is_read_only(path: Path, refuse: Refuse):
    """One line, status 2."""
    if os.geteuid() == 0:
        pytest.skip("root may write everywhere")
    folder = path.parent / "out"
    folder.mkdir(mode=0o500)
    done = refuse("export", "a.db", "--to", "out", "--format", "jsonl")
    assert done.returncode == 2
    assert len(done.stderr.splitlines()) == 1
