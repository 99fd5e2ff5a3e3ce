"""Rules of `worker.solve`: every status that the mathematics can cause, and what a row then holds."""

import subprocess
import sys
import threading

import pytest
import sympy
from sympy.parsing.sympy_parser import parse_expr

from asyncgen import worker
from asyncgen.mathematics.engines import portfolio, sympy_engines
from asyncgen.mathematics.kinds import forward
from asyncgen.problems.errors import UsageError
from asyncgen.problems.infix import read_infix
from asyncgen.problems.records import CpuLimits, Outcome, Problem, Status
from asyncgen.problems.tokens import seed_of

AMPLE = CpuLimits(parse=10, engines=(("sympy-risch", 10), ("integrate", 10)), check=10)


@pytest.fixture(autouse=True)
def _ample_after_a_proof(monkeypatch: pytest.MonkeyPatch) -> None:
    """The first use of SymPy's `integrate` in a busy process can take more than the limit after a proof."""
    monkeypatch.setattr(portfolio, "AFTER_PROOF", 10)


def solve(prefix: str, limits: CpuLimits = AMPLE, **others: object) -> Outcome:
    return worker.solve(Problem(index=7, prefix=prefix, operators=3, **others), limits)


@pytest.mark.parametrize(
    "text",
    [
        "log(x + acos(x/x)**2)",
        "x + (x - x)**exp(1)",
        "(x - x)**x - 1 - x - x",
        "(x/x - 1)**acos(1**(x/x))/sqrt(x)",
        "tan(acos(1))**(sqrt(x) + acos(x*log(1 + 1 + sqrt(atan(x)) - 2))) + x",
        "x*(x - exp(asin((1 - 1)/(x*x))**x/(2/1**1))/cos(2))*x",
        "x*acos(x/x) + asin(x/x)*x**2",
        "x*atanh(sin(x)**2 + cos(x)**2 - 1) + x",
        "sqrt(x**2)/x",
        "sign(x + 2)",
        "abs(x - 10) + x",
        "sqrt((x - 8)**2) + x",
        "(abs(x - 10) + x - 10)*exp(x)",
        "sign(exp(x) - 1000)",
        "729*sign(x/2 + 2)/2",
        "atan(x) + atan(1/x)",
        "atanh(4/(x/x))/x",
        "acos(2*x/x)*x",
        "sqrt(-x/x)*x",
        "atanh(x*atanh(3*x/(x*2))/(x*x*x)*x) + 1",
    ],
)
def test_what_varies_is_not_degenerate(text: str) -> None:
    """What a function holds may be constant, at the edge of where it has a derivative, or 0 to a power."""
    outcome = solve(" ".join(read_infix(text)), CpuLimits(parse=10, engines=(("risch", 10),), check=10))
    assert outcome.status is Status.ELEMENTARY


@pytest.mark.parametrize(
    "text",
    [
        "1/(x**2 + I)",
        "1/(x**2 + 4*I)",
        "1/(x**2 + 2*I)",
        "log(x**2 + I)",
        "sin(x)/(I + tan(x))",
        "(x + sin(3*x))*exp(-3*x*I)",
        "1/(exp(I*x) + 2)",
    ],
)
def test_complex_constants_are_integrated(text: str) -> None:
    """With residues in Q(i), and in square roots of its numbers."""
    outcome = solve(" ".join(read_infix(text)), CpuLimits(parse=10, engines=(("risch", 10),), check=10))
    assert outcome.status is Status.ELEMENTARY


@pytest.mark.parametrize(
    ("text", "integral"),
    [
        ("sin(x)**2 + cos(x)**2", "x"),
        ("cosh(x)**2 - sinh(x)**2 + cos(1)", "x*cos(1) + x"),
        ("exp(log(x) - log(x))*pi", "x*pi"),
        ("7*2", "14*x"),
        ("erf(x) + erfc(x)", "(erf(x) + erfc(x))*x"),  # of which no engine knows it
    ],
)
def test_a_constant_has_its_antiderivative(text: str, integral: str) -> None:
    """It is degenerate, and its row says c*x."""
    outcome = solve(" ".join(read_infix(text)), CpuLimits(parse=10, engines=(("risch", 10),), check=10))
    assert (outcome.status, outcome.reason, outcome.integral) == (Status.DEGENERATE, "constant", integral)


