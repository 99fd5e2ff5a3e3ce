"""Windows is refused in one line, and importing the package there raises nothing.

It is imitated: what Windows lacks is taken out of the standard library, once this has been imported; but for
what asyncio's loop for Unix is made of.
"""

import subprocess
import sys

import pytest

REFUSAL = "asyncgen needs fork and signals, which Windows does not have: use WSL"

WINDOWS = """
import asyncio, concurrent.futures, ctypes, logging, multiprocessing.connection, os, pickle
import select, selectors, signal, socket, subprocess, sys, tempfile, threading, time

NO_MODULES = ("fcntl", "grp", "pwd", "resource", "termios", "uvloop")
NO_FUNCTIONS = {
    os: "fork forkpty getpgid getpgrp getppgid geteuid getuid killpg memfd_create mkfifo pidfd_open "
    "posix_spawn register_at_fork sched_getaffinity sched_yield setpgid setsid statvfs sysconf wait wait3 "
    "wait4 waitid WEXITED WNOWAIT P_ALL P_PGID",
    signal: "SIGALRM SIGCHLD SIGHUP SIGKILL SIGPROF SIGSTOP SIGCONT SIGUSR1 SIGUSR2 alarm pause "
    "pthread_sigmask setitimer siginterrupt ITIMER_PROF",
    socket: "CMSG_SPACE MSG_CMSG_CLOEXEC SCM_RIGHTS recv_fds send_fds",
    time: "clock_gettime CLOCK_MONOTONIC CLOCK_PROCESS_CPUTIME_ID CLOCK_BOOTTIME pthread_getcpuclockid",
}
for name in NO_MODULES:
    sys.modules[name] = None
for module, names in NO_FUNCTIONS.items():
    for name in names.split():
        vars(module).pop(name, None)
sys.platform = "win32"
"""


def on_windows(code: str) -> "subprocess.CompletedProcess[str]":
    command = [sys.executable, "-W", "error", "-c", WINDOWS + code]
    return subprocess.run(command, capture_output=True, text=True, timeout=60, check=False)


def test_importing_raises_nothing():
    """Neither the package nor the names of its scheduler."""
    done = on_windows(
        "import asyncgen\n"
        "from asyncgen import CallTimeout, KillableExecutor, Scheduler, Settings, WorkerDied\n"
        "print(Scheduler(workers=3).settings.workers)"
    )
    assert (done.stdout, done.stderr) == ("3\n", "")


@pytest.mark.parametrize(
    "opening",
    [
        "async def main():\n    async with asyncgen.Scheduler(1):\n        pass\nasyncio.run(main())",
        "asyncgen.KillableExecutor(1)",
    ],
    ids=["scheduler", "executor"],
)
def test_opening_is_refused(opening: str):
    """With a SchedulerError, before any process is started."""
    done = on_windows(f"import asyncgen\n{opening}")
    assert done.stderr.splitlines()[-1] == f"asyncgen.calls.errors.SchedulerError: {REFUSAL}"


def test_the_command_is_refused():
    """Whatever it was asked for: one line and the exit status of a misuse."""
    done = on_windows("import asyncgen.__main__\nsys.argv[1:] = ['doctor']\nasyncgen.__main__.main()")
    assert (done.returncode, done.stdout, done.stderr) == (2, "", f"asyncgen: {REFUSAL}\n")
