"""Stores into one: what comes over, what stays, what is told. Python's sqlite3 looks at what came of it."""

import asyncio
import sqlite3
from contextlib import closing
from pathlib import Path

import pytest
from merge_cases import OTHER_SPEC, dump, made, rows, statuses
from store_cases import KEPT, KEPT_SPEC, SPEC, names, outcome, query, snapshot

from asyncgen.datasets.merging.merge import merge
from asyncgen.datasets.merging.merged import MergeSettings
from asyncgen.problems.errors import StoreError, UsageError
from asyncgen.problems.records import Status
from asyncgen.store import Reader, RunInfo, Store

T, E, C = Status.TIMEOUT, Status.ELEMENTARY, Status.CRASHED


@pytest.fixture
def out(tmp_path: Path) -> Path:
    return tmp_path / "out" / "all.db"


@pytest.fixture(autouse=True)
def folder(out: Path) -> None:
    out.parent.mkdir()


async def test_rows_of_all_stores_are_there_once(tmp_path: Path, out: Path):
    """Overlapping ranges become one; each row names the run of the first store that has it."""
    a = await made(tmp_path / "a.db", rows(range(10)), node="a")
    b = await made(tmp_path / "b.db", rows(range(5, 20)), node="b")
    merged = await merge(out, [a, b])
    assert (merged.new, merged.same, merged.runs, merged.differing) == (20, 5, 2, 0)
    assert merged.complete
    found = query(
        out,
        "SELECT machine ->> 'node', count(*) FROM results JOIN runs ON runs.id = run GROUP BY 1 ORDER BY 1",
    )
    assert found == [("a", 10), ("b", 10)]
    kept = query(out, "SELECT * FROM results WHERE idx < 10")
    assert [row[:-1] for row in kept] == [row[:-1] for row in query(a, "SELECT * FROM results")]


async def test_runs_are_kept_as_they_were_and_the_merge_is_one(tmp_path: Path, out: Path):
    """All but the number of a run stays; a retry still names the first run of its chain."""
    a = await made(tmp_path / "a.db", rows(range(3), T), rows([1]), node="a")
    b = await made(tmp_path / "b.db", rows(range(3, 6), T), rows([4]), node="b")
    await merge(out, [a, b])
    columns = "command, started, ended, how_ended, start, stop, settings, versions, machine"
    before = [query(path, f"SELECT {columns} FROM runs ORDER BY id") for path in (a, b)]
    there = query(out, f"SELECT {columns} FROM runs WHERE command <> 'merge' ORDER BY id")
    assert there == [*before[0], *before[1]]
    assert query(out, "SELECT how_ended, start, stop FROM runs WHERE command = 'merge'") == [
        ("done", None, None)
    ]
    assert query(out, "SELECT count(*) FROM runs WHERE chain <> id") == [(0,)]
    assert query(out, "PRAGMA foreign_key_check") == []


async def test_the_same_merge_again_changes_nothing(tmp_path: Path, out: Path):
    """Not a byte of the tables, with rows that differ and without."""
    a = await made(tmp_path / "a.db", rows(range(4), T), rows([2]), node="a")
    b = await made(tmp_path / "b.db", [*rows([0], C), *rows(range(3, 9))], node="b")
    first = await merge(out, [a, b])
    before = dump(out)
    again = await merge(out, [a, b])
    assert dump(out) == before
    assert (first.differing, again.differing) == (2, 2)
    assert (again.new, again.attempts, again.runs) == (0, 0, 0)


async def test_attempts_come_over_in_their_order(tmp_path: Path, out: Path):
    """What a retry replaced there is in `attempts` here."""
    a = await made(tmp_path / "a.db", rows(range(3), T), rows([1], C))
    async with Store(a, SPEC) as store:
        await store.retry(await store.begin_run(RunInfo("retry")), rows([1]))
    await merge(out, [a])
    found = query(out, "SELECT idx, attempt, status FROM attempts ORDER BY idx, attempt")
    assert found == [(1, 1, "timeout"), (1, 2, "crashed")]
    assert statuses(out) == {0: "timeout", 1: "elementary", 2: "timeout"}


async def test_a_retry_of_the_row_that_is_there_replaces_it(tmp_path: Path, out: Path):
    """A store is merged, retried and merged again: the later row counts, the earlier one is an attempt."""
    a = await made(tmp_path / "a.db", rows(range(3), T))
    await merge(out, [a])
    async with Store(a, SPEC) as store:
        await store.retry(await store.begin_run(RunInfo("retry")), rows([1]))
    merged = await merge(out, [a])
    assert (merged.later, merged.differing, merged.same) == (1, 0, 2)
    assert statuses(out)[1] == "elementary"
    assert query(out, "SELECT idx, attempt, status FROM attempts") == [(1, 1, "timeout")]
    assert (await merge(out, [a])).same == 3


