"""What goes wrong where models are trained and used."""

from asyncgen.problems.errors import AsyncgenError, UsageError


class LearningError(AsyncgenError):
    """Training or using a model cannot go on, for a reason that its text says."""


class DamagedError(UsageError):
    """A file of a model's folder, or of prepared data, is not what was written there."""
