"""How many items go into a packet: as many as one is told, or so many that a packet takes about 20 ms."""

from asyncgen.calls.options import check_count

_AIM = 0.02  # seconds of a packet
_GROWTH = 4  # times the size before, at most
_MOST = 4096  # items


class Chunks:
    """Learns from packets how large the next one should be. The first holds one item."""

    def __init__(self, fixed: int | None = None) -> None:
        """`fixed` is the size of each packet. Raises ValueError or TypeError for what is none."""
        if fixed is not None:
            check_count("the size of a chunk", fixed)
        self.fixed = fixed
        self._size = 1 if fixed is None else fixed

    @property
    def size(self) -> int:
        """Items of the next packet."""
        return self._size

    def learn(self, items: int, seconds: float) -> None:
        """A packet of so many items took so long."""
        if self.fixed is None:
            aim = int(_AIM * items / seconds) if seconds > 0 else _MOST
            self._size = max(1, min(aim, _GROWTH * self._size, _MOST))
