"""The workflow Run: shards in a sliding window, until every row of its spans is stored or set aside.

Guarantees: an index that was given out is reported, given out again, or set aside with the reason; whoever
    dies meanwhile. The history stays under Temporal's limits: the run continues as new before.
Assumes: it is deterministic, as workflows must be: no clock and no random number but the workflow's own.
"""

import asyncio
from collections import deque
from collections.abc import Iterable
from datetime import timedelta
from typing import Any

from temporalio import workflow
from temporalio.common import RetryPolicy
from temporalio.exceptions import ActivityError, ApplicationError, is_cancelled_exception

from asyncgen.cluster.names import LABEL_SHARD, REFUSED, RUN
from asyncgen.cluster.records import NodeState, Report, Request, RunState, SetAside, Shard, Snapshot, Span

_MOST_BYTES = 20_000_000  # of history
_LONGEST = timedelta(days=30)  # for a shard on one node: what hangs is noticed by its heartbeats
_RECENT_SECONDS = 5.0  # between two moments of which the rows are remembered
_RECENT = 60  # such moments
_WORDS = 300  # characters of an error that are kept
_NODES = 1_000  # of which something is remembered; a node that is started again is another one


@workflow.defn(name=RUN, failure_exception_types=[Exception])
class Run:
    """One filling of a store."""

    @workflow.init
    def __init__(self, request: Request) -> None:
        self._request = request
        self._state = request.state
        self._waiting = deque(request.spans)
        self._under_way: dict[int, asyncio.Task[None]] = {}  # by their first index
        self._recalled: set[int] = set()  # of these, those that are wanted back
        self._bug: BaseException | None = None

    @workflow.run
    async def run(self, request: Request) -> RunState:
        """Give shards out until nothing is left."""
        try:
            while not self._is_over:
                if self._may_give_out:
                    self._give_out(self._next_span())
                elif self._is_long and not self._under_way:
                    self._continue_as_new()
                else:
                    await workflow.wait_condition(lambda: self._has_to_act)
                if self._bug is not None:
                    raise self._bug
        except asyncio.CancelledError:
            await self._call_back()
            raise
        return self._state

    # -- what there is to do -------------------------------------------------------------------------

    @property
    def _is_over(self) -> bool:
        nothing_waits = not self._waiting or self._has_given_up
        return nothing_waits and not self._under_way and not self._state.coming

    @property
    def _has_to_act(self) -> bool:
        over = self._is_over or self._bug is not None
        return over or self._may_give_out or (self._is_long and not self._under_way)

    @property
    def _may_give_out(self) -> bool:
        request, state = self._request, self._state
        return (
            bool(self._waiting)
            and not (state.paused or self._has_given_up)
            and len(self._under_way) < request.window
            and len(state.coming) < request.most_coming
            and not self._is_long
        )

    @property
    def _has_given_up(self) -> bool:
        return len(self._state.set_aside) >= self._request.most_set_aside

    @property
    def _is_long(self) -> bool:
        info = workflow.info()
        return (
            info.get_current_history_length() > self._request.most_events
            or info.get_current_history_size() > _MOST_BYTES
        )

    def _continue_as_new(self) -> None:
        self._request.spans = list(self._waiting)
        workflow.continue_as_new(self._request)

    # -- shards --------------------------------------------------------------------------------------

    def _next_span(self) -> Span:
        """The indices of the next shard: shards end at multiples of their size."""
        first = self._waiting.popleft()
        size = self._request.shard_rows
        stop = min(first.stop, (first.start // size + 1) * size)
        if stop < first.stop:
            self._waiting.appendleft(Span(stop, first.stop))
        return Span(first.start, stop)

    def _give_out(self, span: Span) -> None:
        self._under_way[span.start] = asyncio.create_task(self._follow(span))

    async def _follow(self, span: Span) -> None:
        try:
            self._count(span, await self._labelled(span))
        except ActivityError as error:
            self._note_failure(span, error)
        except BaseException as error:  # a task's error would be seen by nobody
            self._bug = error
        finally:
            del self._under_way[span.start]
            self._recalled.discard(span.start)

    async def _labelled(self, span: Span) -> Report:
        request = self._request
        report: Report = await workflow.execute_activity(
            LABEL_SHARD,
            Shard(request.work, span),
            result_type=Report,
            heartbeat_timeout=timedelta(seconds=request.heartbeat),
            start_to_close_timeout=_LONGEST,
            retry_policy=RetryPolicy(
                initial_interval=timedelta(seconds=1),
                maximum_interval=timedelta(seconds=30),
                maximum_attempts=request.attempts,
            ),
            cancellation_type=workflow.ActivityCancellationType.WAIT_CANCELLATION_COMPLETED,
            summary=f"{span.start}..{span.stop - 1}",
        )
        return report

    def _count(self, span: Span, report: Report) -> None:
        state = self._state
        state.rows += report.rows
        state.shards += not report.left
        for status, count in report.counts.items():
            state.counts[status] = state.counts.get(status, 0) + count
        self._count_node(report)
        self._put_back(report.left)
        state.refusals.pop(report.node, None)
        early = [one for one in report.coming if one in state.home]
        state.coming += [one for one in report.coming if one not in early]
        # Of an earlier attempt at this shard there may be others, cut elsewhere, that nobody asks for again.
        state.home = [one for one in state.home if not span.start <= one.start < span.stop]
        now = workflow.time()
        if not state.recent or now - state.recent[-1][0] > _RECENT_SECONDS:
            state.recent = [*state.recent[1 - _RECENT :], (now, state.rows)]

    def _count_node(self, report: Report) -> None:
        now = workflow.time()
        node = self._state.nodes.setdefault(report.node, NodeState(now - report.seconds, now))
        node.last = now
        node.rows += report.rows
        node.shards += not report.left
        node.cpu_seconds += report.cpu_seconds
        _forget_oldest(self._state.nodes)

    def _note_failure(self, span: Span, error: ActivityError) -> None:
        cause = error.cause
        # The server tries nothing again that is wanted back: its first failure is no proof of anything.
        if is_cancelled_exception(error) or span.start in self._recalled:
            self._put_back([span])
        elif isinstance(cause, ApplicationError) and cause.type == REFUSED:
            node, why = cause.details
            self._state.refusals[node] = why[:_WORDS]
            _forget_oldest(self._state.refusals)
            self._put_back([span])
        else:
            self._state.set_aside.append(SetAside(span, str(cause or error)[:_WORDS]))

    def _put_back(self, spans: Iterable[Span]) -> None:
        for span in reversed(list(spans)):
            self._waiting.appendleft(span)

    async def _call_back(self) -> None:
        """Have every shard returned, and wait until it is: what is labelled by then comes home."""
        self._recall()
        await workflow.wait_condition(lambda: not self._under_way)

    def _recall(self) -> None:
        self._recalled.update(self._under_way)
        for task in list(self._under_way.values()):
            task.cancel()

    # -- what others say and ask ---------------------------------------------------------------------

    @workflow.query
    def progress(self) -> Snapshot:
        """How far the run is."""
        return Snapshot(self._state, len(self._under_way), sum(map(len, self._waiting)))

    @workflow.signal
    def stored(self, span: Span, token: str) -> None:
        """The rows of a span are in the store; with another token, in that of another run of this name."""
        if token != self._request.work.token:
            return
        if span in self._state.coming:
            self._state.coming.remove(span)
        else:
            self._state.home.append(span)

    @workflow.signal
    def pause(self) -> None:
        """Give nothing out any more, and have back what is given out."""
        self._state.paused = True
        self._recall()

    @workflow.signal
    def resume(self) -> None:
        """Go on."""
        self._state.paused = False


def _forget_oldest(nodes: dict[str, Any]) -> None:
    """Keep what is remembered of nodes small, so that it can be carried along."""
    if len(nodes) > _NODES:
        del nodes[next(iter(nodes))]
