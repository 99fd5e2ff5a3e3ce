"""What tests of learning share. Without PyTorch they are left out, and one says so."""

import pytest
from processes import is_installed

collect_ignore_glob = [] if is_installed("torch") and is_installed("safetensors") else ["test_*.py"]

if not collect_ignore_glob:
    import torch

    torch.set_num_threads(1)  # two test processes share two cores


@pytest.fixture(autouse=True)
def _same_numbers():
    """Random weights are the same in each test."""
    if not collect_ignore_glob:
        torch.manual_seed(0)
