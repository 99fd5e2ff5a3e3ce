"""Training, validation and test rows: parted by the values of the problem, or by its skeleton.

Problems that are known to have the same values, such as sin(2*x) and sin(x)*cos(x), are never parted,
whatever the stores, the order, the format or the flags besides the shares themselves.
"""

from dataclasses import dataclass
from fractions import Fraction
from typing import Literal

from asyncgen.problems.errors import UsageError

PARTS = ("train", "validation", "test")
_WHOLE = 1 << 64  # marks have eight bytes

By = Literal["values", "skeleton"]


@dataclass(frozen=True, slots=True)
class Split:
    """The share of each part; they sum to 1."""

    shares: tuple[Fraction, ...] = (Fraction(18, 20), Fraction(1, 20), Fraction(1, 20))

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


def read_split(text: str) -> Split:
    """Read shares such as "0.8,0.1,0.1"; UsageError unless they are three, and sum to 1."""
    try:
        shares = tuple(Fraction(part.strip()) for part in text.split(","))
    except (ValueError, ZeroDivisionError):
        shares = ()
    if len(shares) != len(PARTS) or sum(shares) != 1 or min(shares) < 0:
        raise UsageError(
            f"--split {text}: it must be the shares of {', '.join(PARTS)}, which sum to 1: 0.8,0.1,0.1"
        )
    return Split(shares)
