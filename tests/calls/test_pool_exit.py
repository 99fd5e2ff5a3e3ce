"""A program that ends with a pool still open: it neither hangs nor leaves a process, and says nothing."""

import signal
import subprocess
import sys
from pathlib import Path

import psutil
import pytest
from places import SUPPORT
from processes import living

# Opens a pool with a call that hangs and one that waits, prints the ids of all its processes, and goes on.
PROGRAM = """
import sys
sys.path.insert(0, {tests!r})
import workload, os, psutil, signal, threading
from asyncgen.pool import KillableExecutor

if __name__ == "__main__":
    pool = KillableExecutor(workers=1)
    pool.submit(workload.pid).result()
    hanging, waiting = pool.submit(workload.hang), pool.submit(workload.hang)
    while pool.statistics.spares < 1 or not hanging.running():
        pass
    print(*[process.pid for process in psutil.Process().children(recursive=True)], flush=True)
    {end}
"""

ENDS = {
    "its last line": "",
    "an exit": "sys.exit(0)",
    "an exit in the middle of a shutdown": "pool.shutdown(wait=False)",
    "a callback of a call that is killed": "hanging.add_done_callback(lambda future: None)",
    "a dropped pool": "del pool",
    "a fork that ended before": "pid = os.fork() or sys.exit(0); os.waitpid(pid, 0)",
}


def started(path: Path, end: str) -> "subprocess.Popen[str]":
    path.write_text(PROGRAM.format(tests=str(SUPPORT), end=end))
    command = [sys.executable, "-W", "error", str(path)]
    return subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)


def pids_of(program: "subprocess.Popen[str]") -> list[int]:
    assert program.stdout is not None
    pids = [int(pid) for pid in program.stdout.readline().split()]
    assert len(pids) == 3  # template, worker, spare
    return pids


@pytest.mark.parametrize("end", ENDS)
def test_a_program_may_end_with_calls_that_hang(tmp_path: Path, end: str):
    """Status 0, no word, and when it is over so are its processes."""
    with started(tmp_path / "program.py", ENDS[end]) as program:
        pids = pids_of(program)
        assert program.communicate(timeout=60) == ("", "")
    assert program.returncode == 0
    assert living(*pids) == []


def test_ctrl_c_ends_a_program_that_waits_in_a_with_block(tmp_path: Path):
    """The call that it waits for is killed, and no worker has a traceback of its own to show."""
    with started(tmp_path / "program.py", "with pool: hanging.result()") as program:
        pids = pids_of(program)
        program.send_signal(signal.SIGINT)
        _, complaints = program.communicate(timeout=60)
    assert program.returncode == -signal.SIGINT
    assert complaints.count("Traceback") == 1
    assert complaints.endswith("KeyboardInterrupt\n")
    assert living(*pids) == []


def test_a_program_that_is_killed_leaves_no_process(tmp_path: Path):
    """Though its template was started by a thread."""
    with started(tmp_path / "program.py", "hanging.result()") as program:
        processes = [psutil.Process(pid) for pid in pids_of(program)]
        program.kill()
    _, alive = psutil.wait_procs(processes, timeout=30)
    assert living(*(process.pid for process in alive)) == []
