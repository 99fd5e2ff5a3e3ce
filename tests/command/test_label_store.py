"""Functions of one's own into a store: numbered by their file, gone on with after any end."""

import json
import signal
import sqlite3
import subprocess
from pathlib import Path

import pytest
from command_line import COMMAND, arrive, asyncgen, rows
from function_files import read
from processes import stored

MINE = b"# my functions\nx*cos(x)\n\nmul x exp x\r\n  # more\nx^2\nx*cos(x)"
PREFIXES = ["mul x cos x", "mul x exp x", "pow x INT+ 2", "mul x cos x"]


@pytest.fixture
def mine(tmp_path: Path) -> Path:
    path = tmp_path / "mine.txt"
    path.write_bytes(MINE)
    return path


class TestStore:
    """With --store."""

    @pytest.mark.engine
    def test_the_same_file_goes_on_where_it_stopped(self, mine: Path, tmp_path: Path):
        """Gaps are filled, rows are by number, duplicates stay; another file is refused by its hash."""
        store = tmp_path / "mine.db"
        assert asyncgen("label", mine, "--store", store, "--workers", 1).returncode == 0
        whole = "SELECT idx, problem_prefix, kind, success FROM results ORDER BY idx"
        assert rows(store, whole) == [(i, p, "forward", 1) for i, p in enumerate(PREFIXES)]
        with sqlite3.connect(store) as connection:
            connection.execute("DELETE FROM results WHERE idx IN (0, 2)")
        connection.close()
        text = mine.read_bytes()
        again = subprocess.run(
            [*COMMAND, "label", "-", "--store", store, "--json", "--quiet"],
            input=text, capture_output=True, timeout=100, check=True,
        )  # fmt: skip
        assert json.loads(again.stdout)["stored"] == 2
        assert len(rows(store)) == 4
        assert rows(store, "SELECT command, start, stop FROM runs") == [("label", 0, 4)] * 2
        mine.write_bytes(text + b"\nx")
        refused = asyncgen("label", mine, "--store", store)
        assert refused.returncode == 2
        assert "a file with SHA-256" in refused.stderr

    @pytest.mark.engine
    def test_other_commands_know_such_a_store(self, mine: Path, tmp_path: Path):
        """A status says where it comes from, retry takes the stored functions, generate refuses."""
        store = tmp_path / "mine.db"
        asyncgen("label", mine, "--store", store, "--workers", 1)
        assert "a file's functions, SHA-256" in asyncgen("status", store).stdout
        shown = json.loads(asyncgen("status", store, "--json").stdout)
        assert (shown["spec"]["distribution"], shown["rows"]) == (None, 4)
        retried = asyncgen("retry", store, "--status", "elementary", "--workers", 1, "--json", "--quiet")
        assert json.loads(retried.stdout)["statuses"]["elementary"] == 4
        kept = "SELECT problem_prefix FROM attempts ORDER BY idx"
        assert rows(store, kept) == rows(store, kept.replace("attempts", "results"))
        refused = asyncgen("--n", 5, "--store", store)
        assert (refused.returncode, len(refused.stderr.splitlines())) == (2, 1)
        assert "sampled ones here" in refused.stderr

    @pytest.mark.parametrize(
        ("content", "says"),
        [(b"", "holds no function"), (b"#\n", "no function"), (bytes(99), "no text")],
    )
    def test_a_file_without_functions_makes_no_store(self, tmp_path: Path, content: bytes, says: str):
        """One line, exit status 2."""
        (tmp_path / "none.txt").write_bytes(content)
        done = asyncgen("label", "none.txt", "--store", "x.db", cwd=tmp_path)
        assert (done.returncode, says in done.stderr) == (2, True)
        assert not (tmp_path / "x.db").exists()


@pytest.mark.engine
@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM, signal.SIGKILL])
def test_after_a_kill_rows_are_those_of_a_run_in_one_piece(tmp_path: Path, number: signal.Signals):
    """Every function once, by its number; bad lines are named again, and make the exit status 1."""
    mine, store = tmp_path / "mine.txt", tmp_path / "mine.db"
    mine.write_bytes(b"".join(b"x + %d\n" % n if n % 10 else b"\nx +\n" for n in range(1, 2000)))
    command = ["label", str(mine), "--store", str(store), "--workers", "2", "--flush-seconds", "0.05"]
    with subprocess.Popen([*COMMAND, *command], stderr=subprocess.DEVNULL) as process:
        arrive(process, lambda: stored(store) > 5)
        process.send_signal(number)
    assert process.returncode == (-9 if number is signal.SIGKILL else 3)
    before = stored(store)
    again = asyncgen(*command, "--json", "--quiet")
    whole = read(mine.read_bytes())
    assert json.loads(again.stdout)["stored"] == len(whole.problems) - before
    found = rows(store, "SELECT idx, problem_prefix FROM results ORDER BY idx")
    assert found == [(problem.index, problem.prefix) for problem in whole.problems]
    named = [int(line.split(":")[1]) for line in again.stderr.splitlines() if line.startswith(str(mine))]
    assert (again.returncode, named) == (1, [line for line, _ in whole.bad])
