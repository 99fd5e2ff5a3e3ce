"""What the scheduler's tests have their workers do. Importable by the workers under this module's name."""

import contextlib
import ctypes
import errno
import hashlib
import importlib
import multiprocessing
import os
import pickle
import signal
import subprocess
import sys
import threading
import time
from typing import Any

from asyncgen.calls import frames, system
from asyncgen.calls.child import companions
from asyncgen.calls.errors import SchedulerClosed


def echo(value: Any) -> Any:
    return value


def ways() -> str:
    """The module of the operating system whose ways this process has."""
    return system.Children.__module__


def pid(_: Any = None) -> int:
    return os.getpid()


def fail(message: str) -> None:
    raise ValueError(message)


def hang(_: Any = None) -> None:
    signal.pause()


def burn(_: Any = None) -> None:
    """Use CPU until killed."""
    while True:
        pass


def wait_for(path: str) -> str:
    """Return when the file exists."""
    while not os.path.exists(path):
        time.sleep(0.002)
    return path


def wait_for_path(item: str) -> str:
    """The item; where it is a path, once there is a file."""
    return wait_for(item) if os.sep in item else item


def die_at(item: str) -> str:
    """The item; where it is a path, the end of this process once there is a file."""
    if os.sep in item:
        wait_for(item)
        os._exit(7)
    return item


def fork_and_return(number: int) -> int:
    """The number; a child comes back as well, with another one or with an error."""
    if number % 3 == 0 and os.fork() == 0:
        return -1
    if number % 7 == 0 and os.fork() == 0:
        raise ValueError("in a child")
    return number


def print_it(number: int) -> int:
    print("item", number)
    return number


def note_and_sleep(item: tuple[str, int, float]) -> int:
    """Add the number to a file, sleep, and return the number."""
    path, number, seconds = item
    with open(path, "a") as file:
        file.write(f"{number}\n")
    time.sleep(seconds)
    return number


def announce_and_hang(path: str) -> None:
    """Write this process's id, so that a test knows that the call runs, and hang."""
    write_atomically(path, f"{os.getpid()}")
    hang()


def announce_family_and_hang(path: str) -> None:
    """Start a child that outlives its parent unless it is killed, write both ids, and hang."""
    child = subprocess.Popen([sys.executable, "-c", "import time; time.sleep(1000)"])
    write_atomically(path, f"{os.getpid()} {child.pid}")
    hang()


def announce_companion_and_hang(path: str) -> None:
    """The same with a child that the kernel ends with this process."""
    command = [sys.executable, "-c", "import signal; signal.pause()"]
    child = subprocess.Popen(command, preexec_fn=companions.ending_with_us())
    write_atomically(path, f"{os.getpid()} {child.pid}")
    hang()


def write_atomically(path: str, text: str) -> None:
    with open(f"{path}.part", "w") as file:
        file.write(text)
    os.replace(f"{path}.part", path)


def ignore_sigterm_and_hang(path: str) -> None:
    signal.signal(signal.SIGTERM, signal.SIG_IGN)
    announce_and_hang(path)


def stop_oneself(_: Any = None) -> None:
    os.kill(os.getpid(), signal.SIGSTOP)


def allocate(size: int) -> None:
    """Hold `size` resident bytes and hang."""
    held = b"x" * size
    hang(held)


def allocate_in_a_child(size: int) -> None:
    child = subprocess.Popen([sys.executable, "-c", f"held = b'x' * {size}; import signal; signal.pause()"])
    child.wait()


def modules(names: list[str]) -> list[bool]:
    return [name in sys.modules for name in names]


def say(text: str) -> None:
    print(text)
    print(text, file=sys.stderr)
    os.write(1, text.encode() * 20000)


def write_rubbish(data: bytes) -> None:
    write_everywhere(data)
    hang()


def write_everywhere(data: bytes) -> None:
    """Write to every socket that this process has: only the one to the parent is there."""
    for descriptor in range(3, 64):
        try:
            os.write(descriptor, data)
        except OSError:
            continue


