"""Stores that were cut off or overwritten anywhere: one clear line, or the rows; never anything else."""

import asyncio
import sqlite3
from collections.abc import Callable, Coroutine
from contextlib import closing, redirect_stdout
from io import StringIO
from itertools import count
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from store_cases import KEPT, KEPT_SPEC, SPEC, outcomes

from asyncgen.command.status import show_status
from asyncgen.problems.errors import StoreError
from asyncgen.problems.records import Status
from asyncgen.store import Reader, RunInfo, Store, StoreWriteError

MOST = 5000  # pages or rows, many times what the store holds: an answer that is longer never ends


@pytest.fixture(scope="module")
def whole(tmp_path_factory: pytest.TempPathFactory) -> bytes:
    """A store of 400 rows with some attempts, as it lies on the disk."""
    path = tmp_path_factory.mktemp("whole") / "functions.db"

    async def fill() -> None:
        async with Store(path, SPEC) as store:
            first = await store.begin_run(RunInfo("test", settings={"timeout_cpu_seconds": 5.0}))
            await store.add(first, outcomes(0, 400))
            second = await store.begin_run(RunInfo("retry"))
            await store.retry(second, outcomes(0, 50))
            await store.end_run(second, "done")

    asyncio.run(fill())
    return path.read_bytes()


async def read_all(path: Path) -> None:
    """Ask everything that can be asked."""
    limit = count()
    async with Reader(path) as reader:
        await reader.spec()
        await reader.counts()
        await reader.runs()
        await reader.last_run()
        for answer in (reader.rows(), reader.gaps(0, 1000), reader.retry_candidates(list(Status), 99)):
            async for _ in answer:
                assert next(limit) < MOST


async def show(path: Path) -> None:
    """What `asyncgen status` prints."""
    with redirect_stdout(StringIO()):
        await show_status(path, as_json=False)


async def write_some(path: Path) -> None:
    """A run that goes on, with rows that are there and rows that are not."""
    async with Store(path, SPEC, busy_timeout=0.05) as store:
        run = await store.begin_run(RunInfo("test"))
        await store.add(run, outcomes(380, 420))
        await store.end_run(run, "done")


async def migrate(path: Path) -> None:
    """A run that goes on with the store of version 1."""
    async with Store(path, KEPT_SPEC, busy_timeout=0.05) as store:
        run = await store.begin_run(RunInfo("test"))
        await store.retry(run, outcomes(30, 50))
        await store.end_run(run, "done")


def check_clear(data: bytes, use: Callable[[Path], Coroutine[None, None, None]]) -> None:
    """Using these bytes as a store works, or fails with one short line that names the file."""
    with TemporaryDirectory() as folder:
        path = Path(folder) / "functions.db"
        path.write_bytes(data)
        try:
            asyncio.run(use(path))
        except (StoreError, StoreWriteError) as error:
            message = str(error)
            assert message.startswith(str(path))
            assert message.isprintable()
            assert "locked" not in message
            assert len(message) < len(str(path)) + 300


