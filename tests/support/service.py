"""The example service as a process of its own, for its tests and its benchmark; see served.py."""

import asyncio
import json
import os
import re
import shutil
import subprocess
import sys
import tempfile
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from contextlib import asynccontextmanager, contextmanager
from pathlib import Path
from typing import Any

import httpx
import psutil
from places import SUPPORT

HANGING = {"integrand": "sinh(x)", "timeout": 1000}  # see served.py
BURNING = {"integrand": "cosh(x)", "timeout": 1000}  # the same, using all the CPU that there is
PATIENT = {"workers": 2, "most_seconds": 1000.0}


class Server:
    """A server that runs, and its processes."""

    def __init__(self, process: "subprocess.Popen[str]", url: str, note: Path) -> None:
        self.process = process
        self.url = url
        self.note = note

    @property
    def family(self) -> list[psutil.Process]:
        """The template and all below it."""
        return psutil.Process(self.process.pid).children(recursive=True)

    @property
    def open_descriptors(self) -> int:
        return psutil.Process(self.process.pid).num_fds()

    @property
    def hanging(self) -> int:
        """The process that began to hang last."""
        return int(self.note.read_text())

    @asynccontextmanager
    async def client(self) -> AsyncIterator[httpx.AsyncClient]:
        """A client as patient as it gets; each of its requests has a connection of its own."""
        limits = httpx.Limits(max_connections=None, max_keepalive_connections=0)
        async with httpx.AsyncClient(base_url=self.url, limits=limits, timeout=None, verify=False) as client:
            yield client

    async def integrate(self, question: object) -> httpx.Response:
        async with self.client() as client:
            return await client.post("/integrate", json=question)


@contextmanager
def serving(**settings: object) -> Iterator[Server]:
    """Start uvicorn on a free port, and end it with SIGTERM."""
    command = [sys.executable, "-W", "error", "-m", "uvicorn", "served:app", "--port", "0"]
    note = Path(tempfile.mkdtemp()) / "note"
    with subprocess.Popen(
        [*command, "--app-dir", str(SUPPORT), "--timeout-graceful-shutdown", "1"],
        env={**os.environ, "SERVICE": json.dumps(settings), "NOTE": str(note)},
        stderr=subprocess.PIPE,
        stdout=subprocess.DEVNULL,
        text=True,
    ) as process:
        assert process.stderr is not None
        said = ""
        while not (found := re.search("running on (http://[^ ]+)", said)):
            line = process.stderr.readline()
            assert line, said
            said += line
        try:
            yield Server(process, found[1], note)
        finally:
            process.terminate()
            process.communicate()
            shutil.rmtree(note.parent)


async def until(condition: Callable[[], Awaitable[bool]]) -> None:
    """Wait until a condition holds; the test's own time limit is the only one."""
    while not await condition():
        await asyncio.sleep(0.01)


async def statistics(client: httpx.AsyncClient) -> dict[str, Any]:
    found = (await client.get("/statistics")).json()
    return {**found.pop("scheduler"), **found}


# -- answers ---------------------------------------------------------------------------------------


async def waiting(client: httpx.AsyncClient, number: int) -> bool:
    return (await statistics(client))["waiting"] == number
