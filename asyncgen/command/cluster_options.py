"""The flags of the cluster's commands: which server, and how shards are given out."""

from dataclasses import dataclass
from pathlib import Path
from types import ModuleType
from typing import TYPE_CHECKING, Annotated

from cyclopts import Group, Parameter

from asyncgen.calls.cores import usable_cores
from asyncgen.cluster.records import AT_ONCE, ATTEMPTS, HEARTBEAT, SHARD_ROWS
from asyncgen.command.options import at_least_one, count, flag, named_path, number_of_workers, seconds
from asyncgen.problems.errors import UsageError

if TYPE_CHECKING:
    from asyncgen.cluster.connection import Server

MOST_HEARTBEAT = 3_600.0  # seconds: a run that is cancelled waits so long for a node that is dead
MOST_ATTEMPTS = 1_000  # which take a shard that fails some eight hours
_WHERE = Group("Which server", sort_key=4)
_NODE = Group("How it works", sort_key=2)
_SHARDS = Group("How it is spread", sort_key=2)


@Parameter(name="*")
@dataclass(frozen=True, kw_only=True)
class ServerOptions:
    """Which Temporal server, as its own tools take it: without a flag, what the environment says.

    The variables are TEMPORAL_ADDRESS, TEMPORAL_NAMESPACE, TEMPORAL_API_KEY, TEMPORAL_TLS_*,
    TEMPORAL_PROFILE, TEMPORAL_CONFIG_FILE.
    """

    address: Annotated[str | None, flag(_WHERE, "HOST:PORT (default: localhost:7233).")] = None
    namespace: Annotated[str | None, flag(_WHERE, "Namespace (default: default).")] = None
    profile: Annotated[str | None, flag(_WHERE, "Profile of the configuration file.")] = None
    config_file: Annotated[Path | None, flag(_WHERE, "Another configuration file (TOML).")] = None
    api_key: Annotated[str | None, flag(_WHERE, "API key; safer in TEMPORAL_API_KEY.")] = None
    tls: Annotated[
        bool | None, Parameter(group=_WHERE, help="Whether the connection is secured.", negative="--no-tls")
    ] = None
    tls_ca_path: Annotated[Path | None, flag(_WHERE, "Certificate of who signed the server's.")] = None
    tls_cert_path: Annotated[Path | None, flag(_WHERE, "Our certificate.")] = None
    tls_key_path: Annotated[Path | None, flag(_WHERE, "Its key.")] = None
    tls_server_name: Annotated[str | None, flag(_WHERE, "The name in the server's certificate.")] = None

    def server(self) -> "Server":
        """The server that these flags and the environment name. Raises UsageError without the library."""
        server: Server = needed_connection().Server(
            address=self.address,
            namespace=self.namespace,
            profile=self.profile,
            config_file=self.config_file,
            api_key=self.api_key,
            tls=self.tls,
            tls_ca=self.tls_ca_path,
            tls_cert=self.tls_cert_path,
            tls_key=self.tls_key_path,
            tls_server_name=self.tls_server_name,
        )
        return server


@Parameter(name="*")
@dataclass(frozen=True, kw_only=True)
class NodeOptions:
    """How a node works."""

    workers: Annotated[int | None, count(_NODE, "Worker processes (default: one for each usable core).")] = (
        None
    )
    shards: Annotated[int, count(_NODE, "Shards at a time, which share the workers.")] = AT_ONCE
    name: Annotated[
        str | None, flag(_NODE, "Name of this node, one that no other has (default: made up).")
    ] = None
    scratch: Annotated[
        Path | None, flag(_NODE, "Folder for stores that are being filled (default: the system's).")
    ] = None
    metrics: Annotated[
        str | None, flag(_NODE, "IP:PORT at which Prometheus finds metrics (default: none).")
    ] = None
    log_file: Annotated[
        Path | None, flag(_NODE, "Append a log, and what the workers print, to this file.")
    ] = None
    quiet: Annotated[bool, flag(_NODE, "Print nothing but errors.")] = False

    def __post_init__(self) -> None:
        at_least_one("--shards", self.shards)
        if self.name is not None and not self.name.strip():
            raise UsageError("--name: name the node, or leave it out")
        if self.scratch is not None and not self.scratch.is_dir():
            raise UsageError(f"--scratch {self.scratch}: there is no such folder")

    @property
    def processes(self) -> int:
        """How many workers there are to be. Raises UsageError."""
        return usable_cores() if self.workers is None else number_of_workers(self.workers)


@Parameter(name="*")
@dataclass(frozen=True, kw_only=True)
class ShardOptions:
    """How the work is given out."""

    results: Annotated[
        Path | None,
        Parameter(
            group=_SHARDS,
            help="Folder that all machines share: each shard becomes a store there, and no row travels "
            "through Temporal. The stores are merged into --store where this machine sees the folder.",
            converter=named_path,
        ),
    ] = None
    shard_rows: Annotated[int, count(_SHARDS, "Rows of a shard, which one node makes in one go.")] = (
        SHARD_ROWS
    )
    heartbeat: Annotated[
        float, flag(_SHARDS, "Seconds for which a node may be silent before its shards go to others.")
    ] = HEARTBEAT
    attempts: Annotated[int, count(_SHARDS, "Failures after which a shard is set aside.")] = ATTEMPTS

    def __post_init__(self) -> None:
        at_least_one("--shard-rows", self.shard_rows)
        if at_least_one("--attempts", self.attempts) > MOST_ATTEMPTS:
            raise UsageError(f"--attempts {self.attempts}: it must be {MOST_ATTEMPTS} or less")
        if not 1 <= seconds("--heartbeat", self.heartbeat) <= MOST_HEARTBEAT:
            raise UsageError(f"--heartbeat {self.heartbeat:g}: it must be between 1 and {MOST_HEARTBEAT:g}")

    def make_results(self) -> None:
        """Make the folder of results, if one is named. Raises UsageError where there can be none."""
        if self.results is None:
            return
        try:
            self.results.mkdir(parents=True, exist_ok=True)
        except OSError as error:
            raise UsageError(f"--results {self.results}: {error.strerror}") from None


def needed_connection() -> ModuleType:
    """The module that connects. Raises UsageError where Temporal's library is not installed."""
    try:
        from asyncgen.cluster import connection
    except ImportError as error:
        if not (error.name or "").startswith("temporalio"):
            raise
        raise UsageError(
            "the cluster needs Temporal's library: pip install 'asyncgen[cluster]' brings it"
        ) from None
    return connection
