"""What processes cost: CPU seconds of every descendant, the killed ones included, and memory.

A killed process whose parent was killed too is missing from what the kernel charges to the survivors. So the
process that measures adopts every orphan and waits for each.
"""

import ctypes
import os
import resource
import subprocess
import time
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import psutil

_PR_SET_CHILD_SUBREAPER = 36
MIB = 1 << 20


@dataclass(frozen=True, slots=True)
class Cost:
    """What a command used with all its descendants, and what it wrote to standard output."""

    cpu_seconds: float
    wall_seconds: float
    output: str


@dataclass(frozen=True, slots=True)
class Memory:
    """Bytes that some processes hold together.

    `proportional`: a page that several processes share counts in parts (PSS), so that the sum is what the
    machine has less. `private`: pages that no other process has.
    """

    proportional: int
    private: int


def spent(command: Sequence[str], environment: Mapping[str, str] | None = None) -> Cost:
    """Run a command to its end and wait for all that it leaves behind. Raises CalledProcessError.

    Assumes that this process has no other children.
    """
    adopt_orphans()
    before, started = cpu_of_children(), time.monotonic()
    done = subprocess.run(command, env=environment, stdout=subprocess.PIPE, text=True)
    wall = time.monotonic() - started
    wait_for_orphans()
    done.check_returncode()
    return Cost(cpu_of_children() - before, wall, done.stdout)


def adopt_orphans() -> None:
    """From now on, descendants whose parents have ended are children of this process."""
    ctypes.CDLL(None).prctl(_PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0)


def cpu_of_children() -> float:
    """CPU seconds of all children that have been waited for, with those that they have waited for."""
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    return used.ru_utime + used.ru_stime


def cpu_of_machine() -> float:
    """CPU seconds that the whole machine has spent so far, what its host took away included."""
    times = psutil.cpu_times()
    return float(sum(times) - times.idle - times.iowait - times.guest - times.guest_nice)


def wait_for_orphans() -> None:
    """Wait until no child is left."""
    while True:
        try:
            os.wait()
        except ChildProcessError:
            return


def cpu_of_family() -> float:
    """CPU seconds of this process and its living descendants so far, to a hundredth of a second."""
    used = time.process_time()
    for child in psutil.Process().children(recursive=True):
        times = child.cpu_times()
        used += times.user + times.system
    return used


def memory(pids: Iterable[int]) -> Memory:
    """What these processes hold together; one that has ended counts nothing."""
    proportional = private = 0
    for pid in pids:
        try:
            lines = Path(f"/proc/{pid}/smaps_rollup").read_text().splitlines()[1:]
        except (FileNotFoundError, ProcessLookupError):
            continue
        sizes = {name: int(rest.split()[0]) << 10 for name, rest in (line.split(":") for line in lines)}
        proportional += sizes["Pss"]
        private += sizes["Private_Clean"] + sizes["Private_Dirty"]
    return Memory(proportional, private)
