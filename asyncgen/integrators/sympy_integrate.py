"""SymPy's `integrate`: all of its methods in turn, elementary and special answers alike."""

import sympy
from sympy import Integral

from asyncgen.integrators.engine import Answer, Finding, Integrand
from asyncgen.integrators.sympy_slice import answer_from, in_slice
from asyncgen.notation import X


class SympyIntegrate:
    """An `Integral` left anywhere in the result means unsolved; it proves nothing."""

    name = "integrate"

    def integrate(self, integrand: Integrand, seconds: float) -> Answer:
        return in_slice(seconds, lambda: _integrate(integrand))


def _integrate(integrand: Integrand) -> Answer:
    result = sympy.integrate(integrand.expression, X)
    if result.has(Integral):
        return Answer(Finding.UNSOLVED, reason="integral")
    return answer_from(result)