def die(how: str) -> None:
    """End this process, or raise, in the given way."""
    if how == "exception":
        raise ValueError("on purpose")
    if how == "SystemExit":
        sys.exit(7)
    if how == "StopIteration":
        raise StopIteration
    if how == "_exit":
        os._exit(7)
    if how == "segv":
        ctypes.string_at(0)
    if how == "SIGKILL":
        os.kill(os.getpid(), signal.SIGKILL)
    raise AssertionError(how)


class DiesWhenUnpickled:
    def __init__(self, how: str) -> None:
        self.how = how

    def __reduce__(self) -> tuple[Any, ...]:
        return die, (self.how,)


class DiesWhenPickled:
    def __init__(self, how: str) -> None:
        self.how = how

    def __reduce__(self) -> tuple[Any, ...]:
        die(self.how)
        return str, ()


class DiesWhenFreed:
    """Ends the worker when it is freed there; harmless in the process that made it."""

    def __init__(self) -> None:
        self.home = os.getpid()

    def __del__(self) -> None:
        if os.getpid() != self.home:
            os._exit(9)


def long_answer(thing: Any) -> bytes:
    """More than one read of a socket, and less than it holds."""
    return bytes(100_000)


def make(kind: type, how: str) -> Any:
    return kind(how)


class UnpicklableError(Exception):
    def __reduce__(self) -> tuple[Any, ...]:
        raise pickle.PicklingError("this error does not travel")


class Unloadable(Exception):
    """Pickles, but cannot be rebuilt: it needs an argument that pickle does not know."""

    def __init__(self, one: int, two: int) -> None:
        super().__init__("text of the unloadable error")


def raise_unpicklable() -> None:
    raise UnpicklableError("text of the unpicklable error")


def raise_unloadable() -> None:
    raise Unloadable(1, 2)


def raise_stop_iteration() -> None:
    raise StopIteration(3)


def append_line_and_fail(path: str) -> None:
    with open(path, "a") as file:
        file.write("called\n")
    raise RuntimeError("the initializer does not like this machine")


def remember(value: Any) -> None:
    global remembered
    remembered = value


remembered: Any = None


def recall(_: Any = None) -> Any:
    return remembered


def start_a_thread() -> None:
    import threading

    threading.Thread(target=time.sleep, args=(1000,), daemon=True).start()


def start_nothing() -> None:
    """A preload function that does no harm."""


def raise_timeout_error() -> None:
    raise TimeoutError("the function's own")


def reverse_buffer(view: memoryview) -> pickle.PickleBuffer:
    view[:] = bytes(view)[::-1]  # arrives writable
    return pickle.PickleBuffer(view)


def wait_for_or_echo(text: str) -> str:
    return wait_for(text) if text.startswith("/") else text


def hang_or_echo(text: str) -> str:
    if text.startswith("/"):
        announce_and_hang(text)
    return text


def stop_behind_each_kill() -> None:
    """For the template: let it stop once it has said that a kill was carried out, and before it reaps."""
    from asyncgen.calls.child.template import Template

    kill = Template._kill

    def kill_and_stop(template: Template, pid: int, grace: float) -> None:
        kill(template, pid, grace)
        os.kill(os.getpid(), signal.SIGSTOP)

    Template._kill = kill_and_stop  # type: ignore[method-assign]


def die_or_hang(how: str) -> None:
    if how == "hang":
        hang()
    elif how != "fine":
        die(how)


def announce_and_wait_for(path: str) -> str:
    write_atomically(f"{path}.pid", f"{os.getpid()}")
    return wait_for(path)


def forget_a_companion() -> int:
    """Have a helper process charged that then ends, and is waited for, unannounced."""
    with subprocess.Popen(["true"]) as companion:
        companions.add(companion.pid)
    return os.getpid()


class Weak:
    """An argument whose freeing can be observed; `fail` makes the call raise."""

    def __init__(self, fail: bool = False) -> None:
        self.fail = fail


def use(thing: Weak) -> Weak:
    if thing.fail:
        raise ValueError("on purpose")
    return thing


def raise_scheduler_error(number: int) -> int:
    if number == 2:
        raise SchedulerClosed("the function's own")
    return number


