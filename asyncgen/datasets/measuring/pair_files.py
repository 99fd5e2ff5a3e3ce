"""Which files hold the pairs of a path, and what each is: a store, lines of a kind, or Parquet."""

from collections.abc import Iterator
from enum import Enum, auto
from pathlib import Path
from typing import Any

from asyncgen.datasets.exporting import folder
from asyncgen.problems.errors import UsageError
from asyncgen.problems.files import readable

PUBLISHED = (".prefix", ".train", ".valid", ".test")  # as files with published lines are named
JSON_LINES = ".jsonl"
PARQUET = ".parquet"

_MAGIC = b"SQLite format 3\0"
_ROWS = 500  # read at a time
_NAMES = ({"problem_prefix", "answer_prefix"}, {"input", "output"})  # of columns, the first that are there
_BESIDES = ("kind", "status")


class Kind(Enum):
    """What a file is."""

    STORE = auto()
    PUBLISHED = auto()
    JSON = auto()
    PARQUET = auto()


def files_of(path: Path) -> list[tuple[Path, Kind]]:
    """The files of an export, or the file itself. Raises UsageError for what holds no pairs."""
    if not path.is_dir():
        return [(path, _kind(path))]
    if (report := folder.report(path)) is None:
        raise UsageError(
            f"{path} is a folder without an export: name stores, files or the folder of an export"
        )
    names = sorted(report["counts"]["files"])
    rows = [name for name in names if name.startswith("data/rows/")]
    if rows and _columns(path / rows[0]) & _NAMES[0] != _NAMES[0]:
        rows = [name for name in names if name.startswith("data/seq2seq/")]
    return [(path / name, _kind(path / name)) for name in rows or names]


def parquet_rows(path: Path) -> Iterator[dict[str, Any]]:
    """The rows of a Parquet file, no more columns than are needed. Raises UsageError."""
    parquet = _pyarrow_parquet()
    there = _columns(path)
    wanted = next((names for names in _NAMES if names <= there), None)
    if wanted is None:
        raise UsageError(f"{path} has neither problem_prefix and answer_prefix nor input and output")
    names = [*sorted(wanted), *(name for name in _BESIDES if name in there)]
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


def _columns(path: Path) -> set[str]:
    """The columns of a Parquet file. Raises UsageError."""
    parquet = _pyarrow_parquet()
    try:
        with readable(str(path)):
            return set(parquet.read_schema(path).names)
    except ValueError as error:  # of pyarrow, whose errors are subclasses
        raise UsageError(f"{path} is no Parquet file, or damaged: {str(error).splitlines()[0]}") from None


def _pyarrow_parquet() -> Any:
    try:
        import pyarrow.parquet
    except ImportError:
        raise UsageError("Parquet needs pyarrow: pip install 'asyncgen[export]' adds it") from None
    return pyarrow.parquet
