"""Where a network computes: a device, and with which numbers."""

from contextlib import AbstractContextManager, nullcontext

import torch

from asyncgen.calls.cores import usable_cores
from asyncgen.problems.errors import UsageError


def device_named(name: str | None) -> torch.device:
    """The device of this name, such as cpu, cuda or cuda:1; without a name the best there is. UsageError."""
    if name is None:
        return torch.device("cuda" if torch.cuda.is_available() else "cpu")
    try:
        device = torch.device(name)
        torch.zeros(1, device=device)
    except (RuntimeError, AssertionError, NotImplementedError) as error:
        reason = str(error).strip().splitlines()[0]
        raise UsageError(f"--device {name}: it cannot be used here: {reason}") from None
    return device


def mixed_precision(device: torch.device) -> AbstractContextManager[object]:
    """On a GPU, products of matrices in bfloat16; elsewhere nothing is changed."""
    if device.type != "cuda":
        return nullcontext()
    return torch.autocast(device.type, torch.bfloat16)


def leave_cores(workers: int) -> None:
    """Compute with fewer threads beside so many busy processes: each thread needs a core of its own."""
    torch.set_num_threads(max(1, min(torch.get_num_threads(), usable_cores() - workers)))
