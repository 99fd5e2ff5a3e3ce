"""Statistics of pairs, counted again by hand."""

import asyncio
import json
import signal
import statistics as by_hand
import subprocess
import time
from pathlib import Path

import pytest
from command_line import COMMAND, asyncgen
from exported import many, solved, store
from merge_cases import made
from processes import needed_packages
from store_cases import outcome

from asyncgen.datasets.exporting.export import Run, export
from asyncgen.datasets.exporting.request import Format, Request
from asyncgen.datasets.importing.given_file import GivenFile
from asyncgen.datasets.importing.pairs import pair_of
from asyncgen.datasets.importing.records import Layout, Record
from asyncgen.datasets.importing.sources import Asked, source_of
from asyncgen.datasets.measuring.digests import Digests
from asyncgen.datasets.measuring.measuring import measure
from asyncgen.datasets.measuring.pairs import Pair, Pairs
from asyncgen.datasets.measuring.statistics import PERCENTILES, Numbers
from asyncgen.datasets.measuring.stats import SUCCEEDED, StatsSettings, statistics
from asyncgen.datasets.splits import read_split
from asyncgen.problems.errors import UsageError
from asyncgen.problems.published import in_published_notation
from asyncgen.problems.records import Outcome, Status

LINES = [
    "sub Y' cos x\tsin x",
    "12|sub Y' mul INT+ 2 cos x\tmul INT+ 2 sin x",
    "sub Y' cos x\tadd sin x INT+ 1 2",
    "sub Y' Y\tmul a8 exp x",
    "sub Y' add INT+ 1 x\tadd x mul div INT+ 1 INT+ 2 pow2 x",
    "sub Y' add x INT+ 1\tadd x mul div INT+ 1 INT+ 2 pow2 x",
]


@pytest.fixture
def lines(tmp_path: Path) -> Path:
    path = tmp_path / "pairs.prefix"
    path.write_text("".join(f"{line}\n" for line in LINES))
    return path


async def one(path: Path, overlap: Path | None = None, **settings):
    found = await statistics([path], overlap, StatsSettings(workers=2, **settings))
    assert found is not None
    return found[0]


