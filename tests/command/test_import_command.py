"""`asyncgen import` as a person uses it: what is printed, exit statuses, what is refused."""

import io
import json
import os
import subprocess
import sys
from pathlib import Path

import pytest
from command_line import COMMAND, asyncgen
from conftest import Refuse
from store_cases import query

from asyncgen.command.display import Output, display
from asyncgen.command.printing import Progress, teller

MIXED = (
    "sub Y' cos x\tsin x\n"
    "sub Y' cos x\tcos x\n"
    "\n"
    "2|sub Y' mul INT+ 2 cos x\tmul INT+ 2 sin x\n"
    "sub Y' sinn x\tx\n"
    "sub Y' INT+ 5\tmul INT+ 5 x\n"
    f"sub Y' cos x\t{'add x ' * 256}x\n"
    "sub Y' inv x\t\n"
    "sub Y' div x abs x\tx"
)
FAILURES = [
    "2: wrong answer",
    "4: duplicate: the problem of line 1",
    "5: unreadable: column 8: unknown token 'sinn'",
    "6: degenerate: constant",
    "7: over length: 513 tokens",
    "9: right on a part only: branch:x<0",
]


def test_what_failed_is_printed(tmp_path: Path):
    """Each with file and line, what and why; then the counts, and status 1 for a wrong answer."""
    file, store = tmp_path / "a.prefix", tmp_path / "a.db"
    file.write_text(MIXED)
    done = asyncgen("import", file, "--to", store, "--workers", 2)
    assert (done.returncode, done.stderr) == (1, "")
    printed = done.stdout.splitlines()
    assert printed[:6] == [f"{file}:{failure}" for failure in FAILURES]
    counts = [tuple(line.rsplit(maxsplit=2)[:2]) for line in printed[7:-1]]
    assert counts == [
        *(("confirmed", "1"), ("duplicate", "1"), ("wrong answer", "1"), ("right on a part only", "1")),
        *(("over length", "1"), ("unreadable", "1"), ("degenerate", "1"), ("no answer", "1"), ("all", "8")),
    ]
    assert printed[-1].startswith(f"done: 8 records of {file} checked and stored in ")
    again = asyncgen("import", file, "--to", store)
    assert again.returncode == 1
    assert again.stdout.splitlines()[-1] == f"nothing to do: {store} has all 8 records of {file}"
    assert query(store, "SELECT count(*) FROM runs") == [(1,)]


def test_json_has_everything(tmp_path: Path):
    """One document with every failure, and the counts by the same words."""
    (tmp_path / "a.prefix").write_text(MIXED * 5)
    done = asyncgen("import", tmp_path / "a.prefix", "--to", tmp_path / "a.db", "--json", "--workers", 2)
    told = json.loads(done.stdout)
    assert (told["state"], told["records"], told["stored"]) == ("done", 40 - 4, 40 - 4)
    assert sum(told["sorts"].values()) == 36
    assert told["failed"][0] == {"index": 2, "what": "wrong answer", "reason": "refuted"}
    failed = 36 - told["sorts"]["confirmed"] - told["sorts"]["no answer"]
    assert len(told["failed"]) == failed > 20
    short = asyncgen("import", tmp_path / "a.prefix", "--to", tmp_path / "a.db").stdout.splitlines()
    assert short[20] == f"and {failed - 20} more, which --all names"
    whole = asyncgen("import", tmp_path / "a.prefix", "--to", tmp_path / "a.db", "--all").stdout.splitlines()
    assert [line.split(":")[1] for line in whole[:failed]] == [str(one["index"]) for one in told["failed"]]


def test_a_file_without_faults_ends_well(tmp_path: Path):
    """Status 0, also with duplicates and records without an answer; --quiet prints no table, but JSON."""
    file, store = tmp_path / "a.csv", tmp_path / "a.db"
    file.write_text("integrand,integral\ncos(x),sin(x)\nx,\n2*cos(x),2*sin(x)\n")
    done = asyncgen("import", file, "--to", store, "--quiet", "--workers", 1)
    assert (done.returncode, done.stdout, done.stderr) == (0, "", "")
    told = json.loads(asyncgen("import", file, "--to", store, "--quiet", "--json").stdout)
    assert told["failed"] == [{"index": 4, "what": "duplicate", "reason": "duplicate:2"}]
    nothing = tmp_path / "b.csv"
    nothing.write_text("integrand,integral\nx,\n")
    told = json.loads(asyncgen("import", nothing, "--to", tmp_path / "b.db", "--json").stdout)
    assert (told["failed"], told["records"]) == ([], 1)


def test_quiet_prints_nothing_but_errors(tmp_path: Path):
    """The first wrong and unreadable records, also behind many duplicates; all that failed with --all."""
    file, store = tmp_path / "a.prefix", tmp_path / "a.db"
    file.write_text("sub Y' cos x\tsin x\n" * 30 + "sub Y' cos x\tcos x\n" * 22)
    done = asyncgen("import", file, "--to", store, "--quiet", "--workers", 2)
    wrong = [f"{file}:{number}: wrong answer" for number in range(31, 51)]
    assert (done.returncode, done.stderr) == (1, "")
    assert done.stdout.splitlines() == [*wrong, "and 2 more, which --all names"]
    every = asyncgen("import", file, "--to", store, "--quiet", "--all").stdout.splitlines()
    assert (len(every), every[0]) == (51, f"{file}:2: duplicate: the problem of line 1")


