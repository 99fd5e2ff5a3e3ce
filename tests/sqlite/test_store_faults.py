"""The store while the disk fails now and then: writes, syncs and reads that libfiu has return an error."""

import errno
import json
import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
from command_line import COMMAND, EASY, rows
from places import SUPPORT
from processes import needed
from store_cases import SPEC, names, outcomes, query

from asyncgen.store import Store

pytestmark = pytest.mark.chaos

# Writes batches of 20 rows until the disk fails, and says in JSON what it was told.
WRITER = """
import asyncio, json, sys
from asyncgen.problems.errors import StoreError
from asyncgen.store import RunInfo
from asyncgen.store import Store, StoreWriteError
from store_cases import SPEC, outcomes

said = {"acknowledged": int(sys.argv[2]), "error": None}

async def main():
    async with Store(sys.argv[1], SPEC) as store:
        run = await store.begin_run(RunInfo("test"))
        for start in range(said["acknowledged"], said["acknowledged"] + 4000, 20):
            await store.add(run, outcomes(start, start + 20))
            said["acknowledged"] = start + 20

try:
    asyncio.run(main())
except (StoreError, StoreWriteError) as error:
    said["error"] = str(error)
print(json.dumps(said))
"""

POINTS = {
    "posix/io/rw/pwrite": 0.01,
    "posix/io/sync/fdatasync": 0.02,
    "posix/io/sync/*": 0.02,
    "posix/io/rw/ftruncate": 0.2,
    "posix/io/rw/pread": 0.05,
    "posix/io/rw/*/reduce": 0.01,  # fewer bytes than asked for, as is allowed
}


@pytest.fixture(scope="module", autouse=True)
def libfiu() -> None:
    """The program that lets system calls fail, which is skipped as engines are."""
    needed(shutil.which("fiu-run") is not None, "fiu-run (fiu-utils)")


def failing(point: str, probability: float, error: int = 0) -> list[str]:
    """The beginning of a command in which such system calls fail at random, with this errno or with any."""
    how = f"enable_random name={point},probability={probability},failinfo={error}"
    return ["fiu-run", "-f", "", "-x", "-c", how]


def write(path: Path, acknowledged: int, point: str) -> tuple[int, str | None]:
    """Write until the disk fails; the index after the last row that was stored, and the error."""
    environment = {**os.environ, "PYTHONPATH": str(SUPPORT)}
    command = [*failing(point, POINTS[point]), sys.executable, "-c", WRITER, str(path), str(acknowledged)]
    done = subprocess.run(command, env=environment, capture_output=True, text=True, timeout=100, check=False)
    assert done.returncode == 0, done.stderr
    assert done.stderr == ""
    said = json.loads(done.stdout)
    return said["acknowledged"], said["error"]


@pytest.mark.parametrize("point", POINTS)
async def test_a_failing_disk_loses_no_row_that_was_stored(tmp_path: Path, point: str) -> None:
    """Each error is one line; every acknowledged row is there afterwards, once, in a sound file."""
    path, acknowledged, errors = tmp_path / "functions.db", 0, []
    for _ in range(6):
        acknowledged, error = write(path, acknowledged, point)
        if error is not None:
            errors.append(error)
            assert error.startswith(str(path))
            assert "\n" not in error
        async with Store(path, SPEC) as store:
            assert [gap async for gap in store.gaps(0, acknowledged)] == []
            acknowledged = sum((await store.counts()).values())
            assert [o async for o in store.rows()] == outcomes(0, acknowledged)
        assert query(path, "PRAGMA integrity_check") == [("ok",)]
    assert acknowledged > 0
    assert errors or point.endswith(("reduce", "ftruncate")), "the disk never failed"


@pytest.mark.engine
@pytest.mark.parametrize(
    ("point", "error", "says"),
    [
        ("posix/io/rw/pwrite", errno.EIO, "check the disk and its free space"),
        # SQLite calls it by another name where its shared memory had no room
        ("posix/io/rw/pwrite", errno.ENOSPC, "the disk is full|check the disk and its free space"),
        ("posix/io/sync/fdatasync", errno.EIO, "check the disk and its free space"),
    ],
)
def test_a_job_on_a_failing_disk(tmp_path: Path, point: str, error: int, says: str) -> None:
    """Status 1 and one line with what to do; without the fault the same command goes on."""
    store = tmp_path / "functions.db"
    job = [*COMMAND, "--n", "400", "--store", str(store), *EASY, "--batch", "1", "--no-progress"]
    status = 2  # as long as the store cannot even be opened
    while status == 2:
        done = subprocess.run(
            [*failing(point, 0.02, error), *job], capture_output=True, text=True, timeout=100, check=False
        )
        (line,) = done.stderr.splitlines()
        assert re.search(says, line)
        status = done.returncode
    assert status == 1
    assert "not stored, everything stored before is kept" in line
    before = len(rows(store))
    again = subprocess.run(job, capture_output=True, text=True, timeout=100, check=False)
    assert (again.returncode, again.stderr) == (0, "")
    assert len(rows(store)) == 400 > before
    assert names(tmp_path) == ["functions.db"]
