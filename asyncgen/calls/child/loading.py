"""Unpickling in a worker, with what it needs imported; the board shows what is being imported meanwhile."""

import pickle
import sys
from collections.abc import Callable, Sequence
from importlib.abc import MetaPathFinder
from typing import Any

from asyncgen.calls import frames
from asyncgen.calls.child import main_script

Tell = Callable[[str], object]
MAIN = "the main script"


class Imports(MetaPathFinder):
    """Finds nothing, and tells what others are to find: the first module, and the one that is come to."""

    def __init__(self, tell: Tell) -> None:
        self._tell = tell
        self._first = ""

    def watch(self) -> None:
        """Be asked before all others, about each module that is not imported yet."""
        sys.meta_path.insert(0, self)

    def begin(self, first: str = "") -> None:
        """What is told from now on belongs to this, or to the next module."""
        if first or self._first:  # otherwise nothing was told, and that is so for most calls
            self._first = first
            self._tell(first)

    def find_spec(self, name: str, path: object = None, target: object = None) -> None:
        """Tell the name; others find the module."""
        if self._first != MAIN and not _is_under_way(self._first):
            self._first = name
        self._tell(name if name == self._first else f"{self._first} (which has come to {name})")


def _is_under_way(name: str) -> bool:
    """Whether a module has begun to be imported, and is not done."""
    spec = getattr(sys.modules.get(name), "__spec__", None)
    return bool(getattr(spec, "_initializing", False))


def load(parts: Sequence[frames.Buffer], imports: Imports) -> Any:
    """Unpickle; where something of the parent's main script is named, import that first."""
    try:
        return frames.loads(parts)
    except AttributeError as error:
        if not main_script.may_define(error):
            raise
    imports.begin(MAIN)
    main_script.import_main()
    return frames.loads(parts)


def load_item(item: frames.Buffer, imports: Imports) -> Any:
    """Unpickle an item of a packet, in fewer steps than `load`."""
    try:
        return pickle.loads(item)
    except (AttributeError, ModuleNotFoundError):  # it may be the main script that it needs
        return load((item,), imports)
