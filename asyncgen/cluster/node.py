"""One machine's part: shards of whatever runs there are, two at a time, through a scheduler that stays open.

    server ──Shard──▶ label_shard ──▶ jobs: problems → scheduler → scratch store ──▶ delivery
                          └──Beat, now and then──▶ server

Guarantees: a shard that is recalled, or the end of the node, costs no row that is labelled: those are
    delivered, and the indices that are left are reported as such. A machine that cannot do its work says why
    and leaves, so that shards go to others; a shard that fails on a sound machine fails.
"""

import asyncio
import platform
import time
import uuid
from collections.abc import AsyncIterator, Coroutine, Iterator
from contextlib import asynccontextmanager, contextmanager
from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path
from typing import Any, TypeVar

from temporalio import activity
from temporalio.client import Client
from temporalio.common import MetricMeter
from temporalio.exceptions import ApplicationError
from temporalio.worker import UnsandboxedWorkflowRunner, Worker

import asyncgen
from asyncgen.calls.errors import SchedulerError
from asyncgen.cluster.delivery import DeliveryError, deliver
from asyncgen.cluster.limits import received
from asyncgen.cluster.names import LABEL_SHARD, REFUSED, node_queue
from asyncgen.cluster.records import AT_ONCE, Beat, Report, Shard, Span
from asyncgen.cluster.rows import Origin
from asyncgen.cluster.run import Run
from asyncgen.cluster.schedulers import Schedulers
from asyncgen.jobs.generate import fill, missing
from asyncgen.jobs.limits import Limits, Workforce
from asyncgen.jobs.machine import machine, versions
from asyncgen.jobs.progress import Progress, Tally
from asyncgen.jobs.run import Control, Job, RunSettings
from asyncgen.jobs.trial import try_worker
from asyncgen.problems.errors import StoreError, UsageError
from asyncgen.problems.spec import Spec, parse_spec
from asyncgen.sampler import Sampler
from asyncgen.store import Store, StoreWriteError

_BEAT = timedelta(seconds=5)  # between two words to the server about a shard, so that it hears of a recall
_GRACE = timedelta(seconds=120)  # for shards under way when the node is to end

T = TypeVar("T")
_WORDS = 500  # characters of an error that are shown


@dataclass(frozen=True, slots=True, kw_only=True)
class NodeSettings:
    """How a node works.

    name: one that no other node has. scratch: a folder for stores that are being filled. at_once: shards.
    """

    workforce: Workforce = field(default_factory=Workforce)
    name: str = field(default_factory=lambda: f"{platform.node()}-{uuid.uuid4().hex[:6]}")
    scratch: Path
    at_once: int = AT_ONCE


async def serve(client: Client, settings: NodeSettings, control: Control, meter: MetricMeter) -> str | None:
    """Work until control.stop is set; None, or why this machine does not do. `meter` counts rows, shards."""
    if (fault := await _fault()) is not None:
        return fault
    async with Schedulers(settings.workforce) as schedulers:
        node = _Node(client, settings, schedulers, control, meter)
        worker = Worker(
            client,
            task_queue=node_queue(asyncgen.__version__),
            workflows=[Run],
            workflow_runner=UnsandboxedWorkflowRunner(),  # tests replay histories instead
            activities=[node.label_shard],
            identity=settings.name,
            build_id=asyncgen.__version__,  # Temporal would hash every module that is loaded
            max_concurrent_activities=settings.at_once,
            max_heartbeat_throttle_interval=_BEAT,
            default_heartbeat_throttle_interval=_BEAT,
            graceful_shutdown_timeout=_GRACE,
        )
        async with worker:
            control.say(f"{settings.name}: ready; workers: {settings.workforce.workers}")
            await control.stop.wait()
        return node.fault


async def _fault() -> str | None:
    """Why this machine cannot label: what a trial shows."""
    try:
        outcome = (await try_worker()).outcome
    except (SchedulerError, OSError) as error:
        return f"a worker cannot start: {error}"
    if outcome.success:
        return None
    return f"a worker makes {outcome.status} ({outcome.reason}) of {outcome.integrand}"


@dataclass(slots=True)
class _Attempt:
    """A shard, while it is worked on: the store for its rows, what the job has said last."""

    shard: Shard
    spec: Spec
    path: Path
    began: float = field(default_factory=time.monotonic)
    has_store: bool = False
    cpu_seconds: float = 0.0

    @property
    def indices(self) -> range:
        return range(self.shard.span.start, self.shard.span.stop)

    def __str__(self) -> str:
        return f"{self.shard.work.run} {self.indices.start}..{self.indices.stop - 1}"


