"""What does `--timeout` do to the rate and to the labels?

The main command on the same functions (preset lample-charton, seed 20) at several limits. A CSV row for each
run is appended, so that the runs may be made one by one; --draw makes the picture of all.

    python benchmarks/timeout_curve.py docs/pictures/timeout.csv --engines auto --max-ops 5 --n 2000
    python benchmarks/timeout_curve.py docs/pictures/timeout.csv --draw docs/pictures/timeout.png
"""

import argparse
import csv
from itertools import groupby
from pathlib import Path
from typing import Any

from main_job import LABELLED, Measurement, measure
from needs import need

TIMEOUTS = "0.5,1,2,5,10,20"
RUN = ("engines", "operators", "limit")  # seconds, the last
FIGURES = ("rows", "seconds", "cpu_seconds", "rows_per_second", "rows_per_cpu_second", "killed", "others")
STATUSES = (
    *LABELLED,
    *("unverified", "unsolved", "degenerate", "timeout", "memory", "crashed", "error"),
)
RATES = (1, 2, 5, 10, 20, 50, 100)  # rows per CPU-second on the axis
COLOURS = ("#1b7837", "#7fbf7b", "#2166ac", "#fdb863", "#bababa", "#e0e0e0", "#b2182b", "#762a83", "k", "k")

Row = dict[str, Any]


def run(engines: str, most: int | None, timeout: str, n: int) -> Row:
    """Measure one run; `most` operators, at least 1, or the preset's own law."""
    flags = ["--n", str(n), "--seed", "20", "--engines", engines, "--timeout", timeout, "--workers", "2"]
    if most is not None:
        flags += ["--min-ops", "1", "--max-ops", str(most)]
    return row((engines, f"1..{most}" if most else "preset", timeout), measure(flags))


def row(which: tuple[str, str, str], found: Measurement) -> Row:
    """One line of the CSV. Seconds; `killed` and the statuses are rows, `others` is in processors."""
    figures = (
        found.rows,
        found.seconds,
        round(found.cpu_seconds, 2),
        round(found.rate, 2),
        round(found.rows_per_cpu_second, 2),
        found.killed,
        round(found.others, 2),
    )
    return dict(zip((*RUN, *FIGURES), (*which, *figures), strict=True)) | found.statuses


def append(path: Path, values: Row) -> None:
    """Add a row to the file, which begins with the names of the columns."""
    new = not path.exists()
    with path.open("a", newline="") as file:
        writer = csv.DictWriter(file, (*RUN, *FIGURES, *STATUSES), lineterminator="\n")
        if new:
            writer.writeheader()
        writer.writerow(values)


def curves(path: Path) -> dict[tuple[str, str], list[Row]]:
    """The rows of the file by operators and engines, in order of their limits."""

    def which(values: Row) -> tuple[str, str]:
        return values["operators"], values["engines"]

    with path.open(newline="") as file:
        rows = sorted(csv.DictReader(file), key=lambda values: (which(values), float(values["limit"])))
    return {key: list(group) for key, group in groupby(rows, which)}


def draw(path: Path, picture: Path) -> None:
    """Rates next to the shares of all statuses, a row of pictures for each law of operators."""
    need("matplotlib")
    import matplotlib

    matplotlib.use("Agg")
    from matplotlib import pyplot

    found = curves(path)
    laws, choices = (sorted({key[part] for key in found}) for part in (0, 1))
    size = (2 + 4 * (1 + len(choices)), 4 * len(laws))
    figure, axes = pyplot.subplots(len(laws), 1 + len(choices), figsize=size, squeeze=False)
    for across, law in zip(axes, laws, strict=True):
        draw_rates(across[0], law, {engines: rows for (of, engines), rows in found.items() if of == law})
        for panel, engines in zip(across[1:], choices, strict=True):
            draw_shares(panel, f"{engines}, operators {law}", found.get((law, engines), []))
    handles, labels = axes[0][1].get_legend_handles_labels()
    place = {"loc": "upper left", "bbox_to_anchor": (1.01, 1.0), "frameon": False, "reverse": True}
    axes[0][-1].legend(handles, labels, **place)
    figure.tight_layout()
    figure.savefig(picture, dpi=110)


def draw_rates(panel: Any, law: str, lines: dict[str, list[Row]]) -> None:
    """Rows per CPU-second over the limit, a line for each choice of engines."""
    for engines, rows in sorted(lines.items()):
        limits = [float(values["limit"]) for values in rows]
        panel.plot(limits, [float(values["rows_per_cpu_second"]) for values in rows], "o-", label=engines)
    panel.set(
        xscale="log", yscale="log", xlabel="--timeout (s)", title=f"rows per CPU-second, operators {law}"
    )
    mark_limits(panel, next(iter(lines.values())))
    panel.set_yticks(RATES, [str(rate) for rate in RATES])
    panel.minorticks_off()
    panel.grid(alpha=0.3)
    panel.legend(frameon=False, title="--engines")


def draw_shares(panel: Any, title: str, rows: list[Row]) -> None:
    """The share of each status over the limit, stacked; nothing where nothing was measured."""
    if not rows:
        panel.set_axis_off()
        return
    limits = [float(values["limit"]) for values in rows]
    shares = [[100 * int(values[status]) / int(values["rows"]) for values in rows] for status in STATUSES]
    kept = [index for index, share in enumerate(shares) if any(share)]
    panel.stackplot(
        limits,
        [shares[index] for index in kept],
        labels=[STATUSES[index] for index in kept],
        colors=[COLOURS[index] for index in kept],
    )
    panel.set(xscale="log", xlabel="--timeout (s)", ylabel="% of the rows", title=title, ylim=(0, 100))
    panel.set_xlim(min(limits), max(limits))
    mark_limits(panel, rows)


def mark_limits(panel: Any, rows: list[Row]) -> None:
    """Name the limits that were measured, instead of powers of ten."""
    panel.set_xticks([float(values["limit"]) for values in rows], [values["limit"] for values in rows])
    panel.minorticks_off()


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("csv", type=Path)
    parser.add_argument("--engines", default="auto")
    parser.add_argument("--max-ops", type=int, help="operators uniform in 1..this (default: the preset's)")
    parser.add_argument("--n", type=int, default=500)
    parser.add_argument("--timeouts", default=TIMEOUTS, help="seconds")
    parser.add_argument("--draw", type=Path, help="measure nothing, draw what the file has")
    options = parser.parse_args()
    if options.draw is not None:
        draw(options.csv, options.draw)
        return
    for timeout in options.timeouts.split(","):
        values = run(options.engines, options.max_ops, timeout, options.n)
        append(options.csv, values)
        print(", ".join(f"{name} {value}" for name, value in values.items()), flush=True)


if __name__ == "__main__":
    main()
