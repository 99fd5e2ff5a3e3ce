"""Descriptors that come with a message. `socket.recv_fds` would do, if it did not leave its flags out."""

import array
import socket

_MOST = 64  # of one message


def received(sock: socket.socket, size: int, flags: int = 0) -> tuple[bytes, list[int]]:
    """At most so many bytes, and the descriptors that came along."""
    found = array.array("i")
    data, ancillary, _, _ = sock.recvmsg(size, socket.CMSG_SPACE(_MOST * found.itemsize), flags)
    for level, kind, body in ancillary:
        if level == socket.SOL_SOCKET and kind == socket.SCM_RIGHTS:
            found.frombytes(body[: len(body) - len(body) % found.itemsize])
    return data, list(found)
