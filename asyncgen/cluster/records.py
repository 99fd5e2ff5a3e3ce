"""What travels through Temporal, apart from rows: records of JSON values. No code, no pickles.

Seconds that name a moment are those of Unix.
"""

from dataclasses import dataclass, field

SHARD_ROWS = 2_000
HEARTBEAT = 60.0  # seconds for which a node may be silent
ATTEMPTS = 10  # after which a shard is set aside
AT_ONCE = 2  # shards on a node: while one ends, and its rows travel, the other has the workers


@dataclass(frozen=True, slots=True)
class Span:
    """Indices start to stop - 1."""

    start: int
    stop: int

    def __len__(self) -> int:
        return self.stop - self.start


@dataclass(frozen=True, slots=True)
class RowLimits:
    """The run settings that can change a label, see jobs.limits.Limits; `engines` with their seconds."""

    timeout: float
    memory: int | None
    engines: str | None


@dataclass(frozen=True, slots=True)
class Work:
    """What every shard of a run has in common.

    spec: in its canonical text. version: of asyncgen. token: tells the runs of other stores, and those under
    other limits, which have the same name. results: the folder for a store a shard; None where rows travel
    through Temporal.
    """

    run: str
    spec: str
    limits: RowLimits
    version: str
    token: str
    results: str | None = None


@dataclass(frozen=True, slots=True)
class Home:
    """Where rows are to go: the run that is told, and its token."""

    run: str
    token: str


@dataclass(frozen=True, slots=True)
class Shard:
    """What a node is asked for."""

    work: Work
    span: Span


@dataclass(frozen=True, slots=True)
class Report:
    """What a node has made of a shard: rows by status, the indices that are left, the rows on their way."""

    node: str
    rows: int
    counts: dict[str, int]
    seconds: float
    cpu_seconds: float
    left: list[Span]
    coming: list[Span]


@dataclass(slots=True)
class NodeState:
    """What a node has done for a run; since and until when."""

    since: float
    last: float
    rows: int = 0
    shards: int = 0
    cpu_seconds: float = 0.0


@dataclass(frozen=True, slots=True)
class SetAside:
    """A shard that has failed too often."""

    span: Span
    error: str


@dataclass(slots=True)
class RunState:
    """How far a run is: answers queries, and is carried along when the run continues as new.

    total: rows that are wanted. before: those that were there, by status. rows, counts: what nodes have made
    of the others. recent: pairs of a moment and the rows until then. coming: rows that are on their way to
    the store. home: rows that were stored before their shard was reported. refusals: by node, why it does not
    work for this run.
    """

    total: int
    began: float
    before: dict[str, int] = field(default_factory=dict)
    rows: int = 0
    shards: int = 0
    counts: dict[str, int] = field(default_factory=dict)
    nodes: dict[str, NodeState] = field(default_factory=dict)
    refusals: dict[str, str] = field(default_factory=dict)
    set_aside: list[SetAside] = field(default_factory=list)
    coming: list[Span] = field(default_factory=list)
    home: list[Span] = field(default_factory=list)
    recent: list[tuple[float, int]] = field(default_factory=list)
    paused: bool = False


@dataclass(slots=True)
class Request:
    """Input of the workflow Run.

    spans: indices that are still to be given out. shard_rows: indices of a shard, at most. heartbeat: seconds
    for which a node may be silent before its shards go to others. attempts: after which a shard is set aside.
    window: shards given out at a time. most_coming: spans of rows that may wait for the store.
    most_set_aside: shards, after which it gives up. most_events: of a workflow's history.
    """

    work: Work
    state: RunState
    spans: list[Span]
    shard_rows: int
    heartbeat: float
    attempts: int
    window: int = 250
    most_coming: int = 2_000
    most_set_aside: int = 100
    most_events: int = 20_000


@dataclass(frozen=True, slots=True)
class Snapshot:
    """What a run answers to a query: its state, shards that are given out, rows that are not yet."""

    state: RunState
    under_way: int
    waiting: int


@dataclass(frozen=True, slots=True)
class Beat:
    """What a node says of a shard that it works on, now and then."""

    node: str
    rows: int
    doing: str
    at: float
