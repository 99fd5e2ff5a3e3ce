"""The workflow Bring: rows on their way into a store, safe until they are there.

    node ──first piece, further pieces──▶ Bring ──local activity store_rows──▶ store; ──stored──▶ Run

It waits on the server for whoever has the store, for as long as that takes.
"""

import contextlib
from datetime import timedelta

from temporalio import workflow
from temporalio.common import RetryPolicy
from temporalio.exceptions import FailureError

from asyncgen.cluster.names import BRING, STORE_ROWS
from asyncgen.cluster.records import Home, Span

_MOST_STORING = timedelta(minutes=10)
_AGAIN = RetryPolicy(initial_interval=timedelta(seconds=10), backoff_coefficient=1.0)  # for ever
_MOST_HELD = timedelta(seconds=1)  # that a submitter whose store takes no more is kept from ending
_MOST_WAITING = timedelta(hours=6)  # for pieces, of a node that may have died before it sent them all


@workflow.defn(name=BRING)
class Bring:
    """Rows of one span of indices, in pieces, for the store of a run."""

    @workflow.init
    def __init__(self, home: Home, span: Span, count: int, first: bytes) -> None:
        self._pieces = {0: first}

    @workflow.run
    async def bring(self, home: Home, span: Span, count: int, first: bytes) -> int:
        """Store them, and tell the run; how many rows were new. Without all `count` pieces it gives up."""
        try:
            await workflow.wait_condition(lambda: len(self._pieces) == count, timeout=_MOST_WAITING)
        except TimeoutError:
            return 0
        data = b"".join(self._pieces[number] for number in range(count))
        new: int = await workflow.execute_local_activity(
            STORE_ROWS,
            data,
            result_type=int,
            start_to_close_timeout=_MOST_STORING,
            retry_policy=_AGAIN,
            local_retry_threshold=_MOST_HELD,
        )
        with contextlib.suppress(FailureError):  # the run may have been cancelled meanwhile
            await workflow.get_external_workflow_handle(home.run).signal("stored", args=[span, home.token])
        return new

    @workflow.signal
    def piece(self, number: int, piece: bytes) -> None:
        """Take a further piece of the rows."""
        self._pieces[number] = piece
