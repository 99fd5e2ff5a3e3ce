"""The picture of an experiment: loss and accuracy of every trial, epoch by epoch."""

import math
from collections.abc import Mapping, Sequence
from io import BytesIO
from pathlib import Path
from typing import Any

from matplotlib import colormaps
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.ticker import MaxNLocator

from asyncgen.learn.files import write_bytes
from asyncgen.learn.progress import Epoch

_FEW = 10  # trials that have a colour each; more have shades in their order
_WIDE = 20  # times the least loss: so wide a range of losses is shown by powers
_IN_A_LINE = 5  # entries of the legend


def draw(curves: Mapping[str, Sequence[Epoch]], path: Path) -> None:
    """Draw the epochs of trials, by name, as a PNG file, whole or not at all."""
    lines = math.ceil(max(1, len(curves)) / _IN_A_LINE)
    figure = Figure(figsize=(11, 4.6 + 0.25 * lines), dpi=120, layout="constrained")
    left, right = figure.subplots(1, 2)
    for (name, epochs), colour in zip(curves.items(), _colours(len(curves)), strict=True):
        _curve(left, [(epoch.loss, epoch.validation_loss) for epoch in epochs], name, colour)
        _curve(right, [(epoch.accuracy, epoch.validation_accuracy) for epoch in epochs], name, colour)
    losses = [
        loss for epochs in curves.values() for one in epochs for loss in (one.loss, one.validation_loss)
    ]
    if losses and max(losses) > _WIDE * min(losses):
        left.set_yscale("log")
    _label(left, "loss")
    _label(right, "accuracy")
    figure.suptitle("solid: held-out rows; dotted: training rows", fontsize=10)
    figure.legend(*left.get_legend_handles_labels(), loc="outside lower center", ncols=_IN_A_LINE)
    content = BytesIO()
    figure.savefig(content, format="png")
    write_bytes(path, content.getvalue())


def _curve(axes: Axes, pairs: Sequence[tuple[float, float]], name: str, colour: Any) -> None:
    numbers = range(1, len(pairs) + 1)
    marker = "." if len(pairs) < 40 else ""
    axes.plot(numbers, [held_out for _, held_out in pairs], color=colour, marker=marker, label=name)
    axes.plot(numbers, [trained for trained, _ in pairs], color=colour, linestyle=":", linewidth=1)


def _colours(count: int) -> list[Any]:
    if count <= _FEW:
        return [colormaps["tab10"](place) for place in range(count)]
    return [colormaps["viridis"](place / (count - 1)) for place in range(count)]


def _label(axes: Axes, what: str) -> None:
    axes.set_xlabel("epoch")
    axes.set_ylabel(what)
    axes.xaxis.set_major_locator(MaxNLocator(integer=True))
    axes.grid(alpha=0.3)
