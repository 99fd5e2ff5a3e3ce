"""Streams of rows: the same rows as in a store of that specification, from wherever they go on."""

import asyncio
import gc
import json
import math
import os
import pickle
import re
import subprocess
import sys
from collections.abc import Iterator
from contextlib import suppress
from fractions import Fraction
from functools import cache
from itertools import islice
from pathlib import Path
from typing import Any

import psutil
import pytest
from exported import lines
from processes import living

from asyncgen.datasets import RowStream, Split, StreamSettings, merged_states, stream
from asyncgen.datasets.exporting.export import Run, export
from asyncgen.datasets.exporting.request import Request
from asyncgen.datasets.selection import Selection
from asyncgen.datasets.splits import read_split
from asyncgen.jobs.generate import generate
from asyncgen.jobs.limits import Limits, Workforce
from asyncgen.jobs.run import RunSettings
from asyncgen.problems.configuration import Configuration, specification
from asyncgen.problems.distributions import preset, with_law
from asyncgen.problems.errors import UsageError
from asyncgen.problems.records import Outcome, Status
from asyncgen.problems.spec import OperatorCount, Spec
from asyncgen.store import Reader

ROWS = 120
COLUMNS = ("index", "kind", "status", "problem_prefix", "answer_prefix")
SPLIT = read_split("0.5,0.25,0.25")


def spec(*kinds: str, seed: int = 3) -> Spec:
    """Small functions of these kinds."""
    weights = tuple((kind, 1.0) for kind in kinds)
    configuration = Configuration(preset("lample-charton"), weights, "lample-charton")
    return specification(configuration, configuration.within(1, 3), seed)


MIXED, BACKWARD, FORWARD = spec("backward", "parts", "ode1"), spec("backward"), spec("forward")


async def stored(folder: Path, spec: Spec, rows: int = ROWS) -> list[Outcome]:
    """The rows that the main job makes."""
    settings = RunSettings(workforce=Workforce(workers=2))
    await generate(folder / "rows.db", spec, range(rows), settings)
    async with Reader(folder / "rows.db") as reader:
        return [row async for row in reader.rows()]


def told(rows: list[Outcome]) -> list[dict[str, Any]]:
    """The confirmed ones, as a stream tells them."""
    return [
        {**{name: getattr(row, name) for name in COLUMNS}, "status": row.status.value}
        for row in rows
        if row.success
    ]


def given(spec: Spec, **settings: Any) -> RowStream:
    return stream(spec, columns=COLUMNS, **settings)


@cache
def whole(stop: int, spec: Spec = BACKWARD) -> list[dict[str, Any]]:
    """The rows of an undisturbed stream."""
    return list(given(spec, stop=stop))


@pytest.fixture
def open_streams() -> Iterator[None]:
    """No process and no thread is left of the streams of a test."""
    yield
    gc.collect()
    assert [child for child in psutil.Process().children() if "asyncgen" in " ".join(child.cmdline())] == []


@pytest.mark.usefixtures("open_streams")
@pytest.mark.parametrize("spec", [MIXED, FORWARD], ids=["built", "forward"])
async def test_the_rows_are_those_of_a_store(tmp_path: Path, spec: Spec):
    """Index by index, those that are confirmed."""
    expected = told(await stored(tmp_path, spec, 60))
    assert list(given(spec, stop=60)) == expected
    assert len(expected) > 30


@pytest.mark.usefixtures("open_streams")
def test_it_goes_on_exactly():
    """With any number of workers, in another object, with a state that went through JSON."""
    rows = whole(60, MIXED)
    first = given(MIXED, workers=1)
    found = list(islice(first, 13))
    for workers in (1, 2, 3):
        again = given(MIXED, workers=workers, stop=60)
        again.load_state_dict(json.loads(json.dumps(first.state_dict())))
        assert found + list(again) == rows


@pytest.mark.usefixtures("open_streams")
def test_an_iteration_goes_on_behind_the_one_before():
    """No row comes twice, however often somebody breaks off; an iteration that is over stays over."""
    rows = whole(60)
    one = given(BACKWARD, stop=60)
    early = iter(one)
    found = [next(early) for _ in range(7)]
    for row in one:
        found.append(row)
        if len(found) == 20:
            break
    assert list(early) == []
    assert found + list(one) == rows


