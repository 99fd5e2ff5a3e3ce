"""The worker process: reads a call, makes it, sends the answer, until its socket ends.

It runs in a fork of the template (see template.py), or in an interpreter that was started for it, so its own
imports are few and light. One call is made at a time, in the main thread.

Guarantees: an answer is sent before the call's arguments are freed, so that a destructor that kills the
    process cannot take the answer with it. SIGINT, SIGTERM and SIGHUP do nothing unless a call handles them.
    Nothing is written to the parent's terminal.
Assumes: descriptors 1 and 2 already point where the scheduler's settings say.
"""

import contextlib
import os
import pickle
import runpy
import signal
import socket
import sys
import traceback
import types
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, NoReturn

from asyncgen.calls import frames
from asyncgen.calls.child import companions
from asyncgen.calls.child.start import import_all
from asyncgen.calls.frames import WORKERS_MAIN, Frame, FrameReader, FrameWriter, Kind


@dataclass(frozen=True, slots=True)
class Introduction:
    """The first call of every process: where to find the parent's main script, and what to run first."""

    main_path: str | None
    main_module: str | None
    preload: tuple[str, ...]  # what the template has not imported
    initializer: bytes  # pickled function or None, and arguments; may need the preloaded or the main script

    def __call__(self) -> int:
        """Run them, and return this process's id."""
        _parent_main.update(path=self.main_path, module=self.main_module)
        import_all(self.preload)
        function, arguments = _load([self.initializer])
        if function is not None:
            function(*arguments)
        return os.getpid()


_parent_main: dict[str, str | None] = {}
_importing_main = False


# What a terminal or a service manager sends to every process at once. Stopping is the parent's business: a
# worker that obeyed would make its call look like a crash. A handler, unlike SIG_IGN, is not inherited by
# programs that the worker starts.
POLITE = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)


def main_of_spawned(descriptor: int, limit: int) -> NoReturn:
    """Entry point of a worker that is an interpreter of its own; see `serve_and_exit`."""
    os.set_inheritable(descriptor, False)  # programs that the worker starts have no business with it
    sys.argv = ["asyncgen-worker"]
    serve_and_exit(descriptor, limit)


def serve_and_exit(descriptor: int, limit: int) -> NoReturn:
    """Serve calls on the socket `descriptor` until it ends, then leave the process without clean-up."""
    status = 1
    try:
        for number in POLITE:
            signal.signal(number, _shrug)
        prefer_to_die()
        sock = socket.socket(fileno=descriptor)  # closed by the kernel, after the exit status is set
        sock.setblocking(True)
        serve(sock, limit)
        status = 0
    except (EOFError, ConnectionError):
        status = 0
    except SystemExit as leaving:
        status = _exit_status(leaving.code)
    except KeyboardInterrupt:
        status = 128 + signal.SIGINT
    except BaseException:  # the process ends here whatever it was, and the parent sees the exit status
        traceback.print_exc()
    finally:
        _flush()
        os._exit(status)


def _shrug(number: int, frame: object) -> None:
    """Handle a signal by doing nothing."""


def prefer_to_die() -> None:
    """Tell the kernel to kill this process before others when memory runs out."""
    with contextlib.suppress(OSError), open("/proc/self/oom_score_adj", "w") as file:  # noqa: PTH123
        file.write("1000")


def serve(sock: socket.socket, limit: int) -> None:
    """Answer calls one after the other. Raises EOFError when the parent has closed its end."""
    reader = FrameReader(limit)
    charged = companions.used()
    while True:
        frame = reader.read(sock)
        while frame is None:
            frame = reader.read(sock)
        call: list[Any] = []  # keeps the arguments alive until the answer is sent
        kind, parts = _perform(frame, call)
        del frame
        _flush()
        now = companions.used()
        writer = FrameWriter(frames.encode(kind, parts, now - charged))
        charged = now
        while not writer.write(sock):
            pass
        del parts, call, writer


def _perform(frame: Frame, call: list[Any]) -> tuple[Kind, Sequence[frames.Part]]:
    try:
        call.extend(_load(frame.parts))
        function, args, kwargs = call
        value = function(*args, **kwargs)
    except (SystemExit, KeyboardInterrupt):
        raise
    except BaseException as error:
        return Kind.ERROR, _dump_error(error)
    call.append(value)
    try:
        return Kind.RESULT, frames.dumps(value)
    except (SystemExit, KeyboardInterrupt):
        raise
    except BaseException as error:
        error.add_note(f"the result, of type {type(value).__qualname__}, could not be pickled")
        return Kind.ERROR, _dump_error(error)


def _dump_error(error: BaseException) -> list[frames.Buffer]:
    """Pickle an exception if it can travel as itself, with its traceback as text: see errors.load_error."""
    text = "".join(traceback.format_exception(error)).encode(errors="replace")
    if not isinstance(error, Exception):
        return [b"", text]
    try:
        body = pickle.dumps(error.with_traceback(None), protocol=5)
    except Exception:
        return [b"", text]
    return [body, text]


def _load(parts: Sequence[frames.Buffer]) -> Any:
    try:
        return frames.loads(parts)
    except AttributeError as error:
        if "__main__" not in str(error) or WORKERS_MAIN in sys.modules:
            raise
        _import_parent_main()
        return frames.loads(parts)


def imports_main() -> bool:
    """Whether this is a worker that is importing the parent's main script, where no scheduler may start."""
    return _importing_main


def _import_parent_main() -> None:
    """Run the parent's main script under another name, so that what it defines can be unpickled here.

    Raises RuntimeError where there is no script: an interactive session or a notebook.
    """
    global _importing_main
    path, module = _parent_main.get("path"), _parent_main.get("module")
    if path is None and module is None:
        raise RuntimeError(
            "the call names something defined in an interactive session, which a worker process cannot "
            "import: put it into a module"
        )
    _importing_main = True
    try:
        if module is not None:
            found = runpy.run_module(module, run_name=WORKERS_MAIN, alter_sys=True)
        else:
            assert path is not None
            found = runpy.run_path(path, run_name=WORKERS_MAIN)
    finally:
        _importing_main = False
    copy = types.ModuleType(WORKERS_MAIN)
    copy.__dict__.update(found)
    sys.modules[WORKERS_MAIN] = sys.modules["__main__"] = copy


def _exit_status(code: object) -> int:
    if code is None:
        return 0
    return code & 0xFF if isinstance(code, int) else 1


def _flush() -> None:
    for stream in (sys.stdout, sys.stderr):
        try:
            if stream is not None:
                stream.flush()
        except (OSError, ValueError):
            pass
