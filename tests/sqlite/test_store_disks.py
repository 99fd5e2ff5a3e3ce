"""The store on disks that are read-only or full."""

import shutil
from pathlib import Path

import pytest
from store_cases import (
    SPEC,
    fill,
    killed_store,
    largest_file,
    make_readonly,
    mounted,
    names,
    outcomes,
    query,
)

from asyncgen.problems.errors import StoreError
from asyncgen.store import Reader, RunInfo, Store, StoreWriteError


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "functions.db"


async def test_reading_from_a_readonly_disk(tmp_path: Path) -> None:
    """A cleanly closed store is read where nothing can be written, by us and by any program."""
    with mounted(tmp_path / "disk") as disk:
        async with Store(disk / "functions.db", SPEC) as store:
            await store.add(await store.begin_run(RunInfo("test")), outcomes(0, 100))
        make_readonly(disk)
        async with Reader(disk / "functions.db") as reader:
            assert [o async for o in reader.rows()] == outcomes(0, 100)
        assert query(disk / "functions.db", "SELECT count(*) FROM results") == [(100,)]


async def test_reading_a_wal_file_from_a_readonly_disk(tmp_path: Path) -> None:
    """A store in WAL mode without its companions is read from a read-only disk."""
    with mounted(tmp_path / "disk") as disk:
        async with Store(tmp_path / "functions.db", SPEC) as store:
            await store.add(await store.begin_run(RunInfo("test")), outcomes(0, 100))
        query(tmp_path / "functions.db", "PRAGMA journal_mode = WAL")
        shutil.copy(tmp_path / "functions.db", disk)
        make_readonly(disk)
        async with Reader(disk / "functions.db") as reader:
            assert [o async for o in reader.rows()] == outcomes(0, 100)


async def test_killed_store_on_a_readonly_disk(tmp_path: Path) -> None:
    """With both companions next to it, a killed writer's rows are read in full from a read-only disk."""
    killed_store(tmp_path / "functions.db")
    with mounted(tmp_path / "disk") as disk:
        for suffix in ("", "-wal", "-shm"):
            shutil.copy(tmp_path / f"functions.db{suffix}", disk)
        make_readonly(disk)
        async with Reader(disk / "functions.db") as reader:
            assert [o async for o in reader.rows()] == outcomes(0, 20)


async def test_killed_store_on_a_readonly_disk_without_shm(tmp_path: Path) -> None:
    """Where SQLite cannot reach the rows in FILE-wal, the remedy is named and no part is passed for all."""
    killed_store(tmp_path / "functions.db")
    with mounted(tmp_path / "disk") as disk:
        for suffix in ("", "-wal"):
            shutil.copy(tmp_path / f"functions.db{suffix}", disk)
        make_readonly(disk)
        with pytest.raises(StoreError, match="copy it and its -wal to a folder of yours"):
            async with Reader(disk / "functions.db"):
                pass


async def test_full_disk(tmp_path: Path) -> None:
    """On a full disk the batch is refused whole with one line, and once there is room the store goes on."""
    with mounted(tmp_path / "disk", "1m") as disk:
        async with Store(disk / "functions.db", SPEC) as store:
            run = await store.begin_run(RunInfo("test"))
            await store.add(run, outcomes(0, 100))
            ballast = fill(disk)
            with pytest.raises(StoreWriteError, match="a batch of 5000 rows was not stored") as caught:
                await store.add(run, outcomes(100, 5100))
            assert "\n" not in str(caught.value)
            assert sum((await store.counts()).values()) == 100
            ballast.unlink()
            assert await store.add(run, outcomes(100, 600)) == 500
        assert query(disk / "functions.db", "PRAGMA integrity_check") == [("ok",)]
        assert query(disk / "functions.db", "SELECT count(*) FROM results") == [(600,)]


async def test_close_on_a_full_disk(tmp_path: Path) -> None:
    """A close that finds no room leaves the rows in FILE-wal, and the lock free."""
    with mounted(tmp_path / "disk", "1m") as disk:
        async with Store(disk / "functions.db", SPEC) as store:
            await store.add(await store.begin_run(RunInfo("test")), outcomes(0, 500))
            ballast = fill(disk)
        async with Reader(disk / "functions.db") as reader:
            assert sum((await reader.counts()).values()) == 500
        ballast.unlink()
        async with Store(disk / "functions.db", SPEC) as store:
            assert sum((await store.counts()).values()) == 500
        assert names(disk) == ["functions.db"]


async def test_making_a_store_on_a_full_disk(tmp_path: Path) -> None:
    """Without room for a new store nothing of it is left; an existing one can still be opened and read."""
    with mounted(tmp_path / "disk", "1m") as disk:
        async with Store(disk / "old.db", SPEC) as store:
            await store.add(await store.begin_run(RunInfo("test")), outcomes(0, 100))
        fill(disk)
        with pytest.raises(StoreError, match="full"):
            async with Store(disk / "new.db", SPEC):
                pass
        assert names(disk) == ["ballast", "old.db"]
        async with Reader(disk / "old.db") as reader:
            assert sum((await reader.counts()).values()) == 100


async def test_file_size_limit(path: Path) -> None:
    """A write that fails for another reason than a full disk is one line too, and nothing is lost."""
    async with Store(path, SPEC) as store:
        run = await store.begin_run(RunInfo("test"))
        await store.add(run, outcomes(0, 100))
        with largest_file(200_000), pytest.raises(StoreWriteError, match="SQLITE_IOERR_WRITE") as caught:
            await store.add(run, outcomes(100, 5100))
        assert "\n" not in str(caught.value)
        assert await store.add(run, outcomes(100, 5100)) == 5000
    assert query(path, "PRAGMA integrity_check") == [("ok",)]
