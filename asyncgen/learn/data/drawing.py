"""The beginning of a stream, made before the training: what is held out, and what is learned first.

stream ──by values──┬─▶ validation, test: each problem once ──▶ corpora
└─▶ train, as it comes ──▶ a corpus        ──▶ then the stream itself goes on
"""

import asyncio
from collections.abc import Callable
from contextlib import ExitStack, aclosing
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from asyncgen.datasets.columns import Row
from asyncgen.datasets.exporting.export import Run
from asyncgen.datasets.splits import PARTS
from asyncgen.learn.data.corpus import Writer
from asyncgen.learn.data.endless import Endless, parted
from asyncgen.learn.data.passes import Data
from asyncgen.learn.data.prepare import ABOUT, Prepared, Wanted, digest_of, folder_of
from asyncgen.learn.data.streamed import StreamedData
from asyncgen.learn.devices import leave_cores
from asyncgen.learn.files import read_json, write_json
from asyncgen.learn.settings import TrainingSettings

_MOST = 4  # times as many rows as should be needed, at most: a small part may come late


@dataclass(frozen=True, slots=True)
class Drawn(Prepared):
    """The beginning, and the stream. stream: what it is, as JSON values. behind: its state there."""

    endless: Endless
    wanted: Wanted
    stream: dict[str, Any]
    behind: dict[str, Any]

    def about(self) -> dict[str, Any]:
        """What is said of them in a model's folder."""
        names = ("digest", "classes", "notation", "rows", "sources", "stream")
        return {name: getattr(self, name) for name in names}

    def to_learn(self, settings: TrainingSettings, is_stopped: Callable[[], bool]) -> Data:
        """What a training under these settings reads, until it is stopped; cores are left to the workers.

        Raises UsageError.
        """
        leave_cores(self.endless.settings.workers or 1)
        rows = self.endless.rows(self.wanted)
        rows.load_state_dict(self.behind)
        parts = self.part("train"), self.part("validation")
        return StreamedData(parts, rows, self.wanted, settings, is_stopped)


async def drawn(endless: Endless, root: Path, wanted: Wanted, run: Run) -> Drawn | None:
    """The beginning of a stream, made in a folder below `root`; None where it was stopped before.

    Raises UsageError.
    """
    endless.check(wanted)
    about = _about(endless, wanted)
    digest = digest_of({"task": wanted.task, "classes": wanted.classes, **about})
    to = folder_of(root, digest)
    if (to / ABOUT).is_file():
        return Drawn(to, **read_json(to / ABOUT), endless=endless, wanted=wanted)
    drawing = asyncio.ensure_future(_draw(endless, wanted, to, run))
    stopping = asyncio.ensure_future(run.stop.wait())
    try:
        await asyncio.wait({drawing, stopping}, return_when=asyncio.FIRST_COMPLETED)
        if not drawing.done():
            return None
        rows, behind = await drawing
    finally:
        await _ended(drawing, stopping)
    name = f"a stream without end ({endless.spec.kind}, seed {endless.spec.seed})"
    done = Drawn(to, digest, wanted.classes, "own", rows, [name], endless, wanted, about, behind)
    write_json(to / ABOUT, {**done.about(), "behind": behind})
    return done


def _about(endless: Endless, wanted: Wanted) -> dict[str, Any]:
    """What decides which rows there are."""
    return {
        "spec": endless.spec.as_dict(),
        "settings": endless.rows(wanted).state_dict()["settings"],
        "split": [str(share) for share in wanted.split.shares],
        "held_out": endless.held_out,
    }


class _Beginning:
    """Rows as they come, each written to the corpus of its part."""

    def __init__(self, endless: Endless, wanted: Wanted, to: Path, files: ExitStack) -> None:
        """`files`: what closes the corpora."""
        shares = {part: share for part, share in zip(PARTS, wanted.split.shares, strict=True) if share}
        self._wanted = wanted
        self._held_out = endless.held_out
        self._writers = {part: files.enter_context(Writer(to / part)) for part in PARTS}
        self._counts = {part: 0 for part in shares if part != "train"}
        self._seen: set[str] = set()  # forms that are held out
        self.needed = int(endless.held_out / min(shares[part] for part in self._counts))
        self.made = 0

    @property
    def rows(self) -> dict[str, int]:
        """Those of each part."""
        return {part: writer.rows for part, writer in self._writers.items()}

    @property
    def is_whole(self) -> bool:
        """Whether enough is held out, or is not to be waited for any longer."""
        return min(self._counts.values()) >= self._held_out or self.made >= _MOST * self.needed

    def add(self, row: Row) -> None:
        """Write a row, unless it teaches nothing, or is held out already."""
        self.made += 1
        if (one := parted(row, self._wanted)) is None:
            return
        if one.part != "train":
            self._counts[one.part] += 1
            if one.form in self._seen:
                return
            self._seen.add(one.form)
        self._writers[one.part].add(one.example)


async def _draw(
    endless: Endless, wanted: Wanted, to: Path, run: Run
) -> tuple[dict[str, int], dict[str, Any]]:
    """Rows by part, and the state of the stream behind them."""
    with ExitStack() as files, endless.rows(wanted, run.workers) as stream:
        found = _Beginning(endless, wanted, to, files)
        async with aclosing(stream.__aiter__()) as rows:
            async for row in rows:
                found.add(row)
                run.on_progress(min(found.made, found.needed), found.needed)
                if found.is_whole:
                    break
        return found.rows, stream.state_dict()


async def _ended(*tasks: asyncio.Future[Any]) -> None:
    """Cancel what still runs, and wait for its end."""
    for task in tasks:
        task.cancel()
    await asyncio.wait(tasks)
