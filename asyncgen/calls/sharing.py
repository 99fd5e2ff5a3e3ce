"""Objects of `multiprocessing` that parent and workers share: in arguments of an initializer, and in calls.

Locks, queues, events and values can be pickled only while a process is being started, since what they hold
is handed over as descriptors and as names of semaphores. Here that is done for each worker: the pickle names
descriptors by their place, and the descriptors travel with the worker's socket.

A semaphore that was made for the start method "fork", the default on Linux before Python 3.14, has no name
any more by which another process could open it. In its object a fresh one takes its place, with a name and of
the same value. That is done before the first worker starts, and refused where the lock is held.

Proxies of a manager can be pickled at any time, and need the key of the program's managers in the worker.
"""

import copyreg
import io
import pickle
import sys
from collections import ChainMap
from collections.abc import Callable
from typing import Any, ClassVar

from asyncgen.calls.child.received import Keyed, SentDescriptor
from asyncgen.calls.errors import SchedulerError
from asyncgen.calls.pickling import Pickling

MOST_DESCRIPTORS = 60  # of one worker


def dumps(value: object, pickling: Pickling) -> tuple[bytes, list[int]]:
    """Pickle a value for each new worker; the descriptors that its pickle names belong to this process.

    Raises SchedulerError for a lock that is held.
    """
    if "multiprocessing" not in sys.modules:  # nobody can have made anything of it
        return pickling.whole(value), []
    from multiprocessing import context

    buffer, spawning = io.BytesIO(), _Spawning()
    before = context.get_spawning_popen()
    context.set_spawning_popen(spawning)  # type: ignore[arg-type]  # it is asked for no more than this
    try:
        _pickler(pickling.pickler)(buffer, 5).dump(value)
    finally:
        context.set_spawning_popen(before)
    if len(spawning.descriptors) > MOST_DESCRIPTORS:
        raise SchedulerError(f"initargs hold more than {MOST_DESCRIPTORS} pipes and files of shared memory")
    return buffer.getvalue(), spawning.descriptors


def with_key(function: Callable[..., Any]) -> Callable[..., Any]:
    """The function as it is to be pickled for a worker that does not have the key of managers."""
    from multiprocessing import process

    return Keyed(bytes(process.current_process().authkey), function)  # type: ignore[return-value]


def has_managers() -> bool:
    """Whether this program may have managers, whose proxies a worker could not use without their key."""
    return "multiprocessing.managers" in sys.modules


class _Spawning:
    """What `multiprocessing` asks while a process is being started; it collects descriptors."""

    DupFd = SentDescriptor

    def __init__(self) -> None:
        self.descriptors: list[int] = []

    def duplicate_for_child(self, descriptor: int) -> int:
        """The place of a descriptor among those that are handed over."""
        self.descriptors.append(descriptor)
        return len(self.descriptors) - 1


def _pickler(base: type[pickle.Pickler]) -> type[pickle.Pickler]:
    """The pickler that knows the objects of `multiprocessing` besides what its base knows."""
    from multiprocessing.reduction import ForkingPickler
    from multiprocessing.sharedctypes import SynchronizedBase
    from multiprocessing.synchronize import Condition, SemLock

    is_plain = base is pickle.Pickler
    known: Any = copyreg.dispatch_table if is_plain else base.dispatch_table
    reduce: Any = (lambda pickler, value: NotImplemented) if is_plain else base.reducer_override

    class Pickler(base):  # type: ignore[misc, valid-type]
        """Gives semaphores a name before they are pickled, and whatever keeps their methods the new ones."""

        dispatch_table: ClassVar[Any] = ChainMap(
            ForkingPickler._extra_reducers,  # type: ignore[attr-defined]
            known,
        )

        def reducer_override(self, value: Any) -> Any:
            if isinstance(value, SemLock):
                _name(value)
            elif isinstance(value, Condition):
                _name_those_of_a_condition(value)
            elif isinstance(value, SynchronizedBase):
                _name_that_of_a_value(value)
            return reduce(self, value)

    return Pickler


def _name_those_of_a_condition(value: Any) -> None:
    for lock in (value._lock, value._sleeping_count, value._woken_count, value._wait_semaphore):
        _name(lock)
    value._make_methods()


def _name_that_of_a_value(value: Any) -> None:
    _name(value._lock)
    value.acquire, value.release = value._lock.acquire, value._lock.release


def _name(lock: Any) -> None:
    """Put a semaphore with a name in the place of one without, as the constructor of SemLock makes it."""
    from multiprocessing import resource_tracker, synchronize, util

    kind: Any = synchronize.SemLock
    old = lock._semlock
    if old.name is not None and not getattr(lock, "_is_fork_ctx", False):
        return
    if old.maxvalue == 1 and old._is_zero():
        raise SchedulerError(f"{lock!r} in initargs is held: open the scheduler before it is used")
    name = kind._make_name()
    lock._semlock = type(old)(old.kind, old._get_value(), old.maxvalue, name, False)
    lock._is_fork_ctx = False
    lock._make_methods()
    resource_tracker.register(name, "semaphore")
    util.Finalize(lock, kind._cleanup, (name,), exitpriority=0)
