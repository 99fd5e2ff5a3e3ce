"""Workers' functions for exports that die of one problem."""

import os
from collections.abc import Sequence

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
