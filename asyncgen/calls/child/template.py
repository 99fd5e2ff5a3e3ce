"""The template process: imports the heavy modules once, then starts workers on request, and buries them.

    parent ──Fork+socket, Kill, Measure──▶ template ──fork──▶ worker (a process group of its own)
           ◀─Forked, Gone, Used──────────          ◀─SIGCHLD─

Lines of JSON travel over one socket (messages.py); a new worker's socket comes as SCM_RIGHTS with Fork.
A worker is a copy of the template, or with the start method "spawn" a fresh interpreter: the template then
has imported nothing, and its copy becomes one by exec. The rest is the same for both.

Guarantees: the template alone reaps, so a process id stays valid until it says Gone, and a group is dead,
    to its last member, when it does. CPU seconds cover every member that was left to the template, the killed
    included. Where a Kill leaves a group time to clean up, nothing else waits for that. When the parent's end
    of the socket closes, every group is killed at once and the template exits. When the template dies, its
    workers die with it: on Linux by PR_SET_PDEATHSIG, otherwise see system/macos.py.
Assumes: one thread, since fork copies only the calling one: where modules have started others, it says so and
    ends. Descendants of a worker stay in its process group.
"""

import contextlib
import gc
import os
import selectors
import signal
import socket
import sys
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any, NoReturn

from asyncgen.calls import system
from asyncgen.calls.board import Board
from asyncgen.calls.child.folders import Folders
from asyncgen.calls.child.groups import Groups
from asyncgen.calls.child.killing import Graces, kill
from asyncgen.calls.child.messages import (
    Failed,
    Fork,
    Forked,
    Gone,
    Kill,
    Killed,
    Lines,
    Measure,
    Message,
    Orders,
    Ping,
    Pong,
    Ready,
    Threaded,
    Used,
    encode,
    read_orders,
)
from asyncgen.calls.child.received import receive
from asyncgen.calls.child.signals import POLITE
from asyncgen.calls.child.start import PreloadError, import_all, interpreter
from asyncgen.calls.child.worker import main_of_spawned, serve_and_exit
from asyncgen.calls.shared_memory import SharedMemory


@dataclass(slots=True)
class _Worker:
    """One forked process; its process id is also its group's."""

    pid: int
    request: Fork
    status: int | None = None  # the exit code as in multiprocessing, once the process itself is dead
    cpu_seconds: float = 0.0
    over_limit: int = 0  # resident bytes for which it was killed


