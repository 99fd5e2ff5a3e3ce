"""A derivation as plain text, formulas in the notation of Python."""

import textwrap
from collections.abc import Iterator, Sequence

from asyncgen.derivations.blocks import Heading, Item, Math, Show
from asyncgen.derivations.narrative import narrative
from asyncgen.problems.derivations import Derivation
from asyncgen.problems.infix_text import infix_of

WIDTH = 100
LONGEST = 400  # characters of a formula that is shown
_INDENT = "    "
_SHORT = 20  # characters of a left side that does not get a line of its own


def text(derivation: Derivation) -> str:
    """The text, without an end of its last line."""
    lines: list[str] = []
    for block in narrative(derivation):
        words = "".join(map(_item, block.items))
        if isinstance(block, Heading):
            lines += _heading(words, block.level, bool(lines))
        elif isinstance(block, Show):
            lines += _shown(block.items)
        else:
            lines += textwrap.wrap(words, WIDTH)
    return "\n".join(lines)


def _shown(items: Sequence[Item]) -> Iterator[str]:
    """A line of its own; where it is too long, a line for each of its equal sides and summands."""
    pieces = [""]
    for item in items:
        if item in (" = ", " + ", " - "):
            pieces.append("")
        pieces[-1] += _item(item)
    whole = "".join(pieces)
    if len(pieces[0]) <= _SHORT:
        pieces = ["".join(pieces[:2]), *pieces[2:]]
    for place, piece in enumerate([whole] if len(whole) + len(_INDENT) <= WIDTH else pieces):
        indent = _INDENT + " " * 2 * bool(place)
        yield from textwrap.wrap(piece, WIDTH, initial_indent=indent, subsequent_indent=indent + _INDENT)


def _heading(words: str, level: int, is_later: bool) -> Iterator[str]:
    if is_later:
        yield ""
    yield words
    if level < 3:
        yield ("=" if level == 1 else "-") * min(len(words), WIDTH)


def _item(item: Item) -> str:
    if not isinstance(item, Math):
        return item
    found = infix_of(item.formula)
    return found if len(found) <= LONGEST else f"(a formula of {len(found)} characters: see JSON)"
