"""Brings data sets into the form that training reads: stores, or the folder of an export.

    stores ──export (each problem once, parted by values)──▶ JSON lines ──┐
    folder of an export ──────────────────────────────────────────────────┴──▶ a corpus for each part

What was prepared stays in its folder, and says of what it was made: the same data need no second time.
"""

import asyncio
import hashlib
import json
import shutil
import threading
from collections.abc import Callable, Iterator, Sequence
from dataclasses import asdict, dataclass, field
from itertools import takewhile
from pathlib import Path
from typing import Any

from asyncgen.datasets.exporting.export import Run, export
from asyncgen.datasets.exporting.request import Request
from asyncgen.datasets.exporting.sources import sources
from asyncgen.datasets.selection import Selection
from asyncgen.datasets.splits import PARTS, By, Split
from asyncgen.learn.data import corpus
from asyncgen.learn.data.corpus import Corpus
from asyncgen.learn.data.examples import (
    CLASSIFIED,
    LABELS,
    PROVEN,
    TAUGHT,
    UNDECIDED,
    Example,
    from_published,
    from_row,
)
from asyncgen.learn.data.exported import Notation, notation_of, rows_of
from asyncgen.learn.data.passes import CorpusData, Data
from asyncgen.learn.files import read_json, write_json
from asyncgen.learn.settings import Task, TrainingSettings
from asyncgen.problems.errors import ParseError, UsageError
from asyncgen.problems.kinds import EQUATIONS
from asyncgen.problems.records import Status

ABOUT, _EXPORT = "data.json", "export"
_REPORT = "export.json"  # in every folder of an export


@dataclass(frozen=True, slots=True)
class Wanted:
    """What is to be learned, and how stores are parted for it. classes: how many labels a classifier has."""

    task: Task
    classes: int = len(LABELS)
    split: Split = field(default_factory=Split)
    split_by: By = "values"

    @property
    def statuses(self) -> tuple[Status, ...]:
        """Those of rows that teach something."""
        if self.task == "integrator":
            return TAUGHT
        return CLASSIFIED if self.classes > UNDECIDED else PROVEN

    def teaches(self, example: Example) -> bool:
        """Whether there is anything to be learned from an example."""
        if self.task == "integrator":
            return bool(example.answer)
        return example.kind not in EQUATIONS and example.label < self.classes


@dataclass(frozen=True, slots=True)
class Prepared:
    """Data in the form that training reads. digest: of all that decides them. rows: by part."""

    folder: Path
    digest: str
    classes: int
    notation: Notation
    rows: dict[str, int]
    sources: list[str]

    def part(self, name: str) -> Corpus:
        """The examples of a part. Raises UsageError where there are none."""
        if not self.rows.get(name):
            raise UsageError(f"the data have no row in the part {name}: give more rows, or another --split")
        return Corpus(self.folder / name)

    def about(self) -> dict[str, Any]:
        """What is said of them in a model's folder."""
        return {name: value for name, value in asdict(self).items() if name != "folder"}

    def to_learn(self, settings: TrainingSettings, is_stopped: Callable[[], bool]) -> Data:
        """What a training under these settings reads, until it is stopped. Raises UsageError."""
        return CorpusData(self.part("train"), self.part("validation"), settings.batch, settings.seed)


async def prepared(places: Sequence[Path], root: Path, wanted: Wanted, run: Run) -> Prepared | None:
    """The data at these places, prepared in a folder below `root`; None where it was stopped before.

    `places`: stores, or one folder of an export. Raises UsageError.
    """
    if not places:
        raise UsageError("name the data: stores, or the folder of an export")
    is_folder = places[0].is_dir()
    if is_folder and len(places) > 1:
        raise UsageError("one folder of an export at a time: export the stores together")
    made_from = _of_folder(places[0], wanted) if is_folder else await _of_stores(places, wanted)
    digest = digest_of(made_from)
    to = folder_of(root, digest)
    if (to / ABOUT).is_file():
        return Prepared(to, **read_json(to / ABOUT))
    to.mkdir(parents=True, exist_ok=True)
    folder = places[0]
    if not is_folder:
        folder = to / _EXPORT
        report = await export(places, folder, _request(wanted), run)
        if report.state == "stopped":
            return None
    stopped = threading.Event()
    writing = asyncio.ensure_future(asyncio.to_thread(_write, folder, to, wanted, stopped))
    stopping = asyncio.ensure_future(run.stop.wait())
    await asyncio.wait({writing, stopping}, return_when=asyncio.FIRST_COMPLETED)
    stopping.cancel()
    stopped.set()
    rows = await writing
    if rows is None:
        return None
    names = sorted(place.name for place in places)
    done = Prepared(to, digest, wanted.classes, notation_of(folder), rows, names)
    write_json(to / ABOUT, done.about())
    if not is_folder:
        shutil.rmtree(folder)
    return done


def _write(folder: Path, to: Path, wanted: Wanted, stopped: threading.Event) -> dict[str, int] | None:
    """Write the corpus of each part; the rows of each, or None where it was stopped."""
    rows = {}
    for part in PARTS:
        examples = takewhile(lambda _: not stopped.is_set(), _examples(folder, part))
        rows[part] = corpus.write(to / part, (one for one in examples if wanted.teaches(one)))
    return None if stopped.is_set() else rows


def _examples(folder: Path, part: str) -> Iterator[Example]:
    """The examples of a part of an export."""
    read = from_published if notation_of(folder) == "published" else from_row
    for place, row in rows_of(folder, part):
        try:
            yield read(row)
        except (ParseError, ValueError, KeyError, TypeError, AttributeError) as error:
            raise UsageError(f"{place}: no row of an export: {error!r}"[:300]) from None


def _request(wanted: Wanted) -> Request:
    return Request(
        format="jsonl",
        selection=Selection(statuses=wanted.statuses),
        split=wanted.split,
        split_by=wanted.split_by,
        columns=("kind", "status", "problem_prefix", "answer_prefix"),
    )


async def _of_stores(places: Sequence[Path], wanted: Wanted) -> dict[str, Any]:
    made_from: dict[str, Any] = json.loads(_request(wanted).made_from(await sources(places)))
    return {"task": wanted.task, "classes": wanted.classes, **made_from}


def _of_folder(folder: Path, wanted: Wanted) -> dict[str, Any]:
    """What a folder of an export was made of. Raises UsageError where it is none."""
    if not (folder / _REPORT).is_file():
        raise UsageError(f"{folder} is no folder of an export: it has no {_REPORT}")
    return {"task": wanted.task, "classes": wanted.classes, **read_json(folder / _REPORT)}


def folder_of(root: Path, digest: str) -> Path:
    """Where data are prepared; what older versions have prepared lies elsewhere."""
    return root / f"{digest}-{corpus.FORMAT}"


def digest_of(made_from: dict[str, Any]) -> str:
    """A digest of all that decides what is prepared."""
    return hashlib.sha256(json.dumps(made_from, sort_keys=True).encode()).hexdigest()[:16]
