"""Another program at a store's file: a process that holds a lock, or a half read query, until let go."""

import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

HALF_READ = "SELECT name FROM sqlite_master"  # its first row alone is taken

_HOLDER = """
import sqlite3, sys
connection = sqlite3.connect(sys.argv[1], isolation_level=None)
cursor = connection.execute(sys.argv[2])
cursor.fetchone()
print("held", flush=True)
sys.stdin.read()
connection.close()
"""


@contextmanager
def held(store: Path, statement: str) -> Iterator["subprocess.Popen[str]"]:
    """Such a process, from when it has what it holds; at the end it is gone, if it was not let go before."""
    command = [sys.executable, "-c", _HOLDER, str(store), statement]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout
        assert process.stdout.readline() == "held\n"
        yield process
        let_go(process)


def let_go(process: "subprocess.Popen[str]") -> None:
    """Have it end, and wait for that."""
    if process.poll() is None:
        process.communicate()
