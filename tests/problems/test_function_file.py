"""Rules of function files: numbers, marks and complaints, however far and however often they are read."""

import hashlib
import os
from collections.abc import Iterator
from itertools import pairwise
from pathlib import Path

import pytest
from function_files import file_of, read, to_the_end
from hypothesis import given
from hypothesis import strategies as st

from asyncgen.problems import function_file
from asyncgen.problems.errors import ParseError, UsageError
from asyncgen.problems.files import problem_in
from asyncgen.problems.function_file import FunctionFile, Mark

FILES = st.lists(st.sampled_from([b"x", b"x + 7", b"", b"# x", b"x +", b"9**9**9**9x"]), max_size=60)


@pytest.fixture(autouse=True)
def short_steps(monkeypatch: pytest.MonkeyPatch) -> None:
    """Marks after eight lines, two of which are read at a time: small files show what large ones do."""
    monkeypatch.setattr(function_file, "_APART", 8)
    monkeypatch.setattr(function_file, "_STEP", 2)


def expected(lines: list[bytes]) -> Iterator[tuple[int, str]]:
    """The functions of lines one by one, by their numbers."""
    number = 0
    for line in lines:
        try:
            problem = problem_in(line, number)
        except ParseError:
            continue
        if problem is not None:
            yield number, problem.prefix
            number += 1


def bad_lines(lines: list[bytes]) -> list[int]:
    return [number for number, line in enumerate(lines, start=1) if line in (b"x +", b"9**9**9**9x")]


class TestNumbers:
    """Which function has which number."""

    @given(FILES, st.integers(0, 60), st.integers(0, 60))
    def test_every_range_is_that_part_of_the_whole(self, lines: list[bytes], start: int, stop: int):
        """From wherever it begins: behind a mark, behind bad lines, or in the middle."""
        wanted = list(expected(lines))
        with file_of(b"\n".join(lines)) as file:
            functions = FunctionFile(file, "mine.txt", lambda *_: None)
            to_the_end(functions)
            problems = list(functions.stream([range(start, min(stop, functions.known))]))
        assert [(problem.index, problem.prefix) for problem in problems] == wanted[start:stop]
        assert functions.known == len(wanted)

    @given(FILES)
    def test_what_is_known_can_be_had_before_the_rest_is_read(self, lines: list[bytes]):
        """After each step, and never more than `most`, which never grows."""
        wanted = list(expected(lines))
        with file_of(b"\n".join(lines)) as file:
            functions = FunctionFile(file, "mine.txt", lambda *_: None)
            bounds = [functions.most]
            while not functions.ended:
                functions.read_on()
                found = [(p.index, p.prefix) for p in functions.stream([range(functions.known)])]
                assert found == wanted[: functions.known]
                bounds.append(functions.most)
        assert all(before >= after for before, after in pairwise(bounds))
        assert bounds[-1] == len(wanted)

    def test_the_first_function_needs_one_step(self):
        """However long the file is."""
        with file_of(b"x\n" * 1000) as file:
            functions = FunctionFile(file, "mine.txt", lambda *_: None)
            functions.read_on()
        assert (functions.known, functions.settled, functions.most) == (2, False, 1000)


class TestMarks:
    """What one reading leaves to the next."""

    @given(FILES, st.integers(0, 10))
    def test_a_reading_that_is_gone_on_with_says_the_same(self, lines: list[bytes], count: int):
        """Whatever part of the marks was kept: the same functions, numbers and complaints."""
        content = b"\n".join(lines)
        whole, bad = read(content), []
        with file_of(content) as file:
            functions = FunctionFile(file, "mine.txt", lambda line, error: bad.append((line, error.column)))
            functions.recall(whole.functions.marks[:count])
            to_the_end(functions)
            assert list(functions.stream([range(functions.known)])) == whole.problems
        assert bad == whole.bad
        assert (functions.marks, functions.bad) == (whole.functions.marks, len(bad_lines(lines)))

    def test_sound_lines_are_not_read_again(self, monkeypatch: pytest.MonkeyPatch):
        """With all marks the end is known at once; only the lines around a bad one are looked at."""
        content = b"x\n" * 100 + b"x +\n" + b"x\n" * 100
        marks, looked_at = read(content).functions.marks, []
        monkeypatch.setattr(function_file, "problem_in", lambda line, index: looked_at.append(line))
        with file_of(content) as file:
            functions = FunctionFile(file, "mine.txt", lambda *_: None)
            functions.recall(marks)
            assert (functions.settled, functions.known, functions.bad) == (True, 200, 1)
            to_the_end(functions)
        assert len(looked_at) == 8

    def test_a_number_far_behind_is_found_without_the_lines_before(self, monkeypatch: pytest.MonkeyPatch):
        """From the last mark before it, and there by what is no blank line."""
        content = b"x\n" * 1000
        whole, looked_at = read(content).functions, []
        really = function_file.problem_in

        def problem(line: bytes, index: int) -> object:
            looked_at.append(index)
            return really(line, index)

        monkeypatch.setattr(function_file, "problem_in", problem)
        with file_of(content) as file:
            functions = FunctionFile(file, "mine.txt", lambda *_: None)
            functions.recall(whole.marks)
            assert [p.index for p in functions.stream([range(997, 998), range(5, 6)])] == [997, 5]
        assert looked_at == [997, 5]

    def test_a_byte_order_mark_is_before_the_first_line(self):
        """The first mark is behind it."""
        assert read(b"\xef\xbb\xbfx\n").functions.marks == [Mark(1, 3, 0, 0), Mark(2, 5, 1, 0)]


class TestContent:
    """What the specification stands for."""

    def test_the_digest_is_that_of_the_bytes(self):
        """As `sha256sum` tells it, over more than one block."""
        content = b"x + 12345\n" * 20_000
        with file_of(content) as file:
            source = FunctionFile(file, "mine.txt", lambda *_: None).spec.source
        assert source == hashlib.sha256(content).hexdigest()

    @pytest.mark.parametrize("change", [b"x\n", b"", None], ids=["longer", "empty", "another-time"])
    def test_a_file_that_changes_meanwhile_is_refused(self, tmp_path: Path, change: bytes | None):
        """Before any of its lines is taken for what the digest was made of."""
        path = tmp_path / "mine.txt"
        path.write_bytes(b"x\n" * 100)
        with path.open("rb") as file:
            functions = FunctionFile(file, "mine.txt", lambda *_: None)
            if change is None:
                os.utime(path, ns=(0, 0))
            else:
                path.write_bytes(change * 200)
            with pytest.raises(UsageError, match=r"mine\.txt was changed while it was read"):
                functions.read_on()

    def test_a_long_reading_is_told_of(self, monkeypatch: pytest.MonkeyPatch):
        """Once, and only where it takes longer than a moment."""
        said: list[str] = []
        with file_of(b"x\n" * 100_000) as file:
            FunctionFile(file, "mine.txt", lambda *_: None, said.append)
            assert said == []
            monkeypatch.setattr(function_file, "_MOMENT", -1.0)
            FunctionFile(file, "mine.txt", lambda *_: None, said.append)
        assert said == ["reading mine.txt"]
