"""The flags of `asyncgen export`, and the request that they stand for."""

from dataclasses import dataclass
from typing import TYPE_CHECKING, Annotated, Literal

from cyclopts import Group, Parameter

from asyncgen.calls.cores import usable_cores
from asyncgen.command.options import at_least_one, count, flag, number_of_workers, statuses
from asyncgen.problems.errors import UsageError
from asyncgen.problems.kinds import KINDS
from asyncgen.problems.records import Status
from asyncgen.problems.typed import unknown

if TYPE_CHECKING:
    from asyncgen.datasets.exporting.request import Format, Request
    from asyncgen.datasets.selection import Selection

_WHICH = Group("Which rows", sort_key=1)
_FORM = Group("How they are written", sort_key=2)
_HOW = Group("How it runs", sort_key=3)
_SAY = Group("What is shown", sort_key=4)

# What each flag is for, where it is not for all formats.
_FORMATS = {
    "columns": ("jsonl", "parquet"),
    "proof": ("jsonl", "parquet"),
    "steps": ("jsonl", "parquet"),
    "counted": ("prefix",),
    "shard_rows": ("parquet",),
    "licence": ("parquet",),
}


@Parameter(name="*")
@dataclass(frozen=True, kw_only=True)
class ExportOptions:
    """What is exported."""

    kind: Annotated[
        str | None, flag(_WHICH, f"Kinds, separated by commas (default: all): {', '.join(KINDS)}.")
    ] = None
    status: Annotated[
        str | None,
        flag(_WHICH, "Statuses, separated by commas (default: what succeeded, elementary,special)."),
    ] = None
    max_tokens: Annotated[
        int, count(_WHICH, "Most tokens of a problem, and of an answer, in the notation that is written.")
    ] = 512
    continuous: Annotated[
        Literal["yes", "any"],
        flag(_WHICH, "With yes: only answers that are known to be continuous wherever their problem is."),
    ] = "any"
    real: Annotated[
        Literal["yes", "any"],
        flag(_WHICH, "With yes: only answers that are known to be real wherever their problem is."),
    ] = "any"
    answers: Annotated[
        Literal["real", "found"],
        flag(_WHICH, "With real: the real form in the place of an answer, where there is one."),
    ] = "found"
    on_part: Annotated[
        bool,
        flag(_WHICH, "Also equations whose solution was confirmed on a part of the points that were tried."),
    ] = False
    split: Annotated[
        str | None,
        flag(_FORM, "Shares of train, validation and test (default: 0.9,0.05,0.05; all to train: 1,0,0)."),
    ] = None
    split_by: Annotated[
        Literal["values", "skeleton"],
        flag(
            _FORM,
            "With skeleton: problems that differ in their numbers only are in one part, too; some rows are "
            "left out for it.",
        ),
    ] = "values"
    columns: Annotated[
        str | None,
        flag(_FORM, "Columns of JSON lines, and of the rows in Parquet (default: the format's own)."),
    ] = None
    proof: Annotated[
        bool,
        flag(_FORM, "Add a column that says who proved that there is no elementary antiderivative."),
    ] = False
    steps: Annotated[
        bool,
        flag(_FORM, "Add a column with the derivation, as `asyncgen explain --format json` has it; slower."),
    ] = False
    counted: Annotated[
        bool, flag(_FORM, "Lines begin with 1| as in the published files, where it is a count.")
    ] = False
    shard_rows: Annotated[int | None, count(_FORM, "Rows of a Parquet file, at most (default: 500000).")] = (
        None
    )
    licence: Annotated[
        str | None,
        flag(
            _FORM,
            "Licence of the data for the card, as the hub names it: cc-by-4.0, mit, ... (default: none).",
        ),
    ] = None
    workers: Annotated[int | None, count(_HOW, "Worker processes (default: one for each usable core).")] = (
        None
    )

    def request(self, format: "Format") -> "Request":
        """The request that these flags give, or UsageError."""
        from asyncgen.datasets.columns import read_columns
        from asyncgen.datasets.exporting.request import SHARD_ROWS, Request, read_licence
        from asyncgen.datasets.splits import Split, read_split

        for name, formats in _FORMATS.items():
            if getattr(self, name) not in (None, False) and format not in formats:
                raise UsageError(
                    f"--{name.replace('_', '-')} is for {' and '.join(formats)}, not for {format}"
                )
        return Request(
            format=format,
            selection=self._selection(),
            split=Split() if self.split is None else read_split(self.split),
            split_by=self.split_by,
            columns=() if self.columns is None else read_columns(self.columns),
            proof=self.proof,
            steps=self.steps,
            counted=self.counted,
            licence=None if self.licence is None else read_licence(self.licence),
            shard_rows=(
                SHARD_ROWS if self.shard_rows is None else at_least_one("--shard-rows", self.shard_rows)
            ),
        )

    def _selection(self) -> "Selection":
        from asyncgen.datasets.selection import SUCCEEDED, Selection

        return Selection(
            kinds=() if self.kind is None else _kinds(self.kind),
            statuses=SUCCEEDED if self.status is None else _statuses(self.status),
            max_tokens=at_least_one("--max-tokens", self.max_tokens),
            continuous=self.continuous == "yes",
            real=self.real == "yes",
            real_answers=self.answers == "real",
            on_part=self.on_part,
        )

    def number_of_workers(self) -> int:
        """How many worker processes are wanted, or UsageError."""
        return usable_cores() if self.workers is None else number_of_workers(self.workers)


@Parameter(name="*")
@dataclass(frozen=True, kw_only=True)
class ExportShowOptions:
    """What is shown."""

    json: Annotated[bool, flag(_SAY, "Print the counts as JSON.")] = False
    quiet: Annotated[bool, flag(_SAY, "Print nothing but errors, and the counts if --json is given.")] = False
    no_progress: Annotated[bool, flag(_SAY, "Show no progress.")] = False


def _kinds(text: str) -> tuple[str, ...]:
    """Read a list such as "forward,ode1"."""
    found = {name.strip() for name in text.split(",")}
    for name in sorted(found.difference(KINDS)):
        raise UsageError(f"--kind: there is no kind {unknown(name, KINDS)}")
    return tuple(kind for kind in KINDS if kind in found)


def _statuses(text: str) -> tuple[Status, ...]:
    """Read a list of statuses; their order is of no account."""
    for name in text.split(","):
        if name.strip() not in list(Status):
            raise UsageError(f"--status: there is no status {unknown(name.strip(), list(Status))}")
    found = statuses(text)
    return tuple(status for status in Status if status in found)
