"""The file of an experiment: what it says, and what it may not say."""

from pathlib import Path

import pytest
from document_text import Block, blocks
from places import DOCS, ROOT

from asyncgen.learn.experiments.plan import Choices, Limits, Span
from asyncgen.learn.experiments.trials_file import read_plan
from asyncgen.problems.errors import UsageError

EXAMPLE = ROOT / "examples" / "trials.toml"


def plan_of(folder: Path, text: str):
    (folder / "trials.toml").write_text(text)
    return read_plan(folder / "trials.toml")


def test_the_example_has_the_five_trials_of_the_replication():
    """Optimizer, units, cell and heads of each; what is common to them."""
    plan = read_plan(EXAMPLE)
    recipes = [plan.recipe(trial) for trial in plan.trials]
    assert [
        (recipe.training.optimizer, recipe.model.units, recipe.model.cell, recipe.model.heads)
        for recipe in recipes
    ] == [
        ("adam", 64, "gru", 4),
        ("rmsprop", 64, "lstm", 4),
        ("adam", 256, "lstm", 8),
        ("adam", 256, "gru", 8),
        ("adam", 512, "gru", 8),
    ]
    assert {(one.training.batch, one.training.patience, one.training.steps) for one in recipes} == {
        (128, 5, 100)
    }
    assert plan.wanted.task == "integrator"


def test_a_trial_goes_before_what_is_common(tmp_path: Path):
    """And defaults are those of the commands."""
    plan = plan_of(tmp_path, "[common]\nunits = 64\nheads = 2\n[trial.b]\n[trial.a]\nunits = 32\n")
    assert [trial.name for trial in plan.trials] == ["b", "a"]
    b, a = (plan.recipe(trial).values for trial in plan.trials)
    assert (b["units"], a["units"], a["heads"], a["batch"]) == (64, 32, 2, 64)


def test_data_and_limits_are_read(tmp_path: Path):
    """Data lie beside the file."""
    plan = plan_of(
        tmp_path,
        'task = "classifier"\nbinary = true\ndata = ["a.db", "/b.db"]\nsplit = "0.8,0.1,0.1"\n'
        '[trial.1]\n[limits]\ntime = 60\nmemory = "2Gi"\n',
    )
    assert (plan.wanted.task, plan.wanted.classes) == ("classifier", 2)
    assert [float(share) for share in plan.wanted.split.shares] == [0.8, 0.1, 0.1]
    assert plan.data == [tmp_path / "a.db", Path("/b.db")]
    assert plan.limits == Limits(60.0, 2 << 30)


def test_a_search_has_ranges(tmp_path: Path):
    """Lists are choices; whole numbers stay whole."""
    plan = plan_of(
        tmp_path,
        '[common]\nunits = 32\nepochs = 3\n[search]\ntrials = 4\nseed = 7\npruner = "hyperband"\n'
        'cell = ["gru", "lstm"]\nunits = {low = 16, high = 64}\n'
        "learning_rate = {low = 1e-4, high = 0.1, log = true}\n",
    )
    search = plan.search
    assert search is not None
    assert search.ranges == {
        "cell": Choices(["gru", "lstm"]),
        "units": Span(16, 64, whole=True),
        "learning_rate": Span(1e-4, 0.1, log=True),
    }
    assert (search.trials, search.seed, search.pruner, search.common) == (4, 7, "hyperband", {"epochs": 3})
    assert search.names == ["search-1", "search-2", "search-3", "search-4"]
    assert plan.size == 4


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("", "it has no trial"),
        ("[trial.1\n", "not TOML"),
        ("[trails.1]\n", "no 'trails'; did you mean 'trial'?"),
        ("[trial.1]\nunit = 3\n", "trial 1: there is no setting 'unit'; did you mean 'units'?"),
        ("[common]\nlerning_rate = 3\n[trial.1]\n", r"\[common\]: there is no setting 'lerning_rate'"),
        ("[trial.1]\nunits = 33\n", "trial 1: units 33: they must be even"),
        ("[trial.1]\nunits = 32.5\n", "units must be a whole number"),
        ("[trial.1]\nmax_time = 'long'\n", "max_time must be a number"),
        ("[trial.1]\ncell = 'rnn'\n", "cell rnn: it must be one of gru, lstm, transformer"),
        ("[trial.1]\ncell = ['gru']\n", "it must be one of gru, lstm, transformer"),
        ("[trial.'a/b']\n", "a name has letters, digits"),
        ("[trial.search-1]\n", "does not begin with search-"),
        ("trial = 3\n", "trial is a table"),
        ("task = 'poet'\n[trial.1]\n", "task 'poet': it must be one of integrator, classifier"),
        ("binary = true\n[trial.1]\n", "binary is for the task classifier"),
        ("binary = 1\n[trial.1]\n", "binary must be true or false"),
        ("split = '1,1,1'\n[trial.1]\n", "split '1,1,1'|split"),
        ("data = 3\n[trial.1]\n", "data must be a list of names"),
        ("[trial.1]\n[limits]\nmemory = 'much'\n", "memory much: it must be a number of bytes"),
        ("[trial.1]\n[limits]\ntime = 0\n", "time 0: it must be a number of seconds above 0"),
        ("[trial.1]\n[limits]\ntimes = 0\n", "did you mean 'time'?"),
        ("[search]\n", "nothing to choose from"),
        ("[search]\nunit = [2]\n", r"\[search\]: there is no setting 'unit'"),
        ("[search]\nunits = 64\n", "units: write a list of values"),
        ("[search]\nunits = []\n", "units: write a list of values"),
        ("[search]\nunits = ['many']\n", "units must be a number"),
        ("[search]\nunits = {low = 2, high = 4, step = 2}\n", "no 'step'"),
        ("[search]\nunits = {low = 4, high = 2}\n", "low 4 is not less than high 2"),
        ("[search]\ndropout = {low = 0, high = 0.5, log = true}\n", "low is more than 0"),
        ("[search]\nunits = [2]\ntrials = 0\n", "trials 0: it must be between 1 and"),
        ("[search]\nunits = [2]\npruner = 'scissors'\n", "pruner 'scissors': it must be one of median"),
    ],
)
def test_what_cannot_be_is_named(text: str, words: str, tmp_path: Path):
    """In one line, with the file, and with the nearest name where one is unknown."""
    with pytest.raises(UsageError, match=words) as refusal:
        plan_of(tmp_path, text)
    assert str(refusal.value).startswith(f"{tmp_path / 'trials.toml'}: ")
    assert "\n" not in str(refusal.value)


@pytest.mark.parametrize("block", blocks(DOCS / "learning.md", "toml"), ids=lambda block: block.code[:20])
def test_the_files_of_the_document_are_read(block: Block, tmp_path: Path):
    assert plan_of(tmp_path, block.code).size
