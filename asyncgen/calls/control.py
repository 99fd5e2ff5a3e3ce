"""The parent's end of the socket to a template: messages and descriptors out, messages in, without blocking.

Assumes: everything is called on the loop's own thread.
"""

import asyncio
import os
import socket
from collections import deque
from collections.abc import Callable, Iterable, Sequence

from asyncgen.calls.child import messages
from asyncgen.calls.child.messages import Message


class Control:
    """Sends in order what the socket takes at once or later; `hear` is called with each message.

    `fail` is called where the socket can be used no more: its peer is gone, or must go, since what it needs
    does not reach it.
    """

    def __init__(
        self, sock: socket.socket, hear: Callable[[Message], object], fail: Callable[[], object]
    ) -> None:
        self._loop = asyncio.get_running_loop()
        self._sock = sock
        self._hear = hear
        self._fail = fail
        self._queue: deque[tuple[bytes, list[int]]] = deque()
        self._lines = messages.Lines()
        sock.setblocking(False)
        self._loop.add_reader(sock, self.catch_up)

    def fileno(self) -> int:
        """The socket's descriptor."""
        return self._sock.fileno()

    def send(self, data: bytes, descriptors: Sequence[int] = ()) -> None:
        """Send bytes, and descriptors along with them, which are closed here once they are gone."""
        self._queue.append((data, list(descriptors)))
        if len(self._queue) == 1:
            self._writable()

    def _writable(self) -> None:
        while self._queue:
            line, descriptors = self._queue[0]
            try:
                sent = socket.send_fds(self._sock, [line], descriptors)
            except (BlockingIOError, InterruptedError):
                self._loop.add_writer(self._sock, self._writable)
                return
            except OSError:
                self._loop.remove_writer(self._sock)
                self._fail()
                return
            close_all(descriptors)
            if sent < len(line):
                self._queue[0] = (line[sent:], [])
            else:
                self._queue.popleft()
        self._loop.remove_writer(self._sock)

    def catch_up(self) -> None:
        """Hear what has arrived."""
        try:
            data = self._sock.recv(65536)
        except (BlockingIOError, InterruptedError):
            return
        except OSError:
            data = b""
        if not data:
            self._loop.remove_reader(self._sock)
            self._fail()
            return
        for message in self._lines.feed(data):
            self._hear(message)

    def close(self) -> None:
        """Send and hear nothing more."""
        self._loop.remove_reader(self._sock)
        self._loop.remove_writer(self._sock)
        self._sock.close()
        for _, descriptors in self._queue:
            close_all(descriptors)
        self._queue.clear()


def close_all(descriptors: Iterable[int]) -> None:
    """Close these descriptors."""
    for descriptor in descriptors:
        os.close(descriptor)
