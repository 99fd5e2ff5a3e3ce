"""The files of a store: whether a path can serve as one, and whether an open one is still where it was.

A path is judged by its file system and by its first 100 bytes, before SQLite sees it: that would recover,
checkpoint or truncate on opening, and a file that is not ours must not be touched. The layout of the header
is from https://www.sqlite.org/fileformat.html, section 1.3.
"""

import os
import stat
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import quote

import psutil

from asyncgen.problems.errors import StoreError
from asyncgen.sqlite.errors import StoreWriteError
from asyncgen.sqlite.schema import APPLICATION_ID, SCHEMA_VERSION, VERSIONS

_MAGIC = b"SQLite format 3\0"
_HEADER_BYTES = 100

# Types that are shared with other machines, as the system names them: SQLite's shared memory and its locks do
# not reach those (https://www.sqlite.org/wal.html). 9p and virtiofs are not among them: those are mostly the
# disks of virtual machines and containers.
NETWORK = frozenset(
    {
        *("nfs", "nfs3", "nfs4", "cifs", "smb3", "smbfs", "smb2", "ncpfs", "afpfs", "webdav"),
        *("afs", "auristorfs", "coda", "ceph", "lustre", "gpfs", "beegfs", "pvfs2", "orangefs", "panfs"),
        *("fuse.sshfs", "fuse.glusterfs", "fuse.ceph-fuse", "fuse.cephfs", "fuse.moosefs", "fuse.lizardfs"),
        *("fuse.juicefs", "fuse.s3fs", "fuse.gcsfuse", "fuse.rclone", "fuse.davfs", "fuse.smbnetfs"),
        *("fuse.curlftpfs", "fuse.dfs", "fuse.quobyte", "fuse.mount-s3", "fuse.blobfuse2", "fuse.gvfsd-fuse"),
    }
)


@dataclass(frozen=True, slots=True)
class Header:
    """What the first 100 bytes of an SQLite file say. Sizes in bytes."""

    page_size: int
    pages: int
    wal: bool  # in WAL mode: readers need FILE-wal and FILE-shm next to it
    application_id: int
    user_version: int

    @classmethod
    def parse(cls, data: bytes) -> "Header | None":
        """The header, or None if this is not the beginning of an SQLite file."""
        if len(data) < _HEADER_BYTES or not data.startswith(_MAGIC):
            return None
        page_size = int.from_bytes(data[16:18], "big")
        return cls(
            page_size=65536 if page_size == 1 else page_size,
            pages=int.from_bytes(data[28:32], "big"),
            wal=data[18] == 2,
            application_id=int.from_bytes(data[68:72], "big"),
            user_version=int.from_bytes(data[60:64], "big"),
        )


def resolved(path: Path | str) -> Path:
    """The absolute path without links; StoreError where the system cannot tell."""
    try:
        return Path(path).resolve()
    except (OSError, RuntimeError, ValueError) as error:  # no current folder, links in a circle, a NUL byte
        why = getattr(error, "strerror", None) or error
        raise StoreError(f"{path} cannot be found from the current folder ({why})") from None


def with_suffix(path: Path, suffix: str) -> Path:
    """The file that SQLite keeps next to a store: FILE-wal, FILE-shm or FILE-journal."""
    return path.with_name(path.name + suffix)


def has_content(path: Path) -> bool:
    """Whether the file exists with at least one byte."""
    try:
        return path.stat().st_size > 0
    except FileNotFoundError:
        return False


def uri(path: Path, **options: str) -> str:
    """SQLite's address of a file, whatever characters its name has."""
    query = "&".join(f"{key}={value}" for key, value in options.items())
    return f"file:{quote(os.fsencode(path))}?{query}"  # the name's own bytes, in whatever encoding


def check_writable(path: Path) -> None:
    """Raise StoreError unless a store can be made or continued at this (resolved) path."""
    folder = path.parent
    if not folder.is_dir():
        raise StoreError(f"{path}: there is no folder {folder}: make it first")
    if kind := network_file_system(path):
        raise StoreError(
            f"{path} would be on a network file system ({kind}), where SQLite cannot keep rows safe: choose "
            "a disk of this machine, and copy the file when the run is done"
        )
    if not os.access(folder, os.W_OK | os.X_OK):
        raise StoreError(f"{path}: {folder} is read-only for you, and SQLite makes files there")
    if not path.exists():
        return
    _check_file(path)
    if not os.access(path, os.W_OK):
        raise StoreError(f"{path} is read-only for you")
    if has_content(path):
        check_header(path)


