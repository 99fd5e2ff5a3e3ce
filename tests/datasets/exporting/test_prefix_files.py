"""The published format, read by a reader written from its description alone.

A line is the input, a tab, the output; in counted files a count and a bar before. An integral's input is
`sub Y' <f>`, its output `<F>`; an equation is in Y and its derivatives, its solution has constants a8 and a9.
Tokens come before their operands; an integer is a sign and its digits; p/q is `div INT+ p INT+ q`.
"""

import re
from pathlib import Path

import pytest
from exported import ALL, equation, many, solved, store

from asyncgen.datasets.exporting.export import Run, export
from asyncgen.datasets.exporting.request import Request
from asyncgen.datasets.splits import read_split
from asyncgen.problems.records import Status

TWO = {"add", "sub", "mul", "div", "pow", "rac"}
CIRCLE = [f"{name}{end}" for name in ("sin", "cos", "tan", "cot", "sec", "csc") for end in ("", "h")]
ONE = {
    "ln",
    "exp",
    "sqrt",
    "pow2",
    "pow3",
    "pow4",
    "pow5",
    "inv",
    "abs",
    "sign",
    *CIRCLE,
    *(f"a{name}" for name in CIRCLE),
}
NONE = {"x", "y", "z", "t", "pi", "E", "I", "Y", "Y'", "Y''", *(f"a{digit}" for digit in range(10))}


def size(tokens: list[str], start: int = 0) -> int:
    """Where the expression that begins here ends; fails on what the description does not have."""
    token = tokens[start]
    if token in ("INT+", "INT-"):
        end = start + 1
        while end < len(tokens) and tokens[end].isdigit():
            end += 1
        assert end > start + 1
        return end
    assert token in TWO | ONE | NONE, token
    end = start + 1
    for _ in range(2 if token in TWO else 1 if token in ONE else 0):
        end = size(tokens, end)
    return end


def check(line: str) -> None:
    given, answer = line.split("\t")
    for text in (given, answer):
        tokens = text.split(" ")
        assert size(tokens) == len(tokens) <= 512
    if re.search("a[89]", answer):
        assert "Y'" in given.split(" ")
    else:
        assert given.startswith("sub Y' ")
        assert "Y" not in given[7:] + answer


ROWS = [
    *many(0, 30),
    solved(40, "12*x - 1/x**2 + sqrt(x)**3", "6*x**2 + 1/x + 2/5*x**2*sqrt(x)"),
    solved(41, "asinh(x)/3", "x"),
    solved(42, "exp(x**2)", "erfi(x)", Status.SPECIAL),
    equation(43, "sub pow2 Y' div Y x", "mul a8 inv x"),
]


@pytest.mark.parametrize("counted", [False, True])
async def test_every_line_is_read(tmp_path: Path, counted: bool):
    """In each part; what has functions that were not published is counted, not written."""
    path = await store(tmp_path / "a.db", ROWS)
    request = Request(format="prefix", split=read_split("0.5,0.3,0.2"), counted=counted)
    report = await export([path], tmp_path / "out", request, Run(workers=1))
    assert report.left_out == {"outside the published vocabulary": 1}
    assert set(report.files) == {"train.prefix", "valid.prefix", "test.prefix"}
    seen = []
    for name, rows in report.files.items():
        text = (tmp_path / "out" / name).read_text()
        lines = text.split("\n")
        assert lines.pop() == ""
        assert len(lines) == rows > 0
        seen += lines
    for line in seen:
        assert line.startswith("1|") is counted
        check(line.removeprefix("1|"))
    plain = [line.removeprefix("1|") for line in seen]
    assert "add mul INT+ 1 2 x add mul INT- 1 pow x INT- 2 pow x div INT+ 3 INT+ 2" in " ".join(plain)
    assert "add pow Y' INT+ 2 mul INT- 1 mul Y pow x INT- 1\tmul a8 pow x INT- 1" in plain


async def test_the_project_reads_it_again(tmp_path: Path):
    """`asyncgen label` takes such lines as they stand."""
    from asyncgen.problems.reading import read_line

    path = await store(tmp_path / "a.db", many(0, 30))
    await export([path], tmp_path / "out", Request(format="prefix", counted=True, split=ALL), Run(workers=1))
    for line in (tmp_path / "out" / "train.prefix").read_text().splitlines():
        assert read_line(line).answer
