"""The picture of a classifier's reliability (DeGroot, Fienberg 1983): how often it is right, how sure it is.

Probabilities that mean what they say lie on the diagonal. Below, how many rows each tenth of confidence has.
"""

from io import BytesIO
from pathlib import Path

from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.ticker import PercentFormatter

from asyncgen.learn.classification import Report, Scores
from asyncgen.learn.files import write_bytes
from asyncgen.learn.metrics import BINS

_SHOWN = {"model": ("tab:blue", "o"), "regression": ("tab:orange", "s")}  # the majority has one point only


def draw(report: Report, path: Path) -> None:
    """Write the picture as PNG."""
    figure = Figure(figsize=(5.6, 6.4), layout="constrained")
    above, below = figure.subplots(2, 1, sharex=True, height_ratios=(3, 1))
    above.plot([0, 1], [0, 1], color="grey", linewidth=1, linestyle="dashed", label="calibrated")
    ways = {name: scores for name, scores in report.ways.items() if name in _SHOWN}
    for place, (name, scores) in enumerate(ways.items()):
        _curve(above, name, scores)
        _counts(below, name, scores, (place - (len(ways) - 1) / 2) / len(ways))
    _label(above, below, sum(report.rows), 1 / len(report.classes))
    content = BytesIO()
    figure.savefig(content, format="png", dpi=110, metadata={"Software": None})
    write_bytes(path, content.getvalue())


def _curve(axes: Axes, name: str, scores: Scores) -> None:
    color, marker = _SHOWN[name]
    label = f"{name}, expected error {scores.calibration_error:.3f}"
    at = [one.confidence for one in scores.reliability]
    axes.plot(at, [one.accuracy for one in scores.reliability], color=color, marker=marker, label=label)


def _counts(axes: Axes, name: str, scores: Scores, offset: float) -> None:
    """Bars beside each other in the middle of each bin; `offset` in widths of a bin, from -1/2 to 1/2."""
    width = 1 / BINS
    at = [
        (min(int(one.confidence * BINS), BINS - 1) + 0.5 + 0.8 * offset) * width for one in scores.reliability
    ]
    axes.bar(at, [one.rows for one in scores.reliability], 0.4 * width, color=_SHOWN[name][0])


def _label(above: Axes, below: Axes, rows: int, least: float) -> None:
    """`least`: the least probability that the likeliest class can have."""
    above.set_title(f"Reliability on {rows:,} rows", fontsize=11, loc="left")
    above.set_ylabel("of them right")
    below.set_ylabel("rows")
    below.set_xlabel("probability of the likeliest class")
    above.set_xlim(least - 0.02, 1.02)
    above.set_ylim(0, 1.02)
    for axis in (above.yaxis, below.xaxis):
        axis.set_major_formatter(PercentFormatter(1.0, 0))
    for axes in (above, below):
        axes.grid(alpha=0.3)
        axes.set_axisbelow(True)
    above.legend(fontsize=9, loc="lower right")
