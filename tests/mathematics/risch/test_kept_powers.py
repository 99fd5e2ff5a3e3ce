"""Rules of `kept_powers`: a high power of a sum stays one, where the answer can be written with it."""

import pytest

from asyncgen.problems.infix import read_infix
from asyncgen.problems.records import CpuLimits, Problem, Status
from asyncgen.worker import solve

LIMITS = CpuLimits(parse=10, engines=(("risch", 10),), check=10)


@pytest.mark.parametrize(
    ("text", "answer"),
    [
        ("(x + 1)**100", "(x + 1)**101/101"),
        ("(x + 1)**1000", "(x + 1)**1001/1001"),
        ("(2*x - 3)**20/7", "(2*x - 3)**21/294"),
        ("1/(x + 1)**100", "-1/(99*(x + 1)**99)"),
        ("x*(x + 1)**100", "(x + 1)**102/102 - (x + 1)**101/101"),
        ("x*(x**2 + 1)**100", "(x**2 + 1)**101/202"),
        ("sin(x)**50*cos(x)", "sin(x)**51/51"),
        ("(1 + exp(x))**20*exp(x)", "(1 + exp(x))**21/21"),
        ("cos(x)/(sin(x) + 2)**40", "-1/(39*(sin(x) + 2)**39)"),
        ("(x/2 + 1/3)**7", "(x/2 + 1/3)**8/4"),
        ("(x + 1)**100 + (x - 1)**100", "(x + 1)**101/101 + (x - 1)**101/101"),
        ("x**3*(x**4 + 1)**100 + sin(x)", "(x**4 + 1)**101/404 - cos(x)"),
        ("(x + 1)**8 + sin(x)", "(x + 1)**9/9 - cos(x)"),
        ("(x/2)**8 + cos(x)", "sin(x) + 2*(x/2)**9/9"),
        ("(2*x + 1)**8 + sin(3*x)", "(2*x + 1)**9/18 - cos(3*x)/3"),
        ("abs(x)**7", "sqrt(x**2)/x*x**8/8"),
    ],
)
def test_the_power_is_kept(text: str, answer: str) -> None:
    """In the variable of the power, or as the derivative of the next one."""
    outcome = solve(Problem(0, " ".join(read_infix(text)), 3), LIMITS)
    assert (outcome.status, outcome.integral) == (Status.ELEMENTARY, answer)


OF_SIGNS = ["abs(x + 1)**6", "(abs(x) + 1)**7", "asin(sin(x))**7", "sqrt((x + 1)**2)**7*exp(x)"]
EXPANDED = ["(x**2 + x + 1)**30", "sin(x)**50", "(x + 1)**9*(x + 2)**9", "(sin(x) + x)**7"]


@pytest.mark.parametrize("text", [*EXPANDED, *OF_SIGNS])
def test_what_cannot_be_kept_is_expanded(text: str) -> None:
    """Two powers, or one without its derivative beside it, are integrated as ever."""
    assert solve(Problem(0, " ".join(read_infix(text)), 3), LIMITS).status is Status.ELEMENTARY


def test_a_proof_is_one_in_the_variable_of_the_power() -> None:
    """The change of variable is linear: what has no elementary integral in it has none."""
    outcome = solve(Problem(0, " ".join(read_infix("(x + 1)**20*exp(x**3)")), 3), LIMITS)
    assert outcome.proof == "risch"
