"""The stores of an export: what each was made for, by which runs, and what says that it is still the same."""

import hashlib
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, NamedTuple

from asyncgen.datasets.checking.checks import CheckedReader
from asyncgen.problems.errors import UsageError
from asyncgen.problems.spec import Spec
from asyncgen.sqlite.files import resolved
from asyncgen.sqlite.runs import Run


class Source(NamedTuple):
    """A store as it was when the export began."""

    path: Path
    spec: Spec
    rows: int
    runs: Sequence[Run]
    failed: int = 0  # rows that have failed a check

    @property
    def digest(self) -> str:
        """SHA-256 of its specification, in hex."""
        return self.spec.digest().hex()

    @property
    def kinds(self) -> str:
        """The kinds of its problems."""
        return ", ".join(share.kind for share in self.spec.shares)

    @property
    def identity(self) -> dict[str, Any]:
        """What changes whenever its rows do."""
        seen = repr([(run.id, run.started, run.ended) for run in self.runs])
        runs = hashlib.sha256(seen.encode()).hexdigest()[:16]
        return {"spec": self.digest, "rows": self.rows, "runs": runs, "failed": self.failed}

    @property
    def versions(self) -> list[str]:
        """Each set of versions that its runs had, such as "asyncgen 0.1.0, python 3.11.7"."""
        return _distinct(run.info.versions for run in self.runs)

    @property
    def limits(self) -> list[str]:
        """Each set of limits under which they were made."""
        return _distinct(
            {name: value for name, value in run.info.settings.items() if name.endswith(("seconds", "bytes"))}
            for run in self.runs
        )


async def sources(paths: Sequence[Path]) -> list[Source]:
    """The stores at these paths, in an order that does not depend on theirs.

    Raises UsageError (StoreError) for one that cannot be read, or is named twice.
    """
    whole = [resolved(path) for path in paths]
    for number, path in enumerate(whole):
        if path in whole[:number]:
            raise UsageError(f"{paths[number]} is named twice")
    found = [await _source(path) for path in whole]
    return sorted(found, key=lambda source: sorted(source.identity.items()))


async def unchanged(source: Source) -> bool:
    """Whether a store is as it was."""
    return (await _source(source.path)).identity == source.identity


async def _source(path: Path) -> Source:
    async with CheckedReader(path) as reader:
        rows = sum((await reader.counts()).values())
        return Source(path, await reader.spec(), rows, await reader.runs(), await reader.count_failed())


def _distinct(settings: Any) -> list[str]:
    return sorted({_line(one) for one in settings})


def _line(values: Mapping[str, Any]) -> str:
    return ", ".join(f"{name} {_said(value)}" for name, value in values.items())


def _said(value: Any) -> str:
    if isinstance(value, dict):
        return (
            "none"
            if not value
            else "(" + ", ".join(f"{name} {_said(one)}" for name, one in value.items()) + ")"
        )
    return f"{value:g}" if isinstance(value, float) else str(value)