class Template:
    """The state of the template process and its loop."""

    def __init__(self, control: socket.socket, boards: int, orders: Orders) -> None:
        """`boards` is the descriptor of their memory."""
        self._control = control
        self._descriptor_of_boards = boards
        self._boards = SharedMemory(boards)
        self._orders = orders
        self._workers: dict[int, _Worker] = {}
        self._descriptors: list[int] = []
        self._lines = Lines()
        self._groups = Groups()
        self._graces = Graces()
        self._pid = os.getpid()

    def run(self) -> None:
        """Preload, then serve until the parent is gone. Returns only then, with every worker gone."""
        self._children = system.Children()
        system.prepare()
        try:
            parent = system.Watch(self._orders.parent)
        except ProcessLookupError:
            return
        try:
            self._folders = Folders() if self._orders.folders else None
        except OSError as error:
            self._tell(Failed(f"there can be no folders for workers: {error}"))
            return
        word = preload(self._orders.preload)
        self._tell(word or Ready(self._pid))
        if word is None:
            self._work(parent)
        if self._folders is not None:
            self._folders.close()

    def _work(self, parent: system.Watch) -> None:
        """Serve until the parent is gone, and kill every worker."""
        awake, wake = socket.socketpair()
        wake.setblocking(False)
        awake.setblocking(False)
        signal.signal(signal.SIGCHLD, lambda *_: None)
        signal.set_wakeup_fd(wake.fileno(), warn_on_full_buffer=False)
        self._private: list[Any] = [awake, wake, self._control, parent]
        with selectors.DefaultSelector() as selector:
            self._private.append(selector)
            selector.register(self._control, selectors.EVENT_READ, self._serve)
            selector.register(awake, selectors.EVENT_READ, lambda: bool(awake.recv(4096)))
            # The socket alone would not do: a fork of the parent holds it open beyond the parent's death.
            selector.register(parent, selectors.EVENT_READ, lambda: False)
            with contextlib.suppress(ConnectionError):
                if os.getppid() == self._orders.parent:
                    self._loop(selector)
        self._kill_all()

    def _loop(self, selector: selectors.BaseSelector) -> None:
        limit = self._orders.memory_limit
        alive = True
        while alive:
            for key, _ in selector.select(self._pause()):
                alive = key.data() and alive
            self._reap()
            self._graces.kill_overdue()
            if limit:
                self._enforce(limit)

    def _pause(self) -> float | None:
        """Seconds after which to look at the groups again, even if nobody says anything."""
        pauses = [] if self._graces.left is None else [self._graces.left]
        if self._orders.memory_limit and self._workers:
            pauses.append(self._orders.memory_interval)
        if self._children.poll_seconds and any(w.status is not None for w in self._workers.values()):
            pauses.append(self._children.poll_seconds)
        return min(pauses, default=None)

    # -- requests ----------------------------------------------------------------------------------

    def _serve(self) -> bool:
        """Handle what the parent asks; return False when it is gone."""
        data, descriptors = system.receive(self._control, 65536)
        self._descriptors += descriptors
        if not data:
            return False
        for request in self._lines.feed(data):
            match request:
                case Fork(_, _, shared):
                    mine, self._descriptors = (
                        self._descriptors[: 1 + shared],
                        self._descriptors[1 + shared :],
                    )
                    self._fork(request, mine)
                case Kill(pid, grace):
                    self._kill(pid, grace)
                case Measure(pid):
                    self._measure(pid)
                case Ping():
                    self._tell(Pong())
        return True

    def _kill(self, pid: int, grace: float) -> None:
        """Kill a group, or begin to; the answer at once shows the parent that the template is at work."""
        worker = self._workers.get(pid)
        if worker is not None and grace and worker.status is None:
            Board(self._boards, worker.request.board).end()
            self._graces.begin(pid, grace)
        elif worker is not None:
            kill(pid)
        self._tell(Killed(pid))

    def _measure(self, pid: int) -> None:
        worker = self._workers.get(pid)
        if worker is not None:
            self._tell(Used(pid, worker.cpu_seconds + self._groups.cpu_seconds(pid)))

    def _fork(self, request: Fork, descriptors: list[int]) -> None:
        folder = None
        try:
            if self._folders is not None:
                folder = self._folders.make(request.number)
            pid = os.fork()
        except OSError as error:
            _close_all(descriptors)
            self._remove_folder(request)
            self._tell(Forked(request.number, None, str(error)))
            return
        if pid == 0:
            self._become_worker(request, descriptors, folder)
        _close_all(descriptors)
        # Also done by the child: whichever comes first, the group exists before any kill.
        with contextlib.suppress(OSError):
            os.setpgid(pid, pid)
        self._workers[pid] = _Worker(pid, request)
        self._tell(Forked(request.number, pid))

    def _become_worker(self, request: Fork, descriptors: list[int], folder: str | None) -> NoReturn:
        """Turn the fresh fork into a worker process; never returns into the template's loop."""
        try:
            os.setpgid(0, 0)
            system.die_with(self._pid)
            os.nice(self._orders.nice)
            if self._folders is not None and folder is not None:
                self._folders.leave()
                os.chdir(folder)
            if self._orders.spawn:
                self._become_interpreter(request, descriptors)
            signal.set_wakeup_fd(-1)
            signal.signal(signal.SIGCHLD, signal.SIG_DFL)
            for thing in self._private:
                with contextlib.suppress(OSError):  # forks do not inherit kqueues
                    thing.close()
            _close_all(self._descriptors)
            gc.enable()
            descriptor, *shared = descriptors
            receive(shared)
            serve_and_exit(descriptor, Board(self._boards, request.board), self._orders.max_message)
        finally:
            os._exit(1)

    def _become_interpreter(self, request: Fork, descriptors: list[int]) -> NoReturn:
        """Run a fresh interpreter in this process, which keeps its group and its PR_SET_PDEATHSIG."""
        for needed in (*descriptors, self._descriptor_of_boards):
            os.set_inheritable(needed, True)  # the others are closed by the exec
        arguments = self._descriptor_of_boards, request.board, self._orders.max_message, *descriptors
        command = interpreter(main_of_spawned.__module__, main_of_spawned.__name__, *arguments)
        os.execv(command[0], command)

    # -- deaths ------------------------------------------------------------------------------------

    def _reap(self) -> None:
        """Collect every dead child; where a worker itself died, kill what is left of its group."""
        with contextlib.suppress(ChildProcessError):
            while (dead := self._children.next_dead()) is not None:
                self._bury(dead)
        for worker in [w for w in self._workers.values() if w.status is not None]:
            if self._children.has_ended(worker.pid):
                del self._workers[worker.pid]
                self._graces.forget(worker.pid)
                self._remove_folder(worker.request)
                assert worker.status is not None
                self._tell(Gone(worker.pid, worker.status, worker.cpu_seconds, worker.over_limit))

    def _bury(self, pid: int) -> None:
        group = pid
        if pid in self._workers:  # not collected, so the group's id cannot have been given away
            kill(pid)
        else:
            with contextlib.suppress(ProcessLookupError):
                group = os.getpgid(pid)
        status, cpu_seconds = self._children.collect(pid)
        worker = self._workers.get(group)
        if worker is None:
            return
        worker.cpu_seconds += cpu_seconds
        if pid == worker.pid:
            worker.status = status

    def _remove_folder(self, request: Fork) -> None:
        if self._folders is not None:
            self._folders.remove(request.number)

    def _enforce(self, limit: int) -> None:
        """Kill the groups that hold more resident memory than allowed."""
        living = [w.pid for w in self._workers.values() if w.status is None]
        for pid, held in self._groups.resident(living).items():
            if held > limit:
                self._workers[pid].over_limit = held
                kill(pid)

    def _kill_all(self) -> None:
        for pid in self._workers:
            kill(pid)
        with contextlib.suppress(ChildProcessError):
            while not all(map(self._children.has_ended, self._workers)):
                dead = self._children.next_dead(wait=True)
                assert dead is not None
                self._bury(dead)

    def _tell(self, message: Message) -> None:
        self._control.sendall(encode(message))