async def test_an_earlier_copy_of_the_store_changes_nothing(tmp_path: Path, out: Path):
    """A row that was retried since is known to be earlier."""
    a = await made(tmp_path / "a.db", rows(range(3), T))
    early = tmp_path / "early.db"
    early.write_bytes(a.read_bytes())
    await made(a, [], rows([1]))
    merged = await merge(out, [a, early])
    assert (merged.differing, merged.same, merged.runs) == (0, 3, 2)
    assert statuses(out)[1] == "elementary"


async def test_rows_that_differ_are_told_and_what_was_there_stays(tmp_path: Path, out: Path):
    """How many, which, and in what; nothing of the other row comes in."""
    a = await made(tmp_path / "a.db", rows(range(30), T), node="a")
    b = await made(tmp_path / "b.db", rows(range(30)), node="b")
    merged = await merge(out, [a, b])
    assert (merged.differing, len(merged.first), merged.complete) == (30, 10, False)
    (one, *_) = merged.first
    assert (one.store, one.difference.index) == (b, 0)
    assert one.difference.columns["status"] == ("timeout", "elementary")
    assert set(statuses(out).values()) == {"timeout"}
    assert query(out, "SELECT count(*) FROM attempts") == [(0,)]


async def test_seconds_and_machines_are_no_difference(tmp_path: Path, out: Path):
    """The same row from another machine says the same."""
    a = await made(tmp_path / "a.db", rows(range(3)), node="a")
    b = await made(tmp_path / "b.db", [row.timed(9.0, 9.0) for row in rows(range(3))], node="b")
    merged = await merge(out, [a, b])
    assert (merged.new, merged.same, merged.differing) == (3, 3, 0)
    assert query(out, "SELECT DISTINCT cpu_seconds FROM results") == [(0.25,)]


@pytest.mark.parametrize(
    ("prefer", "ours", "theirs", "kept", "given_up"),
    [
        ("first", T, E, T, E),
        ("first", E, T, E, T),
        ("confirmed", T, E, E, T),
        ("confirmed", E, C, E, C),
        ("confirmed", Status.UNSOLVED, Status.SPECIAL, Status.SPECIAL, Status.UNSOLVED),
        ("confirmed", T, C, T, None),
        ("confirmed", Status.NONELEMENTARY, E, Status.NONELEMENTARY, None),
        ("confirmed", E, Status.SPECIAL, E, None),
    ],
)
async def test_a_preference_decides(tmp_path: Path, out: Path, prefer, ours, theirs, kept, given_up):
    """The row that is given up is an attempt; where a preference says nothing, the difference is told."""
    a = await made(tmp_path / "a.db", rows([0], ours), node="a")
    b = await made(tmp_path / "b.db", rows([0], theirs), node="b")
    settings = MergeSettings(prefer=prefer)
    merged = await merge(out, [a, b], settings)
    assert statuses(out) == {0: kept}
    assert query(out, "SELECT status FROM attempts") == ([(given_up,)] if given_up else [])
    assert (merged.preferred, merged.differing) == ((1, 0) if given_up else (0, 1))
    before = dump(out)
    again = await merge(out, [a, b], settings)
    assert dump(out) == before
    assert again.differing == merged.differing


async def test_two_specifications_are_refused_in_one_line(tmp_path: Path, out: Path):
    """It says where they differ, and nothing is made."""
    a = await made(tmp_path / "a.db", rows([0]))
    b = await made(tmp_path / "b.db", rows([1]), spec=OTHER_SPEC)
    with pytest.raises(UsageError, match=r"b\.db .*seed is 2 there and 1 here"):
        await merge(out, [a, b])
    assert names(out.parent) == []
    await merge(out, [a])
    before = snapshot(out.parent)
    with pytest.raises(UsageError, match=r"b\.db .* than .*all\.db .*seed is 2 there and 1 here"):
        await merge(out, [b])
    assert snapshot(out.parent) == before


