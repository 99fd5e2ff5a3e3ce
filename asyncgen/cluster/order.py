"""What a submitter wants, and what nodes are told of it."""

import hashlib
import json
import platform
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

import asyncgen
from asyncgen.cluster.limits import sent
from asyncgen.cluster.names import run_name
from asyncgen.cluster.records import ATTEMPTS, HEARTBEAT, SHARD_ROWS, RowLimits, Work
from asyncgen.jobs.labelling import limits_of
from asyncgen.jobs.run import RunSettings
from asyncgen.problems.spec import Spec


@dataclass(frozen=True, slots=True, kw_only=True)
class Order:
    """What is wanted: rows `indices` of a store, under the limits of `settings`.

    results: a folder that all machines share, for a store a shard; None to have the rows come here.
    shard_rows, heartbeat, attempts: see records.Request.

    Raises UsageError for limits that nodes cannot keep.
    """

    store: Path
    spec: Spec
    indices: range
    settings: RunSettings = field(default_factory=RunSettings)
    results: Path | None = None
    shard_rows: int = SHARD_ROWS
    heartbeat: float = HEARTBEAT
    attempts: int = ATTEMPTS

    def __post_init__(self) -> None:
        _limits(self)


def work_of(order: Order) -> Work:
    """What nodes are told of an order."""
    memo = memo_of(order)
    return Work(
        run=run_name(order.store.resolve(), order.spec),
        spec=order.spec.canonical(),
        limits=_limits(order),
        version=asyncgen.__version__,
        token=hashlib.sha256(json.dumps(memo, sort_keys=True).encode()).hexdigest()[:8],
        results=memo["folder of results"],
    )


def memo_of(order: Order) -> dict[str, Any]:
    """What a run must have in common with an order, for its submitter to wait for the rows."""
    return {
        "store": f"{platform.node()}:{order.store.resolve()}",
        "version of asyncgen": asyncgen.__version__,
        **{f"limit of {name}": value for name, value in asdict(_limits(order)).items()},
        "folder of results": None if order.results is None else str(order.results.resolve()),
    }


def _limits(order: Order) -> RowLimits:
    return sent(limits_of(order.settings.limits, order.spec))
