"""examples/cluster/node.sbatch is a node, and serves the metrics that docs/cluster.md names."""

import os
import signal
import subprocess
import urllib.request
from collections.abc import Iterator
from pathlib import Path

import pytest
from cluster_world import World, free_port, needed_server, world
from command_line import with_asyncgen
from document_text import codes, section, table
from places import DOCS, ROOT
from prometheus_client.parser import text_string_to_metric_families

pytestmark = pytest.mark.engine
SCRIPT = ROOT / "examples" / "cluster" / "node.sbatch"


@pytest.fixture
def cluster(tmp_path: Path) -> Iterator[World]:
    needed_server()
    with world(tmp_path, nodes=0, rows=60) as made:
        yield made


@pytest.fixture
def node(cluster: World, tmp_path: Path) -> Iterator[tuple[subprocess.Popen[str], int]]:
    """A node as SLURM starts it, and the port of its metrics."""
    port = free_port()
    variables = {
        "TEMPORAL_ADDRESS": cluster.settings.address,
        "SLURM_JOB_ID": "17",
        "TMPDIR": str(tmp_path),
    }
    with subprocess.Popen(
        ["bash", SCRIPT, "--workers", "1", "--metrics", f"127.0.0.1:{port}"],
        env={**os.environ, **with_asyncgen(tmp_path), **variables},
        stdin=subprocess.DEVNULL,
        stderr=subprocess.PIPE,
        text=True,
    ) as process:
        try:
            assert process.stderr
            assert "-17: ready" in process.stderr.readline()
            yield process, port
        finally:
            process.kill()


def test_a_node_works_and_ends_at_the_signal(cluster: World, node: tuple[subprocess.Popen[str], int]):
    """The signal that SLURM sends to the shell is the node's, who drains and ends with status 0."""
    submitter = cluster.submit()
    submitter.communicate(timeout=100)
    cluster.check()
    process, _ = node
    process.send_signal(signal.SIGTERM)
    process.communicate(timeout=100)
    assert (submitter.returncode, process.returncode) == (0, 0)


def test_the_metrics_of_the_document_are_served(cluster: World, node: tuple[subprocess.Popen[str], int]):
    """Each name of the table, with its type, at a node that has labelled something; and all of ours."""
    cluster.submit().communicate(timeout=100)
    _, port = node
    with urllib.request.urlopen(f"http://127.0.0.1:{port}/metrics") as answer:
        families = list(text_string_to_metric_families(answer.read().decode()))
    served = {family.name + ("_total" if family.type == "counter" else "") for family in families}
    listed = [name for row in table(section(DOCS / "cluster.md", "## Metrics")) for name in codes(row[0])]
    assert set(listed) <= served
    assert {name for name in served if name.startswith("asyncgen")} <= set(listed)
