"""Markdown from values: tables and quoted names."""

from collections.abc import Iterable, Sequence


def table(head: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    """A table; a vertical bar in a cell is escaped."""
    lines = [head, ["---"] * len(head), *rows]
    return "".join(f"| {' | '.join(cell.replace('|', chr(92) + '|') for cell in line)} |\n" for line in lines)


def code(value: object) -> str:
    """A value as it is typed."""
    return f"`{value}`"


def codes(values: Iterable[object]) -> str:
    """Values as they are typed, with commas between."""
    return ", ".join(map(code, values))
