"""How many integrals does a small model write rightly after ten minutes of training on this machine?

Rows are made (`--kind backward`, 1..5 operators, unless a store is given), a model is trained by
`asyncgen learn integrator`, and held-out problems are answered by `asyncgen learn evaluate`, all of it as it
is typed. The goal, on two cores: 85% with beam 1 and 95% with beam 10.

Ways: `values` is the goal's, where problems with the same values are never parted; `string` parts the rows by
the text of the problem alone, as other studies do. With --structural the integrands are as they were found
first, not in the shorter of two forms. A picture shows loss and accuracy by epoch for each way.

    python benchmarks/learning.py [--rows 1000000] [--minutes 10] [--held-out 1500] [--ways values,string]
        [--structural] [--store S.db] [--out FOLDER] [--quick] [-- flags of `asyncgen learn integrator`]
"""

import argparse
import hashlib
import json
import sqlite3
from collections import Counter
from collections.abc import Sequence
from contextlib import ExitStack, closing
from pathlib import Path

from models import SPLIT, Found, evaluated, made, right, trained
from needs import need
from pictures import Panel, draw
from rounds import table

ENDS = (("train", 0.94), ("validation", 0.96), ("test", 1.0))  # of the parts
GOAL = {1: 0.85, 10: 0.95}
WAYS = ("values", "string")
COLUMNS = ("kind", "status", "problem_prefix", "answer_prefix")
TAUGHT = f"SELECT {', '.join(COLUMNS)} FROM results WHERE success GROUP BY problem_prefix"


def parted_by_string(store: Path, folder: Path) -> None:
    """Write what an export would be if the hash of a problem's text chose its part."""
    folder.mkdir(exist_ok=True)
    rows = Counter[str]()
    with ExitStack() as stack:
        files = {name: stack.enter_context((folder / f"{name}.jsonl").open("w")) for name, _ in ENDS}
        found = stack.enter_context(closing(sqlite3.connect(f"file:{store}?mode=ro", uri=True)))
        for values in found.execute(TAUGHT):
            row = dict(zip(COLUMNS, values, strict=True))
            part = part_of(row["problem_prefix"])
            rows[f"{part}.jsonl"] += 1
            files[part].write(json.dumps(row) + "\n")
    (folder / "export.json").write_text(
        json.dumps(
            {
                "format": "asyncgen export 1",
                "made_from": {"store": store.name, "by": "string"},
                "counts": {"files": rows},
            }
        )
    )


def part_of(problem: str) -> str:
    place = int.from_bytes(hashlib.sha256(problem.encode()).digest()[:8], "big") / 2**64
    return next(name for name, end in ENDS if place < end)


def measured(way: str, store: Path, options: argparse.Namespace) -> Found:
    """Train and evaluate; the figures of both."""
    data, model, split = store, options.out / way, SPLIT
    if way == "string":
        data, split = options.out / "parted-by-string", ()
        parted_by_string(store, data)
    figures = trained([data], model, options.minutes, *split, *options.flags)
    return {**evaluated(model, data, options.held_out, "1,10", *split), "figures": figures}


def row(way: str, found: Found) -> list[str]:
    """A way as a row of the table."""
    figures = found["figures"]
    exact = f"{found['beams'][0]['exact'] / found['problems']:.1%}"
    return [
        way,
        *right(found),
        exact,
        f"{found['token_accuracy']:.1%}",
        f"{found['problems']}",
        f"{figures['parameters']:,}",
        f"{figures['epochs']}",
        f"{figures['steps']:,}",
        f"{figures['seconds']:.0f}",
    ]


def drawn(picture: Path, results: dict[str, Found]) -> None:
    """Draw loss and accuracy by epoch of each way."""
    rows: list[dict[str, float]] = []
    for way, found in results.items():
        for epoch in found["figures"]["by_epoch"]:
            rows.append({"minutes": epoch["seconds"] / 60, **{f"{way} {k}": v for k, v in epoch.items()}})
    names = ("loss", "validation_loss"), ("accuracy", "validation_accuracy")
    panels = [
        Panel(
            title, {f"{way} {name}": f"{way}, {name.replace('_', ' ')}" for way in results for name in some}
        )
        for title, some in zip(("loss a token, nats", "share of tokens that are right"), names, strict=True)
    ]
    draw(picture, sorted(rows, key=lambda one: one["minutes"]), ("minutes", "minutes of training"), panels)


def main(arguments: Sequence[str] | None = None) -> None:
    """Measure."""
    found = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    found.add_argument("--rows", type=int, default=1_000_000)
    found.add_argument("--minutes", type=float, default=10.0)
    found.add_argument("--held-out", type=int, default=1500)
    found.add_argument("--ways", type=lambda text: text.split(","), default=["values"])
    found.add_argument("--structural", action="store_true")
    found.add_argument("--store", type=Path, help="rows that are there already")
    found.add_argument("--out", type=Path, default=Path("learning"))
    found.add_argument("--quick", action="store_true", help="a smoke test: its figures mean nothing")
    found.add_argument("flags", nargs="*", help="of `asyncgen learn integrator`, after --")
    options = found.parse_args(arguments)
    if unknown := set(options.ways) - set(WAYS):
        found.error(f"--ways {unknown.pop()}: they are {', '.join(WAYS)}")
    need("torch", "matplotlib")
    if options.quick:
        options.rows, options.minutes, options.held_out = 400, 0.05, 10
    options.out.mkdir(parents=True, exist_ok=True)
    store = options.store or options.out / "rows.db"
    if options.store is None:
        form = ["--structural"] if options.structural else []
        made(store, "backward", options.rows, "--min-ops", "1", "--max-ops", "5", *form)
    results = {way: measured(way, store, options) for way in options.ways}
    head = ["parted by", "beam 1", "beam 10", "exact", "tokens right", "problems"]
    table(
        [*head, "parameters", "epochs", "steps", "seconds"], [row(way, one) for way, one in results.items()]
    )
    print(f"the goal, parted by values, on two cores: beam 1 {GOAL[1]:.0%}, beam 10 {GOAL[10]:.0%}")
    drawn(options.out / "learning.png", results)


if __name__ == "__main__":
    main()
