"""A search: Optuna chooses settings, and says which trials are not worth going on with.

Guarantees: what is known lies in one SQLite file, which only this process opens. What is chosen follows from
    the seed, the number of the trial and how the trials before it ended: a search that was stopped goes on as
    if it had not been, and its unfinished trials come first.
Assumes: one thread at a time.
"""

import json
import random
from collections import deque
from collections.abc import Sequence
from dataclasses import asdict
from pathlib import Path
from typing import Any

import optuna
from optuna.pruners import BasePruner, HyperbandPruner, MedianPruner, NopPruner
from optuna.samplers import TPESampler
from optuna.storages import RDBStorage
from optuna.trial import TrialState

from asyncgen.learn.experiments.plan import Choices, Search, Span, Trial, name_of
from asyncgen.learn.experiments.rows import Row, State
from asyncgen.learn.progress import Epoch
from asyncgen.learn.settings import TrainingSettings
from asyncgen.problems.errors import UsageError

_ABOUT = "search"  # an attribute of the study
_ENDS = {State.DONE: TrialState.COMPLETE, State.PRUNED: TrialState.PRUNED, State.FAILED: TrialState.FAIL}
_FIRST, _EPOCHS = 4, 2  # trials that are never pruned, and epochs of each


class Searching:
    """A search under way, in a file. Raises UsageError where the file holds another search, or is none."""

    def __init__(self, search: Search, path: Path) -> None:
        self._search = search
        optuna.logging.set_verbosity(optuna.logging.WARNING)  # its handler writes to standard error
        try:
            self._storage = RDBStorage(f"sqlite:///{path.resolve()}")
            self._study = optuna.create_study(
                storage=self._storage, study_name="search", pruner=_pruner(search), load_if_exists=True
            )
        except Exception as error:  # of SQLite, SQLAlchemy, Alembic, or Optuna
            reason = str(error).partition("\n")[0]
            raise UsageError(
                f"{path} cannot be read as a search: {reason}. If it is damaged, remove it"
            ) from None
        self._check(path)
        unfinished = self._study.get_trials(states=[TrialState.RUNNING])
        self._unfinished = deque(trial._trial_id for trial in unfinished)
        self._under_way: dict[str, optuna.Trial] = {}

    def next(self) -> Trial | None:
        """The next trial; None where there is to be no more."""
        if self._unfinished:
            found = optuna.Trial(self._study, self._unfinished.popleft())
        elif (number := len(self._study.get_trials(deepcopy=False))) < self._search.trials:
            self._study.sampler = TPESampler(
                seed=random.Random(f"{self._search.seed} {number}").getrandbits(32)
            )
            found = self._study.ask()
        else:
            return None
        name = name_of(found.number)
        self._under_way[name] = found
        values = {one: _chosen(found, one, of) for one, of in self._search.ranges.items()}
        return Trial(name, {**self._search.common, **values})

    def is_hopeless(self, name: str, epochs: Sequence[Epoch]) -> bool:
        """Whether a trial that has come so far is not worth going on with."""
        trial = self._under_way[name]
        known = self._study.get_trials(deepcopy=False)[trial.number].intermediate_values
        for number, epoch in enumerate(epochs, start=1):
            if number not in known:
                trial.report(epoch.validation_loss, number)
        return bool(trial.should_prune())

    def end(self, row: Row) -> None:
        """A trial has ended so; one that was stopped has not."""
        if row.state is State.STOPPED:
            return
        trial, state = self._under_way.pop(row.trial), _ENDS[row.state]
        if row.reason:
            trial.set_user_attr("reason", row.reason)
        self._study.tell(trial, row.validation_loss if state is TrialState.COMPLETE else None, state=state)

    def close(self) -> None:
        """Close the file."""
        self._storage.remove_session()
        self._storage.engine.dispose()

    def _check(self, path: Path) -> None:
        """Raise UsageError where the study is one with other ranges."""
        about = json.dumps({**asdict(self._search), "trials": None}, sort_keys=True)
        if self._study.user_attrs.setdefault(_ABOUT, about) != about:
            self.close()
            raise UsageError(
                f"{path} holds a search with another [search] or [common]: give the same again, or name "
                "another folder"
            )
        self._study.set_user_attr(_ABOUT, about)


def _chosen(trial: optuna.Trial, name: str, one: Choices | Span) -> Any:
    if isinstance(one, Choices):
        return trial.suggest_categorical(name, one.values)
    if one.whole:
        return trial.suggest_int(name, int(one.low), int(one.high), log=one.log)
    return trial.suggest_float(name, one.low, one.high, log=one.log)


def _pruner(search: Search) -> BasePruner:
    if search.pruner == "median":
        return MedianPruner(n_startup_trials=_FIRST, n_warmup_steps=_EPOCHS)
    if search.pruner == "hyperband":
        most = search.common.get("epochs", TrainingSettings().epochs)
        return HyperbandPruner(max_resource=max(1, most))
    return NopPruner()
