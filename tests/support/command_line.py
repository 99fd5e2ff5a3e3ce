"""The command as a person runs it, for the tests that need it."""

import os
import shlex
import sqlite3
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

from places import SUPPORT
from processes import stored
from store_cases import names

COMMAND = [sys.executable, "-m", "asyncgen"]
IMPATIENT = [sys.executable, "-m", "impatient"]  # see impatient.py
Running = subprocess.Popen[str]
EASY = ["--max-ops", "2", "--min-ops", "1", "--workers", "2"]


def asyncgen(
    *arguments: object, cwd: Path | None = None, command: Sequence[str] = COMMAND
) -> subprocess.CompletedProcess[str]:
    """Run a command to its end."""
    return subprocess.run(
        [*command, *map(str, arguments)],
        capture_output=True,
        text=True,
        timeout=100,
        check=False,
        cwd=cwd,
        env={**os.environ, "PYTHONPATH": str(SUPPORT)},
    )


def with_asyncgen(folder: Path, command: Sequence[str] = COMMAND) -> dict[str, str]:
    """An environment for shell scripts, in which `asyncgen` is this command."""
    program = folder / "bin" / "asyncgen"
    program.parent.mkdir(exist_ok=True)
    program.write_text(f'#!/bin/sh\nexec {shlex.join(command)} "$@"\n')
    program.chmod(0o755)
    return {**os.environ, "PATH": f"{program.parent}{os.pathsep}{os.environ['PATH']}"}


def rows(store: Path, sql: str = "SELECT idx FROM results ORDER BY idx") -> list[tuple[object, ...]]:
    with sqlite3.connect(store) as connection:
        found = connection.execute(sql).fetchall()
    connection.close()
    return found


def arrive(process: "subprocess.Popen[object]", condition: Callable[[], object]) -> None:
    """Wait until a running command has come so far."""
    while not condition():
        assert process.poll() is None
        time.sleep(0.005)  # leaves the cores to the command


@contextmanager
def running(
    store: Path, *more: str, prefix: tuple[str, ...] = (), base: Sequence[str] = COMMAND, **options: object
) -> Iterator[Running]:
    """A long run, from its first row on; interrupted in the end, if it has not ended before."""
    command = [
        *prefix,
        *base,
        "--n",
        "100000",
        "--store",
        str(store),
        "--flush-seconds",
        "0.05",
        *EASY,
        *more,
    ]
    streams = {
        "stdin": subprocess.DEVNULL,
        "stdout": subprocess.PIPE,
        "stderr": subprocess.PIPE,
        "text": True,
        "env": {**os.environ, "PYTHONPATH": str(SUPPORT)},
    }
    with subprocess.Popen(command, **{**streams, **options}) as process:
        try:
            arrive(process, lambda: stored(store))
            yield process
        finally:
            process.terminate()


def check_resumes(store: Path, before: int) -> None:
    """The same command goes on behind the rows that were stored."""
    assert before > 0
    again = asyncgen("--n", before + 3, "--store", store, *EASY)
    assert (again.returncode, again.stderr) == (0, "")
    assert rows(store) == [(index,) for index in range(before + 3)]
    assert names(store.parent) == [store.name]
