"""A search: what it chooses follows from its seed and from what came of it, however often it is stopped."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path

import pytest

from asyncgen.learn.experiments.plan import Choices, Limits, Search, Span, Trial
from asyncgen.learn.experiments.rows import Row, State
from asyncgen.learn.experiments.searching import Searching
from asyncgen.learn.progress import Epoch
from asyncgen.problems.errors import UsageError

SEARCH = Search(
    trials=6,
    ranges={
        "cell": Choices(["gru", "lstm"]),
        "units": Span(16, 64, whole=True),
        "learning_rate": Span(1e-4, 0.1, log=True),
    },
    common={"epochs": 5},
)


@contextmanager
def opened(path: Path, search: Search = SEARCH) -> Iterator[Searching]:
    searching = Searching(search, path / "search.db")
    try:
        yield searching
    finally:
        searching.close()


def row(trial: Trial, state: State = State.DONE) -> Row:
    loss = trial.values["learning_rate"]
    return Row(trial=trial.name, state=state, settings=trial.values, limits=Limits(), validation_loss=loss)


def rest_of(searching: Searching) -> list[Trial]:
    found = []
    while (trial := searching.next()) is not None:
        found.append(trial)
        searching.end(row(trial))
    return found


def epochs(*losses: float) -> list[Epoch]:
    return [Epoch(1.0, 0.5, loss, 0.5, 1.0) for loss in losses]


def test_settings_come_from_their_ranges(tmp_path: Path):
    """With those that are common."""
    with opened(tmp_path) as searching:
        found = rest_of(searching)
    assert [trial.name for trial in found] == [f"search-{number}" for number in range(1, 7)]
    assert len({str(trial.values) for trial in found}) == 6
    for trial in found:
        assert trial.values["cell"] in ("gru", "lstm")
        assert isinstance(trial.values["units"], int)
        assert 16 <= trial.values["units"] <= 64
        assert 1e-4 <= trial.values["learning_rate"] <= 0.1
        assert trial.values["epochs"] == 5


def test_a_search_that_was_stopped_goes_on_as_if_it_had_not_been(tmp_path: Path):
    """The trial that had not ended comes first, and is the same."""
    (tmp_path / "whole").mkdir()
    with opened(tmp_path / "whole") as searching:
        whole = rest_of(searching)
    with opened(tmp_path) as searching:
        first = searching.next()
        assert first is not None
        searching.end(row(first))
        cut = searching.next()
        assert cut is not None
        searching.end(row(cut, State.STOPPED))
    with opened(tmp_path) as searching:
        assert [first, *rest_of(searching)] == whole
        assert whole[1] == cut
    with opened(tmp_path) as searching:
        assert searching.next() is None
    with opened(tmp_path, replace(SEARCH, trials=7)) as searching:
        assert len(rest_of(searching)) == 1


def test_another_seed_chooses_others(tmp_path: Path):
    (tmp_path / "other").mkdir()
    with opened(tmp_path) as one, opened(tmp_path / "other", replace(SEARCH, seed=1)) as other:
        assert one.next() != other.next()


def test_what_is_worse_than_most_is_hopeless(tmp_path: Path):
    """Not the first trials, nor the first epochs; and it is told once only how each epoch ended."""
    with opened(tmp_path) as searching:
        for _ in range(4):
            trial = searching.next()
            assert trial is not None
            assert not any(
                searching.is_hopeless(trial.name, epochs(*range(9, 9 - count, -1))) for count in (1, 2, 3, 4)
            )
            searching.end(row(trial))
        bad, good = searching.next(), searching.next()
        assert bad is not None
        assert good is not None
        assert not searching.is_hopeless(bad.name, epochs(99))
        assert searching.is_hopeless(bad.name, epochs(99, 99, 99))
        assert not searching.is_hopeless(good.name, epochs(5, 4, 3))
        searching.end(row(bad, State.PRUNED))


@pytest.mark.parametrize("pruner", ["hyperband", "none"])
def test_pruners_are_chosen(pruner: str, tmp_path: Path):
    with opened(tmp_path, replace(SEARCH, pruner=pruner)) as searching:
        trial = searching.next()
        assert trial is not None
        assert not searching.is_hopeless(trial.name, epochs(3.0))


@pytest.mark.parametrize(
    "change",
    [
        lambda search: replace(search, seed=1),
        lambda search: replace(search, common={}),
        lambda search: replace(search, ranges={"units": Choices([16, 32])}),
    ],
)
def test_another_search_is_refused(change: Callable[[Search], Search], tmp_path: Path):
    with opened(tmp_path):
        pass
    with pytest.raises(UsageError, match=r"holds a search with another \[search\] or \[common\]"):
        Searching(change(SEARCH), tmp_path / "search.db")


def test_a_damaged_file_is_named(tmp_path: Path):
    (tmp_path / "search.db").write_bytes(b"rubbish" * 1000)
    with pytest.raises(UsageError, match=r"search.db cannot be read as a search: .*remove it"):
        Searching(SEARCH, tmp_path / "search.db")
