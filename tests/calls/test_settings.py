"""Settings: all there, frozen, and refused at once where they cannot work."""

import dataclasses
from pathlib import Path
from typing import Any, get_type_hints

import pytest

from asyncgen.calls.settings import Changes, Settings
from asyncgen.scheduler import Scheduler


class NoCarrier:
    """Would be one if it were an object and not a class."""

    def capture(self) -> None: ...

    def restored(self, captured: None) -> None: ...


def test_the_changes_by_name_are_the_fields():
    """What a type checker allows as `Scheduler(name=...)` is what Settings has, with the same types."""
    others = {"max_workers": int | None}  # another name, of the standard library's executors
    assert get_type_hints(Changes) == get_type_hints(Settings) | others


def test_settings_cannot_be_changed():
    """Several schedulers may share them."""
    with pytest.raises(dataclasses.FrozenInstanceError):
        Settings().workers = 3  # type: ignore[misc]


def test_single_settings_change_those_given():
    """The others stay as they are."""
    base = Settings(workers=3, timeout=2.0)
    assert Scheduler(base, timeout=5.0).settings == dataclasses.replace(base, timeout=5.0)
    assert base.timeout == 2.0


@pytest.mark.parametrize(
    "wrong",
    [
        *({name: value} for name in ("workers", "spares", "max_message") for value in (True, "2", 1.5, None)),
        *({name: value} for name in ("calls_per_worker", "memory_limit") for value in (False, "2", 1e9)),
        *({name: value} for name in ("address_space", "nice") for value in (False, "2", 1e9)),
        *({name: value} for name in ("timeout", "start_timeout", "memory_interval") for value in (True, "1")),
        {"grace": "1"},
        {"own_folder": 1},
        {"nice": None},
        {"start_timeout": None},
        {"memory_interval": None},
        {"preload": "sympy"},
        {"preload": ["sympy"]},
        {"preload": (1,)},
        {"initializer": "print"},
        {"initargs": "text"},
        {"environment": [("A", "1")]},
        {"environment": {"A": 1}},
        {"output": "workers.log"},
        *({"logs": value} for value in ("INFO", None, 20.0)),
        *({"context": value} for value in ("a:b", ["a:b"], (1,), (...,), (NoCarrier,))),
    ],
    ids=str,
)
def test_a_value_of_the_wrong_type_is_refused_by_name(wrong: dict[str, Any]):
    """Also one that Python would take for a number, as True for 1."""
    with pytest.raises(TypeError, match=f"^{next(iter(wrong))} must"):
        Settings(**wrong)


@pytest.mark.parametrize(
    "wrong",
    [
        *({name: -1} for name in ("workers", "nice", "spares")),
        *({name: 0} for name in ("max_message", "address_space", "calls_per_worker", "memory_limit")),
        *({name: 0.0} for name in ("timeout", "grace", "start_timeout", "memory_interval")),
        *({name: float("nan")} for name in ("timeout", "grace", "start_timeout", "memory_interval")),
        {"memory_interval": float("inf")},
        {"grace": float("inf")},
        {"nice": 20},
        {"start_method": "fork"},
        {"pickler": "dill"},
        {"environment": {"A=B": "1"}},
        {"environment": {"": "1"}},
        {"environment": {"A": "a\0b"}},
        *({"context": (value,)} for value in ("", "module", "module:", ":variable")),
    ],
    ids=str,
)
def test_a_value_that_cannot_work_is_refused_by_name(wrong: dict[str, Any]):
    """When the settings are made, not when a process starts."""
    with pytest.raises(ValueError, match=f"^{next(iter(wrong))} (must|cannot)"):
        Settings(**wrong)


def test_every_kind_of_value_that_works_is_taken(tmp_path: Path):
    """Whole seconds, no limit at all, and no spare."""
    settings = Settings(
        workers=1,
        timeout=2,
        memory_limit=None,
        calls_per_worker=None,
        preload=("colorsys", "workload:start_nothing"),
        initializer=print,
        initargs=(1, "a"),
        spares=0,
        environment={"A": ""},
        output=tmp_path / "log",
        logs=10,
        context=("module:variable", NoCarrier()),
    )
    assert (settings.timeout, settings.spares) == (2, 0)
