"""A pretrained BERT (Devlin et al. 2019, arXiv 1810.04805) that is tuned to tell classes apart.

    batch of ids ──▶ text in ordinary notation ──its own tokenizer──▶ pieces ──▶ BERT ──[CLS]──▶ logits

It takes the batches that networks from scratch take, and makes text of them, since text is what it was
pretrained on: ordinary notation, x**2 + sin(x). In LaTeX functions of 1..15 operators have 38 words on
average instead of 22, and a BERT, whose time grows with the pieces, reads no more than 512.

This is the only module that imports transformers. Nothing of a model's repository is executed.
"""

from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from itertools import islice
from pathlib import Path
from typing import Any

import torch
from safetensors import SafetensorError
from torch import Tensor, nn

from asyncgen.learn.data.slots import Placed
from asyncgen.learn.data.vocabulary import tokens_of
from asyncgen.learn.pretrained import CONFIG, check_library
from asyncgen.problems.errors import UsageError
from asyncgen.problems.infix_text import to_infix

_OPTIONS: dict[str, Any] = {"local_files_only": True}
_AT_A_TIME = 1000  # texts


class Bert(nn.Module):
    """Logits of classes from problems. With random weights unless the folder has those of a BERT.

    longest: pieces that it reads; what comes after them is cut off.
    """

    def __init__(self, folder: Path, classes: int) -> None:
        """Build it from the files in a folder. Raises UsageError."""
        super().__init__()
        with _loading(folder) as library:
            config = library.BertConfig.from_pretrained(folder, **_OPTIONS)
            self._tokenizer: Any = library.AutoTokenizer.from_pretrained(
                folder, config=config, trust_remote_code=False, **_OPTIONS
            )
            if len(self._tokenizer) > config.vocab_size:
                raise ValueError(f"{len(self._tokenizer)} pieces, and vectors of {config.vocab_size}")
            self.encoder = _encoder(library, folder, config)
        self._pieces_of = torch.compiler.disable(self._pieces)  # as no compiler looks into a tokenizer
        self.longest: int = min(config.max_position_embeddings, self._tokenizer.model_max_length)
        self.dropout = nn.Dropout(config.hidden_dropout_prob)
        self.output = nn.Linear(config.hidden_size, classes)
        nn.init.normal_(self.output.weight, std=config.initializer_range)
        nn.init.zeros_(self.output.bias)

    def keep(self, folder: Path) -> None:
        """Write all but the weights into a folder, from which it can be built again."""
        self.encoder.config.save_pretrained(folder)
        self._tokenizer.save_pretrained(folder)

    def forward(self, problems: Placed) -> Tensor:
        """Logits (batch, classes) from the vector of the first piece, which stands for the whole."""
        ids, mask = self._pieces_of(problems.ids)
        places = self.encoder(input_ids=ids, attention_mask=mask).last_hidden_state
        logits: Tensor = self.output(self.dropout(places[:, 0]))
        return logits

    def too_long(self, problems: Iterable[Iterable[int]]) -> int:
        """Of how many problems, as ids, it does not read the end."""
        # a piece has a character at least, and two more mark the beginning and the end
        texts = (text for text in map(_text, problems) if len(text) + 2 > self.longest)
        found = 0
        while some := list(islice(texts, _AT_A_TIME)):
            found += sum(len(one) > self.longest for one in self._tokenizer(some, verbose=False)["input_ids"])
        return found

    def _pieces(self, ids: Tensor) -> tuple[Tensor, Tensor]:
        """The pieces of problems, and which places have one: (batch, pieces)."""
        texts = [_text(row) for row in ids.tolist()]
        found = self._tokenizer(
            texts, padding=True, truncation=True, max_length=self.longest, return_tensors="pt"
        )
        return found["input_ids"].to(ids.device), found["attention_mask"].to(ids.device)


def _text(ids: Iterable[int]) -> str:
    return to_infix(tokens_of(ids))


def _encoder(library: Any, folder: Path, config: Any) -> Any:
    """The network, with the weights in the folder, if any are there, as numbers of 32 bits."""
    if not any(folder.glob("*.safetensors")):
        return library.BertModel(config, add_pooling_layer=False)
    found, loaded = library.BertModel.from_pretrained(
        folder,
        config=config,
        add_pooling_layer=False,
        use_safetensors=True,
        ignore_mismatched_sizes=True,  # as we look at them ourselves
        output_loading_info=True,
        **_OPTIONS,
    )
    if wrong := [*loaded["missing_keys"], *(name for name, *_ in loaded["mismatched_keys"])]:
        raise ValueError(f"weights are missing or of another shape, such as {min(wrong)}")
    return found.float()


@contextmanager
def _loading(folder: Path) -> Iterator[Any]:
    """The library, silent for the time being; what it says of files that it cannot read is a UsageError."""
    check_library()
    import transformers
    from transformers.utils import logging

    verbosity, has_bars = logging.get_verbosity(), logging.is_progress_bar_enabled()
    logging.set_verbosity_error()
    logging.disable_progress_bar()
    try:
        yield transformers
    except (OSError, ValueError, RuntimeError, KeyError, TypeError, SafetensorError) as error:
        reason = " ".join(str(error).split())
        raise UsageError(f"{folder / CONFIG} and what lies beside it are no BERT: {reason}"[:300]) from None
    finally:
        logging.set_verbosity(verbosity)
        if has_bars:
            logging.enable_progress_bar()
