"""Series over time or rows: as CSV, and as a picture with a panel for each question."""

import csv
import statistics
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from needs import need

Row = Mapping[str, float]


@dataclass(frozen=True, slots=True)
class Panel:
    """One plot: its title with the unit, and which columns it shows, each with its name in the legend.

    `smooth`: each point is the mean of a sixtieth of the picture around it.
    """

    title: str
    columns: Mapping[str, str]
    smooth: bool = False


def write_csv(path: Path, rows: Sequence[Row]) -> None:
    """Write rows that may have different columns; what a row lacks stays empty."""
    names = list(dict.fromkeys(name for row in rows for name in row))
    with path.open("w", newline="") as file:
        writer = csv.DictWriter(file, names)
        writer.writeheader()
        writer.writerows(rows)


def read_csv(path: Path) -> list[Row]:
    """Read what `write_csv` has written."""
    with path.open(newline="") as file:
        return [{name: float(value) for name, value in row.items() if value} for row in csv.DictReader(file)]


def smoothed(values: Sequence[float]) -> list[float]:
    """The mean of each value and its neighbours, a sixtieth of all of them together."""
    reach = len(values) // 120
    windows = (values[max(0, at - reach) : at + reach + 1] for at in range(len(values)))
    return [statistics.mean(window) for window in windows]


def draw(path: Path, rows: Sequence[Row], x: tuple[str, str], panels: Sequence[Panel]) -> None:
    """Draw the panels over a column; `x` is its name and its label."""
    need("matplotlib")
    import matplotlib

    matplotlib.use("Agg")  # needs no display
    from matplotlib import pyplot

    column, label = x
    figure, axes = pyplot.subplots(
        len(panels), 1, sharex=True, squeeze=False, figsize=(8, 2.2 * len(panels)), layout="constrained"
    )
    for (axis,), panel in zip(axes, panels, strict=True):
        for name, shown in panel.columns.items():
            points = [(row[column], row[name]) for row in rows if name in row]
            if points:
                at, values = zip(*points, strict=True)
                axis.plot(at, smoothed(values) if panel.smooth else values, label=shown, linewidth=1.2)
        axis.set_title(panel.title, fontsize=10, loc="left")
        axis.set_ylim(0, 1.08 * axis.get_ylim()[1])
        axis.grid(alpha=0.3)
        if len(panel.columns) > 1:
            axis.legend(fontsize=8, loc="upper left", bbox_to_anchor=(1.0, 1.0))
    axes[-1][0].set_xlabel(label)
    figure.savefig(path, dpi=90)
    pyplot.close(figure)
