"""Rules of Maxima as an engine: what it is sent, what its answers mean, and that it can be cut."""

from collections.abc import Iterator

import psutil
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from asyncgen.mathematics.engines import maxima as module
from asyncgen.mathematics.engines.catalogue import engine
from asyncgen.mathematics.engines.interface import Finding, Integrand
from asyncgen.mathematics.engines.maxima import Maxima, from_maxima, to_maxima
from asyncgen.mathematics.engines.pipe import EngineLost
from asyncgen.mathematics.engines.portfolio import judge
from asyncgen.mathematics.sympy_notation import Untranslatable
from asyncgen.mathematics.values import compile_tokens
from asyncgen.problems.distributions import PRESETS
from asyncgen.problems.errors import ParseError
from asyncgen.problems.infix import read_infix
from asyncgen.problems.records import Status
from asyncgen.problems.spec import Spec
from asyncgen.sampler import Sampler

AMPLE = 10.0  # CPU seconds
HARD = "sin(tan(x)+x)^9/(cos(x)+exp(x)+x)^7"


@pytest.fixture(scope="module")
def shared(maxima: None) -> Iterator[Maxima]:
    """One Maxima for all tests."""
    running = Maxima()
    yield running
    running.close()


def test_what_is_sent_reads_back_as_the_same_function() -> None:
    """Printing for Maxima and reading from it are inverse: both give the same values."""
    sampler = Sampler(Spec(PRESETS["lample-charton"]))
    for number in range(100):
        tokens = tuple(sampler.problem(number).prefix.split())
        ours, theirs = (
            compile_tokens(u).at(0.7 + 0.3j).value for u in (tokens, from_maxima(to_maxima(tokens)))
        )
        assert ours.overlaps(theirs) or not ours.is_finite(), tokens


@given(st.text(alphabet="x2+-*/^()[],%eipli'atan ", max_size=30))
@settings(max_examples=200, deadline=None)
def test_any_text_is_read_or_refused(text: str) -> None:
    """Whatever Maxima prints gives tokens or one of two errors."""
    try:
        read = from_maxima(text)
    except (Untranslatable, ParseError):
        return
    assert isinstance(read, tuple)


@pytest.mark.engine
@pytest.mark.parametrize(
    ("function", "status"),
    [
        ("x*exp(x)", Status.ELEMENTARY),
        ("x/(x^2+1)", Status.ELEMENTARY),
        ("sqrt(x*x)", Status.ELEMENTARY),
        ("atan(5/x)", Status.ELEMENTARY),
        ("exp(-x^2)", Status.SPECIAL),
        ("sin(x)/x", Status.SPECIAL),
        ("x*fresnels(x)", Status.SPECIAL),
        ("log(1-x)/x", Status.SPECIAL),
    ],
)
def test_answers_are_confirmed(shared: Maxima, function: str, status: Status) -> None:
    """Its notation, constants and special functions come out as ours."""
    tokens = read_infix(function)
    (candidate,) = shared.integrate(Integrand(tokens), AMPLE).candidates
    assert judge(tokens, candidate, "maxima", AMPLE).status is status


@pytest.mark.engine
@pytest.mark.parametrize(
    ("function", "reason"), [("x^x", "integral"), ("polylog(2,x)", "notation:polylog"), ("1/0", "error")]
)
def test_what_it_cannot_do_is_unsolved(shared: Maxima, function: str, reason: str) -> None:
    """A noun form proves nothing; an error and an unknown function are told apart from it."""
    answer = shared.integrate(Integrand(read_infix(function)), AMPLE)
    assert (answer.finding, answer.reason) == (Finding.UNSOLVED, reason)


@pytest.mark.engine
def test_a_hard_one_is_cut_and_the_next_ones_answered(shared: Maxima) -> None:
    """The same process goes on after an interrupt."""
    shared.start()
    before = psutil.Process().children(recursive=True)
    for _ in range(5):
        assert shared.integrate(Integrand(read_infix(HARD)), 0.02).finding is Finding.CUT
        assert shared.integrate(Integrand(read_infix("x*exp(x)")), AMPLE).finding is Finding.SOLVED
    assert psutil.Process().children(recursive=True) == before


def test_without_maxima_the_error_says_what_to_do(monkeypatch: pytest.MonkeyPatch) -> None:
    """The engine is known by its name even where the program is missing."""
    monkeypatch.setattr(module.shutil, "which", lambda _: None)
    assert engine("maxima").name == "maxima"
    with pytest.raises(EngineLost, match="apt-get install maxima"):
        Maxima().integrate(Integrand(("x",)), AMPLE)
