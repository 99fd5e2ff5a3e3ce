"""The commands that take whole stores or files: import, export, merge, check, measure."""

from pathlib import Path
from typing import Annotated, Literal

from cyclopts import Parameter

from asyncgen.command import streams
from asyncgen.command.app import HELP, app, unknown_flag
from asyncgen.command.dataset_options import CheckOptions, Says, WorkOptions
from asyncgen.command.export_options import ExportOptions, ExportShowOptions
from asyncgen.command.import_options import FailureOptions, ImportOptions
from asyncgen.command.options import StorePath, statuses
from asyncgen.problems.errors import UsageError


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


@app.command(name="import")
def import_(
    file: Annotated[
        str,
        Parameter(
            help="Published lines, CSV, JSON lines, or SQLite with a table of functions and integrals; "
            "- is standard input.",
            allow_leading_hyphen=True,
        ),
    ],
    /,
    *,
    to: Annotated[
        Path, Parameter(help="SQLite file to fill; the same command again goes on, or does nothing.")
    ],
    what: ImportOptions = ImportOptions(),  # noqa: B008 - frozen
    show: FailureOptions = FailureOptions(),  # noqa: B008
    work: WorkOptions = WorkOptions(),  # noqa: B008
) -> int:
    """Read problems with their answers from a file into a store, and check every one.

    Each record becomes a row, whose index is the number of its line, or its rowid. How many failed is printed
    in the end, with what is wrong with the first of them. The exit status is 1 if an answer is wrong, or a
    record cannot be read.
    """
    from asyncgen.command.import_file import ImportRun, run_import

    if file.startswith("--") and not Path(file).exists():
        raise UsageError(f"{unknown_flag(file, 'import')} ({HELP})")
    if file == "-" and streams.stdin_was_closed():
        raise UsageError("standard input is closed: pipe a file into it, or name one")
    run = ImportRun(
        limits=what.limits(),
        workers=work.processes,
        all=show.all,
        json=work.json,
        quiet=work.quiet,
        no_progress=work.no_progress,
    )
    return run_import(file, to, what.asked(), run)


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
    no_progress: Annotated[bool, Parameter(help="Show no progress.", negative=())] = False,
) -> int:
    """Merge stores of one specification into one, with their earlier attempts and their runs.

    The same command again goes on where it stopped, and changes nothing once it is done. The exit status is 1
    where rows of an index differ and nothing was preferred, or a store could not be read; all else is merged.
    """
    from asyncgen.command.merge import run_merge

    if not stores:
        raise UsageError(f"merge needs stores, or a folder with stores, to merge into {out} ({HELP})")
    return run_merge(out, stores, prefer, Says(json=json, quiet=quiet, no_progress=no_progress))


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
        Path,
        Parameter(help="Stores, exports, published lines (.prefix), JSON lines (.jsonl) or Parquet."),
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
