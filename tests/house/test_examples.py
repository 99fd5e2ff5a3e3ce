"""Every program in examples/ runs as it stands, and prints what its docstring promises."""

import re
import subprocess
import sys
from pathlib import Path

import pytest
from places import ROOT
from processes import needed_packages

EXAMPLES = ROOT / "examples"

# What each prints: regular expressions that have to match in this order, whatever stands between them.
EXPECTED = {
    "batch_in_app.py": [
        r"app INFO heartbeat",
        r"app INFO running: 0 of 1000 rows",
        r"app INFO heartbeat",
        r"app INFO SIGTERM: the application ends",
        r"app INFO stopped: [0-9]+ of 1000 rows",
        r"asyncgen INFO run 1: stopped",
        r"stored now: .*elementary [0-9]+",
        r" 0 [a-z]+ +\S.* -> ",
        r" 9 [a-z]+ +\S.* -> ",
    ],
    "cancel_calls.py": [r"the call runs: True", r"cancelled; the call runs: False", r"the next call: 1024"],
    "compute_with_dask.py": [r"409114\n", r"killed at its limit of 1 s", r"3 as the pool goes on"],
    "drop_in_executor.py": [
        r"\[1, 1, 2, 6, 24, 120, 720, 5040\]",
        r"0\.1 s: slept",
        r"60 s: .*killed at its limit of 1 s",
        r"cancelled, and its process is dead",
        r"252",
        r"nobody waits any more",
    ],
    "embed_scheduler.py": [
        r"heartbeat",
        r"a quick call: from - to -",
        r"heartbeat\nheartbeat\nheartbeat",
        r"an endless call: CallTimeout: .* 1 s",
        r"a crashing call: WorkerDied: .* SIGSEGV",
    ],
    "follow_events.py": [
        r"a process is ready",
        r"1024",
        r"a process was recycled: killed",
        r"sleep ended with CallTimeout after 0\.[5-9] s",
        r"string_at ended with WorkerDied",
    ],
    "label_one.py": [
        r"x\*exp\(x\) +elementary +\(x - 1\)\*exp\(x\)",
        r"1/\(x\*\*2 \+ 1\) +elementary +atan\(x\)",
        r"7\*2 +degenerate +constant",
        r"write sin\(x\), column 3",
    ],
    "parallel_with_joblib.py": [
        r"\[1, 1, 2, 6, 24, 120, 720, 5040\]",
        r"killed at its limit of 1 s",
        r"\[1\] as the pool goes on",
    ],
    "queue_in_sqlite.py": [
        r"before the end: done [a-z]+ running",
        r"after a restart: \('done', '2432902008176640000'\) .* \('waiting', None\)",
        r"1 done 2432902008176640000",
        r"2 done None",
        r"3 failed the call was killed at its limit of 2 s",
    ],
    "serve_with_aiohttp.py": [
        r'200 \["aaa"\]',
        r"504 the call was killed at its limit of 0.5 s",
        r"the client hangs up",
        r"and its worker is free",
    ],
    "serve_with_fastapi.py": [
        r'200 \["a+"\]',
        r"504 .*killed at its limit of 0.5 s",
        r"400 .*no regular expression",
    ],
    "show_statistics.py": [
        r"0 of 2 busy, 0 idle, 0 spare, 0 waiting",
        r"32 results",
        r"32 calls; failed: .*'WorkerDied': 1",
        r"calls took 0\.[0-9]{3} s, the slowest 0\.[0-9]{3} s",
    ],
    "stream_as_completed.py": [r"-1: math domain error", r"4: 2\.0", r"16: 4\.0"],
    "train_while_made.py": [
        r"up to 8 operators: [0-9]+% right, [0-9]+% have a closed form",
        r"up to (9|10|11) operators: [5-9][0-9]% right, [0-9]+% have a closed form",
    ],
    "validate_with_scikit_learn.py": [
        r"scaled, logistic: 0\.9[0-9], 0\.9[0-9], 0\.9[0-9]\n",
        r"as it is, linear SVM: CallTimeout, CallTimeout, CallTimeout\n",
    ],
    "stream_in_order.py": [r"A\nFEW\nWORDS\nIN\nTHEIR\nOWN\nORDER\n"],
}


# Packages that are not there in every environment, by the names under which they are imported.
NEEDED = {
    "compute_with_dask.py": ("dask",),
    "parallel_with_joblib.py": ("joblib",),
    "validate_with_scikit_learn.py": ("sklearn",),
}

SERVER = "integration_service.py"  # it runs until it is ended: see test_service.py


def test_every_example_is_known_here():
    """An example without an expectation, or an expectation without an example, fails."""
    assert {path.name for path in EXAMPLES.glob("*.py")} == {*EXPECTED, SERVER}


@pytest.mark.engine
@pytest.mark.parametrize("name", sorted(EXPECTED))
def test_an_example_runs(name: str, tmp_path: Path):
    """It needs no argument, ends with status 0, prints what is expected and nothing to stderr."""
    needed_packages(*NEEDED.get(name, ()))
    command = [sys.executable, "-W", "error", str(EXAMPLES / name)]
    done = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True, timeout=120, check=False)
    assert (done.returncode, done.stderr) == (0, "")
    assert list(tmp_path.iterdir()) == []
    rest = done.stdout
    for pattern in EXPECTED[name]:
        found = re.search(pattern, rest)
        assert found, f"{pattern!r} not in:\n{rest}"
        rest = rest[found.end() :]
