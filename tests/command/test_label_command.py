"""Functions of one's own: lines into problems, JSON lines in their order, stores that know their file."""

import asyncio
import json
import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import aclosing, contextmanager
from dataclasses import replace
from itertools import pairwise
from pathlib import Path

import psutil
import pytest
from command_line import COMMAND, asyncgen
from conftest import Refuse
from function_files import read
from hypothesis import given, settings
from hypothesis import strategies as st

from asyncgen.jobs.lines import Cutter, Lines
from asyncgen.problems.errors import ParseError, UsageError
from asyncgen.problems.files import LONGEST, problem_in, problem_of
from asyncgen.problems.records import Problem
from asyncgen.problems.spec import Spec, differences, parse_spec
from asyncgen.sampler import Sampler

MINE = b"# my functions\nx*cos(x)\n\nmul x exp x\r\n  # more\nx^2\nx*cos(x)"
PREFIXES = ["mul x cos x", "mul x exp x", "pow x INT+ 2", "mul x cos x"]
KEYS = ["line", "integrand", "status", "success", "integral"]
KEYS += ["engine", "cpu_seconds", "reason", "proof", "continuous", "real", "given"]
PUBLISHED = b"""\
12|sub Y' mul INT+ 2 x\tpow x INT+ 2
sub Y' x\tx
1|sub Y' abs x\tdiv pow2 x INT+ 2
1|sub Y' x\t
"""


class TestReading:
    """The lines of a file as problems."""

    def test_both_notations_blank_lines_and_comments(self):
        """Functions are numbered from 0; blank lines and comments have no number, duplicates have two."""
        functions, problems, bad = read(MINE)
        assert [(problem.index, problem.prefix) for problem in problems] == list(enumerate(PREFIXES))
        assert (bad, functions.bad) == ([], 0)

    @pytest.mark.parametrize("change", [b"\xef\xbb\xbf%s", b"%s\n", b"%s\r\n", b"%s\n\n"])
    def test_marks_and_ends_of_lines_do_not_matter(self, change: bytes):
        """A byte order mark, CRLF, and an end of the last line are no part of any function."""
        _, problems, bad = read(change % MINE)
        assert [problem.prefix for problem in problems] == PREFIXES
        assert bad == []

    @pytest.mark.parametrize(
        ("line", "column"),
        [
            (b"x + __import__('os').system('ls')", 5),
            (b")system ls", 1),
            (b"x*y", 3),
            (b"x\0", 2),
            (b"x + \xff", 5),
            ("x*é".encode(), 3),
            (b"(" * 1_000_000, 1),
            (("é" * 1_000_000).encode(), 1),
            (b"mul x", 1),
        ],
        ids=lambda value: repr(value)[:24],
    )
    def test_a_bad_line_is_named_and_the_others_go_on(self, line: bytes, column: int):
        """By line and column, both from 1."""
        _, problems, bad = read(b"x\n" + line + b"\nexp(x)\n")
        assert bad == [(2, column)]
        assert [problem.prefix for problem in problems] == ["x", "exp x"]

    @pytest.mark.parametrize(
        "content",
        [os.urandom(10_000), bytes(10_000), "x\nx\n".encode("utf-16") * 9, b"\x7fELF" + bytes(60)],
    )
    def test_what_is_no_text_is_refused_whole(self, content: bytes):
        """Instead of a complaint for each of its lines."""
        with pytest.raises(UsageError, match=r"mine\.txt is no text"):
            read(content)

    def test_given_answers_travel_with_their_problem(self):
        """A line has its answer in tokens; the functions of a whole file leave answers out."""
        problem = problem_in(PUBLISHED.splitlines()[0], 3)
        assert problem == Problem(3, "mul INT+ 2 x", 1, given="pow x INT+ 2")
        assert read(PUBLISHED).problems[0] == Problem(0, "mul INT+ 2 x", 1)

    def test_a_problem_is_the_same_wherever_its_text_comes_from(self):
        """A retry needs the stored row alone."""
        typed, stored = problem_of("x*exp(x)", 7), Problem(7, "mul x exp x", 2)
        assert problem_in(b" mul x exp x\r\n", 7) == typed == stored

    @given(st.binary(max_size=60), st.lists(st.integers(0, 60), max_size=5))
    @settings(max_examples=200, deadline=None)
    def test_pieces_give_the_lines_of_the_whole(self, content: bytes, cuts: list[int]):
        """Wherever the input is cut; of each line the first `longest` bytes."""
        cutter, places = Cutter(9), sorted({0, *cuts, len(content)})
        pieces = [content[a:b] for a, b in pairwise(places)]
        found = [line for piece in pieces for line in cutter.feed(piece)] + cutter.end()
        expected = content.split(b"\n")
        assert found == [line[:9] for line in (expected if expected[-1] else expected[:-1])]

    def test_a_line_without_end_takes_bounded_memory(self):
        """What is beyond the longest line is dropped as it comes."""
        cutter = Cutter(LONGEST)
        assert [cutter.feed(b"(" * 50_000) for _ in range(100)] == [[]] * 100
        assert len(cutter._rest) == LONGEST
        assert len(cutter.feed(b"\nx")[0]) == LONGEST


