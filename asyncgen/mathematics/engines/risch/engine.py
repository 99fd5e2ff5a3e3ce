"""Our own integrator as an engine: Bronstein's procedure for towers of exponentials and logarithms.

After M. Bronstein, Symbolic Integration I: Transcendental Functions, 2nd edition, Springer 2005.
"""

from collections.abc import Iterator
from typing import TYPE_CHECKING

from asyncgen.mathematics.cpu_limit import EXPIRED, within
from asyncgen.mathematics.engines.interface import Answer, Finding, Integrand, Tokens
from asyncgen.mathematics.engines.risch.decision import Decision
from asyncgen.mathematics.engines.risch.domains import made_real
from asyncgen.mathematics.engines.risch.expressions import Node, parsed, tokens_of
from asyncgen.mathematics.engines.risch.signs import decide_with_signs
from asyncgen.mathematics.fields.errors import Degenerate, Undecided

if TYPE_CHECKING:
    from asyncgen.problems.derivations import Derivation

FOR_SPECIAL = 0.25  # CPU seconds to look for one form with special functions, after a proof


class Risch:
    """Antiderivatives to be checked, and proofs that there are none."""

    name = "risch"

    def integrate(self, integrand: Integrand, seconds: float) -> Answer:
        try:
            node = parsed(integrand.tokens)
            found = within(seconds, lambda: decide_with_signs(node))
        except (Undecided, Degenerate) as error:
            return Answer(Finding.UNSOLVED, reason=str(error))
        except RecursionError:
            return Answer(Finding.UNSOLVED, reason="too deep")
        if found is EXPIRED:
            return Answer(Finding.CUT)
        if found.is_proof:
            return Answer(Finding.NONELEMENTARY, _special(node, found, seconds), found.obstruction)
        candidates = (made_real(node, candidate) for candidate in found.candidates)
        return Answer(Finding.SOLVED, tuple(map(tokens_of, candidates)))

    def explain(self, integrand: Integrand, seconds: float) -> "Derivation":
        """How it decides the function, and what the check says of the answer."""
        from asyncgen.mathematics.engines.risch.explaining import explained
        from asyncgen.problems.derivations import undecided

        function = parsed(integrand.tokens)
        found = within(seconds, lambda: explained(function, self.name))
        if found is EXPIRED:
            return undecided(function, self.name, "the CPU seconds were used up")
        return found


def _special(node: Node, found: Decision, seconds: float) -> Iterator[Tokens]:
    """The candidates with special functions, each looked for when it is asked for."""
    forms = found.special()
    while (form := within(min(seconds, FOR_SPECIAL), lambda: next(forms, None))) is not None:
        if form is EXPIRED:
            return
        yield tokens_of(made_real(node, form))
