"""A store checked again: what is wrong is found, nothing is touched, and a check that was stopped goes on."""

import asyncio
import json
import signal
import sqlite3
import subprocess
import time
from contextlib import closing
from pathlib import Path

import pytest
from command_line import COMMAND, asyncgen
from store_cases import SPEC, outcome, query

from asyncgen.datasets.checking.check import check
from asyncgen.datasets.checking.checks import CheckedReader, Checking
from asyncgen.datasets.checking.recheck import Answer, recheck
from asyncgen.problems.infix import read_infix
from asyncgen.problems.infix_text import to_infix
from asyncgen.problems.kinds import EQUATIONS
from asyncgen.problems.records import Status
from asyncgen.store import RunInfo, Store

TRUE = [("cos(x)", "sin(x)"), ("2*x", "x**2 + 5"), ("1/x", "log(x)"), ("exp(x)", "exp(x)")]


def row(index: int, problem: str, answer: str, status: Status = Status.ELEMENTARY, **others: str | None):
    """A row with this answer; of equations problem and answer are in prefix notation."""
    tokens = [
        text if others.get("kind") in EQUATIONS else " ".join(read_infix(text)) for text in (problem, answer)
    ]
    made = outcome(index, status)._replace(
        problem_prefix=tokens[0], integrand=problem, answer_prefix=tokens[1]
    )
    written = to_infix(tokens[1]) if status.success else None
    return made._replace(integral=written, real_answer=None)._replace(**others)


async def store_of(path: Path, *rows) -> Path:
    async with Store(path, SPEC) as store:
        run = await store.begin_run(RunInfo("generate"))
        await store.add(run, rows)
    return path


def found(*rows, points: int = 50) -> list[tuple[str, str | None]]:
    """What another check says of rows, in this process."""
    answers = [
        Answer(r.index, r.kind, r.problem_prefix, r.answer_prefix, r.integral, r.real_answer, 1) for r in rows
    ]
    return [tuple(map(str, finding)) for finding in recheck(answers, seed=1, points=points)]


def test_what_is_right_is_confirmed():
    """At other points as at those of before."""
    assert {verdict for verdict, _ in found(*(row(0, *pair) for pair in TRUE))} == {"confirmed"}


@pytest.mark.parametrize(
    ("wrong", "verdict"),
    [
        (row(0, "cos(x)", "cos(x)"), "refuted"),
        (row(0, "cos(x)", "sin(x) + x/1000000000"), "refuted"),
        (row(0, "1/x", "log(x)", real_answer="log(2*abs(x)) + x"), "refuted"),
        (row(0, "2*x", "x**2", integral="x**3"), "refuted"),
        (row(0, "x/abs(x)", "x"), "part"),
        (row(0, "2*x", "x**2")._replace(answer_prefix="add x"), "unreadable"),
        (row(0, "2*x", "x**2")._replace(answer_prefix=None), "unreadable"),
        (row(0, "sqrt(-5 - x*x)", "x"), "refuted"),
    ],
)
def test_what_is_wrong_is_found(wrong, verdict: str):
    """In whichever column of the row it stands."""
    assert found(wrong)[0][0] == verdict


def test_a_part_has_its_share():
    """Half of the points are below 0, where the answer is wrong; the reason says where."""
    ((verdict, reason),) = found(row(0, "x/abs(x)", "x"), points=200)
    share, _, where = reason.partition(":")
    assert (verdict, where) == ("part", "x<0.0") or where.startswith("x<")
    assert 0.4 < float(share) < 0.6


def test_more_points_find_what_few_do_not():
    """An answer that is wrong beyond x = 100 only: the first 10 points are nearer."""
    problem = "sqrt((x - 120)**2)"
    near = row(0, problem, "120*x - x**2/2")
    assert found(near, points=1000)[0][0] == "part"


