"""The format of the published files: `sub Y' <f>`, a tab and `<F>`, or an equation, a tab and its solution.

Lample & Charton, arXiv 1912.01412; in their files each line begins with a count and a bar.
"""

from collections.abc import Sequence

from asyncgen.datasets.columns import Row
from asyncgen.datasets.exporting.folder import Parts
from asyncgen.datasets.exporting.line_files import LineFiles, named


def prefix_files(parts: Parts, names: Sequence[str], counted: bool) -> LineFiles:
    """A writer of these files: train.prefix, valid.prefix, test.prefix."""
    return LineFiles(parts, named(names, "prefix", validation="valid"), _counted if counted else _plain)


def _plain(row: Row) -> str:
    return f"{row['input']}\t{row['output']}\n"


def _counted(row: Row) -> str:
    return f"1|{_plain(row)}"
