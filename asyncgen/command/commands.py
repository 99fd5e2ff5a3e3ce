"""The commands: label functions, sampled or from a file; look at them; give some another chance."""

import asyncio
import sys
from dataclasses import replace
from difflib import get_close_matches
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, BinaryIO, Literal

from cyclopts import App, Parameter

import asyncgen
from asyncgen.calls.settings import usable_cores
from asyncgen.command import streams
from asyncgen.command.dataset_options import CheckOptions, Says, WorkOptions
from asyncgen.command.export_options import ExportOptions, ExportShowOptions
from asyncgen.command.options import (
    FillOptions,
    RunOptions,
    SamplingOptions,
    ShowOptions,
    at_least_one,
    indices_of,
    seconds,
    statuses,
    whole,
)
from asyncgen.jobs.limits import DEFAULT_TIMEOUT, advice
from asyncgen.mathematics.engines.catalogue import missing_from_best
from asyncgen.problems.errors import ParseError, UsageError
from asyncgen.problems.kinds import CONSTRUCTED, is_constructed, is_searched

if TYPE_CHECKING:
    from asyncgen.command.display import Display
    from asyncgen.command.session import Job
    from asyncgen.problems.files import Complain

EXIT_FAILURE, EXIT_USAGE, EXIT_STOPPED = 1, 2, 3

HELP = "asyncgen --help lists commands and flags"
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
    """Make rows number START to START + N - 1 of a store, filling what is missing there.

    Functions are drawn and labelled, or problems are built together with their answers: see --kind.
    """
    from asyncgen.jobs.generate import generate as job

    indices = indices_of(start, n)
    spec = sampling.spec()
    settings = run.settings(show.log_file)
    if not is_searched(spec):
        if run.engines != "auto":
            raise UsageError(
                f"--engines {run.engines}: no engine is asked for rows of kind {spec.kind}, leave it out"
            )
        run = replace(run, engines="")  # none is asked: nothing is said of those that are missing
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
    from asyncgen.jobs.generate import retry as job

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
    from asyncgen.jobs.lines import opened

    if file.startswith("--") and not Path(file).exists():
        raise UsageError(f"{unknown_flag(file, 'label')} ({HELP})")
    if file == "-" and streams.stdin_was_closed():
        raise UsageError("standard input is closed: pipe functions into it, or name a file")
    with opened(file) as source:
        if store is None:
            return _label_lines(source, file, run, show)
        return _label_into(store, source, file, run, show)


def _label_lines(source: BinaryIO, name: str, run: FillOptions, show: ShowOptions) -> int:
    from asyncgen.command import session
    from asyncgen.jobs.lines import Lines, label_lines

    settings = run.settings(show.log_file)
    for flag in _FOR_STORES:
        if getattr(run, flag) not in (None, False):  # it was named, with whatever value
            raise UsageError(
                f"--{flag.replace('_', '-')} needs --store: without, rows are printed as they come"
            )
    lines = Lines(source.fileno(), _title(name), _complaints(name))
    shown = _display(run, show, progress=False)
    progress = session.run(lambda control: label_lines(lines, sys.stdout, settings, control), shown, run.loop)
    if progress.state == "stopped":
        shown.say(f"stopped after line {lines.read} of {name}")
        return EXIT_STOPPED
    return EXIT_FAILURE if lines.bad else 0


def _label_into(store: Path, source: BinaryIO, name: str, run: FillOptions, show: ShowOptions) -> int:
    from asyncgen.jobs.label_file import label_file, opened_functions

    settings = run.settings(show.log_file)
    notice = (lambda text: None) if show.quiet else streams.complain
    with opened_functions(source, _title(name), _complaints(name), notice) as functions:
        stopped = _run(lambda control: label_file(store, functions, settings, control), store, run, show)
    return stopped or (EXIT_FAILURE if functions.bad else 0)


def _title(name: str) -> str:
    return "standard input" if name == "-" else name


