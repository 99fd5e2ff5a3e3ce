"""How many cores this process may keep busy: those it may run on, and the time that its container leaves it.

A container seldom hides cores. It gives its control group a quota of CPU time: with two cores' worth on a
machine of 64, as many workers as cores would be stopped most of the time.
"""

import math
import os
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path, PurePosixPath
from typing import NamedTuple

_OURS = Path("/proc/self")
_ROOT, _PLACE = 3, 4  # fields of a line of mountinfo: what is mounted of the tree, and where


class Quota(NamedTuple):
    """CPU time in cores' worth, and the folder of the control group that leaves no more."""

    cores: float
    group: Path


@dataclass(frozen=True, slots=True)
class Cores:
    """The cores there are for us: `allowed` ones to run on, and the quota, where it is for fewer."""

    allowed: int
    quota: Quota | None = None

    @property
    def usable(self) -> int:
        """As many as can be kept busy; the last one perhaps not all of the time."""
        return self.allowed if self.quota is None else max(1, math.ceil(self.quota.cores))


def usable_cores() -> int:
    """The number of cores that this process may keep busy: the default number of workers."""
    return cores().usable


def cores() -> Cores:
    """Look, as both affinity and quotas may change. A number that Python was told stands above a quota."""
    allowed = _allowed()
    if hasattr(os, "process_cpu_count") and _is_told():
        return Cores(allowed)
    least = least_quota()
    return Cores(allowed, least if least is not None and least.cores < allowed else None)


def _allowed() -> int:
    if hasattr(os, "process_cpu_count"):  # from Python 3.13
        return os.process_cpu_count() or 1
    if hasattr(os, "sched_getaffinity"):
        return len(os.sched_getaffinity(0))
    return os.cpu_count() or 1


def _is_told() -> bool:
    """Whether Python 3.13 was told the number, by `-X cpu_count` or PYTHON_CPU_COUNT."""
    variable = None if sys.flags.ignore_environment else os.environ.get("PYTHON_CPU_COUNT")
    return (sys._xoptions.get("cpu_count") or variable or "default") != "default"


# -- control groups ------------------------------------------------------------------------------------


def least_quota(process: Path = _OURS) -> Quota | None:
    """The smallest quota of the control groups that a process is in, up to the root; None without any.

    `process` is its folder in /proc.
    """
    try:
        found = [quota for group in _groups(process) if (quota := _quota(group)) is not None]
    except (OSError, ValueError):  # no control groups, or no /proc
        return None
    return min(found, default=None)


def _groups(process: Path) -> Iterator[Path]:
    """The folders of the groups with a say in CPU time, the innermost first."""
    paths = dict(_paths(process))
    for line in (process / "mountinfo").read_text().splitlines():
        before, _, after = line.partition(" - ")
        kind, _, options = after.split()[:3]
        version = 2 if kind == "cgroup2" else 1 if kind == "cgroup" and "cpu" in options.split(",") else None
        if version in paths:
            fields = before.split()
            place = Path(fields[_PLACE])
            inner = place / _below(fields[_ROOT], paths[version])
            yield from (group for group in (inner, *inner.parents) if group.is_relative_to(place))


def _paths(process: Path) -> Iterator[tuple[int, PurePosixPath]]:
    """By version of control groups, the path of the one that has a say in the process's CPU time."""
    for line in (process / "cgroup").read_text().splitlines():
        number, controllers, path = line.split(":", 2)
        if number == "0":
            yield 2, PurePosixPath(path)
        elif "cpu" in controllers.split(","):
            yield 1, PurePosixPath(path)


def _below(root: str, path: PurePosixPath) -> PurePosixPath:
    """Where a group lies in a tree of which the part at `root` is mounted; its top where that hides it."""
    try:
        return path.relative_to(root)
    except ValueError:  # a container that sees its own part of the tree, and its path from outside
        return PurePosixPath()


def _quota(group: Path) -> Quota | None:
    if (text := _text(group / "cpu.max")) is not None:
        quota, period = text.split()
    else:
        quota, period = (_text(group / f"cpu.cfs_{name}_us") or "-1" for name in ("quota", "period"))
    if quota == "max" or int(quota) <= 0 or int(period) <= 0:
        return None
    return Quota(int(quota) / int(period), group)


def _text(file: Path) -> str | None:
    try:
        return file.read_text().strip()
    except OSError:
        return None
