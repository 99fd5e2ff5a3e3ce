"""Exports stores: rows are chosen, marked, freed of duplicates, parted, and written in one format.

    stores ──▶ scanning ──▶ working file ──in the order of marks──▶ writer ──▶ DIR
              (resumable)                                       (again from the start)

Guarantees: no file appears half written; the same stores and flags give the same bytes, whatever the order of
    the stores. An export that was stopped, killed or out of space goes on when the same is asked again.
    Memory does not grow with rows.
"""

import asyncio
import contextlib
import json
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from itertools import islice
from pathlib import Path
from typing import Any

from asyncgen.calls.cores import usable_cores
from asyncgen.calls.waiting import finish
from asyncgen.datasets.columns import unpacked
from asyncgen.datasets.exporting import card, folder, parquet_files, working
from asyncgen.datasets.exporting.configurations import configurations
from asyncgen.datasets.exporting.errors import ExportError, writing
from asyncgen.datasets.exporting.folder import Parts
from asyncgen.datasets.exporting.json_lines import json_lines
from asyncgen.datasets.exporting.line_files import Writer
from asyncgen.datasets.exporting.prefix_files import prefix_files
from asyncgen.datasets.exporting.request import Report, Request
from asyncgen.datasets.exporting.scanning import Scan
from asyncgen.datasets.exporting.sources import Source, sources, unchanged
from asyncgen.datasets.exporting.working import WorkingFile
from asyncgen.problems.errors import UsageError

_AT_A_TIME = 2000  # rows written between two looks at the stop

OnProgress = Callable[[int, int], None]  # rows read, of how many


@dataclass(frozen=True, slots=True, kw_only=True)
class Run:
    """How an export runs: nothing here changes a byte of it. `stop` ends it early; it can be resumed."""

    workers: int = field(default_factory=usable_cores)
    stop: asyncio.Event = field(default_factory=asyncio.Event)
    on_progress: OnProgress = lambda read, rows: None


async def export(paths: Sequence[Path], to: Path, request: Request, run: Run | None = None) -> Report:
    """Export the stores at these paths into a folder, or go on with it.

    Raises UsageError (StoreError) for what cannot be done as said, before anything is written; ExportError or
    StoreWriteError for what goes wrong on the way: then the same call goes on later.
    """
    run = run or Run()
    if request.format == "parquet":
        parquet_files.check_installed()
    folder.check(to)
    stores = await sources(paths)
    made_from = request.made_from(stores)
    if (earlier := folder.report(to)) is not None:
        folder.check_made_from(earlier, to, made_from)
        working.remove(to)
        return Report.read(earlier)
    is_new = folder.made(to)
    try:
        with WorkingFile(to, made_from) as file:
            return await _export(file, stores, to, request, run)
    finally:
        if is_new:
            folder.unmake(to)


async def _export(file: WorkingFile, stores: list[Source], to: Path, request: Request, run: Run) -> Report:
    await _scan(file, stores, request, run)
    read = sum(file.place(number)[1] for number in range(len(stores)))
    if run.stop.is_set():
        return Report("stopped", read, left_out=file.left_out())
    if request.split_by == "skeleton":
        await finish(asyncio.to_thread(file.hold_out, request.split.place))
    left_out = file.left_out()
    if not file.kept():
        file.remove()
        counts = ", ".join(f"{what} {rows}" for what, rows in left_out.items())
        raise UsageError(f"no row is left to export ({counts or 'the stores are empty'})")
    parts = Parts(to)
    try:
        written = await _write(file, parts, request, run.stop)
        if written is None:
            return Report("stopped", read, left_out=left_out)
        report = Report("done", read, file.kept(), left_out, by_text=file.by_text(), **written)
        await finish(asyncio.to_thread(_complete, parts, report, request, stores))
    finally:
        parts.discard()
    file.remove()
    return report


async def _scan(file: WorkingFile, stores: list[Source], request: Request, run: Run) -> None:
    """Read the stores to their end, unless stopped."""
    rows = sum(source.rows for source in stores)
    read = sum(file.place(number)[1] for number in range(len(stores)))

    def on_read(more: int) -> None:
        nonlocal read
        read += more
        run.on_progress(read, rows)

    await Scan(file, request, run.stop).run(stores, run.workers, on_read)
    for source in stores:
        if not await unchanged(source):
            file.remove()
            raise ExportError(
                f"{source.path} was written to while it was read: export it when its run has ended, or a copy"
            )


async def _write(
    file: WorkingFile, parts: Parts, request: Request, stop: asyncio.Event
) -> dict[str, Any] | None:
    """Write every row; what the report says of them, or None if stopped."""
    by_part = dict.fromkeys(request.split.parts, 0)
    explained = 0
    with (
        writing(parts.folder),
        contextlib.closing(_writer(file, parts, request)) as writer,
        contextlib.closing(file.rows()) as rows,
    ):

        def write_some() -> int:
            nonlocal explained
            done = 0
            for part_by, packed in islice(rows, _AT_A_TIME):
                part = request.split.part(part_by)
                row = unpacked(packed)
                writer.add(part, row)
                by_part[part] += 1
                explained += row["steps"] is not None
                done += 1
            return done

        while await finish(asyncio.to_thread(write_some)):
            if stop.is_set():
                return None
        by_file = await finish(asyncio.to_thread(writer.finish))
        return {"parts": by_part, "files": by_file, "steps": explained if request.has_steps else None}


def _writer(file: WorkingFile, parts: Parts, request: Request) -> Writer:
    names = request.split.parts
    if request.format == "prefix":
        return prefix_files(parts, names, request.counted)
    if request.format == "jsonl":
        return json_lines(parts, names, request.shown_columns)
    found = configurations(request.shown_columns, file.statuses(), request.proof)
    return parquet_files.ParquetFiles(parts, found, request.shard_rows)


def _complete(parts: Parts, report: Report, request: Request, stores: list[Source]) -> None:
    """Write what is said of the export, and let everything appear."""
    with writing(parts.folder):
        if request.format == "parquet":
            parts.write(card.NAME, card.card(report, stores, request.licence))
        counts = report.as_dict()
        parts.write_report({"made_from": json.loads(request.made_from(stores)), "counts": counts})
    parts.commit()