@pytest.mark.parametrize(
    "text",
    [
        "exp(sin(x)) + (2 - 2)**sqrt(1)",
        "x**x + x*exp(log(1)**x)",
        "(x - x)**sin(7) - x**((x*x)**2 - x**2)",
    ],
)
def test_powers_of_0_hide_no_proof(text: str) -> None:
    """Where 0 to a power has a value, it is 0, and what is left is decided."""
    outcome = solve(" ".join(read_infix(text)), CpuLimits(parse=10, engines=(("risch", 10),), check=10))
    assert (outcome.status, outcome.proof) == (Status.NONELEMENTARY, "risch")


@pytest.mark.parametrize(
    ("prefix", "status", "reason"),
    [
        ("mul x exp x", Status.ELEMENTARY, None),
        ("sin x", Status.ELEMENTARY, None),
        ("exp mul INT- 1 pow2 x", Status.SPECIAL, None),
        ("sin exp x", Status.SPECIAL, None),
        ("exp exp pow2 x", Status.NONELEMENTARY, "sympy-risch"),
        ("sqrt add x sin x", Status.UNSOLVED, "integral"),
        ("add INT+ 1 INT+ 2", Status.DEGENERATE, "constant"),
        ("sub x x", Status.DEGENERATE, "constant"),
        ("inv sub x x", Status.DEGENERATE, "infinite"),
        ("ln sub x x", Status.DEGENERATE, "infinite"),
        ("div sub x x sub x x", Status.DEGENERATE, "nan"),
        ("pow sub x x x", Status.DEGENERATE, "constant"),
        ("pow sub x x sub pow2 x pow2 x", Status.DEGENERATE, "constant"),
        ("pow sub x x INT- 2", Status.DEGENERATE, "infinite"),
        ("add pow2 sin x pow2 cos x", Status.DEGENERATE, "constant"),
        ("sub pow2 cosh x pow2 sinh x", Status.DEGENERATE, "constant"),
        ("exp sub ln x ln x", Status.DEGENERATE, "constant"),
        ("acos div x x", Status.DEGENERATE, "constant"),
        ("div x inv sub x x", Status.DEGENERATE, "undefined"),  # SymPy says 0
        # SymPy raises TypeError: Invalid NaN comparison
        ("mul x sin add ln cosh div add x INT+ 2 sub x x INT+ 1", Status.DEGENERATE, "undefined"),
        ("mul x pow INT+ 9 pow INT+ 9 INT+ 9", Status.DEGENERATE, "huge"),
    ],
)
def test_statuses(prefix: str, status: Status, reason: str | None) -> None:
    """Each function comes to its status, for the reason stated."""
    outcome = solve(prefix)
    assert (outcome.status, outcome.reason) == (status, reason)
    assert outcome.success is (status in (Status.ELEMENTARY, Status.SPECIAL))


@pytest.mark.parametrize(
    ("prefix", "proof"),
    [
        ("exp exp pow2 x", "sympy-risch"),
        ("exp pow2 x", "sympy-risch"),  # special, with erfi
        ("sin exp x", None),  # special, and nobody has asked
        ("mul x exp x", None),
    ],
)
def test_a_row_says_whose_proof_there_is(prefix: str, proof: str | None) -> None:
    """That no elementary antiderivative exists is a part of the row, next to a special form too."""
    assert solve(prefix).proof == proof


@pytest.mark.parametrize("prefix", ["mul x exp x", "inv add INT+ 1 pow2 x", "mul ln x pow2 x"])
def test_integral_is_an_antiderivative_in_python_notation(prefix: str) -> None:
    """SymPy reads the row's own text, and the derivative of its integral is its integrand."""
    outcome = solve(prefix)
    assert outcome.integral is not None
    x = sympy.Symbol("x")
    difference = parse_expr(outcome.integral).diff(x) - parse_expr(outcome.integrand)
    assert sympy.simplify(difference) == 0


