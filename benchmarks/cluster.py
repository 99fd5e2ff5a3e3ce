"""What does the cluster cost beyond the plain command?

Round after round, and each of the two first in turn: `asyncgen` with two workers; and a development server,
two nodes with one worker each and a submitter, all on this machine. CPU is that of all processes from their
start to their end, workers and engines that were replaced included. Wall clock is that of the command, in a
cluster of the submitter's, once the nodes are ready.

The difference of two large numbers is blurred by what else the machine does. So a second one is printed: the
CPU of server, nodes and submitter by themselves, without that of templates and workers, against the plain
command by itself. The goal: at most 0.4 CPU-ms a row beyond the plain command, over 50,000 rows.

    python benchmarks/cluster.py --n 50000 --kind substitution [--rounds 3] [--shard-rows 2000] [--quick]
"""

import json
import os
import socket
import sqlite3
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, closing, contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path

import psutil
from accounting import adopt_orphans, cpu_of_children, cpu_of_machine, wait_for_orphans
from rounds import parser, table

from asyncgen.cluster.server import ServerSettings, running_server

NODES = 2
GOAL = 0.4  # CPU-ms a row
PAUSE = 0.01  # seconds between two looks whether a node is ready
ENVIRONMENT = {name: value for name, value in os.environ.items() if not name.startswith("TEMPORAL_")}
PLAIN, BELOW_PLAIN = "plain command, its own process", "plain command, template and workers"
SERVER, SUBMITTER = "server", "submitter"
NODE, BELOW_NODE = "nodes, their own processes", "nodes, templates and workers"

Figures = dict[str, float]  # CPU seconds by process, and what is named below
Process = subprocess.Popen[bytes]


@dataclass(frozen=True, slots=True)
class Used:
    """CPU seconds of a process by itself, and of those below it."""

    own: float
    below: float

    @property
    def all(self) -> float:
        return self.own + self.below


def used_so_far(pid: int) -> Used:
    """What a process has used, with those below it that live or that it has waited for."""
    process = psutil.Process(pid)
    times = process.cpu_times()
    below = times.children_user + times.children_system
    for child in process.children(recursive=True):
        with suppress(psutil.NoSuchProcess):
            below += sum(child.cpu_times()[:4])
    return Used(times.user + times.system, below)


def used_to_the_end(process: Process) -> Used:
    """Wait for a process; what it has used is known until somebody asks for its status."""
    os.waitid(os.P_PID, process.pid, os.WEXITED | os.WNOWAIT)
    return used_so_far(process.pid)


class Folder:
    """Where one run has its files, and starts its commands."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self.store = path / "functions.db"

    def start(self, name: str, *flags: object) -> Process:
        """Start a command of asyncgen, whose output goes into two files."""
        with (self.path / f"{name}.out").open("wb") as out, (self.path / f"{name}.err").open("wb") as err:
            command = [sys.executable, "-m", "asyncgen", *map(str, flags)]
            return subprocess.Popen(
                command, stdin=subprocess.DEVNULL, stdout=out, stderr=err, env=ENVIRONMENT
            )

    def said(self, name: str, where: str = "err") -> str:
        return (self.path / f"{name}.{where}").read_text()

    def check(self, name: str, process: Process) -> None:
        if process.wait():
            sys.exit(f"{name} ended with {process.returncode}: {self.said(name)[-2000:]}")

    def check_rows(self, name: str, rows: int) -> float:
        """See that the command has stored all rows; the CPU seconds of its calls, as the store has them."""
        if (stored := json.loads(self.said(name, "out"))["stored"]) != rows:
            sys.exit(f"{name} has stored {stored} rows of {rows}")
        with closing(sqlite3.connect(self.store)) as connection:
            ((seconds,),) = connection.execute("SELECT sum(cpu_seconds) FROM results")
        return float(seconds)


@contextmanager
def a_folder() -> Iterator[Folder]:
    with tempfile.TemporaryDirectory(prefix="cluster-") as path:
        yield Folder(Path(path))


@contextmanager
def measured(figures: Figures) -> Iterator[None]:
    """Note the CPU of all processes that are started and ended inside, and of the machine's others."""
    adopt_orphans()
    before, machine, began = cpu_of_children(), cpu_of_machine(), time.monotonic()
    yield
    wait_for_orphans()
    figures["cpu"] = cpu_of_children() - before
    others = cpu_of_machine() - machine - figures["cpu"]
    figures["others"] = others / (time.monotonic() - began)


def plain(rows: int, flags: Sequence[str], _: int) -> Figures:
    """One run of the plain command."""
    found: Figures = {}
    with a_folder() as folder, measured(found):
        began = time.monotonic()
        process = folder.start(
            *("plain", *flags, "--n", rows, "--workers", NODES, "--store", folder.store, "--json", "--quiet")
        )
        used = used_to_the_end(process)
        found["wall"] = time.monotonic() - began
        folder.check("plain", process)
        found["calls"] = folder.check_rows("plain", rows)
    return {**found, PLAIN: used.own, BELOW_PLAIN: used.below}


def cluster(rows: int, flags: Sequence[str], shard_rows: int) -> Figures:
    """One run of server, nodes and submitter."""
    found: Figures = {}
    with a_folder() as folder, measured(found), a_server(folder.path, found) as address:
        with nodes(folder, address, found):
            began = time.monotonic()
            process = folder.start(
                *("submitter", "cluster", "submit", *flags, "--n", rows, "--store", folder.store, "--json"),
                *("--quiet", "--shard-rows", shard_rows, "--address", address),
            )
            found[SUBMITTER] = used_to_the_end(process).all
            found["wall"] = time.monotonic() - began
            folder.check("submitter", process)
        found["calls"] = folder.check_rows("submitter", rows)
    return found


