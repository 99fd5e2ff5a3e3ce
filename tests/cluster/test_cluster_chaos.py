"""Whatever dies or stands still, every row is there once in the end, and no process is left."""

import json
import signal
import sqlite3
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
from cluster_world import Process, World, needed_server, world
from command_line import COMMAND, asyncgen

pytestmark = [pytest.mark.engine, pytest.mark.long, pytest.mark.timeout(400)]


@pytest.fixture
def cluster(tmp_path: Path) -> Iterator[World]:
    needed_server()
    with world(tmp_path) as made:
        yield made


def kill(process: Process) -> None:
    process.kill()
    process.communicate()


def ended(process: Process) -> int:
    process.communicate(timeout=300)
    return process.returncode


def test_nothing_happens(cluster: World):
    """The rule for all that follow."""
    assert ended(cluster.submit()) == 0
    cluster.check()


def test_a_node_is_killed(cluster: World):
    """Its shards go to the other one when it has been silent for long enough."""
    submitter = cluster.submit()
    cluster.until_rows(120)
    kill(cluster.nodes["n1"])
    assert ended(submitter) == 0
    cluster.check()


def test_a_killed_node_comes_back(cluster: World):
    submitter = cluster.submit()
    cluster.until_rows(120)
    kill(cluster.nodes["n1"])
    cluster.node("n1")
    assert ended(submitter) == 0
    cluster.check()


def test_both_nodes_are_killed(cluster: World):
    submitter = cluster.submit()
    cluster.until_rows(120)
    kill(cluster.nodes["n1"])
    kill(cluster.nodes["n2"])
    cluster.node("n3")
    cluster.node("n4")
    assert ended(submitter) == 0
    cluster.check()


@pytest.mark.parametrize("seconds", [3, 15])
def test_the_server_is_killed_and_comes_back(cluster: World, seconds: float):
    submitter = cluster.submit()
    cluster.until_rows(120)
    cluster.kill_server()
    time.sleep(seconds)
    cluster.start_server()
    assert ended(submitter) == 0
    cluster.check()


def test_the_submitter_is_killed(cluster: World):
    submitter = cluster.submit()
    cluster.until_rows(120)
    kill(submitter)
    assert ended(cluster.submit()) == 0
    cluster.check()


def test_the_submitter_is_away_to_the_end(cluster: World):
    """The rows wait on the server."""
    submitter = cluster.submit()
    cluster.until_rows(120)
    kill(submitter)
    seen = cluster.until_rows(cluster.rows)
    assert seen["coming"]
    assert ended(cluster.submit()) == 0
    cluster.check()


@pytest.mark.parametrize("what", ["node", "server"])
def test_one_is_stopped_for_a_while(cluster: World, what: str):
    """For longer than a node may be silent."""
    submitter = cluster.submit()
    cluster.until_rows(120)
    process = cluster.nodes["n1"] if what == "node" else cluster.server
    process.send_signal(signal.SIGSTOP)
    time.sleep(9)
    process.send_signal(signal.SIGCONT)
    assert ended(submitter) == 0
    cluster.check()


def test_a_node_drains(tmp_path: Path):
    """It ends well, and what it has labelled is not labelled again."""
    needed_server()
    with world(tmp_path, nodes=1, rows=3000, shard_rows=300) as cluster:
        submitter = cluster.submit()
        seen = cluster.until(lambda seen: any(node["under_way"] > 20 for node in seen.get("nodes", ())))
        cluster.nodes["n1"].terminate()
        assert ended(cluster.nodes["n1"]) == 0
        under_way = sum(node["under_way"] for node in seen["nodes"])
        cluster.until(lambda _: cluster.stored() >= under_way)
        cluster.node("n2")
        assert ended(submitter) == 0
        assert makers(cluster) == ["n1", "n2"]
        cluster.check()


def test_a_node_ends_though_the_server_is_away(tmp_path: Path):
    """When it has had its time; its shards are made by others, once the server is back."""
    needed_server()
    with world(tmp_path, nodes=0, rows=3000, shard_rows=1500) as cluster:
        short = cluster.node("short", odd="grace:2")
        submitter = cluster.submit()
        cluster.until(lambda seen: any(node["under_way"] for node in seen.get("nodes", ())))
        cluster.kill_server()
        short.terminate()
        assert ended(short) == 0
        cluster.start_server()
        cluster.node("n1")
        assert ended(submitter) == 0
        cluster.check()


def test_pause_and_resume(tmp_path: Path):
    """Nothing is labelled in between."""
    needed_server()
    with world(tmp_path, rows=3000, shard_rows=100) as cluster:
        submitter = cluster.submit()
        cluster.until_rows(120)
        assert cluster.run("pause").returncode == 0
        paused = cluster.until(lambda seen: seen.get("status") == "paused" and not seen["under_way"])
        time.sleep(3)
        assert cluster.status()["rows"] == paused["rows"] < cluster.rows
        assert cluster.run("resume").returncode == 0
        assert ended(submitter) == 0
        cluster.check()


