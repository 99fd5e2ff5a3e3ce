"""Files that cannot serve as a store: each is refused with one clear line and left as it was."""

import os
import sqlite3
import struct
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest
from store_cases import SPEC, allow, killed_store, make_readonly, mounted, names, outcomes, query, snapshot

from asyncgen.problems.errors import StoreError
from asyncgen.problems.spec import Spec
from asyncgen.sqlite.schema import SCHEMA_VERSION
from asyncgen.store import Reader, RunInfo, Store


async def make_store(path: Path, rows: int = 400) -> None:
    async with Store(path, SPEC) as store:
        await store.add(await store.begin_run(RunInfo("test")), outcomes(0, rows))


async def refusal(path: Path, spec: Spec = SPEC) -> str:
    """The message with which a writer is refused; the folder must be as before, byte by byte."""
    before = snapshot(path.parent)
    with pytest.raises(StoreError) as caught:
        async with Store(path, spec, busy_timeout=0.05):
            pass
    assert snapshot(path.parent) == before
    message = str(caught.value)
    assert "\n" not in message
    assert str(path) in message
    return message


def text(path: Path) -> None:
    path.write_text("integrand,integral,success\n" * 100)


def rubbish(path: Path) -> None:
    path.write_bytes(bytes(range(256)) * 64)


def foreign(path: Path) -> None:
    connection = sqlite3.connect(path)
    connection.execute("CREATE TABLE results (idx)")
    connection.close()


def patch(path: Path, offset: int, data: bytes) -> None:
    with path.open("r+b") as file:
        file.seek(offset)
        file.write(data)


def newer(path: Path) -> None:
    patch(path, 60, struct.pack(">I", SCHEMA_VERSION + 1))


