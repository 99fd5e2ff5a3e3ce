"""A program that ends with a pool still open: its calls are finished, and no process is left."""

import contextlib
import signal
import subprocess
import sys
from pathlib import Path

import psutil
import pytest
from places import SUPPORT
from processes import living

# Opens a pool with a call that runs and one that waits, prints the ids of all its processes, and goes on.
PROGRAM = """
import sys
sys.path.insert(0, {tests!r})
import workload, os, psutil, signal, threading
from asyncgen.pool import KillableExecutor

if __name__ == "__main__":
    pool = KillableExecutor(workers=1)
    pool.submit(workload.pid).result()
    running, waiting = pool.submit(workload.wait_for, {go!r}), pool.submit(workload.write, {done!r})
    while pool.statistics.spares < 1 or not running.running():
        pass
    print(*[process.pid for process in psutil.Process().children(recursive=True)], flush=True)
    {end}
"""

ENDS = {
    "its last line": "",
    "an exit": "sys.exit(0)",
    "an exit in the middle of a shutdown": "pool.shutdown(wait=False)",
    "a callback of a call": "running.add_done_callback(lambda future: None)",
    "a dropped pool": "del pool",
    "a fork that ended before": "pid = os.fork() or sys.exit(0); os.waitpid(pid, 0)",
}


def started(path: Path, end: str) -> "subprocess.Popen[str]":
    go, done = str(path.with_name("go")), str(path.with_name("done"))
    path.write_text(PROGRAM.format(tests=str(SUPPORT), go=go, done=done, end=end))
    command = [sys.executable, "-W", "error", str(path)]
    return subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)


def pids_of(program: "subprocess.Popen[str]") -> list[int]:
    assert program.stdout is not None
    pids = [int(pid) for pid in program.stdout.readline().split()]
    assert len(pids) == 3  # template, worker, spare
    return pids


@pytest.mark.parametrize("end", ENDS)
def test_what_was_submitted_is_finished(tmp_path: Path, end: str):
    """What runs and what waits, as by a ProcessPoolExecutor; then status 0, no word, and no process."""
    with started(tmp_path / "program.py", ENDS[end]) as program:
        pids = pids_of(program)
        (tmp_path / "go").touch()
        assert program.communicate(timeout=60) == ("", "")
    assert (tmp_path / "done").exists()
    assert program.returncode == 0
    assert living(*pids) == []


def test_ctrl_c_kills_what_a_program_that_has_ended_waits_for(tmp_path: Path):
    """The second chance of a program whose last call never ends."""
    with started(tmp_path / "program.py", "print('ended', flush=True)") as program:
        pids = pids_of(program)
        assert program.stdout is not None
        assert program.stdout.readline() == "ended\n"
        processes = [psutil.Process(pid) for pid in pids]
        for _ in range(100):  # the first may come before the waiting
            program.send_signal(signal.SIGINT)
            with contextlib.suppress(subprocess.TimeoutExpired):
                program.communicate(timeout=0.2)
                break
    assert not (tmp_path / "done").exists()
    psutil.wait_procs(processes, timeout=30)  # a second signal may have ended it amid its clean-up
    assert living(*pids) == []


@pytest.mark.parametrize("where", ["with pool: ", ""])
def test_ctrl_c_ends_a_program_that_waits_for_a_result(tmp_path: Path, where: str):
    """The call that it waits for is killed, and no worker has a traceback of its own to show."""
    program_text = f"{where}print('in', flush=True), running.result()"
    with started(tmp_path / "program.py", program_text) as program:
        pids = pids_of(program)
        assert program.stdout is not None
        assert program.stdout.readline() == "in\n"
        program.send_signal(signal.SIGINT)
        _, complaints = program.communicate(timeout=60)
    assert program.returncode == -signal.SIGINT
    assert complaints.count("Traceback") == 1
    assert complaints.endswith("KeyboardInterrupt\n")
    assert living(*pids) == []


def test_a_program_that_is_killed_leaves_no_process(tmp_path: Path):
    """Though its template was started by a thread."""
    with started(tmp_path / "program.py", "running.result()") as program:
        processes = [psutil.Process(pid) for pid in pids_of(program)]
        program.kill()
    _, alive = psutil.wait_procs(processes, timeout=30)
    assert living(*(process.pid for process in alive)) == []
