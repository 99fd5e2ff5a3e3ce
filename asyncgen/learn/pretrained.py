"""Finds the files of a pretrained BERT: in a folder, or on Hugging Face's hub. No pickle is fetched.

config.json             what it is made of
*.safetensors           its weights
tokenizer.json, ...     its tokenizer
"""

from importlib.util import find_spec
from pathlib import Path

from asyncgen.learn.files import CHECKPOINT, TRAINING, read_json
from asyncgen.learn.settings import Architecture, PretrainedSettings
from asyncgen.problems.errors import UsageError

KEPT = "pretrained"  # in a model's folder: all of these files but the weights, which are the model's own
CONFIG = "config.json"
_TOKENIZERS = ("tokenizer.json", "vocab.txt")  # one of them is there
_FETCHED = (CONFIG, "*.safetensors", "*.safetensors.index.json", "tokenizer*.json", "vocab.txt", "*_map.json")
_PICKLES = ("*.bin", "*.pt", "*.ckpt")
_CONVERSION = (
    "BertModel.from_pretrained(FOLDER, use_safetensors=False).save_pretrained(FOLDER), "
    "of the library transformers, converts them where you trust them"
)


def check_source(settings: Architecture, to: Path) -> None:
    """Raise UsageError where a training in `to` could not build its network; what it needs is fetched."""
    if isinstance(settings, PretrainedSettings):
        source(settings, to)


def source(settings: PretrainedSettings, to: Path) -> Path:
    """The folder that a training in `to` builds its network from. Raises UsageError.

    Where it goes on, that is what it has kept: the weights are in its checkpoint.
    """
    check_library()
    return to / KEPT if (to / TRAINING / CHECKPOINT).is_file() else _located(settings)


def check_library() -> None:
    """Raise UsageError where the libraries of the extra are not installed."""
    for name in ("transformers", "huggingface_hub"):
        if find_spec(name) is None:
            raise UsageError(f"pretrained models need {name}: pip install 'asyncgen[mathbert]' brings it")


def _located(settings: PretrainedSettings) -> Path:
    """The folder with the files of a model, which are fetched from the hub if need be. Raises UsageError."""
    folder = Path(settings.pretrained)
    if folder.is_dir():
        if settings.revision is not None:
            raise UsageError(f"--revision {settings.revision}: a folder has none, leave it out")
    else:
        folder = _fetched(settings)
    _check_is_bert(folder, settings)
    _check_weights(folder, settings)
    return folder


def _fetched(settings: PretrainedSettings) -> Path:
    """The files of a name on the hub, in the hub's cache."""
    from huggingface_hub import snapshot_download

    name = settings.pretrained
    try:
        return Path(snapshot_download(name, revision=settings.revision, allow_patterns=list(_FETCHED)))
    except (OSError, ValueError) as error:
        reason = str(error).strip().partition("\n")[0]
        raise UsageError(
            f"--pretrained {name}: there is no such folder, and the hub does not give it: {reason}"
        ) from None


def _check_is_bert(folder: Path, settings: PretrainedSettings) -> None:
    """Early models do not say their type, and are BERTs."""
    name = settings.pretrained
    if not (folder / CONFIG).is_file():
        raise UsageError(f"--pretrained {name}: this is no BERT: it has no {CONFIG}")
    if (kind := read_json(folder / CONFIG).get("model_type", "bert")) != "bert":
        raise UsageError(f"--pretrained {name}: this is no BERT, but a model of the type {kind}")
    if not any((folder / file).is_file() for file in _TOKENIZERS):
        raise UsageError(f"--pretrained {name}: it has no tokenizer: no {' and no '.join(_TOKENIZERS)}")


def _check_weights(folder: Path, settings: PretrainedSettings) -> None:
    name = settings.pretrained
    if any(folder.glob("*.safetensors")):
        return
    if not Path(name).is_dir():
        raise UsageError(
            f"--pretrained {name}: it has no safetensors there, and pickled weights are not read: name a "
            "--revision that has them, such as refs/pr/2"
        )
    if any(file for pattern in _PICKLES for file in folder.glob(pattern)):
        raise UsageError(f"--pretrained {name}: its weights are a pickle, which is never read: {_CONVERSION}")
    raise UsageError(f"--pretrained {name}: it has no weights: no file *.safetensors")
