"""The working file: each problem once, whatever the order; it goes on, and is refused to others."""

import json
import sqlite3
from pathlib import Path
from random import Random
from tempfile import TemporaryDirectory

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from store_cases import largest_file

from asyncgen.datasets.exporting.working import NAME, Batch, Kept, WorkingFile
from asyncgen.problems.errors import UsageError
from asyncgen.sqlite.errors import StoreWriteError


def rows() -> list[Kept]:
    """Sixty rows of ten problems, with ties in length and in text."""
    chance = Random(7)
    return [
        Kept(
            bytes([number % 10]) * 16,
            b"v" * 8,
            chance.randrange(3),
            chance.choice("ab"),
            f'["k","s",{number}]',
        )
        for number in range(60)
    ]


def kept(folder: Path, order: list[Kept], size: int) -> list[tuple[bytes, str]]:
    """What is kept of rows that arrive in this order, so many at a time."""
    folder.mkdir()
    with WorkingFile(folder, "{}") as file:
        for start in range(0, len(order), size):
            some = order[start : start + size]
            file.add([Batch(0, start + size, len(some), some, {"status": 1}, 0)])
        return list(file.rows())


def test_what_is_kept_does_not_depend_on_the_order(tmp_path: Path):
    """It is the shortest, then the smallest text, in the order of marks: as sorting says."""
    best = {form: min(row[2:] for row in rows() if row.form == form) for form in {row.form for row in rows()}}
    expected = [best[form][2] for form in sorted(best)]
    for seed in range(5):
        order = rows()
        Random(seed).shuffle(order)
        found = kept(tmp_path / str(seed), order, 1 + 13 * seed)
        assert [packed for _, packed in found] == expected


def test_counts_go_on(tmp_path: Path):
    """Places, reasons and duplicates are what they were before it was closed."""
    with WorkingFile(tmp_path, "{}") as file:
        file.add([Batch(1, 8, 5, rows()[:15], {"status": 2, "kind": 0}, 3)])
    with WorkingFile(tmp_path, "{}") as file:
        file.add([Batch(1, 20, 6, [], {"status": 4}, 0)])
        assert (file.place(0), file.place(1)) == ((0, 0), (20, 11))
        assert (file.kept(), file.by_text()) == (10, 3)
        assert file.left_out() == {"duplicate": 5, "status": 6}
        assert file.statuses() == {"s"}
        file.remove()
    assert list(tmp_path.iterdir()) == []


def test_a_batch_is_stored_whole_or_not_at_all(tmp_path: Path):
    """A disk that refuses is one line, and nothing of the batch is in."""
    big = [row._replace(form=bytes([number]) * 16, packed="x" * 5000) for number, row in enumerate(rows())]
    with WorkingFile(tmp_path, "{}") as file:
        file.add([Batch(0, 3, 3, rows()[:3], {}, 0)])
        with largest_file(200_000), pytest.raises(StoreWriteError, match="a batch of rows was not stored"):
            file.add([Batch(0, 60, 57, big, {}, 0)])
        assert (file.place(0), file.kept()) == ((3, 3), 3)
        file.add([Batch(0, 60, 57, big, {}, 0)])
        assert (file.place(0), file.kept()) == ((60, 60), 60)


def test_another_export_is_refused(tmp_path: Path):
    """One that was begun with other flags, one that is at work, a file of another program."""
    with WorkingFile(tmp_path, '{"n":1}'), pytest.raises(UsageError, match="locked by another program"):
        WorkingFile(tmp_path, '{"n":1}')
    with pytest.raises(UsageError, match="begun with other flags or from other stores"):
        WorkingFile(tmp_path, '{"n":2}')
    (tmp_path / NAME).unlink()
    with sqlite3.connect(tmp_path / NAME) as connection:
        connection.execute("CREATE TABLE others (x)")
    connection.close()
    with pytest.raises(UsageError, match="a file of another program"):
        WorkingFile(tmp_path, "{}")


MARKS = st.lists(st.tuples(*[st.integers(0, 5)] * 3), max_size=40)


def part(mark: bytes) -> int:
    """Three parts, by a mark of one byte."""
    return mark[0] % 3


@settings(max_examples=60)
@given(MARKS, st.integers(0, 999))
def test_no_mark_is_in_two_parts_once_they_are_held_out(marks: list[tuple[int, int, int]], seed: int):
    """Neither what decides the part, nor the values, nor the skeleton; what clashes with nothing is kept."""
    every = [
        Kept(bytes([number]), bytes([by]), 1, "x", json.dumps([number]), bytes([values]), bytes([skeleton]))
        for number, (by, values, skeleton) in enumerate(marks)
    ]
    found = []
    for order in (every, Random(seed).sample(every, len(every))):
        with TemporaryDirectory() as folder, WorkingFile(Path(folder), "{}") as file:
            file.add([Batch(0, 1, len(order), order, {}, 0)])
            for _ in range(2):  # as after a stop
                file.hold_out(part)
            found.append({json.loads(packed)[0] for _, packed in file.rows()})
            assert sum(file.left_out().values()) + file.kept() == len(every)
            assert "duplicate" not in file.left_out()
    assert found[0] == found[1]
    kept = [row for row in every if row.form[0] in found[0]]
    for mark in ("part_by", "values_mark", "skeleton_mark"):
        parts = {(getattr(row, mark), part(row.part_by)) for row in kept}
        assert len(parts) == len({mark for mark, _ in parts})
    for row in every:
        clashes = [
            other
            for other in every
            if part(other.part_by) > part(row.part_by)
            and (other.values_mark == row.values_mark or other.skeleton_mark == row.skeleton_mark)
        ]
        assert clashes or row in kept
