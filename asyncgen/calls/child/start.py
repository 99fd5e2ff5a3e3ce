"""How a process of ours starts: as a fresh interpreter, with what its calls should find imported."""

import importlib
import sys
import traceback
from collections.abc import Iterable
from pathlib import Path

from asyncgen.calls import system

_CODE = "import sys; sys.path[:] = {path!r}; from {module} import {function}; {function}{arguments!r}"


class SettingError(Exception):
    """A setting cannot work in any worker; the text says which and why."""


class PreloadError(SettingError):
    """A module of the setting `preload` cannot be used; the text says which and why."""


def interpreter(module: str, function: str, *arguments: int) -> list[str]:
    """The command line of a fresh interpreter that calls `function(*arguments)` of a module.

    It finds the same modules as this process, wherever it goes.
    """
    code = _CODE.format(
        path=list(map(_absolute, sys.path)), module=module, function=function, arguments=arguments
    )
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


def limit_address_space(size: int) -> None:
    """Let this process, and those that it starts, reserve so many bytes each. Raises SettingError."""
    import resource  # which Windows does not have, where this module can be imported

    if size <= (now := system.address_space()):
        raise SettingError(f"address_space is {size} bytes, and a worker has {now} before it begins")
    most = resource.getrlimit(resource.RLIMIT_AS)[1]
    size = size if most == resource.RLIM_INFINITY else min(size, most)
    resource.setrlimit(resource.RLIMIT_AS, (size, size))


def _absolute(entry: str) -> str:
    """The same entry of `sys.path`, if it is a folder or an archive, in every working directory."""
    try:
        return str(Path(entry).absolute()) if Path(entry).exists() else entry
    except OSError:  # the working directory was removed
        return entry
