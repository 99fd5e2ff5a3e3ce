"""The limits of rows on their way: engines with their seconds, so that each node asks the same."""

from asyncgen.cluster.records import RowLimits
from asyncgen.jobs.limits import Limits


def sent(limits: Limits) -> RowLimits:
    """The limits as they travel."""
    engines = ",".join(f"{name}={seconds!r}" for name, seconds in limits.cpu.engines)
    return RowLimits(limits.timeout, limits.memory, engines or None)


def received(limits: RowLimits) -> Limits:
    """The limits on a node. Raises UsageError where an engine is not installed."""
    return Limits(timeout=limits.timeout, memory=limits.memory, engines=limits.engines)
