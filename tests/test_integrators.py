"""Rules of the engines, the portfolio and the CPU slices."""

import signal
import time
from collections.abc import Callable

import pytest

from asyncgen.integrators import engine as engines
from asyncgen.integrators import sympy_risch
from asyncgen.integrators.engine import Answer, Finding, Integrand, engine
from asyncgen.integrators.portfolio import solve
from asyncgen.records import Slices, Status, UsageError
from asyncgen.slices import EXPIRED, within

COSINE = ("cos", "x")


def burn(seconds: float) -> str:
    """Use this much CPU."""
    end = time.process_time() + seconds
    while time.process_time() < end:
        pass
    return "done"


class Stub:
    """An engine that answers what it was told to, or raises it."""

    def __init__(self, name: str, answer: Answer | Exception) -> None:
        self.name = name
        self.answer = answer
        self.seconds: float | None = None

    def integrate(self, integrand: Integrand, seconds: float) -> Answer:
        self.seconds = seconds
        if isinstance(self.answer, Exception):
            raise self.answer
        return self.answer


Install = Callable[..., Slices]


@pytest.fixture
def install(monkeypatch: pytest.MonkeyPatch) -> Install:
    """Put stubs in the place of the engines; returns slices that name them in order."""

    def put(*stubs: Stub) -> Slices:
        monkeypatch.setattr(engines, "ENGINES", {stub.name: "" for stub in stubs})
        monkeypatch.setattr(engines, "_started", {stub.name: stub for stub in stubs})
        return Slices(engines=tuple((stub.name, 1.0) for stub in stubs))

    return put


def solved(*candidates: str) -> Answer:
    return Answer(Finding.SOLVED, tuple(tuple(text.split()) for text in candidates))


def test_a_wrong_answer_is_refuted_and_the_next_engine_tried(install: Install) -> None:
    """No engine is trusted: its answer must pass the check before it ends the search."""
    slices = install(Stub("wrong", solved("cos x")), Stub("right", solved("sin x")))
    result = solve(Integrand(COSINE), slices, 1)
    assert (result.status, result.engine) == (Status.ELEMENTARY, "right")


def test_a_refuted_answer_is_kept_as_evidence(install: Install) -> None:
    """A wrong answer that nothing betters is stored, with what the check said of it."""
    result = solve(Integrand(COSINE), install(Stub("wrong", solved("cos x"))), 1)
    assert result.status is Status.UNVERIFIED
    assert (result.answer, result.reason) == (("cos", "x"), "refuted")


def test_the_candidate_that_holds_is_chosen(install: Install) -> None:
    """Of several candidates the confirmed one is the answer, wherever it stands."""
    slices = install(Stub("several", solved("cos x", "inv sub x x", "sin x")))
    assert solve(Integrand(COSINE), slices, 1).answer == ("sin", "x")


def test_an_answer_right_in_part_outranks_a_refuted_one(install: Install) -> None:
    """Among unverified answers the one of which more was confirmed is kept."""
    slices = install(Stub("part", solved("div pow2 x INT+ 2")), Stub("wrong", solved("x")))
    result = solve(Integrand(("abs", "x")), slices, 1)
    assert (result.reason, result.engine) == ("branch:x<0", "part")


def test_an_exception_is_an_error_with_its_name(install: Install) -> None:
    """What an engine raises is recorded, in one line, and the next engine tried."""
    broken = Stub("broken", AttributeError("no such\nthing"))
    alone = solve(Integrand(COSINE), install(broken), 1)
    assert (alone.status, alone.reason) == (Status.ERROR, "AttributeError: no such thing")
    slices = install(broken, Stub("right", solved("sin x")))
    assert solve(Integrand(COSINE), slices, 1).status is Status.ELEMENTARY


@pytest.mark.parametrize(
    ("raised", "status"), [(MemoryError(), Status.MEMORY), (RecursionError(), Status.ERROR)]
)
def test_exhaustion_is_an_outcome(install: Install, raised: Exception, status: Status) -> None:
    """Running out of memory or stack inside an engine does not end the worker."""
    assert solve(Integrand(COSINE), install(Stub("greedy", raised)), 1).status is status


