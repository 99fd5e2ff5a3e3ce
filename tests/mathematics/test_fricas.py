"""Rules of FriCAS as an engine: its process, its CPU limit, and what its answers are taken for."""

import os
import signal
from collections.abc import Iterator

import psutil
import pytest

from asyncgen import worker
from asyncgen.mathematics.engines.fricas import engine as module
from asyncgen.mathematics.engines.fricas import locator, process
from asyncgen.mathematics.engines.fricas.engine import Fricas
from asyncgen.mathematics.engines.interface import Answer, Finding, Integrand
from asyncgen.mathematics.engines.pipe import EngineLost
from asyncgen.mathematics.engines.portfolio import judge
from asyncgen.problems.infix import read_infix
from asyncgen.problems.records import CpuLimits, Problem, Status
from asyncgen.scheduler import Scheduler

HARD = "acos((x-x^5)/tanh(x))"  # FriCAS works on it for minutes
AMPLE = 10.0  # CPU seconds


@pytest.fixture(scope="module")
def shared(fricas: None) -> Iterator[Fricas]:
    """One FriCAS for the tests that do it no harm."""
    engine = Fricas()
    yield engine
    engine.close()


@pytest.fixture
def own(fricas: None) -> Iterator[Fricas]:
    engine = Fricas()
    yield engine
    engine.close()


def ask(engine: Fricas, function: str, seconds: float = AMPLE) -> Answer:
    return engine.integrate(Integrand(read_infix(function)), seconds)


def status(engine: Fricas, function: str) -> Status | None:
    """What the first confirmed candidate makes of a row; None if there is none."""
    tokens = read_infix(function)
    for candidate in engine.integrate(Integrand(tokens), AMPLE).candidates:
        result = judge(tokens, candidate, "fricas", AMPLE)
        if result.status.success:
            return result.status
    return None


def children() -> set[psutil.Process]:
    return set(psutil.Process().children(recursive=True))


# -- answers ---------------------------------------------------------------------------------------------


@pytest.mark.engine
@pytest.mark.parametrize(
    "function",
    [
        *(
            "x*exp(x)",
            "sqrt(x+1)*sqrt(x)",
            "x*sqrt(2)",
            "sin(x)^3/cos(x)",
            "atan(x)",
            "x^(5/2)",
        ),
    ],
)
def test_elementary_answers(shared: Fricas, function: str) -> None:
    """Answers are right on the whole real domain."""
    assert status(shared, function) is Status.ELEMENTARY


@pytest.mark.engine
@pytest.mark.parametrize(
    "function",
    ["exp(-x^2)", "sin(x)/x", "1/log(x)", "cos(x^3)", "sin(x^2)", "x-cos(x^5)"],
)
def test_special_answers(shared: Fricas, function: str) -> None:
    """Closed forms with special functions are right on both sides of 0."""
    assert status(shared, function) is Status.SPECIAL


@pytest.mark.engine
@pytest.mark.parametrize("function", ["x^x", "exp(x^2)*log(x)", "x+sin(x)*log(log(x))", "sqrt(x^3+x+1)^x"])
def test_an_integral_left_over_is_a_verdict(shared: Fricas, function: str) -> None:
    """An integral in the answer, alone or next to an elementary part, rules out an elementary one."""
    answer = ask(shared, function)
    assert (answer.finding, answer.reason) == (Finding.NONELEMENTARY, "fricas")


@pytest.mark.engine
@pytest.mark.parametrize(
    ("function", "reason"),
    [
        ("erf(x)/x", "integral"),
        ("abs(x)", "notation:abs"),
        ("1/(x^3+x+1)", "notation:rootOf"),
        ("erfc(x)", "notation:erfc"),
        ("x*acosh(x+exp(1+x))", "incomplete"),
        ("exp(5*sqrt(sin(5*x)))", "incomplete"),
    ],
)
def test_what_is_no_verdict_is_unsolved(shared: Fricas, function: str, reason: str) -> None:
    """A special function, an unknown one, and a missing case of the algorithm decide nothing."""
    answer = ask(shared, function)
    assert (answer.finding, answer.reason) == (Finding.UNSOLVED, reason)


@pytest.mark.engine
@pytest.mark.parametrize("function", ["asin(x^2)", "acos(x^2)", "sqrt(-x/5+4/(5*x))", "sin(atan(x*x))"])
def test_its_wrong_answers_are_not_confirmed(shared: Fricas, function: str) -> None:
    """FriCAS 1.3.8 to 1.3.12 give these answers wrong, and the check finds it."""
    assert status(shared, function) is None


def test_complaints_have_a_word_each() -> None:
    """A missing case, an error inside FriCAS, and a line that it does not understand are told apart."""
    incomplete = b">>Errordetectedwithinlibrarycode:integrate:implementationincomplete(constantresidues)"
    answers = [
        module._read(text).reason for text in (incomplete, incomplete[:40], b"Cannotfindadefinition", b"?")
    ]
    assert answers == ["incomplete", "error", "not understood", "refused"]


# -- the process -----------------------------------------------------------------------------------------