@pytest.mark.parametrize(
    "values", [[5], [1, 2, 3, 4], [7] * 99 + [1000], list(range(1, 101)), [3, 1, 2, 3] * 50]
)
def test_numbers_are_those_of_the_textbook(values: list[int]):
    """Mean, deviation and nearest-rank percentiles, as Python's own module and a sorted list have them."""
    numbers = Numbers()
    for value in values:
        numbers.add(value)
    assert numbers.mean == pytest.approx(by_hand.fmean(values))
    assert numbers.deviation == pytest.approx(by_hand.pstdev(values))
    for percent in PERCENTILES:
        rank = -(-percent * len(values) // 100)  # rounded up
        assert numbers.percentile(percent) == sorted(values)[max(rank, 1) - 1]
    assert (numbers.largest, numbers.above(3)) == (max(values), sum(value > 3 for value in values))


async def test_published_lines_are_counted(lines: Path):
    """Counts before a bar and `sub Y'` before an integrand are no tokens; an equation has all of its own."""
    found = await one(lines)
    lengths = [2, 5, 2, 3, 4, 4]
    answers = [len(line.partition("\t")[2].split()) for line in LINES]
    assert (found.pairs, found.bad) == (6, 0)
    assert found.problem.as_dict()["mean"] == pytest.approx(sum(lengths) / 6, abs=1e-3)
    assert found.answer.total == sum(answers)
    assert found.ratio == pytest.approx(sum(lengths) / sum(answers))
    assert found.operators.total == 1 + 2 + 1 + 1 + 1 + 1
    assert found.names == {"cos": 3, "mul": 1, "sub": 1, "add": 2}


async def test_what_is_the_same_is_counted_once(lines: Path):
    """By text, by form (a factor and the order of a sum do not matter), by skeleton (numbers do not)."""
    found = await one(lines)
    assert found.distinct == {"text": 5, "form": 3, "values": 3, "skeleton": 5}


async def test_lengths_as_published_have_no_subtraction(tmp_path: Path):
    """There x - y is add x mul INT- 1 y: two tokens more for each subtraction."""
    path = tmp_path / "pairs.prefix"
    path.write_text("sub Y' sub exp x cos x\tsub exp x sin x\n")
    found = await one(path)
    assert (found.problem.total, found.published_problem.total) == (5, 8)
    assert (found.answer.total, found.published_answer.total) == (5, 8)


async def test_a_store_has_rows_and_pairs(tmp_path: Path):
    """All rows are counted by kind and status; pairs are those of the statuses that are asked for."""
    path = await made(tmp_path / "f.db", [outcome(i, status) for i, status in enumerate(Status)])
    found = await one(path)
    assert found.rows == {("forward", str(status)): 1 for status in sorted(Status)}
    assert found.pairs == 2
    assert (await one(path, statuses=(Status.UNVERIFIED,))).pairs == 1


async def test_json_lines_are_as_rows(tmp_path: Path):
    """Keys as the columns of a store; a status that is not asked for is no pair."""
    path = tmp_path / "rows.jsonl"
    rows = [
        {"problem_prefix": "cos x", "answer_prefix": "sin x", "kind": "forward", "status": "elementary"},
        {"problem_prefix": "exp pow2 x", "answer_prefix": None, "kind": "forward", "status": "nonelementary"},
        {"problem_prefix": "sin x", "answer_prefix": "cos x"},
    ]
    path.write_text("".join(json.dumps(row) + "\n" for row in rows))
    found = await one(path)
    assert found.pairs == 2
    assert found.rows == {("", ""): 1, ("forward", "elementary"): 1, ("forward", "nonelementary"): 1}


async def test_overlap_is_by_form_and_by_values(tmp_path: Path, lines: Path):
    """Pairs of either side whose problem the other side has, however it is written."""
    other = tmp_path / "other.prefix"
    other.write_text("sub Y' mul cos x INT+ 7\tmul INT+ 7 sin x\nsub Y' tan x\tln x\n")
    found = await one(lines, other)
    assert found.overlap is not None
    assert (found.overlap.pairs, found.overlap.form, found.overlap.values) == (2, (3, 1, 1), (3, 1, 1))


async def test_lines_that_are_no_pairs_are_told(tmp_path: Path):
    """Each by its number, and the others count."""
    path = tmp_path / "bad.prefix"
    path.write_bytes(b"sub Y' cos x\tsin x\nno tab\nsub Y' cos\tsin x\n\n\xff\tx\nsub Y' x\tpow2 x y\n")
    told: list[str] = []
    found = await one(path, complain=told.append)
    assert (found.pairs, found.bad) == (1, 4)
    assert [line.split(":")[1] for line in told] == ["2", "3", "5", "6"]


LIKE_IMPORTS = [
    *(f"{before}sub Y' cos x\tsin x" for before in ("", "2|", " 2|", "2 |", " 2 | ", "0|")),
    *(f"{before}sub Y' cos x\tsin x" for before in ("-3|", "+4|", "1.5|", "|", "abc|", "\uff11|", "1|2|")),
    "# a comment",
    "  ",
    "sub Y' inv x\t",
    "1|sub Y' inv x\t ",
    "cos(x)\tsin(x)",
    "2|\tx",
    "\tx",
    "cos x\tsin x\tx",
    "cos x",
    "sub Y' cos x\tadd a8 sin x",
    "sub Y' Y\tmul a9 exp x",
    "sub Y' sinn x\tx",
    "cos x\t|x|",
]


async def test_published_lines_are_read_as_an_import_reads_them(tmp_path: Path):
    """What is a pair for one is one for the other; what is wrong is told in the same words, in order."""
    path = tmp_path / "a.prefix"
    path.write_text("\ufeff" + "\n".join(LIKE_IMPORTS * 20) + "\n")
    with path.open("rb") as file:
        source = source_of(GivenFile(file, str(path)), Asked())
        expected = [pair_of(record, source.layout) for record in source.records(0)]
    told: list[str] = []
    found = await one(path, complain=told.append)
    assert told == [f"{path}:{pair.index}: {pair.fault}" for pair in expected if pair.fault]
    assert found.bad == len(told) == 14 * 20
    assert found.pairs == sum(pair.answer is not None and pair.fault is None for pair in expected) == 8 * 20


async def test_a_line_of_a_megabyte_is_one_line(tmp_path: Path):
    """Those behind it keep their numbers."""
    path = tmp_path / "a.prefix"
    path.write_bytes(b"x" * (3 << 20) + b"\nsub Y' cos\tx\n")
    told: list[str] = []
    await one(path, complain=told.append)
    assert [line.removeprefix(f"{path}:").split(" ")[0] for line in told] == ["1:", "2:"]


@pytest.mark.parametrize(
    ("columns", "counted"),
    [
        (("input", "output", "problem_prefix"), ("", "")),
        (("kind", "problem_prefix", "answer_prefix"), ("forward", "")),
        (("status", "answer_prefix", "input", "output"), ("", "elementary")),
    ],
)
@pytest.mark.parametrize("format", ["jsonl", "parquet"])
async def test_whichever_columns_are_whole_are_taken(
    tmp_path: Path, columns: tuple[str, ...], counted: tuple[str, str], format: Format
):
    """The other pair may be there in part; kind and status are counted where there are columns for them."""
    if format == "parquet":
        needed_packages("pyarrow")
    path = await store(tmp_path / "a.db", many(0, 20))
    request = Request(format=format, split=read_split("1,0,0"), columns=columns)
    await export([path], tmp_path / "out", request, Run(workers=2))
    found = await one(tmp_path / "out", path)
    assert found.pairs == found.overlap.form.rows == 20
    assert found.rows == {counted: 20}


def test_counts_have_no_empty_words(tmp_path: Path):
    """Of a file without statuses the kind alone is printed."""
    path = tmp_path / "a.jsonl"
    path.write_text('{"kind": "forward", "input": "cos x", "output": "sin x"}\n')
    assert asyncgen("stats", path).stdout.splitlines()[1] == "  forward: 1"
    (told,) = json.loads(asyncgen("stats", path, "--json").stdout)
    assert told["rows"] == [{"kind": "forward", "status": None, "rows": 1}]


def test_what_two_sets_share_is_said_of_an_empty_one(tmp_path: Path, lines: Path):
    """Nothing, in as many lines."""
    path = tmp_path / "a.jsonl"
    path.write_text('{"status": "timeout", "input": null, "output": null}\n')
    done = asyncgen("stats", path, "--overlap", lines)
    assert done.returncode == 0
    assert done.stdout.count("0 pairs (0.00%) here, 0 (0.00%) there") == 2


async def test_an_export_without_pairs_is_refused(tmp_path: Path):
    """In one line that says which columns are needed, and which there are."""
    path = await store(tmp_path / "a.db", many(0, 5))
    request = Request(format="jsonl", columns=("input", "problem_prefix"))
    await export([path], tmp_path / "out", request, Run(workers=2))
    says = (
        "neither problem_prefix and answer_prefix nor input and output; there are: 'input', 'problem_prefix'"
    )
    with pytest.raises(UsageError, match=says):
        await one(tmp_path / "out")


async def test_each_object_has_columns_of_its_own(tmp_path: Path):
    """One with neither pair is told, and the others count."""
    path = tmp_path / "a.jsonl"
    rows = [{"id": 1}, {"input": "cos x", "output": "sin x"}, {"problem_prefix": "x", "answer_prefix": "x"}]
    path.write_text("".join(json.dumps(row) + "\n" for row in [*rows, {"input": 5, "output": "x"}]))
    told: list[str] = []
    assert (await one(path, complain=told.append)).pairs == 2
    assert told == [
        f"{path}:1: the row has neither problem_prefix and answer_prefix nor input and output",
        f"{path}:4: input: text is expected, not 5",
    ]


def found_by_hand(rows: list[Outcome]) -> list[tuple[str, ...]]:
    """The problems as they are published."""
    return [in_published_notation(row.problem_prefix.split()) for row in rows]


@pytest.mark.parametrize("format", ["prefix", "jsonl", "parquet"])
async def test_an_export_is_one_set(tmp_path: Path, format: Format):
    """Of all its parts, with the lengths of the rows of its store, each problem once."""
    if format == "parquet":
        needed_packages("pyarrow")
    rows = [*many(0, 60), solved(60, "x + exp(x/2)", "x")]  # the last one twice
    path = await store(tmp_path / "a.db", rows)
    request = Request(format=format, split=read_split("0.5,0.3,0.2"))
    await export([path], tmp_path / "out", request, Run(workers=2))
    found, original = await one(tmp_path / "out"), await one(path)
    assert (found.pairs, found.distinct["form"]) == (60, 60)
    assert (original.pairs, original.distinct["form"]) == (61, 60)
    lines = [len(tokens) for tokens in found_by_hand(rows[:60])]
    assert (found.published_problem.total, found.published_problem.largest) == (sum(lines), max(lines))


async def test_parquet_of_others_has_pairs(tmp_path: Path):
    """With the columns of the published lines, or of ours; rows without an answer are none."""
    needed_packages("pyarrow")
    import pyarrow
    import pyarrow.parquet

    path = tmp_path / "pairs.parquet"
    table = {"input": ["sub Y' cos x", "sub Y' Y", "sub Y' x"], "output": ["sin x", "mul a8 exp x", None]}
    pyarrow.parquet.write_table(pyarrow.table(table), path)
    assert (await one(path)).pairs == 2
    pyarrow.parquet.write_table(pyarrow.table({"f": ["x"]}), path)
    with pytest.raises(UsageError, match="neither problem_prefix"):
        await one(path)
    path.write_bytes(path.read_bytes()[:-9])
    with pytest.raises(UsageError, match="no Parquet file, or damaged"):
        await one(path)


def test_marks_that_cannot_be_had_are_those_of_the_text():
    """A problem with a special function is compared by its text, and all its lengths count."""
    (found,) = measure([Pair("", Record(1, b"sub Y' erf x\tx"), Layout("prefix"))])
    assert not isinstance(found, str)
    assert found.problem == 2


def test_digests_are_counted_on_disk(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    """Many digests, some of them twice, and what two parts share, as sets have it; nothing is left behind."""
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path))

    def row(number: int) -> tuple[bytes, bytes, bytes, bytes]:
        return tuple((number % size).to_bytes(16, "big") for size in (10**6, 5000, 3000, 7))

    with Digests() as digests:
        digests.add(0, map(row, range(20_000)))
        digests.add(1, map(row, range(18_000, 30_000)))
        assert len(list(tmp_path.iterdir())) == 1
        assert [digests.distinct(0, name) for name in ("text", "form", "values", "skeleton")] == [
            *(20_000, 5000, 3000, 7)
        ]
        assert digests.shared(0, 1, "text") == (2000, 2000, 2000)
        assert digests.shared(1, 0, "text") == (2000, 2000, 2000)
        assert digests.shared(0, 2, "text") == (0, 0, 0)
    assert list(tmp_path.iterdir()) == []


