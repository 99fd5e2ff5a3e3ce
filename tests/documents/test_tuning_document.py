"""docs/tuning.md knows every flag and its default, and its table is that of the measured file."""

import csv
import re
import subprocess
import sys
from pathlib import Path

import pytest
from cyclopts import Argument
from document_text import blocks, codes, section, table
from places import DOCS, ROOT
from processes import needed_packages

from asyncgen.command.commands import app
from asyncgen.command.exits import EXIT_STOPPED, EXIT_USAGE
from asyncgen.jobs.run import BATCH, FLUSH_SECONDS

DOCUMENT = DOCS / "tuning.md"
CURVE = DOCS / "pictures" / "timeout.csv"


def flags() -> dict[str, str]:
    """Every flag of the main command, with its default: that of the code, or what the help says instead."""
    found = [argument for argument in app.assemble_argument_collection() if argument.names[0] != "*"]
    return {argument.names[0]: default_of(argument) for argument in found}


def default_of(argument: Argument) -> str:
    value = argument.field_info.default
    said = re.search(r"\(default: (.*)\)", argument.parameter.help or "")
    assert not said or value is None
    return said[1] if said else "" if value is None else str(value)


def test_each_flag_is_listed_with_its_default():
    """The table of flags is that of the command; where it names no default, neither code nor help has one."""
    listed = {codes(row[0])[0]: row[1] for row in table(section(DOCUMENT, "## All flags"))}
    assert listed == flags()
    assert (listed["--batch"], listed["--flush-seconds"]) == (str(BATCH), f"{FLUSH_SECONDS:g}")


def shares(row: dict[str, str], *statuses: str) -> str:
    return f"{sum(int(row[status]) for status in statuses) / int(row['rows']):.1%}"


def measured() -> list[list[str]]:
    """The rows of the CSV as the document shows them."""
    with CURVE.open(newline="") as file:
        rows = sorted(
            csv.DictReader(file), key=lambda row: (row["operators"], row["engines"], float(row["limit"]))
        )
    other = ("unverified", "unsolved", "degenerate", "memory", "crashed", "error")
    return [
        [
            *(row[name] for name in ("operators", "engines", "limit")),
            f"{float(row['rows_per_cpu_second']):.1f}",
            *(shares(row, status) for status in ("elementary", "special", "nonelementary", "timeout")),
            shares(row, *other),
        ]
        for row in rows
    ]


def test_the_table_of_timeouts_is_the_file():
    """Each figure of the table is the rounded one of the CSV that the benchmark wrote."""
    assert table(section(DOCUMENT, "## `--timeout`")) == measured()


def test_the_rows_that_were_killed_are_counted_right():
    """The document's claim about the wall-clock limit is that of the CSV."""
    with CURVE.open(newline="") as file:
        rows = list(csv.DictReader(file))
    total = f"{sum(int(row['rows']) for row in rows):,}"
    assert f"in the {total} rows of the table below not once" in " ".join(DOCUMENT.read_text().split())
    assert not any(int(row["killed"]) for row in rows)


@pytest.mark.parametrize(
    ("line", "status"), [("SuccessExitStatus", EXIT_STOPPED), ("RestartPreventExitStatus", EXIT_USAGE)]
)
def test_the_service_knows_the_exit_statuses(line: str, status: int):
    """The service is told the statuses that the command has."""
    (unit,) = blocks(DOCUMENT, "ini")
    assert re.search(rf"^{line}=(\d+)$", unit.code, re.MULTILINE)[1] == str(status)


def printed_by(script: str, *arguments: str, folder: Path) -> str:
    """What a benchmark prints, run in an empty folder, which it leaves without a store."""
    command = [sys.executable, str(ROOT / "benchmarks" / f"{script}.py"), *arguments]
    done = subprocess.run(command, cwd=folder, capture_output=True, text=True, timeout=110, check=False)
    assert done.returncode == 0, done.stderr[-4000:]
    assert not [file.name for file in folder.rglob("*.db*")]
    return done.stdout


@pytest.mark.engine
def test_a_flag_is_measured_at_each_value(tmp_path: Path):
    """The table has a row for each value, with as many columns as its head."""
    flags = ("--", "--n", "8", "--engines", "sympy", "--max-ops", "2")
    head, _, *rows = printed_by("main_job", "workers", "1,2", *flags, folder=tmp_path).splitlines()
    assert [row.split("|")[1].strip() for row in rows] == ["1", "2"]
    assert {row.count("|") for row in rows} == {head.count("|")}


@pytest.mark.engine
def test_the_curve_is_measured_and_drawn(tmp_path: Path):
    """Runs made one by one end up in one file, and its picture is drawn from nothing else."""
    needed_packages("matplotlib")
    curve, picture = tmp_path / "curve.csv", tmp_path / "curve.png"
    for timeouts in ("2", "1"):
        flags = ("--engines", "sympy", "--max-ops", "2", "--n", "8", "--timeouts", timeouts)
        printed_by("timeout_curve", str(curve), *flags, folder=tmp_path)
    with curve.open(newline="") as file:
        assert [(row["limit"], row["rows"]) for row in csv.DictReader(file)] == [("2", "8"), ("1", "8")]
    printed_by("timeout_curve", str(curve), "--draw", str(picture), folder=tmp_path)
    assert picture.read_bytes().startswith(b"\x89PNG")


@pytest.mark.engine
def test_the_steps_of_a_store_are_seen(tmp_path: Path):
    """A batch of one row makes steps of one row, but for counts that came too late."""
    printed = printed_by("crash_loss", "--batch", "1", "--seconds", "4", folder=tmp_path)
    rows, transactions, middle = re.search(
        r": (\d+) rows in (\d+) transactions, of (\d+) rows", printed
    ).groups()
    assert 0 < int(transactions) <= int(rows)
    assert int(middle) <= 2
