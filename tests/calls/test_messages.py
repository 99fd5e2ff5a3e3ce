"""What the parent and its template say to each other."""

import socket
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from asyncgen.calls.child import messages
from asyncgen.calls.child.messages import (
    Failed,
    Fork,
    Forked,
    Gone,
    Kill,
    Killed,
    Lines,
    Measure,
    Message,
    Orders,
    Ready,
    Threaded,
    Used,
)

EVERY = [
    Fork(3, 0),
    Measure(77),
    Threaded(2),
    Used(77, 1.25),
    Kill(1234),
    Kill(1234, 2.5),
    Ready(77),
    Failed("preloading 'x' failed:\nTraceback \udc80"),
    Forked(3, 1234),
    Forked(3, None, "no process"),
    Killed(1234),
    Gone(1234, -9, 0.125, 1 << 40),
]


@given(st.lists(st.sampled_from(EVERY)), st.lists(st.integers(0, 400)))
def test_messages_arrive_as_they_were_sent(sent: list[Message], cuts: list[int]):
    """Whole, in order and of their kind, wherever the bytes are cut."""
    data = b"".join(map(messages.encode, sent))
    lines, borders = Lines(), [0, *sorted(cut for cut in cuts if cut < len(data)), len(data)]
    arrived = [found for a, b in pairwise(borders) for found in lines.feed(data[a:b])]
    assert arrived == sent
    assert list(map(type, arrived)) == list(map(type, sent))


@pytest.mark.parametrize("limit", [None, 1 << 30])
def test_orders_are_read_to_their_last_byte_and_no_further(limit: int | None):
    """What follows may bring a descriptor, which a read that took too much would lose."""
    orders = Orders(1, ("sympy", "a:b"), False, limit, 0.1, 1 << 30)
    near, far = socket.socketpair()
    with near, far:
        near.sendall(messages.encode_orders(orders) + b"rest")
        assert messages.read_orders(far) == orders
        assert far.recv(10) == b"rest"
