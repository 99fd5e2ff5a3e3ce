"""A node's folder for stores that are being filled."""

import subprocess
import sys
from pathlib import Path

from asyncgen.cluster.scratch import scratch_folder

HOLDER = """
import sys
from pathlib import Path
from asyncgen.cluster.scratch import scratch_folder
with scratch_folder(Path(sys.argv[1])) as folder:
    (folder / "rows.db").write_text("rows")
    print(folder, flush=True)
    sys.stdin.read()
"""


def test_it_is_removed_in_the_end(tmp_path: Path):
    with scratch_folder(tmp_path) as folder:
        (folder / "rows.db").write_text("rows")
    assert list(tmp_path.iterdir()) == []


def test_what_a_killed_node_left_is_removed_by_the_next(tmp_path: Path):
    """The folder of a node that lives stays, and whatever is none of ours."""
    (tmp_path / "asyncgen-node-notes").write_text("mine")
    (tmp_path / "asyncgen-node-mine").mkdir()
    command = [sys.executable, "-c", HOLDER, str(tmp_path)]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout
        theirs = Path(process.stdout.readline().strip())
        with scratch_folder(tmp_path):
            assert (theirs / "rows.db").exists()
        process.kill()
        process.wait()
        assert theirs.exists()
        with scratch_folder(tmp_path):
            assert not theirs.exists()
    assert sorted(path.name for path in tmp_path.iterdir()) == ["asyncgen-node-mine", "asyncgen-node-notes"]
