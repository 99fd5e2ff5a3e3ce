"""The application on which commands are put, and what is said of flags that it does not have."""

from difflib import get_close_matches

from cyclopts import App

import asyncgen

HELP = "asyncgen --help lists commands and flags"

app = App(
    name="asyncgen",
    help="Samples functions, integrates each in a process that can be killed, checks every answer, and keeps "
    "every outcome in an SQLite file.",
    version=asyncgen.__version__,
    help_on_error=False,
    suppress_keyboard_interrupt=False,  # it is told apart below
)


def unknown_flag(argument: str, command: str) -> str:
    """In the words of cyclopts, which says the same of other commands' flags."""
    near = get_close_matches(argument.partition("=")[0], flags_of(command), n=1)
    return f"Unknown option: {argument}" + (f". Did you mean {near[0]}?" if near else "")


def flags_of(command: str) -> list[str]:
    return [name for argument in app[command].assemble_argument_collection() for name in argument.names]
