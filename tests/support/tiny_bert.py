"""A BERT of two layers with its tokenizer, of weights that are random but always the same, as files."""

from pathlib import Path

WORDS = (
    *("[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]"),
    *"+-*/(),.ex0123456789",
    *(f"##{digit}" for digit in "0123456789"),
    *("sin", "cos", "tan", "exp", "log", "sq", "##rt", "##h", "a", "##sin"),
)


def tiny_bert(folder: Path, places: int = 64, seed: int = 0) -> Path:
    """Write one that reads texts of so many pieces, with what it was pretrained with, and give its folder."""
    import torch
    import transformers
    from transformers.utils import logging

    folder.mkdir()
    (folder / "vocab.txt").write_text("\n".join(WORDS) + "\n")
    config = transformers.BertConfig(
        vocab_size=len(WORDS),
        hidden_size=32,
        num_hidden_layers=2,
        num_attention_heads=2,
        intermediate_size=64,
        max_position_embeddings=places,
    )
    torch.manual_seed(seed)
    logging.disable_progress_bar()
    transformers.BertForMaskedLM(config).save_pretrained(folder)
    return folder
