"""Draws the packages of asyncgen and the imports between them, read from the code: `make house`.

A box is a package, or a module at the top of the package, with the first sentence of its docstring. It stands
one floor above the highest of what it imports. Dark arrows are imports that no chain of others implies; the
rest are light. Imports inside functions count; those for type checkers do not.
"""

import ast
import sys
import textwrap
from collections.abc import Iterable, Mapping
from functools import cache
from html import escape
from pathlib import Path
from typing import NamedTuple

import grimp

ROOT = Path(__file__).parent.parent
PICTURE = ROOT / "docs" / "pictures" / "house.svg"
PACKAGE = "asyncgen"

Arrows = Mapping[str, frozenset[str]]  # importer: what it imports

_BOX = (180, 84)  # width and height
_GAP = 26  # between two boxes of a floor
_FLOOR = 150  # from one floor to the next
_MARGIN = 24
_CHARACTERS = 28  # of small text in a box's line


class Box(NamedTuple):
    """Where the box of a package stands: its upper left corner."""

    x: float
    y: float


@cache
def arrows() -> Arrows:
    """Each package or top module, and which of the others it imports."""
    graph = grimp.build_graph(PACKAGE, exclude_type_checking_imports=True, cache_dir=None)
    packages = sorted(name for name in graph.find_children(PACKAGE))
    for package in packages:
        graph.squash_module(package)
    return {
        _short(package): frozenset(
            _short(name) for name in graph.find_modules_directly_imported_by(package) if name in packages
        )
        for package in packages
    }


def _short(module: str) -> str:
    return module.removeprefix(f"{PACKAGE}.")


def floors(imports: Arrows) -> dict[str, int]:
    """The floor of each package, 0 for what imports nothing. Raises ValueError if imports go in a circle."""
    found: dict[str, int] = {}
    while len(found) < len(imports):
        ready = [package for package in imports if package not in found and imports[package] <= found.keys()]
        if not ready:
            raise ValueError(f"imports go in a circle among {sorted(imports.keys() - found.keys())}")
        found.update(
            {package: max((found[name] + 1 for name in imports[package]), default=0) for package in ready}
        )
    return found


def implied(imports: Arrows) -> set[tuple[str, str]]:
    """The arrows that a chain of others implies."""
    return {
        (package, name)
        for package, names in imports.items()
        for name in names
        if any(name in _reached(other, imports) for other in names - {name})
    }


def _reached(package: str, imports: Arrows) -> set[str]:
    direct = imports[package]
    return {*direct, *(name for other in direct for name in _reached(other, imports))}


def role(package: str) -> str:
    """The first sentence of a package's docstring."""
    folder = ROOT / PACKAGE / package
    file = folder / "__init__.py" if folder.is_dir() else folder.with_suffix(".py")
    text = ast.get_docstring(ast.parse(file.read_text())) or ""
    return text.split("\n\n")[0].replace("\n", " ").replace("`", "").split(". ")[0].rstrip(".")


def places(imports: Arrows) -> tuple[dict[str, Box], float, float]:
    """Where each box stands; width and height of the picture. Boxes stand near what they import."""
    levels = floors(imports)
    top = max(levels.values())
    rows: list[list[str]] = [[] for _ in range(top + 1)]
    for package in sorted(imports):
        rows[levels[package]].append(package)
    widest = max(map(len, rows))
    width = 2 * _MARGIN + widest * _BOX[0] + (widest - 1) * _GAP
    boxes: dict[str, Box] = {}
    for level, row in enumerate(rows):
        row.sort(key=lambda package: (_middle(boxes[name].x for name in imports[package]), package))
        left = (width - len(row) * _BOX[0] - (len(row) - 1) * _GAP) / 2
        for number, package in enumerate(row):
            boxes[package] = Box(left + number * (_BOX[0] + _GAP), _MARGIN + (top - level) * _FLOOR)
    return boxes, width, 2 * _MARGIN + top * _FLOOR + _BOX[1]


