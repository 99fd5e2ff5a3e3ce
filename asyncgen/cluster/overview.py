"""How a run stands, as anybody sees it: rows, rate, time left, nodes with their last word.

Sources: the run itself, which a node answers for; the server, which knows the shards that are given out, what
nodes have said of them last, and who listens. Times are seconds; moments those of Unix.
"""

import time
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from temporalio.api.enums.v1 import PendingActivityState, TaskQueueType
from temporalio.api.taskqueue.v1 import TaskQueue
from temporalio.api.workflowservice.v1 import DescribeTaskQueueRequest
from temporalio.client import (
    Client,
    WorkflowExecutionDescription,
    WorkflowExecutionStatus,
    WorkflowHandle,
    WorkflowQueryFailedError,
)
from temporalio.service import RPCError, RPCStatusCode

from asyncgen.cluster.names import RUN
from asyncgen.cluster.records import Beat, RunState, SetAside, Snapshot
from asyncgen.cluster.run import Run
from asyncgen.problems.errors import UsageError

_MOST_ASKING = timedelta(seconds=5)  # for an answer of the run, which needs a node
_LONG = 60.0  # seconds over which a rate says something
_WORKED_ON = (
    PendingActivityState.PENDING_ACTIVITY_STATE_STARTED,
    PendingActivityState.PENDING_ACTIVITY_STATE_CANCEL_REQUESTED,
)

Handle = WorkflowHandle[Run, RunState]


@dataclass(frozen=True, slots=True)
class NodeView:
    """What a node has done for a run, and its last word: `doing`, `heard` seconds ago."""

    name: str
    rows: int = 0
    shards: int = 0
    rate: float | None = None  # rows a second, over its time with the run
    under_way: int = 0  # rows of shards that are not reported yet
    doing: str = ""
    heard: float | None = None
    refused: str | None = None  # why it left the run


@dataclass(frozen=True, slots=True)
class Overview:
    """How a run stands. Without `answered` no node was there to tell the rows, and they are unknown."""

    run: str
    status: str  # running, paused, cancelling, completed, cancelled, failed, terminated
    answered: bool
    version: str
    store: str
    total: int
    rows: int
    counts: Mapping[str, int]
    rate: float | None  # rows a second, of the last minutes
    seconds_left: float | None
    shards: int
    under_way: int  # shards that are given out
    waiting: int  # rows that are not
    coming: int  # spans of rows on their way to the store
    nodes: Sequence[NodeView]
    set_aside: Sequence[SetAside]


async def open_runs(client: Client) -> list[str]:
    """The names of the runs that are open."""
    query = f"WorkflowType = '{RUN}' AND ExecutionStatus = 'Running'"
    return sorted([one.id async for one in client.list_workflows(query)])


def run_named(client: Client, name: str) -> Handle:
    """A way to the run of this name, if there is one."""
    return client.get_workflow_handle(name, result_type=RunState)


async def described(handle: Handle) -> WorkflowExecutionDescription | None:
    """What the server knows of a run; None where there is none. Raises RPCError."""
    try:
        return await handle.describe()
    except RPCError as error:
        if error.status is not RPCStatusCode.NOT_FOUND:
            raise
        return None


def is_cancelled(description: WorkflowExecutionDescription) -> bool:
    """Whether the end of an open run was asked for."""
    return description.raw_description.workflow_extended_info.cancel_requested


async def asked(handle: Handle) -> Snapshot | None:
    """What a run says of itself; None where no node answers for it. Raises RPCError for other reasons."""
    try:
        return await handle.query(Run.progress, rpc_timeout=_MOST_ASKING)
    except WorkflowQueryFailedError:
        return None
    except RPCError as error:
        if error.status in (RPCStatusCode.UNAVAILABLE, RPCStatusCode.PERMISSION_DENIED):
            raise
        return None


async def chosen_run(client: Client, name: str | None, *, is_open: bool = False) -> Handle:
    """The run of this name, or the only one that is open. Raises UsageError where there is none, or more.

    With `is_open` also where it has ended.
    """
    if name == "":
        raise UsageError("--run: name a run, or leave it out")
    if name is None:
        names = await open_runs(client)
        if not names:
            raise UsageError("no run is open; --run NAME shows one that has ended")
        if len(names) > 1:
            raise UsageError(f"several runs are open, say --run NAME: {', '.join(names)}")
        name = names[0]
    handle = run_named(client, name)
    if (description := await described(handle)) is None:
        raise UsageError(f"there is no run {name}")
    if is_open and description.status is not WorkflowExecutionStatus.RUNNING:
        raise UsageError(f"the run {name} has ended")
    return handle


