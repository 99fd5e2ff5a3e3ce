"""Training, validation and test rows: parted by the values of the problem, or by its skeleton.

Problems that are known to have the same values, such as sin(2*x) and sin(x)*cos(x), are never parted,
whatever the stores, the order, the format or the flags besides the shares themselves.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction
from typing import Literal, Union

from asyncgen.problems.errors import UsageError
from asyncgen.problems.typed import shown_value

PARTS = ("train", "validation", "test")
_WHOLE = 1 << 64  # marks have eight bytes

_WANTED = f"it must be the shares of {', '.join(PARTS)}, which sum to 1: 0.8,0.1,0.1"

By = Literal["values", "skeleton"]
GivenSplit = Union["Split", str, Sequence[float | Fraction]]  # "0.8,0.1,0.1" or (0.8, 0.1, 0.1), too


@dataclass(frozen=True, slots=True)
class Split:
    """The shares of train, validation and test. Raises UsageError unless they are three, and sum to 1."""

    shares: tuple[Fraction, ...] = (Fraction(18, 20), Fraction(1, 20), Fraction(1, 20))

    def __post_init__(self) -> None:
        try:
            shares = tuple(Fraction(str(share)) for share in self.shares)  # 0.1 is a tenth
        except (TypeError, ValueError, ZeroDivisionError):
            shares = ()
        if len(shares) != len(PARTS) or sum(shares) != 1 or min(shares) < 0:
            raise UsageError(f"split {shown_value(self.shares)}: {_WANTED}")
        object.__setattr__(self, "shares", shares)

    @property
    def parts(self) -> tuple[str, ...]:
        """The names of those that get any rows."""
        return tuple(part for part, share in zip(PARTS, self.shares, strict=True) if share)

    def part(self, mark: bytes) -> str:
        """The part of problems with this mark: a hash, uniform in 0 .. 2**64 - 1."""
        place, end = int.from_bytes(mark, "big"), Fraction(0)
        for part, share in zip(PARTS, self.shares, strict=True):
            end += share
            if place < end * _WHOLE:
                return part
        raise ValueError(f"no mark: {mark!r}")

    def place(self, mark: bytes) -> int:
        """The place of that part in their order."""
        return PARTS.index(self.part(mark))


def split_of(given: "GivenSplit") -> Split:
    """The split that is meant. Raises UsageError."""
    if isinstance(given, Split):
        return given
    shares = given.split(",") if isinstance(given, str) else given
    if not isinstance(shares, Sequence):
        raise UsageError(f"split {shown_value(given)}: {_WANTED}")
    return Split(tuple(shares))  # type: ignore[arg-type]  # which makes fractions of them


def read_split(text: str) -> Split:
    """Read shares such as "0.8,0.1,0.1"; UsageError unless they are three, and sum to 1."""
    try:
        return split_of(text)
    except UsageError:
        raise UsageError(f"--split {text}: {_WANTED}") from None
