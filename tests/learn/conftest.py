"""What tests of learning share. Without its libraries they are left out, and one says so."""

import pytest
from processes import is_installed

NEEDED = ("torch", "safetensors", "optuna", "matplotlib")
collect_ignore_glob = [] if all(map(is_installed, NEEDED)) else ["test_*.py"]

if not collect_ignore_glob:
    import torch

    torch.set_num_threads(1)  # two test processes share two cores


@pytest.fixture(autouse=True)
def _same_numbers():
    """Random weights are the same in each test."""
    if not collect_ignore_glob:
        torch.manual_seed(0)
