"""The command with less patience, so that tests need not wait: `python -m impatient ARGUMENTS`.

Fractions of a second for other programs' locks, and for a line of progress, in the place of seconds.
"""

from asyncgen.command import display
from asyncgen.command.main import main
from asyncgen.store import Reader, Store

if __name__ == "__main__":
    Store.__init__.__defaults__ = Reader.__init__.__defaults__ = (0.2,)
    display._LINE_SECONDS = 0.3
    main()
