"""Runs an experiment: each trial a call on the scheduler, in a process of its own.

    plan, search ──Trial──▶ turns ──Work──▶ run_trial (a fresh process) ──progress, epochs.json──▶ watcher
    record ◀──Row── the call's end: value, error, limit ◀──cancelled where stopped, or hopeless──────┘

Guarantees: a trial that fails is a row with its reason, and the others go on. A trial that is stopped has
    time to save, and its process is gone before `run` returns. The loop waits for no large file, and for no
    search.
"""

import asyncio
import logging
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace
from typing import TypeVar, TypeVarTuple

from asyncgen.calls.cores import usable_cores
from asyncgen.calls.errors import CallTimeout, LoadTimeout, MemoryLimitExceeded, SchedulerError, WorkerDied
from asyncgen.calls.running import RunningCall
from asyncgen.calls.settings import Settings
from asyncgen.jobs.run import failing_together
from asyncgen.learn import folder as folders
from asyncgen.learn.data.prepare import Prepared
from asyncgen.learn.experiments import best, curves
from asyncgen.learn.experiments.plan import Limits, Plan, Trial
from asyncgen.learn.experiments.record import Record
from asyncgen.learn.experiments.rows import Row, State, as_csv, best_of
from asyncgen.learn.experiments.trial import Work, epochs_of, progress_in, run_trial
from asyncgen.learn.experiments.turns import Turns
from asyncgen.learn.files import write_text
from asyncgen.learn.progress import Progress
from asyncgen.learn.settings import Recipe
from asyncgen.learn.tasks import LEARNERS
from asyncgen.learn.train import Machine
from asyncgen.problems.errors import AsyncgenError, UsageError
from asyncgen.scheduler import Scheduler

_LOAD_SECONDS = 300.0  # for a process to import PyTorch on a busy machine
_SAVE_SECONDS = 120.0  # for a trial to come to the end of a batch, or of validation, and save
_LEAST_SECONDS = 1.0  # that a trial has which goes on

Value = TypeVar("Value")
Arguments = TypeVarTuple("Arguments")
log = logging.getLogger("asyncgen")


@dataclass(frozen=True, slots=True, kw_only=True)
class Experiment:
    """What is tried, on which data, where it is kept, what computes, and how many trials at a time."""

    plan: Plan
    data: Prepared
    record: Record
    machine: Machine
    at_once: int = 1

    def rows(self) -> list[Row]:
        """Those of the trials that have been begun, in the order of the file, and then of the search."""
        rows = self.record.rows
        named = [trial.name for trial in self.plan.trials]
        chosen = [] if self.plan.search is None else self.plan.search.names
        return [rows[name] for name in (*named, *chosen) if name in rows]


@dataclass(frozen=True, slots=True, kw_only=True)
class Control:
    """How a caller follows an experiment and ends it: `stop` has all trials save."""

    stop: asyncio.Event
    on_progress: Callable[[str, Progress], object] = lambda name, progress: None
    on_row: Callable[[Row], object] = lambda row: None


async def run(experiment: Experiment, control: Control) -> list[Row]:
    """Run the trials that have not ended yet, or go on with them; the rows of all.

    Raises UsageError where the folder holds another experiment, or the data do not do.
    """
    _check(experiment)
    experiment.record.begin(experiment.plan.wanted.task, experiment.data)
    with ThreadPoolExecutor(1, "asyncgen-experiment") as thread:
        turns = await _in(thread, Turns, experiment.plan, experiment.record.search)
        try:
            async with Scheduler(_settings(experiment)) as scheduler, failing_together() as group:
                runner = _Runner(experiment, control, scheduler, turns, thread)
                for _ in range(experiment.at_once):
                    group.create_task(runner.work())
        finally:
            await _in(thread, turns.close)
        await _in(thread, _publish, experiment)
    return experiment.rows()


