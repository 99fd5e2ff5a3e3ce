"""A computer algebra system as a persistent child of the worker, spoken to over a pipe.

    worker ──one line of input, a marker──▶ the system's own prompt
           ◀─what it prints, the marker───

Guarantees: a question is cut after so many CPU seconds of the child's own, or when its answer does not end,
    first softly (SIGINT), then by killing it. The child is in the worker's process group, and so ends with
    the worker; its CPU is charged to the worker's call.
Assumes: lines were printed from tokens, never taken from anybody's text: such systems run shell commands.
"""

import os
import re
import select
import signal
import subprocess
import time
from collections.abc import Mapping
from dataclasses import dataclass, field

from asyncgen.calls import system
from asyncgen.calls.child import companions

_START_SECONDS = 10.0  # CPU for a fresh one to come to its prompt
_SOFT_SECONDS = 0.2  # CPU for an interrupted one to come back to its prompt; it takes 2 ms
_STALL_SECONDS = 2.0  # wall clock asleep after which it waits for something that never comes
_POLL_SECONDS = 0.01  # between two looks at its clock, once its CPU seconds may be used up
_LONGEST = 4 << 20  # bytes of one answer; what prints more, prints for ever
_BLANKS = re.compile(rb"\s+")


class EngineLost(Exception):
    """The engine cannot be started, or ended by itself; the next integrand starts a fresh one."""


@dataclass(frozen=True, slots=True)
class Program:
    """How a system is started and spoken to. `mark` and `printed` have a place, {}, for a number."""

    arguments: tuple[str, ...]
    settings: tuple[str, ...]  # lines of input before the first question
    mark: str  # a line of input that makes it print a text that nothing else prints
    printed: str  # that text as it appears, blanks removed
    recover: str  # the line that leads back to the prompt after an interrupt, harmless at the prompt
    environment: Mapping[str, str] = field(default_factory=dict)


class PipedProcess:
    """One running system. Not for concurrent use. Raises EngineLost if it cannot be started."""

    def __init__(self, program: Program) -> None:
        self._program = program
        self._count = 0
        self.asked = 0  # questions so far
        try:
            self._process = subprocess.Popen(
                program.arguments,
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=subprocess.STDOUT,
                bufsize=0,
                cwd="/",  # ours may be gone, which FriCAS does not bear
                preexec_fn=companions.ending_with_us(),
                env={**os.environ, "HOME": "/nonexistent", "LC_ALL": "C", **program.environment},
            )
        except OSError as error:
            raise EngineLost(f"{program.arguments[0]} cannot be started: {error.strerror}") from error
        companions.add(self._process.pid)
        self._begin()

    @property
    def pid(self) -> int:
        return self._process.pid

    @property
    def alive(self) -> bool:
        return self._process.poll() is None

    @property
    def resident(self) -> int:
        """Bytes of memory that it has now; of a living one."""
        return system.resident(self.pid)

    def ask(self, line: str, seconds: float) -> bytes | None:
        """What it prints for one line of input, blanks removed; None if it was cut.

        `seconds` are CPU seconds of the child. Raises EngineLost if it ended; then, and where it could not
        be stopped softly, it is no longer alive.
        """
        limit = system.cpu_seconds(self.pid) + seconds
        self.asked += 1
        self._write(line)
        answer = self._read_until(limit)
        if answer is None and not self._interrupt():
            self.close()
        return answer

    def close(self) -> None:
        """Kill it and wait for its end. Closing twice is safe."""
        self._process.kill()
        self._process.wait()
        companions.remove(self.pid)
        for pipe in (self._process.stdin, self._process.stdout):
            if pipe is not None:
                pipe.close()

    def _begin(self) -> None:
        try:
            self._write("\n".join(self._program.settings))
            answer = self._read_until(_START_SECONDS)
        except BaseException:
            self.close()
            raise
        if answer is None:
            self.close()
            raise EngineLost(f"{self._program.arguments[0]} did not answer at its start")

    def _interrupt(self) -> bool:
        """Stop the computation; whether the system is back at its prompt."""
        self._process.send_signal(signal.SIGINT)
        try:
            limit = system.cpu_seconds(self.pid) + _SOFT_SECONDS
            self._write(self._program.recover)
            return self._read_until(limit) is not None
        except EngineLost:  # it was cut all the same
            return False

    def _write(self, text: str) -> None:
        assert self._process.stdin is not None
        try:
            self._process.stdin.write(text.encode() + b"\n")
        except BrokenPipeError:
            self._ended()

    def _read_until(self, limit: float) -> bytes | None:
        """Output up to a mark; None once its CPU clock is at the limit, or when nothing moves any more.

        With its one thread it uses no more CPU than time passes: no look at its clock comes too early.
        """
        mark = self._mark()
        found, awake = b"", time.monotonic()
        left = limit - system.cpu_seconds(self.pid)
        while True:
            data = self._output(min(max(left, _POLL_SECONDS), _STALL_SECONDS))
            found += data
            if mark in found[-len(data) - len(mark) :]:
                return found[: found.rindex(mark)]
            now = time.monotonic()
            if data or not self._asleep():
                awake = now
            left = limit - system.cpu_seconds(self.pid)
            if now - awake > _STALL_SECONDS or left <= 0:
                return None
            if len(found) > _LONGEST:
                return None

    def _mark(self) -> bytes:
        """Have it print a text that nothing else prints; return it as it will appear."""
        self._count += 1
        self._write(self._program.mark.format(self._count))
        return self._program.printed.format(self._count).encode()

    def _output(self, pause: float) -> bytes:
        """What it prints within so many seconds, as soon as there is any, blanks removed."""
        assert self._process.stdout is not None
        if not select.select([self._process.stdout], [], [], pause)[0]:
            return b""
        data = os.read(self._process.stdout.fileno(), 1 << 16)
        if not data:
            self._ended()
        return _BLANKS.sub(b"", data)

    def _asleep(self) -> bool:
        """Whether it waits for something; one that only waits for a processor does not."""
        return system.is_asleep(self.pid)

    def _ended(self) -> None:
        self.close()
        raise EngineLost(f"{self._program.arguments[0]} ended by itself, code {self._process.returncode}")
