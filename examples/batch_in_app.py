"""The main job inside an application that has its own event loop, logging, signal handlers and hooks.

asyncgen is a guest there: it runs on the application's loop, writes to no stream, and changes nothing of all
that. The application asks for a thousand labelled functions, beats on, is told to end by SIGTERM while the
batch runs, stops it as it likes best, and looks at what was stored. The same batch again would go on there.

    python examples/batch_in_app.py [STORE]      (without STORE: in a temporary folder)
"""

import asyncio
import contextlib
import logging
import logging.config
import os
import signal
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

import uvloop

from asyncgen import Spec
from asyncgen.jobs.generate import generate
from asyncgen.jobs.progress import Progress
from asyncgen.jobs.run import Control, RunSettings
from asyncgen.problems.distributions import preset, with_operator_range
from asyncgen.store import Reader

ENOUGH = 20  # rows after which this program sends itself the SIGTERM that an operator would send
SPEC = Spec(with_operator_range(preset("lample-charton"), 1, 5), seed=2024)
SETTINGS = RunSettings(flush_seconds=0.2)
LOGGING = {
    "version": 1,
    "disable_existing_loggers": False,
    "formatters": {"plain": {"format": "%(name)s %(levelname)s %(message)s"}},
    "handlers": {
        "out": {"class": "logging.StreamHandler", "formatter": "plain", "stream": "ext://sys.stdout"}
    },
    "root": {"handlers": ["out"], "level": "WARNING"},
    "loggers": {"app": {"level": "INFO"}, "asyncgen": {"level": "INFO"}},  # the host decides what is seen
}

log = logging.getLogger("app")


class App:
    """What the application does besides the batch."""

    def __init__(self) -> None:
        self.ending = asyncio.Event()

    @contextlib.contextmanager
    def signals(self) -> Iterator[None]:
        """End on SIGTERM, as the operator of this application is used to."""
        loop = asyncio.get_running_loop()
        loop.add_signal_handler(signal.SIGTERM, self._terminate)
        try:
            yield
        finally:
            loop.remove_signal_handler(signal.SIGTERM)

    def _terminate(self) -> None:
        log.info("SIGTERM: the application ends")
        self.ending.set()

    async def beat(self) -> None:
        """The rest of the application: it never misses a beat."""
        while True:
            log.info("heartbeat")
            await asyncio.sleep(0.25)


async def batch(store: Path, stop: asyncio.Event) -> Progress:
    """Label functions into the store until all are there or the application ends."""

    def follow(progress: Progress) -> None:
        log.info("%s: %d of %d rows", progress.state, progress.rows, progress.total)
        if progress.rows >= ENOUGH and not stop.is_set():
            os.kill(os.getpid(), signal.SIGTERM)

    return await generate(store, SPEC, range(1000), SETTINGS, Control(on_progress=follow, stop=stop))


async def show(store: Path) -> None:
    """Print the first rows of a store, which may still be growing."""
    async with Reader(store) as reader:
        async for row in reader.rows(stop=10):
            print(f"{row.index:3} {row.status:14} {row.integrand}  ->  {row.integral or row.reason}")


async def main(store: Path) -> None:
    app = App()
    with app.signals():
        pulse = asyncio.create_task(app.beat())
        progress = await batch(store, app.ending)
        pulse.cancel()
    print("stored now:", ", ".join(f"{status} {count}" for status, count in progress.counts.items()))
    await show(store)


def run(store: Path) -> None:
    """The application's own way to run: its logging, its loop."""
    logging.config.dictConfig(LOGGING)
    with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
        runner.run(main(store))


if __name__ == "__main__":
    if len(sys.argv) > 1:
        run(Path(sys.argv[1]))
    else:
        with tempfile.TemporaryDirectory() as folder:
            run(Path(folder) / "functions.db")
