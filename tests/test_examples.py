"""Every program in examples/ runs as it stands, and prints what its docstring promises."""

import re
import subprocess
import sys
from pathlib import Path

import pytest

EXAMPLES = Path(__file__).parent.parent / "examples"

# What each prints: regular expressions that have to match in this order, whatever stands between them.
EXPECTED = {
    "batch_in_app.py": [
        r"app INFO heartbeat",
        r"app INFO running: 0 of 1000 rows",
        r"app INFO heartbeat",
        r"app INFO SIGTERM: the application ends",
        r"app INFO stopped: [0-9]+ of 1000 rows",
        r"asyncgen INFO run 1: stopped",
        r"stored now: .*elementary [0-9]+",
        r" 0 [a-z]+ +\S.* -> ",
        r" 9 [a-z]+ +\S.* -> ",
    ],
    "embed_scheduler.py": [
        r"heartbeat",
        r"a quick call: from - to -",
        r"heartbeat\nheartbeat\nheartbeat",
        r"an endless call: CallTimeout: .* 1 s",
        r"a crashing call: WorkerDied: .* SIGSEGV",
    ],
    "label_one.py": [
        r"x\*exp\(x\) +elementary +(\(-1 \+ x\)|\(x - 1\))\*exp\(x\)",
        r"1/\(x\*\*2 \+ 1\) +elementary +atan\(x\)",
        r"7\*2 +degenerate +constant",
        r"did you mean 'sin'\?, column 3",
    ],
}


SERVER = "integration_service.py"  # it runs until it is ended: see test_service.py


def test_every_example_is_known_here():
    """An example without an expectation, or an expectation without an example, fails."""
    assert {path.name for path in EXAMPLES.glob("*.py")} == {*EXPECTED, SERVER}


@pytest.mark.engine
@pytest.mark.parametrize("name", sorted(EXPECTED))
def test_an_example_runs(name: str, tmp_path: Path):
    """It needs no argument, ends with status 0, prints what is expected and nothing to stderr."""
    command = [sys.executable, "-W", "error", str(EXAMPLES / name)]
    done = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True, timeout=120, check=False)
    assert (done.returncode, done.stderr) == (0, "")
    assert list(tmp_path.iterdir()) == []
    rest = done.stdout
    for pattern in EXPECTED[name]:
        found = re.search(pattern, rest)
        assert found, f"{pattern!r} not in:\n{rest}"
        rest = rest[found.end() :]
