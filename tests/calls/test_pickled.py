"""A function that travels with every call, and is pickled once."""

import pickle

from asyncgen.calls.pickled import PickledOnce


class Counted:
    """An argument that counts how often it is pickled."""

    times = 0

    def __reduce__(self) -> tuple[type, tuple[()]]:
        Counted.times += 1
        return Counted, ()


def use(_: object, *, power: int, thing: Counted) -> tuple[int, type]:
    return power, type(thing)


def test_it_is_pickled_once_and_does_the_same_there():
    """Sent a hundred times, its arguments are pickled at the first time only."""
    function = PickledOnce(use, power=3, thing=Counted())
    sent = {pickle.dumps(function) for _ in range(100)}
    assert (len(sent), Counted.times) == (1, 1)
    assert pickle.loads(sent.pop())("item") == (3, Counted)
