"""Which files hold the pairs of a path, and what each is: a store, lines of a kind, or Parquet."""

from collections.abc import Collection, Iterator
from contextlib import suppress
from enum import Enum, auto
from itertools import islice
from pathlib import Path
from typing import Any

from asyncgen.datasets.exporting import folder
from asyncgen.datasets.importing.cells import Unreadable, json_object
from asyncgen.datasets.importing.columns import Columns
from asyncgen.datasets.importing.given_file import GivenFile
from asyncgen.datasets.importing.records import Layout
from asyncgen.problems.errors import UsageError, shown
from asyncgen.problems.files import readable

PUBLISHED = (".prefix", ".train", ".valid", ".test")  # as files with published lines are named
JSON_LINES = ".jsonl"
PARQUET = ".parquet"

_MAGIC = b"SQLite format 3\0"
_ROWS = 500  # read at a time
_LOOKED_AT = 1000  # lines, to see which columns there are
_WAYS = tuple(  # the first whose columns are there
    Layout("jsonl", columns=Columns(*names, "kind"))
    for names in (("problem_prefix", "answer_prefix"), ("input", "output"))
)
NO_PAIR = "has neither problem_prefix and answer_prefix nor input and output"
_BESIDES = ("kind", "status")


class Kind(Enum):
    """What a file is."""

    STORE = auto()
    PUBLISHED = auto()
    JSON = auto()
    PARQUET = auto()


def files_of(path: Path) -> list[tuple[Path, Kind]]:
    """The files of an export, or the file itself. Raises UsageError for what holds no pairs."""
    found = _files_of(path)
    for file, kind in found:
        there = _COLUMNS[kind](file) if kind in _COLUMNS else None
        if there and layout_among(there) is None:
            raise UsageError(f"{file} {NO_PAIR}; there are: {', '.join(map(shown, sorted(there)))}")
    return found


def layout_among(there: Collection[str]) -> Layout | None:
    """How rows with these columns hold a pair; None if they hold none."""
    return next((way for way in _WAYS if set(_pair(way)) <= set(there)), None)


def _pair(way: Layout) -> tuple[str, str]:
    assert way.columns is not None
    return way.columns.problem, way.columns.answer


def _files_of(path: Path) -> list[tuple[Path, Kind]]:
    if not path.is_dir():
        return [(path, _kind(path))]
    if (report := folder.report(path)) is None:
        raise UsageError(
            f"{path} is a folder without an export: name stores, files or the folder of an export"
        )
    names = sorted(report["counts"]["files"])
    rows = [name for name in names if name.startswith("data/rows/")]
    if rows and layout_among(_of_parquet(path / rows[0])) is None:
        rows = [name for name in names if name.startswith("data/seq2seq/")]
    return [(path / name, _kind(path / name)) for name in rows or names]


def parquet_rows(path: Path) -> Iterator[dict[str, Any]]:
    """The rows of a Parquet file, no more columns than are needed. Raises UsageError."""
    parquet = _pyarrow_parquet()
    there = _of_parquet(path)
    layout = layout_among(there)
    pair = () if layout is None else _pair(layout)
    names = [*pair, *(name for name in _BESIDES if name in there)]
    with readable(str(path)), parquet.ParquetFile(path) as file:
        for batch in file.iter_batches(batch_size=_ROWS, columns=names):
            yield from batch.to_pylist()


def _kind(path: Path) -> Kind:
    with readable(str(path)), path.open("rb") as file:
        if file.read(len(_MAGIC)) == _MAGIC:
            return Kind.STORE
    if path.suffix in PUBLISHED:
        return Kind.PUBLISHED
    if path.suffix in (JSON_LINES, PARQUET):
        return Kind.JSON if path.suffix == JSON_LINES else Kind.PARQUET
    raise UsageError(
        f"{path} is no store of asyncgen, and its name does not end in {JSON_LINES}, {PARQUET} or "
        f"{', '.join(PUBLISHED)}"
    )


def _of_json(path: Path) -> set[str]:
    """The columns of the first objects: of the first that has a pair, or of all. Raises UsageError."""
    found: set[str] = set()
    with readable(str(path)), path.open("rb") as file:
        for _, line in islice(GivenFile(file, str(path)).lines(), _LOOKED_AT):
            with suppress(Unreadable):
                found |= (names := json_object(line).keys())
                if layout_among(names) is not None:
                    return set(names)
    return found


def _of_parquet(path: Path) -> set[str]:
    """The columns of a Parquet file. Raises UsageError."""
    parquet = _pyarrow_parquet()
    try:
        with readable(str(path)):
            return set(parquet.read_schema(path).names)
    except ValueError as error:  # of pyarrow, whose errors are subclasses
        raise UsageError(f"{path} is no Parquet file, or damaged: {str(error).splitlines()[0]}") from None


_COLUMNS = {Kind.JSON: _of_json, Kind.PARQUET: _of_parquet}


def _pyarrow_parquet() -> Any:
    try:
        import pyarrow.parquet
    except ImportError:
        raise UsageError("Parquet needs pyarrow: pip install 'asyncgen[export]' adds it") from None
    return pyarrow.parquet
