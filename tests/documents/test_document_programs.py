"""What README.md and docs/ show in Python runs, and prints what it is said to print."""

import ast
import importlib.util
import re
import subprocess
import sys
from pathlib import Path

import pytest
from document_text import Block, blocks
from places import DOCS, ROOT
from processes import needed

ELSEWHERE = {"store.md"}  # its programs need a store: see test_store_document.py
DOCUMENTS = [path for path in [ROOT / "README.md", *sorted(DOCS.rglob("*.md"))] if path.name not in ELSEWHERE]
PROGRAMS = [
    pytest.param(block, id=f"{path.name}-{block}") for path in DOCUMENTS for block in blocks(path, "python")
]


def libraries(code: str) -> set[str]:
    """The packages that a program imports."""
    found = set()
    for node in ast.walk(ast.parse(code)):
        if isinstance(node, ast.Import):
            found |= {alias.name.partition(".")[0] for alias in node.names}
        elif isinstance(node, ast.ImportFrom) and node.module:
            found.add(node.module.partition(".")[0])
    return found


def promised(code: str) -> list[str]:
    """What the comments next to `print(...)` say that it prints."""
    return re.findall(r"^ *print\(.*\)  # (.+)$", code, re.MULTILINE)


@pytest.mark.engine
@pytest.mark.parametrize("block", PROGRAMS)
def test_a_program_runs_and_prints_what_it_says(block: Block, tmp_path: Path, request: pytest.FixtureRequest):
    """Each is a whole program: it runs alone, in a fresh process, and ends with status 0 and no complaint."""
    if "label(" in block.code:  # whose answers are written as FriCAS gives them
        request.getfixturevalue("fricas")
    for name in sorted(libraries(block.code)):
        needed(importlib.util.find_spec(name) is not None, name)
    script = tmp_path / "program.py"
    script.write_text(block.code)
    command = [sys.executable, "-W", "error", script.name]
    done = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True, timeout=100, check=False)
    assert (done.returncode, done.stderr) == (0, "")
    lines = iter(done.stdout.splitlines())
    missing = [line for line in promised(block.code) if line not in lines]  # `in` goes on where it stopped
    assert missing == [], done.stdout


def test_promises_are_seen():
    """The rule above is able to fail: most programs of docs/scheduler.md promise something."""
    assert promised('print(label("x").integral)  # x**2/2\nprint(1)') == ["x**2/2"]
    assert sum(bool(promised(block.code)) for block in blocks(DOCS / "scheduler.md", "python")) >= 6
