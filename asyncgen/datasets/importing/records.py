"""What is read of a file: its records, each with its place, and how their parts are found.

Its top level is light: workers and the parent share it.
"""

from dataclasses import dataclass
from typing import Any, Literal, NamedTuple

from asyncgen.datasets.importing.columns import Columns
from asyncgen.problems.kinds import FORWARD

Format = Literal["prefix", "csv", "jsonl", "sqlite"]

LONGEST_LINE = 1 << 20  # bytes


class Fault(NamedTuple):
    """Why a record cannot be taken apart, in the words of a row's reason."""

    text: str


class Record(NamedTuple):
    """A record of a file.

    `index` is the number of the line on which it begins, from 1, or the rowid of a table. `content` is a line
    that workers take apart, or the values of problem, answer, kind and success.
    """

    index: int  # type: ignore[assignment]  # the method of tuples is of no use here
    content: bytes | tuple[Any, ...] | Fault


@dataclass(frozen=True, slots=True)
class Layout:
    """How the records of a file are to be understood; `kind` is that of integrals where no column has it."""

    format: Format
    kind: str = FORWARD
    columns: Columns | None = None
    table: str | None = None

    @property
    def answers(self) -> str:
        """The same as a text for a specification, which must not change."""
        table = [f"table={self.table}"] if self.table is not None else []
        columns = self.columns.parts() if self.columns is not None else []
        return f"{self.format}: {', '.join([*table, *columns, f'integrals={self.kind}'])}"
