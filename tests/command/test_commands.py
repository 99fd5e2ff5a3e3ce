"""The command as a person uses it: what it prints where, its exit status, signals, and what it refuses."""

import json
import os
import pty
import select
import shlex
import signal
import subprocess
import sys
from pathlib import Path

import psutil
import pytest
from command_line import COMMAND, EASY, IMPATIENT, asyncgen, rows
from conftest import Refuse
from processes import stored

from asyncgen import __version__


@pytest.fixture
def store(tmp_path: Path) -> Path:
    return tmp_path / "functions.db"


HASTY = ["--engines", "sympy", "--timeout", "0.1"]  # with which most functions are timeouts


class TestLabelling:
    """`asyncgen --n N`."""

    def test_a_run_fills_the_store_and_prints_a_table(self, store: Path):
        """Summary on stdout, nothing else there; exit status 0; every index once."""
        done = asyncgen("--n", 12, "--store", store, *EASY, "--no-progress", "--engines", "sympy")
        assert done.returncode == 0, done.stderr
        assert done.stderr == ""
        assert "done: 12 rows stored" in done.stdout
        assert rows(store) == [(index,) for index in range(12)]

    def test_the_same_command_again_has_nothing_to_do_and_a_larger_n_extends(self, store: Path):
        """Going on fills what is missing; a smaller n is content with what there is."""
        asyncgen("--n", 6, "--store", store, *EASY)
        for n in (6, 3):
            again = asyncgen("--n", n, "--store", store, *EASY)
            assert (again.returncode, again.stdout.splitlines()[0]) == (
                0,
                f"nothing to do: {store} has all {n} rows",
            )
        assert asyncgen("--n", 9, "--store", store, *EASY).returncode == 0
        assert len(rows(store)) == 9

    def test_json_is_one_document_on_stdout(self, store: Path):
        """For scripts: all statuses, also those without rows; --quiet hides all else."""
        done = asyncgen("--n", 5, "--store", store, *EASY, "--json", "--quiet")
        summary = json.loads(done.stdout)
        assert (summary["state"], summary["rows"], done.stderr) == ("done", 5, "")
        assert sum(summary["statuses"].values()) == 5
        assert "nonelementary" in summary["statuses"]

    def test_progress_away_from_a_terminal_is_plain_lines_on_stderr(self, store: Path):
        """No control characters, nothing on stdout but the summary."""
        done = asyncgen("--n", 100000, "--store", store, *EASY, "--max-time", 2, command=IMPATIENT)
        assert done.returncode == 3
        assert "\x1b" not in done.stderr
        assert "/100000 rows | " in done.stderr
        assert " rows | " not in done.stdout

    def test_progress_on_a_terminal_is_a_bar(self, store: Path):
        """It shows rows, rate, statuses and workers, and leaves the terminal with a visible cursor."""
        shown, status = run_on_terminal("--n", "30", "--store", str(store), *EASY)
        assert status == 0
        assert "/30" in shown
        assert "rows/s" in shown
        assert "workers" in shown
        assert shown.rindex("\x1b[?25h") > shown.rindex("\x1b[?25l")

    def test_max_time_stops_resumably(self, store: Path):
        """Exit status 3, and a line that says why, with the command that goes on."""
        done = asyncgen("--n", 100000, "--store", store, *EASY, "--max-time", 3, "--no-progress")
        assert done.returncode == 3
        assert "time is up; " in done.stderr
        assert f"to go on: {shlex.join(COMMAND)} --n 100000" in done.stderr
        assert 0 < len(rows(store)) < 100000

    def test_workers_never_print_to_this_terminal(self, store: Path, tmp_path: Path):
        """Nothing of them is seen by default; with --log-file the log holds what the run did."""
        log = tmp_path / "run.log"
        asyncgen("--n", 3, "--store", store, *EASY, "--log-file", log)
        assert "run 1: done, 3 rows stored" in log.read_text()

    @pytest.mark.parametrize("loop", ["asyncio", "uvloop"])
    def test_both_event_loops_do_the_job(self, store: Path, loop: str):
        """--loop chooses, and the rows are the same."""
        assert asyncgen("--n", 4, "--store", store, *EASY, "--loop", loop).returncode == 0
        assert len(rows(store)) == 4


def run_on_terminal(*arguments: str) -> tuple[str, int]:
    """Run the command with a pseudo-terminal as its stderr and stdout; what it showed, exit status."""
    master, slave = pty.openpty()
    process = subprocess.Popen(
        [*COMMAND, *arguments],
        stdin=slave,
        stdout=slave,
        stderr=slave,
        env={**os.environ, "TERM": "xterm-256color", "COLUMNS": "100"},
    )
    os.close(slave)
    shown = b""
    while True:
        select.select([master], [], [], 60)
        try:
            data = os.read(master, 65536)
        except OSError:  # the other end is closed
            break
        if not data:
            break
        shown += data
    os.close(master)
    return shown.decode(), process.wait()


