"""What things are called on the server: runs, queues, types."""

import re
from pathlib import Path

from asyncgen.cluster.records import Span
from asyncgen.problems.spec import Spec

RUN = "asyncgen-run"  # workflow types
BRING = "asyncgen-bring"
LABEL_SHARD = "label_shard"  # activity types
STORE_ROWS = "store_rows"
_STRANGE = re.compile(r"[^\w.-]+")
REFUSED = "Refused"  # type of a failure: the machine cannot do the shard, others may


def run_name(store: Path, spec: Spec) -> str:
    """The name of the run that fills a store, the same each time, without what a query or a shell minds."""
    return f"{_STRANGE.sub('_', store.stem)}-{spec.digest().hex()[:8]}"


def node_queue(version: str) -> str:
    """Where nodes of a version take work from, and nobody else."""
    return f"asyncgen-{version}"


def shard_file(run: str, token: str, span: Span) -> str:
    """The store of a shard in a folder of results, which runs may share."""
    return f"{run}-{token}-{span.start:012d}-{span.stop:012d}.db"


def shard_files(run: str, token: str) -> str:
    """The pattern of those of one run."""
    return f"{run}-{token}-*-*.db"  # a run's name holds nothing that a pattern minds


def rows_queue(run: str, token: str) -> str:
    """Where the rows of a run wait for whoever has its store; `token`: see records.Work."""
    return f"{run}-rows-{token}"