def test_other_files_are_refused(tmp_path: Path):
    """By their names, before anything is started."""
    path = tmp_path / "pairs.csv"
    path.write_text("a,b\n")
    with pytest.raises(UsageError, match=r"does not end in \.jsonl, \.parquet or \.prefix"):
        Pairs(path, SUCCEEDED, print)
    with pytest.raises(UsageError, match="a folder without an export"):
        Pairs(tmp_path, SUCCEEDED, print)


def test_the_command_prints_a_table_or_json(lines: Path):
    """Both say the same; a line that is no pair makes the status 1."""
    shown, told = asyncgen("stats", lines), asyncgen("stats", lines, "--json", "--overlap", lines)
    assert (shown.returncode, told.returncode) == (0, 0)
    assert "unique: by text 83.33%, by form 50.00%" in shown.stdout
    (values,) = json.loads(told.stdout)
    assert values["unique"]["form"] == 0.5
    assert values["overlap"]["form"] == {"pairs": 6, "pairs_of_other": 6, "different": 3}
    lines.write_text("nothing\n")
    bad = asyncgen("stats", lines, "--json")
    assert (bad.returncode, json.loads(bad.stdout)[0]["problem"]) == (1, {"count": 0})
    assert bad.stderr.startswith(f"{lines}:1: ")