class TestSignals:
    """Ctrl-C, SIGTERM, SIGHUP: the first asks, the second insists."""

    def start(self, store: Path, *more: str) -> tuple["subprocess.Popen[str]", list[psutil.Process]]:
        """Start a long run; return when a worker is at work."""
        process = subprocess.Popen(
            [*COMMAND, "--n", "100000", "--store", str(store), *more],
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )
        parent = psutil.Process(process.pid)
        while not stored(store):
            assert process.poll() is None, process.stderr and process.stderr.read()
            os.sched_yield()
        return process, parent.children(recursive=True)

    @pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM, signal.SIGHUP])
    def test_the_first_signal_stops_cleanly(self, store: Path, number: signal.Signals):
        """What runs is stored, the file is whole and single, the exit status 3; it says how to go on."""
        process, family = self.start(store, *EASY)
        process.send_signal(number)
        out, err = process.communicate(timeout=60)
        assert process.returncode == 3
        assert f"to go on: {shlex.join(COMMAND)}" in err
        assert "Traceback" not in err
        assert f"stopped: {len(rows(store))} rows stored" in out
        assert rows(store, "PRAGMA integrity_check") == [("ok",)]
        assert rows(store, "SELECT how_ended FROM runs") == [("stopped",)]
        assert sorted(path.name for path in store.parent.iterdir()) == ["functions.db"]
        assert psutil.wait_procs(family, timeout=30)[1] == []

    def test_the_second_signal_exits_at_once(self, store: Path):
        """Though the calls under way would take long; the workers are killed, and no traceback is shown."""
        process, family = self.start(store, *EASY, "--flush-seconds", "0.1")
        process.send_signal(signal.SIGSTOP)  # so that both arrive before the job can end by itself
        process.send_signal(signal.SIGINT)
        process.send_signal(signal.SIGTERM)
        process.send_signal(signal.SIGCONT)
        _, err = process.communicate(timeout=60)
        assert process.returncode == 3
        assert "Traceback" not in err
        assert psutil.wait_procs(family, timeout=30)[1] == []
        assert rows(store, "PRAGMA integrity_check") == [("ok",)]

    def test_a_hangup_that_is_ignored_stays_ignored(self, store: Path):
        """As `nohup asyncgen ...` asks for."""
        code = (
            "import os, signal, sys; signal.signal(signal.SIGHUP, signal.SIG_IGN); "
            "os.execv(sys.argv[1], sys.argv[1:])"
        )
        process = subprocess.Popen(
            [sys.executable, "-c", code, *COMMAND, "--n", "40", "--store", str(store), *EASY],
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
        )
        while not stored(store):
            assert process.poll() is None
            os.sched_yield()
        process.send_signal(signal.SIGHUP)
        process.communicate(timeout=60)
        assert process.returncode == 0


