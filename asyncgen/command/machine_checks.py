"""What the main job needs and likes to have, one check each, without starting anything.

Bytes in what is found are counted in powers of 1024.
"""

import contextlib
import os
import platform
import resource
import shutil
import sqlite3
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path

import psutil

from asyncgen.calls import cores as machine
from asyncgen.calls.settings import LEAST_OPEN_FILES
from asyncgen.jobs.machine import versions
from asyncgen.sqlite.files import NETWORK, file_system

MIB, GIB = 1 << 20, 1 << 30

_WORKER_MEMORY = 300 * MIB  # of a worker with its engine, as seen with FriCAS; some grow to their limit
_WORKER_PROCESSES = 4  # the worker, its engine with the engine's shell, and a share of the spares
_OWN_PROCESSES = 8  # the job itself, its threads, the template, more spares
_WORKER_FILES, _OWN_FILES = 2, 64
_DISK = GIB
_OLDEST_SQLITE = (3, 24)  # ON CONFLICT DO UPDATE
_CGROUP = Path("/sys/fs/cgroup")


class State(StrEnum):
    """What a check says."""

    OK = "ok"
    WARNING = "warning"
    MISSING = "missing"


@dataclass(frozen=True, slots=True)
class Check:
    """One line of the doctor. `needed`: without it the main job cannot run."""

    name: str
    state: State
    found: str
    remedy: str | None = None  # the command or flag that would help
    needed: bool = False


def checks(workers: int, folder: Path) -> Iterator[Check]:
    """All that can be seen of this machine by looking, for so many workers and a store in this folder."""
    found = versions()
    yield python()
    yield cores(workers)
    yield memory(workers)
    yield loop(found)
    for package, why in _NEEDED.items():
        yield installed(package, why, found)
    yield sqlite()
    yield processes(workers)
    yield files(workers)
    if platform.system() == "Linux":
        yield proc()
    yield disk(folder)
    yield place(folder)


_NEEDED = {
    "sympy": "every function goes through it",
    "python-flint": "no answer can be checked",
    "aiosqlite": "nothing can be stored",
}


def python() -> Check:
    """The interpreter."""
    found = f"{platform.python_version()} ({platform.python_implementation()}), {platform.system()}"
    if platform.system() == "Linux":
        return Check("python", State.OK, found, needed=True)
    return Check("python", State.WARNING, found, "asyncgen is made for Linux first", needed=True)


def cores(workers: int) -> Check:
    """Cores that may be kept busy, by affinity and by the quota of a control group."""
    there = machine.cores()
    found = f"{there.usable} usable"
    if there.quota is not None:
        time = f"CPU time for {there.quota.cores:.3g} of {there.allowed}"
        found += f", as the quota of {there.quota.group} leaves {time}"
    if workers > there.usable:
        return Check("cores", State.WARNING, f"{found}; {workers} workers", f"--workers {there.usable}")
    return Check("cores", State.OK, found)


