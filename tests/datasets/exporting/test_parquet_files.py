"""Parquet exports, read by the libraries that people read them with."""

import json
import os
import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import pytest
from exported import equation, files, many, proven, solved, store
from processes import needed_packages

from asyncgen.datasets.columns import EVERY
from asyncgen.datasets.exporting.export import Run, export
from asyncgen.datasets.exporting.request import Report, Request
from asyncgen.datasets.selection import SUCCEEDED, Selection
from asyncgen.datasets.splits import read_split
from asyncgen.problems.records import Status

BOTH = Selection(statuses=(*SUCCEEDED, Status.NONELEMENTARY))
REQUEST = Request(
    format="parquet", selection=BOTH, split=read_split("0.6,0.2,0.2"), shard_rows=20, proof=True
)
ROWS = [
    *many(0, 100),
    *(proven(index, f"exp(x**2/{index})") for index in range(100, 120)),
    equation(120, "sub Y' Y", "mul a8 exp x"),
    solved(121, "x", "x**2/2", Status.TIMEOUT),
]
CONFIGURATIONS = {"seq2seq": 101, "classifier": 120, "rows": 121}


@pytest.fixture(autouse=True)
def _pyarrow() -> None:
    needed_packages("pyarrow", "pandas")


@pytest.fixture
async def folder(tmp_path: Path) -> Path:
    path = await store(tmp_path / "a.db", ROWS)
    await export([path], tmp_path / "out", REQUEST, Run(workers=2))
    return tmp_path / "out"


async def report(tmp_path: Path, request: Request) -> Report:
    path = await store(tmp_path / "a.db", ROWS)
    return await export([path], tmp_path / "out", request, Run(workers=1))


async def test_shards_are_named_and_no_longer_than_asked(folder: Path):
    """Their numbers begin at 0, each names how many there are, and only the last one is shorter."""
    import pyarrow.parquet

    for name in CONFIGURATIONS:
        shards = sorted(folder.glob(f"data/{name}/train-*"))
        assert [shard.name for shard in shards] == [
            f"train-{number:05d}-of-{len(shards):05d}.parquet" for number in range(len(shards))
        ]
        rows = [pyarrow.parquet.ParquetFile(shard).metadata.num_rows for shard in shards]
        assert set(rows[:-1]) == {20}
        assert 0 < rows[-1] <= 20
        column = pyarrow.parquet.ParquetFile(shards[0]).metadata.row_group(0).column(0)
        assert column.compression == "ZSTD"


async def test_pandas_reads_each_configuration(folder: Path):
    """All rows, with labels where there is an answer or a proof; equations have none."""
    import pandas

    frames = {name: pandas.read_parquet(folder / "data" / name) for name in CONFIGURATIONS}
    assert {name: len(frame) for name, frame in frames.items()} == CONFIGURATIONS
    assert list(frames["rows"].columns) == list(EVERY)
    assert list(frames["classifier"].columns) == ["text", "label", "proof"]
    assert frames["classifier"].groupby("label").size().to_dict() == {0: 20, 1: 100}
    assert set(frames["classifier"][frames["classifier"].label == 0].proof) == {"risch"}
    assert frames["seq2seq"].input.str.startswith("sub Y'").sum() == 100


async def test_all_configurations_agree_on_the_parts(folder: Path):
    """A function is in the same part in each of them."""
    import pandas

    def part(name: str, part: str) -> pandas.DataFrame:
        return pandas.concat(map(pandas.read_parquet, sorted(folder.glob(f"data/{name}/{part}-*"))))

    for one in ("train", "validation", "test"):
        rows = part("rows", one)
        assert set(part("seq2seq", one).input) == set(rows.input.dropna())
        assert set(part("classifier", one).text) == set(rows[rows.kind == "forward"].problem_prefix)


async def test_proofs_are_not_judged_by_answers_that_they_do_not_have(tmp_path: Path):
    """Where only answers that are continuous and real are wanted, the classifier still has both labels."""
    import pandas

    selection = replace(BOTH, continuous=True, real=True)
    await report(tmp_path, replace(REQUEST, selection=selection))
    labels = pandas.read_parquet(tmp_path / "out" / "data" / "classifier").groupby("label").size()
    assert labels.to_dict() == {0: 20, 1: 100}


async def test_what_has_no_rows_is_left_out(tmp_path: Path):
    """Without proofs there is nothing to tell apart; without answers there are no pairs."""
    found = await report(tmp_path, replace(REQUEST, selection=Selection()))
    assert {name.split("/")[1] for name in found.files} == {"rows", "seq2seq"}
    proofs = replace(REQUEST, selection=Selection(statuses=(Status.NONELEMENTARY,)))
    found = await export([tmp_path / "a.db"], tmp_path / "proofs", proofs, Run(workers=1))
    assert {name.split("/")[1] for name in found.files} == {"rows"}
    card = (tmp_path / "proofs" / "README.md").read_text()
    assert "- config_name: rows\n  default: true\n" in card
    assert "task_categories" not in card