class TestOtherCommands:
    """sample, status, retry."""

    def test_sample_prints_functions_without_labelling(self):
        """One a line, the same each time, in either notation."""
        infix = asyncgen("sample", "--n", 20)
        prefix = asyncgen("sample", "--n", 20, "--notation", "prefix")
        assert len(infix.stdout.splitlines()) == len(prefix.stdout.splitlines()) == 20
        assert all("x" in line for line in infix.stdout.splitlines())
        assert infix.stdout == asyncgen("sample", "--n", 20).stdout
        last = asyncgen("sample", "--n", 1, "--start", 19)
        assert last.stdout.splitlines() == infix.stdout.splitlines()[19:]

    def test_sample_stops_quietly_when_nobody_reads_on(self):
        """`asyncgen sample --n 1000000 | head -1` prints one line and no complaint."""
        line = f"{sys.executable} -m asyncgen sample --n 1000000 | head -1"
        done = subprocess.run(line, shell=True, capture_output=True, text=True, check=True, timeout=60)
        assert len(done.stdout.splitlines()) == 1
        assert done.stderr == ""

    def test_output_that_cannot_be_written_is_one_line(self):
        """A full disk under a redirected output is a failure of the machine, not a bug to trace."""
        for command in ("sample --n 3", "--version"):
            line = f"{sys.executable} -m asyncgen {command} > /dev/full"
            done = subprocess.run(line, shell=True, capture_output=True, text=True, check=False, timeout=60)
            assert done.returncode == 1
            assert len(done.stderr.splitlines()) == 1
            assert done.stderr.startswith("asyncgen: ")

    def test_closed_standard_streams_are_no_trouble(self, store: Path):
        """As service managers start programs: what would be printed is lost, the rows are not."""
        flags = " ".join(EASY)
        line = f"{sys.executable} -m asyncgen --n 3 --store {store} {flags} <&- >&- 2>&-"
        assert subprocess.run(line, shell=True, check=False, timeout=60).returncode == 0
        assert len(rows(store)) == 3

    def test_status_loses_nothing_in_a_narrow_window(self, store: Path):
        """However few columns there are, times and indices are shown whole."""
        asyncgen("--n", 4, "--store", store, *EASY)
        narrow = {**os.environ, "COLUMNS": "40"}
        shown = subprocess.run(
            [*COMMAND, "status", store], capture_output=True, text=True, check=True, env=narrow, timeout=60
        ).stdout
        started = rows(store, "SELECT started FROM runs")[0][0]
        assert str(started).replace("T", " ").removesuffix("+00:00") in shown
        assert "0..3" in shown

    def test_status_shows_a_store(self, store: Path):
        """Counts and runs, as a table and as JSON."""
        asyncgen("--n", 4, "--store", store, *EASY)
        assert "generate" in asyncgen("status", store).stdout
        shown = json.loads(asyncgen("status", store, "--json").stdout)
        assert shown["rows"] == 4
        assert shown["runs"][0]["how_ended"] == "done"
        assert shown["spec"]["seed"] == 0

    def test_status_works_while_a_run_is_writing(self, store: Path):
        """A reader does not disturb the writer."""
        process, _ = TestSignals().start(store, *EASY)
        shown = asyncgen("status", store, "--json")
        assert json.loads(shown.stdout)["runs"][0]["how_ended"] is None
        process.send_signal(signal.SIGINT)
        process.communicate(timeout=60)

    def test_retry_gives_rows_another_chance(self, store: Path):
        """With a limit that suffices, timeouts become something else, and the earlier attempt is kept."""
        asyncgen("--n", 6, "--store", store, "--min-ops", 6, "--max-ops", 6, *HASTY)
        before = rows(store, "SELECT count(*) FROM results WHERE status = 'timeout'")[0][0]
        assert before
        done = asyncgen("retry", store, "--status", "timeout,crashed", "--timeout", 10, "--json", "--quiet")
        assert done.returncode == 0, done.stderr
        assert json.loads(done.stdout)["stored"] == before
        assert rows(store, "SELECT count(*) FROM attempts WHERE status = 'timeout'") == [(before,)]
        assert rows(store, "SELECT count(*) FROM results") == [(6,)]

    def test_a_retry_of_nothing_says_so(self, store: Path):
        """No row has such a status: one line, no empty table, status 0."""
        asyncgen("--n", 2, "--store", store, *EASY)
        done = asyncgen("retry", store, "--status", "memory")
        assert (done.returncode, done.stderr) == (0, "")
        assert done.stdout == f"nothing to do: {store} has no row to try again\n"

    def test_version_and_help(self):
        """Every flag's help names its default, where it has one."""
        assert asyncgen("--version").stdout.strip() == __version__
        shown = asyncgen("--help").stdout
        for flag in [
            "--n",
            "--start",
            "--store",
            "--seed",
            "--preset",
            "--config",
            "--min-ops",
            "--max-ops",
            "--workers",
            "--timeout",
            "--inflight",
            "--memory-limit",
            "--calls-per-worker",
            "--batch",
            "--flush-seconds",
            "--max-time",
            "--loop",
            "--json",
            "--quiet",
            "--no-progress",
            "--log-file",
            "--version",
        ]:
            assert flag in shown