@pytest.mark.engine
def test_fricas_stays_in_the_process_group(own: Fricas) -> None:
    """All of its processes are killed with the worker's group."""
    own.start()
    assert children()
    assert {os.getpgid(child.pid) for child in children()} == {os.getpgid(0)}


@pytest.mark.engine
def test_a_hard_one_is_cut_and_the_next_ones_answered(own: Fricas) -> None:
    """After each of thirty interrupts in a row the same process answers the next question right."""
    own.start()
    before = children()
    for _ in range(30):
        assert ask(own, HARD, 0.02).finding is Finding.CUT
        assert ask(own, "x*exp(x)").finding is Finding.SOLVED
    assert children() == before


@pytest.mark.engine
def test_a_cut_while_loading_does_no_harm(own: Fricas) -> None:
    """An interrupt may leave a half-loaded library behind: FriCAS is then replaced and asked again."""
    for seconds in (0.01, 0.03, 0.05, 0.07, 0.09):
        fresh = Fricas()
        assert ask(fresh, HARD, seconds).finding is Finding.CUT
        assert ask(fresh, "x*exp(x)").finding is Finding.SOLVED
        fresh.close()


@pytest.mark.engine
def test_a_dead_fricas_is_replaced(own: Fricas) -> None:
    """One that was killed is no reason to fail: the next question starts another."""
    others = children()
    own.start()
    (process,) = children() - others
    os.kill(process.pid, signal.SIGKILL)
    os.waitid(os.P_PID, process.pid, os.WEXITED | os.WNOWAIT)
    assert ask(own, "x").finding is Finding.SOLVED
    assert process not in children()
    assert len(children() - others) == 1


@pytest.mark.engine
def test_a_grown_fricas_is_replaced(own: Fricas, monkeypatch: pytest.MonkeyPatch) -> None:
    """One that has become too large is closed before the next question."""
    others = children()
    own.start()
    before = children() - others
    monkeypatch.setattr(module, "LARGEST", 1 << 20)
    assert ask(own, "x").finding is Finding.SOLVED
    assert before.isdisjoint(children())
    assert len(children() - others) == 1


@pytest.mark.engine
def test_an_old_fricas_is_replaced(own: Fricas, monkeypatch: pytest.MonkeyPatch) -> None:
    """It keeps whatever it has met, and gets slower: after so many questions another takes its place."""
    monkeypatch.setattr(module, "OLDEST", 5)
    others = children()
    seen = []
    for _ in range(4):
        assert ask(own, "x").finding is Finding.SOLVED
        seen.append(*(children() - others))
    assert seen[0] == seen[1], "three questions are its warming"
    assert seen[1] != seen[2] == seen[3]


def test_without_fricas_the_error_says_what_to_do(monkeypatch: pytest.MonkeyPatch) -> None:
    """The message names both ways to install it."""
    monkeypatch.setattr(process, "command", lambda: None)
    with pytest.raises(EngineLost, match=r"apt-get install fricas.*pip install passagemath-fricas"):
        ask(Fricas(), "x")


@pytest.mark.engine
async def test_a_call_pays_for_fricas(fricas: None) -> None:
    """The CPU seconds of a worker's call hold what FriCAS used, and FriCAS ends with the worker."""
    limits = CpuLimits(parse=AMPLE, engines=(("fricas", 0.5),), check=AMPLE)
    problem = Problem(index=0, prefix=" ".join(read_infix(HARD)), operators=6)
    async with Scheduler(workers=1) as scheduler:
        jobs = [(problem, limits)]
        async with scheduler.stream(solve_one, jobs) as results:
            (result,) = [result async for result in results]
        assert result.value.status is Status.TIMEOUT
        assert result.cpu_seconds > 0.5
        (pid,) = scheduler.pids
        descendants = psutil.Process(pid).children(recursive=True)
        assert {os.getpgid(process.pid) for process in descendants} == {pid}
    assert not any(process.is_running() for process in descendants)


def solve_one(job: tuple[Problem, CpuLimits]) -> object:
    return worker.solve(*job)


# -- the one from PyPI -----------------------------------------------------------------------------------


def test_the_build_from_pypi_is_found_without_a_system_one(tmp_path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Its engine is called directly, with the two directories that it needs in the environment."""
    package = tmp_path / "passagemath_fricas" / "__init__.py"
    target = tmp_path / "sage_wheels/lib/fricas/target/x86_64-pc-linux-gnu"
    script = tmp_path / "sage_wheels/bin/fricas"
    for file in (package, target / "bin/FRICASsys", script, tmp_path / "sage_wheels/lib/ecl-1.2/x"):
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text('FRICAS_VERSION="1.3.12"\n')
    monkeypatch.setattr(locator.shutil, "which", lambda _: None)
    monkeypatch.syspath_prepend(tmp_path)
    assert locator.command() == [str(target / "bin/FRICASsys"), "-noclef"]
    assert locator.version() == "1.3.12"
    wanted = {"FRICAS": str(target), "ECLDIR": f"{tmp_path}/sage_wheels/lib/ecl-1.2/"}
    assert locator.environment() == wanted