def _complaints(name: str) -> "Complain":
    def complain(line: int, error: ParseError) -> None:
        streams.complain(f"{name}:{line}:{error.column}: {error}")

    return complain


@app.command
def explain(
    *functions: Annotated[
        str,
        Parameter(
            help="A function of x, such as exp(x**2); or - for a function a line of standard input.",
            allow_leading_hyphen=True,
        ),
    ],
    format: Annotated[
        Literal["text", "latex", "json"],
        Parameter(help="Text, a fragment of LaTeX, or a JSON object a line."),
    ] = "text",
    timeout: Annotated[float, Parameter(help="Seconds of wall clock for one function.")] = DEFAULT_TIMEOUT,
) -> int:
    """Print how our own integrator decides functions: the field, each step, the answer or what rules it out.

    A function that it leaves undecided is no failure: what was tried is printed, and the exit status is 0.
    """
    from asyncgen.command.explain import problems_of, show

    for function in functions:
        if function.startswith("--"):
            raise UsageError(f"{unknown_flag(function, 'explain')} ({HELP})")
    if not functions:
        raise UsageError(f"explain needs a function, such as 'exp(x**2)' ({HELP})")
    if "-" in functions and streams.stdin_was_closed():
        raise UsageError("standard input is closed: pipe functions into it, or name one")
    limit = seconds("--timeout", timeout)
    problems, bad = problems_of(functions, _complaints("-"))
    show(problems, format, limit)
    return EXIT_FAILURE if bad else 0


@app.command
def sample(
    *,
    n: Count = 20,
    start: First = 0,
    notation: Annotated[Literal["infix", "prefix"], Parameter(help="How they are written.")] = "infix",
    sampling: SamplingOptions = SamplingOptions(),  # noqa: B008
) -> int:
    """Print functions without labelling them, one a line."""
    from asyncgen.problems.infix_text import to_infix
    from asyncgen.sampler import Sampler

    spec = sampling.spec()
    if is_constructed(spec):
        names = " and ".join(share.kind for share in spec.shares if share.kind in CONSTRUCTED)
        raise UsageError(
            f"problems of kind {names} are built in workers: run asyncgen itself for rows of them"
        )
    for problem in Sampler(spec).stream([indices_of(start, n)]):
        sys.stdout.write((problem.prefix if notation == "prefix" else to_infix(problem.prefix)) + "\n")
    return 0


@app.command
def export(
    *stores: Annotated[Path, Parameter(help="SQLite files with rows, of whatever specifications.")],
    to: Annotated[Path, Parameter(help="Folder to make; the same command again goes on, or does nothing.")],
    format: Annotated[
        Literal["prefix", "jsonl", "parquet"],
        Parameter(
            help="The lines of the published files, an object a line, or Parquet with a data set card that "
            "`datasets.load_dataset` reads."
        ),
    ],
    what: ExportOptions = ExportOptions(),  # noqa: B008 - frozen
    show: ExportShowOptions = ExportShowOptions(),  # noqa: B008
) -> int:
    """Write the rows of stores to files for training, each problem once, split without leaks.

    Problems that are known to be the same are one, and problems with equal values are never in two parts.
    Rows come in a random order that is always the same. What was left out is counted.
    """
    from asyncgen.command.export import run_export

    if not stores:
        raise UsageError(f"export needs a store, such as functions.db ({HELP})")
    request, workers = what.request(format), what.number_of_workers()
    return run_export(stores, to, request, workers, show)


