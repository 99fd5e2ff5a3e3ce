"""Imports what workers should find ready: once in the template, or in each worker that is spawned."""

import importlib
import traceback
from collections.abc import Iterable


class PreloadError(Exception):
    """A module of the setting `preload` cannot be used; the text says which and why."""


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
