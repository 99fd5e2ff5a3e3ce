"""What the command's tests share."""

import subprocess
from collections.abc import Callable
from pathlib import Path

import pytest

from asyncgen.command.main import run

Refuse = Callable[..., subprocess.CompletedProcess[str]]


@pytest.fixture
def refuse(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Refuse:
    """The command in this process, in an empty folder: for what is refused before anything is started."""

    def command(*arguments: object) -> subprocess.CompletedProcess[str]:
        monkeypatch.chdir(tmp_path)
        status = run([str(argument) for argument in arguments])
        return subprocess.CompletedProcess(arguments, status, *capsys.readouterr())

    return command
