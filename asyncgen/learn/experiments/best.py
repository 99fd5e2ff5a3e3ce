"""Keeps the best model of an experiment: a copy of its folder, without what is needed to go on."""

import shutil
from pathlib import Path

from asyncgen.learn import folder as folders
from asyncgen.learn.experiments.rows import Row
from asyncgen.learn.files import TRAINING
from asyncgen.problems.errors import UsageError


def keep(row: Row, model: Path, best: Path) -> None:
    """Have the model of this row in this place, instead of what was there before."""
    if _is_kept(row, best):
        return
    copy = best.with_name(f".{best.name}")
    shutil.rmtree(copy, ignore_errors=True)
    shutil.copytree(model, copy, ignore=shutil.ignore_patterns(TRAINING))
    shutil.rmtree(best, ignore_errors=True)
    copy.rename(best)
    folders.write(best, folders.read(best).with_figures({"trial": row.trial}))


def _is_kept(row: Row, best: Path) -> bool:
    try:
        figures = folders.read(best).figures
    except UsageError:
        return False
    return (figures.get("trial"), figures.get("epochs")) == (row.trial, row.epochs_done)
