"""The commands: label functions, sampled or from a file; look at them; give some another chance."""

import asyncio
import sys
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, BinaryIO, Literal

from cyclopts import Parameter

from asyncgen.calls.cores import usable_cores
from asyncgen.command import cluster_commands, dataset_commands, learn_commands, streams
from asyncgen.command.app import HELP, app, unknown_flag
from asyncgen.command.exits import EXIT_FAILURE, EXIT_STOPPED
from asyncgen.command.options import (
    Count,
    FillOptions,
    First,
    RunOptions,
    SamplingOptions,
    ShowOptions,
    StorePath,
    at_least_one,
    check_engines,
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

# Whose commands are on the same application.
__all__ = ["app", "cluster_commands", "dataset_commands", "learn_commands"]

_FOR_STORES = ("batch", "flush_seconds", "max_time", "new_limits")  # of FillOptions


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
    check_engines(spec, run.engines)
    if not is_searched(spec):
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
    timeout: Annotated[float, Parameter(help="CPU seconds for one function.")] = DEFAULT_TIMEOUT,
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