class TestRefusals:
    """One plain line on stderr, exit status 2, nothing changed."""

    @pytest.mark.parametrize(
        ("arguments", "text"),
        [
            (["--n", "many"], "--n"),
            (["--n", "0"], "--n 0"),
            (["--n", "-1"], "--n -1"),
            (["--start", "-1"], "--start -1"),
            (["--wrokers", "2"], "--workers"),
            (["--workers", "0"], "--workers 0"),
            (["--inflight", "0"], "--inflight 0"),
            (["--timeout", "nan"], "--timeout nan"),
            (["--timeout", "1e300"], "at most 1e+09"),
            (["--workers", "100000"], "--workers 100000: with "),
            (["--engines", "auto=1"], "'auto' stands for several engines"),
            (["--engines", "sympy-risch\n=x\x1b[31m"], r"sympy-risch\n=x\x1b[31m"),
            (["--status", "a\nb"], "Unknown option"),
            (["retry", "missing.db", "--status", "a\nb"], r"no status 'a\nb'"),
            (["--memory-limit", "1\n2"], r"--memory-limit 1\n2"),
            (["status", "odd\nname.db"], r"odd\nname.db does not exist"),
            (["label", "no\nthere"], r"no\nthere: No such file"),
            (["--timeout", "-1"], "--timeout -1"),
            (["--memory-limit", "lots"], "--memory-limit lots"),
            (["--memory-limit", "1M"], "at least 128Mi"),
            (["--batch", "0"], "--batch 0"),
            (["--max-time", "0"], "--max-time 0"),
            (["--preset", "lample"], "lample-charton"),
            (["--config", "no-such-file.toml"], "no-such-file.toml"),
            (["--min-ops", "5", "--max-ops", "3"], "5"),
            (["--loop", "curio"], "curio"),
            (["--store", "no-such-folder/x.db"], "no-such-folder"),
            (["--log-file", "no-such-folder/log"], "no-such-folder"),
            (["labell"], "labell"),
            (["--max-ops", "3", "sample"], "'sample' comes first"),
            (["status", "missing.db"], "missing.db"),
            (["retry"], "STORE"),
            (["retry", "missing.db", "--status", "sleepy"], "sleepy"),
            (["retry", "missing.db"], "missing.db"),
            (["retry", "missing.db", "--new-limits"], "--new-limits"),
            (["label", "--stroe", "x.db", "mine.txt"], "--stroe. Did you mean --store?"),
            (["label", "mine.txt", "--stroe", "x.db"], "--stroe. Did you mean --store?"),
            (["label", "--wrokers=2", "-"], "--wrokers=2. Did you mean --workers?"),
            (["label", "--stroe"], "--stroe. Did you mean --store?"),
            (["label", "-x", "-"], "Unknown option: -x ("),
            (["label", "--", "--mine.txt"], "--mine.txt"),
            (["label", "--new-limits", os.devnull], "--new-limits needs --store"),
        ],
    )
    def test_wrong_usage_is_one_line(self, tmp_path: Path, refuse: Refuse, arguments: list[str], text: str):
        """It names what was wrong."""
        done = refuse(*arguments)
        assert done.returncode == 2
        assert len(done.stderr.splitlines()) == 1
        assert done.stderr.startswith("asyncgen: ")
        assert text in done.stderr
        assert done.stdout == ""
        assert list(tmp_path.iterdir()) == []

    def test_a_preset_with_a_file_that_names_another_is_refused(self, tmp_path: Path):
        """Neither wins in silence; the same name twice is no contradiction."""
        config = tmp_path / "mine.toml"
        config.write_text('preset = "intclass"')
        refused = asyncgen("sample", "--preset", "lample-charton", "--config", config)
        assert (refused.returncode, refused.stdout) == (2, "")
        assert refused.stderr == (
            f"asyncgen: {config}: names the preset 'intclass', and --preset lample-charton another: "
            "leave one out\n"
        )
        agreed = asyncgen("sample", "--preset", "intclass", "--config", config)
        assert agreed.stdout == asyncgen("sample", "--config", config).stdout != asyncgen("sample").stdout

    def test_another_specification_is_refused_and_says_what_differs(self, store: Path):
        """The store keeps to one; nothing in it changes."""
        asyncgen("--n", 3, "--store", store, *EASY)
        before = store.read_bytes()
        done = asyncgen("--n", 5, "--store", store, *EASY, "--seed", 7)
        assert done.returncode == 2
        assert "seed is 0 there and 7 here" in done.stderr
        assert store.read_bytes() == before

    def test_other_limits_are_refused_unless_asked_for(self, store: Path):
        """Labels of different limits are not mixed by accident."""
        asyncgen("--n", 3, "--store", store, *EASY)
        refused = asyncgen("--n", 5, "--store", store, *EASY, "--timeout", 9)
        assert refused.returncode == 2
        assert "timeout_cpu_seconds was 5.0 and is 9.0" in refused.stderr
        assert asyncgen("--n", 5, "--store", store, *EASY, "--timeout", 9, "--new-limits").returncode == 0

    def test_a_second_run_on_the_same_store_is_refused(self, store: Path):
        """While the first one writes; it goes on undisturbed."""
        process, _ = TestSignals().start(store, *EASY)
        done = asyncgen("--n", 5, "--store", store, *EASY)
        assert done.returncode == 2
        assert str(process.pid) in done.stderr
        process.send_signal(signal.SIGINT)
        process.communicate(timeout=60)
        assert process.returncode == 3
