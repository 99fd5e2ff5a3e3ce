"""Which of several readers of one stream this process is, as PyTorch and its launchers say it.

PyTorch is asked only if the program has imported it.
"""

import os
import sys
from typing import Any

from asyncgen.calls.cores import usable_cores
from asyncgen.datasets.streaming.positions import Shard
from asyncgen.datasets.streaming.settings import StreamSettings
from asyncgen.problems.errors import UsageError


def shard(settings: StreamSettings) -> Shard:
    """Where this process stands among all readers: ranks, and within each the workers of its DataLoader."""
    rank, ranks = _rank(settings)
    worker, workers = _worker()
    return Shard(rank * workers + worker, ranks * workers)


def processes(settings: StreamSettings) -> int:
    """How many processes are to make rows for this reader."""
    return settings.workers or max(1, usable_cores() // _worker()[1])


def torch_dataset() -> type | None:
    """PyTorch's class of data sets that are iterated over, if PyTorch is imported."""
    data = sys.modules.get("torch.utils.data")
    found = getattr(data, "IterableDataset", None)
    return found if isinstance(found, type) else None


def _worker() -> tuple[int, int]:
    """The number of this worker of a DataLoader, and how many there are."""
    data: Any = sys.modules.get("torch.utils.data")
    info = data.get_worker_info() if data is not None else None
    return (0, 1) if info is None else (info.id, info.num_workers)


def _rank(settings: StreamSettings) -> tuple[int, int]:
    if settings.rank is not None and settings.world_size is not None:
        return settings.rank, settings.world_size
    distributed: Any = sys.modules.get("torch.distributed")
    if distributed is not None and distributed.is_available() and distributed.is_initialized():
        return distributed.get_rank(), distributed.get_world_size()
    return _rank_in_environment()


def _rank_in_environment() -> tuple[int, int]:
    rank, size = os.environ.get("RANK"), os.environ.get("WORLD_SIZE")
    if not rank or not size:
        return 0, 1
    if not (rank.isdecimal() and size.isdecimal() and int(rank) < int(size)):
        raise UsageError(f"RANK={rank} and WORLD_SIZE={size} are no rank: unset them, or give rank")
    return int(rank), int(size)