class _Runner:
    """What the trials of an experiment share."""

    def __init__(
        self,
        experiment: Experiment,
        control: Control,
        scheduler: Scheduler,
        turns: Turns,
        thread: ThreadPoolExecutor,
    ) -> None:
        self._experiment = experiment
        self._control = control
        self._scheduler = scheduler
        self._turns = turns
        self._thread = thread

    async def work(self) -> None:
        """Run trials, one after the other, until there are no more, or to a stop."""
        while not self._control.stop.is_set():
            trial = await _in(self._thread, self._turns.next)
            if trial is None:
                return
            row = self._known(trial)
            if row is None:
                row = await self._tried(trial)
                self._control.on_row(row)
                await _in(self._thread, self._keep, row)
            await _in(self._thread, self._turns.end, row)

    def _known(self, trial: Trial) -> Row | None:
        """The row of a trial that need not be tried again."""
        row = self._experiment.record.rows.get(trial.name)
        if row is None:
            return None
        plan = self._experiment.plan
        return row if row.stands(_settings_of(plan, trial), plan.limits) else None

    def _keep(self, row: Row) -> None:
        self._experiment.record.put(row)
        _publish(self._experiment)

    # -- one trial -----------------------------------------------------------------------------------

    async def _tried(self, trial: Trial) -> Row:
        plan = self._experiment.plan
        row = Row(
            trial=trial.name,
            state=State.FAILED,
            settings=_settings_of(plan, trial),
            limits=plan.limits,
        )
        try:
            recipe = plan.recipe(trial)
        except UsageError as error:
            return replace(row, reason=str(error))
        folder = self._experiment.record.trial(trial.name)
        state, reason = await self._trained(trial, recipe)
        row = replace(row, state=state, reason=reason).with_epochs(epochs_of(folder))
        if state is State.DONE:
            row = replace(row, parameters=folders.read(folder).figures["parameters"])
        return row

    async def _trained(self, trial: Trial, recipe: Recipe) -> tuple[State, str]:
        """Have a trial trained in a process; how that ended, and why."""
        call = self._scheduler.start(run_trial, self._work(trial, recipe), timeout=self._seconds_left(trial))
        watching = asyncio.create_task(self._watched(call, trial.name))
        try:
            await call
        except SchedulerError:
            raise
        except asyncio.CancelledError:
            if _is_cancelled():
                raise
            return await watching, ""
        except Exception as error:
            return State.FAILED, reason_of(error, self._experiment.plan.limits)
        finally:
            watching.cancel()
            await asyncio.wait({watching})
        return State.DONE, ""

    async def _watched(self, call: RunningCall[None], name: str) -> State:
        """End a call where all are to stop, or where it is hopeless; which of them."""
        following = asyncio.create_task(self._followed(call, name))
        stopping = asyncio.create_task(self._control.stop.wait())
        try:
            await asyncio.wait({following, stopping}, return_when=asyncio.FIRST_COMPLETED)
            return State.PRUNED if following.done() and following.result() else State.STOPPED
        finally:
            following.cancel()
            stopping.cancel()
            call.cancel()

    async def _followed(self, call: RunningCall[None], name: str) -> bool:
        """Tell how far a call is, to its end; True as soon as it is not worth going on with."""
        ended = 0
        async for step in call:
            progress = progress_in(step.message)
            self._control.on_progress(name, progress)
            if progress.epoch - 1 > ended:
                ended = progress.epoch - 1
                epochs = epochs_of(self._experiment.record.trial(name))
                if await _in(self._thread, self._turns.is_hopeless, name, epochs):
                    return True
        return False

    def _work(self, trial: Trial, recipe: Recipe) -> Work:
        experiment = self._experiment
        return Work(
            folder=experiment.record.trial(trial.name).absolute(),
            data=replace(experiment.data, folder=experiment.data.folder.absolute()),
            recipe=recipe,
            device=str(experiment.machine.device),
            compiled=experiment.machine.compiled,
            threads=max(1, usable_cores() // experiment.at_once),
        )

    def _seconds_left(self, trial: Trial) -> float | None:
        """What is left of a trial's time: what it has been trained for before counts."""
        most = self._experiment.plan.limits.time
        if most is None:
            return None
        epochs = epochs_of(self._experiment.record.trial(trial.name))
        return max(_LEAST_SECONDS, most - (epochs[-1].seconds if epochs else 0.0))


def _check(experiment: Experiment) -> None:
    """Raise UsageError where no trial, or one of the file, could not be trained."""
    plan, record, data = experiment.plan, experiment.record, experiment.data
    LEARNERS[plan.wanted.task].configuration(Recipe(task=plan.wanted.task), data)
    data.part("validation")
    for trial in plan.trials:
        try:
            folders.check(record.trial(trial.name), plan.recipe(trial), data.digest)
        except UsageError as error:
            raise UsageError(f"trial {trial.name}: {error}") from None


def _settings(experiment: Experiment) -> Settings:
    """Each trial has a fresh interpreter: PyTorch starts threads, and these do not survive a fork."""
    return Settings(
        workers=experiment.at_once,
        start_method="spawn",
        spares=0,
        calls_per_worker=1,
        memory_limit=experiment.plan.limits.memory,
        load_timeout=_LOAD_SECONDS,
        grace=_SAVE_SECONDS,
        output=experiment.record.log,
    )


def _settings_of(plan: Plan, trial: Trial) -> dict[str, object]:
    """Every hyperparameter of a trial; those that were given, where they do not go together."""
    try:
        return plan.recipe(trial).values
    except UsageError:
        return trial.values


def _publish(experiment: Experiment) -> None:
    """Write the results anew, and keep the best model."""
    record, rows = experiment.record, experiment.rows()
    write_text(record.results, as_csv(rows))
    curves.draw({row.trial: epochs_of(record.trial(row.trial)) for row in rows}, record.curves)
    if (first := best_of(rows)) is not None:
        best.keep(first, record.trial(first.trial), record.best)


def reason_of(error: Exception, limits: Limits) -> str:
    """Why a trial failed, in a line."""
    if isinstance(error, CallTimeout) and not isinstance(error, LoadTimeout):
        return f"time: it had not come to its end after {limits.time:g} s"
    if isinstance(error, MemoryLimitExceeded) and limits.memory is not None:
        return f"memory: it held more than {limits.memory / (1 << 20):,.0f} MiB"
    if isinstance(error, AsyncgenError | WorkerDied):
        return str(error)
    log.info("a trial failed", exc_info=error)
    return " ".join(f"{type(error).__name__}: {error}".split())[:300]


def _is_cancelled() -> bool:
    """Whether the task that runs is itself to end."""
    task = asyncio.current_task()
    return task is not None and task.cancelling() > 0


async def _in(
    thread: ThreadPoolExecutor, function: Callable[[*Arguments], Value], *args: *Arguments
) -> Value:
    """What a function gives, in the thread that files and searches have."""
    return await asyncio.get_running_loop().run_in_executor(thread, function, *args)