def test_engine_that_runs_out_of_its_secondsis_a_timeout() -> None:
    """A cut engine means a timeout that names the CPU limit: never "not integrable"."""
    outcome = solve("asin pow2 x", CpuLimits(engines=(("integrate", 0.005),)))
    assert (outcome.status, outcome.reason) == (Status.TIMEOUT, "cpu:integrate")
    assert outcome.integral is None


def test_reading_has_a_secondsof_its_own() -> None:
    """A function that takes too long to read is a timeout, too."""
    nest = " ".join(["sqrt add INT+ 3 sin"] * 200) + " x"
    outcome = solve(nest, CpuLimits(engines=AMPLE.engines, parse=0.001))
    assert (outcome.status, outcome.reason) == (Status.TIMEOUT, "cpu:parse")


def test_wrong_answer_of_an_engine_is_unverified(monkeypatch: pytest.MonkeyPatch) -> None:
    """A wrong answer is kept as tokens, and shown as no integral."""
    monkeypatch.setattr(sympy_engines.sympy, "integrate", lambda f, x: f)
    outcome = solve("sin x")
    assert (outcome.status, outcome.reason) == (Status.UNVERIFIED, "refuted")
    assert (outcome.answer_prefix, outcome.integral) == ("sin x", None)


def test_exception_of_an_engine_is_an_error(monkeypatch: pytest.MonkeyPatch) -> None:
    """A bug of an engine is a row of its own, with the exception's name."""

    def broken(_f: object, _x: object) -> object:
        raise AttributeError("broken")

    monkeypatch.setattr(sympy_engines.sympy, "integrate", broken)
    outcome = solve("sin x", CpuLimits(engines=(("integrate", 1.0),)))
    assert (outcome.status, outcome.reason) == (Status.ERROR, "AttributeError: broken")


def test_outcome_carries_the_problem() -> None:
    """A row repeats its problem, whatever became of it."""
    outcome = solve("mul x exp x")
    assert (outcome.index, outcome.operators, outcome.kind) == (7, 3, "forward")
    assert (outcome.problem_prefix, outcome.integrand) == ("mul x exp x", "x*exp(x)")


def test_outcome_does_not_depend_on_the_problems_before() -> None:
    """After a cut, a problem comes to the same row as in a fresh order."""
    problems = ["mul x sin x", "div INT+ 1 add INT+ 1 pow3 x", "sqrt add INT+ 1 pow2 x"]
    first = [solve(prefix).answer_prefix for prefix in problems]
    for seconds in (0.002, 0.01, 0.03):
        solve("mul asin x pow2 atan x", CpuLimits(engines=(("integrate", seconds),)))
        assert [solve(prefix).answer_prefix for prefix in reversed(problems)] == first[::-1]


@pytest.mark.parametrize("prefix", ["mul x exp x", "sqrt pow2 x", "ln pow2 x", "abs x", "div ln x x"])
def test_two_rows_with_the_same_tokens_are_the_same(prefix: str) -> None:
    """Whatever their numbers: the check's points come from the tokens."""
    rows = [worker.solve(Problem(index, prefix, 3), AMPLE) for index in (0, 1, 10**12)]
    assert len({row._replace(index=0) for row in rows}) == 1


def test_sympys_own_choices_come_from_the_tokens(monkeypatch: pytest.MonkeyPatch) -> None:
    """Its generator is started afresh for each problem, from nothing but the function."""
    seeds: list[int] = []
    monkeypatch.setattr(forward, "seed_sympy", seeds.append)
    for index, prefix in enumerate(("sin x", "cos x", "sin x")):
        worker.solve(Problem(index, prefix, 1), AMPLE)
    assert seeds == [seed_of(prefix.split()) for prefix in ("sin x", "cos x", "sin x")]


def test_unknown_kind_is_a_usage_error() -> None:
    """A kind of problem that there is no module for is refused by name."""
    with pytest.raises(UsageError, match="sideways"):
        solve("x", kind="sideways")


def test_warming_starts_no_thread() -> None:
    """The template process must be able to fork after it was warmed."""
    before = threading.active_count()
    worker.warm()
    assert threading.active_count() == before


def test_importing_the_worker_imports_no_mathematics() -> None:
    """The parent names `solve` without paying for SymPy or flint."""
    code = "import sys, asyncgen.worker; sys.exit('sympy' in sys.modules or 'flint' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0
