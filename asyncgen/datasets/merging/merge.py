"""Many stores of one specification into one: rows, earlier attempts, and the runs that made them.

    IN ──page──▶ sqlite/merging ──one transaction for many pages──▶ OUT, holds FILE.lock

Guarantees: each IN is opened read-only, one at a time, and closed before the next. Memory grows with the
    names of the files only. A kill loses at most the transaction under way: the same merge again goes on,
    and changes nothing where nothing is left to do.
"""

import asyncio
import sqlite3
import threading
import time
from collections.abc import Callable, Generator, Sequence
from contextlib import closing, suppress
from pathlib import Path
from typing import TypeVar

from asyncgen.calls.waiting import finish
from asyncgen.datasets.merging.merged import SHOWN, Differing, Merged, MergeSettings, State
from asyncgen.datasets.merging.stores import common_spec, stores_at
from asyncgen.problems.errors import StoreError
from asyncgen.sqlite.errors import StoreBusyError, damage, failing
from asyncgen.sqlite.files import resolved
from asyncgen.sqlite.journal import Opening
from asyncgen.sqlite.merging import DIFFERING, LATER, NEW, PREFERRED, SAME, Difference, Merging
from asyncgen.sqlite.patience import PATIENCE
from asyncgen.sqlite.runs import BEGIN_RUN, END_RUN, Clock, values_of
from asyncgen.sqlite.source import Page, Source

_PAGES = 40  # of one transaction, and ...
_SECONDS = 1.0  # so long at most
_TRY = 0.25  # seconds between two tries while another program has the store
_REPORT_SECONDS = 5.0

T = TypeVar("T")


async def merge(
    out: Path,
    places: Sequence[Path],
    settings: MergeSettings | None = None,
    stop: asyncio.Event | None = None,
) -> Merged:
    """Merge stores, and those in folders, into the store `out`, which is made if need be.

    Raises UsageError, nothing changed, where there is nothing to merge or two specifications differ; and as
    a Store does. Once `stop` is set, what was read is stored, and no more is read.
    """
    cancelled = threading.Event()

    def stopped() -> bool:
        return cancelled.is_set() or (stop is not None and stop.is_set())

    job = _Job(resolved(out), settings or MergeSettings(), stopped)
    work = asyncio.ensure_future(asyncio.to_thread(job.run, places))
    try:
        return await asyncio.shield(work)
    except asyncio.CancelledError:
        cancelled.set()
        with suppress(Exception):  # the cancelling counts
            await finish(work)
        raise


class _Job:
    """A merge, on one thread."""

    def __init__(self, out: Path, settings: MergeSettings, stopped: Callable[[], bool]) -> None:
        self._out = out
        self._settings = settings
        self._stopped = stopped
        self._clock = Clock()
        self._started = self._reported = self._began = time.monotonic()
        self._pages = 0  # of the transaction under way
        self._run: int | None = None  # the merge's own, once it has changed something
        self._path = out  # that is being read
        self._first: list[Differing] = []
        self._unreadable = 0

    def run(self, places: Sequence[Path]) -> Merged:
        """Merge what is at these places."""
        paths = stores_at(places, self._out)
        spec = common_spec(self._out, paths, self._stopped)
        with closing(Opening(self._out, spec, PATIENCE)) as opening:
            self._journal = self._patiently(opening.attempt)
            with closing(self._journal):
                opening.keep_wal(True)
                merged = self._merge(paths)
                opening.keep_wal(merged.state != "done")
        return merged

    def _merge(self, paths: Sequence[Path]) -> Merged:
        self._merging = Merging(self._journal, self._settings.prefer, self._note_difference)
        read = number = 0
        try:
            for number, path in enumerate(paths, start=1):
                if self._stopped():
                    break
                self._tell(number, len(paths))
                read += self._take(path)
            state: State = "done" if read + self._unreadable == len(paths) else "stopped"
            self._end(state)
        except BaseException:
            self._journal.undo()  # the run of the merge has no end then, as after a kill
            raise
        return self._merged(state, read)

    def _take(self, path: Path) -> bool:
        """Merge a store; whether it was read to its end."""
        self._path, before = path, self._unreadable
        self._merging.begin_source()
        with closing(self._readable(path)) as pages:
            for page in pages:
                if not self._take_page(page):
                    break
                if self._stopped():
                    return False
        return self._unreadable == before

    def _readable(self, path: Path) -> Generator[Page, None, None]:
        """The pages of a store as far as it can be read; what is the matter with it is told."""
        try:
            with closing(Source(path)) as source:
                yield from source.pages()
        except StoreError as error:
            self._complain(error)

    def _take_page(self, page: Page) -> bool:
        """Merge a page; whether it was one that a store may have."""
        with failing(self._out, f"a page of {self._path}"):
            if not self._journal.in_transaction:
                self._patiently(self._journal.begin)
                self._began, self._pages = time.monotonic(), 0
            try:
                self._merging.take(page)
            except (KeyError, sqlite3.IntegrityError) as error:
                self._complain(damage(self._path, error))
                return False
            self._note_run()
            self._pages += 1
            if self._pages == _PAGES or time.monotonic() > self._began + _SECONDS:
                self._journal.settle()
        return True

    def _note_run(self) -> None:
        """Have the merge be a run itself, as soon as it has changed something."""
        if self._run is None and self._merging.changes:
            values = values_of(self._settings.run, self._clock.now())
            self._run = self._journal.execute(BEGIN_RUN, values).lastrowid

    def _end(self, how: State) -> None:
        with failing(self._out, "the end of the merge"):
            if self._run is not None:
                if not self._journal.in_transaction:
                    self._patiently(self._journal.begin)
                self._journal.execute(END_RUN, (self._clock.now(), how, self._run))
            if self._journal.in_transaction:
                self._journal.settle()

    def _patiently(self, attempt: Callable[[], T]) -> T:
        """What the attempt gives, tried again while another program has the store locked."""
        end = time.monotonic() + PATIENCE
        while True:
            try:
                with failing(self._out, "the merge"):
                    return attempt()
            except StoreBusyError:
                if time.monotonic() >= end or self._stopped():
                    raise
            time.sleep(_TRY)

    def _note_difference(self, difference: Difference) -> None:
        if len(self._first) < SHOWN:
            self._first.append(Differing(self._path, difference))

    def _complain(self, error: StoreError) -> None:
        self._unreadable += 1
        self._settings.complain(str(error))

    def _tell(self, number: int, count: int) -> None:
        now = time.monotonic()
        if now >= self._reported + _REPORT_SECONDS:
            self._reported = now
            rows = self._merging.counts.total()
            rate = rows / (now - self._started)
            self._settings.tell(f"store {number} of {count} | {rows} rows read | {rate:.0f} rows/s")

    def _merged(self, state: State, read: int) -> Merged:
        merging, counts = self._merging, self._merging.counts
        return Merged(
            state=state,
            stores=read,
            unreadable=self._unreadable,
            new=counts[NEW],
            same=counts[SAME],
            later=counts[LATER],
            preferred=counts[PREFERRED],
            differing=counts[DIFFERING],
            attempts=merging.attempts,
            runs=merging.runs,
            seconds=time.monotonic() - self._started,
            first=self._first,
        )
