"""Which engines a run uses, in which order, and how many CPU seconds each may spend on one function.

Decided in the parent, once a run, and recorded with it. An engine's slice is a fixed part of the wall-clock
limit of a call, so that a larger `--timeout` gives every engine more.
"""

import shutil
from difflib import get_close_matches

from asyncgen.integrators.engine import ENGINES
from asyncgen.integrators.fricas_process import command as fricas_command
from asyncgen.records import Slices, UsageError

Order = tuple[tuple[str, float], ...]

# Parts of the wall-clock limit. Together they are a fifth of it, so that the slices (CPU seconds)
# decide also on a machine that has four times as much to do as cores to do it.
_STAGE = 1 / 20  # for parsing and for checking each
_ENGINE = 1 / 20  # 0.25 s of the default limit: the knee of what a second buys
_AFTER_FRICAS = {"risch": 1 / 100}  # it then only catches what FriCAS misses
_MOST = 3 / 4  # for slices that are given, all engines together

WITHOUT_FRICAS = (
    "FriCAS is not installed, and with it far more functions are labelled at a fraction of the CPU: "
    "`apt-get install fricas` adds it, or `pip install passagemath-fricas`"
)


def fricas_is_installed() -> bool:
    """Whether the automatic choice can include FriCAS on this machine."""
    return fricas_command() is not None


def choose(text: str, timeout: float) -> Order:
    """Read a choice such as "auto", "sympy", "fricas,risch" or "fricas=0.5,integrate=2" (CPU seconds).

    `timeout` is the wall-clock limit of a call, of which slices that are not given are parts. Raises
    UsageError for an unknown engine, for one named twice, and for slices that the limit cannot hold.
    """
    names = [name for part in text.split(",") for name in _expand(part.strip())]
    alone = not any(name.partition("=")[0] == "fricas" for name in names)
    order = tuple(_slice(name, timeout, alone) for name in names)
    if len({name for name, _ in order}) < len(order):
        raise UsageError(f"--engines {text}: an engine is named twice")
    total = sum(seconds for _, seconds in order)
    if total > _MOST * timeout + 1e-9:
        raise UsageError(
            f"--engines {text}: {total:g} CPU seconds of engines do not fit into a timeout of {timeout:g} s; "
            f"give --timeout {total / _MOST:.3g} or more"
        )
    return order


def slices(order: Order, timeout: float) -> Slices:
    """The CPU slices of all stages."""
    return Slices(parse=timeout * _STAGE, engines=order, check=timeout * _STAGE)


def _expand(name: str) -> list[str]:
    if name == "auto":
        return ["fricas", "risch"] if fricas_is_installed() else ["risch", "integrate"]
    return ["risch", "integrate"] if name == "sympy" else [name]


def _slice(choice: str, timeout: float, alone: bool) -> tuple[str, float]:
    name, equals, text = choice.partition("=")
    if name not in ENGINES:
        known = ["auto", "sympy", *ENGINES]
        near = get_close_matches(name, known, n=1)
        hint = f"did you mean {near[0]}?" if near else f"there are {', '.join(known)}"
        raise UsageError(f"--engines: no engine is called '{name}'; {hint}")
    if name == "fricas" and not fricas_is_installed():
        raise UsageError(f"--engines {choice}: {WITHOUT_FRICAS}")
    if name == "maxima" and shutil.which("maxima") is None:
        raise UsageError(
            f"--engines {choice}: Maxima is not installed; `apt-get install maxima maxima-share` adds it"
        )
    if not equals:
        part = _ENGINE if alone else _AFTER_FRICAS.get(name, _ENGINE)
        return name, timeout * part
    try:
        seconds = float(text)
    except ValueError:
        seconds = -1.0
    if not 0 < seconds < float("inf"):
        raise UsageError(f"--engines {choice}: '{text}' is no number of CPU seconds above 0")
    return name, seconds
