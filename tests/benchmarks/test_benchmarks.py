"""Every benchmark of the scheduler and of the loop runs, so that none of them rots."""

import subprocess
import sys
from pathlib import Path

import pytest
from cluster_world import needed_server
from places import ROOT
from processes import needed_packages

pytestmark = pytest.mark.smoke

BENCHMARKS = ROOT / "benchmarks"
LIBRARIES = ("pebble", "loky", "anyio", "numpy", "matplotlib")  # of the extra `benchmarks`
POOLS = ("pool_call", "pool_transfer", "pool_deadline", "pool_hung", "pool_start", "pool_memory")
KILLING = ("ours", "pebble", "anyio")
EVERYONE = (*KILLING, "loky", "standard")


@pytest.fixture(scope="session")
def libraries() -> None:
    """The extra `benchmarks`; without it these tests are skipped, unless ASYNCGEN_REQUIRE_ALL is set."""
    needed_packages(*LIBRARIES)


def printed_by(script: str, *arguments: str, folder: Path) -> str:
    """What a benchmark prints as a smoke test, run in an empty folder."""
    command = [sys.executable, str(BENCHMARKS / f"{script}.py"), "--quick", *arguments]
    done = subprocess.run(command, cwd=folder, capture_output=True, text=True, timeout=110)
    assert done.returncode == 0, done.stderr[-4000:]
    return done.stdout


@pytest.mark.chaos
@pytest.mark.parametrize("script", POOLS)
def test_a_benchmark_of_pools_has_a_row_for_every_pool(script: str, libraries: None, tmp_path: Path):
    """Each pool that can take part ends with figures; the others are left out."""
    printed = printed_by(script, folder=tmp_path)
    rows = {line.split("|")[1].partition(",")[0].strip() for line in printed.splitlines() if line[:2] == "| "}
    expected = KILLING if script in ("pool_deadline", "pool_hung") else EVERYONE
    assert set(expected) == rows - {"pool"}


def test_the_sampler_is_measured_with_the_textbook_way(libraries: None, tmp_path: Path):
    """Both laws have figures for both ways."""
    printed = printed_by("sampler_speed", folder=tmp_path)
    laws = [line.split("|")[1].strip() for line in printed.splitlines() if line[:2] == "| "]
    assert laws == ["operators", "uniform in 1..15", "the preset, 3..15"]


@pytest.mark.chaos
def test_the_loops_cost_is_measured_with_a_profile(libraries: None, tmp_path: Path):
    """The profile tells the parent's modules from the store's thread, and the medians stand at the end."""
    printed = printed_by("loop_cost", folder=tmp_path)
    assert "| calls." in printed
    assert "| the store's thread" in printed
    assert "us a row; the goal is 150" in printed


@pytest.mark.engine
def test_who_labelled_what_is_a_table_of_all_functions(libraries: None, tmp_path: Path):
    """Its numbers add up to the functions that both ways were given."""
    command = [sys.executable, str(BENCHMARKS / "engines.py"), "--n", "6", "--sizes", "1-2", "--repeats", "1"]
    done = subprocess.run(
        [*command, "--contenders", "plain,risch", "--both"],
        cwd=tmp_path,
        capture_output=True,
        text=True,
        timeout=110,
    )
    lines = [[cell.strip() for cell in line.split("|")[1:-1]] for line in done.stdout.splitlines()]
    heads = [
        number for number, line in enumerate(lines) if line and line[0] in ("plain / risch", "operators")
    ]
    assert len(heads) == 2, done.stderr[-4000:]
    both, ways = lines[heads[0] + 2 : heads[1]], lines[heads[1] + 2 :]
    assert sum(int(cell) for row in both for cell in row[1:] if cell) == 6
    assert [row[1] for row in ways if row] == ["plain", "risch"]


@pytest.mark.chaos
def test_the_flat_run_leaves_its_figures_and_a_picture(libraries: None, tmp_path: Path):
    """CSV and PNG are where they were asked for, and no store is left behind."""
    printed_by("flat", "--out", str(tmp_path / "out"), folder=tmp_path)
    assert sorted(file.name for file in (tmp_path / "out").iterdir()) == ["flat.csv", "flat.png"]
    assert [file.name for file in tmp_path.iterdir()] == ["out"]


