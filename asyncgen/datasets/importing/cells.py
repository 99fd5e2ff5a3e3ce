"""A record taken apart: the texts of problem and answer, and where each of them stands."""

import json
from typing import Any, NamedTuple

from asyncgen.datasets.importing.columns import ROLES, Columns
from asyncgen.datasets.importing.records import LONGEST_LINE, Fault, Layout, Record
from asyncgen.problems.errors import shown
from asyncgen.problems.reading import COUNT
from asyncgen.problems.typed import shown_value

_SHOWN = 40  # characters of a value that is no text
_FALSE = ("0", "false", "no", "f", "n")  # what programs write where something did not succeed


class Unreadable(Exception):
    """A part of a record cannot be read; the text is that of a row's reason."""


class Cell(NamedTuple):
    """A value; the name of its column, or how far behind the beginning of its line it begins."""

    value: Any
    name: str = ""
    start: int = 0

    def fault(self, column: int, message: str) -> Unreadable:
        """What is wrong at a column of the text, counted from 1."""
        place = f"{self.name}, column {column}" if self.name else f"column {self.start + column}"
        return Unreadable(f"{place}: {message}")

    @property
    def text(self) -> str:
        """The value, if it is a text; "" stands for no value. Raises Unreadable."""
        if self.value is None:
            return ""
        if isinstance(self.value, bytes):
            return self._decoded(self.value)
        if not isinstance(self.value, str):
            raise Unreadable(f"{self.name}: text is expected, not {json.dumps(self.value)[:_SHOWN]}")
        return self.value

    def _decoded(self, value: bytes) -> str:
        try:
            return value.decode()
        except UnicodeDecodeError as error:
            column = len(value[: error.start].decode()) + 1
            raise self.fault(column, f"byte {value[error.start]:#04x} is not UTF-8") from None


class Cells(NamedTuple):
    """The parts of a record; a kind, and whether it succeeded, only where there are columns for them."""

    problem: Cell
    answer: Cell
    kind: Cell = Cell(None)
    success: Cell = Cell(None)

    @property
    def failed(self) -> bool:
        """Whether the record itself says that there is no answer."""
        value = self.success.value
        if isinstance(value, bytes):
            value = value.decode(errors="replace")
        return value in (False, 0) or (isinstance(value, str) and value.strip().lower() in _FALSE)


def cells_of(record: Record, layout: Layout) -> Cells:
    """The parts of a record. Raises Unreadable."""
    content = record.content
    if isinstance(content, Fault):
        raise Unreadable(content.text)
    if layout.columns is None:
        assert isinstance(content, bytes)
        return _of_line(content)
    values = _values(content, layout.columns) if isinstance(content, bytes) else content
    names = zip(ROLES, values, strict=True)
    return Cells(*(Cell(value, getattr(layout.columns, role) or "") for role, value in names))


def line_fault(line: bytes) -> Fault | None:
    """What is wrong with a line as far as nobody need read it: it is too long."""
    return Fault(f"more than {LONGEST_LINE} bytes in a line") if len(line) >= LONGEST_LINE else None


def _of_line(line: bytes) -> Cells:
    """Problem and answer with a tab between them, a count and a bar before."""
    text = Cell(line.rstrip(b"\r\n")).text
    count = COUNT.match(text)
    before, bar, _ = text.partition("\t")[0].partition("|")
    if bar and not count:
        raise Cell(text).fault(1, f"{shown(before)} is no count, and nothing else stands before a bar")
    start = count.end() if count else 0
    problem, tab, answer = text[start:].partition("\t")
    behind = start + len(problem) + 1
    if not tab:
        raise Cell(text).fault(len(text) + 1, "a tab and an answer are expected")
    if "\t" in answer.strip():
        place = behind + answer.rindex("\t", 0, len(answer.rstrip()))
        raise Cell(text).fault(place + 1, "a line has one tab, before the answer")
    return Cells(Cell(problem, start=start), Cell(answer, start=behind))


def _values(line: bytes, columns: Columns) -> tuple[Any, ...]:
    """The values of a JSON object, in the order of ROLES."""
    found = json_object(line)
    for name in (columns.problem, columns.answer):
        if name not in found:
            raise Unreadable(f"the object has no {shown(name)}")
    return tuple(None if name is None else found.get(name) for name in columns.names)


def json_object(line: bytes) -> dict[str, Any]:
    """The JSON object in a line. Raises Unreadable."""
    try:
        found = json.loads(Cell(line).text.strip())
    except RecursionError:
        raise Unreadable("JSON that is nested too deeply") from None
    except json.JSONDecodeError as error:
        words = error.msg.removesuffix(" at").removesuffix(" starting")
        raise Cell(line).fault(error.colno, f"no JSON: {words}") from None
    except ValueError:  # Python reads no integer of more than 4300 digits
        raise Unreadable("a number of thousands of digits") from None
    if not isinstance(found, dict):
        raise Unreadable(f"a JSON object is expected, not {shown_value(found)}")
    return found