async def test_columns_are_those_of_the_rows(tmp_path: Path):
    """Where somebody chooses them."""
    import pyarrow.parquet

    found = await report(tmp_path, replace(REQUEST, columns=("integrand", "operators"), proof=False))
    rows = next(name for name in found.files if name.startswith("data/rows/test"))
    schema = pyarrow.parquet.read_schema(tmp_path / "out" / rows)
    assert {field.name: str(field.type) for field in schema} == {"integrand": "string", "operators": "int64"}


async def test_the_card_says_where_rows_come_from(folder: Path):
    """For each store its specification, seed, kinds, versions and limits; and nothing of the machine."""
    needed_packages("yaml")
    import yaml

    _, front, text = (folder / "README.md").read_text().split("---\n", 2)
    facts = yaml.safe_load(front)
    assert "license" not in facts  # the data belong to who made them
    assert facts["size_categories"] == ["n<1K"]
    assert sorted(facts["task_categories"]) == ["text-classification", "text-generation"]
    assert [one["config_name"] for one in facts["configs"]] == list(CONFIGURATIONS)
    assert [one.get("default", False) for one in facts["configs"]] == [True, False, False]
    for one in facts["configs"]:
        assert all(list(folder.glob(part["path"])) for part in one["data_files"])
    made = json.loads((folder / "export.json").read_text())["made_from"]
    assert made["stores"][0]["spec"] in text
    for said in (
        "seed: 1;",
        "kinds: forward;",
        "sympy 1.14.0",
        "timeout_cpu_seconds 5, engines_cpu_seconds (risch 0.25)",
    ):
        assert said in text
    assert "| 1 | status |" in text


@pytest.mark.parametrize("licence", ["cc-by-4.0", "no", "1.0"])
async def test_the_card_has_the_licence_that_was_given(tmp_path: Path, licence: str):
    """As text, whatever else YAML might read in it."""
    needed_packages("yaml")
    import yaml

    await report(tmp_path, replace(REQUEST, licence=licence))
    front = (tmp_path / "out" / "README.md").read_text().split("---\n", 2)[1]
    assert yaml.safe_load(front)["license"] == licence


async def test_memory_holds_a_row_group_at_most(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    """Rows are written as soon as there are enough, also in the middle of a shard."""
    import pyarrow.parquet

    monkeypatch.setattr("asyncgen.datasets.exporting.parquet_files.ROW_GROUP", 7)
    await report(tmp_path, REQUEST)
    (first, *_) = sorted((tmp_path / "out").glob("data/rows/train-*"))
    metadata = pyarrow.parquet.ParquetFile(first).metadata
    assert [metadata.row_group(number).num_rows for number in range(metadata.num_row_groups)] == [7, 7, 6]


LOADING = """
import sys, datasets
folder, expected = sys.argv[1], dict(seq2seq=101, classifier=120, rows=121)
assert datasets.load_dataset(folder)["train"].column_names == ["input", "output"]
assert sorted(datasets.get_dataset_config_names(folder)) == sorted(expected)
for name, rows in expected.items():
    whole = datasets.load_dataset(folder, name)
    assert sorted(whole) == ["test", "train", "validation"], whole
    assert sum(part.num_rows for part in whole.values()) == rows
    streamed = datasets.load_dataset(folder, name, streaming=True)
    for part in whole:
        assert list(streamed[part]) == list(whole[part])
print("loaded")
"""


def test_datasets_loads_it_without_a_network(folder: Path, tmp_path: Path):
    """Whole and streamed: the same rows, each configuration with its parts."""
    needed_packages("datasets")
    home = {**os.environ, "HF_HOME": str(tmp_path / "home"), "HF_HUB_OFFLINE": "1"}
    done = subprocess.run(
        [sys.executable, "-c", LOADING, str(folder)], env=home, capture_output=True, text=True, timeout=110
    )
    assert done.stdout == "loaded\n", done.stderr[-3000:]


async def test_polars_reads_it(folder: Path):
    """Shards by a pattern, lazily."""
    needed_packages("polars")
    import polars

    rows = polars.scan_parquet(folder / "data/rows/*.parquet")
    counts = rows.group_by("status").len().collect()
    assert dict(counts.iter_rows()) == {"elementary": 101, "nonelementary": 20}


async def test_duckdb_reads_it(folder: Path):
    """In SQL, no name in quotation marks."""
    needed_packages("duckdb")
    import duckdb

    columns = ", ".join(EVERY)
    found = duckdb.sql(f"SELECT {columns} FROM '{folder}/data/rows/*.parquet' WHERE kind = 'ode1'").fetchall()
    assert len(found) == 1
    assert found[0][:4] == ("ode1", "elementary", "sub Y' Y", "mul a8 exp x")


async def test_the_files_are_the_same_every_time(folder: Path, tmp_path: Path):
    """To the byte."""
    await export([tmp_path / "a.db"], tmp_path / "again", REQUEST, Run(workers=1))
    assert files(folder) == files(tmp_path / "again")
