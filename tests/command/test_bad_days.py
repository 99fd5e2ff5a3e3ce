"""The command when something around it gives way: one clear line, the right status, no stored row lost."""

import errno
import fcntl
import json
import os
import pty
import signal
import struct
import subprocess
import sys
import termios
from pathlib import Path

import psutil
import pytest
from command_line import COMMAND, EASY, Running, arrive, asyncgen, check_resumes, rows, running
from processes import needed, stored
from store_cases import fill, mounted, names

pytestmark = pytest.mark.engine


@pytest.fixture
def store(tmp_path: Path) -> Path:
    return tmp_path / "functions.db"


def limited(limit: str) -> tuple[str, ...]:
    """The beginning of a command that runs under a limit of the shell's `ulimit`."""
    return "bash", "-c", f'ulimit {limit}; exec "$@"', "bash"


def check_failed(process: Running, store: Path, says: str) -> int:
    """It ends with status 1 and one plain line; how many rows there are, in a sound file."""
    _, err = process.communicate(timeout=100)
    assert process.returncode == 1
    (line,) = (line for line in err.splitlines() if " rows | " not in line)
    assert line.startswith("asyncgen: ")
    assert says in line
    assert rows(store, "PRAGMA integrity_check") == [("ok",)]
    return len(rows(store))


class TestDisks:
    """A disk that takes no more."""

    def test_a_disk_that_fills_up(self, tmp_path: Path):
        """The run ends with what to do; when there is room again, the same command goes on."""
        with mounted(tmp_path / "disk", "2m") as disk:
            with running(disk / "functions.db") as process:
                ballast = fill(disk)
                before = check_failed(process, disk / "functions.db", "the disk is full; a batch of ")
            ballast.unlink()
            check_resumes(disk / "functions.db", before)

    def test_a_limit_on_the_size_of_files(self, store: Path):
        """Another error of SQLite's than a full disk, and the same end."""
        with running(store, prefix=limited("-f 200")) as process:
            before = check_failed(process, store, "SQLITE_IOERR_WRITE")
        check_resumes(store, before)

    def test_a_log_on_a_full_disk(self, store: Path):
        """Lines of the log are lost, rows are not, and nothing is said of it."""
        done = asyncgen("--n", 5, "--store", store, *EASY, "--log-file", "/dev/full")
        assert (done.returncode, done.stderr, len(rows(store))) == (0, "", 5)

    def test_a_store_deleted_in_mid_run(self, store: Path):
        """Status 1 at the next batch, instead of rows for a file without a name."""
        with running(store) as process:
            store.unlink()
            _, err = process.communicate(timeout=100)
        assert process.returncode == 1
        assert "was deleted, moved or replaced" in err

    def test_a_network_disk(self, store: Path):
        """Status 2 before anything is made."""
        code = (
            "import sys, psutil; from collections import namedtuple\n"
            "Mount = namedtuple('Mount', 'mountpoint fstype')\n"
            "psutil.disk_partitions = lambda all: [Mount('/', 'nfs4')]\n"
            "from asyncgen.command.main import main; main(sys.argv[1:])"
        )
        command = [sys.executable, "-c", code, "--n", "3", "--store", str(store)]
        done = subprocess.run(command, capture_output=True, text=True, timeout=100, check=False)
        assert (done.returncode, done.stdout) == (2, "")
        assert done.stderr.startswith(f"asyncgen: {store} would be on a network file system (nfs4)")
        assert len(done.stderr.splitlines()) == 1
        assert names(store.parent) == []


