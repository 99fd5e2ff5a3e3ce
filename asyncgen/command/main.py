"""The entry point of the command: runs what was asked for, and says in one line what went wrong.

Exit status: 0 done, 1 failure, 2 usage, 3 stopped and resumable. Usage errors are one plain line on stderr.
"""

import errno
import itertools
import os
import re
import sys
from collections.abc import Sequence

from cyclopts import CycloptsError, UnusedCliTokensError

from asyncgen.calls.errors import SchedulerError
from asyncgen.command import streams
from asyncgen.command.app import HELP, flags_of, unknown_flag
from asyncgen.command.commands import app
from asyncgen.command.exits import EXIT_FAILURE, EXIT_STOPPED, EXIT_USAGE
from asyncgen.problems.errors import AsyncgenError, UsageError
from asyncgen.sqlite.errors import StoreBusyError

_WITH_FILE = ("label", "import")
_REMEDIES = {  # for what the system refuses
    errno.ENOSPC: "free some space where the output goes",
    errno.EMFILE: "allow more open files with ulimit -n",
    errno.ENFILE: "close other programs, or have an administrator raise fs.file-max",
    errno.EAGAIN: "allow more processes with ulimit -u, or try again later",
    errno.ENOMEM: "close other programs, or use fewer workers",
}


def main(arguments: Sequence[str] | None = None) -> None:
    """Entry point: run one command and exit with its status."""
    status = run(sys.argv[1:] if arguments is None else arguments)
    streams.settle()
    if "temporalio" in sys.modules:
        os._exit(status)  # its threads may crash the interpreter's own end
    sys.exit(status)


def run(arguments: Sequence[str]) -> int:
    """Run one command; its exit status."""
    streams.prepare()
    try:
        result = app(arguments, exit_on_error=False, print_error=False, result_action="return_value")
        sys.stdout.flush()
    except UnusedCliTokensError as error:
        what = _misspelt(arguments) or _stray(error.unused_tokens or ())
        return _fail(f"{what} ({HELP})", EXIT_USAGE)
    except CycloptsError as error:
        return _fail(f"{_misspelt(arguments) or _one_line(error)} ({HELP})", EXIT_USAGE)
    except StoreBusyError as error:  # another program's doing, for longer than we wait
        return _fail(str(error), EXIT_STOPPED)
    except UsageError as error:
        return _fail(str(error), EXIT_USAGE)
    except (AsyncgenError, SchedulerError) as error:
        return _fail(str(error), EXIT_FAILURE)
    except KeyboardInterrupt:
        return _fail("interrupted", EXIT_STOPPED)
    except OSError as error:
        streams.forget(sys.stdout)
        if streams.nobody_is_there(error):  # whoever read the output has seen enough
            return 0
        return _fail(_cause(error), EXIT_FAILURE)  # such as a full disk under a redirected output
    return result if isinstance(result, int) else 0


def _cause(error: OSError) -> str:
    """What the system refused, and what may help."""
    where = f"{error.filename}: " if error.filename else ""
    remedy = _REMEDIES.get(error.errno or 0)
    return f"{where}{error.strerror or error}" + (f": {remedy}" if remedy else "")


def _stray(unused: Sequence[str]) -> str:
    if unused and unused[0] in app:
        return f"the command '{unused[0]}' comes first, before all flags"
    return f"'{' '.join(unused)}' is no command and belongs to no flag"


def _misspelt(arguments: Sequence[str]) -> str | None:
    """The flag that a command does not have, where its FILE, which may be a hyphen, has swallowed it."""
    if not arguments or (command := arguments[0]) not in _WITH_FILE:
        return None
    known = flags_of(command)
    for argument in itertools.takewhile(lambda argument: argument != "--", arguments):
        if re.match("--?[A-Za-z]", argument) and argument.partition("=")[0] not in known:
            return unknown_flag(argument, command)
    return None


def _fail(text: str, status: int) -> int:
    streams.complain(f"asyncgen: {text}")
    return status


def _one_line(error: CycloptsError) -> str:
    return " ".join(str(error).split()).rstrip(".")