@app.command
def merge(
    out: Annotated[Path, Parameter(help="SQLite file to merge into, made if need be.")],
    /,
    *stores: Annotated[Path, Parameter(help="Stores, and folders with stores, of the same specification.")],
    prefer: Annotated[
        Literal["first", "confirmed"] | None,
        Parameter(
            help="Where two rows of an index say different things, keep the one that was there first, or the "
            "confirmed one if the other claims nothing; the other goes to the attempts (default: neither, it "
            "is reported)."
        ),
    ] = None,
    json: Annotated[bool, Parameter(help="Print JSON.", negative=())] = False,
    quiet: Annotated[bool, Parameter(help="Print nothing but errors, and JSON.", negative=())] = False,
) -> int:
    """Merge stores of one specification into one, with their earlier attempts and their runs.

    The same command again goes on where it stopped, and changes nothing once it is done. The exit status is 1
    where rows of an index differ and nothing was preferred, or a store could not be read; all else is merged.
    """
    from asyncgen.command.merge import run_merge

    if not stores:
        raise UsageError(f"merge needs stores, or a folder with stores, to merge into {out} ({HELP})")
    return run_merge(out, stores, prefer, Says(json=json, quiet=quiet))


@app.command
def check(
    store: StorePath,
    /,
    *,
    what: CheckOptions = CheckOptions(),  # noqa: B008 - frozen
    work: WorkOptions = WorkOptions(),  # noqa: B008
) -> int:
    """Check every confirmed answer of a store again, at other points and more of them.

    What is found goes into the table checks; the rows stay as they are. The same command again goes on with
    the rows that are left. The exit status is 1 if an answer is refuted.
    """
    from asyncgen.command.check import run_check

    return run_check(store, what.checking(), work)


@app.command
def stats(
    *files: Annotated[
        Path, Parameter(help="Stores, files with published lines (.prefix), or JSON lines (.jsonl).")
    ],
    overlap: Annotated[
        Path | None, Parameter(help="Another such file: say what each has in common with it.")
    ] = None,
    status: Annotated[
        str, Parameter(help="Which rows are pairs, by status, separated by commas.")
    ] = "elementary,special",
    work: WorkOptions = WorkOptions(),  # noqa: B008
) -> int:
    """Say how long problems and answers are, which operators they have, and how many are different.

    Lengths are in tokens, as they stand and as the published files would write them.
    """
    from asyncgen.command.stats import run_stats

    if not files:
        raise UsageError(f"stats needs a store or a file, such as functions.db ({HELP})")
    return run_stats(files, overlap, statuses(status), work)


@app.command
def status(
    store: StorePath,
    /,
    *,
    json: Annotated[bool, Parameter(help="Print JSON.", negative=())] = False,
) -> int:
    """Show what a store holds, also while a run is writing to it."""
    from asyncgen.command.status import show_status

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
    from asyncgen.command.doctor import doctor as examine
    from asyncgen.sqlite.files import resolved

    count = usable_cores() if workers is None else at_least_one("--workers", workers)
    return asyncio.run(examine(count, resolved(store).parent, json))


def _run(job: "Job", store: Path, run: RunOptions, show: ShowOptions) -> int:
    from asyncgen.command import display, session

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
        if not streams.nobody_is_there(error):
            raise
        streams.forget(sys.stdout)  # the rows are stored, and the status below says how it went
    if progress.state != "stopped":
        return 0
    if not show.quiet:
        why = "time is up; " if run.max_time is not None and progress.seconds >= run.max_time else ""
        shown.say(
            f"{why}{progress.rows} of {progress.total} rows are stored; to go on: {session.command_line()}"
        )
    return EXIT_STOPPED


def _display(run: RunOptions, show: ShowOptions, progress: bool) -> "Display":
    """Open the log and the display, and say what this run would gain from a program that is missing."""
    from asyncgen.command import display, session

    if show.log_file is not None:
        session.log_to(show.log_file)
    shown = display.display(display.Output(stderr=True), show.quiet, progress)
    if run.engines == "auto" and (program := missing_from_best()) is not None:
        shown.say(advice(program))
    return shown


def unknown_flag(argument: str, command: str) -> str:
    """In the words of cyclopts, which says the same of other commands' flags."""
    near = get_close_matches(argument.partition("=")[0], flags_of(command), n=1)
    return f"Unknown option: {argument}" + (f". Did you mean {near[0]}?" if near else "")


def flags_of(command: str) -> list[str]:
    return [name for argument in app[command].assemble_argument_collection() for name in argument.names]
