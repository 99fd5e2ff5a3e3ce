"""What things are called on the server: runs, queues, types."""

from pathlib import Path

from asyncgen.problems.spec import Spec

RUN = "asyncgen-run"  # workflow types
BRING = "asyncgen-bring"
LABEL_SHARD = "label_shard"  # activity types
STORE_ROWS = "store_rows"
REFUSED = "Refused"  # type of a failure: the machine cannot do the shard, others may


def run_name(store: Path, spec: Spec) -> str:
    """The name of the run that fills a store, the same each time."""
    return f"{store.stem}-{spec.digest().hex()[:8]}"


def node_queue(version: str) -> str:
    """Where nodes of a version take work from, and nobody else."""
    return f"asyncgen-{version}"


def rows_queue(run: str, token: str) -> str:
    """Where the rows of a run wait for whoever has its store; `token`: see records.Work."""
    return f"{run}-rows-{token}"
