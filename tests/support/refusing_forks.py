"""Preloaded by a template: as long as a file exists, forks fail as on a machine short of processes."""

import errno
import os
from typing import NoReturn

REFUSED = "ASYNCGEN_TEST_NO_FORKS"  # the environment variable with the file's name

_fork = os.fork


def _refuse() -> NoReturn:
    raise BlockingIOError(errno.EAGAIN, os.strerror(errno.EAGAIN))


def install() -> None:
    """Take the place of `os.fork` in this process."""
    os.fork = lambda: _refuse() if os.path.exists(os.environ[REFUSED]) else _fork()
