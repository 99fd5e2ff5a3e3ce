"""What the tests of documents share: code blocks, tables and quoted text of a Markdown file."""

import re
from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True)
class Block:
    """A fenced block, with the line where its code begins, for finding it again."""

    language: str
    line: int
    code: str

    def __str__(self) -> str:
        return f"line{self.line}"


def blocks(document: Path, language: str) -> list[Block]:
    """The fenced blocks of a language, in order."""
    text = document.read_text()
    found = re.finditer(r"^```(\w+)\n(.*?)^```$", text, re.MULTILINE | re.DOTALL)
    every = [Block(match[1], text[: match.start(2)].count("\n") + 1, match[2]) for match in found]
    return [block for block in every if block.language == language]


def section(document: Path, heading: str) -> str:
    """The text below a heading, up to the next heading of the same or a higher level."""
    level = len(heading) - len(heading.lstrip("#"))
    text = document.read_text() + "\n# end"
    found = re.search(rf"^{re.escape(heading)}\n(.*?)^#{{1,{level}}} ", text, re.MULTILINE | re.DOTALL)
    assert found, f"{document.name} has no heading {heading!r}"
    return found[1]


def table(text: str) -> list[list[str]]:
    """The cells of the first table in a text, without its head."""
    lines = re.search(r"(?:^\|.*\|\n)+", text, re.MULTILINE)
    assert lines, "there is no table"
    rows = [re.split(r"(?<!\\)\|", line.strip("|")) for line in lines[0].splitlines()]
    return [[cell.strip() for cell in row] for row in rows[2:]]


def codes(text: str) -> list[str]:
    """What stands between backticks in a line or a cell."""
    return re.findall(r"`([^`]+)`", text)
