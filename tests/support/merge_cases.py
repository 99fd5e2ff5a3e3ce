"""What the tests of merging share: small stores made by hand, and what sqlite3 finds in them."""

import sqlite3
from collections.abc import Iterable, Sequence
from contextlib import closing
from dataclasses import replace
from pathlib import Path

from store_cases import SPEC, outcome

from asyncgen.problems.records import Outcome, Status
from asyncgen.problems.spec import Spec
from asyncgen.store import RunInfo, Store

OTHER_SPEC = replace(SPEC, seed=2)


async def made(
    path: Path,
    rows: Sequence[Outcome],
    retried: Sequence[Outcome] = (),
    node: str = "here",
    spec: Spec = SPEC,
) -> Path:
    """A store with a run of these rows, and a retry of some of them; `node` tells its runs from others."""
    async with Store(path, spec) as store:
        for command, write, outcomes in (("generate", store.add, rows), ("retry", store.retry, retried)):
            if outcomes:
                info = RunInfo(command, 0, 100, {"timeout_cpu_seconds": 5.0}, {}, {"node": node})
                run = await store.begin_run(info)
                await write(run, outcomes)
                await store.end_run(run, "done")
    return path


def rows(indices: Iterable[int], status: Status = Status.ELEMENTARY) -> list[Outcome]:
    return [outcome(index, status) for index in indices]


def dump(path: Path) -> dict[str, list[tuple[object, ...]]]:
    """Everything that the tables of a store hold, as Python's own sqlite3 reads it."""
    tables = {"spec": "id", "runs": "id", "results": "idx", "attempts": "idx, attempt"}
    with closing(sqlite3.connect(path)) as connection:
        return {
            name: connection.execute(f"SELECT * FROM {name} ORDER BY {order}").fetchall()
            for name, order in tables.items()
        }


def statuses(path: Path) -> dict[int, str]:
    with closing(sqlite3.connect(path)) as connection:
        return dict(connection.execute("SELECT idx, status FROM results"))
