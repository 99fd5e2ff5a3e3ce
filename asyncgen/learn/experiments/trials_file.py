"""Reads the file of an experiment. Every fault is a UsageError of one line, which names the file."""

import re
from collections.abc import Collection
from pathlib import Path
from typing import Any, get_args

from asyncgen.datasets.splits import By, Split, split_of
from asyncgen.learn.data.prepare import Wanted
from asyncgen.learn.experiments.plan import Choices, Limits, Plan, Pruner, Search, Span, Trial, is_searched
from asyncgen.learn.settings import SETTINGS, Task, check_setting_names, check_value
from asyncgen.problems.errors import UsageError
from asyncgen.problems.toml_files import read_toml
from asyncgen.problems.typed import (
    check_names,
    number_in,
    shown_value,
    size_in,
    table_in,
    whole_in,
)

_TABLES = ("task", "binary", "data", "split", "split_by", "common", "trial", "search", "limits")
_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9_.-]{0,39}")  # of a trial, and so of a folder
_MOST_TRIALS = 100_000


def read_plan(path: Path) -> Plan:
    """The experiment that a TOML file describes; data are looked for beside the file. Raises UsageError."""
    try:
        return _plan(read_toml(path, "experiment"), path.parent)
    except UsageError as error:
        raise UsageError(f"{path}: {error}") from None


def _plan(tables: dict[str, Any], folder: Path) -> Plan:
    check_names("", tables, _TABLES)
    common = table_in("common", tables.get("common", {}))
    check_setting_names(common, "[common]")
    named = table_in("trial", tables.get("trial", {}))
    plan = Plan(
        wanted=_wanted(tables),
        trials=[_trial(name, values, common) for name, values in named.items()],
        search=_search(tables["search"], common) if "search" in tables else None,
        limits=_limits(table_in("limits", tables.get("limits", {}))),
        data=[folder / name for name in _texts("data", tables.get("data", []))],
    )
    for trial in plan.trials:
        plan.recipe(trial)
    if not plan.trials and plan.search is None:
        raise UsageError("it has no trial: write [trial.1] and settings below, or a table [search]")
    return plan


def _wanted(tables: dict[str, Any]) -> Wanted:
    task = _one_of("task", tables.get("task", "integrator"), get_args(Task))
    binary = _switch("binary", tables.get("binary", False))
    if binary and task != "classifier":
        raise UsageError("binary is for the task classifier: leave it out")
    split = split_of(tables["split"]) if "split" in tables else Split()
    by = _one_of("split_by", tables.get("split_by", "values"), get_args(By))
    return Wanted(task, 2 if binary else 3, split, by)


def _trial(name: str, values: Any, common: dict[str, Any]) -> Trial:
    if not _NAME.fullmatch(name) or is_searched(name):
        raise UsageError(
            f"[trial.{name[:40]}]: a name has letters, digits, _, . and -, at most 40 of them, and does not "
            "begin with search-"
        )
    return Trial(name, {**common, **table_in(f"trial.{name}", values)})


def _limits(table: dict[str, Any]) -> Limits:
    check_names("[limits] ", table, ("time", "memory"))
    time = number_in("[limits] time", table["time"]) if "time" in table else None
    if time is not None and time <= 0:
        raise UsageError(f"[limits] time {time:g}: it must be a number of seconds above 0")
    memory = table.get("memory", "none")
    return Limits(time, size_in("[limits] memory", memory if isinstance(memory, str) else str(memory)))


def _search(value: Any, common: dict[str, Any]) -> Search:
    table = table_in("search", value)
    ranges = {name: one for name, one in table.items() if name not in ("trials", "pruner", "seed")}
    check_setting_names(ranges, "[search]")
    if not ranges:
        raise UsageError("[search] has nothing to choose from: write a line such as units = [64, 128, 256]")
    trials = whole_in("[search] trials", table.get("trials", 20))
    if not 1 <= trials <= _MOST_TRIALS:
        raise UsageError(f"[search] trials {trials}: it must be between 1 and {_MOST_TRIALS}")
    return Search(
        trials=trials,
        ranges={name: _range(name, one) for name, one in ranges.items()},
        common={name: one for name, one in common.items() if name not in ranges},
        pruner=_one_of("[search] pruner", table.get("pruner", "median"), get_args(Pruner)),
        seed=whole_in("[search] seed", table.get("seed", 0)),
    )


def _range(name: str, value: Any) -> Choices | Span:
    where = f"[search] {name}"
    if isinstance(value, list) and value and all(isinstance(one, str | int | float) for one in value):
        for one in value:
            check_value(name, one, "[search]")
        return Choices(value)
    if not isinstance(value, dict) or not {"low", "high"} <= value.keys():
        raise UsageError(
            f"{where}: write a list of values, such as [64, 128], or {{low = 64, high = 256}}, for numbers "
            "over several powers of ten with log = true"
        )
    check_names(f"{where} ", value, ("low", "high", "log"))
    check_value(name, value["low"], "[search] low")
    check_value(name, value["high"], "[search] high")
    low, high = number_in(f"{where} low", value["low"]), number_in(f"{where} high", value["high"])
    log = _switch(f"{where} log", value.get("log", False))
    if low >= high:
        raise UsageError(f"{where}: low {low:g} is not less than high {high:g}")
    if log and low <= 0:
        raise UsageError(f"{where}: with log = true, low is more than 0, not {low:g}")
    return Span(low, high, log, SETTINGS[name] is int)


def _one_of(where: str, value: Any, choices: Collection[Any]) -> Any:
    if value not in choices:
        raise UsageError(f"{where} {shown_value(value)}: it must be one of {', '.join(choices)}")
    return value


def _switch(where: str, value: Any) -> bool:
    if not isinstance(value, bool):
        raise UsageError(f"{where} must be true or false, not {shown_value(value)}")
    return value


def _texts(where: str, value: Any) -> list[str]:
    found = [value] if isinstance(value, str) else value
    if not isinstance(found, list) or not all(isinstance(one, str) and one for one in found):
        raise UsageError(f"{where} must be a list of names, not {shown_value(value)}")
    return found
