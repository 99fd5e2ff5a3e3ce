"""A store in a wrong place, or whose place changes while it is open: moved, deleted, replaced, unlocked."""

import errno
import os
import shutil
import subprocess
import sys
from collections import namedtuple
from collections.abc import Callable
from contextlib import ExitStack
from pathlib import Path

import psutil
import pytest
from places import SUPPORT
from store_cases import SPEC, ask, mounted, names, outcomes, query, writing_child

from asyncgen.problems.errors import StoreError
from asyncgen.sqlite import files
from asyncgen.store import Reader, RunInfo, Store, StoreWriteError

Mount = namedtuple("Mount", "mountpoint fstype")


@pytest.fixture
def path(tmp_path: Path) -> Path:
    (tmp_path / "disk").mkdir()
    return tmp_path / "disk" / "functions.db"


@pytest.fixture
def table(monkeypatch: pytest.MonkeyPatch) -> list[Mount]:
    """What the system says is mounted: the root, and what a test adds."""
    found = [Mount("/", "ext4")]
    monkeypatch.setattr(psutil, "disk_partitions", lambda all: found)
    return found


class TestNetworkDisks:
    """SQLite's shared memory does not reach other machines, nor do its locks everywhere."""

    @pytest.mark.parametrize("kind", ["nfs", "nfs4", "cifs", "smb3", "fuse.sshfs", "ceph", "lustre", "afs"])
    async def test_a_network_disk_is_refused(self, path: Path, table: list[Mount], kind: str):
        """In one line with its type and what to do, and nothing is made there."""
        table.append(Mount(str(path.parent), kind))
        with pytest.raises(StoreError, match=rf"network file system \({kind}\).*a disk of this machine"):
            async with Store(path, SPEC):
                pass
        assert names(path.parent) == []

    @pytest.mark.parametrize(
        "kind", ["ext4", "xfs", "btrfs", "overlay", "tmpfs", "9p", "virtiofs", "fuseblk"]
    )
    async def test_a_disk_of_one_machine_is_taken(self, path: Path, table: list[Mount], kind: str):
        """Also the disks of containers and virtual machines."""
        table.append(Mount(str(path.parent), kind))
        async with Store(path, SPEC):
            pass
        assert names(path.parent) == ["functions.db"]

    async def test_a_store_on_a_network_disk_can_be_read(self, path: Path, table: list[Mount]):
        """A closed store is an ordinary file, which a copy on a server may be."""
        async with Store(path, SPEC) as store:
            await store.add(await store.begin_run(RunInfo("test")), outcomes(0, 10))
        table.append(Mount(str(path.parent), "nfs4"))
        async with Reader(path) as reader:
            assert sum((await reader.counts()).values()) == 10

    def test_the_innermost_mount_decides_and_the_later_of_two(self, tmp_path: Path, table: list[Mount]):
        """/home on a server says nothing about /home/me/scratch, nor about /homestead."""
        table += [Mount("/home", "nfs4"), Mount("/home/me/scratch", "xfs"), Mount("/mnt", "nfs4")]
        table += [Mount("/mnt", "ext4")]
        kinds = {
            "/home/me": "nfs4",
            "/home/me/scratch/a/b": "xfs",
            "/homestead": "ext4",
            "/mnt/x": "ext4",
        }
        assert {place: files.file_system(Path(place)) for place in kinds} == kinds

    def test_the_systems_own_table_is_read(self, tmp_path: Path):
        """A disk of another type, mounted for real below this folder, is told from the folder."""
        with mounted(tmp_path / "disk with spaces") as disk:
            assert files.file_system(disk / "functions.db") == "tmpfs"
            assert files.network_file_system(disk) is None
        assert files.file_system(Path("/proc/self")) == "proc"


def delete(path: Path) -> None:
    path.unlink()


def delete_folder(path: Path) -> None:
    shutil.rmtree(path.parent)


def delete_wal(path: Path) -> None:
    Path(f"{path}-wal").unlink()


def replace(path: Path) -> None:
    shutil.copy(path, f"{path}.copy")
    os.replace(f"{path}.copy", path)


def move(path: Path) -> None:
    path.rename(path.with_name("moved.db"))


