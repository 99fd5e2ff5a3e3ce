"""The command `asyncgen`: label functions, drawn or given, look at them, give some another chance.

Exit status: 0 done, 1 failure, 2 usage, 3 stopped and resumable. Usage errors are one plain line on stderr.
"""

import asyncio
import errno
import itertools
import re
import shlex
import shutil
import sys
from collections.abc import Sequence
from difflib import get_close_matches
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, BinaryIO, Literal

from cyclopts import App, CycloptsError, Parameter, UnusedCliTokensError

import asyncgen
from asyncgen import standard
from asyncgen.engines import WITHOUT_FRICAS, fricas_is_installed
from asyncgen.failures import SchedulerError
from asyncgen.options import (
    FillOptions,
    RunOptions,
    SamplingOptions,
    ShowOptions,
    at_least_one,
    indices_of,
    statuses,
    whole,
)
from asyncgen.records import AsyncgenError, ParseError, UsageError
from asyncgen.settings import usable_cores

if TYPE_CHECKING:
    from asyncgen.display import Display
    from asyncgen.given import Complain
    from asyncgen.session import Job

EXIT_FAILURE, EXIT_USAGE, EXIT_STOPPED = 1, 2, 3

_REMEDIES = {  # for what the system refuses
    errno.ENOSPC: "free some space where the output goes",
    errno.EMFILE: "allow more open files with ulimit -n",
    errno.ENFILE: "close other programs, or have an administrator raise fs.file-max",
    errno.EAGAIN: "allow more processes with ulimit -u, or try again later",
    errno.ENOMEM: "close other programs, or use fewer workers",
}
_HELP = "asyncgen --help lists commands and flags"
_FOR_STORES = ("batch", "flush_seconds", "max_time", "new_limits")  # of FillOptions

app = App(
    name="asyncgen",
    help="Samples functions, integrates each in a process that can be killed, checks every answer, and keeps "
    "every outcome in an SQLite file.",
    version=asyncgen.__version__,
    help_on_error=False,
    suppress_keyboard_interrupt=False,  # it is told apart below
)

Count = Annotated[int, Parameter(help="How many functions.", converter=whole)]
First = Annotated[int, Parameter(help="Index of the first function.", converter=whole)]
StorePath = Annotated[Path, Parameter(help="SQLite file with the rows.")]


@app.default
def generate(
    *,
    n: Count = 1000,
    start: First = 0,
    store: Annotated[Path, Parameter(help="SQLite file to fill; the same command again goes on.")] = Path(
        "functions.db"
    ),
    sampling: SamplingOptions = SamplingOptions(),  # noqa: B008 - frozen
    run: FillOptions = FillOptions(),  # noqa: B008
    show: ShowOptions = ShowOptions(),  # noqa: B008
) -> int:
    """Label functions number START to START + N - 1 into a store, filling what is missing there."""
    from asyncgen.generate import generate as job

    indices = indices_of(start, n)
    spec = sampling.spec()
    settings = run.settings(show.log_file)
    return _run(lambda control: job(store, spec, indices, settings, control), store, run, show)


@app.command
def retry(
    store: StorePath,
    /,
    *,
    status: Annotated[
        str, Parameter(help="Which rows, by status, separated by commas.")
    ] = "timeout,memory,crashed,error",
    run: RunOptions = RunOptions(),  # noqa: B008
    show: ShowOptions = ShowOptions(),  # noqa: B008
) -> int:
    """Give rows of some statuses another chance, keeping the record of the earlier attempt."""
    from asyncgen.generate import retry as job

    wanted = statuses(status)
    settings = run.settings(show.log_file)
    return _run(lambda control: job(store, wanted, settings, control), store, run, show)


