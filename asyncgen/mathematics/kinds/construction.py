from typing import NamedTuple

from asyncgen.problems.records import Form, Status


class Dropped(Exception):
    pass


class Row(NamedTuple):
    problem: tuple[str, ...]
    answer: tuple[str, ...]
    operators: int


class Judged(NamedTuple):
    status: Status
    reason: str | None = None
    form: Form | None = None