async def test_a_store_that_cannot_be_read_holds_nobody_up(tmp_path: Path, out: Path):
    """It is told in one line; the others are merged, and so is what can be read of it."""
    await made(tmp_path / "a.db", rows(range(3)))
    (tmp_path / "b.db").write_bytes(b"no store" * 100)
    c = await made(tmp_path / "c.db", rows(range(3, 2000)))
    data = bytearray(c.read_bytes())
    data[len(data) // 2 : len(data) // 2 + 20_000] = b"\xff" * 20_000
    c.write_bytes(data)
    await made(tmp_path / "d.db", rows(range(2000, 2003)))
    told: list[str] = []
    merged = await merge(out, [tmp_path], MergeSettings(complain=told.append))
    assert [line.partition(" ")[0] for line in told] == [str(tmp_path / "b.db"), str(c)]
    assert (merged.stores, merged.unreadable, merged.complete) == (2, 2, False)
    assert {0, 1, 2, 2000, 2001, 2002} < statuses(out).keys()
    assert query(out, "PRAGMA integrity_check") == [("ok",)]


async def test_a_row_that_cannot_be_is_not_taken(tmp_path: Path, out: Path):
    """A status of nobody's, or the run of nobody's, is damage; the store stays one that can be read."""
    a = await made(tmp_path / "a.db", rows(range(3)))
    with closing(sqlite3.connect(a)) as connection:
        connection.execute("UPDATE results SET run = 7 WHERE idx = 1")
        connection.commit()
    b = await made(tmp_path / "b.db", rows(range(3, 6), T))
    with closing(sqlite3.connect(b)) as connection:
        connection.execute("UPDATE results SET status = 'strange' WHERE idx = 4")
        connection.commit()
    c = await made(tmp_path / "c.db", rows([9]))
    merged = await merge(out, [a, b, c])
    assert (merged.unreadable, merged.stores) == (2, 1)
    async with Reader(out) as reader:
        assert [row.index async for row in reader.rows()] == [9]


async def test_nothing_to_merge_is_refused(tmp_path: Path, out: Path):
    """A place that is not there, a folder without stores, nothing but the store itself."""
    (tmp_path / "empty").mkdir()
    for places, says in (
        ([tmp_path / "none.db"], "does not exist"),
        ([tmp_path / "empty"], "there is no store in"),
    ):
        with pytest.raises(UsageError, match=says):
            await merge(out, places)
    a = await made(tmp_path / "a.db", rows([0]))
    (tmp_path / "link.db").symlink_to(a)
    for place in (a, tmp_path / "link.db"):
        with pytest.raises(UsageError, match=rf"{place} cannot be merged into itself: name another store"):
            await merge(a, [place])
    (tmp_path / "link.db").unlink()
    (tmp_path / "b.db").write_bytes(b"")
    with pytest.raises(UsageError, match="no store can be read"):
        await merge(out, [tmp_path / "b.db"])
    assert names(out.parent) == []


async def test_the_store_may_lie_among_the_others(tmp_path: Path):
    """It is left out of them, and so are locks and what SQLite keeps beside a store."""
    await made(tmp_path / "a.db", rows([0]), node="a")
    await made(tmp_path / "b.sqlite", rows([1]), node="b")
    (tmp_path / "notes.txt").write_text("SQLite format?")
    out = tmp_path / "all.db"
    for new in (2, 0):
        assert (await merge(out, [tmp_path])).new == new


async def test_an_earlier_version_is_read_as_one_of_now(tmp_path: Path, out: Path):
    """A store that asyncgen 0.1 made is merged, and stays byte for byte as it was."""
    old = tmp_path / "old.db"
    old.write_bytes(KEPT.read_bytes())
    await merge(out, [old])
    assert old.read_bytes() == KEPT.read_bytes()
    async with Reader(old) as before, Reader(out) as after:
        assert [row async for row in after.rows()] == [row async for row in before.rows()]
        kept = [run.info for run in await after.runs() if run.info.command != "merge"]
        assert kept == [run.info for run in await before.runs()]
        assert await after.spec() == KEPT_SPEC
    async with Store(old, KEPT_SPEC):
        pass  # which migrates it
    before_again = dump(out)
    assert (await merge(out, [old])).new == 0
    assert dump(out) == before_again


async def test_only_one_process_writes(tmp_path: Path, out: Path):
    """A merge is refused while a run has the store, as a second run would be."""
    a = await made(tmp_path / "a.db", rows([0]))
    async with Store(out, SPEC):
        with pytest.raises(StoreError, match="already open for writing"):
            await merge(out, [a])


async def test_a_source_that_is_being_written_is_merged_as_it_is(tmp_path: Path, out: Path):
    """The rows of now come; the end of its run is noted by a later merge."""
    path = tmp_path / "a.db"
    async with Store(path, SPEC) as store:
        run = await store.begin_run(RunInfo("generate"))
        await store.add(run, rows(range(3)))
        assert (await merge(out, [path])).new == 3
        await store.add(run, rows(range(3, 5)))
        await store.end_run(run, "done")
    assert (await merge(out, [path])).new == 2
    assert query(out, "SELECT how_ended FROM runs WHERE command = 'generate'") == [("done",)]


async def test_a_stop_leaves_what_was_read(tmp_path: Path, out: Path):
    """A stop that is set at once merges nothing, and says so; the same merge then goes on."""
    a = await made(tmp_path / "a.db", rows(range(3)))
    stop = asyncio.Event()
    stop.set()
    merged = await merge(out, [a], stop=stop)
    assert (merged.state, merged.new, merged.complete) == ("stopped", 0, False)
    assert (await merge(out, [a])).new == 3


async def test_a_mixture_of_outcomes_survives_whole(tmp_path: Path, out: Path):
    """Every column of every status comes over, as an outside look at both files says."""
    a = await made(tmp_path / "a.db", [outcome(i, status) for i, status in enumerate(Status)])
    await merge(out, [a])
    assert dump(out)["results"] == dump(a)["results"]