@pytest.mark.chaos
def test_a_long_run_can_be_drawn_again_from_its_figures(libraries: None, tmp_path: Path):
    """The run notes as it goes, and --draw needs nothing but the notes."""
    printed_by("long_run", "--out", str(tmp_path), "--", "--timeout", "1", folder=tmp_path)
    picture = tmp_path / "long_run.png"
    picture.unlink()
    printed = printed_by("long_run", "--out", str(tmp_path), "--draw", folder=tmp_path)
    assert picture.exists()
    assert int(printed.split()[0]) > 0


@pytest.mark.engine
@pytest.mark.chaos
def test_small_calls_are_measured_beside_pools_that_send_chunks(libraries: None, tmp_path: Path):
    """Each way has its row."""
    printed = printed_by("small_calls", folder=tmp_path)
    for way in ("ours, stream", "ours, map", "ProcessPoolExecutor", "multiprocessing.Pool"):
        assert sum(line.startswith(f"| {way}") for line in printed.splitlines()) == 1


def test_the_stages_of_a_row_have_clocks(tmp_path: Path):
    """Each stage has its line."""
    printed = printed_by("stages", "--engines", "risch", folder=tmp_path)
    assert {line.split("  ")[0] for line in printed.splitlines()} >= {
        "check",
        "engine risch",
        "parse",
        "store",
    }


def test_kinds_are_measured_beside_the_goals(libraries: None, tmp_path: Path):
    """Every kind has a line of rates and one of lengths."""
    printed = printed_by("kinds", "--kinds", "backward,ode1,tower", folder=tmp_path)
    for kind in ("backward", "ode1", "tower"):
        assert sum(line.startswith(f"| {kind} ") for line in printed.splitlines()) == 2


@pytest.mark.chaos
def test_built_rows_are_checked_a_second_time(libraries: None, tmp_path: Path):
    """Costs by place and by stage, and no row that fails when it is looked at again."""
    printed = printed_by("built_rows", folder=tmp_path)
    assert "2000 of 2000 rows confirmed" in printed
    assert "| workers " in printed
    assert "| checking " in printed


def test_exports_are_measured_in_each_format(libraries: None, tmp_path: Path):
    """All rows and a tenth of them."""
    needed_packages("pyarrow")
    printed = printed_by("export", folder=tmp_path)
    cells = [line.split("|")[1:3] for line in printed.splitlines() if line[:2] == "| "][1:]
    assert [(name.strip(), rows.strip()) for name, rows in cells] == [
        (name, rows) for rows in ("50", "500") for name in ("prefix", "jsonl", "parquet")
    ]


@pytest.mark.engine
def test_labels_are_compared_under_load(tmp_path: Path):
    """Each condition has a line, and none has a timeout of the wall clock."""
    printed = printed_by("load", "--", "--engines", "risch", folder=tmp_path)
    rows = [[cell.strip() for cell in line.split("|")] for line in printed.splitlines() if line[:3] == "| 1"]
    assert [(row[3], row[4]) for row in rows] == [("100.0%", "0")] * 5


def test_streams_are_measured_beside_the_main_job(libraries: None, tmp_path: Path):
    """Each kind has a line for the job, for a stream and for a stream of one part."""
    printed = printed_by("streams", "--kinds", "backward,forward", folder=tmp_path)
    for kind in ("backward", "forward"):
        assert sum(line.startswith(f"| {kind}, ") for line in printed.splitlines()) == 3


def test_derivatives_are_not_ruled_out(tmp_path: Path):
    """The campaign of false proofs ends with status 0 only if it found none."""
    assert "hidden" in printed_by("soundness", folder=tmp_path)


@pytest.mark.chaos
def test_proofs_hold_on_other_paths(libraries: None, tmp_path: Path):
    """Each way has its line, and none contradicts."""
    printed = printed_by("other_paths", folder=tmp_path)
    assert printed.count("| 1-5 ") == printed.count("| 1-15 ") == 5
    assert "CONTRADICTS" not in printed


def test_rows_are_looked_at_by_another_program(tmp_path: Path):
    """It reads a store by itself, and counts what it finds."""
    store = tmp_path / "small.db"
    run = ["-m", "asyncgen", "--n", "20", "--min-ops", "1", "--max-ops", "3", "--engines", "risch"]
    subprocess.run([sys.executable, *run, "--store", str(store)], cwd=ROOT, capture_output=True, check=True)
    command = [sys.executable, str(BENCHMARKS / "independent.py"), str(store), "--n", "5"]
    done = subprocess.run(command, capture_output=True, text=True, timeout=110, check=True)
    assert "rows                      5  100.00%" in done.stdout
    assert "wrong" not in done.stdout