@pytest.mark.usefixtures("open_streams")
def test_readers_share_the_indices():
    """Together they have each row once, and any number of readers goes on from there."""
    rows, readers = whole(60), 3
    shares = [given(BACKWARD, stop=60, rank=rank, world_size=readers) for rank in range(readers)]
    found = [list(islice(share, 4 + rank)) for rank, share in enumerate(shares)]
    for rank, part in enumerate(found):
        assert {row["index"] % readers for row in part} == {rank}
    state = merged_states([share.state_dict() for share in shares])
    for others in (1, 2, readers):
        rest = []
        for rank in range(others):
            other = given(BACKWARD, stop=60, rank=rank, world_size=others)
            other.load_state_dict(state)
            rest += list(other)
        assert sorted(sum(found, rest), key=lambda row: row["index"]) == rows


@pytest.mark.usefixtures("open_streams")
async def test_parts_are_those_of_an_export(tmp_path: Path):
    """A stream of training rows has nothing that an export of the same shares has for validation or test."""
    await stored(tmp_path, BACKWARD)
    request = Request(format="jsonl", split=SPLIT)
    await export([tmp_path / "rows.db"], tmp_path / "out", request, Run(workers=2))
    problems = set()
    for part in SPLIT.parts:
        exported = {row["problem_prefix"] for row in lines(tmp_path / "out", part)}
        streamed = {row["problem_prefix"] for row in given(BACKWARD, part=part, split=SPLIT, stop=ROWS)}
        assert exported <= streamed  # which has what an export leaves out as a duplicate
        assert problems.isdisjoint(streamed)
        problems |= streamed


@pytest.mark.usefixtures("open_streams")
async def test_a_curriculum_gives_the_rows_of_each_law(tmp_path: Path):
    """The row of an index is that of a store with the law which holds there."""
    easy, hard = (OperatorCount(1, 2),), (OperatorCount(4, 5),)
    expected = []
    for name, law, indices in (("easy", easy, range(30)), ("hard", hard, range(30, 60))):
        (tmp_path / name).mkdir()
        rows = await stored(tmp_path / name, with_law(MIXED, law), 60)
        expected += told([row for row in rows if row.index in indices])
    found = list(given(MIXED, operators=lambda index: (1, 2) if index < 30 else (4, 5), stop=60))
    assert found == expected


@pytest.mark.usefixtures("open_streams")
def test_a_change_takes_effect_from_a_recorded_index():
    """Rows before it stay, those from it on follow the new law, and a stream that is resumed has the same."""
    plain = {row["index"]: row for row in whole(60)}
    changed = {
        row["index"]: row
        for row in stream(BACKWARD, operators=lambda index: (5, 5), columns=COLUMNS, stop=60)
    }
    one = given(BACKWARD, stop=60)
    rows = iter(one)
    found = [next(rows) for _ in range(5)]
    at = one.change_operators((5, 5))
    state = one.state_dict()
    assert state["operators"] == [[at, [[5, 5, 1.0]]]]
    assert at > found[-1]["index"]
    rest = list(rows)
    assert {row["index"]: row for row in found + rest} == {
        **{index: row for index, row in plain.items() if index < at},
        **{index: row for index, row in changed.items() if index >= at},
    }
    again = given(BACKWARD, stop=60)
    again.load_state_dict(state)
    assert list(again) == rest


@pytest.mark.usefixtures("open_streams")
@pytest.mark.parametrize("ends", ["broken off", "at its end"])
def test_a_change_between_two_iterations(ends: str):
    """It holds from the row on that comes next."""
    one = given(BACKWARD, stop=30)
    rows = [row["index"] for row in islice(one, 10)]
    if ends == "at its end":
        one = given(BACKWARD, stop=10)
        rows = [row["index"] for row in one]
    assert one.change_operators((5, 5)) == (rows[-1] + 1 if ends == "broken off" else 10)


@pytest.mark.usefixtures("open_streams")
def test_a_state_can_be_had_when_the_curriculum_fails():
    """The rows before the failure are not lost with it."""

    def failing(index: int) -> tuple[int, int]:
        if index >= 7:
            raise ZeroDivisionError
        return 1, 3

    one = stream(BACKWARD, operators=failing, columns=("index",))
    found = []
    with pytest.raises(ZeroDivisionError):
        for row in one:
            found.append(row["index"])
    again = stream(BACKWARD, operators=lambda index: (1, 3), columns=("index",))
    again.load_state_dict(one.state_dict())
    assert next(iter(again))["index"] > found[-1]


@pytest.mark.parametrize("error", [StopIteration, StopAsyncIteration])
def test_a_curriculum_cannot_end_a_stream(error: type[Exception]):
    """What would end it without a word is an error."""

    def ending(index: int) -> tuple[int, int]:
        raise error

    with pytest.raises(RuntimeError, match="at index 0"):
        next(iter(stream(BACKWARD, operators=ending)))


