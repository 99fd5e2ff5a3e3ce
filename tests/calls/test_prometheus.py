"""Statistics as Prometheus reads them, by its own parser."""

import dataclasses
from collections import Counter

import pytest
from hypothesis import given
from hypothesis import strategies as st
from prometheus_client.metrics_core import Metric
from prometheus_client.parser import text_string_to_metric_families

from asyncgen.calls.prometheus import CONTENT_TYPE, prometheus_text
from asyncgen.calls.statistics import Percentiles, Statistics
from asyncgen.scheduler import Scheduler

BUSY = Statistics(
    workers=8,
    busy=5,
    idle=2,
    spares=1,
    waiting=7,
    calls=1000,
    cancelled=3,
    failures=Counter({"CallTimeout": 4, "ValueError": 1}),
    recycled=Counter({"killed": 4, "retired": 2}),
    call_seconds=Percentiles(0.01, 0.2, 3.0, 1000, 123.5),
    wait_seconds=Percentiles(1e-6, 0.1, 2.0, 1010, 20.25),
)


def families(text: str) -> dict[str, Metric]:
    """What the parser finds, by name."""
    return {family.name: family for family in text_string_to_metric_families(text)}


def values(text: str) -> dict[str, float]:
    """The value of each sample, by name and by the labels that are its own."""
    return {
        " ".join((sample.name, *sample.labels.values())): sample.value
        for family in families(text).values()
        for sample in family.samples
    }


def test_every_figure_is_there():
    """Counters, gauges and quantiles, in seconds."""
    assert values(prometheus_text(BUSY)) == {
        "asyncgen_workers": 8,
        "asyncgen_busy_workers": 5,
        "asyncgen_idle_workers": 2,
        "asyncgen_spare_processes": 1,
        "asyncgen_waiting_calls": 7,
        "asyncgen_calls_total": 1000,
        "asyncgen_cancelled_calls_total": 3,
        "asyncgen_failed_calls_total CallTimeout": 4,
        "asyncgen_failed_calls_total ValueError": 1,
        "asyncgen_recycled_processes_total killed": 4,
        "asyncgen_recycled_processes_total retired": 2,
        "asyncgen_call_seconds 0.5": 0.01,
        "asyncgen_call_seconds 0.9": 0.2,
        "asyncgen_call_seconds 0.99": 3.0,
        "asyncgen_call_seconds_sum": 123.5,
        "asyncgen_call_seconds_count": 1000,
        "asyncgen_wait_seconds 0.5": 1e-6,
        "asyncgen_wait_seconds 0.9": 0.1,
        "asyncgen_wait_seconds 0.99": 2.0,
        "asyncgen_wait_seconds_sum": 20.25,
        "asyncgen_wait_seconds_count": 1010,
    }


def test_no_field_of_the_statistics_is_left_out():
    """A field that is new changes the text."""
    nothing = prometheus_text(Statistics())
    for field in dataclasses.fields(Statistics):
        changed = dataclasses.replace(Statistics(), **{field.name: getattr(BUSY, field.name)})
        assert prometheus_text(changed) != nothing, field.name


@pytest.mark.parametrize("statistics", [BUSY, Statistics()], ids=["busy", "new"])
def test_each_metric_has_a_type_and_a_help(statistics: Statistics):
    """What only goes up is a counter, and is called `_total`; the others are gauges and summaries."""
    found = families(prometheus_text(statistics))
    assert all(family.documentation.endswith(".") for family in found.values())
    kinds = {family.name.removeprefix("asyncgen_"): family.type for family in found.values()}
    counters = {
        "calls",
        "cancelled_calls",
        "failed_calls",
        "recycled_processes",
    }  # without _total
    assert {name for name, kind in kinds.items() if kind == "counter"} == counters
    assert {name for name, kind in kinds.items() if kind == "summary"} == {"call_seconds", "wait_seconds"}
    assert set(kinds.values()) == {"counter", "gauge", "summary"}
    assert CONTENT_TYPE.startswith("text/plain; version=0.0.4")


@given(st.text(st.characters(codec="utf-8", exclude_characters="\r")))
def test_a_label_says_whatever_it_is_to_say(value: str):
    """Quotation marks, backslashes and new lines come back as they were; each sample has it."""
    found = families(prometheus_text(BUSY, labels={"queue": value}))
    assert {sample.labels["queue"] for family in found.values() for sample in family.samples} == {value}


def test_the_prefix_is_that_of_every_name():
    """So that two schedulers of a program need not share a name."""
    assert all(name.startswith("web:pool_") for name in families(prometheus_text(BUSY, "web:pool")))


@pytest.mark.parametrize("prefix", ["", "1", "a-b", "a b", "é"])
def test_a_prefix_that_prometheus_does_not_take_is_refused(prefix: str):
    """With the name that was given."""
    with pytest.raises(ValueError, match="prefix must"):
        prometheus_text(BUSY, prefix)


@pytest.mark.parametrize("label", ["", "1", "a-b", "a:b", "__name__", "quantile", "error", "reason"])
def test_a_label_that_prometheus_does_not_take_is_refused(label: str):
    """Nor one that a metric has of its own."""
    with pytest.raises(ValueError, match="a label cannot be called"):
        prometheus_text(BUSY, labels={label: "x"})


async def test_the_statistics_of_a_scheduler_that_works():
    """Its count of calls, and the seconds that they took together."""
    async with Scheduler(workers=1) as scheduler:
        for number in range(3):
            await scheduler.run(abs, number)
        found = values(prometheus_text(scheduler.statistics))
    assert found["asyncgen_calls_total"] == found["asyncgen_call_seconds_count"] == 3
    assert found["asyncgen_call_seconds_sum"] > 0
