"""Commands on a store that another program has locked: they wait, say so, and give up with one line."""

import signal
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from subprocess import DEVNULL, PIPE, Popen
from typing import Any

import pytest
from command_line import COMMAND, EASY, IMPATIENT, arrive, asyncgen, check_resumes, rows, running
from other_programs import HALF_READ, held, let_go
from processes import stored

pytestmark = pytest.mark.engine

WAITS = "is locked by another program, by a transaction or a query that has not ended: waiting for it"
GOES_ON = "is free again: going on"


def also(statement: str) -> Any:
    """A further statement, of the long form of a test."""
    return pytest.param(statement, marks=pytest.mark.long)


@pytest.fixture
def store(tmp_path: Path) -> Path:
    return tmp_path / "functions.db"


@pytest.fixture
def mine(tmp_path: Path) -> Path:
    path = tmp_path / "mine.txt"
    path.write_text("x\nexp(x)\ncos(x)\n")
    return path


@contextmanager
def patient(*arguments: object) -> Iterator["Popen[str]"]:
    """A command that is under way; killed at the end, if it has not ended before."""
    command = [*COMMAND, *map(str, arguments)]
    with Popen(command, stdin=DEVNULL, stdout=PIPE, stderr=PIPE, text=True) as process:
        try:
            yield process
        finally:
            process.kill()


def heard(process: "Popen[str]", words: str) -> None:
    """Wait for a line of stderr, past lines of progress."""
    assert process.stderr
    assert any(words in line for line in process.stderr)


def check_waits_and_goes_on(store: Path, statement: str, *arguments: object) -> None:
    """It says that it waits, goes on when the other program is gone, and ends well."""
    with held(store, statement) as other, patient(*arguments) as process:
        heard(process, WAITS)
        let_go(other)
        heard(process, GOES_ON)
        process.communicate(timeout=100)
        assert process.returncode == 0


class TestStarts:
    """What is begun while another program is at the file."""

    @pytest.mark.parametrize("statement", ["BEGIN IMMEDIATE", also(HALF_READ), also("BEGIN EXCLUSIVE")])
    def test_a_run_waits(self, store: Path, statement: str):
        """For a reader of a finished store, and for a writer."""
        assert asyncgen("--n", 3, "--store", store, *EASY).returncode == 0
        check_waits_and_goes_on(store, statement, "--n", 6, "--store", store, *EASY)
        assert rows(store) == [(index,) for index in range(6)]

    @pytest.mark.parametrize("statement", ["BEGIN EXCLUSIVE", also(HALF_READ)])
    def test_a_retry_waits(self, store: Path, statement: str):
        """Also for what keeps it from reading."""
        assert asyncgen("--n", 3, "--store", store, *EASY).returncode == 0
        everything = "elementary,special,nonelementary,degenerate"
        check_waits_and_goes_on(store, statement, "retry", store, "--status", everything, "--workers", 1)
        assert len(rows(store, "SELECT idx FROM attempts")) == 3

    def test_label_waits(self, store: Path, mine: Path):
        """With its file at hand."""
        assert asyncgen("label", mine, "--store", store, "--workers", 1).returncode == 0
        rows(store, "DELETE FROM results WHERE idx = 1")
        check_waits_and_goes_on(store, HALF_READ, "label", mine, "--store", store, "--workers", 1)
        assert len(rows(store)) == 3

    def test_a_resume_needs_not_wait_for_readers(self, store: Path):
        """A run that was stopped has left the store so that it can go on next to them."""
        with running(store) as process:
            process.send_signal(signal.SIGINT)
            process.communicate(timeout=100)
        before = len(rows(store))
        with held(store, HALF_READ):
            again = asyncgen("--n", before + 3, "--store", store, *EASY)
        assert (again.returncode, again.stderr) == (0, "")

    def test_a_second_run_is_refused_while_the_first_waits(self, store: Path):
        """With the first one's number, at once."""
        assert asyncgen("--n", 3, "--store", store, *EASY).returncode == 0
        arguments = ("--n", 6, "--store", store, *EASY)
        with held(store, HALF_READ), patient(*arguments) as process:
            heard(process, WAITS)
            second = asyncgen(*arguments)
        assert second.returncode == 2
        assert f"is being written by process {process.pid}" in second.stderr

    def test_an_interrupt_ends_the_waiting(self, store: Path):
        """Status 3: there is nothing to be finished, and the same command goes on."""
        assert asyncgen("--n", 3, "--store", store, *EASY).returncode == 0
        with held(store, "BEGIN EXCLUSIVE"), patient("--n", 6, "--store", store, *EASY) as process:
            heard(process, WAITS)
            process.send_signal(signal.SIGINT)
            _, err = process.communicate(timeout=100)
        assert process.returncode == 3
        assert err.splitlines()[-1].endswith("is locked by another program: close that program and try again")


class TestGivingUp:
    """What happens when the other program does not end."""

    def test_at_the_start(self, store: Path):
        """Status 3, nothing changed, and the same command works afterwards."""
        assert asyncgen("--n", 3, "--store", store, *EASY).returncode == 0
        with held(store, "BEGIN EXCLUSIVE"):
            before = store.read_bytes()
            done = asyncgen("--n", 5, "--store", store, *EASY, command=IMPATIENT)
            assert done.returncode == 3
            assert [line.startswith("asyncgen: ") for line in done.stderr.splitlines()] == [False, True]
            assert "is locked by another program: close that program and try again" in done.stderr
            assert store.read_bytes() == before
        check_resumes(store, 3)

    def test_in_mid_run(self, store: Path):
        """Status 3, with what was not stored and what to do; the rows before are there, in a sound file."""
        with running(store, base=IMPATIENT) as process, held(store, "BEGIN IMMEDIATE"):
            _, err = process.communicate(timeout=100)
        assert process.returncode == 3
        waits, gives_up = (line for line in err.splitlines() if " rows | " not in line)
        assert WAITS in waits
        assert "locked by another program; a batch of " in gives_up
        assert rows(store, "PRAGMA integrity_check") == [("ok",)]
        check_resumes(store, len(rows(store)))


class TestMidRun:
    """A run that is under way."""

    def test_it_waits_and_loses_nothing(self, store: Path):
        """The rows of the meantime are stored afterwards, and others can read meanwhile."""
        with running(store) as process:
            with held(store, "BEGIN IMMEDIATE") as other:
                heard(process, WAITS)
                before = stored(store)
                assert asyncgen("status", store).returncode == 0
                let_go(other)
            heard(process, GOES_ON)
            arrive(process, lambda: stored(store) > before)
            process.send_signal(signal.SIGINT)
            process.communicate(timeout=100)
        assert process.returncode == 3
        assert rows(store, "SELECT how_ended FROM runs") == [("stopped",)]
        check_resumes(store, len(rows(store)))

    def test_a_reader_does_not_disturb_it(self, store: Path):
        """Rows come in next to a query that is half read."""
        with running(store) as process:
            with held(store, HALF_READ):
                before = stored(store)
                arrive(process, lambda: stored(store) > before + 20)
            process.send_signal(signal.SIGINT)
            _, err = process.communicate(timeout=100)
        assert process.returncode == 3
        assert WAITS not in err