class TestTakenAway:
    """SQLite would go on writing into files without a name, and every row would be lost."""

    @pytest.mark.parametrize("take", [delete, delete_folder, delete_wal, replace, move])
    async def test_the_next_batch_is_refused(self, path: Path, take: Callable[[Path], None]):
        """In one line that says what happened, rather than reported as stored."""
        async with Store(path, SPEC) as store:
            run = await store.begin_run(RunInfo("test"))
            await store.add(run, outcomes(0, 20))
            take(path)
            with pytest.raises(StoreWriteError, match="deleted, moved or replaced") as caught:
                await store.add(run, outcomes(20, 40))
            assert "\n" not in str(caught.value)

    @pytest.mark.parametrize("take", [delete_wal, move])
    async def test_what_was_stored_is_kept_where_a_file_is_left(
        self, path: Path, take: Callable[[Path], None]
    ):
        """The rows that were in FILE-wal go into the file at the close, wherever it lies by then."""
        async with Store(path, SPEC) as store:
            run = await store.begin_run(RunInfo("test"))
            await store.add(run, outcomes(0, 20))
            take(path)
        found = path if path.exists() else path.with_name("moved.db")
        assert query(found, "PRAGMA integrity_check") == [("ok",)]
        assert query(found, "SELECT count(*) FROM results") == [(20,)]


class TestLockTakenAway:
    """Somebody tidies away what looks like a stale lock file."""

    async def test_a_deleted_lock_file_is_made_again(self, path: Path):
        """From the next batch on a second process is refused as before, and the close removes it."""
        async with Store(path, SPEC) as store:
            run = await store.begin_run(RunInfo("test"))
            Path(f"{path}.lock").unlink()
            await store.add(run, outcomes(0, 20))
            with writing_child(path) as child:
                assert child.stdout
                assert child.stdout.readline() == ""
            assert await store.add(run, outcomes(20, 40)) == 20
        assert names(path.parent) == ["functions.db"]

    async def test_whoever_took_the_lock_meanwhile_has_the_store(self, path: Path):
        """The first process stores nothing more, says who has it, and leaves lock and rows alone."""
        with ExitStack() as later:
            async with Store(path, SPEC) as store:
                run = await store.begin_run(RunInfo("test"))
                await store.add(run, outcomes(0, 20))
                Path(f"{path}.lock").unlink()
                child = later.enter_context(writing_child(path, start=20))
                assert child.stdout
                assert child.stdout.readline() == "open\n"
                with pytest.raises(StoreWriteError, match=f"lock file was deleted.* process {child.pid}:"):
                    await store.add(run, outcomes(20, 40))
                with pytest.raises(StoreWriteError, match="and now another run has the store"):
                    await store.add(run, outcomes(20, 40))
            assert Path(f"{path}.lock").exists()
            assert ask(child) == 40
        assert query(path, "PRAGMA integrity_check") == [("ok",)]
        assert query(path, "SELECT count(*) FROM results") == [(40,)]


class TestNames:
    """Whatever a file may be called, and wherever one stands."""

    async def test_a_name_that_is_no_text(self, path: Path):
        """A file name is bytes, which need not be UTF-8."""
        odd = Path(os.fsdecode(os.fsencode(path.parent) + b"/\xff\xe9.db"))
        async with Store(odd, SPEC) as store:
            await store.add(await store.begin_run(RunInfo("test")), outcomes(0, 20))
        assert os.listdir(os.fsencode(path.parent)) == [b"\xff\xe9.db"]
        async with Reader(odd) as reader:
            assert sum((await reader.counts()).values()) == 20

    def test_without_a_current_folder(self, path: Path):
        """A relative name is refused in one line; a full one serves."""
        gone = path.parent / "gone"
        code = (
            f"import os, asyncio; os.mkdir({str(gone)!r}); os.chdir({str(gone)!r}); os.rmdir({str(gone)!r})\n"
            "from asyncgen.store import Store; from store_cases import SPEC\n"
            "from asyncgen.problems.errors import StoreError\n"
            "async def use(path):\n"
            "    async with Store(path, SPEC): pass\n"
            "try: asyncio.run(use('functions.db'))\n"
            "except StoreError as error: print(error)\n"
            f"asyncio.run(use({str(path)!r}))\n"
        )
        environment = {**os.environ, "PYTHONPATH": str(SUPPORT)}
        done = subprocess.run([sys.executable, "-c", code], env=environment, capture_output=True, text=True)
        assert (
            done.stdout
            == f"functions.db cannot be found from the current folder ({os.strerror(errno.ENOENT)})\n"
        )
        assert done.returncode == 0, done.stderr
        assert names(path.parent) == ["functions.db"]

    async def test_links_in_a_circle(self, path: Path):
        """They lead nowhere, in one line."""
        path.symlink_to(path.with_name("other.db"))
        path.with_name("other.db").symlink_to(path)
        with pytest.raises(StoreError, match="cannot be"):
            async with Store(path, SPEC):
                pass
