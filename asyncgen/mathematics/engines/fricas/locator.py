"""Where FriCAS is: the system's own, or the one that `pip install passagemath-fricas` brings. Stdlib only.

`-nosman` keeps it in the worker's process group: plain `fricas` makes a session of its own. The one from PyPI
is built with ECL and needs its directories named in the environment.
"""

import os
import re
import shutil
from importlib.util import find_spec
from pathlib import Path

_COLLECT = 256 << 20  # bytes from which GCL collects its garbage in earnest; by itself it takes all memory
_VERSION = re.compile(rb'FRICAS_VERSION="?([0-9.]+)')


def command() -> list[str] | None:
    """How FriCAS is started here; None if it is not installed."""
    program = shutil.which("fricas")
    if program:
        return [program, "-nosman", "-noclef"]
    wheel = _wheel()
    return [str(wheel / "bin" / "FRICASsys"), "-noclef"] if wheel else None


def version() -> str | None:
    """The version of the FriCAS that is started here, such as "1.3.8", as its start script says it."""
    program, wheel = shutil.which("fricas"), _wheel()
    script = Path(program) if program else wheel and wheel.parents[3] / "bin" / "fricas"
    if script is None:
        return None
    found = _VERSION.search(script.read_bytes())
    return found[1].decode() if found else None


def environment() -> dict[str, str]:
    """What FriCAS needs in its environment, besides the usual."""
    wheel = None if shutil.which("fricas") else _wheel()
    if wheel is None:
        memory = os.sysconf("SC_PHYS_PAGES") * os.sysconf("SC_PAGE_SIZE")
        return {"GCL_MEM_MULTIPLE": f"{_COLLECT / memory:.6f}"}
    libraries = wheel.parents[2]
    ecl = next(libraries.glob("ecl-*"), libraries)
    return {"FRICAS": str(wheel), "ECLDIR": f"{ecl}/"}  # ECL joins names to it without a slash of its own


def _wheel() -> Path | None:
    """The directory of the FriCAS that was installed from PyPI."""
    found = find_spec("passagemath_fricas")
    if found is None or found.origin is None:
        return None
    targets = (Path(found.origin).parents[1] / "sage_wheels/lib/fricas/target").glob("*/bin/FRICASsys")
    return next((target.parents[1] for target in targets), None)
