"""How many workers there are by default: affinity, quotas of control groups, and what Python was told."""

import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from asyncgen.calls import cores
from asyncgen.calls.cores import Cores, Quota, least_quota, usable_cores
from asyncgen.calls.settings import Settings
from asyncgen.scheduler import Scheduler

CONTROLLER = Path("/sys/fs/cgroup/cpu")  # of version 1, where it is mounted


def a_process(folder: Path, cgroup: str, *mounts: str) -> Path:
    """A process's folder in /proc: its groups, and what is mounted."""
    folder = folder / "proc"
    folder.mkdir()
    (folder / "cgroup").write_text(cgroup)
    lines = ["22 1 8:1 / / rw,relatime shared:1 - ext4 /dev/root rw", *mounts]
    (folder / "mountinfo").write_text("\n".join(lines) + "\n")
    return folder


def group(folder: Path, **files: str) -> Path:
    """A control group with these files; "_" stands for a dot in a name up to the last word."""
    folder.mkdir(parents=True, exist_ok=True)
    for name, text in files.items():
        (folder / name.replace("cpu_", "cpu.")).write_text(text + "\n")
    return folder


def version_2(top: Path, root: str = "/") -> str:
    return f"30 22 0:26 {root} {top} rw,nosuid shared:4 - cgroup2 cgroup2 rw,nsdelegate"


def version_1(top: Path, root: str = "/") -> str:
    return f"33 22 0:29 {root} {top} rw,nosuid shared:9 - cgroup cgroup rw,cpu,cpuacct"


class TestQuotas:
    """On trees of files as the kernel would show them."""

    def test_the_own_group_of_version_2(self, tmp_path: Path):
        """`cpu.max` holds microseconds of CPU time in each period."""
        own = group(tmp_path / "top/pod", cpu_max="150000 100000")
        process = a_process(tmp_path, "0::/pod\n", version_2(tmp_path / "top"))
        assert least_quota(process) == Quota(1.5, own)

    def test_the_smallest_up_to_the_root_counts(self, tmp_path: Path):
        """A group has no more than the one that it lies in."""
        group(tmp_path / "top/slice/pod/inner", cpu_max="800000 100000")
        least = group(tmp_path / "top/slice/pod", cpu_max="50000 20000")
        group(tmp_path / "top/slice", cpu_max="max 100000")
        group(tmp_path, cpu_max="1000 100000")  # above the tree: no group at all
        process = a_process(tmp_path, "0::/slice/pod/inner\n", version_2(tmp_path / "top"))
        assert least_quota(process) == Quota(2.5, least)

    def test_version_1_has_two_files(self, tmp_path: Path):
        """In the tree of the controller `cpu`, next to others of no concern."""
        own = group(tmp_path / "top/pod", cpu_cfs_quota_us="300000", cpu_cfs_period_us="100000")
        paths = "9:memory:/other\n4:cpu,cpuacct:/pod\n1:name=systemd:/else\n0::/\n"
        memory = f"35 22 0:32 / {tmp_path / 'memory'} rw - cgroup cgroup rw,memory"
        process = a_process(tmp_path, paths, memory, version_1(tmp_path / "top"))
        assert least_quota(process) == Quota(3.0, own)

    @pytest.mark.parametrize(("root", "path"), [("/host/pod", "/host/pod"), ("/../..", "/host/pod")])
    def test_a_container_sees_its_own_part_of_the_tree(self, tmp_path: Path, root: str, path: str):
        """What is mounted is its group, whose path outside may be all that /proc knows."""
        own = group(tmp_path / "top", cpu_max="200000 100000")
        process = a_process(tmp_path, f"0::{path}\n", version_2(tmp_path / "top", root))
        assert least_quota(process) == Quota(2.0, own)

    @pytest.mark.parametrize(
        "files",
        [
            {},
            {"cpu_max": "max 100000"},
            {"cpu_cfs_quota_us": "-1", "cpu_cfs_period_us": "100000"},
            {"cpu_max": "of another time"},
        ],
        ids=str,
    )
    def test_no_quota(self, tmp_path: Path, files: dict[str, str]):
        """Nor is one made up where a file cannot be understood."""
        group(tmp_path / "top/pod", **files)
        process = a_process(tmp_path, "0::/pod\n", version_2(tmp_path / "top"))
        assert least_quota(process) is None

    def test_no_proc(self, tmp_path: Path):
        """As on other systems than Linux."""
        assert least_quota(tmp_path / "none") is None