class TestSpecification:
    """What a store of given functions is made for."""

    def test_the_content_decides(self):
        """The same bytes are the same stream, others another."""
        assert read(MINE).functions.spec == read(MINE).functions.spec != read(MINE + b"\n").functions.spec

    def test_the_rules_of_reading_are_a_part_of_it(self):
        """A store that was filled when fewer lines were functions is refused: its numbers are other ones."""
        mine = read(MINE)[0].spec
        before = replace(mine, reading=1)
        assert "reading" not in before.as_dict()
        assert "lines are read by other rules now" in differences(before.as_dict(), mine.as_dict())

    def test_it_can_be_read_back(self):
        """From its canonical text, like any other."""
        spec = read(MINE).functions.spec
        assert parse_spec(spec.canonical()) == spec

    @pytest.mark.parametrize("source", ["null", "7"])
    def test_without_distribution_and_source_it_is_none(self, source: str):
        """A specification must say where its functions come from."""
        text = Spec(None, source="").canonical().replace('"source":""', f'"source":{source}')
        with pytest.raises(ValueError, match="not a specification"):
            parse_spec(text)

    def test_it_cannot_be_sampled(self):
        """The message says which command goes on with it."""
        with pytest.raises(UsageError, match="asyncgen label"):
            Sampler(read(MINE).functions.spec)

    def test_differences_name_the_files(self):
        """By the beginning of their hash, not by a distribution that is not there."""
        mine, other = (read(content).functions.spec for content in (MINE, b"x"))
        said = differences(mine.as_dict(), other.as_dict())
        assert (mine.source or "")[:12] in said
        assert (other.source or "")[:12] in said


@pytest.mark.both_loops
class TestLive:
    """Input that comes slowly, or never ends."""

    async def test_a_function_is_there_as_soon_as_its_line_is(self):
        """A pipe that stays open is not waited for."""
        ours, theirs = os.pipe()
        lines = Lines(ours, "-", lambda *_: None)
        async with aclosing(lines.problems(asyncio.Event())) as problems:
            for number, text in enumerate([b"x\n", b"exp(x)\n"], start=1):
                os.write(theirs, text)
                assert (await anext(problems)).index == number
            os.write(theirs, b"cos(x)")
            os.close(theirs)
            assert (await anext(problems)).prefix == "cos x"
            assert [problem async for problem in problems] == []
        assert lines.ended
        os.close(ours)

    async def test_a_stop_ends_the_waiting(self):
        """Though nothing comes; no reader stays with the loop."""
        ours, theirs = os.pipe()
        stop, lines = asyncio.Event(), Lines(ours, "-", lambda *_: None)
        waiting = asyncio.create_task(anext(lines.problems(stop), None))
        await asyncio.sleep(0)
        stop.set()
        assert await waiting is None
        assert not lines.ended
        assert not asyncio.get_running_loop().remove_reader(ours)
        os.close(ours)
        os.close(theirs)

    async def test_files_do_as_well(self, tmp_path: Path):
        """Event loops do not watch them; they are read on a thread."""
        (tmp_path / "mine.txt").write_bytes(MINE)
        with (tmp_path / "mine.txt").open("rb") as file:
            lines = Lines(file.fileno(), "mine.txt", lambda *_: None)
            found = [(p.index, p.prefix) async for p in lines.problems(asyncio.Event())]
        assert found == list(zip([2, 4, 6, 7], PREFIXES, strict=True))

    async def test_what_cannot_be_read_is_one_line(self, tmp_path: Path):
        """Such as a folder in the place of standard input."""
        descriptor = os.open(tmp_path, os.O_RDONLY)
        with pytest.raises(UsageError, match="-: Is a directory"):
            await anext(Lines(descriptor, "-", lambda *_: None).problems(asyncio.Event()))
        os.close(descriptor)


@contextmanager
def live() -> Iterator["subprocess.Popen[str]"]:
    """`asyncgen label -` with its input and output in our hands."""
    pipes = {"stdin": subprocess.PIPE, "stdout": subprocess.PIPE, "stderr": subprocess.PIPE}
    with subprocess.Popen([*COMMAND, "label", "-", "--workers", "1"], text=True, **pipes) as process:
        try:
            yield process
        finally:
            process.kill()


@pytest.fixture
def mine(tmp_path: Path) -> Path:
    path = tmp_path / "mine.txt"
    path.write_bytes(MINE)
    return path


