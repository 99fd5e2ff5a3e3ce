"""Rules that every engine in the list keeps, and those of the small ones."""

import pytest

from asyncgen.mathematics.check import Verdict, check
from asyncgen.mathematics.engines.catalogue import ENGINES, engine
from asyncgen.mathematics.engines.interface import Answer, Finding, Integrand

AMPLE = 10.0  # CPU seconds
IN_PROCESS = ("sympy-risch", "manual", "integrate")
SLOW = ("mul", "pow5", "add", "x", "exp", "x", "pow5", "ln", "add", "x", "exp", "x")
BY_PARTS = ("mul", "x", "exp", "x")


@pytest.mark.parametrize("name", [name for name, entry in ENGINES.items() if not entry.asks_model])
def test_an_engine_is_known_by_its_name(name: str) -> None:
    """The list's name and the engine's own are the same: it stands in every row that the engine labels."""
    assert engine(name).name == name
    assert engine(name) is engine(name)


@pytest.mark.parametrize("name", IN_PROCESS)
def test_sympy_engines_integrate(name: str) -> None:
    """Each finds an easy antiderivative, which the check confirms."""
    answer = engine(name).integrate(Integrand(BY_PARTS), AMPLE)
    assert answer.finding is Finding.SOLVED
    assert any(check(BY_PARTS, found, 1).verdict is Verdict.CONFIRMED for found in answer.candidates)


@pytest.mark.parametrize("name", IN_PROCESS)
def test_sympy_engines_keep_to_their_limit(name: str) -> None:
    """A limit of next to nothing is a cut, and no answer of another sort."""
    assert engine(name).integrate(Integrand(SLOW), 1e-6) == Answer(Finding.CUT)


def test_manual_proves_nothing() -> None:
    """An integral that is left over means unsolved."""
    answer = engine("manual").integrate(Integrand(("exp", "sin", "pow2", "x")), AMPLE)
    assert (answer.finding, answer.reason) == (Finding.UNSOLVED, "integral")
