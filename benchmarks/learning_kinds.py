"""What does a model know of problems of another kind than it was trained on, and of problems near by?

A model is trained on each kind and one on all of them together, each for as long, and each is tested on
every kind, as the paper does with its published models (Lample, Charton 2020, arXiv 1912.01412; the figures
of its repository, beam 10, stand beside ours). --kinds ode1 (or ode2) is the table of differential equations,
by beam. Then the model that was trained on all is asked problems near those that it solves (--probes).

    python benchmarks/learning_kinds.py [--kinds forward,backward,parts] [--rows 100000] [--minutes 10]
        [--beams 10] [--held-out 500] [--out FOLDER] [--quick] [-- flags of `asyncgen learn integrator`]
"""

import argparse
from collections.abc import Sequence
from pathlib import Path

from models import SPLIT, Found, evaluated, made, right, trained
from needs import need
from rounds import table

PUBLISHED = {  # trained on, tested on: per cent of right answers with beam 10
    "forward": {"forward": 97.2, "backward": 16.1, "parts": 89.2},
    "backward": {"forward": 31.6, "backward": 99.6, "parts": 60.0},
    "parts": {"forward": 55.3, "backward": 85.5, "parts": 99.3},
    "all": {"forward": 95.6, "backward": 99.5, "parts": 99.6},
}
PUBLISHED_EQUATIONS = {"ode1": "77.6 / 90.5 / 94.0", "ode2": "43.0 / 73.0 / 81.2"}  # beams 1, 10, 50


def published(trained_on: str, kind: str) -> str:
    """What the paper's model says, where there is one."""
    if kind in PUBLISHED_EQUATIONS:
        return PUBLISHED_EQUATIONS[kind] if trained_on == kind else ""
    return str(PUBLISHED.get(trained_on, {}).get(kind, ""))


def tables(options: argparse.Namespace) -> None:
    """Train every model, and test each on every kind."""
    stores = {
        kind: made(options.out / f"{kind}.db", kind, options.rows, *ops(options)) for kind in options.kinds
    }
    models = {kind: [store] for kind, store in stores.items()}
    if len(stores) > 1:
        models["all"] = list(stores.values())
    rows = []
    found: Found = {}
    for name, data in models.items():
        trained(data, options.out / name, options.minutes, *SPLIT, *options.flags)
        for kind, store in stores.items():
            probes = ["--probes"] if name == list(models)[-1] else []
            found = evaluated(options.out / name, store, options.held_out, options.beams, *SPLIT, *probes)
            rows.append([name, kind, *right(found), published(name, kind), *near(found)])
    beams = [f"beam {beam}" for beam in options.beams.split(",")]
    table(["trained on", "tested on", *beams, "published", *found["probes"]], padded(rows))


def ops(options: argparse.Namespace) -> list[str]:
    """The flags for the operators of what is drawn; the preset's unless there is a most."""
    return ["--max-ops", str(options.max_ops)] if options.max_ops else []


def near(found: Found) -> list[str]:
    """The shares of right answers near what was solved."""
    return [f"{probe['right']}/{probe['problems']}" for probe in found["probes"].values()]


def padded(rows: Sequence[list[str]]) -> list[list[str]]:
    longest = max(map(len, rows))
    return [row + [""] * (longest - len(row)) for row in rows]


def main(arguments: Sequence[str] | None = None) -> None:
    """Measure."""
    found = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    found.add_argument("--kinds", type=lambda text: text.split(","), default=["forward", "backward", "parts"])
    found.add_argument("--rows", type=int, default=100_000)
    found.add_argument("--max-ops", type=int)
    found.add_argument("--minutes", type=float, default=10.0)
    found.add_argument("--beams", default="10")
    found.add_argument("--held-out", type=int, default=500)
    found.add_argument("--out", type=Path, default=Path("learning-kinds"))
    found.add_argument("--quick", action="store_true", help="a smoke test: its figures mean nothing")
    found.add_argument("flags", nargs="*", help="of `asyncgen learn integrator`, after --")
    options = found.parse_args(arguments)
    need("torch")
    if options.quick:
        options.rows, options.minutes, options.held_out = 300, 0.03, 5
    options.out.mkdir(parents=True, exist_ok=True)
    tables(options)


if __name__ == "__main__":
    main()