@pytest.mark.engine
class TestPrinting:
    """Without --store."""

    def test_one_object_a_line_in_the_order_of_the_input(self, tmp_path: Path):
        """Exactly these keys; bad lines on stderr, the others go on, and the exit status tells."""
        mixed = tmp_path / "mixed.txt"
        mixed.write_bytes(MINE + b"\n9**9**9**9\nx +\n__import__('os')\n1/x\n")
        done = asyncgen("label", mixed, "--workers", 2)
        found = [json.loads(line) for line in done.stdout.splitlines()]
        assert [list(values) for values in found] == [KEYS] * 6
        assert [values["line"] for values in found] == [2, 4, 6, 7, 8, 11]
        assert [values["status"] for values in found] == [*["elementary"] * 4, "degenerate", "elementary"]
        assert found[2]["integral"] == "x**3/3"
        assert done.returncode == 1
        complaints = [line for line in done.stderr.splitlines() if "FriCAS" not in line]
        assert [line.removeprefix(f"{mixed}:")[:5] for line in complaints] == ["9:4: ", "10:1:"]

    def test_the_answer_of_a_published_line_is_checked(self, tmp_path: Path):
        """The verdict stands beside the label, and null where the line gives no answer."""
        published = tmp_path / "published.txt"
        published.write_bytes(PUBLISHED + b"1|sub Y' x\tfoo\nx\n")
        done = asyncgen("label", published, "--workers", 1)
        found = [json.loads(line) for line in done.stdout.splitlines()]
        assert [values["given"] for values in found] == ["confirmed", "refuted", "branch:x<0", None, None]
        assert [values["integral"] for values in found][:2] == ["x**2", "x**2/2"]
        assert done.returncode == 1
        assert f"{published}:5:12: the answer: unknown token 'foo'" in done.stderr.splitlines()

    def test_results_come_as_lines_come(self):
        """An answer is read before the next line is written; a closed input ends it well."""
        with live() as process:
            assert process.stdin
            assert process.stdout
            for number, text in enumerate(["x", "exp(x)"], start=1):
                process.stdin.write(f"{text}\n")
                process.stdin.flush()
                values = json.loads(process.stdout.readline())
                assert (values["line"], values["integrand"]) == (number, text)
            assert process.communicate(timeout=60)[0] == ""
            assert process.returncode == 0

    def test_ctrl_c_ends_the_waiting_for_input(self):
        """Exit status 3, no traceback, no process left."""
        with live() as process:
            assert process.stdin
            assert process.stdout
            process.stdin.write("x\n")
            process.stdin.flush()
            process.stdout.readline()
            family = psutil.Process(process.pid).children(recursive=True)
            process.send_signal(signal.SIGINT)
            assert process.wait(timeout=60) == 3
            assert process.stderr
            assert process.stderr.read().splitlines()[-1] == "stopped after line 1 of -"
        assert psutil.wait_procs(family, timeout=30)[1] == []

    def test_whoever_reads_a_part_hears_no_complaint(self):
        """`yes | asyncgen label - | head -1`: an endless input, a closed output."""
        line = f"yes 'x*exp(x)' | {sys.executable} -m asyncgen label - --quiet --workers 1 | head -1"
        done = subprocess.run(line, shell=True, capture_output=True, text=True, check=True, timeout=60)
        assert json.loads(done.stdout)["line"] == 1
        assert done.stderr == ""


@pytest.mark.parametrize(
    ("arguments", "text"),
    [
        (["label"], "FILE"),
        (["label", "missing.txt"], "missing.txt: No such file"),
        (["label", "."], ".: Is a directory"),
        (["label", "missing.txt", "--stroe", "x.db"], "--store"),
        (["label", sys.executable], "is no text in UTF-8"),
        (["label", "-", "--batch", "3"], "--batch needs --store"),
        (["label", "-", "--batch", "500"], "--batch needs --store"),  # the default, but named
        (["label", "-", "--flush-seconds", "1"], "--flush-seconds needs --store"),
        (["label", "-", "--new-limits"], "--new-limits needs --store"),
        (["label", "-", "--max-time", "3"], "--max-time needs --store"),
        (["label", "-", "--workers", "0"], "--workers 0"),
    ],
)
def test_wrong_usage_is_one_line(refuse: Refuse, arguments: list[str], text: str):
    """It names what was wrong; exit status 2."""
    done = refuse(*arguments)
    said = [line for line in done.stderr.splitlines() if "FriCAS" not in line]
    assert (done.returncode, len(said), done.stdout) == (2, 1, "")
    assert said[0].startswith("asyncgen: ")
    assert text in said[0]


def test_no_standard_input_is_not_an_empty_one():
    """Closed by a slip in a pipeline, it is said; an empty one is no error."""
    command = f'exec "{sys.executable}" -m asyncgen label - <&-'
    done = subprocess.run(["sh", "-c", command], capture_output=True, text=True, timeout=100, check=False)
    assert (done.returncode, done.stdout) == (2, "")
    assert done.stderr == "asyncgen: standard input is closed: pipe functions into it, or name a file\n"


def test_a_bad_line_has_a_column_of_its_own():
    """The error of `problem_in` is the reader's."""
    with pytest.raises(ParseError) as caught:
        problem_in(b"x*(", 0)
    assert caught.value.column == 4
