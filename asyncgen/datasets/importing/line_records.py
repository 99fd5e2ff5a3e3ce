"""Records that are lines: pairs as they are published, and JSON objects. Workers take them apart."""

import json
from collections.abc import Iterable, Iterator, Mapping
from itertools import islice

from asyncgen.datasets.importing.cells import line_fault
from asyncgen.datasets.importing.columns import ROLES, Columns, columns_among
from asyncgen.datasets.importing.given_file import GivenFile
from asyncgen.datasets.importing.records import Layout, Record
from asyncgen.problems.errors import UsageError
from asyncgen.problems.files import holds_something

_LOOKED_AT = 1000  # lines, to see that there is a record among them


class LineRecords:
    """The records of such a file; `index` is the number of the line."""

    def __init__(self, file: GivenFile, layout: Layout) -> None:
        self.layout = layout
        self._file = file

    @property
    def share(self) -> float:
        """Which part of the file was read."""
        return self._file.share

    def records(self, after: int) -> Iterator[Record]:
        """Those behind line number `after`; blank lines, and comments among published lines, are none."""
        comments = self.layout.format == "prefix"
        for number, line in self._file.lines(after):
            if holds_something(line) if comments else line.strip():
                yield Record(number, line_fault(line) or line)


def published_lines(file: GivenFile, kind: str) -> LineRecords:
    """The pairs of a file with a tab in each line. Raises UsageError if it does not look like one."""
    something = False
    for _, line in islice(file.lines(), _LOOKED_AT):
        something = something or holds_something(line)
        if holds_something(line) and b"\t" in line:
            return LineRecords(file, Layout("prefix", kind))
    if not something:
        raise UsageError(f"{file.name} holds no problem with an answer")
    raise UsageError(
        f"{file.name} has no line with a tab between a problem and its answer: say --format csv or jsonl if "
        "it is that, and give functions without answers to asyncgen label"
    )


def json_lines(file: GivenFile, kind: str, asked: Mapping[str, str]) -> LineRecords:
    """The objects of a file with one in each line. Raises UsageError if it does not look like one."""
    return LineRecords(file, Layout("jsonl", kind, _columns(file, asked)))


def _columns(file: GivenFile, asked: Mapping[str, str]) -> Columns:
    """The columns that the first object has, and optional ones that others have."""
    first = b""
    for _, line in islice(file.lines(), _LOOKED_AT):
        first = first or line.strip()
        try:
            found = json.loads(line)
        except (ValueError, RecursionError):
            continue
        if isinstance(found, dict):
            later = _named_anywhere(file, _optional(asked) - found.keys())
            return columns_among([*found, *sorted(later)], asked, file.name)
    if first.startswith(b"["):
        raise UsageError(f"{file.name} is one JSON array: write an object a line, as jq -c '.[]' does")
    raise UsageError(f"{file.name} has no line with a JSON object that holds a problem and its answer")


def _optional(asked: Mapping[str, str]) -> set[str]:
    """The columns that an object may lack, by name."""
    return {asked.get(role, role) for role in ROLES if role not in ("problem", "answer")}


def _named_anywhere(file: GivenFile, names: Iterable[str]) -> set[str]:
    """Those of the names that stand in quotation marks in any line; there they may be a column.

    Each object may have a column that the first one lacks. The columns that are read are part of what a store
    is for, so that it has to be known before the first record which there are.
    """
    written = {
        name: {json.dumps(name).encode(), json.dumps(name, ensure_ascii=False).encode()} for name in names
    }
    found: set[str] = set()
    for _, line in file.lines() if written else ():
        found |= {name for name, texts in written.items() if any(text in line for text in texts)}
        if len(found) == len(written):
            break
    return found
