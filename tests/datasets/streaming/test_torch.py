"""Streams as PyTorch reads them, in the program and in workers of a DataLoader."""

import subprocess
import sys
from itertools import islice
from typing import Any

import pytest
from processes import needed_packages
from test_row_stream import BACKWARD, by_tens, given, whole

from asyncgen.datasets import stream

ROWS = 40


@pytest.fixture
def torch() -> Any:
    needed_packages("torch")
    import torch
    import torch.utils.data

    return torch


def test_pytorch_is_not_imported():
    """A stream imports it only where the program has."""
    program = (
        "import sys\n"
        "from test_row_stream import BACKWARD, given\n"
        "if __name__ == '__main__':\n"
        "    given(BACKWARD)\n"
        "    print('torch' in sys.modules, 'flint' in sys.modules, 'sympy' in sys.modules)\n"
    )
    done = subprocess.run(
        [sys.executable, "-c", f"import sys; sys.path[:] = {sys.path!r}\n{program}"],
        capture_output=True,
        text=True,
        timeout=100,
        check=True,
    )
    assert done.stdout == "False False False\n"


def test_a_data_loader_takes_it(torch: Any):
    """It is an IterableDataset, and its rows become batches in their order."""
    rows = given(BACKWARD, stop=ROWS)
    assert isinstance(rows, torch.utils.data.IterableDataset)
    batches = list(torch.utils.data.DataLoader(rows, batch_size=8))
    indices = [int(index) for batch in batches for index in batch["index"]]
    assert indices == [row["index"] for row in whole(ROWS)]
    assert all(isinstance(text, str) for batch in batches for text in batch["problem_prefix"])


@pytest.mark.parametrize("context", ["fork", "spawn"])
def test_workers_of_a_data_loader_share_the_rows(torch: Any, context: str):
    """Each row comes once, from whichever worker, and they all end."""
    rows = given(BACKWARD, operators=by_tens, stop=ROWS)
    loader = torch.utils.data.DataLoader(
        rows, batch_size=None, num_workers=2, multiprocessing_context=context
    )
    found = sorted(row["index"] for row in loader)
    assert found == [row["index"] for row in given(BACKWARD, operators=by_tens, stop=ROWS)]


@pytest.mark.filterwarnings("ignore:'set_vital' is deprecated")  # torchdata 0.11 with PyTorch 2.13
@pytest.mark.parametrize("workers", [0, 2])
def test_a_stateful_loader_goes_on_exactly(torch: Any, workers: int):
    """That of torchdata keeps the state of the stream in its own, for each of its workers."""
    needed_packages("torchdata")
    from torchdata.stateful_dataloader import StatefulDataLoader

    def loader() -> Any:
        return StatefulDataLoader(given(BACKWARD, stop=ROWS), batch_size=None, num_workers=workers)

    whole = [row["index"] for row in loader()]
    first = loader()
    found = [row["index"] for row in islice(first, 7)]
    second = loader()
    second.load_state_dict(first.state_dict())
    assert found + [row["index"] for row in second] == whole


def test_ranks_of_a_launcher_and_workers_share_the_rows(torch: Any):
    """Two ranks with two workers each are four readers."""
    found = []
    for rank in range(2):
        rows = stream(BACKWARD, columns=("index",), stop=ROWS, rank=rank, world_size=2)
        loader = torch.utils.data.DataLoader(rows, batch_size=None, num_workers=2)
        found += [row["index"] for row in loader]
    assert sorted(found) == [row["index"] for row in whole(ROWS)]
