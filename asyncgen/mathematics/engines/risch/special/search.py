"""After a proof: the same function with special functions beyond the elementary ones, as candidates."""

from asyncgen.mathematics.engines.risch import answers
from asyncgen.mathematics.engines.risch.attempts import Branch, Primes, Way, branches
from asyncgen.mathematics.engines.risch.expressions import Node, S, X
from asyncgen.mathematics.engines.risch.integration import integrate
from asyncgen.mathematics.engines.risch.special.forms import SpecialForms
from asyncgen.mathematics.engines.risch.special.writing import has_series
from asyncgen.mathematics.engines.risch.writing import Writer
from asyncgen.mathematics.fields.errors import Degenerate, Undecided
from asyncgen.mathematics.fields.modular import fits_word

MOST_WAYS = 3  # of writing the same form


def special_forms(node: Node, way: Way, primes: Primes, found: list[Branch], number: int = 0) -> list[Node]:
    """Antiderivatives with special functions, to be checked, of a function that is not elementary.

    found: its branches, none of them elementary, as they are modulo the first of the primes; another one is
    taken only where a root is needed that this one lacks. number: of the way in which they are written, where
    there are several: with other integrals of a root over the tower, with 1F1 in the place of 1F2.
    """
    known = [found]

    def compute(prime: int) -> list[Node]:
        if not fits_word(prime):  # for numbers of many digits
            return []
        here = known.pop() if known else branches(node, way, prime)
        return [form for branch in here if (form := _special_form(branch, way, number)) is not None]

    try:
        return primes.until_one_does(compute)
    except (Undecided, Degenerate):
        return []


def _special_form(branch: Branch, way: Way, number: int) -> Node | None:
    """Stop at once where there is nothing for the obstruction that is known: most functions have no form."""
    reading, obstruction = branch.reading, branch.integral.obstruction
    forms = SpecialForms(reading.tower, reading.names, number)
    if obstruction is None or not forms.overcome(obstruction):
        return None
    integral = integrate(reading.tower.field, reading.element, beyond=forms)
    if integral.obstruction is not None or (number and not (forms.used_root or has_series(integral.special))):
        return None
    writer = Writer(reading.tower, X if way.substitution is None else S, reading.names)
    writer.real_series = number == 0
    written = answers.written(writer, reading.element, integral)
    return written if way.substitution is None else way.substitution.written_back(written)