def test_a_pause_while_a_node_is_dead(tmp_path: Path):
    """Its shards, which nobody gives back, are made by others: one failure sets nothing aside."""
    needed_server()
    with world(tmp_path, rows=3000, shard_rows=100) as cluster:
        submitter = cluster.submit()
        cluster.until_rows(100)
        kill(cluster.nodes["n1"])
        assert cluster.run("pause").returncode == 0
        cluster.until(lambda seen: seen.get("status") == "paused" and not seen["under_way"])
        assert cluster.run("resume").returncode == 0
        assert ended(submitter) == 0
        cluster.check()


def test_cancel_and_submit_again(tmp_path: Path):
    """The submitter ends as one that was stopped; what was labelled is not lost."""
    needed_server()
    with world(tmp_path, rows=1500) as cluster:
        submitter = cluster.submit()
        cluster.until_rows(120)
        assert cluster.run("cancel").returncode == 0
        _, said = submitter.communicate(timeout=100)
        assert submitter.returncode == 3
        assert "was cancelled" in said
        assert cluster.stored() >= 120
        assert ended(cluster.submit()) == 0
        cluster.check()


def test_a_store_that_takes_no_more(cluster: World):
    """The submitter says so in one line; the rows wait for it, and are all there in the end."""
    small = ["bash", "-c", 'ulimit -f 100; exec "$@"', "-", *COMMAND]
    submitter = cluster.submit(base=small)
    _, said = submitter.communicate(timeout=100)
    assert submitter.returncode == 1
    assert "SQLITE_" in said
    assert [line for line in said.splitlines() if not line.startswith(("run ", "asyncgen: "))] == []
    assert ended(cluster.submit()) == 0
    cluster.check()


def test_more_rows_are_wanted(cluster: World):
    """While the run of the first is still open."""
    submitter = cluster.submit(300)
    cluster.until_rows(120)
    kill(submitter)
    assert ended(cluster.submit(600)) == 0
    cluster.check(600)


def test_a_node_without_an_engine_leaves(cluster: World):
    """It says what is missing, and the others have its shards."""
    poor = cluster.node("poor", PATH="/nowhere")
    submitter = cluster.submit(None, "--engines", "risch=1,fricas=0.5")
    _, said = poor.communicate(timeout=100)
    assert poor.returncode == 1
    assert "FriCAS is not installed" in said
    assert ended(submitter) == 0
    cluster.check()


def test_a_sick_node_leaves(cluster: World):
    """A shard that fails on a machine that fails its trial is not held against the shard."""
    sick = cluster.node("sick", odd="sick")
    submitter = cluster.submit(None, "--attempts", "1")
    _, said = sick.communicate(timeout=100)
    assert sick.returncode == 1
    assert "cannot label" in said
    assert ended(submitter) == 0
    cluster.check()


def test_a_node_of_another_version_touches_no_run(tmp_path: Path):
    """What is seen of the run says that a node is wanted."""
    needed_server()
    with world(tmp_path, nodes=0) as cluster:
        cluster.node("other", odd="version:9.9")
        submitter = cluster.submit()
        cluster.until(lambda seen: seen)
        said = cluster.run("status").stdout
        assert "rows unknown: no node of its version answers" in said
        assert "no node of asyncgen" in said
        cluster.node("n1")
        assert ended(submitter) == 0
        assert makers(cluster) == ["n1"]
        cluster.check()


def makers(cluster: World) -> list[str]:
    """The nodes that have made rows, as the store says."""
    with sqlite3.connect(cluster.store) as connection:
        found = connection.execute(
            "SELECT machine FROM runs WHERE id IN (SELECT run FROM results)"
        ).fetchall()
    connection.close()
    return [json.loads(machine)["node"] for (machine,) in found]


def test_a_poisoned_shard_is_set_aside(tmp_path: Path):
    """After so many failures; all others are made, and the same command again has it made."""
    needed_server()
    with world(tmp_path, nodes=0) as cluster:
        bad = [cluster.node(name, odd="fails:60") for name in ("n1", "n2")]
        submitter = cluster.submit(None, "--attempts", "3")
        _, said = submitter.communicate(timeout=200)
        assert submitter.returncode == 1
        assert "rows 60..89 were set aside, as they failed too often: " in said
        with sqlite3.connect(cluster.store) as connection:
            assert connection.execute("SELECT count(*) FROM results").fetchone() == (cluster.rows - 30,)
        connection.close()
        cluster.node("n3")
        for process in bad:
            process.terminate()
            assert ended(process) == 0
        assert ended(cluster.submit()) == 0
        cluster.check()


def test_rows_of_50_kilobytes(tmp_path: Path):
    """More together than a message may be long."""
    needed_server()
    with world(tmp_path, nodes=0, shard_rows=100) as cluster:
        for name in ("n1", "n2"):
            cluster.node(name, odd="long:50000")
        assert ended(cluster.submit()) == 0
        cluster.check()
        with sqlite3.connect(cluster.store) as connection:
            assert connection.execute("SELECT min(length(reason)) FROM results").fetchone() == (50_000,)
        connection.close()


def test_results_in_a_folder(cluster: World):
    """A node dies meanwhile; the stores of the shards are merged, and no others that are there."""
    (cluster.folder / "shards").mkdir()
    asyncgen("--n", "3", "--seed", "99", "--store", "shards/other.db", cwd=cluster.folder)
    submitter = cluster.submit(None, "--results", "shards")
    cluster.until_rows(120)
    kill(cluster.nodes["n1"])
    assert ended(submitter) == 0
    cluster.check()