@app.command
def label(
    file: Annotated[
        str,
        Parameter(help="Text file with a function a line; - is standard input.", allow_leading_hyphen=True),
    ],
    /,
    *,
    store: Annotated[
        Path | None,
        Parameter(help="SQLite file to fill instead of printing; the same command again goes on."),
    ] = None,
    run: FillOptions = FillOptions(),  # noqa: B008
    show: ShowOptions = ShowOptions(),  # noqa: B008
) -> int:
    """Label functions of your own, such as x*sin(x**2) or mul x exp x, one a line.

    Without --store: a JSON object a line on stdout, in the order of the input, as soon as it is known. Blank
    lines and lines that begin with # are skipped. A line that is no function is reported on stderr as
    FILE:LINE:COLUMN, the others go on, and the exit status is 1 in the end.
    """
    from asyncgen.incoming import opened

    if file.startswith("--") and not Path(file).exists():
        raise UsageError(f"{_unknown_flag(file, 'label')} ({_HELP})")
    with opened(file) as source:
        if store is None:
            return _label_lines(source, file, run, show)
        return _label_into(store, source, file, run, show)


def _label_lines(source: BinaryIO, name: str, run: FillOptions, show: ShowOptions) -> int:
    from asyncgen import session
    from asyncgen.linewise import Lines, label_lines

    settings = run.settings(show.log_file)
    for flag in _FOR_STORES:
        if getattr(run, flag) != getattr(FillOptions(), flag):
            raise UsageError(
                f"--{flag.replace('_', '-')} needs --store: without, rows are printed as they come"
            )
    lines = Lines(source.fileno(), name, _complaints(name))
    shown = _display(run, show, progress=False)
    progress = session.run(lambda control: label_lines(lines, sys.stdout, settings, control), shown, run.loop)
    if progress.state == "stopped":
        shown.say(f"stopped after line {lines.read} of {name}")
        return EXIT_STOPPED
    return EXIT_FAILURE if lines.bad else 0


def _label_into(store: Path, source: BinaryIO, name: str, run: FillOptions, show: ShowOptions) -> int:
    from asyncgen.generate import fill
    from asyncgen.given import GivenFunctions
    from asyncgen.incoming import content_of

    settings = run.settings(show.log_file)
    functions = GivenFunctions(content_of(source, name), name, _complaints(name))
    if not len(functions):
        raise UsageError(f"{name} holds no function")
    indices = range(len(functions))
    stopped = _run(lambda control: fill(store, functions, indices, settings, control), store, run, show)
    return stopped or (EXIT_FAILURE if functions.bad else 0)


def _complaints(name: str) -> "Complain":
    def complain(line: int, error: ParseError) -> None:
        standard.complain(f"{name}:{line}:{error.column}: {error}")

    return complain


@app.command
def sample(
    *,
    n: Count = 20,
    start: First = 0,
    notation: Annotated[Literal["infix", "prefix"], Parameter(help="How they are written.")] = "infix",
    sampling: SamplingOptions = SamplingOptions(),  # noqa: B008
) -> int:
    """Print functions without labelling them, one a line."""
    from asyncgen.sampler import Sampler
    from asyncgen.tokens import to_infix

    for problem in Sampler(sampling.spec()).stream([indices_of(start, n)]):
        sys.stdout.write((problem.prefix if notation == "prefix" else to_infix(problem.prefix)) + "\n")
    return 0


@app.command
def status(
    store: StorePath,
    /,
    *,
    json: Annotated[bool, Parameter(help="Print JSON.", negative=())] = False,
) -> int:
    """Show what a store holds, also while a run is writing to it."""
    from asyncgen.holdings import show_status

    return asyncio.run(show_status(store, json))


@app.command
def doctor(
    *,
    workers: Annotated[
        int | None, Parameter(help="Workers to be had (default: one a usable core).", converter=whole)
    ] = None,
    store: Annotated[Path, Parameter(help="Store to be filled: its disk is looked at.")] = Path(
        "functions.db"
    ),
    json: Annotated[bool, Parameter(help="Print JSON.", negative=())] = False,
) -> int:
    """Say what this machine offers, what is missing, and what would add it; 1 if the main job cannot run."""
    from asyncgen.doctor import doctor as examine

    count = usable_cores() if workers is None else at_least_one("--workers", workers)
    return asyncio.run(examine(count, store.absolute().parent, json))