def test_equations_are_checked_with_their_constants():
    """A family that solves its equation, one that does not, one without its constant, one on a part."""
    right = row(0, "sub Y' Y", "mul a8 exp x", kind="ode1")
    wrong = row(0, "sub Y' Y", "mul a8 exp mul INT+ 2 x", kind="ode1")
    none = row(0, "sub Y' Y", "exp x", kind="ode1")
    part = row(0, "sub Y' Y", "mul a8 exp abs x", kind="ode1")
    second = row(0, "add Y'' Y", "add mul a8 sin x mul a9 cos x", kind="ode2")
    verdicts = [verdict for verdict, _ in found(right, wrong, none, part, second, points=100)]
    assert verdicts == ["confirmed", "refuted", "points", "part", "confirmed"]


async def test_a_smuggled_answer_is_found_and_the_rows_stay(tmp_path: Path):
    """One wrong answer among a hundred; status 1, its index in a short line, and not a row is touched."""
    path = await store_of(
        tmp_path / "f.db", *(row(i, *TRUE[i % 4]) for i in range(100)), row(100, "x", "1", Status.UNVERIFIED)
    )
    with closing(sqlite3.connect(path)) as connection:
        connection.execute("UPDATE results SET answer_prefix = 'cos x', integral = 'cos(x)' WHERE idx = 77")
        connection.execute("DELETE FROM attempts")
        connection.commit()
    before = query(path, "SELECT * FROM results")
    done = await asyncio.to_thread(asyncgen, "check", path, "--points", 30, "--workers", 2)
    assert done.returncode == 1
    assert "100 answers checked" in done.stdout
    assert done.stdout.splitlines()[-1] == "refuted: 77"
    assert query(path, "SELECT * FROM results") == before
    assert query(path, "SELECT idx, run, seed, points FROM checks WHERE verdict <> 'confirmed'") == [
        (77, 1, 1, 30)
    ]
    told = json.loads((await asyncio.to_thread(asyncgen, "check", path, "--points", 30, "--json")).stdout)
    assert told["failed"] == [{"index": 77, "verdict": "refuted", "reason": None}]
    assert told["checked"] == 0


async def test_quiet_names_what_is_refuted_alone(tmp_path: Path):
    """Nothing else is an error, and what holds on a part only does not hide it."""
    path = await store_of(tmp_path / "f.db", *(row(i, *TRUE[i % 4]) for i in range(30)))
    with closing(sqlite3.connect(path)) as connection:
        connection.execute(
            "UPDATE results SET problem_prefix = 'cos x', answer_prefix = 'abs sin x', "
            "integral = 'abs(sin(x))'"
        )
        connection.execute("UPDATE results SET answer_prefix = 'cos x', integral = 'cos(x)' WHERE idx = 29")
        connection.commit()
    flags = ("--points", 30, "--workers", 2, "--quiet")
    done = await asyncio.to_thread(asyncgen, "check", path, *flags)
    assert (done.returncode, done.stdout, done.stderr) == (1, "refuted: 29\n", "")


async def test_only_what_was_asked_for_is_checked(tmp_path: Path):
    """By index and by kind; other points, another seed and a retried row are checked anew."""
    rows = [*(row(i, *TRUE[0]) for i in range(10)), row(10, "cos(x)", "sin(x)", kind="backward")]
    path = await store_of(tmp_path / "f.db", *rows)

    async def checked(**how) -> int:
        return (await check(path, Checking(**{"points": 20, **how}))).checked

    assert await checked(start=2, stop=5) == 3
    assert await checked(kinds=("backward",)) == 1
    assert await checked() == 7
    assert await checked() == 0
    assert await checked(seed=2) == 11
    async with Store(path, SPEC) as store:
        await store.retry(await store.begin_run(RunInfo("retry")), [row(3, *TRUE[1])])
    assert await checked() == 1


WITHOUT_TEXTS = "ALTER TABLE checks DROP COLUMN texts"  # as the table was at first


def edit(path: Path, sql: str) -> None:
    """A change by hand."""
    with closing(sqlite3.connect(path)) as connection:
        connection.execute(sql)
        connection.commit()