def die_in_mid_write(size: int) -> None:
    """Write the first half of an answer of so many bytes, and be killed."""
    head, body = frames.encode(frames.Kind.RESULT, [bytes(size)])
    write_everywhere(bytes(head) + bytes(body)[: size // 2])
    die("SIGKILL")


def kill_all(pids: list[int]) -> None:
    """Kill these processes, one's own too."""
    for pid in pids:
        try:
            os.kill(pid, signal.SIGKILL)
        except ProcessLookupError:
            continue


def leave_a_daemon(path: str) -> None:
    """Start a process in a session of its own, which nobody kills, write its id, and hang."""
    daemon = subprocess.Popen([sys.executable, "-c", "import signal; signal.pause()"], start_new_session=True)
    write_atomically(path, f"{daemon.pid}")
    hang()


def sockets_of_a_program(_: Any = None) -> int:
    """How many sockets a program inherits that is started without closing descriptors."""
    listed = subprocess.check_output(["ls", "-l", "/proc/self/fd"], close_fds=False, text=True)
    return listed.count("socket:")


def chaotic(item: tuple[int, str]) -> tuple[int, bytes]:
    """Die, fail, hang, or answer with many bytes or few."""
    number, what = item
    if what in ("SIGKILL", "_exit", "exception"):
        die(what)
    if what == "hang":
        hang()
    return number, bytes(1_000_000 if what == "large" else 10)


def threads(_: Any = None) -> int:
    """How many threads this process has."""
    return len(os.listdir("/proc/self/task"))


def note_process() -> None:
    """A preload function that makes something: the id of the process that it ran in."""
    remember(os.getpid())


def noted_and_own() -> tuple[Any, int]:
    return remembered, os.getpid()


def exchange(item: tuple[int, bytes, int]) -> tuple[int, bytes]:
    """Take a number and a payload, and give the number back with so many bytes."""
    number, _, size = item
    return number, bytes(size)


def write(path: str) -> None:
    write_atomically(path, "")


def reciprocal(number: float) -> float:
    return 1 / number


def announce_deaf_family_and_hang(path: str) -> None:
    """Start a child that ignores SIGTERM, write both ids, and hang."""
    code = "import signal; signal.signal(15, signal.SIG_IGN); print(flush=True); signal.pause()"
    child = subprocess.Popen([sys.executable, "-c", code], stdout=subprocess.PIPE)
    assert child.stdout is not None
    child.stdout.readline()
    write_atomically(path, f"{os.getpid()} {child.pid}")
    hang()


def clean_up_at_the_end(path: str) -> None:
    """Hang, and when the call is ended write what ended it."""
    try:
        announce_and_hang(path)
    except BaseException as error:
        write_atomically(f"{path}.ended", f"{type(error).__name__} {error}")
        raise


def swallow_the_end(path: str, size: int = 1) -> bytes:
    """Hang until the call is told to end, and return so many bytes."""
    with contextlib.suppress(SystemExit):
        announce_and_hang(path)
    return bytes(size)


def handle_sigterm_and_hang(path: str) -> None:
    """With a handler of one's own, which writes a file and lets the call go on."""
    signal.signal(signal.SIGTERM, lambda *_: write_atomically(f"{path}.handled", ""))
    announce_and_hang(path)


def leave_a_handler_of_sigterm(_: Any = None) -> int:
    signal.signal(signal.SIGTERM, lambda *_: None)
    return os.getpid()


def clean_up_twice(path: str) -> None:
    """Hang; when the call is ended, be told to end once more, and then write the file."""
    try:
        announce_and_hang(path)
    finally:
        os.kill(os.getpid(), signal.SIGTERM)
        write_atomically(f"{path}.ended", "")


def terminate_oneself(_: Any = None) -> int:
    """As a service manager does that sends SIGTERM to every process."""
    os.kill(os.getpid(), signal.SIGTERM)
    return os.getpid()


def ignore_sigterm_and_allocate(path: str) -> None:
    """Ignore SIGTERM, hang until the file exists, and then hold too much memory."""
    signal.signal(signal.SIGTERM, signal.SIG_IGN)
    write_atomically(f"{path}.pid", f"{os.getpid()}")
    wait_for(path)
    allocate(300 << 20)


def remember_niceness() -> None:
    remember(os.nice(0))


def length_of_bytes(size: int) -> int:
    return len(bytes(size))


def hoard(_: Any = None) -> None:
    """Take all memory that is to be had, in small pieces."""
    held = []
    while True:
        held.append(b"%d" % len(held))


def allocate_in_an_interpreter(size: int) -> None:
    subprocess.run([sys.executable, "-c", f"bytes({size})"], check=True, stderr=subprocess.DEVNULL)


def note_folder() -> None:
    """An initializer that leaves a file in the working directory."""
    write_atomically("initialized", "")


def folder_and_content(_: Any = None) -> tuple[str, tuple[str, ...]]:
    return os.getcwd(), tuple(os.listdir())


def fill_folder(linked: str | None) -> None:
    """Leave files and folders in the working directory that are not easily removed."""
    os.makedirs("a/b/c")
    for folder in ("a", "a/b", "a/b/c"):
        write_atomically(f"{folder}/file", "text")
    if linked is not None:
        os.symlink(linked, "a/link")
    for folder in ("a/b/c", "a/b", "a"):
        os.chmod(folder, 0o000)


def fill_folder_and_hang(path: str) -> None:
    fill_folder(None)
    write_atomically(path, os.getcwd())
    hang()


def make_no_folders() -> None:
    """For the template: let there be no room for folders of workers."""
    from asyncgen.calls.child.folders import Folders

    def refuse(folders: Folders, number: int) -> str:
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    Folders.make = refuse  # type: ignore[method-assign]


def die_or_pass(how: str) -> str:
    if how != "fine":
        die(how)
    return how


def sleep(seconds: float) -> None:
    time.sleep(seconds)


def burn_or_echo(value: Any) -> Any:
    if value == "burn":
        burn()
    return value


def allocate_if_large(size: int) -> None:
    if size > 1000:
        allocate(size)


class UnloadableFunction:
    """A function that cannot be unpickled."""

    def __call__(self, value: Any) -> Any:
        return value

    def __reduce__(self) -> tuple[Any, ...]:
        return fail, ("on purpose",)


class named:
    """A function of a module that this process does not import."""

    def __init__(self, module: str, function: str) -> None:
        self._named = module, function

    def __call__(self) -> Any:
        raise AssertionError("only a worker has the function")

    def __reduce__(self) -> tuple[Any, ...]:
        return _function_of, self._named


def _function_of(module: str, function: str) -> Any:
    return getattr(importlib.import_module(module), function)


def square(number: int) -> int:
    return number * number


def squares_by_a_pool(count: int) -> list[int]:
    """With processes of its own, which it ends by SIGTERM."""
    with multiprocessing.get_context("fork").Pool(2) as pool:
        return pool.map(square, range(count))


def handlers_of_a_fork() -> list[str]:
    """Those of SIGINT, SIGTERM and SIGHUP in a child."""
    readable, writable = os.pipe()
    if (child := os.fork()) == 0:
        found = [signal.getsignal(n) for n in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)]
        names = [getattr(handler, "name", getattr(handler, "__name__", "?")) for handler in found]
        os.write(writable, " ".join(names).encode())
        os._exit(0)
    os.waitpid(child, 0)
    return os.read(readable, 1000).decode().split()


def is_imported(name: str) -> bool:
    return name in sys.modules


def burn_in_a_child(_: Any = None) -> None:
    """Let a child that nobody waits for use CPU, and hang."""
    if os.fork() == 0:
        burn()
    hang()


def burn_in_threads(_: Any = None) -> None:
    """Use CPU in C code on several threads."""
    work = [
        threading.Thread(target=hashlib.pbkdf2_hmac, args=("sha256", b"", b"", 1 << 30), daemon=True)
        for _ in range(3)
    ]
    for thread in work:
        thread.start()
    for thread in work:
        thread.join()


def burn_for(cpu_seconds: float) -> None:
    end = time.process_time() + cpu_seconds
    while time.process_time() < end:
        pass


def die_twice(path: str) -> int:
    """End this process at the first and the second call with this path; the number of the call."""
    with open(path, "a+") as file:
        file.write(".")
        file.seek(0)
        number = len(file.read())
    if number < 3:
        os._exit(7)
    return number


def length(data: bytes) -> int:
    return len(data)
