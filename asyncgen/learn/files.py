"""Tensors and settings in files: safetensors and JSON, never pickle; each there as a whole or not at all."""

import json
import os
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import torch
from safetensors import SafetensorError, safe_open
from safetensors.torch import save_file
from torch import Tensor

from asyncgen.learn.errors import DamagedError

WEIGHTS, TRAINING, CHECKPOINT = (
    "model.safetensors",
    "training",
    "checkpoint.safetensors",
)  # of a model's folder
_ABOUT = "about"  # the one entry of our metadata


def write_tensors(path: Path, tensors: Mapping[str, Tensor], about: Mapping[str, Any] | None = None) -> None:
    """Write tensors, and JSON values that go with them."""
    metadata = {"format": "pt", _ABOUT: json.dumps(about or {})}
    copies = {name: tensor.detach().cpu().contiguous() for name, tensor in tensors.items()}
    _whole(path, lambda temporary: save_file(copies, temporary, metadata))


def read_tensors(path: Path, device: torch.device | str = "cpu") -> tuple[dict[str, Tensor], dict[str, Any]]:
    """What `write_tensors` has written. Raises DamagedError."""
    try:
        with safe_open(path, framework="pt", device=str(device)) as file:
            about = json.loads((file.metadata() or {}).get(_ABOUT, "{}"))
            return {name: file.get_tensor(name) for name in file.keys()}, about  # noqa: SIM118 - no dict
    except (OSError, SafetensorError, ValueError) as error:
        raise DamagedError(f"{path} cannot be read: {error}. If it is damaged, remove it") from None


def write_json(path: Path, value: Any) -> None:
    """Write JSON for people, too."""
    write_text(path, json.dumps(value, indent=2) + "\n")


def write_text(path: Path, text: str) -> None:
    """Write a text."""
    _whole(path, lambda temporary: temporary.write_text(text))


def write_bytes(path: Path, content: bytes) -> None:
    """Write what is no text, such as a picture."""
    _whole(path, lambda temporary: temporary.write_bytes(content))


def read_json(path: Path) -> dict[str, Any]:
    """A JSON object. Raises DamagedError."""
    try:
        found = json.loads(path.read_text())
    except (OSError, ValueError) as error:
        raise DamagedError(f"{path} cannot be read: {error}") from None
    if not isinstance(found, dict):
        raise DamagedError(f"{path} is no object in JSON")
    return found


def _whole(path: Path, write: Callable[[Path], object]) -> None:
    """Have a file written beside its place, and put there."""
    temporary = path.with_name(f".{path.name}.{os.getpid()}")
    try:
        write(temporary)
        with temporary.open("rb") as file:
            os.fsync(file.fileno())
        temporary.replace(path)
    finally:
        temporary.unlink(missing_ok=True)
