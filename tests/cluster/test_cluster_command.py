"""The commands of the cluster as a person types them."""

import json
import os
import signal
import sqlite3
import subprocess
import sys
import urllib.request
from collections.abc import Iterator
from pathlib import Path

import pytest
from cluster_world import World, free_port, needed_server, world
from command_line import COMMAND, asyncgen, rows
from prometheus_client.parser import text_string_to_metric_families

WITHOUT = """
import sys
sys.modules["temporalio"] = None
from asyncgen.command.main import main
main(sys.argv[1:])
"""


class TestWithoutAServer:
    """What is said where something is missing: one line, and what to do."""

    @pytest.mark.parametrize("command", ["node", "submit", "status", "pause", "resume", "cancel"])
    def test_the_extra_is_named_where_it_is_missing(self, command: str):
        done = asyncgen("cluster", command, command=[sys.executable, "-c", WITHOUT])
        words = "asyncgen: the cluster needs Temporal's library: pip install 'asyncgen[cluster]' brings it\n"
        assert (done.returncode, done.stdout, done.stderr) == (2, "", words)

    def test_the_other_commands_do_not_need_it(self):
        done = asyncgen("sample", "--n", "2", command=[sys.executable, "-c", WITHOUT])
        assert (done.returncode, len(done.stdout.splitlines())) == (0, 2)

    def test_the_program_is_named_where_it_is_missing(self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
        """It is looked for beside the interpreter, and on the search path."""
        from asyncgen.cluster import server
        from asyncgen.problems.errors import UsageError

        monkeypatch.setattr(sys, "executable", str(tmp_path / "python"))
        monkeypatch.setenv("PATH", str(tmp_path / "bin"))
        with pytest.raises(UsageError, match=r"asyncgen\[cluster-server\]"):
            server.program()
        (tmp_path / "bin").mkdir()
        (tmp_path / "bin" / "temporal").touch(mode=0o755)
        assert server.program() == tmp_path / "bin" / "temporal"
        (tmp_path / "temporal").touch(mode=0o755)
        assert server.program() == tmp_path / "temporal"

    @pytest.mark.parametrize(
        ("arguments", "words"),
        [
            (["status"], "no Temporal server answers at 127.0.0.1:1: Connection refused"),
            (["server", "--port", "99999"], "--port 99999: a port is between 1 and 65535"),
            (["server", "--ui-port", "0"], "--ui-port 0: a port is between 1 and 65535"),
            (["server", "--state", "."], "--state .: name a file, in a folder that is there"),
            (["server", "--host", "203.0.113.1"], "cannot be listened at: Cannot assign requested address"),
            (["submit", "--store", os.fsdecode(b"\xff.db")], "the name is not UTF-8, choose another"),
            (["submit", "--results", ""], "--results: name it, or leave the flag out"),
            (["submit", "--heartbeat", "1e9"], "--heartbeat 1e+09: it must be between 1 and 3600"),
            (["submit", "--n", "0"], "--n 0: it must be 1 or more"),
            (["submit", "--shard-rows", "0"], "--shard-rows 0: it must be 1 or more"),
            (["submit", "--attempts", "99999999999"], "--attempts 99999999999: it must be 1000 or less"),
            (["node", "--name", ""], "--name: name the node, or leave it out"),
            (["submit", "--heartbeat", "0.5"], "--heartbeat 0.5: it must be between 1 and 3600"),
            (["submit", "--kind", "backward", "--engines", "risch"], "no engine is asked for rows"),
            (["submit", "--workers", "2"], "Unknown option"),
            (["node", "--scratch", "nowhere"], "--scratch nowhere: there is no such folder"),
            (["node", "--metrics", "nonsense"], "--metrics nonsense"),
            (["server", "--state", "nowhere/temporal.db"], "--state nowhere/temporal.db: name a file, in a"),
        ],
    )
    def test_what_cannot_be_done_is_one_line(
        self, arguments: list[str], words: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
    ):
        needed_server()
        monkeypatch.setenv("TEMPORAL_ADDRESS", "127.0.0.1:1")
        done = asyncgen("cluster", *arguments, cwd=tmp_path)
        assert words in done.stderr
        assert done.returncode == (1 if "answers" in words else 2)
        assert len(done.stderr.splitlines()) == 1
        assert list(tmp_path.iterdir()) == []


class TestServer:
    """The development server."""

    def test_it_is_the_program_itself(self, tmp_path: Path):
        """Which ends by a signal to it, and leaves nothing; a port that is taken is said."""
        needed_server()
        port = free_port()
        command = [*COMMAND, "cluster", "server", "--port", str(port)]
        environment = {**os.environ, "TEMPORAL_ADDRESS": f"127.0.0.1:{port}"}
        with subprocess.Popen(
            command, cwd=tmp_path, stdout=subprocess.PIPE, stderr=subprocess.PIPE
        ) as server:
            assert server.stdout
            assert b"Temporal" in server.stdout.readline()
            ask = [*COMMAND, "cluster", "status"]
            while True:
                done = subprocess.run(ask, env=environment, capture_output=True, text=True, check=False)
                if "answers" not in done.stderr:
                    break
            assert (done.returncode, "no run is open" in done.stderr) == (2, True)
            again = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True, check=False)
            assert again.returncode == 2
            assert "something listens" in again.stderr
            second = [*COMMAND, "cluster", "server", "--port", str(free_port())]
            again = subprocess.run(second, cwd=tmp_path, capture_output=True, text=True, check=False)
            assert again.returncode == 2
            assert "another server has this file" in again.stderr
            server.send_signal(signal.SIGTERM)
            server.communicate(timeout=30)
        assert (tmp_path / "temporal.db").exists()


