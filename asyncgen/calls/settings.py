"""How a scheduler runs its workers: one frozen object, checked when it is made."""

import dataclasses
import logging
import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Literal, TypedDict, get_args

from asyncgen.calls import context as contexts
from asyncgen.calls.cores import usable_cores

_MOST_NICE = 19  # of the kernel
LEAST_OPEN_FILES = 40  # of one process, with which two workers get along

StartMethod = Literal["template", "spawn"]
PicklerName = Literal["pickle", "cloudpickle"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Settings:
    """Settings of a Scheduler. Seconds and bytes; raises TypeError or ValueError for what cannot work.

    workers: processes that make calls at the same time (default: one for each core that they can keep busy,
        by affinity and by the quota of the container). With 0 calls are made in this very process, on the
        loop's own thread, one at a time: for debuggers and tests. Then no limit holds, and no call that has
        begun can be ended; what is said of processes below means nothing.
    timeout: wall-clock limit of a call, from the moment its function is called; None for no limit.
    cpu_limit: CPU seconds that a call may use, whatever its process group runs; None for no limit. Such a
        call is also ended where it uses no CPU for long: see errors.CallStalled.
    load_timeout: seconds that a worker may take to unpickle a call, with the imports that this needs.
    memory_limit: resident bytes that a worker and its descendants may hold, sampled; None for no limit.
    memory_interval: seconds between two samples.
    address_space: bytes that a worker, and each process that it starts, may reserve (RLIMIT_AS): a call that
        asks for more gets MemoryError, and the worker goes on. None for no limit.
    calls_per_worker: calls after which a process is replaced by a fresh one; None for never.
    grace: seconds that a call has to clean up where it is killed: its process group gets SIGTERM, which
        raises SystemExit in the call, and SIGKILL only after so long. None: SIGKILL at once.
    start_method: "template": workers are copies of a process that has imported the preload, ready in about a
        millisecond; "spawn": each is a fresh interpreter that imports it for itself, as what starts threads
        needs.
    preload: modules that workers should find imported; "module:function" also calls the function.
    initializer, initargs: called in every fresh process before its first call.
    max_pending: calls that may wait for a worker, of all users together; see options.CallOptions.
    most_deaths: how many calls of a function in a row may end their worker, until the function is refused
        with FunctionKillsWorkers; None for any number.
    spares: ready processes kept next to the working ones, to take over at once.
    start_timeout: seconds that a fresh process may take until it is ready.
    start_patience: seconds for which starts that fail are tried again, once a process has been ready, as a
        machine may be short of memory or processes for a while. At the beginning a few tries must do.
    pickler: the module that pickles calls and answers. "cloudpickle" takes by value what has no name in a
        module: lambdas, functions inside functions, what a notebook defines. It is the extra `cloudpickle`.
    max_message: largest call or answer, in bytes.
    environment: variables set for the template and its workers, besides those of this process.
    nice: what is added to the niceness of workers, 0 to 19: the higher, the more others go before them.
    own_folder: let each worker process have a new and empty folder as its working directory, which is removed
        with all that is in it when the process is gone.
    output: file that the workers' standard output and error are appended to; None discards them.
    logs: True, or a level of `logging` (True is INFO): log records of workers from this level on, and what
        Python prints there, are handled by this program's loggers; see child/logs.py.
    context: names of ContextVars, as "module:variable", and carriers (see child/context.py): what each call
        finds set as its caller has it.
    """

    workers: int = field(default_factory=usable_cores)
    timeout: float | None = None
    cpu_limit: float | None = None
    load_timeout: float | None = 60.0
    memory_limit: int | None = None
    memory_interval: float = 0.1
    address_space: int | None = None
    calls_per_worker: int | None = None
    grace: float | None = None
    start_method: StartMethod = "template"
    preload: tuple[str, ...] = ()
    initializer: Callable[..., object] | None = None
    initargs: tuple[Any, ...] = ()
    max_pending: int | None = None
    most_deaths: int | None = None
    spares: int = 1
    start_timeout: float = 60.0
    start_patience: float = 0.0
    pickler: PicklerName = "pickle"
    max_message: int = 1 << 30
    environment: Mapping[str, str] = field(default_factory=dict)
    nice: int = 0
    own_folder: bool = False
    output: Path | None = None
    logs: bool | int = False
    context: tuple[contexts.Entry, ...] = ()

    def __post_init__(self) -> None:
        for name, least in _WHOLE.items():
            _check_whole(name, getattr(self, name), least)
        for name in _SECONDS:
            _check_seconds(name, getattr(self, name))
        if type(self.start_patience) not in (int, float) or not self.start_patience >= 0:
            raise ValueError(f"start_patience must be 0 seconds or more, not {self.start_patience!r}")
        for name, choices in _CHOICES.items():
            _check_choice(name, getattr(self, name), choices)
        _check_preload(self.preload)
        _check_environment(self.environment)
        contexts.check(self.context)
        for name, (is_right, what) in _KINDS.items():
            if not is_right(value := getattr(self, name)):
                raise TypeError(f"{name} must be {what}, not {value!r}")
        if self.nice > _MOST_NICE:
            raise ValueError(f"nice must be at most {_MOST_NICE}, not {self.nice}")

    @property
    def least_level(self) -> int | None:
        """That of log records that workers send; None where they send none."""
        if isinstance(self.logs, bool):
            return logging.INFO if self.logs else None
        return self.logs


class Changes(TypedDict, total=False):
    """Single settings by name, for type checkers: each field of Settings, with its type."""

    workers: int
    max_workers: int | None
    timeout: float | None
    cpu_limit: float | None
    load_timeout: float | None
    memory_limit: int | None
    memory_interval: float
    address_space: int | None
    calls_per_worker: int | None
    grace: float | None
    start_method: StartMethod
    preload: tuple[str, ...]
    initializer: Callable[..., object] | None
    initargs: tuple[Any, ...]
    max_pending: int | None
    most_deaths: int | None
    spares: int
    start_timeout: float
    start_patience: float
    pickler: PicklerName
    max_message: int
    environment: Mapping[str, str]
    nice: int
    own_folder: bool
    output: Path | None
    logs: bool | int
    context: tuple[contexts.Entry, ...]


def settings_of(settings: "Settings | int | None", changes: Changes) -> Settings:
    """The settings that are meant: an object or a number of workers, with changes.

    `max_workers`, as of the standard library's executors, is another name for `workers`.
    """
    if isinstance(settings, int) and not isinstance(settings, bool):
        settings = Settings(workers=settings)
    if settings is not None and not isinstance(settings, Settings):
        raise TypeError(f"settings must be Settings or a number of workers, not {settings!r}")
    named: dict[str, Any] = dict(changes)
    if "max_workers" in named:
        if "workers" in named:
            raise TypeError("workers and max_workers are the same setting: give one of them")
        most = named.pop("max_workers")
        if type(most) is int and most < 1:
            raise ValueError(f"max_workers must be greater than 0, not {most}")
        named["workers"] = usable_cores() if most is None else most
    return dataclasses.replace(settings or Settings(), **named)


def in_processes(workers: int) -> int:
    """So many workers, for calls that must be made in processes. Raises ValueError if there are none."""
    _check_whole("workers", workers, 1)
    return workers


_WHOLE = {
    "workers": 0,
    "calls_per_worker": 1,
    "memory_limit": 1,
    "address_space": 1,
    "nice": 0,
    "max_message": 1,
    "max_pending": 0,
    "most_deaths": 1,
    "spares": 0,
}  # and the least
_SECONDS = ("timeout", "cpu_limit", "load_timeout", "memory_interval", "grace", "start_timeout")
_CHOICES = {"start_method": get_args(StartMethod), "pickler": get_args(PicklerName)}
_FINITE = ("memory_interval", "grace")
_MAY_BE_NONE = (
    *("calls_per_worker", "memory_limit", "address_space", "timeout", "cpu_limit", "load_timeout"),
    *("max_pending", "most_deaths", "grace"),
)


_KINDS: Mapping[str, tuple[Callable[[Any], bool], str]] = {
    "initializer": (lambda value: value is None or callable(value), "a function"),
    "initargs": (lambda value: isinstance(value, tuple), "a tuple"),
    "own_folder": (lambda value: isinstance(value, bool), "True or False"),
    "output": (lambda value: value is None or isinstance(value, Path), "a pathlib.Path"),
    "logs": (lambda value: type(value) in (bool, int), "True, False or a level such as logging.INFO"),
}


def _check_whole(name: str, value: Any, least: int) -> None:
    if value is None and name in _MAY_BE_NONE:
        return
    if type(value) is not int:  # not True either, and nothing that JSON cannot carry to the template
        raise TypeError(f"{name} must be a whole number, not {value!r}")
    if value < least:
        raise ValueError(f"{name} must be at least {least}, not {value}")


def _check_choice(name: str, value: Any, choices: tuple[str, ...]) -> None:
    if value not in choices:
        raise ValueError(f"{name} must be {' or '.join(map(repr, choices))}, not {value!r}")


def _check_seconds(name: str, value: Any) -> None:
    if value is None and name in _MAY_BE_NONE:
        return
    if type(value) not in (int, float):
        raise TypeError(f"{name} must be a number of seconds, not {value!r}")
    if not value > 0 or (value == math.inf and name in _FINITE):
        raise ValueError(f"{name} must be more than 0 seconds, and not {value}")


def _check_preload(preload: Any) -> None:
    if not isinstance(preload, tuple) or not all(isinstance(name, str) for name in preload):
        raise TypeError(f"preload must be a tuple of names such as ('sympy',), not {preload!r}")


def _check_environment(environment: Any) -> None:
    if not isinstance(environment, Mapping):
        raise TypeError(f"environment must be a mapping, not {environment!r}")
    for name, value in environment.items():
        if not isinstance(name, str) or not isinstance(value, str):
            raise TypeError(f"environment must map strings to strings, not {name!r} to {value!r}")
        if not name or "=" in name or "\0" in name + value:
            raise ValueError(f"environment cannot hold the variable {name!r} with the value {value!r}")