@contextmanager
def a_server(folder: Path, found: Figures) -> Iterator[str]:
    """The address of a development server; noted is what it uses."""
    with socket.socket() as sock:
        sock.bind(("127.0.0.1", 0))
        port = int(sock.getsockname()[1])
    settings = ServerSettings(state=folder / "temporal.db", port=port)
    began = time.monotonic()
    with running_server(settings) as process:
        found["server ready"] = time.monotonic() - began
        found["server ready cpu"] = used_so_far(process.pid).all
        yield settings.address
        process.terminate()
        found[SERVER] = used_to_the_end(process).all
    found["server bytes"] = sum(file.stat().st_size for file in folder.glob("temporal.db*"))


@contextmanager
def nodes(folder: Folder, address: str, found: Figures) -> Iterator[None]:
    """Nodes that are ready; noted is what they use."""
    names = [f"node-{number}" for number in range(NODES)]
    began = time.monotonic()
    with ExitStack() as stack:
        started = {}
        for name in names:
            started[name] = folder.start(
                *(name, "cluster", "node", "--workers", 1, "--name", name, "--scratch", folder.path),
                *("--address", address),
            )
            stack.callback(started[name].terminate)
        for name, process in started.items():
            _wait_until_ready(folder, name, process)
        found["nodes ready"] = time.monotonic() - began
        found["nodes ready cpu"] = sum(used_so_far(process.pid).all for process in started.values())
        yield
        for process in started.values():
            process.terminate()
        used = [used_to_the_end(process) for process in started.values()]
        for name, process in started.items():
            folder.check(name, process)
    found[NODE], found[BELOW_NODE] = sum(one.own for one in used), sum(one.below for one in used)


def _wait_until_ready(folder: Folder, name: str, process: Process) -> None:
    while "ready" not in folder.said(name):
        if process.poll() is not None:
            folder.check(name, process)
        time.sleep(PAUSE)


def medians(rounds: Sequence[Figures]) -> Figures:
    return {name: statistics.median(each[name] for each in rounds) for name in rounds[0]}


def beyond(plain: Figures, cluster: Figures) -> Figures:
    """CPU seconds of a round beyond those of the plain command."""
    own = cluster[SERVER] + cluster[NODE] + cluster[SUBMITTER] - plain[PLAIN]
    ready = cluster["server ready cpu"] + cluster["nodes ready cpu"]
    all_of_them = cluster["cpu"] - plain["cpu"]
    return {
        "all processes": all_of_them,
        "all processes, but what was used before the nodes were ready": all_of_them - ready,
        "server, nodes and submitter, without templates and workers": own,
    }


def show(rows: int, rounds: Sequence[tuple[Figures, Figures]]) -> None:
    """Print medians of all rounds."""
    each_plain, each_cluster = zip(*rounds, strict=True)
    one, many = medians(each_plain), medians(each_cluster)
    shown = {
        "rows/s": [rows / one["wall"], rows / many["wall"]],
        "CPU s of all processes": [one["cpu"], many["cpu"]],
        "CPU-ms a row": [one["cpu"] / rows * 1e3, many["cpu"] / rows * 1e3],
        "CPU s of calls, as stored": [one["calls"], many["calls"]],
    }
    table(
        ["", "plain", "cluster", "ratio"],
        [[name, f"{a:.2f}", f"{b:.2f}", f"{b / a:.3f}"] for name, (a, b) in shown.items()],
    )
    parts = {name: one[name] for name in (PLAIN, BELOW_PLAIN)}
    parts |= {name: many[name] for name in (SERVER, NODE, BELOW_NODE, SUBMITTER)}
    table(
        ["process", "CPU s", "CPU-ms a row"],
        [[name, f"{seconds:.2f}", f"{seconds / rows * 1e3:.3f}"] for name, seconds in parts.items()],
    )
    for name in ("server", "nodes"):
        used = many[f"{name} ready cpu"]
        print(f"{name} ready: after {many[f'{name} ready']:.2f} s and {used:.2f} CPU s, among those above")
    print(f"the server's file: {many['server bytes'] / rows:.0f} bytes a row")
    each = [beyond(*round_) for round_ in rounds]
    print("CPU-ms a row beyond the plain command, median and each round:")
    for name, seconds in medians(each).items():
        numbers = ", ".join(f"{one[name] / rows * 1e3:.3f}" for one in each)
        print(f"  {name}: {seconds / rows * 1e3:.3f} ({numbers})")
    cost = medians(each)["all processes"] / rows * 1e3
    print(f"the goal is {GOAL} for all processes: {'met' if cost <= GOAL else 'NOT met'}")


def main() -> None:
    options = parser(__doc__)
    options.add_argument("--n", type=int, default=3000, help="rows")
    options.add_argument("--kind", default="forward", help="of problem")
    options.add_argument("--shard-rows", type=int, default=2000)
    options.add_argument("flags", nargs="*", help="further flags of both commands, after --")
    chosen = options.parse_args()
    rows, count, shard_rows = chosen.n, chosen.rounds, chosen.shard_rows
    if chosen.quick:
        rows, count, shard_rows = 60, 1, 20
    flags = ["--kind", chosen.kind, *chosen.flags]
    rounds = []
    for number in range(count):
        found = {}
        for way in (plain, cluster) if number % 2 == 0 else (cluster, plain):
            figures = found[way] = way(rows, flags, shard_rows)
            told = f"{figures['cpu']:.2f} CPU s, {figures['wall']:.2f} s, others {figures['others']:.2f} CPUs"
            print(f"round {number + 1} of {count}, {way.__name__}: {told}", file=sys.stderr, flush=True)
        rounds.append((found[plain], found[cluster]))
    show(rows, rounds)


if __name__ == "__main__":
    main()
