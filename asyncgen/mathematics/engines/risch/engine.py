"""Our own integrator as an engine: Bronstein's procedure for towers of exponentials and logarithms.

After M. Bronstein, Symbolic Integration I: Transcendental Functions, 2nd edition, Springer 2005.
"""

from typing import TYPE_CHECKING

from asyncgen.mathematics.cpu_limit import EXPIRED, within
from asyncgen.mathematics.engines.interface import Answer, Finding, Integrand
from asyncgen.mathematics.engines.risch.decision import decide
from asyncgen.mathematics.engines.risch.domains import made_real
from asyncgen.mathematics.engines.risch.expressions import parsed, tokens_of
from asyncgen.mathematics.fields.errors import Degenerate, Undecided

if TYPE_CHECKING:
    from asyncgen.problems.derivations import Derivation


class Risch:
    """Antiderivatives to be checked, and proofs that there are none."""

    name = "risch"

    def integrate(self, integrand: Integrand, seconds: float) -> Answer:
        answer = within(seconds, lambda: self._decided(integrand))
        return Answer(Finding.CUT) if answer is EXPIRED else answer

    def explain(self, integrand: Integrand, seconds: float) -> "Derivation":
        """How it decides the function, and what the check says of the answer."""
        from asyncgen.mathematics.engines.risch.explaining import explained
        from asyncgen.problems.derivations import undecided

        function = parsed(integrand.tokens)
        found = within(seconds, lambda: explained(function, self.name))
        if found is EXPIRED:
            return undecided(function, self.name, "the CPU seconds were used up")
        return found

    @staticmethod
    def _decided(integrand: Integrand) -> Answer:
        try:
            node = parsed(integrand.tokens)
            found = decide(node)
        except (Undecided, Degenerate) as error:
            return Answer(Finding.UNSOLVED, reason=str(error))
        if found.is_proof:
            return Answer(Finding.NONELEMENTARY, reason=found.obstruction)
        candidates = (made_real(node, candidate) for candidate in found.candidates)
        return Answer(Finding.SOLVED, tuple(map(tokens_of, candidates)))
