"""A worker's function for exports that dies of one problem."""

import os
from collections.abc import Sequence

from asyncgen.datasets.marking import Marked, Task, Wanted, mark

DEADLY = "mul INT+ 3 x"


def mark_or_die(tasks: Sequence[Task], wanted: Wanted) -> list[Marked | str]:
    """As `mark`, but one problem ends the process."""
    if any(task.problem == DEADLY for task in tasks):
        os._exit(7)
    return mark(tasks, wanted)
