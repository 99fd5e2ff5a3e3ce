"""What pickles calls and answers: the standard library, or cloudpickle, which takes functions by value.

Chosen once, when a scheduler is opened and when a worker starts. Both are unpickled alike: see frames.loads.
"""

import pickle
from collections.abc import Callable
from functools import partial
from typing import NamedTuple

from asyncgen.calls import frames
from asyncgen.calls.frames import Dumper, Part


class Pickling(NamedTuple):
    """A way to pickle: into parts, with buffers out of band, or in one piece; and the class behind both."""

    parts: Callable[[object], list[Part]]
    whole: Callable[[object], bytes]
    pickler: type[pickle.Pickler]


PLAIN = Pickling(frames.dumps, frames.dumps_whole, pickle.Pickler)


def pickling_by(module: str) -> Pickling:
    """That of a module, `pickle` or `cloudpickle`. Raises ImportError, in words, if it is not installed."""
    if module == "pickle":
        return PLAIN
    try:
        import cloudpickle
    except ImportError as error:
        raise ImportError(
            f"the setting pickler='cloudpickle' needs a package that cannot be imported ({error}): "
            "pip install 'asyncgen[cloudpickle]'"
        ) from None
    kind: type[pickle.Pickler] = cloudpickle.Pickler
    return Pickling(lambda value: Dumper(kind).dumps(value), partial(cloudpickle.dumps, protocol=5), kind)
