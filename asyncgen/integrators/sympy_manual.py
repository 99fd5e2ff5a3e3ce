"""SymPy's `manualintegrate`: the rules taught in school, tried as a person would."""

from sympy import Integral
from sympy.integrals.manualintegrate import manualintegrate

from asyncgen.integrators.engine import Answer, Finding, Integrand
from asyncgen.integrators.sympy_slice import answer_from, in_slice
from asyncgen.notation import X


class SympyManual:
    """An `Integral` left anywhere in the result means unsolved; it proves nothing."""

    name = "manual"

    def integrate(self, integrand: Integrand, seconds: float) -> Answer:
        return in_slice(seconds, lambda: _integrate(integrand))


def _integrate(integrand: Integrand) -> Answer:
    result = manualintegrate(integrand.expression, X)
    if result.has(Integral):
        return Answer(Finding.UNSOLVED, reason="integral")
    return answer_from(result)
