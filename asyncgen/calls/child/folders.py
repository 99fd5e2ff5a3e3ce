"""A folder for each worker process, and the process that removes folders, however its template ends.

    template ──numbers of workers that are gone──▶ pipe ──▶ remover

Removing takes time where there are many files. So neither the parent nor the template does it, but a process
that the template forks off before it imports anything.

Guarantees: nothing here waits for a removal but `close`. When the template ends, by SIGKILL too, what is left
    is removed, and the remover ends; no worker that still makes a call loses its folder.
Assumes: nobody kills the remover; otherwise the template removes what is left, at its own end.
"""

import contextlib
import os
import select
import time
from typing import NoReturn

from asyncgen.calls import system

_ALL = 0  # in place of a number: they count from 1
_TRIES = 50  # to remove what processes that are about to die may still be writing to
_PAUSE = 0.1  # seconds between two


class Folders:
    """The folders of one template's workers. Raises OSError where none can be made."""

    def __init__(self) -> None:
        import tempfile  # and not in every template

        self._home = tempfile.mkdtemp(prefix="asyncgen-")
        readable, self._pipe = os.pipe()
        os.set_blocking(self._pipe, False)
        template = os.getpid()
        try:
            self._remover = os.fork()
        except OSError:
            _remove(self._home)
            raise
        if self._remover == 0:
            _remove_until_the_end(readable, template, self._home)
        os.close(readable)

    def make(self, number: int) -> str:
        """A new folder, of the worker with this number. Raises OSError."""
        folder = _path(self._home, number)
        os.mkdir(folder, 0o700)  # noqa: PTH102 - between two forks
        return folder

    def remove(self, number: int) -> None:
        """Have the folder of a worker that is gone removed."""
        with contextlib.suppress(OSError):  # the pipe is full, or the remover dead: it is removed at the end
            os.write(self._pipe, b"%d\n" % number)

    def leave(self) -> None:
        """In a worker: hold nothing that would keep the remover from seeing the template's end."""
        os.close(self._pipe)

    def close(self) -> None:
        """Wait until all folders are removed. Every worker is gone."""
        os.set_blocking(self._pipe, True)
        self.remove(_ALL)
        os.close(self._pipe)
        with contextlib.suppress(ChildProcessError):  # it was killed before
            os.waitpid(self._remover, 0)
        _remove(self._home)


def _path(home: str, number: int) -> str:
    return os.path.join(home, str(number))  # noqa: PTH118


def _remove_until_the_end(readable: int, template: int, home: str) -> NoReturn:
    """Remove the folders whose numbers come, and all of them when the template says so, or is dead."""
    try:
        os.setpgid(0, 0)  # what is sent to the template's group does not concern this process
        _close_all_but(0, 1, 2, readable)
        with open(readable, "rb") as numbers:
            for number in map(int, numbers):
                if number == _ALL:
                    break
                _remove(_path(home, number))
            else:  # the pipe ends before the template does, and so before the kernel kills its workers
                _wait_for_the_end(template)
        for _ in range(_TRIES):
            if _remove(home):
                break
            time.sleep(_PAUSE)
    finally:
        os._exit(0)


def _wait_for_the_end(template: int) -> None:
    with contextlib.suppress(ProcessLookupError):  # it has ended, and was collected
        watch = system.Watch(template)
        if os.getppid() == template:
            select.select([watch], [], [])


def _close_all_but(*kept: int) -> None:
    for descriptor in map(int, os.listdir("/dev/fd")):  # noqa: PTH208
        if descriptor not in kept:
            with contextlib.suppress(OSError):  # the one of the listing
                os.close(descriptor)


def _remove(folder: str) -> bool:
    """Remove a folder with all that is in it; whether it is gone."""
    import shutil

    shutil.rmtree(folder, ignore_errors=True)
    if os.path.lexists(folder):
        _open_all(folder)
        shutil.rmtree(folder, ignore_errors=True)
    return not os.path.lexists(folder)


def _open_all(folder: str) -> None:
    """Allow all that is needed to remove what is in the folders below this one."""
    for where, names, _ in os.walk(folder):
        for name in names:
            path = os.path.join(where, name)  # noqa: PTH118
            if not os.path.islink(path):  # noqa: PTH114
                with contextlib.suppress(OSError):
                    os.chmod(path, 0o700)  # noqa: PTH101
