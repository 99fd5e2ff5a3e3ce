"""The marks of a problem, or those of its text where no others can be had; to be worked out in workers.

Its top level is light: the mathematics comes in inside.
"""

import hashlib
from collections.abc import Sequence
from typing import NamedTuple

from asyncgen.problems.integral_equations import asked

MARKS_VERSION = 2  # raised whenever some problem has other marks, or another skeleton: exports remember it
CPU_SECONDS = 5.0  # for one problem: most take less than a thousandth of a second


class SafeMarks(NamedTuple):
    """`form` and `values` as in `mathematics.marks`; `by_text`: they are only those of the text."""

    form: bytes
    values: bytes
    by_text: bool


NO_MARKS = SafeMarks(b"", b"", False)


def safe_marks(tokens: Sequence[str]) -> SafeMarks:
    """The marks of a problem in so many CPU seconds; to be called in the main thread of a worker."""
    from asyncgen.mathematics.cpu_limit import EXPIRED, within
    from asyncgen.mathematics.marks import marks_of

    try:
        found = within(CPU_SECONDS, lambda: marks_of(tokens))
    except Exception:  # whatever flint makes of a strange function: its text does instead, and is counted
        return marks_by_text(tokens)
    return marks_by_text(tokens) if found is EXPIRED else SafeMarks(found.form, found.values, False)


def marks_by_text(tokens: Sequence[str]) -> SafeMarks:
    """What takes their place: equal for equal tokens only, of an integral and of its equation, too."""
    text = " ".join(asked(tokens))
    return SafeMarks(digest(text, 16), digest(text, 8), True)


def digest(text: str, size: int) -> bytes:
    """A digest of so many bytes, alike on every machine."""
    return hashlib.blake2b(text.encode(), digest_size=size).digest()