def test_a_pipe_is_read_like_a_file(tmp_path: Path):
    """Whatever its format; the content decides whether a store is gone on with."""
    content = '{"input": "cos x", "output": "sin x"}\n'
    (tmp_path / "a.jsonl").write_text(content)
    command = [*COMMAND, "import", "-", "--to", str(tmp_path / "a.db"), "--workers", "1"]
    done = subprocess.run(command, input=content, capture_output=True, text=True, check=False)
    assert (done.returncode, done.stderr) == (0, "")
    assert query(tmp_path / "a.db", "SELECT idx, status FROM results") == [(1, "elementary")]
    assert "nothing to do" in asyncgen("import", tmp_path / "a.jsonl", "--to", tmp_path / "a.db").stdout


@pytest.mark.parametrize(
    ("name", "content", "flags", "says"),
    [
        ("missing", None, (), "No such file or directory"),
        ("a.prefix", "x\n", (), "has no line with a tab"),
        ("a.csv", "a,b\nx,x\n", (), "there are: a, b"),
        ("a.csv", "integrand,integral\nx,x\n", ("--columns", "integrand"), "write problem=NAME,answer=NAME"),
        ("a.csv", "x", ("--columns", "problm=x"), "--columns: there is no 'problm'; did you mean 'problem'?"),
        ("a.csv", "x", ("--columns", "problem=x"), "name the columns of both problem and answer"),
        ("a.csv", "x", ("--columns", "kind=x,kind=y"), "kind is named twice"),
        ("a.prefix", "x\tx", ("--kind", "ode1"), "no kind of integrals 'ode1'; there are: forward"),
        ("a.prefix", "x\tx", ("--kind", "bakward"), "did you mean 'backward'?"),
        ("a.prefix", "x\tx", ("--max-tokens", "0"), "--max-tokens 0: it must be 1 or more"),
        ("a.prefix", "x\tx", ("--format", "excel"), "--format"),
        ("a.prefix", "x\tx", ("--tabel", "t"), "Unknown option: --tabel. Did you mean --table?"),
    ],
)
def test_what_cannot_be_imported_is_refused(tmp_path: Path, refuse: Refuse, name, content, flags, says):
    """Status 2, one line, and no store."""
    if content is not None:
        (tmp_path / name).write_text(content)
    done = refuse("import", name, "--to", "a.db", *flags)
    assert (done.returncode, done.stdout, len(done.stderr.splitlines())) == (2, "", 1)
    assert says in done.stderr
    assert not (tmp_path / "a.db").exists()


def test_a_store_is_no_file_to_import(tmp_path: Path, refuse: Refuse):
    """There are other commands for stores."""
    (tmp_path / "a.prefix").write_text("cos x\tsin x\n")
    assert asyncgen("import", tmp_path / "a.prefix", "--to", tmp_path / "a.db").returncode == 0
    done = refuse("import", "a.db", "--to", "b.db")
    assert done.returncode == 2
    assert "is a store of asyncgen: asyncgen merge puts stores together" in done.stderr
    done = refuse("import", "a.prefix", "--to", "a.prefix")
    assert (done.returncode, "nor any SQLite file" in done.stderr) == (2, True)


def test_what_a_terminal_would_obey_is_written_out(tmp_path: Path):
    """Names of columns and texts of a file come from anywhere."""
    (tmp_path / "a.csv").write_text("\x1b[2Jp,answer\n\x1b[2J,x\n")
    columns = "problem=\x1b[2Jp,answer=answer"
    done = asyncgen("import", tmp_path / "a.csv", "--to", tmp_path / "a.db", "--columns", columns)
    assert done.returncode == 1
    assert "\x1b" not in done.stdout
    assert "unreadable: \\x1b[2Jp, column 1: " in done.stdout


@pytest.mark.parametrize("command", ["import", "export", "merge", "check", "stats"])
def test_progress_can_be_left_out(command: str, refuse: Refuse):
    """Every command over files has the flag, beside which its other faults are told."""
    more = {"import": ("--to", "a.db"), "export": ("--to", "out", "--format", "prefix"), "merge": ("b.db",)}
    done = refuse(command, "none.db", *more.get(command, ()), "--no-progress")
    assert (done.returncode, "--no-progress" in done.stderr) == (2, False)


@pytest.mark.parametrize("silent", [False, True])
def test_no_progress_is_no_progress(silent: bool):
    """Neither what a command says every few seconds, nor what a job tells by itself."""
    file = io.StringIO()
    shown = display(Output(file=file), quiet=False, show=False)
    progress = Progress(shown, silent, seconds=0)
    progress.say(lambda: "1 of 2")
    teller(shown, silent)("2 of 2")
    assert file.getvalue() == ("" if silent else "1 of 2\n2 of 2\n")


def test_nobody_needs_to_read_on(tmp_path: Path):
    """A reader that has gone is no failure of ours."""
    (tmp_path / "a.prefix").write_text("cos x\tsin x\n")
    reading, writing = os.pipe()
    os.close(reading)
    command = [*COMMAND, "import", str(tmp_path / "a.prefix"), "--to", str(tmp_path / "a.db")]
    done = subprocess.run(command, stdout=writing, stderr=subprocess.PIPE, text=True, check=False)
    os.close(writing)
    assert (done.returncode, done.stderr) == (0, "")


@pytest.mark.engine
def test_the_import_needs_no_mathematics_in_its_own_process(tmp_path: Path):
    """SymPy and flint are the workers' alone, also where a worker died."""
    (tmp_path / "a.prefix").write_text(MIXED)
    code = (
        "import sys; from asyncgen.command.main import run; "
        f"status = run(['import', {str(tmp_path / 'a.prefix')!r}, '--to', {str(tmp_path / 'a.db')!r}]); "
        "print(status, [name for name in ('sympy', 'flint') if name in sys.modules])"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.splitlines()[-1] == "1 []"
