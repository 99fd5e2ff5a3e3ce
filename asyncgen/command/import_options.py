"""The flags of `asyncgen import`."""

from dataclasses import dataclass
from typing import TYPE_CHECKING, Annotated, Literal

from cyclopts import Group, Parameter

from asyncgen.command.options import at_least_one, count, flag
from asyncgen.problems.errors import UsageError
from asyncgen.problems.kinds import EQUATIONS, FORWARD, KINDS
from asyncgen.problems.typed import unknown

if TYPE_CHECKING:
    from asyncgen.datasets.importing.judging import Limits
    from asyncgen.datasets.importing.sources import Asked

_FILE = Group("What the file is", sort_key=1)
_SAY = Group("What is shown", sort_key=3)

_INTEGRALS = [kind for kind in KINDS if kind not in EQUATIONS]


@Parameter(name="*")
@dataclass(frozen=True, kw_only=True)
class ImportOptions:
    """What the file is, and which records are checked."""

    format: Annotated[
        Literal["prefix", "csv", "jsonl", "sqlite"] | None,
        flag(
            _FILE,
            "Published lines with a tab before the answer, CSV, an object a line, or SQLite (default: as its "
            "first bytes and its name tell).",
        ),
    ] = None
    columns: Annotated[
        str | None,
        flag(
            _FILE,
            "Columns that hold problem, answer, and perhaps kind and success, such as "
            "problem=integrand,answer=integral (default: problem_prefix and answer_prefix, integrand and "
            "integral, input and output, or problem and answer, and kind and success).",
        ),
    ] = None
    table: Annotated[
        str | None,
        flag(_FILE, "Table of an SQLite file (default: the only one that has such columns)."),
    ] = None
    kind: Annotated[
        str,
        flag(
            _FILE,
            f"Kind of the rows that are integrals, where no column has it: {', '.join(_INTEGRALS)}. "
            "Equations are ode1 or ode2 by themselves.",
        ),
    ] = FORWARD
    max_tokens: Annotated[
        int, count(_FILE, "Most tokens of a problem, and of an answer; longer ones are not checked.")
    ] = 512

    def asked(self) -> "Asked":
        """What these flags say of the file. Raises UsageError."""
        from asyncgen.datasets.importing.columns import asked_columns
        from asyncgen.datasets.importing.sources import Asked

        if self.kind not in _INTEGRALS:
            raise UsageError(f"--kind: there is no kind of integrals {unknown(self.kind, _INTEGRALS)}")
        columns = asked_columns(self.columns) if self.columns is not None else {}
        return Asked(format=self.format, columns=columns, table=self.table, kind=self.kind)

    def limits(self) -> "Limits":
        """What decides the status of a record. Raises UsageError."""
        from asyncgen.datasets.importing.judging import Limits

        return Limits(max_tokens=at_least_one("--max-tokens", self.max_tokens))


@Parameter(name="*")
@dataclass(frozen=True, kw_only=True)
class FailureOptions:
    """How many records that failed are named."""

    all: Annotated[bool, flag(_SAY, "Name every record that failed, not only the first 20.")] = False