def _run(job: "Job", store: Path, run: RunOptions, show: ShowOptions) -> int:
    from asyncgen import display, session

    out = display.Output()
    shown = _display(run, show, progress=not show.no_progress)
    progress = session.run(job, shown, run.loop)
    try:
        if show.json:
            display.show_json(out, display.summary(progress, str(store)))
        elif not show.quiet:
            display.show_summary(out, progress, str(store))
        sys.stdout.flush()
    except OSError as error:
        if not standard.nobody_is_there(error):
            raise
        standard.forget(sys.stdout)  # the rows are stored, and the status below says how it went
    if progress.state != "stopped":
        return 0
    if not show.quiet:
        why = "time is up; " if run.max_time is not None and progress.seconds >= run.max_time else ""
        shown.say(f"{why}{progress.rows} of {progress.total} rows are stored; to go on: {_command_line()}")
    return EXIT_STOPPED


def _display(run: RunOptions, show: ShowOptions, progress: bool) -> "Display":
    """Open the log and the display, and say what this run would gain from FriCAS."""
    from asyncgen import display, session

    if show.log_file is not None:
        session.log_to(show.log_file)
    shown = display.display(display.Output(stderr=True), show.quiet, progress)
    if run.engines == "auto" and not fricas_is_installed():
        shown.say(WITHOUT_FRICAS)
    return shown


def _command_line() -> str:
    """The command as it was given, for repeating it."""
    path = sys.argv[0]
    name = Path(path).name
    if name == "__main__.py":
        return shlex.join([sys.orig_argv[0], "-m", "asyncgen", *sys.argv[1:]])
    return shlex.join([name if shutil.which(name) == path else path, *sys.argv[1:]])


def main(arguments: Sequence[str] | None = None) -> None:
    """Entry point: run one command and exit with its status."""
    status = _main(sys.argv[1:] if arguments is None else arguments)
    standard.settle()
    sys.exit(status)


def _main(arguments: Sequence[str]) -> int:
    if sys.platform == "win32":
        return _fail("asyncgen needs fork and signals, which Windows does not have: use WSL", EXIT_USAGE)
    standard.prepare()
    try:
        result = app(arguments, exit_on_error=False, print_error=False, result_action="return_value")
        sys.stdout.flush()
    except UnusedCliTokensError as error:
        what = _misspelt(arguments) or _stray(error.unused_tokens or ())
        return _fail(f"{what} ({_HELP})", EXIT_USAGE)
    except CycloptsError as error:
        return _fail(f"{_misspelt(arguments) or _one_line(error)} ({_HELP})", EXIT_USAGE)
    except UsageError as error:
        return _fail(str(error), EXIT_USAGE)
    except (AsyncgenError, SchedulerError) as error:
        return _fail(str(error), EXIT_FAILURE)
    except KeyboardInterrupt:
        return _fail("interrupted", EXIT_STOPPED)
    except OSError as error:
        standard.forget(sys.stdout)
        if standard.nobody_is_there(error):  # whoever read the output has seen enough
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
    """The flag that `label` does not have, where its FILE, which may be a hyphen, has swallowed it."""
    if list(arguments[:1]) != ["label"]:
        return None
    known = _flags("label")
    for argument in itertools.takewhile(lambda argument: argument != "--", arguments):
        if re.match("--?[A-Za-z]", argument) and argument.partition("=")[0] not in known:
            return _unknown_flag(argument, "label")
    return None


def _unknown_flag(argument: str, command: str) -> str:
    """In the words of cyclopts, which says the same of other commands' flags."""
    near = get_close_matches(argument.partition("=")[0], _flags(command), n=1)
    return f"Unknown option: {argument}" + (f". Did you mean {near[0]}?" if near else "")


def _flags(command: str) -> list[str]:
    return [name for argument in app[command].assemble_argument_collection() for name in argument.names]


def _fail(text: str, status: int) -> int:
    standard.complain(f"asyncgen: {text}")
    return status


def _one_line(error: CycloptsError) -> str:
    return " ".join(str(error).split()).rstrip(".")