def _middle(values: Iterable[float]) -> float:
    known = list(values)
    return sum(known) / len(known) if known else 0.0


def picture(imports: Arrows) -> str:
    """The picture as SVG."""
    boxes, width, height = places(imports)
    light = implied(imports)
    lines = [
        '<svg xmlns="http://www.w3.org/2000/svg" '
        f'viewBox="0 0 {width:g} {height:g}" font-family="sans-serif">',
        "<title>The packages of asyncgen and the imports between them</title>",
        f'<rect width="{width:g}" height="{height:g}" fill="#ffffff"/>',
        '<defs><marker id="head" viewBox="0 0 8 8" refX="7" refY="4" markerWidth="7" markerHeight="7" '
        'orient="auto"><path d="M0 0 L8 4 L0 8 z" fill="#36454f"/></marker></defs>',
    ]
    pairs = [(package, name) for package in sorted(imports) for name in sorted(imports[package])]
    for pair in sorted(pairs, key=lambda pair: pair not in light):  # the dark ones lie on top
        lines.append(_arrow(boxes[pair[0]], boxes[pair[1]], list(boxes.values()), pair in light))
    for package in sorted(boxes):
        lines += _box(package, boxes[package])
    return "\n".join([*lines, "</svg>", ""])


def _arrow(start: Box, end: Box, boxes: Iterable[Box], light: bool) -> str:
    """A curve from the lower side of one box to the upper side of another, through gaps of floors between."""
    x, y = start.x + _BOX[0] / 2, start.y + _BOX[1]
    goal = end.x + _BOX[0] / 2
    path = f"M{x:g} {y:g}"
    while y + _FLOOR < end.y:
        floor = y - _BOX[1] + _FLOOR
        share = _FLOOR / (end.y + _BOX[1] - y)
        lane = _lane([box.x for box in boxes if box.y == floor], x + share * (goal - x))
        path += f"{_curve(x, y, lane, floor)} V{floor + _BOX[1]:g}"
        x, y = lane, floor + _BOX[1]
    style = 'stroke="#d5dbe1"' if light else 'stroke="#36454f" marker-end="url(#head)"'
    return f'<path d="{path}{_curve(x, y, goal, end.y - 2)}" fill="none" stroke-width="1.3" {style}/>'


def _curve(x1: float, y1: float, x2: float, y2: float) -> str:
    middle = (y1 + y2) / 2
    return f" C{x1:g} {middle:g} {x2:g} {middle:g} {x2:g} {y2:g}"


def _lane(lefts: Iterable[float], wanted: float) -> float:
    """The middle of the gap in a row of boxes that is nearest to where an arrow would like to pass."""
    edges = sorted(lefts)
    lanes = [edges[0] - _GAP / 2, *(left + _BOX[0] + _GAP / 2 for left in edges)]
    return min(lanes, key=lambda lane: abs(lane - wanted))


def _box(package: str, at: Box) -> list[str]:
    is_file = not (ROOT / PACKAGE / package).is_dir()
    colour = "#dcebf7" if is_file else "#f4f1e8"
    kind = ".py" if is_file else "/"
    words = textwrap.wrap(role(package), _CHARACTERS, max_lines=4, placeholder=" …")
    lines = [
        f'<rect x="{at.x:g}" y="{at.y:g}" width="{_BOX[0]}" height="{_BOX[1]}" rx="6" fill="{colour}" '
        'stroke="#36454f"/>',
        f'<text x="{at.x + 10:g}" y="{at.y + 19:g}" font-size="13" font-weight="bold">{package}{kind}</text>',
    ]
    for number, line in enumerate(words):
        y = at.y + 35 + 13 * number
        lines.append(f'<text x="{at.x + 10:g}" y="{y:g}" font-size="10.5">{escape(line)}</text>')
    return lines


def main() -> None:
    PICTURE.write_text(picture(arrows()))
    sys.stdout.write(f"{PICTURE.relative_to(ROOT)} is drawn\n")


if __name__ == "__main__":
    main()
