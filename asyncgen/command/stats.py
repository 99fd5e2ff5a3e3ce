"""Makes statistics for the command line, and prints them."""

import math
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from rich.console import Console
from rich.table import Table

from asyncgen.command import session, streams
from asyncgen.command.dataset_options import WorkOptions
from asyncgen.command.display import Output, display, plain, show_json
from asyncgen.command.exits import EXIT_STOPPED
from asyncgen.command.printing import printed, teller
from asyncgen.datasets.measuring.digests import Shared
from asyncgen.datasets.measuring.statistics import LONGEST, PERCENTILES, Numbers, Overlap, Summary
from asyncgen.datasets.measuring.stats import StatsSettings, statistics
from asyncgen.problems.records import Status

_WIDTH = 200  # columns, more than a table ever needs
_LENGTHS = {
    "problem": "problem",
    "answer": "answer",
    "published_problem": "problem, as published",
    "published_answer": "answer, as published",
    "operators": "operators of the problem",
}


def run_stats(
    files: Sequence[Path], overlap: Path | None, statuses: Sequence[Status], work: WorkOptions
) -> int:
    """Make statistics, print them; the exit status."""
    shown = display(Output(stderr=True), work.quiet, show=False)
    settings = StatsSettings(
        statuses=statuses,
        workers=work.processes,
        complain=streams.complain,
        tell=teller(shown, work.no_progress),
    )
    found = session.run(lambda control: statistics(files, overlap, settings, control.stop), shown, None)
    if found is None:
        shown.say(f"stopped: nothing is kept; to begin again: {session.command_line()}")
        return EXIT_STOPPED
    if work.json:
        printed(lambda console: show_json(console, [_values(summary) for summary in found]))
    elif not work.quiet:
        printed(lambda _: _show_all(found))
    return 1 if any(summary.bad or summary.unmeasured for summary in found) else 0


def _values(summary: Summary) -> dict[str, Any]:
    return {
        "name": summary.name,
        "rows": [
            {"kind": kind or None, "status": status or None, "rows": rows}
            for (kind, status), rows in summary.rows.items()
        ],
        "pairs": summary.pairs,
        "bad": summary.bad,
        "unmeasured": summary.unmeasured,
        **{name: getattr(summary, name).as_dict() for name in _LENGTHS},
        "operator_shares": {
            name: round(count / summary.pairs, 6) for name, count in summary.names.most_common()
        },
        "answers_over_512": _number(summary.too_long),
        "problem_tokens_per_answer_token": _number(summary.ratio),
        "different": dict(summary.distinct),
        "unique": {name: _number(share) for name, share in summary.unique.items()},
        "compared_by_text": summary.by_text,
        "overlap": None if summary.overlap is None else _overlap_values(summary.overlap),
    }


def _number(value: float) -> float | None:
    """For JSON, which has no word for what is not a number."""
    return None if math.isnan(value) else round(value, 6)


def _overlap_values(overlap: Overlap) -> dict[str, Any]:
    return {
        "other": overlap.other,
        "pairs": overlap.pairs,
        **{
            name: {"pairs": shared.rows, "pairs_of_other": shared.others, "different": shared.distinct}
            for name, shared in (("form", overlap.form), ("values", overlap.values))
        },
    }


def _show_all(summaries: Sequence[Summary]) -> None:
    for summary in summaries:
        _show(Output(width=_WIDTH), summary)


def _show(console: Console, summary: Summary) -> None:
    plain(console, f"{summary.name}: {summary.pairs} pairs")
    for (kind, status), rows in summary.rows.items():
        if kind or status:
            plain(console, f"  {' '.join(filter(None, (kind, status)))}: {rows}")
    if summary.pairs:
        _show_pairs(console, summary)
    if summary.overlap is not None:
        _show_overlap(console, summary, summary.overlap)


def _show_pairs(console: Console, summary: Summary) -> None:
    console.print(_table(summary))
    unique = ", ".join(f"by {name} {share:.2%}" for name, share in summary.unique.items())
    plain(console, f"unique: {unique}")
    plain(
        console,
        f"answers over {LONGEST} tokens: {summary.too_long:.2%}; "
        f"tokens of a problem for each of an answer: {summary.ratio:.3f}",
    )
    names = ", ".join(f"{name} {count / summary.pairs:.1%}" for name, count in summary.names.most_common())
    plain(console, f"problems with: {names}")
    for what, count in (
        ("compared by their text alone", summary.by_text),
        ("not measured", summary.unmeasured),
    ):
        if count:
            plain(console, f"{what}: {count}")


def _table(summary: Summary) -> Table:
    table = Table(box=None, pad_edge=False)
    table.add_column("tokens")
    for name in ("mean", "sd", *(f"{percent}%" for percent in PERCENTILES), "max"):
        table.add_column(name, justify="right")
    for name, title in _LENGTHS.items():
        numbers: Numbers = getattr(summary, name)
        if numbers.count:
            percentiles = (str(numbers.percentile(percent)) for percent in PERCENTILES)
            spread = (f"{numbers.mean:.1f}", f"{numbers.deviation:.1f}")
            table.add_row(title, *spread, *percentiles, str(numbers.largest))
    return table


def _show_overlap(console: Console, summary: Summary, overlap: Overlap) -> None:
    def said(shared: Shared) -> str:
        theirs = shared.others / overlap.pairs if overlap.pairs else 0.0
        here = shared.rows / summary.pairs if summary.pairs else 0.0
        return f"{shared.rows} pairs ({here:.2%}) here, {shared.others} ({theirs:.2%}) there"

    plain(console, f"in common with {overlap.other}, by form: {said(overlap.form)}")
    plain(console, f"in common with {overlap.other}, by values: {said(overlap.values)}")
