"""JSON lines: an object a row."""

import json
from collections.abc import Sequence

from asyncgen.datasets.columns import Row
from asyncgen.datasets.exporting.folder import Parts
from asyncgen.datasets.exporting.line_files import LineFiles, named


def json_lines(parts: Parts, names: Sequence[str], columns: Sequence[str]) -> LineFiles:
    """A writer of these files: train.jsonl, validation.jsonl, test.jsonl."""

    def line(row: Row) -> str:
        return json.dumps({column: row[column] for column in columns}, separators=(",", ":")) + "\n"

    return LineFiles(parts, named(names, "jsonl"), line)