def test_an_iteration_belongs_to_its_process():
    """In a child that was forked off, its parent's would wait for ever."""
    rows = iter(given(BACKWARD))
    next(rows)
    if (child := os.fork()) == 0:
        try:
            next(rows)
        except RuntimeError as error:
            os._exit(0 if "another process" in str(error) else 2)
        os._exit(1)
    assert os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) == 0


@pytest.mark.usefixtures("open_streams")
def test_a_change_at_an_index_of_ones_own():
    """Before anything was drawn, or later; not where rows are drawn already."""
    one = given(BACKWARD, stop=60)
    assert one.change_operators((2, 2), at=40) == 40
    rows = iter(one)
    next(rows)
    with pytest.raises(UsageError, match="drawn already"):
        one.change_operators((2, 2), at=0)
    expected = stream(
        BACKWARD, operators=lambda index: (1, 3) if index < 40 else (2, 2), columns=COLUMNS, stop=60
    )
    plain = {row["index"]: row for row in whole(60) if row["index"] < 40}
    later = {row["index"]: row for row in expected if row["index"] >= 40}
    assert {row["index"]: row for row in rows} == {
        index: row for index, row in {**plain, **later}.items() if index > min(plain)
    }


@pytest.mark.usefixtures("open_streams")
async def test_the_same_in_an_event_loop():
    """`async for` gives the rows on the caller's loop, and goes on like `for`."""
    rows = await asyncio.to_thread(whole, 60)
    one = given(BACKWARD, stop=60)
    found = []
    aiter_ = aiter(one)
    async for row in aiter_:
        found.append(row)
        if len(found) == 9:
            break
    await aiter_.aclose()  # type: ignore[attr-defined]
    assert found + [row async for row in one] == rows


@pytest.mark.usefixtures("open_streams")
def test_what_is_asked_for_is_given():
    """Every column can be had; proven functions are rows where their status is selected."""
    chosen = Selection(statuses=(*Selection().statuses, Status.NONELEMENTARY))
    columns = ("index", "status", "form_mark", "values_mark", "input", "integrand", "cpu_seconds", "spec")
    rows = list(stream(FORWARD, selection=chosen, columns=columns, stop=60))
    assert {row["status"] for row in rows} >= {"elementary", "nonelementary"}
    assert all(list(row) == list(columns) for row in rows)
    assert all(len(row["form_mark"]) == 32 and len(row["values_mark"]) == 16 for row in rows)
    assert {row["spec"] for row in rows} == {FORWARD.digest().hex()}
    assert all((row["input"] is None) == (row["status"] == "nonelementary") for row in rows)


@pytest.mark.usefixtures("open_streams")
def test_where_pairs_are_asked_for_each_row_has_one():
    """A limit on tokens counts in each notation that is asked for, as in an export."""
    short = Selection(max_tokens=40)
    columns = ("index", "problem_prefix", "input", "output")
    paired = list(stream(BACKWARD, selection=short, columns=columns, stop=100))
    assert all(row["input"] and row["output"] for row in paired)
    own = {row["index"] for row in stream(BACKWARD, selection=short, columns=columns[:2], stop=100)}
    assert {row["index"] for row in paired} < own  # the published notation writes digits apart


@pytest.mark.usefixtures("open_streams")
def test_a_problem_that_is_cut_costs_no_other():
    """Each index has its outcome, in order; one that was cut is a row where its status is selected."""
    short, every = Limits(timeout=0.001), Selection(statuses=tuple(Status))
    rows = list(stream(FORWARD, limits=short, selection=every, columns=("index", "status"), stop=12))
    assert [row["index"] for row in rows] == list(range(12))
    assert "timeout" in {row["status"] for row in rows}


def by_tens(index: int) -> tuple[int, int]:
    """A curriculum that can be pickled."""
    return 1, 1 + index // 10


@pytest.mark.usefixtures("open_streams")
def test_it_travels_to_another_process():
    """A copy goes on where the original stands, which goes on by itself."""
    one = given(BACKWARD, operators=by_tens, stop=40)
    found = list(islice(one, 5))
    copy = pickle.loads(pickle.dumps(one))
    rows = list(given(BACKWARD, operators=by_tens, stop=40))
    assert found + list(copy) == rows
    assert found + list(one) == rows


