"""JSON lines: an object a row; a derivation is an object in it."""

import json
from collections.abc import Sequence

from asyncgen.datasets.columns import Row
from asyncgen.datasets.exporting.folder import Parts
from asyncgen.datasets.exporting.line_files import LineFiles, named


def json_lines(parts: Parts, names: Sequence[str], columns: Sequence[str]) -> LineFiles:
    """A writer of these files: train.jsonl, validation.jsonl, test.jsonl."""

    def line(row: Row) -> str:
        shown = {column: row[column] for column in columns}
        if shown.get("steps") is not None:
            shown["steps"] = json.loads(shown["steps"])
        return json.dumps(shown, separators=(",", ":")) + "\n"

    return LineFiles(parts, named(names, "jsonl"), line)