@pytest.mark.parametrize(
    "change",
    [
        "answer_prefix = 'x', integral = 'x'",
        "problem_prefix = 'sin x'",
        "integral = 'x'",
        "real_answer = 'x'",
    ],
)
async def test_a_row_that_was_changed_is_checked_again(tmp_path: Path, change: str):
    """By the same command, in whichever text; lines of what it was before are gone, whatever their seed."""
    path = await store_of(tmp_path / "f.db", *(row(i, *TRUE[0]) for i in range(5)))
    how = Checking(points=20)
    assert (await check(path, how)).verdicts == {"confirmed": 5}
    await check(path, Checking(points=20, seed=2))
    edit(path, f"UPDATE results SET {change} WHERE idx = 3")
    again = await check(path, how)
    assert (again.checked, again.failed) == (1, [(3, "refuted", None)])
    assert again.verdicts == {"confirmed": 4, "refuted": 1}
    assert query(path, "SELECT seed, verdict FROM checks WHERE idx = 3") == [(1, "refuted")]
    assert (await check(path, how)).checked == 0


async def test_lines_of_earlier_versions_count_as_not_checked(tmp_path: Path):
    """Nobody knows of what texts they are; the table gets its column, and they are written anew."""
    path = await store_of(tmp_path / "f.db", row(0, *TRUE[0]), row(1, "cos(x)", "x"))
    how = Checking(points=20)
    await check(path, how)
    edit(path, WITHOUT_TEXTS)
    async with CheckedReader(path) as reader:
        assert (await reader.count_failed(), await reader.failed_between(0, 9)) == (1, {1})
    again = await check(path, how)
    assert (again.checked, again.verdicts) == (2, {"confirmed": 1, "refuted": 1})
    assert (await check(path, how)).checked == 0
    edit(path, "UPDATE checks SET texts = NULL")
    async with CheckedReader(path) as reader:
        assert await reader.failed_between(0, 9) == {1}


@pytest.mark.chaos
@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGKILL])
def test_a_check_that_was_stopped_goes_on(tmp_path: Path, number: signal.Signals):
    """What was found is kept, and the rest is looked at; nothing is looked at twice."""
    path = asyncio.run(store_of(tmp_path / "f.db", *(row(i, *TRUE[i % 4]) for i in range(300))))
    command = [*COMMAND, "check", str(path), "--points", "2000", "--workers", "2"]
    with subprocess.Popen(command, stderr=subprocess.PIPE, text=True) as child:
        while not checks(path):
            time.sleep(0.05)
        child.send_signal(number)
        said = child.stderr.read()
    assert child.returncode == (3 if number is signal.SIGINT else -number)
    assert number is signal.SIGKILL or "answers are left; to go on: " in said
    before = checks(path)
    assert 0 < before < 300
    again = asyncio.run(check(path, Checking(points=2000)))
    assert (again.state, again.total) == ("done", 300 - before)
    assert again.verdicts == {"confirmed": 300}


def checks(path: Path) -> int:
    try:
        return int(str(query(path, "SELECT count(*) FROM checks")[0][0]))
    except sqlite3.OperationalError:
        return 0


@pytest.mark.parametrize(
    "arguments",
    [
        ["none.db"],
        ["--points", "0", "f.db"],
        ["--points", "10000000000", "f.db"],
        ["--seed", "-1", "f.db"],
        ["--kind", "forwards", "f.db"],
        ["--start", "-1", "f.db"],
        ["--workers", "0", "f.db"],
    ],
)
def test_a_wrong_check_is_refused(tmp_path: Path, arguments: list[str]):
    """One line, status 2, and no file."""
    done = asyncgen("check", *arguments, cwd=tmp_path)
    assert (done.returncode, done.stdout, len(done.stderr.splitlines())) == (2, "", 1)
    assert list(tmp_path.iterdir()) == []