@pytest.mark.parametrize(
    ("state", "complaint"),
    [
        ({}, "no state of a stream"),
        (None, "no state of a stream"),
        (lambda: {"format": given(BACKWARD).state_dict()["format"]}, "no state of a stream"),
        (lambda: given(FORWARD).state_dict(), "another specification"),
        (lambda: given(BACKWARD, part="train", split=SPLIT).state_dict(), "part was train and is None"),
        (lambda: given(BACKWARD, limits=Limits(timeout=9)).state_dict(), "timeout_cpu_seconds was 9"),
        (lambda: given(BACKWARD, operators=by_tens).state_dict(), "other operators at index 0"),
        (lambda: {**given(BACKWARD).state_dict(), "positions": {}}, "damaged: positions is {}"),
    ],
)
def test_the_state_of_another_stream_is_refused(state: Any, complaint: str):
    """With what differs; the stream stays where it is."""
    one = given(BACKWARD)
    with pytest.raises(ValueError, match=complaint):
        one.load_state_dict(state() if callable(state) else state)
    assert one.state_dict() == given(BACKWARD).state_dict()


@pytest.mark.parametrize(
    ("settings", "complaint"),
    [
        ({"columns": ("integrnd",)}, "did you mean 'integrand'"),
        ({"part": "dev", "split": SPLIT}, "no part 'dev'"),
        ({"part": "test", "split": read_split("0.5,0.5,0")}, "no part 'test'"),
        ({"start": 5, "stop": 4}, "start 5 and stop 4"),
        ({"start": -1}, "start -1"),
        ({"workers": 0}, "workers"),
        ({"ahead": 0}, "ahead"),
        ({"rank": 1}, "both or neither"),
        ({"rank": 2, "world_size": 2}, "rank 2"),
        ({"start": 2.5}, "start must be a whole number"),
        ({"workers": "2"}, "workers must be a whole number"),
        ({"columns": "input"}, "columns must be a tuple"),
        ({"selection": "x"}, "selection must be a Selection"),
        ({"columns": ()}, "columns: at least one"),
        ({"columns": ("index", "index")}, "columns: at least one, each once"),
        ({"columns": (3,)}, "no column '3'"),
        ({"split": 5}, "split 5: it must be the shares of train, validation, test"),
        ({"split": (0.5, 0.5)}, r"split \(0.5, 0.5\): it must be the shares of train, validation, test"),
        ({"split": (0.5, 0.2, "x")}, "split .*: it must be the shares"),
        ({"split": "0.5,0.2,0.2"}, "split .*: it must be the shares"),
        ({"limits": 3}, "limits must be a Limits"),
    ],
)
def test_what_cannot_work_is_refused(settings: dict[str, Any], complaint: str):
    """Before anything is made."""
    with pytest.raises(UsageError, match=complaint):
        stream(BACKWARD, **settings)


@pytest.mark.parametrize(
    "split",
    [(0.5, 0.25, 0.25), [0.5, 0.25, 0.25], "0.5, 1/4, 0.25", Split((Fraction(1, 2), *[Fraction(1, 4)] * 2))],
)
def test_a_split_is_given_as_it_is_said(split: Any):
    """Three numbers, the text of the command and a Split are one, and so are the states of their streams."""
    one, other = given(BACKWARD, part="train", split=split), given(BACKWARD, part="train", split=SPLIT)
    assert one.state_dict() == other.state_dict()
    assert StreamSettings(split=split) == StreamSettings(split=SPLIT)


@pytest.mark.parametrize(
    ("arguments", "options", "complaint"),
    [
        (("backward",), {}, "spec must be a Spec, not 'backward': write asyncgen.spec_for('backward')"),
        ((None,), {}, 'spec must be a Spec, not None: write asyncgen.spec_for("backward")'),
        ((BACKWARD,), {"foo": 1}, "stream() has no option 'foo'; there are: operators, settings, selection"),
        ((BACKWARD,), {"colums": ("index",)}, "no option 'colums'; did you mean 'columns'?"),
        ((BACKWARD,), {"operators": (1, 5)}, "operators must be a function of the index, not (1, 5)"),
        ((BACKWARD,), {"settings": {}}, "settings must be a StreamSettings, not {}"),
    ],
)
def test_a_wrong_call_is_a_type_error(arguments: tuple[Any, ...], options: dict[str, Any], complaint: str):
    """Which says what to write."""
    with pytest.raises(TypeError, match=re.escape(complaint)) as error:
        stream(*arguments, **options)
    assert "\n" not in str(error.value)


