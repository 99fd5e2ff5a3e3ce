"""By what problems are known to be the same, so that data sets have no duplicates, and splits do not leak."""

import hashlib
from collections.abc import Sequence
from typing import NamedTuple

from asyncgen.mathematics.fields.errors import Degenerate, Undecided
from asyncgen.mathematics.fingerprints import fingerprint
from asyncgen.mathematics.forms.canonical import Canonical
from asyncgen.mathematics.forms.reading import field_for, read
from asyncgen.problems.errors import ParseError
from asyncgen.problems.integral_equations import asked


class Marks(NamedTuple):
    """Two marks of a problem, each the same for c*f as for f.

    form: from its canonical text. Problems with the same form are the same, up to a constant factor; some
    that are the same have different forms. values: from its numeric fingerprint. Problems that are the same
    have the same values; some others do, too. So forms find duplicates, and values split what must not be
    parted. An equation Y' = f(x) is the same problem as the integral of f.
    """

    form: bytes  # 16
    values: bytes  # 8


def marks_of(tokens: Sequence[str]) -> Marks:
    """The marks of a function of x, or of an equation in Y and its derivatives, in prefix notation."""
    tokens = asked(tokens)
    text = _text(tokens)
    seen = fingerprint(tokens)
    return Marks(_digest(text, 16), _digest(text if seen is None else seen, 8))


def _text(tokens: Sequence[str]) -> str:
    """The canonical text, or the tokens where there is none: of special functions, of what is very long."""
    field = field_for(tokens)
    try:
        return Canonical(field).without_constants(read(field, tokens))
    except (Degenerate, Undecided, ParseError):
        return " ".join(tokens)


def _digest(text: str, size: int) -> bytes:
    return hashlib.blake2b(text.encode(), digest_size=size).digest()
