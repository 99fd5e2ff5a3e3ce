"""A proof is done again where constants were taken as if they were free: roots of constants, and steps."""

from dataclasses import replace

from asyncgen.mathematics.engines.risch.expressions import Node
from asyncgen.mathematics.engines.risch.integration import integrate
from asyncgen.mathematics.engines.risch.reading import Reading, Setting, read
from asyncgen.mathematics.engines.risch.steps import Elsewhere, Steps
from asyncgen.mathematics.fields.errors import Degenerate, Undecided
from asyncgen.mathematics.fields.specialisation import Specialisation


def require_proof(node: Node, setting: Setting, reading: Reading) -> None:
    """Show that what has no integral in its field has none with the values of its constants.

    Raises Undecided where there is one, NeedsPrime.
    """
    _require_proof_at_numbers(reading)
    if reading.tower.steps is not None and reading.tower.steps.steps:
        _require_proof_at_places(node, setting, reading.tower.steps)


def _require_proof_at_numbers(reading: Reading) -> None:
    """The roots of constants, and the constants in them, become numbers modulo p that are such roots."""
    if not reading.tower.field.constant_roots:
        return
    image = Specialisation(reading.tower.field)
    if integrate(image.field, image.of(reading.element)).obstruction is None:
        raise Undecided("constants that may depend on each other")


def _require_proof_at_places(node: Node, setting: Setting, steps: Steps) -> None:
    """The steps get the values that they have on the intervals around some places."""
    is_seen = False
    for place in steps.different_places():
        try:
            reading = read(node, replace(setting, place=place))
        except (Elsewhere, Degenerate):
            continue
        is_seen = True
        if integrate(reading.tower.field, reading.element).obstruction is None:
            raise Undecided("another function on another interval")
        _require_proof_at_numbers(reading)
    if not is_seen:
        raise Undecided("another function on another interval")