async def overview(client: Client, handle: Handle) -> Overview:
    """How a run stands. Raises RPCError."""
    description = await handle.describe()
    snapshot = await _snapshot(handle, description)
    memo = await description.memo()
    beats = await _beats(client, description)
    nodes = await listening(client, description.task_queue)
    return _view(description, memo, snapshot, beats, nodes)


async def _snapshot(handle: Handle, description: WorkflowExecutionDescription) -> Snapshot | None:
    if description.status is WorkflowExecutionStatus.COMPLETED:
        return Snapshot(await handle.result(), 0, 0)
    return await asked(handle)


async def _beats(client: Client, description: WorkflowExecutionDescription) -> list[Beat]:
    """What nodes have said last of the shards that they work on."""
    found = []
    for pending in description.raw_description.pending_activities:
        if pending.state in _WORKED_ON and pending.heartbeat_details.payloads:
            found += await client.data_converter.decode(pending.heartbeat_details.payloads, [Beat])
    return found


async def listening(client: Client, queue: str) -> dict[str, float]:
    """The nodes that take shards of a queue, and when each was heard of last."""
    request = DescribeTaskQueueRequest(
        namespace=client.namespace,
        task_queue=TaskQueue(name=queue),
        task_queue_type=TaskQueueType.TASK_QUEUE_TYPE_ACTIVITY,
    )
    answer = await client.workflow_service.describe_task_queue(request)
    return {poller.identity: poller.last_access_time.ToSeconds() for poller in answer.pollers}


def _view(
    description: WorkflowExecutionDescription,
    memo: Mapping[str, Any],
    snapshot: Snapshot | None,
    beats: Sequence[Beat],
    pollers: Mapping[str, float],
) -> Overview:
    state = RunState(total=0, began=time.time()) if snapshot is None else snapshot.state
    is_open = description.status is WorkflowExecutionStatus.RUNNING
    under_way = sum(beat.rows for beat in beats)
    is_ending = is_open and is_cancelled(description)
    rate = _rate(state, under_way) if is_open and not (state.paused or is_ending) else None
    rows = sum(state.before.values()) + state.rows
    left = max(0, state.total - rows - under_way)
    status = description.status.name.lower() if description.status else "unknown"
    status = {"canceled": "cancelled"}.get(status, status)
    if is_open:
        status = "cancelling" if is_ending else "paused" if state.paused else status
    return Overview(
        run=description.id,
        status=status,
        answered=snapshot is not None,
        version=str(memo.get("version of asyncgen", "")),
        store=str(memo.get("store", "")),
        total=state.total,
        rows=rows,
        counts=dict(Counter(state.before) + Counter(state.counts)),
        rate=rate,
        seconds_left=left / rate if rate else None,
        shards=state.shards,
        under_way=0 if snapshot is None else snapshot.under_way,
        waiting=0 if snapshot is None else snapshot.waiting,
        coming=len(state.coming) if is_open else 0,
        nodes=_nodes(state, beats, pollers if is_open else {}),
        set_aside=state.set_aside,
    )


def _rate(state: RunState, under_way: int) -> float | None:
    """Rows a second: between moments of the last minutes if they are far enough apart, or since it began."""
    if state.recent and state.recent[-1][0] - state.recent[0][0] > _LONG:
        (since, rows), (until, done) = state.recent[0], state.recent[-1]
    else:
        since, rows, until, done = state.began, 0, time.time(), state.rows + under_way
    return (done - rows) / (until - since) if until > since and done > rows else None


def _nodes(state: RunState, beats: Sequence[Beat], pollers: Mapping[str, float]) -> list[NodeView]:
    """Every node that has to do with the run, by name."""
    names = {*state.nodes, *state.refusals, *pollers, *(beat.node for beat in beats)}
    return [
        _node(name, state, [beat for beat in beats if beat.node == name], pollers) for name in sorted(names)
    ]


def _node(name: str, state: RunState, beats: Sequence[Beat], pollers: Mapping[str, float]) -> NodeView:
    done = state.nodes.get(name)
    heard = [beat.at for beat in beats]
    if name in pollers:
        heard.append(pollers[name])
    if done is not None:
        heard.append(done.last)
    spent = done.last - done.since if done is not None else 0.0
    return NodeView(
        name=name,
        rows=done.rows if done is not None else 0,
        shards=done.shards if done is not None else 0,
        rate=done.rows / spent if done is not None and spent > 0 else None,
        under_way=sum(beat.rows for beat in beats),
        doing=", ".join(sorted(beat.doing for beat in beats)),
        heard=max(0.0, time.time() - max(heard)) if heard else None,
        refused=state.refusals.get(name),
    )
