"""What is asked of an export, and what is said of it in the end."""

import json
import re
from collections.abc import Sequence
from dataclasses import asdict, dataclass, field
from typing import Any, Literal

import asyncgen
from asyncgen.datasets.columns import DEFAULT, EVERY
from asyncgen.datasets.exporting.sources import Source
from asyncgen.datasets.marking import Notations, Wanted, notations
from asyncgen.datasets.safe_marks import MARKS_VERSION
from asyncgen.datasets.selection import Selection
from asyncgen.datasets.splits import By, Split
from asyncgen.problems.errors import UsageError

Format = Literal["prefix", "jsonl", "parquet"]
SHARD_ROWS = 500_000
_LICENCE = re.compile("[a-z0-9][a-z0-9.-]{0,59}")


@dataclass(frozen=True, slots=True, kw_only=True)
class Request:
    """What decides the content of an export.

    split_by: what decides the part of a row.
    columns: of JSON lines, and of the configuration `rows`; none stands for the format's own. proof: also the
    column that says who proved that there is no elementary antiderivative. steps: also the column with the
    derivation of each row. counted: lines begin with `1|`.
    licence: of the data, for the card; None says nothing of it.
    """

    format: Format
    selection: Selection = field(default_factory=Selection)
    split: Split = field(default_factory=Split)
    split_by: By = "values"
    columns: tuple[str, ...] = ()
    proof: bool = False
    steps: bool = False
    counted: bool = False
    shard_rows: int = SHARD_ROWS
    licence: str | None = None

    @property
    def shown_columns(self) -> tuple[str, ...]:
        """The columns of an exported row."""
        chosen = self.columns or (EVERY if self.format == "parquet" else DEFAULT)
        asked = [name for name, is_asked in (("proof", self.proof), ("steps", self.steps)) if is_asked]
        return (*chosen, *(name for name in asked if name not in chosen))

    @property
    def has_steps(self) -> bool:
        """Whether derivations are to be worked out."""
        return "steps" in self.shown_columns

    @property
    def wanted(self) -> Wanted:
        """What a row must have for this."""
        # A folder of Parquet files has configurations in both notations.
        written = Notations(True, False, True) if self.format == "parquet" else notations(self.shown_columns)
        return Wanted(
            self.selection.max_tokens,
            published=self.format == "prefix",
            skeletons=self.split_by == "skeleton",
            **written._asdict(),
        )

    def made_from(self, stores: Sequence[Source]) -> str:
        """All that decides the bytes, as JSON."""
        flags = {**asdict(self), "split": [str(share) for share in self.split.shares]}
        found = {
            "asyncgen": asyncgen.__version__,
            "marks": MARKS_VERSION,
            "flags": flags,
            "stores": [source.identity for source in stores],
        }
        return json.dumps(found, sort_keys=True)


def read_licence(text: str) -> str:
    """Read a licence as the hub names it, such as cc-by-4.0; UsageError for other text."""
    if not _LICENCE.fullmatch(text):
        raise UsageError(
            f"--licence {text[:60]!r}: it must be a name of the hub, such as cc-by-4.0, mit or other"
        )
    return text


@dataclass(frozen=True, slots=True)
class Report:
    """How an export ended: `rows` were read, `exported` are in, `left_out` counts the others by reason.

    parts, files: exported rows by part, and by file. by_text: rows whose marks are those of their text.
    steps: exported rows with a derivation; None where none were asked for.
    """

    state: Literal["done", "nothing", "stopped"]
    rows: int
    exported: int = 0
    left_out: dict[str, int] = field(default_factory=dict)
    parts: dict[str, int] = field(default_factory=dict)
    files: dict[str, int] = field(default_factory=dict)
    by_text: int = 0
    steps: int | None = None

    @classmethod
    def read(cls, found: dict[str, Any]) -> "Report":
        """That of a complete export; UsageError for what nobody has written so."""
        try:
            return cls("nothing", **found["counts"])
        except (KeyError, TypeError):
            raise UsageError("export.json of the folder was changed: name another folder") from None

    def as_dict(self) -> dict[str, Any]:
        """The counts as JSON values."""
        return {name: value for name, value in asdict(self).items() if name != "state"}
