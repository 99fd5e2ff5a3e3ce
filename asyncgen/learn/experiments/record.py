"""The folder of an experiment: what it is and how its trials ended, and where all the rest lies.

experiment.json     task, digest of the data, a row for each trial that has ended
results.csv         the same rows
curves.png          loss and accuracy of each trial, epoch by epoch
best/               the best model
data/               the prepared data
trials/NAME/        the folder of each model
search.db           what a search knows
trials.log          what the trials' processes have printed
"""

from pathlib import Path

from asyncgen.learn.data.prepare import Prepared
from asyncgen.learn.errors import DamagedError
from asyncgen.learn.experiments.rows import Row, row_from
from asyncgen.learn.files import read_json, write_json
from asyncgen.learn.settings import Task
from asyncgen.problems.errors import UsageError

_FORMAT = 1


class Record:
    """What is known of an experiment in its folder. Raises UsageError where that holds something else."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self._file = folder / "experiment.json"
        self.rows: dict[str, Row] = {}
        self._about: dict[str, str] = {}
        if self._file.is_file():
            self._read()
        elif folder.exists() and (not folder.is_dir() or set(folder.iterdir()) - {self.data}):
            raise UsageError(f"--to {folder}: it is there, and holds no experiment: name another folder")

    def begin(self, task: Task, data: Prepared) -> None:
        """Begin the experiment, or go on. Raises UsageError where it is another one."""
        about: dict[str, str] = {"task": task, "data": data.digest}
        if self._about and self._about != about:
            raise UsageError(
                f"{self.folder} holds an experiment with other data, or of another task: give the same "
                "command again, or name another folder"
            )
        self._about = about
        self._write()

    def put(self, row: Row) -> None:
        """A trial has ended."""
        self.rows[row.trial] = row
        self._write()

    @property
    def data(self) -> Path:
        """Where the data are prepared."""
        return self.folder / "data"

    @property
    def best(self) -> Path:
        """Where the best model is kept."""
        return self.folder / "best"

    @property
    def search(self) -> Path:
        """Where a search is kept."""
        return self.folder / "search.db"

    @property
    def results(self) -> Path:
        """Where the rows are as CSV."""
        return self.folder / "results.csv"

    @property
    def curves(self) -> Path:
        """Where the picture is."""
        return self.folder / "curves.png"

    @property
    def log(self) -> Path:
        """Where goes what processes print."""
        return self.folder / "trials.log"

    def trial(self, name: str) -> Path:
        """The folder of a trial's model."""
        return self.folder / "trials" / name

    def _read(self) -> None:
        try:
            found = read_json(self._file)
            if found["format"] != _FORMAT:
                raise UsageError(f"{self.folder} holds an experiment of another version of asyncgen")
            self._about = {"task": found["task"], "data": found["data"]}
            self.rows = {values["trial"]: row_from(values) for values in found["rows"]}
        except (KeyError, TypeError, ValueError) as error:
            raise DamagedError(f"{self._file} is no experiment's record: {error!r}"[:300]) from None

    def _write(self) -> None:
        rows = [row.as_dict() for row in self.rows.values()]
        write_json(self._file, {"format": _FORMAT, **self._about, "rows": rows})
