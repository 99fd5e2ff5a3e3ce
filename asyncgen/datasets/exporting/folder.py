"""The folder of an export: whether it can serve, and new files that appear there whole or not at all.

Guarantees: a file under its own name is whole and on the disk. The report is the last one to appear: with it,
    the export is complete.
"""

import json
import os
import shutil
from contextlib import suppress
from pathlib import Path
from typing import Any

from asyncgen.datasets.exporting import working
from asyncgen.datasets.exporting.errors import writing
from asyncgen.problems.errors import UsageError

REPORT = "export.json"
_PARTS = ".export.parts"
_FORMAT = "asyncgen export 1"


def check(folder: Path) -> None:
    """Raise UsageError unless an export can be made or continued at this path."""
    if folder.exists() and not folder.is_dir():
        raise UsageError(f"{folder} is a file: name a folder, new or empty")
    if not folder.is_dir() or not any(folder.iterdir()):
        return
    if not (folder / working.NAME).exists() and report(folder) is None:
        raise UsageError(f"{folder} is not empty and no export of asyncgen: name another folder")


def report(folder: Path) -> dict[str, Any] | None:
    """What a complete export in this folder says of itself; None if there is none."""
    try:
        found = json.loads((folder / REPORT).read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return None
    return found if isinstance(found, dict) and found.get("format") == _FORMAT else None


def check_made_from(found: dict[str, Any], folder: Path, made_from: str) -> None:
    """Raise UsageError unless a complete export was made from the same."""
    if found.get("made_from") != json.loads(made_from):
        raise UsageError(
            f"{folder} has an export that was made with other flags or from other stores: name another folder"
        )


def made(folder: Path) -> bool:
    """Make the folder if need be; whether there was none."""
    try:
        folder.mkdir(parents=True)
    except FileExistsError:
        return False
    except OSError as error:
        raise UsageError(f"{folder} cannot be made: {error.strerror}") from None
    return True


def unmake(folder: Path) -> None:
    """Delete the folder if nothing is in it from which an export could go on."""
    with suppress(OSError):
        folder.rmdir()


class Parts:
    """The new files of an export, in a folder of their own until all of them are whole."""

    def __init__(self, folder: Path) -> None:
        """Begin anew, whatever an earlier export left."""
        self.folder = folder
        self._parts = folder / _PARTS
        self.discard()
        self._names: list[str] = []

    def path(self, name: str) -> Path:
        """Where the file that will have this name, relative to the folder, is to be written."""
        path = self._parts / name
        path.parent.mkdir(parents=True, exist_ok=True)
        self._names.append(name)
        return path

    def rename(self, old: str, new: str) -> None:
        """Let a file have another name."""
        (self._parts / old).replace(self._parts / new)
        self._names[self._names.index(old)] = new

    def write(self, name: str, text: str) -> None:
        """Write a small file."""
        self.path(name).write_text(text, encoding="utf-8")

    def write_report(self, content: dict[str, Any]) -> None:
        """Write the file that says what was exported; it is to be the last one."""
        self.write(REPORT, json.dumps({"format": _FORMAT, **content}, indent=2) + "\n")

    def commit(self) -> None:
        """Put every file in its place, in the order in which they were begun."""
        with writing(self.folder):
            for name in self._names:
                _sync(self._parts / name)
            for name in self._names:
                place = self.folder / name
                place.parent.mkdir(parents=True, exist_ok=True)
                (self._parts / name).replace(place)
            for folder in {(self.folder / name).parent for name in self._names}:
                _sync(folder)
            self.discard()

    def discard(self) -> None:
        """Delete what was not put in its place."""
        shutil.rmtree(self._parts, ignore_errors=True)


def _sync(path: Path) -> None:
    descriptor = os.open(path, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