WRONG: tuple[Any, ...] = (
    *(None, "x", "", 5, -1, 0.5, True, [], {}, [None], ["x"], [[]], [[0]], [["x", None]], [[0, "x"]]),
    *(
        [[0, [[1, 2]]]],
        [[0, [[1, 2, "x"]]]],
        [[0, [[3, 1, 1.0]]]],
        [[-1, [[1, 2, 1.0]]]],
        [0, "x"],
        [0, [[]]],
    ),
    *([[9, [[1, 2, 1.0]]], [3, [[1, 2, 1.0]]]], {"start": "x", "next": []}, {"start": 0, "next": "x"}),
    *({"start": 0, "next": [[]]}, {"start": 0, "next": [["x"]]}, {"start": 0, "next": [[1.5]]}, {"start": 0}),
    *({"start": 5, "next": [[1]]}, [[0, [[1, 2, math.nan]]]], [[0, [[1, 2, -1.0]]]], [[True, [[1, 2, 1.0]]]]),
)
RIGHT = {("operators", "[]"), ("law", "None"), ("positions", "{'start': 0, 'next': []}")}


@pytest.mark.parametrize("name", ["format", "spec", "settings", "positions", "operators", "law"])
def test_a_damaged_state_is_refused(name: str):
    """Whatever stands where: in one line, and the stream stays where it is; so are states that are merged."""
    one, whole = given(BACKWARD, operators=by_tens), given(BACKWARD, operators=by_tens).state_dict()
    for value in WRONG:
        damaged = {**whole, name: value}
        if (name, repr(value)) not in RIGHT:
            with pytest.raises((ValueError, UsageError)) as error:
                one.load_state_dict(damaged)
            assert "\n" not in str(error.value)
            assert one.state_dict() == whole
        with suppress(ValueError, UsageError):
            merged_states([damaged, whole])


def test_a_curriculum_needs_operators():
    """Problems of some kinds have no number of them."""
    none = spec_of_liouville()
    with pytest.raises(UsageError, match="no number of operators"):
        stream(none, operators=by_tens)
    with pytest.raises(UsageError, match="no number of operators"):
        stream(none).change_operators((1, 2))


def spec_of_liouville() -> Spec:
    configuration = Configuration(preset("lample-charton"), (("liouville", 1.0),), "lample-charton")
    return specification(configuration, {}, 0)


def test_a_curriculum_that_gives_no_law_is_told():
    """Where the rows are asked for."""
    with pytest.raises(UsageError, match="operators"):
        next(iter(stream(BACKWARD, operators=lambda index: (3, 1))))


@pytest.mark.parametrize("environment", [{"RANK": "1", "WORLD_SIZE": "2"}, {"RANK": "x", "WORLD_SIZE": "2"}])
def test_a_launcher_says_the_rank(environment: dict[str, str], monkeypatch: pytest.MonkeyPatch):
    """In the variables that PyTorch's launchers set; nonsense there is refused."""
    for name, value in environment.items():
        monkeypatch.setenv(name, value)
    one = given(BACKWARD, stop=20)
    if environment["RANK"] == "x":
        with pytest.raises(UsageError, match="RANK=x"):
            next(iter(one))
    else:
        assert {row["index"] % 2 for row in one} == {1}


def test_states_under_different_changes_are_not_merged():
    """Each reader would have had other rows."""
    shares = [given(BACKWARD, rank=rank, world_size=2) for rank in range(2)]
    shares[0].change_operators((2, 2), at=100)
    with pytest.raises(ValueError, match="same `at`"):
        merged_states([share.state_dict() for share in shares])
    with pytest.raises(ValueError, match="no state to merge"):
        merged_states([])
    shares[1].change_operators((2, 2), at=100)
    assert merged_states([share.state_dict() for share in shares])["operators"] == [[100, [[2, 2, 1.0]]]]


def test_a_program_that_ends_leaves_no_process(tmp_path: Path):
    """Also while rows are made ahead that nobody will ask for."""
    program = tmp_path / "program.py"
    program.write_text(
        "import psutil\n"
        "from test_row_stream import BACKWARD\n"
        "from asyncgen.datasets import stream\n"
        "if __name__ == '__main__':\n"
        "    rows = iter(stream(BACKWARD))\n"
        "    next(rows)\n"
        "    print(*(child.pid for child in psutil.Process().children(recursive=True)))\n"
    )
    folder = Path(__file__).parent
    path = ":".join([str(folder), *(entry for entry in sys.path if entry)])
    done = subprocess.run(
        [sys.executable, str(program)],
        capture_output=True,
        text=True,
        timeout=100,
        check=True,
        env={**os.environ, "PYTHONPATH": path},
    )
    assert done.stderr == ""
    assert living(*map(int, done.stdout.split())) == []
