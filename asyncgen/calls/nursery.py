"""The parent's side of worker processes: the template that forks and buries them.

    Nursery ──Fork+descriptors, Kill, Measure──▶ template     (see child/messages.py, child/template.py)
            ◀─Forked, Killed, Gone, Used───────

Guarantees: nothing here blocks the loop; a process is reported gone once, after its whole group is dead; a
    template that does not answer is itself killed.
Assumes: everything is called on the loop's own thread.
"""

import asyncio
import contextlib
import os
import signal
import socket
import subprocess
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import IO, NamedTuple, TypeVar

from asyncgen.calls import system
from asyncgen.calls.board import Boards
from asyncgen.calls.child import messages
from asyncgen.calls.child.messages import (
    Failed,
    Fork,
    Forked,
    Gone,
    Kill,
    Killed,
    Message,
    Orders,
    Pong,
    Ready,
    Threaded,
    Used,
)
from asyncgen.calls.child.start import interpreter
from asyncgen.calls.control import Control, close_all
from asyncgen.calls.deaths import ended
from asyncgen.calls.questions import Questions
from asyncgen.calls.worker_process import Exit, Owner, WorkerProcess

T = TypeVar("T")

_TEMPLATE_PATIENCE = 10.0  # seconds for an answer to "kill", before the template itself is killed


@dataclass(frozen=True, slots=True)
class TemplateProgram:
    """How the template is run: what it is told, its environment besides ours, and where its output goes.

    boards: processes that it may have at a time, those that are about to end included.
    """

    orders: Orders
    environment: Mapping[str, str]
    boards: int
    output: IO[bytes] | int = subprocess.DEVNULL


class Loss(NamedTuple):
    """Why a template is of no more use: in words, where it knows.

    With `is_final` it said so itself, and another one would fail alike. `threads`: those that its modules
    have started, for which it cannot fork.
    """

    why: str = ""
    is_final: bool = False
    threads: int = 0


