"""Our own integrator as an engine: Bronstein's procedure for towers of exponentials and logarithms.

After M. Bronstein, Symbolic Integration I: Transcendental Functions, 2nd edition, Springer 2005.
"""

from collections.abc import Iterator
from typing import TYPE_CHECKING

from asyncgen.mathematics.cpu_limit import EXPIRED, within
from asyncgen.mathematics.engines.interface import Answer, Finding, Integrand, Tokens
from asyncgen.mathematics.engines.risch.decision import Decision, decide
from asyncgen.mathematics.engines.risch.domains import made_real
from asyncgen.mathematics.engines.risch.expressions import Node, parsed, tokens_of
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
            found = within(seconds, lambda: _decided(node))
        except (Undecided, Degenerate) as error:
            return Answer(Finding.UNSOLVED, reason=str(error))
        if found is EXPIRED:
            return Answer(Finding.CUT)
        if found.is_proof:
            return Answer(Finding.NONELEMENTARY, _special(found, seconds), found.obstruction)
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


def _decided(node: Node) -> Decision:
    """The decision, abs and sign read as roots of squares: where u is not real they are none."""
    as_roots = _signs_as_roots(node)
    found = decide(as_roots)
    if found.is_proof and as_roots != node:
        raise Undecided("abs")
    return found


def _signs_as_roots(node: Node) -> Node:
    """The function with sqrt(u**2) for abs(u) and sqrt(u**2)/u for sign(u): the same only where u is real."""
    if not isinstance(node, tuple):
        return node
    name, *operands = node[0], *map(_signs_as_roots, node[1:])
    if name not in ("abs", "sign"):
        return (name, *operands)
    root = ("sqrt", ("pow2", operands[0]))
    return root if name == "abs" else ("div", root, operands[0])


def _special(found: Decision, seconds: float) -> Iterator[Tokens]:
    """The candidates with special functions, each looked for when it is asked for."""
    forms = found.special()
    while (form := within(min(seconds, FOR_SPECIAL), lambda: next(forms, None))) is not None:
        if form is EXPIRED:
            return
        yield tokens_of(form)