class TestNobodyThere:
    """The terminal or the reader of a pipe goes away; the job's rows and its status do not depend on it."""

    def test_a_terminal_that_is_closed(self, store: Path):
        """The job stops as after SIGHUP, resumably, though nothing can be shown any more."""
        pid, master = pty.fork()
        if pid == 0:
            os.execv(sys.executable, [*COMMAND, "--n", "100000", "--store", str(store), *EASY])
        os.set_blocking(master, False)
        while not stored(store):
            with_output(master)
        os.close(master)
        _, status = os.waitpid(pid, 0)
        assert os.waitstatus_to_exitcode(status) == 3
        assert rows(store, "SELECT how_ended FROM runs") == [("stopped",)]
        assert rows(store, "PRAGMA integrity_check") == [("ok",)]

    @pytest.mark.parametrize("size", [(1, 1), (2, 300), (500, 10)])
    def test_a_terminal_that_changes_its_size(self, store: Path, size: tuple[int, int]):
        """The bar follows, however little room there is, and the job does not notice."""
        pid, master = pty.fork()
        if pid == 0:
            os.execv(sys.executable, [*COMMAND, "--n", "60", "--store", str(store), *EASY])
        os.set_blocking(master, False)
        while not stored(store):
            with_output(master)
        rows_and_columns = struct.pack("HHHH", *size, 0, 0)
        fcntl.ioctl(master, termios.TIOCSWINSZ, rows_and_columns)
        while os.waitid(os.P_PID, pid, os.WEXITED | os.WNOHANG | os.WNOWAIT) is None:
            with_output(master)
        _, status = os.waitpid(pid, 0)
        os.close(master)
        assert os.waitstatus_to_exitcode(status) == 0
        assert len(rows(store)) == 60

    @pytest.mark.parametrize("stream", ["stdout", "stderr"])
    def test_a_pipe_without_a_reader(self, store: Path, stream: str):
        """What would be printed is lost; the status is that of the job, here that of a stop."""
        more = ["--max-time", "2", "--n", "100000", "--store", str(store), *EASY]
        reader, writer = os.pipe()
        os.close(reader)
        streams: dict[str, int] = {"stdout": subprocess.DEVNULL, "stderr": subprocess.DEVNULL, stream: writer}
        status = subprocess.run([*COMMAND, *more], check=False, timeout=100, **streams).returncode
        os.close(writer)
        assert status == 3
        assert rows(store, "SELECT how_ended FROM runs") == [("stopped",)]

    def test_messages_on_a_full_disk(self, store: Path):
        """Redirected to a full disk, stderr loses lines and the job nothing."""
        with open("/dev/full", "w") as full:
            more = ["--max-time", "2", "--n", "100000", "--store", str(store), *EASY]
            done = subprocess.run([*COMMAND, *more], check=False, timeout=100, stderr=full)
        assert done.returncode == 3

    def test_a_summary_on_a_full_disk(self, store: Path):
        """The rows are stored, and the one line says what could not be written and what would help."""
        with open("/dev/full", "w") as full:
            more = ["--n", "3", "--store", str(store), *EASY]
            done = subprocess.run(
                [*COMMAND, *more], check=False, timeout=100, stdout=full, stderr=subprocess.PIPE, text=True
            )
        assert done.returncode == 1
        assert (
            done.stderr == f"asyncgen: {os.strerror(errno.ENOSPC)}: free some space where the output goes\n"
        )
        assert len(rows(store)) == 3


def with_output(master: int) -> None:
    """Take what the terminal shows, so that the program on it does not wait for room."""
    try:
        os.read(master, 65536)
    except OSError:  # nothing to read by now, or nobody there any more
        os.sched_yield()


