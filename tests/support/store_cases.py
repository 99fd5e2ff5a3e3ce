"""What the store's tests share: a small specification, outcomes, a child that writes, small disks."""

import os
import random
import resource
import shutil
import sqlite3
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest

from asyncgen.problems.distributions import preset, with_operator_range
from asyncgen.problems.records import Outcome, Status
from asyncgen.problems.spec import Distribution, OperatorCount, Spec, UniformIntegers
from asyncgen.sqlite.schema import TABLES

SPEC = Spec(
    Distribution(
        binary=(("add", 10.0), ("mul", 10.0)),
        unary=(("sin", 4.0), ("exp", 4.0)),
        leaves=(("x", 0.75), ("integer", 0.25)),
        integers=UniformIntegers(1, 5),
        operators=(OperatorCount(3, 15),),
    ),
    seed=1,
)


KEPT = Path(__file__).parents[1] / "sqlite" / "data" / "version-1.db"  # a store that asyncgen 0.1 made
KEPT_SPEC = Spec(with_operator_range(preset("lample-charton"), 1, 6), seed=5)
PROVEN = (Status.SPECIAL, Status.NONELEMENTARY)


def outcome(index: int, status: Status = Status.ELEMENTARY, engine: str = "sympy-risch") -> Outcome:
    """A row whose every field differs from its default where the status allows it."""
    return Outcome(
        index=index,
        kind="forward",
        status=status,
        problem_prefix="mul INT+ 2 x",
        integrand="2*x",
        operators=1,
        answer_prefix="pow2 x",
        integral="x**2" if status.success else None,
        engine=engine,
        reason=None if status.success else "because",
        proof=engine if status in PROVEN else None,
        continuous="no" if status.success else None,
        real="unknown" if status.success else None,
        real_answer="x*x" if status.success else None,
        dropped="constant=2,long=1",
        cpu_seconds=0.25,
        wall_seconds=0.5,
    )


def outcomes(start: int, stop: int) -> list[Outcome]:
    """Rows for start..stop-1, the statuses taking turns."""
    statuses = list(Status)
    return [outcome(i, statuses[i % len(statuses)]) for i in range(start, stop)]


def query(path: Path, sql: str) -> list[tuple[object, ...]]:
    """What Python's own sqlite3, not the code under test, finds in the file."""
    connection = sqlite3.connect(path)
    try:
        return connection.execute(sql).fetchall()
    finally:
        connection.close()


Child = subprocess.Popen[str]

# Opens the store given, says "open", then for each line read writes 20 rows and acknowledges. "free" does not
# wait for lines; "churn" neither, and opens and closes the store around every batch.
_CHILD = """
import asyncio, sys
from store_cases import SPEC, outcomes
from asyncgen.store import RunInfo
from asyncgen.store import Store

async def batch(store, start):
    run = await store.begin_run(RunInfo("child"))
    await store.add(run, outcomes(start, start + 20))
    print(start + 20, flush=True)

async def main(path, mode, start):
    while mode == "churn":
        async with Store(path, SPEC) as store:
            await batch(store, start)
            start += 20
    async with Store(path, SPEC) as store:
        print("open", flush=True)
        while mode == "free" or sys.stdin.readline():
            await batch(store, start)
            start += 20

asyncio.run(main(sys.argv[1], sys.argv[2], int(sys.argv[3])))
"""


@contextmanager
def writing_child(path: Path, mode: str = "asked", start: int = 0) -> Iterator[Child]:
    """A process that writes to the store; killed at the end, if it was not before."""
    child = subprocess.Popen(
        [sys.executable, "-c", _CHILD, str(path), mode, str(start)],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        env={**os.environ, "PYTHONPATH": str(Path(__file__).parent)},
        text=True,
    )
    with child:
        try:
            yield child
        finally:
            child.kill()


def ask(child: Child) -> int:
    """Have the child write one batch; the index after its last row."""
    assert child.stdin
    assert child.stdout
    child.stdin.write("\n")
    child.stdin.flush()
    return int(child.stdout.readline())


def last_acknowledged(child: Child, before: int) -> int:
    """The index after the last row that a killed child had acknowledged."""
    assert child.stdout
    whole = [line for line in child.stdout if line.endswith("\n") and line != "open\n"]
    return int(whole[-1]) if whole else before


def kill_soon(child: Child, chance: random.Random) -> None:
    """Kill a child that writes, after some batches, at a moment that nothing waits for."""
    assert child.stdout
    for _ in range(chance.randrange(12)):
        child.stdout.readline()
    time.sleep(chance.uniform(0, 0.01))
    child.kill()


def killed_store(path: Path) -> None:
    """Make a store of 20 rows whose writer was killed, so that all are in FILE-wal only."""
    with writing_child(path) as child:
        assert child.stdout
        assert child.stdout.readline() == "open\n"
        assert ask(child) == 20


def half_made(path: Path) -> None:
    """What a kill leaves between writing a new store's pages and removing the rollback journal."""
    with TemporaryDirectory() as name:
        model = Path(name) / "model.db"
        connection = sqlite3.connect(model, isolation_level=None)
        connection.executescript(f"PRAGMA cache_size = 1; BEGIN IMMEDIATE; {TABLES}")
        run = "INSERT INTO runs VALUES (NULL, 1, ?, '', NULL, NULL, 0, 0, '', '', '')"
        connection.executemany(run, [("x" * 500,)] * 1000)  # more than the cache holds
        shutil.copy(f"{model}-journal", f"{path}-journal")
        connection.execute("COMMIT")
        shutil.copy(model, path)
        os.truncate(path, model.stat().st_size // 2)
        connection.close()


@contextmanager
def largest_file(size: int) -> Iterator[None]:
    """Let this process write no file beyond this size, in bytes."""
    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (size, hard))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))


@contextmanager
def mounted(folder: Path, size: str = "4m") -> Iterator[Path]:
    """A memory disk of this size; the test is skipped where mounting is not allowed."""
    folder.mkdir()
    if sys.platform != "linux" or os.geteuid() != 0 or not shutil.which("mount"):
        pytest.skip("needs root to mount a disk of its own")
    command = ["mount", "-t", "tmpfs", "-o", f"size={size}", "tmpfs", str(folder)]
    if subprocess.run(command, capture_output=True, check=False).returncode:
        pytest.skip("mounting is not allowed here")
    try:
        yield folder
    finally:
        subprocess.run(["umount", "--lazy", str(folder)], check=True)


def make_readonly(folder: Path) -> None:
    """Let nobody write to a disk of `mounted`, not even root, whom file modes do not bind."""
    subprocess.run(["mount", "-o", "remount,ro", str(folder)], check=True)


def fill(disk: Path) -> Path:
    """A file that takes all the room that a disk has left."""
    ballast = disk / "ballast"
    with ballast.open("wb", buffering=0) as file, suppress(OSError):
        while file.write(bytes(4096)):
            pass
    return ballast


def allow(path: Path, mode: int) -> None:
    """Set what the owner and others may do with a file or folder."""
    path.chmod(mode)


def names(folder: Path) -> list[str]:
    """What lies in a folder."""
    return sorted(p.name for p in folder.iterdir())


def snapshot(folder: Path) -> dict[str, bytes]:
    """Every file of a folder with its bytes."""
    return {p.name: p.read_bytes() for p in folder.iterdir() if p.is_file()}
