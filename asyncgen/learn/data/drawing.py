"""The beginning of a stream, made before the training: what is held out, and what is learned first.

stream ──by values──┬─▶ validation, test: each problem once ──▶ corpora
└─▶ train, as it comes ──▶ a corpus        ──▶ then the stream itself goes on
"""

import asyncio
from collections.abc import Callable
from contextlib import ExitStack, aclosing, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any, NamedTuple

from asyncgen.datasets.exporting.export import Run
from asyncgen.datasets.splits import PARTS
from asyncgen.learn.data.corpus import Writer
from asyncgen.learn.data.endless import Endless, parted
from asyncgen.learn.data.passes import Data
from asyncgen.learn.data.prepare import ABOUT, Prepared, Wanted, digest_of, folder_of
from asyncgen.learn.data.streamed import StreamedData
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
        """What a training under these settings reads, until it is stopped. Raises UsageError."""
        rows = self.endless.rows(self.wanted)
        rows.load_state_dict(self.behind)
        parts = self.part("train"), self.part("validation")
        return StreamedData(parts, rows, self.wanted, settings, is_stopped)


class _Head(NamedTuple):
    """Rows by part, and the state of the stream behind them."""

    rows: dict[str, int]
    behind: dict[str, Any]


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
        head = await drawing
    finally:
        await _ended(drawing, stopping)
    name = f"a stream without end ({endless.spec.kind}, seed {endless.spec.seed})"
    done = Drawn(to, digest, wanted.classes, "own", head.rows, [name], endless, wanted, about, head.behind)
    write_json(to / ABOUT, {**done.about(), "behind": head.behind})
    return done


def _about(endless: Endless, wanted: Wanted) -> dict[str, Any]:
    """What decides which rows there are."""
    return {
        "spec": endless.spec.as_dict(),
        "settings": endless.rows(wanted).state_dict()["settings"],
        "split": [str(share) for share in wanted.split.shares],
        "held_out": endless.held_out,
    }


async def _draw(endless: Endless, wanted: Wanted, to: Path, run: Run) -> _Head:
    shares = {part: share for part, share in zip(PARTS, wanted.split.shares, strict=True) if share}
    counts = {part: 0 for part in shares if part != "train"}
    needed = int(endless.held_out / min(shares[part] for part in counts))
    seen: set[str] = set()
    with ExitStack() as files, endless.rows(wanted, run.workers) as stream:
        writers = {part: files.enter_context(Writer(to / part)) for part in PARTS}
        made = 0
        async with aclosing(stream.__aiter__()) as rows:
            async for row in rows:
                made += 1
                run.on_progress(min(made, needed), needed)
                if (one := parted(row, wanted)) is not None:
                    if one.part in counts:
                        counts[one.part] += 1
                    if one.part == "train" or one.form not in seen:
                        writers[one.part].add(one.example)
                        seen.update([one.form] if one.part in counts else [])
                if min(counts.values()) >= endless.held_out or made >= _MOST * needed:
                    break
        behind = stream.state_dict()
    return _Head({part: writer.rows for part, writer in writers.items()}, behind)


async def _ended(*tasks: asyncio.Future[Any]) -> None:
    """Cancel what still runs, and wait for its end."""
    for task in tasks:
        task.cancel()
    with suppress(asyncio.CancelledError):
        await asyncio.wait(tasks)