@pytest.mark.parametrize("arguments", [[], ["none.db"], ["--status", "good", "f.db"], ["--overlap", "x.db"]])
def test_wrong_statistics_are_refused(tmp_path: Path, arguments: list[str]):
    """One line, status 2."""
    done = asyncgen("stats", *arguments, cwd=tmp_path)
    assert (done.returncode, done.stdout, len(done.stderr.splitlines())) == (2, "", 1)


@pytest.mark.chaos
def test_statistics_can_be_stopped(tmp_path: Path):
    """SIGINT ends them with status 3 and one more line, which says that nothing is kept."""
    path = tmp_path / "many.prefix"
    path.write_text("".join(f"sub Y' {'mul x ' * 60}exp x\tx\n" for _ in range(50_000)))
    with subprocess.Popen([*COMMAND, "stats", str(path)], stderr=subprocess.PIPE, text=True) as child:
        assert child.stderr.readline().startswith(f"{path}: ")  # how far it is
        child.send_signal(signal.SIGINT)
        began = time.monotonic()
        said = child.stderr.read()
    assert child.returncode == 3
    assert "stopped: nothing is kept; to begin again: " in said
    assert time.monotonic() < began + 60


def test_the_event_loop_is_left_in_peace(lines: Path):
    """The statistics run on a loop of the caller's, and leave no task behind."""

    async def run() -> set[asyncio.Task[object]]:
        await one(lines)
        return asyncio.all_tasks() - {asyncio.current_task()}

    assert asyncio.run(run()) == set()
