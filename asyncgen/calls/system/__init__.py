"""What operating systems do in different ways, behind the same names: how processes are watched and measured.

    calls, engines ──▶ system ──▶ linux, or macos (by other means, some of which do less)

docs/design.md has a table of what each gives. Linux's is what everything was measured and tested with.
"""

import sys

if sys.platform == "linux":
    from asyncgen.calls.system.linux import (
        Children,
        Watch,
        address_space,
        cpu_seconds,
        cpu_seconds_of_family,
        die_with,
        is_asleep,
        members_by_group,
        number_of_threads,
        prefer_to_die,
        prepare,
        receive,
        resident,
        shared_memory,
    )
else:
    from asyncgen.calls.system.macos import (
        Children,
        Watch,
        address_space,
        cpu_seconds,
        cpu_seconds_of_family,
        die_with,
        is_asleep,
        members_by_group,
        number_of_threads,
        prefer_to_die,
        prepare,
        receive,
        resident,
        shared_memory,
    )

__all__ = [
    "Children",
    "Watch",
    "address_space",
    "cpu_seconds",
    "cpu_seconds_of_family",
    "die_with",
    "is_asleep",
    "lack",
    "members_by_group",
    "number_of_threads",
    "prefer_to_die",
    "prepare",
    "receive",
    "resident",
    "shared_memory",
]


def lack() -> str | None:
    """Why no process can be had on this system, and what to do about it; None where they can."""
    if sys.platform == "win32":
        return "asyncgen needs fork and signals, which Windows does not have: use WSL"
    return None