@pytest.fixture(scope="module")
def cluster(tmp_path_factory: pytest.TempPathFactory) -> Iterator[World]:
    """A cluster of one node with metrics, whose tests have stores of their own."""
    needed_server()
    with world(tmp_path_factory.mktemp("cluster"), nodes=0, rows=40, shard_rows=20) as made:
        made.metrics = f"127.0.0.1:{free_port()}"
        made.node("n1", "--metrics", made.metrics)
        yield made


@pytest.mark.engine
class TestRuns:
    """Runs over one node."""

    def test_a_run_from_end_to_end(self, cluster: World):
        """Its rows are those of the sampler; who made them stands with them; again there is nothing to do."""
        submitter = cluster.submit(None, "--json")
        out, said = submitter.communicate(timeout=60)
        assert submitter.returncode == 0
        found = json.loads(out)
        assert (found["state"], found["rows"], found["set_aside"]) == ("done", 40, [])
        assert f"run {found['run']}: 40 rows to be made" in said
        cluster.check()
        with sqlite3.connect(cluster.store) as connection:
            ((command, ended, machine, settings, versions),) = connection.execute(
                "SELECT command, how_ended, machine, settings, versions FROM runs"
            )
        connection.close()
        assert (command, ended) == ("cluster", "done")
        assert json.loads(machine)["node"] == "n1"
        assert json.loads(settings)["timeout_cpu_seconds"] == 5
        assert "sympy" in json.loads(versions)
        again = cluster.submit()
        out, said = again.communicate(timeout=60)
        assert (again.returncode, said) == (0, "")
        status = cluster.run("status", "--run", found["run"])
        assert f"{found['run']}: completed, 40 of 40 rows" in status.stdout

    def test_the_plain_command_goes_on_with_such_a_store(self, cluster: World):
        """And the cluster with one of the plain command."""
        store = cluster.folder / "shared.db"
        easy = ["--max-ops", "3", "--store", store]
        assert asyncgen("--n", "10", *easy).returncode == 0
        submitter = cluster.start("submit", "--n", "30", *easy)
        out, _ = submitter.communicate(timeout=60)
        assert (submitter.returncode, "20 rows stored" in out) == (0, True)
        assert "10 rows stored" in asyncgen("--n", "40", *easy).stdout
        other = cluster.run("submit", "--n", "50", *easy, "--timeout", "3")
        assert other.returncode == 2
        assert "made under other limits: timeout_cpu_seconds was 5.0 and is 3.0" in other.stderr

    def test_constructed_kinds(self, cluster: World):
        """No engine is asked, and the reasons of dropped attempts come along."""
        store = cluster.folder / "backward.db"
        submitter = cluster.start("submit", "--n", "30", "--kind", "backward", "--store", store, "--json")
        out, _ = submitter.communicate(timeout=60)
        assert submitter.returncode == 0
        assert json.loads(out)["statuses"]["elementary"] > 20

    def test_a_run_of_another_store_is_not_joined(self, cluster: World, tmp_path: Path):
        """Though it has the same name: it would send its rows there."""
        there, here = tmp_path / "there", tmp_path / "here"
        there.mkdir()
        here.mkdir()
        many = ["--n", "100000", "--max-ops", "3"]
        first = cluster.start("submit", *many, "--store", there / "a.db", "--no-progress")
        cluster.until(lambda seen: seen.get("under_way"))
        second = cluster.run("submit", *many, "--store", here / "a.db")
        assert second.returncode == 2
        assert "is open, and its store is" in second.stderr
        assert not sqlite3.connect(here / "a.db").execute("SELECT * FROM results").fetchall()
        first.terminate()
        _, said = first.communicate(timeout=60)
        assert first.returncode == 3
        assert "the run goes on without this command" in said
        assert cluster.run("cancel").returncode == 0
        cluster.until(lambda seen: not seen)

    def test_rows_come_to_the_store_that_asked_for_them(self, cluster: World, tmp_path: Path):
        """Not to another one of its name, nor under other limits."""
        there, here = tmp_path / "there", tmp_path / "here"
        there.mkdir()
        here.mkdir()
        many = ["submit", "--max-ops", "3", "--shard-rows", "10", "--no-progress"]
        first = cluster.start(*many, "--n", "100", "--store", there / "a.db")
        cluster.until(lambda seen: seen.get("rows"))
        first.kill()
        first.communicate()
        cluster.until(lambda seen: seen["coming"])
        assert cluster.run("cancel").returncode == 0
        cluster.until(lambda seen: not seen)
        other = cluster.run(*many, "--n", "5", "--timeout", "7", "--store", here / "a.db")
        assert other.returncode == 0
        assert rows(here / "a.db", "SELECT count(*) FROM results") == [(5,)]
        (settings,) = rows(here / "a.db", "SELECT settings FROM runs WHERE id IN (SELECT run FROM results)")
        assert json.loads(str(settings[0]))["timeout_cpu_seconds"] == 7
        assert cluster.run(*many, "--n", "100", "--store", there / "a.db").returncode == 0
        assert rows(there / "a.db", "SELECT count(*) FROM results") == [(100,)]

    def test_a_folder_of_results_is_looked_at_again(self, cluster: World):
        """More rows are wanted, and a store of a shard has been lost: both are made."""
        results, store = cluster.folder / "results", cluster.folder / "merged.db"
        run = ["submit", "--max-ops", "3", "--shard-rows", "10", "--results", results, "--store", store]
        assert cluster.run(*run, "--n", "40").returncode == 0
        for file in results.glob("*20-*"):
            file.unlink()
        store.unlink()
        done = cluster.run(*run, "--n", "60", "--json")
        assert done.returncode == 0
        assert json.loads(done.stdout)["rows"] == 60
        assert rows(store, "SELECT count(*), max(idx) FROM results") == [(60, 59)]

    def test_a_folder_that_nodes_cannot_use_ends_no_node(self, cluster: World):
        """The shards of that run are set aside, and others are made."""
        results = cluster.folder / "vanishing"
        run = ["submit", "--max-ops", "3", "--n", "10", "--attempts", "1", "--results", results]
        submitter = cluster.start(*run, "--store", cluster.folder / "lost.db")
        while not results.exists():
            assert submitter.poll() is None
        results.rmdir()
        _, said = submitter.communicate(timeout=60)
        assert submitter.returncode == 1
        assert "the folder of results" in said
        assert cluster.nodes["n1"].poll() is None

    def test_a_run_that_is_ending_is_begun_again(self, cluster: World):
        """By the very next command."""
        run = ["submit", "--max-ops", "3", "--n", "200", "--shard-rows", "10", "--no-progress"]
        first = cluster.start(*run, "--store", cluster.folder / "again.db")
        cluster.until(lambda seen: seen.get("rows"))
        first.kill()
        first.communicate()
        assert cluster.run("cancel").returncode == 0
        done = cluster.run(*run, "--store", cluster.folder / "again.db")
        assert done.returncode == 0
        assert rows(cluster.folder / "again.db", "SELECT count(*) FROM results") == [(200,)]

    def test_several_open_runs_have_to_be_told_apart(self, cluster: World):
        submitters = [
            cluster.start("submit", "--n", "100000", "--store", cluster.folder / f"{name}.db")
            for name in ("one", "two")
        ]
        while "several runs are open" not in (said := cluster.run("status")).stderr:
            pass
        assert said.returncode == 2
        names = said.stderr.split(": ")[-1].split(", ")
        assert [name.split("-")[0] for name in names] == ["one", "two"]
        for name in names:
            assert cluster.run("cancel", "--run", name.strip()).returncode == 0
        for process in submitters:
            process.communicate(timeout=60)
            assert process.returncode == 3

    def test_a_run_that_does_not_exist(self, cluster: World):
        for command in ("status", "pause", "resume", "cancel"):
            done = cluster.run(command, "--run", "nobody")
            assert done.returncode == 2
            assert "there is no run nobody" in done.stderr

    def test_an_unknown_namespace(self, cluster: World):
        for command in ("status", "submit", "node"):
            store = ["--store", cluster.folder / "other.db"] if command == "submit" else []
            done = cluster.run(command, "--namespace", "nowhere", *store)
            assert done.returncode == 1
            assert "nowhere" in done.stderr
            assert len(done.stderr.splitlines()) == 1

    def test_metrics_count_rows_by_status(self, cluster: World):
        """As Prometheus's own reader finds them."""
        store = cluster.folder / "counted.db"
        assert cluster.run("submit", "--n", "40", "--max-ops", "3", "--store", store).returncode == 0
        with urllib.request.urlopen(f"http://{cluster.metrics}/metrics") as answer:
            families = list(text_string_to_metric_families(answer.read().decode()))
        samples = [
            sample for family in families for sample in family.samples if sample.name == "asyncgen_rows_total"
        ]
        assert sum(sample.value for sample in samples) >= 40
        assert {"elementary"} <= {sample.labels["status"] for sample in samples}
