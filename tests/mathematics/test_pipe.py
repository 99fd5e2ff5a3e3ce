"""Rules of the pipe to a computer algebra system, tested on a small system of our own."""

import os
import signal
import sys

import psutil
import pytest
from processes import living, open_descriptors

from asyncgen.calls.child import companions
from asyncgen.mathematics.engines import pipe
from asyncgen.mathematics.engines.pipe import EngineLost, PipedProcess, Program

SYSTEM = """
import os, signal, sys, time

def burn():
    while True:
        pass

def deaf():
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    burn()

def die():
    os.kill(os.getpid(), signal.SIGKILL)

signal.signal(signal.SIGINT, signal.default_int_handler)
def flood():
    while True:
        print("y" * 10_000, flush=True)

known = {"flood": flood, "burn": burn, "deaf": deaf, "die": die, "wait": lambda: time.sleep(1e6)}
while line := sys.stdin.readline():
    try:
        word, _, rest = line.strip().partition(" ")
        known.get(word, lambda: print(rest, flush=True))()
    except KeyboardInterrupt:
        print("interrupted", flush=True)
"""
AMPLE = 10.0  # CPU seconds


def program(system: str = SYSTEM) -> Program:
    return Program((sys.executable, "-S", "-c", system), (), "say <{}>", "<{}>", "say")


@pytest.fixture
def system():
    process = PipedProcess(program())
    yield process
    process.close()


def test_it_does_not_need_our_current_folder(system: PipedProcess) -> None:
    """That may be removed while a job goes on, and FriCAS does not start in a folder that is gone."""
    assert os.readlink(f"/proc/{system.pid}/cwd") == "/"


def test_an_answer_is_what_was_printed_without_blanks(system: PipedProcess) -> None:
    """Lines may be wrapped anywhere, so blanks and newlines are taken out; the marker is not part of it."""
    assert system.ask("say x + \\t 1", AMPLE) == rb"x+\t1"
    assert system.ask("nothing", AMPLE) == b""


def test_long_answers_are_read_whole(system: PipedProcess) -> None:
    """An answer larger than a pipe holds neither blocks nor loses its marker."""
    assert system.ask("say " + "7" * 50_000, AMPLE) == b"7" * 50_000


def test_a_cut_leaves_the_system_at_its_prompt(system: PipedProcess) -> None:
    """The limit counts the system's CPU; an interrupt ends the computation, thirty times in a row."""
    pid = system.pid
    for number in range(30):
        assert system.ask("burn", 0.01) is None
        assert system.ask(f"say {number}", AMPLE) == b"%d" % number
    assert system.pid == pid
    assert system.alive


def test_a_system_that_ignores_the_interrupt_is_killed(system: PipedProcess) -> None:
    """What does not come back to its prompt is closed, and the question counts as cut."""
    assert system.ask("deaf", 0.01) is None
    assert not system.alive
    assert living(system.pid) == []


def test_a_stall_ends(system: PipedProcess, monkeypatch: pytest.MonkeyPatch) -> None:
    """A system that sleeps on without an answer would never use up its CPU limit; it is cut all the same."""
    monkeypatch.setattr(pipe, "_STALL_SECONDS", 0.05)
    assert system.ask("wait", AMPLE) is None
    assert system.ask("say again", AMPLE) == b"again"


def test_a_flood_ends(system: PipedProcess, monkeypatch: pytest.MonkeyPatch) -> None:
    """A system that prints for ever is cut before it fills our memory."""
    monkeypatch.setattr(pipe, "_LONGEST", 100_000)
    assert system.ask("flood", AMPLE) is None
    assert not system.alive or system.ask("say again", AMPLE) == b"again"


def test_a_system_that_dies_is_reported(system: PipedProcess) -> None:
    """The end of a system in a question, or between two, is an EngineLost that says how it ended."""
    with pytest.raises(EngineLost, match="code -9"):
        system.ask("die", AMPLE)
    other = PipedProcess(program())
    os.kill(other.pid, signal.SIGKILL)
    with pytest.raises(EngineLost, match="code -9"):
        other.ask("say x", AMPLE)
    assert not other.alive


@pytest.mark.parametrize(
    "arguments", [("/nonexistent/system",), (sys.executable, "-c", "raise SystemExit(3)")]
)
def test_a_system_that_does_not_start_is_reported(arguments: tuple[str, ...]) -> None:
    """A missing program, or one that ends at once, is an EngineLost, and leaves no process."""
    used, children = companions.used(), psutil.Process().children()
    with pytest.raises(EngineLost):
        PipedProcess(Program(arguments, (), "say <{}>", "<{}>", "say"))
    assert companions.used() >= used
    assert psutil.Process().children() == children


def test_nothing_is_left_of_a_closed_system() -> None:
    """No zombie and no descriptor stays behind, however it ended; closing twice is safe."""
    descriptors, children = open_descriptors(), psutil.Process().children()
    for end in ("say x", "deaf"):
        system = PipedProcess(program())
        system.ask(end, 0.01)
        system.close()
        system.close()
    assert psutil.Process().children() == children
    assert open_descriptors() == descriptors


def test_the_system_is_in_our_process_group(system: PipedProcess) -> None:
    """It ends with the worker, whose whole group is killed."""
    assert os.getpgid(system.pid) == os.getpgid(0)


def test_its_cpu_is_charged_once(system: PipedProcess) -> None:
    """What it uses counts while it runs, and no second time when it has been waited for."""
    before = companions.used()
    system.ask("burn", 0.1)
    running = companions.used()
    system.close()
    closed = companions.used()
    assert running - before > 0.1
    assert closed == pytest.approx(running, abs=0.05)


def test_an_ignored_interrupt_is_not_inherited() -> None:
    """A worker that ignores SIGINT still has systems that can be interrupted, if they say so themselves."""
    before = signal.signal(signal.SIGINT, signal.SIG_IGN)
    try:
        system = PipedProcess(program())
        assert system.ask("burn", 0.01) is None
        assert system.alive
        system.close()
    finally:
        signal.signal(signal.SIGINT, before)