class TestPoorSurroundings:
    """What a service manager, a container or a careless shell may leave out."""

    @pytest.mark.parametrize(
        "environment",
        [
            {},
            {"HOME": "/nonexistent", "PATH": os.environ["PATH"]},
            {"TMPDIR": "/nonexistent", "PATH": os.environ["PATH"]},
            {"LC_ALL": "C", "PYTHONUTF8": "0", "PYTHONCOERCECLOCALE": "0", "PATH": os.environ["PATH"]},
        ],
        ids=["empty", "no-home", "no-tmpdir", "c-locale"],
    )
    def test_a_bare_environment(self, tmp_path: Path, environment: dict[str, str]):
        """The job does not need it, nor does a file name that the locale cannot spell."""
        store = tmp_path / "é.db"
        command = [*COMMAND, "--n", "4", "--store", os.fsencode(store), *EASY]
        done = subprocess.run(
            command, env=environment, capture_output=True, text=True, timeout=100, check=False
        )
        assert done.returncode == 0, done.stderr
        assert "done: 4 rows stored" in done.stdout
        assert len(rows(store)) == 4

    def test_a_current_folder_that_is_gone(self, tmp_path: Path, store: Path):
        """Removed in mid-run it is not missed, not even by a new template and its engines."""
        folder = tmp_path / "here"
        folder.mkdir()
        with running(store, cwd=folder) as process:
            folder.rmdir()
            before = stored(store)
            (template,) = psutil.Process(process.pid).children()
            template.kill()
            arrive(process, lambda: stored(store) > before + 10)
            process.send_signal(signal.SIGINT)
            process.communicate(timeout=100)
        assert process.returncode == 3
        assert rows(store, "SELECT count(*) FROM results WHERE status = 'error'") == [(0,)]

    def test_few_open_files(self, store: Path):
        """Workers for whom there are no descriptors are waited for, not needed."""
        command = [
            *limited("-n 64"),
            *COMMAND,
            "--n",
            "30",
            "--store",
            str(store),
            *EASY[:4],
            "--workers",
            "20",
        ]
        done = subprocess.run(command, capture_output=True, text=True, timeout=100, check=False)
        assert done.returncode == 0, done.stderr
        assert len(rows(store)) == 30

    def test_too_few_open_files(self, store: Path):
        """Refused with the remedy before the job begins."""
        command = [*limited("-n 20"), *COMMAND, "--n", "3", "--store", str(store)]
        done = subprocess.run(command, capture_output=True, text=True, timeout=100, check=False)
        said = "asyncgen: only 20 files may be open at a time, too few for a run: ulimit -n 1024\n"
        assert (done.returncode, done.stderr) == (2, said)
        assert names(store.parent) == []


@pytest.fixture(scope="module")
def faketime() -> str:
    """The library that has programs see another time, which is skipped as engines are."""
    found = next(Path("/usr/lib").glob("*/faketime/libfaketimeMT.so.1"), None)
    needed(found is not None, "libfaketime")
    return str(found)


DAY = 86400.0  # seconds, where the clock jumps by several


@pytest.mark.chaos
@pytest.mark.parametrize(
    "jumps",
    [
        ["+10d", "-10d", "+1d"],
        pytest.param(["+10d"], marks=pytest.mark.long),
        pytest.param(["-10d"], marks=pytest.mark.long),
    ],
    ids=" ".join,
)
def test_a_clock_that_jumps(store: Path, tmp_path: Path, faketime: str, jumps: list[str]):
    """The wall clock is set in mid-run: --max-time, rate and length of the run are those of real time."""
    setting = tmp_path / "clock"
    setting.write_text("+0")
    environment = {
        **os.environ,
        "LD_PRELOAD": faketime,
        "FAKETIME_TIMESTAMP_FILE": str(setting),
        "FAKETIME_NO_CACHE": "1",
        "FAKETIME_DONT_FAKE_MONOTONIC": "1",
    }
    more = ["--max-time", "6", "--json", "--quiet", "--engines", "sympy"]
    with running(store, *more, env=environment) as process:
        for jump in jumps:
            before = stored(store)
            setting.write_text(jump)
            arrive(process, lambda before=before: stored(store) > before)
        out, _ = process.communicate(timeout=100)
    assert process.returncode == 3
    summary = json.loads(out)
    assert 6 <= summary["seconds"] < DAY
    ((length,),) = rows(store, "SELECT strftime('%s', ended) - strftime('%s', started) FROM runs")
    assert 0 <= length < DAY
    assert summary["stored"] == len(rows(store))
