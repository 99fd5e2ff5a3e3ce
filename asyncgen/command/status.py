"""What a store holds, for people and for programs."""

from collections.abc import Mapping
from datetime import datetime
from pathlib import Path
from typing import Any

from rich.console import Console
from rich.table import Table

from asyncgen.command.display import Output, duration, plain, show_counts, show_drops, show_json
from asyncgen.problems.kinds import is_constructed
from asyncgen.problems.records import Drops, Status
from asyncgen.problems.spec import Spec
from asyncgen.store import Reader, Run

_WIDTH = 200  # columns, more than the table of runs ever needs


async def show_status(path: Path, as_json: bool) -> int:
    """Print the specification, the rows by status and the runs of a store. Raises StoreError."""
    async with Reader(path) as reader:
        spec, counts, runs = await reader.spec(), await reader.counts(), await reader.runs()
        drops = await reader.drops() if is_constructed(spec) else Drops()
    console = Output()
    if as_json:
        show_json(
            console,
            {
                "store": str(path),
                "rows": sum(counts.values()),
                "statuses": {str(status): counts.get(status, 0) for status in Status},
                "empty": drops.empty,
                "dropped": dict(drops.reasons),
                "spec": spec.as_dict(),
                "runs": [_run_values(run) for run in runs],
            },
        )
        return 0
    plain(console, f"{path}: {_kinds(spec)}, {_origin(spec)}, specification {spec.digest().hex()[:12]}")
    show_counts(console, counts)
    show_drops(console, drops, sum(counts.values()))
    _show_runs(Output(width=_WIDTH), runs)  # a narrow terminal breaks its lines, but nothing is left out
    return 0


def _kinds(spec: Spec) -> str:
    """The kind, or those of a mixture with their weights, and whether rows are as in the published files."""
    shares = ", ".join(f"{share.kind} {share.weight:g}" for share in spec.mixture)
    return spec.kind + (f" ({shares})" if shares else "") + (", as published" if spec.published else "")


def _origin(spec: Spec) -> str:
    """Where the functions come from."""
    if not spec.from_file:
        return f"seed {spec.seed}"
    what = f"problems and answers ({spec.answers})" if spec.answers else "functions"
    return f"a file's {what}, SHA-256 {spec.source}"


def _run_values(run: Run) -> dict[str, Any]:
    return {
        "run": run.id,
        "command": run.info.command,
        "started": run.started,
        "ended": run.ended,
        "how_ended": run.how_ended,
        "start": run.info.start,
        "stop": run.info.stop,
        "settings": dict(run.info.settings),
        "versions": dict(run.info.versions),
        "machine": dict(run.info.machine),
    }


def _show_runs(console: Console, runs: list[Run]) -> None:
    table = Table(box=None, pad_edge=False)
    for name in ("run", "command", "indices", "started (UTC)", "took", "how it ended", "timeout"):
        table.add_column(name, no_wrap=True)
    for run in runs:
        indices = f"{run.info.start}..{run.info.stop - 1}" if run.info.stop is not None else ""
        table.add_row(
            str(run.id),
            run.info.command,
            indices,
            _time(run.started),
            _took(run),
            run.how_ended or "running or killed",
            _timeout(run.info.settings),
        )
    console.print(table)


def _timeout(settings: Mapping[str, object]) -> str:
    """The limit of a call; in stores of earlier versions it was one of wall clock."""
    if (seconds := settings.get("timeout_cpu_seconds")) is not None:
        return str(seconds)
    return f"{earlier} (wall)" if (earlier := settings.get("timeout_wall_seconds")) is not None else ""


def _time(iso: str) -> str:
    """An ISO time of the store, always UTC, without what goes without saying."""
    return iso.replace("T", " ").removesuffix("+00:00")


def _took(run: Run) -> str:
    """How long a run lasted, if it came to an end that it could note."""
    if run.ended is None:
        return ""
    lasted = datetime.fromisoformat(run.ended) - datetime.fromisoformat(run.started)
    return duration(lasted.total_seconds())
