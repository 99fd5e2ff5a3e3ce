"""A program with habits of its own, in which the library is a guest: what is different afterwards?

Writes a JSON object to the file that it is given: for each moment, what differs from before the import.
"""

import asyncio
import faulthandler
import gc
import json
import locale
import logging
import os
import resource
import signal
import sys
import threading
import warnings
from collections.abc import Callable
from pathlib import Path
from typing import Any

Look = Callable[[], dict[str, Any]]


def handle(*_: object) -> None:
    """A handler, a hook, or a factory of the program's."""


def set_up() -> None:
    """Give the program what a guest might disturb."""
    for number in (
        signal.SIGINT,
        signal.SIGTERM,
        signal.SIGHUP,
        signal.SIGCHLD,
        signal.SIGPROF,
        signal.SIGPIPE,
    ):
        signal.signal(number, handle)
    signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGUSR2})
    sys.excepthook = threading.excepthook = sys.unraisablehook = handle
    handler = logging.StreamHandler()
    handler.setLevel(logging.CRITICAL)
    logging.basicConfig(level=logging.WARNING, handlers=[handler])
    logging.getLogger("asyncio").setLevel(logging.ERROR)
    logging.getLogger("app").addHandler(logging.NullHandler())
    asyncio.set_event_loop_policy(asyncio.DefaultEventLoopPolicy())
    os.umask(0o027)
    gc.set_threshold(701, 11, 11)
    sys.setrecursionlimit(1234)


def program() -> dict[str, Any]:
    """What belongs to the whole program, as text."""
    umask = os.umask(0o027)
    seen = {
        "handlers": {number: signal.getsignal(number) for number in signal.valid_signals()},
        "blocked": signal.pthread_sigmask(signal.SIG_BLOCK, ()),
        "hooks": (
            sys.excepthook,
            threading.excepthook,
            sys.unraisablehook,
            sys.displayhook,
            sys.breakpointhook,
        ),
        "tracing": (sys.gettrace(), sys.getprofile(), faulthandler.is_enabled()),
        "streams": (id(sys.stdin), id(sys.stdout), id(sys.stderr), sys.stdout.encoding),
        "policy": id(asyncio.get_event_loop_policy()),
        "collector": (gc.isenabled(), gc.get_threshold(), gc.get_freeze_count(), gc.callbacks),
        "interpreter": (sys.getrecursionlimit(), sys.getswitchinterval(), sys.get_int_max_str_digits()),
        "warnings": (warnings.filters, warnings.showwarning),
        "process": (
            os.getcwd(),
            umask,
            sorted(os.environ.items()),
            locale.setlocale(locale.LC_ALL),
            os.nice(0),
        ),
        "session": (os.getpgrp(), os.getsid(0)),
        "limits": (resource.getrlimit(resource.RLIMIT_NOFILE), resource.getrlimit(resource.RLIMIT_CORE)),
        "logging": {name: logger_of(name) for name in ("", "app", "asyncio", "concurrent.futures")},
        "log records": (
            logging.getLogRecordFactory(),
            logging.getLoggerClass(),
            logging.root.manager.disable,
        ),
    }
    return {name: repr(value) for name, value in seen.items()}


def logger_of(name: str) -> tuple[object, ...]:
    logger = logging.getLogger(name)
    handlers = [(id(handler), handler.level) for handler in logger.handlers]
    return logger.level, handlers, logger.propagate, logger.disabled, logger.filters


def inside() -> dict[str, Any]:
    """What belongs to the loop that runs, or to the moment."""
    loop = asyncio.get_running_loop()
    return program() | {
        "loop": (
            id(loop),
            loop.get_debug(),
            repr(loop.get_exception_handler()),
            repr(loop.get_task_factory()),
        ),
        "tasks": len(asyncio.all_tasks()),
        "threads": threading.active_count(),
        "descriptors": len(os.listdir("/proc/self/fd")),
        "children": Path(f"/proc/self/task/{os.getpid()}/children").read_text(),
    }


def changes(before: dict[str, Any], look: Look) -> dict[str, Any]:
    """What is not as it was."""
    now = look()
    return {name: [before[name], now[name]] for name in before if before[name] != now[name]}


async def host(store: Path, guest: str) -> dict[str, Any]:
    loop = asyncio.get_running_loop()
    ended = asyncio.Event()
    loop.add_signal_handler(signal.SIGTERM, ended.set)
    loop.add_signal_handler(signal.SIGUSR1, handle)
    loop.set_exception_handler(handle)
    before, threads = inside(), set(threading.enumerate())
    await GUESTS[guest](store)
    for thread in set(threading.enumerate()) - threads:
        thread.join(10)  # aiosqlite's thread says that it ends, and then ends
    found = changes(before, inside)
    os.kill(os.getpid(), signal.SIGTERM)
    await ended.wait()  # the program's own handler still hears it
    return found


async def batch(store: Path) -> None:
    from asyncgen import Spec
    from asyncgen.jobs.generate import generate
    from asyncgen.problems.distributions import preset, with_operator_range

    progress = await generate(store, Spec(with_operator_range(preset("lample-charton"), 1, 3)), range(6))
    assert progress.state == "done"


async def calls(_: Path) -> None:
    from asyncgen import CallTimeout, Scheduler

    async with Scheduler(workers=1, timeout=0.2) as scheduler:
        assert await scheduler.run(pow, 2, 3) == 8
        try:
            await scheduler.run(signal.pause)
        except CallTimeout:
            return


async def labels(_: Path) -> None:
    from asyncgen import label, label_async

    assert label("x").success
    assert (await label_async("x")).success


async def vandal(_: Path) -> None:
    """No guest."""
    signal.signal(signal.SIGHUP, signal.SIG_DFL)
    logging.getLogger().setLevel(logging.DEBUG)
    asyncio.get_running_loop().set_exception_handler(None)


GUESTS = {"batch": batch, "calls": calls, "labels": labels, "vandal": vandal}


def main(guest: str, loop: str, report: Path) -> None:
    if loop == "uvloop":
        from uvloop import new_event_loop
    else:
        from asyncio import new_event_loop
    set_up()
    before = program()
    import asyncgen.command.main
    import asyncgen.jobs.generate
    import asyncgen.jobs.label  # noqa: F401

    found = {"imported": changes(before, program)}
    with asyncio.Runner(loop_factory=new_event_loop) as runner:
        found["ran"] = runner.run(host(report.parent / "store.db", guest))
    report.write_text(json.dumps(found))


if __name__ == "__main__":
    main(sys.argv[1], sys.argv[2], Path(sys.argv[3]))
