"""What else a machine does changes no label."""

import os
from collections.abc import Iterator
from pathlib import Path

import pytest
from job_cases import settings
from store_cases import SPEC, query

from asyncgen.jobs.generate import generate
from asyncgen.jobs.limits import Limits, Workforce

pytestmark = [pytest.mark.engine, pytest.mark.long]

COUNT = 60
LIMITS = Limits(timeout=2.0, engines="sympy")  # for which many functions are too hard


@pytest.fixture
def one_core() -> Iterator[None]:
    """Leave this process, and what it starts, a single core."""
    before = os.sched_getaffinity(0)
    os.sched_setaffinity(0, {max(before)})
    yield
    os.sched_setaffinity(0, before)


async def labelled(path: Path, workers: int) -> list[tuple[object, ...]]:
    """Status and reason of each function."""
    limited = settings(limits=LIMITS, workforce=Workforce(workers=workers))
    await generate(path, SPEC, range(COUNT), limited)
    return query(path, "SELECT status, coalesce(reason, '') FROM results ORDER BY idx")


@pytest.mark.usefixtures("one_core")
async def test_sixteen_workers_that_share_a_core_find_what_one_finds(tmp_path: Path):
    """Killed workers start cold and slowly there: a clock of the wall would make most rows timeouts."""
    alone = await labelled(tmp_path / "alone.db", 1)
    crowded = await labelled(tmp_path / "crowded.db", 16)
    assert len(alone) == len(crowded) == COUNT
    assert "wall" not in [reason for _, reason in [*alone, *crowded]]
    differ = [(one, other) for one, other in zip(alone, crowded, strict=True) if one[0] != other[0]]
    assert len(differ) <= COUNT // 20, differ
