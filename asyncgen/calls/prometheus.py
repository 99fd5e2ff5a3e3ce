"""Statistics as text for Prometheus, and for whatever else reads its format.

The format: https://prometheus.io/docs/instrumenting/exposition_formats (text, version 0.0.4).
"""

import re
from collections.abc import Iterator, Mapping
from types import MappingProxyType
from typing import NamedTuple

from asyncgen.calls.statistics import Percentiles, Statistics

CONTENT_TYPE = "text/plain; version=0.0.4; charset=utf-8"  # of an answer over HTTP

_PREFIX = re.compile(r"[a-zA-Z_:][a-zA-Z0-9_:]*")
_LABEL = re.compile(r"[a-zA-Z_][a-zA-Z0-9_]*")
_OURS = ("error", "reason", "quantile")  # labels of single metrics

Labels = Mapping[str, str]


class _Sample(NamedTuple):
    value: float
    labels: Labels = MappingProxyType({})
    suffix: str = ""


class _Metric(NamedTuple):
    name: str
    kind: str
    help: str
    samples: list[_Sample]


def prometheus_text(statistics: Statistics, prefix: str = "asyncgen", labels: Labels | None = None) -> str:
    """The statistics of a scheduler in Prometheus's text format, with the media type CONTENT_TYPE.

    Names of metrics begin with the prefix, and all have the labels, as to tell several schedulers of a
    program apart. Raises ValueError for names that Prometheus does not allow.
    """
    labels = labels or {}
    if not _PREFIX.fullmatch(prefix):
        raise ValueError(f"prefix must be letters, digits and underscores, not {prefix!r}")
    for name in labels:
        if not _LABEL.fullmatch(name) or name.startswith("__") or name in _OURS:
            raise ValueError(f"a label cannot be called {name!r}: take another name")
    return "".join(line for metric in _metrics(statistics) for line in _lines(metric, prefix, labels))


def _metrics(now: Statistics) -> Iterator[_Metric]:
    for name, help_text, value in (
        ("workers", "Worker processes that make calls at the same time.", now.workers),
        ("busy_workers", "Workers that make a call.", now.busy),
        ("idle_workers", "Workers that could make a call.", now.idle),
        ("spare_processes", "Processes that are ready to take a worker's place.", now.spares),
        ("waiting_calls", "Calls that wait for a worker.", now.waiting),
    ):
        yield _Metric(name, "gauge", help_text, [_Sample(value)])
    yield _counter("calls", "Calls that have ended with a value or an error.", [_Sample(now.calls)])
    yield _counter("cancelled_calls", "Calls that were cancelled.", [_Sample(now.cancelled)])
    yield _counter(
        "failed_calls",
        "Calls that have ended with an error, by its class.",
        [_Sample(count, {"error": name}) for name, count in sorted(now.failures.items())],
    )
    yield _counter(
        "recycled_processes",
        "Processes that were given up, by reason.",
        [_Sample(count, {"reason": why}) for why, count in sorted(now.recycled.items())],
    )
    yield _summary("call_seconds", "How long calls took.", now.call_seconds)
    yield _summary("wait_seconds", "How long calls had waited for a worker.", now.wait_seconds)


def _counter(name: str, help_text: str, samples: list[_Sample]) -> _Metric:
    return _Metric(f"{name}_total", "counter", help_text, samples)


def _summary(name: str, help_text: str, seconds: Percentiles | None) -> _Metric:
    """Quantiles since the start of the scheduler; count and sum are what rates are made of."""
    if seconds is None:
        return _Metric(name, "summary", help_text, [_Sample(0, suffix="_sum"), _Sample(0, suffix="_count")])
    shares = {"0.5": seconds.p50, "0.9": seconds.p90, "0.99": seconds.p99}
    quantiles = [_Sample(value, {"quantile": share}) for share, value in shares.items()]
    ends = [_Sample(seconds.total, suffix="_sum"), _Sample(seconds.count, suffix="_count")]
    return _Metric(name, "summary", help_text, [*quantiles, *ends])


def _lines(metric: _Metric, prefix: str, labels: Labels) -> Iterator[str]:
    name = f"{prefix}_{metric.name}"
    yield f"# HELP {name} {metric.help}\n"
    yield f"# TYPE {name} {metric.kind}\n"
    for sample in metric.samples:
        pairs = ",".join(f'{key}="{_escaped(value)}"' for key, value in {**labels, **sample.labels}.items())
        yield f"{name}{sample.suffix}{f'{{{pairs}}}' if pairs else ''} {sample.value}\n"


def _escaped(value: str) -> str:
    return str(value).replace("\\", r"\\").replace('"', r"\"").replace("\n", r"\n")
