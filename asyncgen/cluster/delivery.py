"""How the rows of a shard leave a node: through Temporal, or as a store in a folder that machines share."""

import asyncio
import os
import shutil
import zlib
from functools import partial
from pathlib import Path

from temporalio.client import Client, WorkflowHandle
from temporalio.common import WorkflowIDConflictPolicy, WorkflowIDReusePolicy

from asyncgen.cluster.connection import patiently
from asyncgen.cluster.names import BRING, rows_queue, shard_file
from asyncgen.cluster.records import Home, Shard, Span, Work
from asyncgen.cluster.rows import Origin, batches, pack, pieces
from asyncgen.problems.errors import AsyncgenError
from asyncgen.store import Reader


class DeliveryError(AsyncgenError):
    """Rows cannot be put where their run wants them, which says nothing of the machine."""


async def deliver(client: Client, shard: Shard, path: Path, origin: Origin) -> list[Span]:
    """Send the rows of a store that nobody writes to any more; the spans of those that are on their way.

    Once it has returned, they are safe. The same rows may be sent twice. Raises DeliveryError, RPCError.
    """
    if shard.work.results is not None:
        try:
            await asyncio.to_thread(_into_folder, path, shard.work, shard.span)
        except OSError as error:
            raise DeliveryError(f"the folder of results {shard.work.results}: {error.strerror}") from error
        return []
    async with Reader(path) as reader:
        outcomes = [outcome async for outcome in reader.rows()]
    coming = []
    for batch in batches(outcomes):
        span = Span(batch[0].index, batch[-1].index + 1)
        await _send(client, shard.work, span, await asyncio.to_thread(pack, origin, batch))
        coming.append(span)
    return coming


async def _send(client: Client, work: Work, span: Span, data: bytes) -> None:
    """Have a workflow Bring keep these bytes until they are stored."""
    first, *others = pieces(data)
    handle: WorkflowHandle[object, object] = await patiently(
        lambda: client.start_workflow(
            BRING,
            args=[Home(work.run, work.token), span, 1 + len(others), first],
            id=f"{rows_queue(work.run, work.token)}-{span.start}-{span.stop}-{zlib.crc32(data):08x}",
            task_queue=rows_queue(work.run, work.token),
            id_reuse_policy=WorkflowIDReusePolicy.ALLOW_DUPLICATE,
            id_conflict_policy=WorkflowIDConflictPolicy.USE_EXISTING,
        )
    )
    for number, piece in enumerate(others, start=1):
        await patiently(partial(handle.signal, "piece", args=[number, piece]))


def _into_folder(path: Path, work: Work, span: Span) -> None:
    """Copy a store, so that it is there as a whole or not at all.

    The folder must be there: one that was made here would be on this machine alone.
    """
    folder = Path(work.results or "")
    name = shard_file(work.run, work.token, span)
    temporary = folder / f".{name}-{path.stem}"
    try:
        with path.open("rb") as source, temporary.open("wb") as copy:
            shutil.copyfileobj(source, copy, 1 << 20)
            copy.flush()
            os.fsync(copy.fileno())
        temporary.replace(folder / name)
    finally:
        temporary.unlink(missing_ok=True)