def check_readable(path: Path) -> Header:
    """The header of a store at this (resolved) path; StoreError if it is none."""
    if not path.exists():
        raise StoreError(f"{path} does not exist")
    _check_file(path)
    if not has_content(path):
        raise StoreError(f"{path} is empty: nothing has been stored yet")
    return check_header(path)


def _check_file(path: Path) -> None:
    mode = path.stat().st_mode
    if stat.S_ISDIR(mode):
        raise StoreError(f"{path} is a folder, not a store")
    if not stat.S_ISREG(mode):  # opening a named pipe would wait for ever
        raise StoreError(f"{path} is not a regular file")
    if not os.access(path, os.R_OK):
        raise StoreError(f"{path}: no permission to read it")


def check_header(path: Path) -> Header:
    """The header of a non-empty file; StoreError if it is not a whole store that we can read."""
    with path.open("rb") as file:
        header = Header.parse(file.read(_HEADER_BYTES))
    if header is None:
        raise StoreError(f"{path} is not a store of asyncgen, nor any SQLite file")
    if header.application_id != APPLICATION_ID:
        raise StoreError(f"{path} is an SQLite file of another program, not a store of asyncgen")
    check_version(path, header.user_version)
    _check_whole(path, header)
    return header


def check_version(path: Path, version: int) -> None:
    """Raise StoreError unless we know this version of the tables.

    The file may say another one than SQLite does, while a newer one is in FILE-wal only.
    """
    if version not in VERSIONS:
        raise StoreError(
            f"{path} has version {version} of the store's layout, this asyncgen knows "
            f"version {SCHEMA_VERSION} and older ones: use the asyncgen that made it or a newer one"
        )


def _check_whole(path: Path, header: Header) -> None:
    """Raise StoreError if the end of the file is missing.

    A crash in the middle of a checkpoint or a rollback leaves a short file too, which SQLite then
    repairs.
    """
    if has_content(with_suffix(path, "-wal")) or with_suffix(path, "-journal").exists():
        return
    expected, size = header.pages * header.page_size, path.stat().st_size
    if size < expected:
        raise StoreError(f"{path} is cut short: {size} bytes of {expected}: restore it from a copy")


def file_system(path: Path) -> str | None:
    """The type of the file system that holds this (resolved) path, such as "ext4"; None if nobody can say."""
    found = None
    for mount in psutil.disk_partitions(all=True):  # of two at one place the later one lies on top
        place = Path(mount.mountpoint)
        if path.is_relative_to(place) and (found is None or len(place.parts) >= len(found[0].parts)):
            found = place, mount.fstype
    return found[1] if found else None


def network_file_system(path: Path) -> str | None:
    """The type of the network file system that holds this (resolved) path; None if there is none."""
    kind = file_system(path)
    return kind if kind in NETWORK else None


class Place:
    """The path of a store that is open now, and the file that it was when it was opened.

    Others may move or delete its files in mid-run: SQLite goes on writing into a file that has lost its name,
    and at the close the rows go with it.
    """

    def __init__(self, path: Path) -> None:
        """Raises OSError if there is no such file."""
        self.path = path
        self.wal = with_suffix(path, "-wal")
        self._file = path.stat()
        self._has_wal = False

    @property
    def wal_size(self) -> int:
        """Bytes of FILE-wal; 0 if there is none."""
        try:
            return self.wal.stat().st_size
        except FileNotFoundError:
            return 0

    def check(self) -> None:
        """Raise StoreWriteError unless the path, and its FILE-wal, are still those of the open file."""
        has_wal = self.wal.exists()
        if not self._same() or (self._has_wal and not has_wal):
            raise StoreWriteError(
                f"{self.path} or its -wal was deleted, moved or replaced while it was written to, and what "
                "came last was not stored: put the file back, or begin a new store, and resume"
            )
        self._has_wal = has_wal

    def _same(self) -> bool:
        try:
            return os.path.samestat(self._file, self.path.stat())
        except OSError:
            return False
