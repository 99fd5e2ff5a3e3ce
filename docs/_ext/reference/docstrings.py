"""Docstrings, which are plain text, as reStructuredText.

A docstring has paragraphs, names in single backticks, lists with hyphens, and items such as
`timeout: seconds`, one a line or several in a line. Items become a list. Everything else that
reStructuredText would take for markup is escaped.
"""

import ast
import inspect
import re
import textwrap
from collections.abc import Collection, Iterator, Sequence
from dataclasses import is_dataclass
from enum import Enum

_CODE = re.compile(r"(`+[^`]+`+)")
_SPECIAL = re.compile(r"[*|\\_]|::")


def as_rest(lines: Sequence[str], names: Collection[str] = ()) -> list[str]:
    """The lines of a docstring in reStructuredText; `names` are those that may begin an item."""
    found: list[str] = []
    for paragraph in re.split(r"\n\s*\n", "\n".join(lines).strip("\n")):
        found += _paragraph(paragraph, names)
    return found


def as_items(items: dict[str, str]) -> list[str]:
    """A list of names with what is said of each."""
    return ["", *(f"* ``{name}``: {_escaped(text)}" for name, text in items.items()), ""]


def remarks(cls: type) -> dict[str, str]:
    """What the comments behind a class's fields say, by field."""
    lines = textwrap.dedent(inspect.getsource(cls)).splitlines()
    body = ast.parse("\n".join(lines)).body[0]
    assert isinstance(body, ast.ClassDef)
    found = {}
    for statement in body.body:
        target = _target(statement)
        _, mark, remark = (
            lines[statement.end_lineno - 1].partition("  # ") if statement.end_lineno else ("",) * 3
        )
        if target and mark and not remark.startswith("type:"):
            found[target] = remark
    return found


def names_of(cls: type) -> list[str]:
    """The fields of a dataclass, a named tuple or an enum."""
    if is_dataclass(cls):
        return list(cls.__dataclass_fields__)
    if issubclass(cls, Enum):
        return [member.name for member in cls]
    return list(getattr(cls, "_fields", ()))


def _target(statement: ast.stmt) -> str | None:
    """The name that a field's statement gives a value or a type."""
    target: ast.expr | None = None
    if isinstance(statement, ast.AnnAssign):
        target = statement.target
    elif isinstance(statement, ast.Assign):
        target = statement.targets[0]
    return target.id if isinstance(target, ast.Name) else None


def _paragraph(text: str, names: Collection[str]) -> Iterator[str]:
    if text.startswith("- "):
        yield from [_escaped(line) for line in text.splitlines()]
        yield ""
        return
    before, items = _items(" ".join(text.split()), names)
    if before:
        yield from (_escaped(before), "")
    if items:
        yield from as_items(items)


def _items(text: str, names: Collection[str]) -> tuple[str, dict[str, str]]:
    """What stands before the items of a paragraph, and the items."""
    if not names:
        return text, {}
    name = "|".join(map(re.escape, names))
    start = re.compile(rf"(?:^|(?<=[.;,] ))((?:{name})(?:, (?:{name}))*): ")
    before, *rest = start.split(text)
    return before.strip(), {key: said.strip(" ;") for key, said in zip(rest[::2], rest[1::2], strict=True)}


def _escaped(text: str) -> str:
    parts = _CODE.split(text)
    parts[::2] = [_SPECIAL.sub(lambda match: "\\" + "\\".join(match[0]), part) for part in parts[::2]]
    for place in range(1, len(parts), 2):
        parts[place] = f"``{parts[place].strip('`')}``"
        if parts[place + 1][:1].isalnum():
            parts[place + 1] = "\\ " + parts[place + 1]
    return "".join(parts)
