from collections.abc import Iterator
from typing import NamedTuple, Protocol


class Style(NamedTuple):
    published: bool = False
    structural: bool = False


class Draw(Protocol):
    @property
    def operators(self) -> int: ...
    def function(self, part: str = "") -> list[str]: ...
    def second(self) -> list[str]: ...
    def words(self, part: str) -> Iterator[int]: ...