class _Node:
    """What activities share."""

    def __init__(
        self,
        client: Client,
        settings: NodeSettings,
        schedulers: Schedulers,
        control: Control,
        meter: MetricMeter,
    ) -> None:
        self._client = client
        self._name = settings.name
        self._scratch = settings.scratch
        self._schedulers = schedulers
        self._stop = control.stop
        self._say = control.say
        self._rows = meter.create_counter("asyncgen_rows", "rows labelled, by status")
        self._shards = meter.create_counter("asyncgen_shards", "shards, by how they ended")
        self._machine = {**machine(), "node": self._name}
        self._versions = versions()
        self._session = uuid.uuid4().hex
        self.fault: str | None = None  # why this machine does not do

    @activity.defn(name=LABEL_SHARD)
    async def label_shard(self, shard: Shard) -> Report:
        """Label a shard as far as nobody wants it back, and have its rows delivered."""
        attempt = _Attempt(shard, parse_spec(shard.work.spec), self._scratch / f"{uuid.uuid4().hex}.db")
        try:
            report = await self._labelled(attempt)
        except Exception as error:
            self._shards.add(1, {"ended": "failed"})
            if self.fault is None:
                self._say(f"{attempt} failed: {error!r}"[:_WORDS])
            await self._leave_if_at_fault(error)
            raise
        self._shards.add(1, {"ended": "cut" if report.left else "done"})
        for status, count in report.counts.items():
            self._rows.add(count, {"status": status})
        self._say(f"{attempt}: {report.rows} rows in {report.seconds:.1f} s")
        return report

    async def _labelled(self, attempt: _Attempt) -> Report:
        try:
            with _until_recalled():
                await self._fill(attempt)
            return await _kept_on(self._bring_home(attempt))
        finally:
            for file in attempt.path.parent.glob(f"{attempt.path.name}*"):
                file.unlink(missing_ok=True)

    async def _fill(self, attempt: _Attempt) -> None:
        """Do what the main job does, into a store that is empty."""
        limits, spec, indices = self._limits(attempt.shard), attempt.spec, attempt.indices

        def tell(progress: Progress) -> None:
            attempt.cpu_seconds = progress.cpu_seconds
            self._beat(progress.rows, f"labels {attempt}")

        control = Control(on_progress=tell, stop=self._stop)
        settings = RunSettings(limits=limits, workforce=self._schedulers.workforce)
        async with self._schedulers.open(limits, spec) as scheduler, Store(attempt.path, spec) as store:
            attempt.has_store = True
            job = Job(settings, Tally(len(indices), {}), control, spec, scheduler)
            await fill(store, job, "cluster", indices, missing(store, Sampler(spec), indices))

    def _limits(self, shard: Shard) -> Limits:
        try:
            return received(shard.work.limits)
        except UsageError as error:  # a program that is not installed here
            raise self._left(str(error)) from None

    async def _bring_home(self, attempt: _Attempt) -> Report:
        """Deliver what the store holds, and say what it does not."""
        counts: dict[str, int] = {}
        coming, left = list[Span](), [attempt.shard.span]
        if attempt.has_store:
            async with Store(attempt.path, attempt.spec) as store:  # which leaves a single file
                counts = {str(status): count for status, count in (await store.counts()).items()}
                gaps = store.gaps(attempt.indices.start, attempt.indices.stop)
                left = [Span(gap.start, gap.stop) async for gap in gaps]
        if counts:
            async with self._beating(sum(counts.values()), f"delivers {attempt}"):
                coming = await deliver(self._client, attempt.shard, attempt.path, self._origin(attempt.shard))
        return Report(
            node=self._name,
            rows=sum(counts.values()),
            counts=counts,
            seconds=time.monotonic() - attempt.began,
            cpu_seconds=attempt.cpu_seconds,
            left=left,
            coming=coming,
        )

    def _origin(self, shard: Shard) -> Origin:
        settings = {**received(shard.work.limits).as_dict(), **self._schedulers.workforce.as_dict()}
        return Origin(self._session, settings, self._versions, self._machine)

    # -- what the server hears -----------------------------------------------------------------------

    def _beat(self, rows: int, doing: str) -> None:
        activity.heartbeat(Beat(self._name, rows, doing, time.time()))

    @asynccontextmanager
    async def _beating(self, rows: int, doing: str) -> AsyncIterator[None]:
        async def beat() -> None:
            while True:
                self._beat(rows, doing)
                await asyncio.sleep(1)

        beats = asyncio.create_task(beat())
        try:
            yield
        finally:
            beats.cancel()

    async def _leave_if_at_fault(self, error: Exception) -> None:
        """Raise a refusal, and end the node, where it is the machine that failed and not the shard."""
        if isinstance(error, ApplicationError | DeliveryError):
            return
        if isinstance(error, StoreError | StoreWriteError | OSError):  # a disk that is full or broken
            raise self._left(str(error))
        if (fault := await _fault()) is not None:
            raise self._left(fault)

    def _left(self, fault: str) -> ApplicationError:
        """The refusal of a node that ends for this reason."""
        self.fault = fault
        self._stop.set()
        return ApplicationError(f"{self._name}: {fault}", self._name, fault, type=REFUSED, non_retryable=True)


def _is_recalled() -> bool:
    """Whether what was labelled is still wanted of an activity that is cancelled.

    It is not where the shard is another node's already, or this one has had its time to end.
    """
    details = activity.cancellation_details()
    if details is None or details.not_found or details.timed_out or details.worker_shutdown:
        return False
    return details.cancel_requested


@contextmanager
def _until_recalled() -> Iterator[None]:
    """Go on behind the block where the shard is wanted back, with all that was labelled so far."""
    try:
        yield
    except asyncio.CancelledError:
        if not _is_recalled():
            raise


async def _kept_on(work: Coroutine[Any, Any, T]) -> T:
    """Do the work to its end, though the shard is wanted back meanwhile."""
    task = asyncio.ensure_future(work)
    while True:
        try:
            return await asyncio.shield(task)
        except asyncio.CancelledError:
            if task.done() or not _is_recalled():
                task.cancel()
                raise
