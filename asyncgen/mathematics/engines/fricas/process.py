"""A FriCAS process at its prompt, kept quiet."""

from asyncgen.mathematics.engines.fricas.locator import command, environment
from asyncgen.mathematics.engines.pipe import EngineLost, PipedProcess, Program

_SETTINGS = (
    ")set messages autoload off",
    ")set messages type off",
    ")set quit unprotected",
    ")set streams showall off",
    ")set output length 245",
    "x:=x::EXPR(INT);",  # so that no operation on it has to be looked up among those of other types
)
# The Debian build (GCL) ends an interrupt in Lisp's debugger; at FriCAS's own prompt this is only an error.
_LEAVE_DEBUGGER = "(throw '|SPAD_READER| nil)"


def start() -> PipedProcess:
    """A fresh FriCAS at its prompt. Raises EngineLost if there is none, or it does not answer."""
    arguments = command()
    if arguments is None:
        raise EngineLost("fricas is not installed: apt-get install fricas, or pip install passagemath-fricas")
    return PipedProcess(
        Program(
            arguments=tuple(arguments),
            settings=_SETTINGS,
            mark='"agen{}done"',
            printed=')"agen{}done"',  # an answer follows its number: (17)"agen16done"
            recover=_LEAVE_DEBUGGER,
            environment=environment(),
        )
    )