def cut_short(path: Path) -> None:
    os.truncate(path, path.stat().st_size // 2)


def cut_in_header(path: Path) -> None:
    os.truncate(path, 60)


def scribbled(path: Path) -> None:
    patch(path, 100, b"\xa5" * 8000)


@pytest.mark.parametrize(
    ("spoil", "says"),
    [
        (text, "nor any SQLite file"),
        (rubbish, "nor any SQLite file"),
        (foreign, "SQLite file of another program"),
        (newer, f"version {SCHEMA_VERSION + 1} of the store's layout"),
        (cut_short, "is cut short"),
        (cut_in_header, "nor any SQLite file"),
        (scribbled, "is damaged"),
    ],
)
async def test_spoilt_files(tmp_path: Path, spoil: Callable[[Path], None], says: str) -> None:
    """A file that is not a whole store of a known version is refused to writers and readers."""
    path = tmp_path / "functions.db"
    if spoil in (newer, cut_short, cut_in_header, scribbled):
        await make_store(path)
    spoil(path)
    assert says in await refusal(path)
    with pytest.raises(StoreError, match=says):
        async with Reader(path):
            pass


@pytest.mark.parametrize(
    ("change", "says"),
    [
        ({"seed": 2}, "seed is 1 there and 2 here"),
        ({"unary": (("exp", 4.0),)}, "distribution.unary: sin is 4.0 there and 0 here"),
        ({"unary": (("exp", 4.0), ("sin", 4.0))}, "the order is sin exp there and exp sin here"),
        ({"source": "ab"}, 'the table of known pairs is "none" there and "ab..." here'),
        ({"shape": (1, 2, 1), "seed": 3}, "[1, 1, 1] there and [1, 2, 1] here; seed is 1"),
    ],
)
async def test_another_specification(tmp_path: Path, change: dict[str, object], says: str) -> None:
    """A store made for other functions is refused, naming each difference."""
    path = tmp_path / "functions.db"
    await make_store(path)
    inner = {name: value for name, value in change.items() if name in ("unary", "shape")}
    outer = {name: value for name, value in change.items() if name not in inner}
    other = replace(SPEC, distribution=replace(SPEC.distribution, **inner), **outer)
    assert says in await refusal(path, other)


async def test_many_differences_stay_one_line(tmp_path: Path) -> None:
    """Of many differences a few are named and the others counted."""
    path = tmp_path / "functions.db"
    await make_store(path)
    unary = tuple((name, 1.0) for name in ("sin", "cos", "tan", "ln", "atan", "sinh"))
    other = replace(SPEC, distribution=replace(SPEC.distribution, unary=unary))
    assert (await refusal(path, other)).endswith("; and 3 more")


async def test_refusal_after_a_kill_keeps_the_wal(tmp_path: Path) -> None:
    """A store whose rows are still in FILE-wal is refused without folding them into the file."""
    path = tmp_path / "functions.db"
    killed_store(path)
    path.with_name(path.name + ".lock").unlink()
    before = path.read_bytes(), path.with_name(path.name + "-wal").read_bytes()
    with pytest.raises(StoreError, match="seed"):
        async with Store(path, replace(SPEC, seed=2)):
            pass
    assert (path.read_bytes(), path.with_name(path.name + "-wal").read_bytes()) == before
    async with Store(path, SPEC) as store:
        assert sum((await store.counts()).values()) == 20


async def test_empty_file_becomes_a_store(tmp_path: Path) -> None:
    """A file of no bytes, as `mktemp` leaves it, is filled; until then a reader is told so."""
    path = tmp_path / "functions.db"
    path.touch()
    with pytest.raises(StoreError, match="nothing has been stored yet"):
        async with Reader(path):
            pass
    await make_store(path)
    assert query(path, "SELECT count(*) FROM results") == [(400,)]


async def test_places_that_cannot_hold_a_store(tmp_path: Path) -> None:
    """A missing folder, a folder, a file in place of a folder and a named pipe are refused at once."""
    (tmp_path / "file").touch()
    os.mkfifo(tmp_path / "pipe")
    (tmp_path / "folder").mkdir()
    for name, says in {
        "missing/functions.db": "there is no folder",
        "file/functions.db": "there is no folder",
        "folder": "is a folder",
        "pipe": "is not a regular file",
        "x" * 300: "cannot be used: File name too long",
    }.items():
        with pytest.raises(StoreError, match=says):
            async with Store(tmp_path / name, SPEC):
                pass
    with pytest.raises(StoreError, match="does not exist"):
        async with Reader(tmp_path / "functions.db"):
            pass
    assert names(tmp_path) == ["file", "folder", "pipe"]


async def test_names_with_special_characters(tmp_path: Path) -> None:
    """A name that means something in an address is only a name."""
    path = tmp_path / "what? 100%#1&mode=ro é.db"
    await make_store(path)
    assert names(tmp_path) == [path.name]


async def test_link_to_a_store(tmp_path: Path) -> None:
    """Through a symbolic link it is the same store, and its companions lie next to the real file."""
    (tmp_path / "real").mkdir()
    (tmp_path / "link.db").symlink_to(tmp_path / "real" / "functions.db")
    async with Store(tmp_path / "link.db", SPEC):
        with pytest.raises(StoreError, match="already open"):
            async with Store(tmp_path / "real" / "functions.db", SPEC):
                pass
    assert names(tmp_path / "real") == ["functions.db"]


@pytest.mark.skipif(os.geteuid() == 0, reason="root may write anywhere")
async def test_no_permission(tmp_path: Path) -> None:
    """A file or folder that file modes protect is refused."""
    path = tmp_path / "functions.db"
    await make_store(path)
    allow(path, 0o444)
    assert "read-only for you" in await refusal(path)
    allow(path, 0o644)
    allow(tmp_path, 0o555)
    assert "is read-only for you" in await refusal(path)
    allow(tmp_path, 0o755)


async def test_readonly_disk(tmp_path: Path) -> None:
    """On a read-only disk a writer is refused, whether the store is there or not."""
    with mounted(tmp_path / "disk") as disk:
        await make_store(disk / "functions.db")
        make_readonly(disk)
        assert "is read-only for you" in await refusal(disk / "functions.db")
        assert "is read-only for you" in await refusal(disk / "new.db")