class TestNumber:
    """The number of workers that comes of it."""

    @pytest.mark.parametrize(
        ("quota", "usable"), [(None, 8), (8.0, 8), (64.0, 8), (2.0, 2), (1.5, 2), (0.2, 1)]
    )
    def test_a_quota_is_rounded_up(self, monkeypatch: pytest.MonkeyPatch, quota: float | None, usable: int):
        """To at least one worker, and never to more than there are cores."""
        monkeypatch.setattr(cores, "_allowed", lambda: 8)
        monkeypatch.setattr(cores, "least_quota", lambda: quota and Quota(quota, Path("/pod")))
        assert usable_cores() == usable
        assert Settings().workers == Scheduler(max_workers=None).settings.workers == usable
        assert (cores.cores().quota is None) == (usable == 8)  # what does not bound is not named

    def test_affinity_bounds_too(self):
        """A process that was bound to one core has one worker."""
        bound = "import os; os.sched_setaffinity(0, {min(os.sched_getaffinity(0))})"
        assert printed(f"{bound}; from asyncgen.calls.cores import cores; print(cores().allowed)") == "1"

    @pytest.mark.parametrize("how", ["variable", "option"])
    def test_what_python_3_13_was_told_counts(self, monkeypatch: pytest.MonkeyPatch, how: str):
        """`os.process_cpu_count` heeds it, and whoever says a number means it: a quota does not bound it."""
        monkeypatch.setattr(os, "process_cpu_count", lambda: 3, raising=False)
        monkeypatch.setattr(cores, "least_quota", lambda: Quota(1.0, Path("/pod")))
        monkeypatch.delenv("PYTHON_CPU_COUNT", raising=False)
        assert cores.cores() == Cores(3, Quota(1.0, Path("/pod")))
        if how == "variable":
            monkeypatch.setenv("PYTHON_CPU_COUNT", "3")
        else:
            monkeypatch.setitem(sys._xoptions, "cpu_count", "3")
        assert cores.cores() == Cores(3)

    def test_before_python_3_13_nobody_is_told(self, monkeypatch: pytest.MonkeyPatch):
        """There the variable has no meaning."""
        monkeypatch.delattr(os, "process_cpu_count", raising=False)
        monkeypatch.setattr(cores, "least_quota", lambda: None)
        before = usable_cores()
        monkeypatch.setenv("PYTHON_CPU_COUNT", str(before + 1))
        assert usable_cores() == before

    def test_a_system_without_affinity_counts_all_cores(self, monkeypatch: pytest.MonkeyPatch):
        """As macOS before Python 3.13."""
        for name in ("process_cpu_count", "sched_getaffinity"):
            monkeypatch.delattr(os, name, raising=False)
        monkeypatch.setattr(os, "cpu_count", lambda: 5)
        assert cores.cores().allowed == 5


@pytest.fixture
def real_group() -> Iterator[Path]:
    """A control group of this machine's kernel, where we may make one."""
    made = CONTROLLER / f"asyncgen-test-{os.getpid()}"
    try:
        made.mkdir()
        (made / "cpu.cfs_quota_us").write_text("50000")
    except OSError as error:
        pytest.skip(f"no control group can be made here: {error}")
    yield made
    made.rmdir()


def test_a_real_control_group(real_group: Path):
    """With half a core's worth of CPU time there is one worker by default."""
    (real_group / "cpu.cfs_period_us").write_text("100000")
    join = f"import os; open({str(real_group / 'cgroup.procs')!r}, 'w').write(str(os.getpid()))"
    found = printed(f"{join}; from asyncgen.calls.cores import cores; print(cores().usable, cores().quota)")
    assert found == f"1 {Quota(0.5, real_group)}"


def printed(code: str) -> str:
    return subprocess.check_output([sys.executable, "-c", code], text=True, timeout=60).strip()