class Nursery:
    """One template process: asks it for workers, and passes on its reports.

    `on_lost` is called once if the template ends or fails before `close`; `on_room` whenever it takes another
    process again, as one is gone, where for a time it took none.
    """

    def __init__(
        self, program: TemplateProgram, on_lost: Callable[[Loss], None], on_room: Callable[[], None]
    ) -> None:
        self.loop = asyncio.get_running_loop()
        self._program = program
        self._on_lost = on_lost
        self._on_room = on_room
        self._requested: dict[int, WorkerProcess] = {}
        self._known: dict[int, WorkerProcess] = {}
        self._doomed: dict[WorkerProcess, asyncio.TimerHandle] = {}  # what happens where no answer comes
        self._places: dict[WorkerProcess, int] = {}  # of their boards
        self._questions = Questions(self._ask)
        self._count = 0
        self._loss = Loss()
        self.spoke = asyncio.Event()  # it has imported what it should, or says that it cannot be used
        self._ready = False
        self.lost = False  # the template is gone: nothing can be forked any more
        self._closed = False
        self._ended = asyncio.Event()
        self._burial: asyncio.Task[None] | None = None
        self._patience: asyncio.TimerHandle | None = None  # for the template to end, once it should
        self._idle = asyncio.Event()
        self._start()
        # Not the end of the socket: uvloop stays silent about a socket that was reset.
        self.loop.add_reader(self._watch, self._template_ended)
        self._control.send(messages.encode_orders(program.orders))

    def _start(self) -> None:
        """Start the template; an OSError, as for want of descriptors, leaves nothing behind."""
        with contextlib.ExitStack() as undo:
            self._boards = Boards(self._program.boards)
            undo.callback(self._boards.close)
            ours, child_end = socket.socketpair()
            undo.callback(ours.close)
            with child_end:
                self._template = self._spawn(child_end)
            undo.callback(self._template.wait)
            undo.callback(self._template.kill)
            self._watch = system.Watch(self._template.pid)
            undo.pop_all()
        self._control = Control(ours, self._hear, self._template.kill)

    @property
    def pid(self) -> int:
        """The template's process id."""
        return self._template.pid

    def _spawn(self, control: socket.socket) -> subprocess.Popen[bytes]:
        descriptors = control.fileno(), self._boards.descriptor
        return subprocess.Popen(
            interpreter("asyncgen.calls.child.template", "main", *descriptors),
            stdin=subprocess.DEVNULL,
            stdout=self._program.output,
            stderr=self._program.output,
            pass_fds=descriptors,
            env={**os.environ, **self._program.environment},
            start_new_session=True,
        )

    @property
    def has_room(self) -> bool:
        """Whether it takes another process: not if very many are about to end, and take their time."""
        return not self._boards.all_taken

    def fork(self, owner: Owner, shared: Sequence[int] = ()) -> WorkerProcess:
        """Ask for a worker process; calls may be sent to it at once. Raises OSError if it lacks sockets.

        It also gets these descriptors of the parent's; see sharing.py.
        """
        with contextlib.ExitStack() as undo:
            place, board = self._boards.take()
            undo.callback(self._boards.give_back, place)
            descriptors: list[int] = []
            undo.callback(close_all, descriptors)
            for descriptor in shared:
                descriptors.append(os.dup(descriptor))
            process = WorkerProcess(owner, self, board, self._program.orders.max_message)
            undo.pop_all()
        self._places[process] = place
        self._count += 1
        self._requested[self._count] = process
        self._ask(Fork(self._count, place, len(shared)), [process.child_end.detach(), *descriptors])
        return process

    def kill(self, process: WorkerProcess) -> None:
        """Have the group of a process killed, as soon as its id is known."""
        if self.lost:
            self._kill_orphan(process)
        elif process not in self._doomed:
            self._demand(process)

    def measure(self, process: WorkerProcess) -> "asyncio.Future[float | None]":
        """The CPU seconds that the process's group has used; None if it is gone before the answer."""
        if self.lost or process.pid not in self._known:
            return self._answer(None)
        return self._questions.measure(process)

    def ping(self) -> "asyncio.Future[bool]":
        """True once the template has answered; False where it has ended, or does before it answers."""
        return self._answer(False) if self._closed else self._questions.ping()

    def _answer(self, value: T) -> "asyncio.Future[T]":
        """What is known without asking."""
        answer: asyncio.Future[T] = self.loop.create_future()
        answer.set_result(value)
        return answer

    def _demand(self, process: WorkerProcess) -> None:
        if self.lost:
            return
        self._doomed[process] = self.loop.call_later(_TEMPLATE_PATIENCE, self._kill_template, process)
        if process.pid is not None:
            self._ask(Kill(process.pid, process.grace))

    async def close(self) -> None:
        """Kill every process, wait until the last is gone, end the template and wait for its end.

        May be called again, as after a cancelling.
        """
        if not self._closed and not self._heard_ready():
            self._template.kill()  # it has forked nothing yet: its imports are not worth waiting for
        for process in self._processes():
            process.kill()
        while self._processes():
            self._idle.clear()
            await self._idle.wait()
        if not self._closed:
            self._closed = True
            self._control.close()
            self._patience = self.loop.call_later(_TEMPLATE_PATIENCE, self._template.kill)
        if self._burial is not None:
            await asyncio.wait([self._burial])
        await self._ended.wait()
        self._boards.close()

    def _heard_ready(self) -> bool:
        if not self._ready:
            self._control.catch_up()  # it may have said so just now
        return self._ready

    def _processes(self) -> list[WorkerProcess]:
        return [*self._requested.values(), *self._known.values()]

    # -- talking with the template ---------------------------------------------------------------

    def _ask(self, request: Message, descriptors: Sequence[int] = ()) -> None:
        self._control.send(messages.encode(request), descriptors)

    def _hear(self, message: Message) -> None:
        match message:
            case Forked():
                self._forked(self._requested.pop(message.number), message)
            case Gone(pid, exitcode, cpu_seconds, over_limit):
                self._bury(self._known.pop(pid), Exit(exitcode, cpu_seconds, over_limit))
            case Killed(pid):
                self._carried_out(pid)
            case Used(pid, cpu_seconds):
                if (process := self._known.get(pid)) is not None:
                    self._questions.used(process, cpu_seconds)
            case Pong():
                self._questions.pong()
            case Ready():
                self._ready = True
                self.spoke.set()
            case Failed(why):
                self._loss = Loss(why, is_final=True)
            case Threaded(threads):
                self._loss = Loss("its modules have started threads", threads=threads)

    def _forked(self, process: WorkerProcess, message: Forked) -> None:
        if message.pid is None:
            process.explain(f"no process could be started: {message.error}")
            self._bury(process, Exit(None))
            return
        process.pid = message.pid
        self._known[message.pid] = process
        if process in self._doomed:
            self._ask(Kill(process.pid, process.grace))

    def _carried_out(self, pid: int) -> None:
        """The template has sent the signal, so it is at work. If that is all it says, it is asked again."""
        process = self._known.get(pid)
        if process is not None and (timer := self._doomed.get(process)) is not None:
            timer.cancel()
            self._doomed[process] = self.loop.call_later(_TEMPLATE_PATIENCE, self._demand, process)

    def _bury(self, process: WorkerProcess, end: Exit) -> None:
        self._questions.used(process, None)
        had_room = self.has_room  # nobody blanks the board before `finish` has read what is left in it
        self._boards.give_back(self._places.pop(process))
        if (timer := self._doomed.pop(process, None)) is not None:
            timer.cancel()
        self._idle.set()
        process.finish(end)
        if not had_room:
            self._on_room()

    # -- the template's own end ------------------------------------------------------------------

    def _kill_template(self, process: WorkerProcess) -> None:
        """It left a kill unanswered: it is stopped or stuck, and its workers die with it."""
        if self.lost:
            return
        asked = self._doomed[process]
        # Not so if it was this loop that was stuck: uvloop runs timers before it reads.
        self._control.catch_up()
        if self._doomed.get(process) is not asked:
            return
        self._loss = Loss("the template process did not answer and was killed")
        self._template.kill()

    def _template_ended(self) -> None:
        self.loop.remove_reader(self._watch)
        self._watch.close()
        self._template.wait()  # it has ended: this only collects its exit status
        self._ended.set()
        if self._patience is not None:
            self._patience.cancel()
        if not self._closed:
            self._control.catch_up()  # its last words
            self._lose()
        self._questions.ended()

    def _lose(self) -> None:
        """The template is gone, and the kernel kills its workers; kill what else is in their groups."""
        self._closed = self.lost = True
        self._control.close()
        orphans = self._processes()
        for process in orphans:
            process.orphan("the template process ended, and its workers with it")
            self._kill_orphan(process)
        self._burial = self.loop.create_task(self._bury_orphans(orphans))
        self._on_lost(self._loss)
        self.spoke.set()

    async def _bury_orphans(self, orphans: list[WorkerProcess]) -> None:
        try:
            for process in orphans:
                if process.pid is not None:
                    await ended(process.pid)
        finally:  # the end of a program's loop cancels this task too, and `close` waits for what it does
            self._requested.clear()
            self._known.clear()
            for process in orphans:
                self._bury(process, Exit(None))
            self._boards.close()

    def _kill_orphan(self, process: WorkerProcess) -> None:
        if process.pid is not None:
            with contextlib.suppress(ProcessLookupError, PermissionError):
                os.killpg(process.pid, signal.SIGKILL)
