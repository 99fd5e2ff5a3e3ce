"""The kernels that are leaves of a tree: variables and constants."""

from flint import fmpq

from asyncgen.mathematics.fields.errors import Undecided
from asyncgen.mathematics.forms.element import Element
from asyncgen.mathematics.forms.field import Field
from asyncgen.mathematics.forms.functions import exponential
from asyncgen.mathematics.forms.kernels import Kernel

CONSTANTS = frozenset(("pi", "a8", "a9"))
VARIABLES = frozenset(("x", "Y", "Y'", "Y''"))


def leaf(field: Field, name: str) -> Element:
    """A variable or a constant, by its token. Raises Undecided for one that is not real."""
    if name == "E":
        return exponential(field.one)
    if name not in CONSTANTS and name not in VARIABLES:
        raise Undecided(f"no rules for {name}")
    number = field.kernel(name, Kernel(name, constant=name in CONSTANTS, real=True))
    return Element(fmpq(1), {number: 1}, [], field)