def _close_all(descriptors: Iterable[int]) -> None:
    for descriptor in descriptors:
        os.close(descriptor)


def preload(names: Iterable[str]) -> Failed | Threaded | None:
    """Import what all workers should find ready; return what went wrong.

    Afterwards the collector leaves alone all that exists (`gc.freeze`), so that the children's pages stay
    shared.
    """
    gc.disable()
    try:
        import_all(names)
    except PreloadError as error:
        return Failed(str(error))
    threads = system.number_of_threads() - 1
    if threads:
        return Threaded(threads)
    gc.collect()
    gc.freeze()
    return None


def main(descriptor: int, boards: int) -> None:
    """Entry point of `python -c`: the first message on the socket holds its orders."""
    signal.pthread_sigmask(signal.SIG_SETMASK, ())  # what the parent's thread blocks came along
    for number in POLITE:
        signal.signal(number, signal.SIG_IGN)  # the end of the socket is what ends a template
    for inherited in (descriptor, boards):  # no worker may hold the first, and none needs the second
        os.set_inheritable(inherited, False)
    with socket.socket(fileno=descriptor) as control:
        control.setblocking(True)
        orders = read_orders(control)
        sys.argv = ["asyncgen-template"]
        Template(control, boards, orders).run()
    os._exit(0)
