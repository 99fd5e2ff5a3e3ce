"""Parquet: shards of limited length, compressed with zstd, a folder for each configuration.

Guarantees: at most a row group of each file under way is in memory.
"""

from collections.abc import Sequence
from typing import Any

from asyncgen.datasets.columns import Row
from asyncgen.datasets.exporting.configurations import Configuration, Values
from asyncgen.datasets.exporting.folder import Parts
from asyncgen.problems.errors import UsageError

ROW_GROUP = 5000  # rows


def check_installed() -> None:
    """Raise UsageError without pyarrow."""
    try:
        import pyarrow.parquet  # noqa: F401
    except ImportError:
        raise UsageError("--format parquet needs pyarrow: pip install 'asyncgen[export]' adds it") from None


class ParquetFiles:
    """A writer of data/CONFIGURATION/PART-00000-of-00001.parquet and so on."""

    def __init__(self, parts: Parts, configurations: Sequence[Configuration], shard_rows: int) -> None:
        self._parts = parts
        self._configurations = configurations
        self._shard_rows = shard_rows
        self._shards: dict[tuple[str, str], _Shards] = {}

    def add(self, part: str, row: Row) -> None:
        for configuration in self._configurations:
            if (values := configuration.values(row)) is not None:
                self._of(configuration, part).add(values)

    def _of(self, configuration: Configuration, part: str) -> "_Shards":
        key = (configuration.name, part)
        if key not in self._shards:
            self._shards[key] = _Shards(self._parts, configuration, part, self._shard_rows)
        return self._shards[key]

    def finish(self) -> dict[str, int]:
        found: dict[str, int] = {}
        for key in sorted(self._shards):
            found |= self._shards[key].finish()
        return found

    def close(self) -> None:
        for shards in self._shards.values():
            shards.close()


class _Shards:
    """The files of one part of one configuration, one after the other."""

    def __init__(self, parts: Parts, configuration: Configuration, part: str, shard_rows: int) -> None:
        import pyarrow

        types = {str: pyarrow.string(), int: pyarrow.int64(), float: pyarrow.float64()}
        self._schema = pyarrow.schema([(name, types[type_]) for name, type_ in configuration.columns.items()])
        self._parts = parts
        self._begin = f"data/{configuration.name}/{part}"
        self._shard_rows = shard_rows
        self._rows: list[int] = [0]  # written, by shard; the last one is being written
        self._waiting: list[Values] = []
        self._file: Any = None

    def add(self, values: Values) -> None:
        self._waiting.append(values)
        if len(self._waiting) == min(ROW_GROUP, self._shard_rows - self._rows[-1]):
            self._write()

    def _write(self) -> None:
        """Write the rows that wait as a row group; begin another shard after a full one."""
        import pyarrow
        import pyarrow.parquet

        if self._file is None:
            path = self._parts.path(self._name(len(self._rows) - 1))
            self._file = pyarrow.parquet.ParquetWriter(path, self._schema, compression="zstd")
        self._file.write_table(pyarrow.Table.from_pylist(self._waiting, self._schema))
        self._rows[-1] += len(self._waiting)
        self._waiting = []
        if self._rows[-1] == self._shard_rows:
            self.close()
            self._rows.append(0)

    def _name(self, shard: int, last: str = "") -> str:
        return f"{self._begin}-{shard:05d}{last}.parquet"

    def finish(self) -> dict[str, int]:
        """Write what is left, and name the shards, now that their number is known; rows by file."""
        if self._waiting:
            self._write()
        self.close()
        written = [rows for rows in self._rows if rows]
        last = f"-of-{len(written):05d}"
        for shard in range(len(written)):
            self._parts.rename(self._name(shard), self._name(shard, last))
        return {self._name(shard, last): rows for shard, rows in enumerate(written)}

    def close(self) -> None:
        file, self._file = self._file, None
        if file is not None:
            file.close()
