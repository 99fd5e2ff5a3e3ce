"""The limits of rows on their way: engines with their seconds, so that each node asks the same."""

from asyncgen.cluster.records import RowLimits
from asyncgen.jobs.limits import Limits
from asyncgen.problems.errors import UsageError


def sent(limits: Limits) -> RowLimits:
    """The limits as they travel. Raises UsageError for a model, which lies on this machine."""
    if limits.model is not None:
        raise UsageError(
            "--model: nodes of a cluster have no such folder: label with the model on one machine"
        )
    engines = ",".join(f"{name}={seconds!r}" for name, seconds in limits.cpu.engines)
    return RowLimits(limits.timeout, limits.memory, engines or None)


def received(limits: RowLimits) -> Limits:
    """The limits on a node. Raises UsageError where an engine is not installed."""
    return Limits(timeout=limits.timeout, memory=limits.memory, engines=limits.engines)
