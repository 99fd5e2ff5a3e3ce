"""Workers' functions for exports and imports that die of one problem."""

import os
from collections.abc import Sequence

from asyncgen.datasets.importing.judging import Judged, Limits, judge
from asyncgen.datasets.importing.records import Layout, Record
from asyncgen.datasets.marking import Marked, Task, Wanted, mark

DEADLY = "mul INT+ 3 x"


def mark_or_die(tasks: Sequence[Task], wanted: Wanted) -> list[Marked | str]:
    """As `mark`, but one problem ends the process."""
    if any(task.problem == DEADLY for task in tasks):
        os._exit(7)
    return mark(tasks, wanted)


def mark_or_die_of_steps(tasks: Sequence[Task], wanted: Wanted) -> list[Marked | str]:
    """As `mark`, but the derivation of one problem ends the process."""
    if any(task.problem == DEADLY and task.verdict is not None for task in tasks):
        os._exit(7)
    return mark(tasks, wanted)


def judge_or_die(records: Sequence[Record], layout: Layout, limits: Limits) -> list[Judged]:
    """As `judge`, but a line with cosh in it ends the process."""
    if any(b"cosh" in record.content for record in records):
        os._exit(7)
    return judge(records, layout, limits)
