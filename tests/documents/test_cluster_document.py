"""docs/cluster.md shows what is in examples/cluster/, and that works: units of systemd, scripts for SLURM."""

import re
import shlex
import shutil
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from command_line import EASY, arrive, asyncgen, rows, with_asyncgen
from document_text import blocks, codes, section, table
from places import DOCS, ROOT
from processes import needed, needed_packages, stored

from asyncgen.command.commands import app
from asyncgen.command.exits import EXIT_STOPPED, EXIT_USAGE

DOCUMENT = DOCS / "cluster.md"
FILES = ROOT / "examples" / "cluster"
UNITS = sorted(FILES.glob("*.service"))
SCRIPTS = sorted(FILES.glob("*.sbatch"))
LABEL, NODE = FILES / "label.sbatch", FILES / "node.sbatch"
PROGRAM = "/opt/asyncgen/bin/asyncgen"
QUICK = [*EASY, "--flush-seconds", "0.05"]


def name(path: Path) -> str:
    return path.name


def test_each_file_is_shown():
    """The document shows every file of the folder, once."""
    shown = re.findall(
        r"^```\{literalinclude\} \.\./examples/cluster/(.*)$", DOCUMENT.read_text(), re.MULTILINE
    )
    assert sorted(shown) == sorted(map(name, FILES.iterdir())) == sorted(map(name, [*UNITS, *SCRIPTS]))


def settings(unit: Path) -> dict[str, str]:
    """The lines of a unit, which has no two of one name."""
    found = re.findall(r"^(\w+)=(.*)$", unit.read_text(), re.MULTILINE)
    assert len(found) == len(dict(found))
    return dict(found)


# -- systemd -------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("unit", UNITS, ids=name)
def test_a_unit_starts_what_there_is(unit: Path, tmp_path: Path):
    """The command of a unit has flags that exist, and its folders are made by the unit."""
    needed_packages("temporalio")
    found = settings(unit)
    (folder,) = (found[what] for what in ("CacheDirectory", "StateDirectory") if what in found)
    (tmp_path / folder).mkdir()
    line = found["ExecStart"].replace("%H", "host").replace("%C", str(tmp_path)).replace("%S", str(tmp_path))
    program, *words = shlex.split(line)
    assert (program, "%" in line) == (PROGRAM, False)
    app.parse_args(words, exit_on_error=False, print_error=False)


@pytest.mark.parametrize("unit", UNITS, ids=name)
def test_a_unit_knows_the_exit_statuses(unit: Path):
    """What would be refused again is not started again."""
    found = settings(unit)
    assert (found["Restart"], found["RestartPreventExitStatus"]) == ("on-failure", str(EXIT_USAGE))


def test_a_node_has_time_to_drain():
    """Whoever ends a node waits longer than the node takes at most."""
    needed_packages("temporalio")
    from asyncgen.cluster.node import _GRACE

    assert int(settings(FILES / "asyncgen-node.service")["TimeoutStopSec"]) > _GRACE.total_seconds()
    (seconds,) = re.findall(r"^#SBATCH --signal=B:TERM@(\d+)$", NODE.read_text(), re.MULTILINE)
    assert int(seconds) > _GRACE.total_seconds()


@pytest.mark.parametrize("unit", UNITS, ids=name)
def test_systemd_takes_a_unit(unit: Path, tmp_path: Path):
    """Its own program finds no fault, where the program to be started is there."""
    needed(shutil.which("systemd-analyze") is not None, "systemd-analyze")
    copy = tmp_path / unit.name
    copy.write_text(unit.read_text().replace(PROGRAM, sys.executable))
    command = ["systemd-analyze", "verify", "--man=no", str(copy)]
    done = subprocess.run(command, capture_output=True, text=True, timeout=60, check=False)
    assert (done.returncode, done.stderr) == (0, "")


# -- SLURM ---------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("script", SCRIPTS, ids=name)
def test_a_script_is_one(script: Path):
    """A shell reads it, and what it says to SLURM stands before the first command, where SLURM looks."""
    subprocess.run(["bash", "-n", script], check=True)
    lines = script.read_text().splitlines()
    first = next(number for number, line in enumerate(lines) if not line.startswith("#"))
    assert sum(line.startswith("#SBATCH --") for line in lines[:first]) >= 5
    assert not any(line.startswith("#SBATCH") for line in lines[first:])


def job(folder: Path, script: Path, *arguments: str, **variables: str) -> subprocess.Popen[str]:
    """A script as SLURM starts it."""
    temporary = folder / "tmp"
    temporary.mkdir(exist_ok=True)
    return subprocess.Popen(
        ["bash", script, *arguments],
        cwd=folder,
        env={**with_asyncgen(folder), "TMPDIR": str(temporary), **variables},
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )


def label(folder: Path, task: int, count: int, *arguments: str) -> subprocess.Popen[str]:
    return job(folder, LABEL, *QUICK, *arguments, ROWS=str(count), SLURM_ARRAY_TASK_ID=str(task))


@contextmanager
def ending(process: subprocess.Popen[str]) -> Iterator[subprocess.Popen[str]]:
    with process:
        try:
            yield process
        finally:
            process.terminate()


@pytest.mark.engine
def test_tasks_make_parts_that_are_merged(tmp_path: Path):
    """Each task makes its range; nothing is left on the machine, and the parts make one store."""
    for task in (0, 1):
        out, err = label(tmp_path, task, 12).communicate(timeout=100)
        assert (err, "done: 12 rows" in out) == ("", True)
    assert sorted(path.name for path in (tmp_path / "parts").iterdir()) == ["000000.db", "000001.db"]
    assert list((tmp_path / "tmp").iterdir()) == []
    assert asyncgen("merge", "all.db", "parts", cwd=tmp_path).returncode == 0
    assert rows(tmp_path / "all.db") == [(index,) for index in range(24)]


@pytest.mark.engine
def test_a_task_whose_time_is_up_goes_on_later(tmp_path: Path):
    """The signal before the limit costs no row, and the same task again makes the others."""
    count, part = 600, tmp_path / "parts" / "000003.db"
    with ending(label(tmp_path, 3, count)) as process:
        arrive(process, lambda: any(stored(store) for store in tmp_path.glob("tmp/*/part.db")))
        process.terminate()
        out, _ = process.communicate(timeout=100)
    assert (process.returncode, "stopped" in out) == (EXIT_STOPPED, True)
    assert 0 < len(rows(part)) < count
    process = label(tmp_path, 3, count)
    process.communicate(timeout=100)
    assert process.returncode == 0
    assert rows(part) == [(index,) for index in range(3 * count, 4 * count)]


def test_a_task_that_fails_leaves_its_part_alone(tmp_path: Path):
    """The status is asyncgen's, and no file is made of nothing."""
    process = label(tmp_path, 0, 10, "--frob")
    process.communicate(timeout=100)
    assert process.returncode == EXIT_USAGE
    assert list((tmp_path / "parts").iterdir()) == list((tmp_path / "tmp").iterdir()) == []


def test_a_node_needs_the_address_of_its_server(tmp_path: Path):
    """Without it the job ends at once, and says what is missing."""
    process = job(tmp_path, NODE, TEMPORAL_ADDRESS="", SLURM_JOB_ID="1")
    _, err = process.communicate(timeout=30)
    assert (process.returncode, "HOST:PORT" in err) == (1, True)


# -- the document --------------------------------------------------------------------------------------------


def test_the_profile_is_read(tmp_path: Path):
    """Temporal's library finds in the file what the document says is in it."""
    needed_packages("temporalio")
    from temporalio.envconfig import ClientConfigProfile

    (block,) = blocks(DOCUMENT, "toml")
    path = tmp_path / "temporal.toml"
    path.write_text(block.code)
    own, cloud = (
        ClientConfigProfile.load(name, config_source=path, override_env_vars={})
        for name in ("default", "cloud")
    )
    assert (own.namespace, own.tls.client_private_key) == ("asyncgen", Path("/etc/asyncgen/node.key"))
    assert None not in (own.tls.server_root_ca_cert, own.tls.client_cert, cloud.api_key)


def servers() -> list[list[str]]:
    """The table of flags, variables and keys."""
    return table(section(DOCUMENT, "## Which server"))


def test_the_flags_of_a_server_are_listed():
    """Every flag that says which server is in the table."""
    known = {
        name
        for argument in app["cluster"]["status"].assemble_argument_collection()
        if argument.parameter.group and argument.parameter.group[0].name == "Which server"
        for name in argument.names
        if name != "*"
    }
    assert {flag for row in servers() for flag in codes(row[0])} == known | {"--no-tls"}


@pytest.mark.parametrize("row", [row for row in servers() if codes(row[2])], ids=lambda row: codes(row[1])[0])
def test_a_variable_says_what_its_key_does(row: list[str]):
    """The variable of the environment and the key of the file have the same effect, and have one."""
    needed_packages("temporalio")
    from temporalio.envconfig import ClientConfigProfile

    (variable,), (key,) = codes(row[1]), codes(row[2])
    said, written = ("false", "true") if key.endswith("disabled") else ("/x", '"/x"')
    by_variable = ClientConfigProfile.load(
        config_source="[profile.default]\n", override_env_vars={variable: said}
    )
    by_key = ClientConfigProfile.load(
        config_source=f"[profile.default]\n{key} = {written}\n", override_env_vars={}
    )
    assert by_variable == by_key != ClientConfigProfile()
