"""What was typed or written wrongly, besides what test_commands has: one line, status 2."""

import subprocess
import sys
from pathlib import Path

import pytest
from conftest import Refuse
from store_cases import names


def check_refused(refuse: Refuse, folder: Path, arguments: list[str], says: tuple[str, str]) -> None:
    """Status 2, one plain line on stderr that begins and goes on so, and nothing new in the folder."""
    before, (begins, part) = names(folder), says
    done = refuse(*arguments)
    assert (done.returncode, done.stdout) == (2, "")
    (line,) = done.stderr.splitlines()
    assert line.startswith(begins)
    assert part in line
    assert names(folder) == before


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("[binary\n", "not TOML: "),
        ("integrand,integral\nx,1\n", "not TOML: "),
        ("\0", "not TOML: "),
        ("[binery]\nadd = 1\n", "'binery'; did you mean 'binary'?"),
        ("[unary]\nsine = 1\n", "[unary] has no 'sine'; did you mean 'sin'?"),
        ("[integers]\nhihg = 5\n", "[integers] has no 'hihg'; did you mean 'high'?"),
        ("[binary]\nadd = 'much'\n", "[binary] add must be a finite number (at most 1e15), not 'much'"),
        ("[binary]\nadd = -1\n", "[binary] add: a weight is 0 or more, not -1"),
    ],
)
def test_a_wrong_config(tmp_path: Path, refuse: Refuse, text: str, says: str):
    """Status 2 and one line that names the file, the place and what is meant; no store is made."""
    config = tmp_path / "mine.toml"
    config.write_text(text)
    check_refused(refuse, tmp_path, ["--config", "mine.toml"], ("asyncgen: mine.toml: ", says))


@pytest.mark.parametrize("value", ["soon", "", "5s", "-0"])
@pytest.mark.parametrize("flag", ["--timeout", "--max-time", "--flush-seconds", "--workers", "--batch"])
def test_limits_that_are_no_numbers(tmp_path: Path, refuse: Refuse, flag: str, value: str):
    """Status 2 and one line that names the flag."""
    check_refused(refuse, tmp_path, [f"{flag}={value}"], ("asyncgen: ", flag))


@pytest.mark.parametrize("value", ["1.5", "2.0", "1e3", "0x10", "9" * 5000])
@pytest.mark.parametrize("flag", ["--n", "--start", "--seed", "--workers", "--min-ops", "--calls-per-worker"])
def test_counts_that_are_not_whole(tmp_path: Path, refuse: Refuse, flag: str, value: str):
    """Refused, not rounded: another seed gives other functions."""
    says = f"asyncgen: {flag} {value}: ", "it must be a whole number"
    check_refused(refuse, tmp_path, [flag, value], says)


def test_a_current_folder_that_is_not_there(tmp_path: Path):
    """A store by a relative name is then nowhere, and that is said."""
    command = f'mkdir gone; cd gone; rmdir ../gone; exec "{sys.executable}" -m asyncgen --n 3 --store s.db'
    done = subprocess.run(
        ["sh", "-c", command], cwd=tmp_path, capture_output=True, text=True, timeout=100, check=False
    )
    assert done.returncode == 2
    (line,) = done.stderr.splitlines()
    assert line.startswith("asyncgen: s.db cannot be found from the current folder")
