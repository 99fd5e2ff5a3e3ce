"""What the parent and its template say to each other: a line of JSON a message, `["Kill", 1234]`.

parent ──Orders, then Fork (with a socket), Kill, Measure, Ping──▶ template
◀──Ready, Failed or Threaded, Forked, Killed, Used, Pong, Gone──
"""

import json
import socket
from typing import Any, NamedTuple, get_args

_LENGTH = 8  # bytes before the orders, which are read before anything with a descriptor


class Orders(NamedTuple):
    """What the template is told at its start. Bytes and seconds.

    With `spawn` each worker is a fresh interpreter instead of a copy of the template. `nice` is added to the
    niceness of each; with `folders` each has one of its own.
    """

    parent: int  # process id
    preload: tuple[str, ...]
    spawn: bool
    memory_limit: int | None
    memory_interval: float
    max_message: int
    nice: int = 0
    folders: bool = False


class Fork(NamedTuple):
    """Start a worker; its socket comes along as SCM_RIGHTS. `number` names it until its id is known."""

    number: int
    board: int  # its place among the boards
    shared: int = 0  # further descriptors that come along


class Kill(NamedTuple):
    """Kill the process group of this worker, `grace` seconds after it was first told to end."""

    pid: int
    grace: float = 0.0


class Measure(NamedTuple):
    """Say how many CPU seconds the group of this worker has used."""

    pid: int


class Used(NamedTuple):
    """The answer to Measure: CPU seconds of all that ran in the group, so far."""

    pid: int
    cpu_seconds: float


class Ping(NamedTuple):
    """Answer with Pong, to show that the template is at work."""


class Pong(NamedTuple):
    """The answer to Ping."""


class Ready(NamedTuple):
    """The template has imported what it should, and will fork."""

    pid: int


class Failed(NamedTuple):
    """The template cannot be used, and ends."""

    why: str


class Threaded(NamedTuple):
    """What the template has imported has started so many threads, so that it cannot fork; it ends."""

    threads: int


class Forked(NamedTuple):
    """What became of a Fork: a process id, or None and the system's error."""

    number: int
    pid: int | None
    error: str = ""


class Killed(NamedTuple):
    """A Kill was carried out, or came too late: in any case the template is at work."""

    pid: int


class Gone(NamedTuple):
    """A worker's whole group is dead.

    `exitcode` as in multiprocessing, CPU seconds of the group; `over_limit`: resident bytes for which it was
    killed, or 0.
    """

    pid: int
    exitcode: int
    cpu_seconds: float
    over_limit: int


Message = Fork | Kill | Measure | Ping | Ready | Failed | Threaded | Forked | Killed | Used | Pong | Gone
_KINDS: dict[str, type[Any]] = {kind.__name__: kind for kind in get_args(Message)}


def encode(message: Message) -> bytes:
    """The line of a message."""
    return json.dumps([type(message).__name__, *message]).encode() + b"\n"


class Lines:
    """Received bytes as messages."""

    def __init__(self) -> None:
        self._rest = b""

    def feed(self, data: bytes) -> list[Message]:
        """The messages that these bytes complete."""
        *lines, self._rest = (self._rest + data).split(b"\n")
        return [_decode(line) for line in lines]


def _decode(line: bytes) -> Message:
    name, *fields = json.loads(line)
    message: Message = _KINDS[name](*fields)
    return message


def encode_orders(orders: Orders) -> bytes:
    """The first message: its length, then JSON."""
    body = json.dumps(orders).encode()
    return len(body).to_bytes(_LENGTH, "little") + body


def read_orders(control: socket.socket) -> Orders:
    """The first message of a blocking socket, and not a byte beyond it."""
    size = int.from_bytes(control.recv(_LENGTH, socket.MSG_WAITALL), "little")
    parent, preload, *others = json.loads(control.recv(size, socket.MSG_WAITALL))
    return Orders(parent, tuple(preload), *others)
