"""How a process of ours starts: as a fresh interpreter, with what its calls should find imported."""

import importlib
import sys
import traceback
from collections.abc import Iterable

_CODE = "import sys; sys.path[:] = {path!r}; from {module} import {function}; {function}{arguments!r}"


class PreloadError(Exception):
    """A module of the setting `preload` cannot be used; the text says which and why."""


def interpreter(module: str, function: str, *arguments: int) -> list[str]:
    """The command line of a fresh interpreter that calls `function(*arguments)` of a module.

    It finds the same modules as this process.
    """
    code = _CODE.format(path=sys.path, module=module, function=function, arguments=arguments)
    return [sys.executable, "-c", code]


def import_all(names: Iterable[str]) -> None:
    """Import each "module", and call each "module:function". Raises PreloadError, whatever went wrong."""
    for name in names:
        module, _, function = name.partition(":")
        try:
            found = importlib.import_module(module)
            if function:
                getattr(found, function)()
        except BaseException:
            raise PreloadError(f"preloading {name!r} failed:\n{traceback.format_exc()}") from None