def memory(workers: int) -> Check:
    """Memory that is free for the workers."""
    now = psutil.virtual_memory()
    limits = (_number("memory.max"), _number("memory/memory.limit_in_bytes"))
    total = min([now.total, *(limit for limit in limits if limit)])
    free = min(now.available, total)
    found = f"{free / GIB:.1f} GiB free of {total / GIB:.1f} GiB"
    if free < workers * _WORKER_MEMORY:
        fitting = max(1, free // _WORKER_MEMORY)
        return Check("memory", State.WARNING, f"{found}; {workers} workers", f"--workers {fitting}")
    return Check("memory", State.OK, found)


def loop(found: Mapping[str, str]) -> Check:
    """The event loop that the command takes by default."""
    if "uvloop" in found:
        return Check("event loop", State.OK, f"uvloop {found['uvloop']}")
    return Check(
        "event loop", State.MISSING, "asyncio's own, as uvloop is not installed", "pip install uvloop"
    )


def installed(package: str, why: str, found: Mapping[str, str]) -> Check:
    """A library without which nothing works."""
    if package in found:
        return Check(package, State.OK, found[package], needed=True)
    return Check(package, State.MISSING, f"not installed: {why}", f"pip install {package}", needed=True)


def sqlite() -> Check:
    """The SQLite library that Python was built with."""
    name, found = "SQLite", sqlite3.sqlite_version
    if sqlite3.sqlite_version_info >= _OLDEST_SQLITE:
        return Check(name, State.OK, found, needed=True)
    return Check(name, State.MISSING, f"{found} is too old", "a newer build of Python", needed=True)


def processes(workers: int) -> Check:
    """How many processes this user, or this container, may have besides those there are."""
    needed = _OWN_PROCESSES + _WORKER_PROCESSES * workers
    room = min(_room_for_processes(), default=None)
    if room is None:
        return Check("processes", State.OK, "no limit")
    found = f"{max(0, room)} more may be started"
    if room < needed:
        fitting = max(1, (room - _OWN_PROCESSES) // _WORKER_PROCESSES)
        remedy = f"ulimit -u, the container's pids limit, or --workers {fitting}"
        return Check("processes", State.WARNING, f"{found}; {workers} workers take up to {needed}", remedy)
    return Check("processes", State.OK, found)


def files(workers: int) -> Check:
    """How many files and sockets one process may have open."""
    limit, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    if limit == resource.RLIM_INFINITY:
        return Check("open files", State.OK, "no limit")
    needed = _OWN_FILES + _WORKER_FILES * workers
    if limit < needed:
        enough = hard == resource.RLIM_INFINITY or hard >= needed
        remedy = f"ulimit -n {needed}" if enough else f"a hard limit of {needed}, which an administrator sets"
        found = f"{limit} a process; {workers} workers take up to {needed}"
        if limit < LEAST_OPEN_FILES:
            return Check("open files", State.MISSING, found, remedy, needed=True)
        return Check("open files", State.WARNING, found, remedy)
    return Check("open files", State.OK, f"{limit} a process")


def proc() -> Check:
    """Whether the sizes and CPU clocks of other processes can be read."""
    parent = os.getppid() or os.getpid()
    if all(os.access(f"/proc/{pid}/stat", os.R_OK) for pid in (os.getpid(), parent)):
        return Check("/proc", State.OK, "readable")
    found = "not readable: memory limits and FriCAS's CPU limit do not work"
    return Check("/proc", State.WARNING, found, "mount -t proc proc /proc")


def disk(folder: Path) -> Check:
    """Room for the store."""
    try:
        free = shutil.disk_usage(folder).free
    except OSError as error:
        return Check("disk", State.WARNING, f"{folder}: {error.strerror}", "--store in another folder")
    found = f"{free / GIB:.1f} GiB free in {folder}"
    if not os.access(folder, os.W_OK | os.X_OK):
        return Check("disk", State.WARNING, f"{folder} is read-only for you", "--store in another folder")
    return Check("disk", State.OK if free >= _DISK else State.WARNING, found)


def place(folder: Path) -> Check:
    """The file system of the store's folder: one that machines share cannot hold a store."""
    name, kind = "file system", file_system(Path(os.path.realpath(folder)))
    if kind is None:
        return Check(name, State.WARNING, f"nobody says which one holds {folder}", "mount -t proc proc /proc")
    if kind in NETWORK:
        found = f"{kind}, a network file system, where SQLite cannot keep rows safe"
        return Check(name, State.MISSING, found, "--store in a folder on a disk of this machine", needed=True)
    return Check(name, State.OK, kind)


def _room_for_processes() -> Iterator[int]:
    """What is left below each limit that holds. A user's counts threads, and none holds for root."""
    limit = resource.getrlimit(resource.RLIMIT_NPROC)[0]
    if limit != resource.RLIM_INFINITY and os.geteuid() != 0:
        yield limit - _threads_of(os.getuid())
    for folder in ("", "pids/"):
        most, now = _number(f"{folder}pids.max"), _number(f"{folder}pids.current")
        if most is not None and now is not None:
            yield most - now


def _threads_of(user: int) -> int:
    count = 0
    for process in psutil.process_iter():
        with contextlib.suppress(psutil.Error):
            if process.uids().real == user:
                count += process.num_threads()
    return count


def _number(name: str) -> int | None:
    text = _text(name)
    return int(text) if text and text.isdigit() else None


def _text(name: str) -> str | None:
    """What a file of the control group says; for version 1 its name begins with the controller's."""
    try:
        return (_CGROUP / name).read_text().strip()
    except OSError:
        return None
