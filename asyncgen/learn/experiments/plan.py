"""What an experiment is: trials by name, what a search may choose from, the data, the limits of a trial."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Literal, NamedTuple

from asyncgen.learn.data.prepare import Wanted
from asyncgen.learn.settings import Recipe, recipe_from

_SEARCHED = "search-"  # begins the names of trials that a search chooses

Pruner = Literal["median", "hyperband", "none"]


class Trial(NamedTuple):
    """A training to be tried: its name, and the settings that are not the defaults."""

    name: str
    values: dict[str, Any]


class Choices(NamedTuple):
    """One of these values."""

    values: list[Any]


class Span(NamedTuple):
    """A number from low to high, both included. log: each factor is as likely as another."""

    low: float
    high: float
    log: bool = False
    whole: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Search:
    """What a search chooses. common: values that are the same in all its trials."""

    trials: int
    ranges: Mapping[str, Choices | Span]
    common: dict[str, Any] = field(default_factory=dict)
    pruner: Pruner = "median"
    seed: int = 0

    @property
    def names(self) -> list[str]:
        """Those of its trials, in their order."""
        return [name_of(number) for number in range(self.trials)]


def name_of(number: int) -> str:
    """The name of a trial that a search chooses, by its number, from 0 on."""
    return f"{_SEARCHED}{number + 1}"


def is_searched(name: str) -> bool:
    """Whether a trial of this name is one that a search chooses."""
    return name.startswith(_SEARCHED)


@dataclass(frozen=True, slots=True)
class Limits:
    """What a trial may use: seconds, and resident bytes; None for any amount."""

    time: float | None = None
    memory: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Plan:
    """A whole experiment, but for where it takes place."""

    wanted: Wanted
    trials: Sequence[Trial] = ()
    search: Search | None = None
    limits: Limits = field(default_factory=Limits)
    data: Sequence[Path] = ()

    @property
    def size(self) -> int:
        """How many trials there are to be."""
        return len(self.trials) + (0 if self.search is None else self.search.trials)

    def recipe(self, trial: Trial) -> Recipe:
        """All hyperparameters of a trial. Raises UsageError where they do not go together."""
        return recipe_from(self.wanted.task, trial.values, f"trial {trial.name}")
