"""Where a network computes: a device, and with which numbers."""

from contextlib import AbstractContextManager, nullcontext
from functools import cache
from pathlib import Path

import torch

from asyncgen.calls.cores import usable_cores
from asyncgen.problems.errors import UsageError

_PROCESSOR = Path("/proc/cpuinfo")


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
    """Products of matrices in bfloat16: on a GPU, and on a processor that has instructions for them."""
    if device.type == "cuda" or (device.type == "cpu" and _has_bfloat16()):
        return torch.autocast(device.type, torch.bfloat16)
    return nullcontext()


@cache
def _has_bfloat16() -> bool:
    """Whether the processor multiplies such numbers, which is then twice as fast; without, it is slower."""
    try:
        flags = _PROCESSOR.read_text()
    except OSError:  # not Linux
        return False
    return "avx512_bf16" in flags or "amx_bf16" in flags


def leave_cores(workers: int) -> None:
    """Compute with fewer threads beside so many busy processes: each thread needs a core of its own."""
    torch.set_num_threads(max(1, min(torch.get_num_threads(), usable_cores() - workers)))
