"""The command with less patience, so that tests need not wait: `python -m impatient ARGUMENTS`.

Fractions of a second for other programs' locks, and for a line of progress, in the place of seconds.
"""

from asyncgen.command import display
from asyncgen.command.main import main
from asyncgen.jobs.run import RunSettings
from asyncgen.sqlite import patience
from asyncgen.store import Reader

if __name__ == "__main__":
    patience.TRY = 0.2
    RunSettings.__init__.__kwdefaults__["patience"] = 1.0
    Reader.__init__.__defaults__ = (0.2, None)
    display._LINE_SECONDS = 0.3
    main()