rubbish = st.one_of(
    st.binary(min_size=1, max_size=8),
    st.sampled_from([1, 64, 512, 4096]).flatmap(lambda size: st.sampled_from([bytes(size), b"\xff" * size])),
    st.sampled_from([64, 4096]).map(lambda size: bytes(range(256)) * (size // 64)),
)
places = st.lists(st.tuples(st.floats(0, 1, exclude_max=True), rubbish), min_size=1, max_size=8)
quick = settings(max_examples=60, deadline=None)
uses = pytest.mark.parametrize("use", [read_all, show, write_some])


@uses
@quick
@given(share=st.floats(0, 1, exclude_max=True))
def test_a_store_cut_off_anywhere(whole: bytes, use, share: float) -> None:
    """However much of the end is missing, reading and writing end with rows or with one line."""
    check_clear(whole[: int(share * len(whole))], use)


@uses
@quick
@given(places=places)
def test_a_store_overwritten_anywhere(whole: bytes, use, places: list[tuple[float, bytes]]) -> None:
    """Whatever stands where, in tables, text or SQLite's own pages, it is not taken for something of ours."""
    data = bytearray(whole)
    for share, rubbish in places:
        at = int(share * len(whole))
        data[at : at + len(rubbish)] = rubbish
    check_clear(bytes(data[: len(whole)]), use)


@pytest.mark.parametrize("use", [read_all, show, migrate])
@quick
@given(places=places)
def test_a_store_of_version_1_overwritten_anywhere(use, places: list[tuple[float, bytes]]) -> None:
    """It is read, or migrated, or refused with one line."""
    data = bytearray(KEPT.read_bytes())
    for share, rubbish in places:
        at = int(share * len(data))
        data[at : at + len(rubbish)] = rubbish
    check_clear(bytes(data[: KEPT.stat().st_size]), use)


@uses
@settings(max_examples=40, deadline=None)
@given(place=st.integers(0, 99), rubbish=st.binary(min_size=1, max_size=4))
def test_a_damaged_header(whole: bytes, use, place: int, rubbish: bytes) -> None:
    """The first 100 bytes, by which SQLite finds everything else, are no exception."""
    check_clear(whole[:place] + rubbish + whole[place + len(rubbish) :], use)


def schema_bytes(whole: bytes) -> range:
    """Where the texts of tables, index and trigger lie in the file: on its first page, from the first on."""
    return range(whole.index(b"CREATE "), 4096)


@uses
@quick
@given(share=st.floats(0, 1, exclude_max=True), byte=st.integers(1, 255))
def test_one_damaged_byte_in_the_schema(whole: bytes, use, share: float, byte: int) -> None:
    """A table, column, constraint or trigger that is not as it was made is damage, whoever meets it first."""
    places = schema_bytes(whole)
    place = places[int(share * len(places))]
    check_clear(whole[:place] + bytes([whole[place] ^ byte]) + whole[place + 1 :], use)


@uses
@pytest.mark.long
@pytest.mark.timeout(600)
def test_every_damaged_byte_in_the_schema(whole: bytes, use) -> None:
    """The same, with each byte in turn taken for its neighbour."""
    for place in schema_bytes(whole):
        check_clear(whole[:place] + bytes([whole[place] ^ 1]) + whole[place + 1 :], use)


@pytest.mark.parametrize(
    ("text", "other"),
    [
        (b"status TEXT NOT NULL", b"statvs TEXT NOT NULL"),  # SQLITE_ERROR: no such column
        (b"IN ('elementary', 'special')", b"IN ('elementarx', 'special')"),  # a constraint that rows break
        (b"OLD.engine", b"OLD.fngine"),  # met by a retry only
    ],
)
async def test_a_schema_that_has_changed_is_damage(tmp_path: Path, whole: bytes, text: bytes, other: bytes):
    """Reading and writing say so in the same words, and no error of SQLite comes through."""
    path = tmp_path / "functions.db"
    path.write_bytes(whole.replace(text, other))
    with pytest.raises((StoreError, StoreWriteError), match=r"functions\.db is damaged \("):
        async with Store(path, SPEC) as store:
            run = await store.begin_run(RunInfo("test"))
            await store.retry(run, outcomes(0, 5))
            await store.add(run, outcomes(400, 405))


@pytest.mark.parametrize(
    "change", ["cpu_seconds = -1.0", "wall_seconds = -5.0", "success = 1", "operators = -1"]
)
async def test_a_row_that_breaks_a_constraint_is_damage(tmp_path: Path, whole: bytes, change: str) -> None:
    """A retry copies the row to the attempts, which refuse it: the row is at fault, not the retry."""
    path = tmp_path / "functions.db"
    path.write_bytes(whole)
    with closing(sqlite3.connect(path, isolation_level=None)) as connection:
        connection.execute("PRAGMA ignore_check_constraints = 1")
        connection.execute(f"UPDATE results SET {change} WHERE idx = 104")  # a timeout
    async with Store(path, SPEC) as store:
        run = await store.begin_run(RunInfo("retry"))
        with pytest.raises(StoreWriteError, match="is damaged"):
            await store.retry(run, outcomes(100, 110))


@pytest.mark.parametrize("column", ["started", "ended"])
async def test_a_time_that_is_none_is_damage(tmp_path: Path, whole: bytes, column: str) -> None:
    """Found where the runs are read, not where somebody reckons with them."""
    path = tmp_path / "functions.db"
    path.write_bytes(whole)
    with closing(sqlite3.connect(path, isolation_level=None)) as connection:
        connection.execute(f"UPDATE runs SET {column} = 'noon'")
    async with Reader(path) as reader:
        with pytest.raises(StoreError, match=r"is damaged .*noon"):
            await reader.runs()


async def test_a_function_that_is_none_is_not_tried_again(tmp_path: Path, whole: bytes) -> None:
    """A retry makes its problems from the rows: unknown tokens are damage, before any worker has them."""
    path = tmp_path / "functions.db"
    path.write_bytes(whole.replace(b"mul INT+ 2 x", b"nul INT+ 2 x"))
    async with Reader(path) as reader:
        with pytest.raises(StoreError, match="is damaged \\(unknown token 'nul'"):
            [page async for page in reader.retry_candidates(list(Status), 99)]


async def test_damage_that_sqlite_does_not_see(tmp_path: Path, whole: bytes) -> None:
    """A status that no version knows is named, and the file, with what can be done."""
    path = tmp_path / "functions.db"
    path.write_bytes(whole.replace(b"elementary", b"elementarx"))
    async with Reader(path) as reader:
        with pytest.raises(StoreError, match=r"is damaged \('elementarx'.*sqlite3 FILE .recover"):
            [row async for row in reader.rows()]
