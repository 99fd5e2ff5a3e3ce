"""What a network and its optimizer are in the middle of a training, with the random numbers, in one file."""

from pathlib import Path
from typing import Any

import torch
from torch import Tensor, nn

from asyncgen.learn.errors import DamagedError
from asyncgen.learn.files import read_tensors, write_tensors


class Checkpoint:
    """The file of one training."""

    def __init__(self, path: Path, network: nn.Module, optimizer: torch.optim.Optimizer) -> None:
        self._path = path
        self._network = network
        self._optimizer = optimizer
        self._device = next(network.parameters()).device

    @property
    def exists(self) -> bool:
        """Whether there is anything to go on from."""
        return self._path.is_file()

    def write(self, about: dict[str, Any]) -> None:
        """Write the state, and JSON values that go with it."""
        tensors = {f"network.{name}": tensor for name, tensor in self._network.state_dict().items()}
        for number, of_parameter in self._optimizer.state_dict()["state"].items():
            for name, value in of_parameter.items():
                tensors[f"optimizer.{number}.{name}"] = value
        tensors["random"] = torch.get_rng_state()
        if self._device.type == "cuda":
            tensors["random_cuda"] = torch.cuda.get_rng_state(self._device)
        self._path.parent.mkdir(parents=True, exist_ok=True)
        write_tensors(self._path, tensors, about)

    def read(self) -> dict[str, Any]:
        """Restore the state; the values that go with it. Raises DamagedError."""
        tensors, about = read_tensors(self._path, self._device)
        try:
            self._network.load_state_dict(_beneath("network.", tensors))
            self._optimizer.load_state_dict(self._state(_beneath("optimizer.", tensors)))
            torch.set_rng_state(tensors["random"].cpu())
            if "random_cuda" in tensors and self._device.type == "cuda":
                torch.cuda.set_rng_state(tensors["random_cuda"].cpu(), self._device)
        except (KeyError, TypeError, ValueError, RuntimeError) as error:
            raise self.damaged(error) from None
        return about

    def damaged(self, error: Exception) -> DamagedError:
        """What is said of a file that cannot be gone on from."""
        return DamagedError(f"{self._path} does not belong to this training, or is damaged: {error!r}"[:300])

    def _state(self, tensors: dict[str, Tensor]) -> dict[str, Any]:
        """The optimizer's state, as it takes it."""
        state: dict[int, dict[str, Tensor]] = {}
        for key, tensor in tensors.items():
            number, name = key.split(".")
            state.setdefault(int(number), {})[name] = tensor
        return {"state": state, "param_groups": self._optimizer.state_dict()["param_groups"]}


def _beneath(start: str, tensors: dict[str, Tensor]) -> dict[str, Tensor]:
    """The tensors whose names begin so, by the rest of their names."""
    return {name.removeprefix(start): one for name, one in tensors.items() if name.startswith(start)}
