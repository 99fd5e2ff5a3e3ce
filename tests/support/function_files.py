"""Files of functions for tests, from bytes."""

from collections.abc import Iterator
from contextlib import contextmanager
from tempfile import TemporaryFile
from typing import BinaryIO, NamedTuple

from asyncgen.problems.function_file import FunctionFile
from asyncgen.problems.records import Problem


class Whole(NamedTuple):
    """A file that was read to its end."""

    functions: FunctionFile
    problems: list[Problem]
    bad: list[tuple[int, int]]  # line and column


@contextmanager
def file_of(content: bytes) -> Iterator[BinaryIO]:
    with TemporaryFile() as file:
        file.write(content)
        file.flush()
        yield file


def read(content: bytes) -> Whole:
    """The functions of a file, and where its bad lines are bad."""
    bad: list[tuple[int, int]] = []
    with file_of(content) as file:
        functions = FunctionFile(file, "mine.txt", lambda line, error: bad.append((line, error.column)))
        to_the_end(functions)
        return Whole(functions, list(functions.stream([range(functions.known)])), bad)


def to_the_end(functions: FunctionFile) -> None:
    while not functions.ended:
        functions.read_on()
