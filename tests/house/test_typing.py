"""The public interface under `mypy --strict`, as a program that has the package installed sees it."""

import subprocess
import sys
from pathlib import Path

INTERFACE = Path(__file__).parent / "typed" / "interface.py"


def checked(path: Path, cache: Path) -> "subprocess.CompletedProcess[str]":
    """Run mypy outside of the project, so that its configuration and its source do not count."""
    command = [sys.executable, "-m", "mypy", "--strict", "--cache-dir", str(cache), str(path)]
    return subprocess.run(command, cwd=cache, capture_output=True, text=True, timeout=300, check=False)


def test_right_uses_pass_and_wrong_ones_are_errors(tmp_path: Path):
    """Each wrong use is marked as the error that it is, and a mark too many is an error too."""
    done = checked(INTERFACE, tmp_path)
    assert (done.stdout, done.returncode) == ("Success: no issues found in 1 source file\n", 0)


def test_every_mark_stands_for_an_error(tmp_path: Path):
    """Without the marks each of their lines is complained about: the test above is able to fail."""
    text = INTERFACE.read_text()
    lines = [number for number, line in enumerate(text.splitlines(), 1) if "# type: ignore" in line]
    unmarked = tmp_path / "unmarked.py"
    unmarked.write_text("\n".join(line.partition("  # type: ignore")[0] for line in text.splitlines()))
    done = checked(unmarked, tmp_path)
    found = {int(line.split(":")[1]) for line in done.stdout.splitlines() if ": error: " in line}
    assert sorted(found) == lines
