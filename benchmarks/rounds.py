"""Runs contenders side by side: each in a process of its own, round after round, so that a busy minute of the
machine hurts all alike; medians are compared.

A benchmark has a coroutine `measure(pool, **options) -> dict of figures`. `contend` runs it once for each
contender and round, as `python -c "import MODULE; rounds.serve(MODULE.measure)" JSON`: without a main script,
which the workers of some pools would import again.
"""

import argparse
import asyncio
import json
import os
import statistics
import sys
from collections.abc import Awaitable, Callable, Coroutine, Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import uvloop
from accounting import spent
from needs import need
from rich.box import MARKDOWN
from rich.console import Console
from rich.table import Table

LOOPS = {"asyncio": asyncio.new_event_loop, "uvloop": uvloop.new_event_loop}
HERE = str(Path(__file__).parent)
Figures = dict[str, float]


@dataclass(frozen=True, slots=True)
class Contender:
    """A pool on an event loop."""

    pool: str
    loop: str = "uvloop"

    def __str__(self) -> str:
        return f"{self.pool}, {self.loop}"


def everyone(pools: Iterable[str], loops: Iterable[str] = LOOPS) -> list[Contender]:
    """Each pool on each loop."""
    return [Contender(pool, loop) for loop in loops for pool in pools]


def contend(module: str, contenders: Sequence[Contender], rounds: int, **options: Any) -> dict[str, Figures]:
    """The median over the rounds of each figure, by contender.

    Each has the figures of its `measure` and `all cpu s`: CPU seconds of all its processes, start included.
    """
    need("pebble", "loky", "anyio", "numpy")
    seen: dict[str, list[Figures]] = {str(contender): [] for contender in contenders}
    for number in range(rounds):
        for contender in contenders:
            print(f"round {number + 1} of {rounds}: {contender}", file=sys.stderr, flush=True)
            seen[str(contender)].append(_once(module, contender, options))
    return {name: _medians(figures) for name, figures in seen.items()}


def _once(module: str, contender: Contender, options: Mapping[str, Any]) -> Figures:
    order = json.dumps({"pool": contender.pool, "loop": contender.loop, "options": options})
    code = f"import rounds, {module}; rounds.serve({module}.measure)"
    path = os.pathsep.join(filter(None, (HERE, os.environ.get("PYTHONPATH"))))
    cost = spent([sys.executable, "-c", code, order], {**os.environ, "PYTHONPATH": path})
    return {**json.loads(cost.output.splitlines()[-1]), "all cpu s": cost.cpu_seconds}


def serve(measure: Callable[..., Coroutine[Any, Any, Figures]]) -> None:
    """Be the contender that the command line asks for, and print its figures as a line of JSON."""
    order = json.loads(sys.argv[1])
    with asyncio.Runner(loop_factory=LOOPS[order["loop"]]) as runner:
        figures = runner.run(measure(order["pool"], **order["options"]))
    print(json.dumps(figures), flush=True)


def _medians(figures: Sequence[Figures]) -> Figures:
    return {name: statistics.median(each[name] for each in figures) for name in figures[0]}


def show(results: Mapping[str, Figures], ratio_of: str, reference: str) -> None:
    """Print a table of all figures, with how many times the reference's one figure is everybody's."""
    names = list(next(iter(results.values())))
    rows = [
        [
            who,
            *(f"{figures[name]:.4g}" for name in names),
            f"{figures[ratio_of] / results[reference][ratio_of]:.2f}",
        ]
        for who, figures in results.items()
    ]
    table(["pool, loop", *names, "ratio"], rows)
    print(f"ratio: {ratio_of}, of that of {reference}")


def table(head: Sequence[str], rows: Iterable[Sequence[str]]) -> None:
    """Print a table in Markdown."""
    shown = Table(box=MARKDOWN)
    for number, name in enumerate(head):
        shown.add_column(name, justify="right" if number else "left")
    for row in rows:
        shown.add_row(*row)
    Console(width=200).print(shown)


def parser(text: str | None, rounds: int = 3) -> argparse.ArgumentParser:
    """The flags that all have."""
    found = argparse.ArgumentParser(description=text, formatter_class=argparse.RawDescriptionHelpFormatter)
    found.add_argument("--rounds", type=int, default=rounds, help="the medians are taken over so many")
    found.add_argument("--quick", action="store_true", help="a smoke test: its figures mean nothing")
    return found


async def repeatedly(call: Callable[[], Awaitable[Any]], times: int, inflight: int) -> None:
    """Make so many calls, so many of them at a time."""
    left = iter(range(times))

    async def draw() -> None:
        for _ in left:
            await call()

    await asyncio.gather(*(draw() for _ in range(inflight)))