@pytest.mark.engine
def test_merging_is_measured_with_one_store_and_with_many(tmp_path: Path):
    """Each size has a row for the first merge, and one for the second."""
    printed = printed_by("merge", folder=tmp_path)
    rows = [line.split("|")[1].strip() for line in printed.splitlines() if line[:2] == "| "]
    assert rows[1:] == ["1 x 200, new", "1 x 200, again", "10 x 5, new", "10 x 5, again"]


@pytest.mark.engine
@pytest.mark.chaos
def test_the_cluster_is_measured_beside_the_plain_command(tmp_path: Path):
    """What the kernel charges for all is what the processes have used."""
    needed_server()
    printed = printed_by("cluster", "--kind", "substitution", folder=tmp_path)
    lines = [[cell.strip() for cell in line.split("|")[1:-1]] for line in printed.splitlines()]
    (in_all,) = (
        [float(cell) for cell in line[1:3]] for line in lines if line[:1] == ["CPU s of all processes"]
    )
    parts = [(line[0], float(line[1])) for line in lines if len(line) == 3 and line[1][:1].isdigit()]
    plain = sum(seconds for name, seconds in parts if name.startswith("plain command"))
    cluster = sum(seconds for name, seconds in parts if not name.startswith("plain command"))
    assert [plain, cluster] == pytest.approx(in_all, abs=0.3)


@pytest.mark.chaos
def test_a_cluster_is_asked_for_many_shards(tmp_path: Path):
    """Rows that stay, and rows that travel, each with the history of the run."""
    needed_server()
    printed = printed_by("cluster_growth", folder=tmp_path)
    assert printed.count("continued as new 0 times") == 2
    assert printed.count("| shards |") == 2


@pytest.mark.engine
@pytest.mark.chaos
def test_a_model_is_measured_beside_the_other_engines(libraries: None, tmp_path: Path):
    """With what they leave, at each beam; and on all functions, with the model and without."""
    needed_packages("torch", "safetensors")
    printed = printed_by("model_engine", folder=tmp_path)
    ways = [line.split("|")[1].strip() for line in printed.splitlines() if line[:2] == "| "]
    assert ways[1:4] == ["model, beam 1", "model, beam 3", "manual"]
    assert ways[5:] == ["manual", "manual,model"]


@pytest.mark.engine
@pytest.mark.chaos
def test_a_classifier_is_measured_beside_simpler_ways_to_choose(libraries: None, tmp_path: Path):
    """At each share, by each way, with the usual CPU seconds and with more."""
    needed_packages("torch", "safetensors")
    printed = printed_by("classifier_order", folder=tmp_path)
    rows = [[cell.strip() for cell in line.split("|")] for line in printed.splitlines() if line[:2] == "| "]
    ways = [row[2] for row in rows if row[1] == "50%"]
    assert ways == ["closed form", "short", "at random"] * 2


def test_a_small_integrator_is_measured_in_two_ways(libraries: None, tmp_path: Path):
    """A row for each way of parting the rows, and a picture of both."""
    needed_packages("torch")
    printed = printed_by("learning", "--ways", "values,string", "--out", "out", folder=tmp_path)
    ways = [line.split("|")[1].strip() for line in printed.splitlines() if line[:2] == "| "]
    assert ways == ["parted by", "values", "string"]
    assert (tmp_path / "out" / "learning.png").is_file()


def test_models_are_tested_on_each_kind(libraries: None, tmp_path: Path):
    """Those of single kinds and that of all, each on every kind; the last one on problems near by, too."""
    needed_packages("torch")
    kinds = ["--kinds", "backward,parts", "--max-ops", "3", "--out", "out"]
    printed = printed_by("learning_kinds", *kinds, folder=tmp_path)
    pairs = [
        [cell.strip() for cell in line.split("|")[1:3]] for line in printed.splitlines() if line[:2] == "| "
    ]
    assert pairs[1:] == [
        [one, other] for one in ("backward", "parts", "all") for other in ("backward", "parts")
    ]


def test_the_five_trials_are_compared_with_what_was_published(libraries: None, tmp_path: Path):
    """A row for each."""
    needed_packages("torch", "optuna")
    printed = printed_by("learning_trials", "--out", "out", folder=tmp_path)
    assert [line.split("|")[1].strip() for line in printed.splitlines() if line[:2] == "| "][1:] == list(
        "12345"
    )
