"""Reads the rows of an export again, whichever format it has."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any, Literal

from asyncgen.datasets.importing.cells import json_object
from asyncgen.datasets.measuring.pair_files import Kind, files_of, parquet_rows
from asyncgen.problems.files import readable

Notation = Literal["own", "published"]
_PARTS = {"train": "train", "valid": "validation", "validation": "validation", "test": "test"}
_PUBLISHED = ("input", "output")


def notation_of(folder: Path) -> Notation:
    """In which notation the problems and answers of an export are read. Raises UsageError."""
    file, kind = files_of(folder)[0]
    if kind is Kind.PUBLISHED:
        return "published"
    _, row = next(_rows(file, kind), ("", {"problem_prefix": ""}))
    return "own" if "problem_prefix" in row else "published"


def rows_of(folder: Path, part: str) -> Iterator[tuple[str, Any]]:
    """Where a row stands, and what it is: its columns, or a published line. Raises UsageError."""
    for file, kind in files_of(folder):
        if _PARTS.get(file.name.partition(".")[0].partition("-")[0]) == part:
            for place, row in _rows(file, kind):
                if isinstance(row, dict) and "problem_prefix" not in row:
                    problem, answer = (row[name] for name in _PUBLISHED)
                    yield place, f"{problem}\t{answer or ''}"
                else:
                    yield place, row


def _rows(file: Path, kind: Kind) -> Iterator[tuple[str, Any]]:
    if kind is Kind.PARQUET:
        for row in parquet_rows(file):
            yield str(file), row
        return
    with readable(str(file)), file.open("rb") as lines:
        for number, line in enumerate(lines, start=1):
            place = f"{file}, line {number}"
            yield place, json_object(line) if kind is Kind.JSON else line.decode().rstrip("\n")
