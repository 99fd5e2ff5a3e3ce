"""What a session shows and refuses: warnings of the log, displays without a terminal, too few open files."""

import errno
import io
import logging
import os
import resource
import signal
from contextlib import nullcontext, suppress
from pathlib import Path

import pytest
from rich.console import Console

from asyncgen.command import session
from asyncgen.command.display import Display, Lines, LiveBar, Output, Silence, Steady, display
from asyncgen.jobs.progress import Progress
from asyncgen.jobs.run import Control
from asyncgen.problems.errors import UsageError

NOW = Progress("running", total=100, before=40, stored=20, counts={}, seconds=10.0, cpu_seconds=0.0)
log = logging.getLogger("asyncgen")


class Gone(io.StringIO):
    """A terminal that worked once, and then was closed."""

    closed_by_user = False

    def write(self, text: str) -> int:
        if self.closed_by_user:
            raise OSError(errno.EIO, os.strerror(errno.EIO))
        return super().write(text)


class Heard(Silence):
    """Remembers what it was told to say."""

    def __init__(self) -> None:
        self.said: list[str] = []

    def say(self, text: str) -> None:
        self.said.append(text)


@pytest.mark.parametrize("terminal", [True, False])
def test_a_display_outlives_its_terminal(terminal: bool):
    """Once it is closed nothing is shown any more, and nothing is raised."""
    file = Gone()
    shown = display(Output(file=file, force_terminal=terminal), quiet=False, show=True)
    shown.say("first")
    file.closed_by_user = True
    for _ in range(2):
        shown.update(NOW)
        shown.say("second")
        shown.close()
    assert "first" in file.getvalue()
    assert "second" not in file.getvalue()


@pytest.mark.parametrize("kind", [Lines, LiveBar])
def test_a_display_alone_does_raise(kind: type):
    """What the rule above relies on: it is able to fail."""
    file = Gone()
    shown: Display = kind(Console(file=file, force_terminal=True))
    file.closed_by_user = True
    with pytest.raises(OSError, match=os.strerror(errno.EIO)):
        shown.say("second")
    Steady(shown).close()


def test_a_pipe_without_a_reader_is_the_callers_business():
    """A console of rich would exit the program, with status 1."""
    reader, writer = os.pipe()
    os.close(reader)
    with open(writer, "w", buffering=1) as file:
        with pytest.raises(BrokenPipeError):
            Output(file=file).print("text")
        os.dup2(os.open(os.devnull, os.O_WRONLY), writer)


def test_warnings_of_the_log_are_shown_while_a_job_runs():
    """Not its other lines: errors end the command, which says them itself."""
    heard = Heard()

    async def job(control: Control) -> Progress:
        log.warning("no process to be had (%s)", "why")
        log.error("the run ended early")
        log.info("all is well")
        return NOW

    assert session.run(job, heard, "asyncio") is NOW
    log.warning("too late")
    assert heard.said == ["no process to be had (why)"]


def test_too_few_open_files_are_refused(monkeypatch: pytest.MonkeyPatch):
    """Before anything is begun, with the remedy."""
    monkeypatch.setattr(resource, "getrlimit", lambda _: (39, 4096))
    with pytest.raises(UsageError, match=r"only 39 files may be open at a time.*ulimit -n"):
        session.run(lambda control: pytest.fail("begun"), Silence(), None)


def test_a_log_takes_any_text(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    """Also what UTF-8 cannot hold, such as the name of a file."""
    monkeypatch.setattr(log, "handlers", [])
    session.log_to(tmp_path / "log")
    log.warning("name: \udcff é")
    (handler,) = log.handlers
    handler.close()
    assert (tmp_path / "log").read_text(encoding="utf-8").endswith("WARNING name: \\udcff é\n")


def test_a_log_on_a_full_disk_says_nothing(monkeypatch: pytest.MonkeyPatch, capfd):
    """Lines are missing there; the terminal is not filled with complaints instead."""
    monkeypatch.setattr(log, "handlers", [])
    session.log_to(Path("/dev/full"))
    for _ in range(10):
        log.warning("lost")
    (handler,) = log.handlers
    with suppress(OSError):  # the lines are tried once more
        handler.close()
    assert capfd.readouterr() == ("", "")


@pytest.mark.parametrize("loop", ["asyncio", "uvloop"])
@pytest.mark.parametrize("fails", [False, True])
def test_signals_do_afterwards_what_they_did_before(loop: str, fails: bool):
    """A closed loop that still took Ctrl-C would leave the rest of the program deaf to it."""
    numbers = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)
    before = [signal.getsignal(number) for number in numbers]
    during = []

    async def job(_: Control) -> Progress:
        during.extend(signal.getsignal(number) for number in numbers)
        if fails:
            raise UsageError("on purpose")
        return NOW

    with pytest.raises(UsageError) if fails else nullcontext():
        session.run(job, Silence(), loop)
    assert [signal.getsignal(number) for number in numbers] == before
    assert not set(during) & set(before)