def test_a_cut_is_a_timeout_and_never_unsolved(install: Install) -> None:
    """An engine that was cut leaves the question open, whatever the others say."""
    cut, empty = Stub("cut", Answer(Finding.CUT)), Stub("empty", Answer(Finding.UNSOLVED))
    for slices in (install(cut, empty), install(empty, cut)):
        result = solve(Integrand(COSINE), slices, 1)
        assert (result.status, result.reason) == (Status.TIMEOUT, "slice:cut")


def test_after_a_proof_the_others_get_a_short_try(install: Install) -> None:
    """A special form outranks a proof of nonelementarity, but is not looked for at length."""
    proof = Stub("proof", Answer(Finding.NONELEMENTARY, reason="risch"))
    empty = Stub("empty", Answer(Finding.CUT))
    result = solve(Integrand(COSINE), install(proof, empty), 1)
    assert (result.status, result.reason) == (Status.NONELEMENTARY, "risch")
    assert empty.seconds is not None
    assert empty.seconds < 1


def test_an_unknown_engine_is_a_usage_error() -> None:
    """A misspelt engine is answered with the nearest name."""
    with pytest.raises(UsageError, match="'risch'"):
        engine("rish")


def test_risch_does_not_pass_off_its_heuristic_as_a_proof(monkeypatch: pytest.MonkeyPatch) -> None:
    """A verdict that rests on the heuristic's silence is withdrawn."""
    function = Integrand(("exp", "pow2", "x"))
    assert engine("risch").integrate(function, 5).finding is Finding.NONELEMENTARY
    monkeypatch.setattr(sympy_risch, "risch_integrate", _doubtful)
    answer = engine("risch").integrate(function, 5)
    assert (answer.finding, answer.reason) == (Finding.UNSOLVED, "heuristic")


def _doubtful(_f: object, x: object, **_options: object) -> tuple[int, object]:
    """Stands for a run of the algorithm in which the heuristic does not apply: 1/t and 1/(t + 1)."""
    from sympy import Dummy, Poly
    from sympy.integrals import prde
    from sympy.integrals.risch import DifferentialExtension

    t = Dummy("t")
    tower = DifferentialExtension(extension={"D": [Poly(1, x), Poly(1 / x, t)]})
    one, other = Poly(t, t), Poly(t + 1, t)
    prde.parametric_log_deriv(Poly(1, t), one, Poly(1, t), other, tower)
    return 0, x


def test_a_slice_ends_a_call_that_goes_on() -> None:
    """A call that uses more CPU than its slice is cut; one that uses less is not."""
    assert within(0.02, lambda: burn(60)) is EXPIRED
    assert within(60, lambda: burn(0.001)) == "done"


def test_a_swallowed_cut_is_still_a_cut() -> None:
    """A call that catches everything and returns in time for nobody is reported as cut."""

    def stubborn() -> str:
        try:
            return burn(60)
        except BaseException:
            return "caught"

    assert within(0.02, stubborn) is EXPIRED


def test_a_cut_is_repeated_until_it_takes() -> None:
    """A call that swallows the first cut and goes on is cut again."""

    def deaf_once() -> str:
        try:
            burn(60)
        except BaseException:
            burn(60)
        return "never"

    assert within(0.02, deaf_once) is EXPIRED


def test_no_cut_leaks_out_of_a_slice_that_ends_just_then() -> None:
    """However close the end of the call and of the slice, a value comes back and nothing raises."""
    results = {within(0.0004, lambda: burn(0.0004)) for _ in range(100)}
    assert results <= {EXPIRED, "done"}
    assert signal.getitimer(signal.ITIMER_PROF) == (0.0, 0.0)


def test_slices_do_not_nest_and_leave_the_handler_alone() -> None:
    """A slice inside a slice is refused, and the signal's handler is what it was before."""
    before = signal.getsignal(signal.SIGPROF)
    with pytest.raises(RuntimeError, match="nest"):
        within(5, lambda: within(1, lambda: None))
    assert signal.getsignal(signal.SIGPROF) is before
    assert within(5, lambda: 1) == 1
