"""The engines there are: where each is found, the program it needs, the words that stand for several of them.

It is light, as the parent process reads it too: an engine's module, which may import SymPy or flint, is
imported only where the engine is asked.
"""

import re
import shutil
from collections.abc import Callable
from dataclasses import dataclass
from difflib import get_close_matches
from importlib import import_module
from importlib.metadata import version
from importlib.util import find_spec
from pathlib import Path
from typing import Any

from asyncgen.mathematics.engines.fricas import locator
from asyncgen.mathematics.engines.interface import Explainer, Integrator
from asyncgen.problems.errors import UsageError
from asyncgen.problems.records import TrainedModel


@dataclass(frozen=True, slots=True)
class Program:
    """The program that an engine needs: its name, what it is good for, how it is added, which is there."""

    title: str
    good_for: str
    add: str
    is_installed: Callable[[], bool]
    version: Callable[[], str | None]


@dataclass(frozen=True, slots=True, kw_only=True)
class Entry:
    """One engine of the catalogue.

    home: "module:class", imported when the engine is first asked.
    program: what it needs besides the libraries that come with asyncgen.
    thorough: whether it looks for special functions itself before it says that there is no elementary answer.
    share: part of a call's CPU seconds that it gets, if nobody says how many.
    share_with_thorough: the same where a thorough engine is in the order, too.
    asks_model: whether its answers are those of a trained model, with which its class is then called.
    preload: "module:function", called in the process that workers are copies of.
    """

    home: str
    program: Program | None = None
    thorough: bool = False
    share: float = 1 / 20  # 0.25 s of the default limit: the knee of what a second buys
    share_with_thorough: float = 1 / 20
    asks_model: bool = False
    preload: str | None = None

    @property
    def is_installed(self) -> bool:
        """Whether it can be asked on this machine."""
        return self.program is None or self.program.is_installed()


_FRICAS = Program(
    title="FriCAS",
    good_for="with it more functions are labelled",
    add="apt-get install fricas, or pip install passagemath-fricas",
    is_installed=lambda: locator.command() is not None,
    version=locator.version,
)


def _maxima_version() -> str | None:
    """The version of Maxima, as its start script says it."""
    program = shutil.which("maxima")
    found = re.search(rb'MAXIMA_VERSION="([0-9.]+)"', Path(program).read_bytes()) if program else None
    return found[1].decode() if found else None


_MAXIMA = Program(
    title="Maxima",
    good_for="with --engines auto,maxima it finds now and then what the others miss",
    add="apt-get install maxima maxima-share",
    is_installed=lambda: shutil.which("maxima") is not None,
    version=_maxima_version,
)

_TORCH = Program(
    title="PyTorch",
    good_for="with --engines auto,model --model FOLDER a trained model is asked, too",
    add="pip install 'asyncgen[learn]'",
    is_installed=lambda: all(find_spec(name) is not None for name in ("torch", "safetensors")),
    version=lambda: version("torch") if find_spec("torch") is not None else None,
)

_HERE = "asyncgen.mathematics.engines"
_LEARN = "asyncgen.learn"  # named, never imported from here: what is beneath it does without it
ENGINES: dict[str, Entry] = {
    "risch": Entry(home=f"{_HERE}.risch.engine:Risch", thorough=True),
    "fricas": Entry(home=f"{_HERE}.fricas.engine:Fricas", program=_FRICAS, thorough=True),
    "sympy-risch": Entry(home=f"{_HERE}.sympy_engines:SympyRisch", share_with_thorough=1 / 100),
    "manual": Entry(home=f"{_HERE}.sympy_engines:SympyManual"),
    "integrate": Entry(home=f"{_HERE}.sympy_engines:SympyIntegrate"),
    "maxima": Entry(home=f"{_HERE}.maxima:Maxima", program=_MAXIMA),
    "model": Entry(
        home=f"{_LEARN}.engine:Model",
        program=_TORCH,
        share=1 / 5,  # for the search and for the check of each answer
        share_with_thorough=1 / 5,
        asks_model=True,
        preload=f"{_LEARN}.engine:use_one_thread",
    ),
}
OWN = ("risch",)  # what needs nothing else
SYMPY = ("sympy-risch", "integrate")  # what SymPy alone can do
BEST = (*OWN, "fricas")  # what labels most; the second is for what the first leaves undecided
_started: dict[tuple[str, TrainedModel | None], Integrator] = {}


def named_orders() -> dict[str, tuple[str, ...]]:
    """The words that stand for several engines in an order, on this machine."""
    return {"auto": OWN if missing_from_best() else BEST, "sympy": SYMPY}


def missing_from_best() -> Program | None:
    """The program with which more would be labelled, if it is not installed."""
    return next((ENGINES[name].program for name in BEST if not ENGINES[name].is_installed), None)


def entry(name: str) -> Entry:
    """What is known of the engine of this name. Raises UsageError where there is none."""
    if name not in ENGINES:
        if name in named_orders():
            raise UsageError(f"'{name}' stands for several engines: name each of them ({', '.join(ENGINES)})")
        near = get_close_matches(name, [*named_orders(), *ENGINES], n=1)
        hint = f"did you mean {near[0]}?" if near else f"there are {', '.join([*named_orders(), *ENGINES])}"
        raise UsageError(f"no engine is called '{name}'; {hint}")
    return ENGINES[name]


def engine(name: str, model: TrainedModel | None = None) -> Integrator:
    """The engine of this name, the same for each call in a process; `model` is for the one that asks it.

    Raises UsageError where there is none, and for a model that cannot be asked.
    """
    known = entry(name)
    if not known.asks_model:
        model = None
    elif model is None:
        raise UsageError(f"the engine {name} asks a trained model: give its folder")
    if (name, model) not in _started:
        module, _, attribute = known.home.partition(":")
        make = getattr(import_module(module), attribute)
        _started[name, model] = make() if model is None else make(model)
    return _started[name, model]


def explainer() -> Explainer:
    """The engine that says how it decides a function: our own."""
    found: Any = engine(OWN[0])
    return found  # type: ignore[no-any-return]
