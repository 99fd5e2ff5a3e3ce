"""The fixed vocabulary of models: every token of prefix notation, and three marks.

A token's id is its place in TOKENS. A model's folder holds the list that the model was trained with, so that
a model of another vocabulary is refused and not misread.
"""

import hashlib
from collections.abc import Iterable
from typing import NoReturn

from asyncgen.problems.errors import UsageError, shown
from asyncgen.problems.tokens import (
    ARBITRARY,
    BINARY,
    BOUND,
    CONSTANTS,
    SIGNS,
    SPECIAL,
    SUMS,
    UNARY,
    UNKNOWNS,
    VARIABLES,
)

PAD, START, END = 0, 1, 2  # ids of the marks: behind the last token, before the first, and at the end
DIGITS = tuple("0123456789")
TOKENS: tuple[str, ...] = (
    *("<pad>", "<start>", "<end>"),
    *SIGNS,
    *DIGITS,
    *CONSTANTS,
    *VARIABLES,
    *UNKNOWNS,
    *ARBITRARY,
    *BINARY,
    *UNARY,
    *SPECIAL,
    *SUMS,
    BOUND,
)
SIZE = len(TOKENS)
IDS = {token: number for number, token in enumerate(TOKENS)}
DIGEST = hashlib.sha256(" ".join(TOKENS).encode()).hexdigest()[:16]


def ids_of(tokens: Iterable[str]) -> list[int]:
    """The ids of tokens. Raises UsageError for a token that no model knows."""
    try:
        return [IDS[token] for token in tokens]
    except KeyError as error:
        _refuse(error.args[0])


def tokens_of(ids: Iterable[int]) -> tuple[str, ...]:
    """The tokens with these ids, up to the end mark, without the others."""
    found = []
    for number in ids:
        if number == END:
            break
        if number > END:
            found.append(TOKENS[number])
    return tuple(found)


def _refuse(token: str) -> NoReturn:
    raise UsageError(f"the token {shown(token)} is not in the vocabulary of models: is this prefix notation?")
