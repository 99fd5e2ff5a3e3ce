"""The data set card: README.md of a Parquet export, read by the library `datasets` and the hub."""

from collections.abc import Iterator, Mapping, Sequence

from asyncgen.datasets.exporting.request import Report
from asyncgen.datasets.exporting.sources import Source
from asyncgen.datasets.splits import PARTS

NAME = "README.md"
_SIZES = (  # of the hub
    *((10**3, "n<1K"), (10**4, "1K<n<10K"), (10**5, "10K<n<100K"), (10**6, "100K<n<1M")),
    *((10**7, "1M<n<10M"), (10**8, "10M<n<100M"), (10**9, "100M<n<1B")),
)
_TASKS = {"classifier": "text-classification", "seq2seq": "text-generation"}
_MEANING = {
    "seq2seq": "`input` and `output`, problem and answer in the notation of the files of Lample and Charton "
    "(arXiv 1912.01412): `sub Y' <f>` and an antiderivative of f, or an equation and its solution",
    "classifier": "`text`, a function in prefix notation, and `label`: 1 if an antiderivative in closed form "
    "is known and was checked, 0 if it is proven that there is no elementary one",
    "rows": "the rows with all their columns",
}
_STEPS = (
    "`steps` of {steps} rows is the derivation by the integrator of asyncgen, as JSON: how the integral is "
    "found, or how it is shown that there is no elementary one. The others have none that fits the row."
)

Files = Mapping[str, int]  # rows by file: data/CONFIGURATION/PART-00000-of-00001.parquet


def card(report: Report, sources: Sequence[Source], licence: str | None) -> str:
    """The text of the card; `licence` as the hub names it."""
    lines = [*_front_matter(report.files, licence), *_data(report), *_origin(sources), *_left_out(report)]
    return "\n".join(lines) + "\n"


def _parts(files: Files) -> dict[str, dict[str, int]]:
    """Rows by part, by configuration, in their order."""
    found: dict[str, dict[str, int]] = {}
    for name in _MEANING:
        for part in PARTS:
            begin = f"data/{name}/{part}-"
            if rows := sum(count for file, count in files.items() if file.startswith(begin)):
                found.setdefault(name, {})[part] = rows
    return found


def _front_matter(files: Files, licence: str | None) -> Iterator[str]:
    found = _parts(files)
    rows = sum(found["rows"].values())
    yield from ("---", "pretty_name: Problems of symbolic mathematics with answers")
    if licence is not None:
        yield f'license: "{licence}"'  # no is a word of YAML, too
    tasks = [task for name, task in _TASKS.items() if name in found]
    if tasks:
        yield from ("task_categories:", *(f"- {task}" for task in tasks))
    yield from ("tags:", "- mathematics", "- symbolic-integration")
    yield from ("size_categories:", f"- {next((name for most, name in _SIZES if rows < most), 'n>1B')}")
    yield "configs:"
    for place, (name, parts) in enumerate(found.items()):
        yield f"- config_name: {name}"
        if not place:
            yield "  default: true"
        yield "  data_files:"
        for part in parts:
            yield from (f"  - split: {part}", f"    path: data/{name}/{part}-*.parquet")
    yield "---"


def _data(report: Report) -> Iterator[str]:
    yield from ("", "# Problems of symbolic mathematics with answers", "")
    yield "Each problem occurs once, constant factors aside. Problems that are known to have the same values,"
    yield "however they are written, are on the same side of the splits. Answers were checked in ball"
    yield "arithmetic at points: that is evidence, not a proof."
    for name, parts in _parts(report.files).items():
        said = ", ".join(f"{part} {rows}" for part, rows in parts.items())
        yield from ("", f"**{name}** ({said}): {_MEANING[name]}.")
    if report.steps is not None:
        yield from ("", _STEPS.format(steps=report.steps))


def _origin(sources: Sequence[Source]) -> Iterator[str]:
    yield from ("", "## Where the rows come from", "")
    yield "Made with asyncgen. The same specification, which holds the seed, gives the same problems again."
    for number, source in enumerate(sources, start=1):
        yield from ("", f"Store {number}:", "")
        yield f"- specification: SHA-256 `{source.digest}`"
        yield f"- kinds: {source.kinds}; seed: {source.spec.seed}; rows: {source.rows}"
        yield from (f"- versions: {line}" for line in source.versions)
        yield from (f"- limits: {line}" for line in source.limits)


def _left_out(report: Report) -> Iterator[str]:
    facts = {"read": report.rows, **report.left_out, "exported": report.exported}
    yield from ("", "## What was left out", "", "| rows | |", "|---:|---|")
    yield from (f"| {rows} | {what} |" for what, rows in facts.items())
