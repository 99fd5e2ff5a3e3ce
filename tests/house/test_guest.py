"""The library is a guest: a program that embeds it finds everything as it was."""

import json
import subprocess
import sys
from pathlib import Path

import pytest
from places import SUPPORT

HOST = SUPPORT / "host.py"


def run_host(report: Path, guest: str, loop: str) -> dict[str, dict[str, object]]:
    """Run the host to its end, in silence; what differed after the import and after the guest's stay."""
    command = [sys.executable, str(HOST), guest, loop, str(report)]
    done = subprocess.run(command, capture_output=True, text=True, timeout=100, check=False)
    assert (done.returncode, done.stdout, done.stderr) == (0, "", "")
    found: dict[str, dict[str, object]] = json.loads(report.read_text())
    return found


@pytest.mark.engine
@pytest.mark.parametrize("loop", ["asyncio", "uvloop"])
@pytest.mark.parametrize("guest", ["batch", "calls", "labels"])
def test_a_guest_leaves_everything_as_it_was(tmp_path: Path, guest: str, loop: str):
    """Signal handlers, hooks, logging, loop and its policy, collector, limits; nothing is written anywhere.

    That holds for the import and for the work. The program's own handler still hears a signal afterwards.
    """
    assert run_host(tmp_path / "report", guest, loop) == {"imported": {}, "ran": {}}


def test_a_change_is_seen(tmp_path: Path):
    """What the rule above would say of something else than a guest: it is able to fail."""
    found = run_host(tmp_path / "report", "vandal", "asyncio")["ran"]
    assert set(found) == {"handlers", "logging", "loop"}
