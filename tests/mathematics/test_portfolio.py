"""Engines in order: which answer wins, and what is left where none does."""

from collections.abc import Callable, Iterator
from dataclasses import replace

import pytest

from asyncgen.mathematics.engines import catalogue, sympy_engines
from asyncgen.mathematics.engines.catalogue import engine
from asyncgen.mathematics.engines.interface import Answer, Finding, Integrand, Tokens
from asyncgen.mathematics.engines.portfolio import solve
from asyncgen.problems.errors import UsageError
from asyncgen.problems.records import CpuLimits, Status

COSINE = ("cos", "x")


class Stub:
    """An engine that answers what it was told to, or raises it."""

    def __init__(self, name: str, answer: Answer | Exception) -> None:
        self.name = name
        self.answer = answer
        self.seconds: float | None = None
        self.entry = catalogue.Entry(home="none")

    def integrate(self, integrand: Integrand, seconds: float) -> Answer:
        self.seconds = seconds
        if isinstance(self.answer, Exception):
            raise self.answer
        return self.answer


Install = Callable[..., CpuLimits]


@pytest.fixture
def install(monkeypatch: pytest.MonkeyPatch) -> Install:
    """Put stubs in the place of the engines; returns limits that name them in order."""

    def put(*stubs: Stub) -> CpuLimits:
        monkeypatch.setattr(catalogue, "ENGINES", {stub.name: stub.entry for stub in stubs})
        monkeypatch.setattr(catalogue, "_started", {(stub.name, None): stub for stub in stubs})
        return CpuLimits(engines=tuple((stub.name, 1.0) for stub in stubs))

    return put


def solved(*candidates: str) -> Answer:
    return Answer(Finding.SOLVED, tuple(tuple(text.split()) for text in candidates))


def test_a_wrong_answer_is_refuted_and_the_next_engine_tried(install: Install) -> None:
    """No engine is trusted: its answer must pass the check before it ends the search."""
    limits = install(Stub("wrong", solved("cos x")), Stub("right", solved("sin x")))
    result = solve(Integrand(COSINE), limits)
    assert (result.status, result.engine) == (Status.ELEMENTARY, "right")


def test_a_refuted_answer_is_kept_as_evidence(install: Install) -> None:
    """A wrong answer that nothing betters is stored, with what the check said of it."""
    result = solve(Integrand(COSINE), install(Stub("wrong", solved("cos x"))))
    assert result.status is Status.UNVERIFIED
    assert (result.answer, result.reason) == (("cos", "x"), "refuted")


def test_the_candidate_that_holds_is_chosen(install: Install) -> None:
    """Of several candidates the confirmed one is the answer, wherever it stands."""
    limits = install(Stub("several", solved("cos x", "inv sub x x", "sin x")))
    assert solve(Integrand(COSINE), limits).answer == ("sin", "x")


def test_an_answer_right_in_part_outranks_a_refuted_one(install: Install) -> None:
    """Among unverified answers the one of which more was confirmed is kept."""
    limits = install(Stub("part", solved("div pow2 x INT+ 2")), Stub("wrong", solved("x")))
    result = solve(Integrand(("abs", "x")), limits)
    assert (result.reason, result.engine) == ("branch:x<0", "part")


def test_an_exception_is_an_error_with_its_name(install: Install) -> None:
    """What an engine raises is recorded, in one line, and the next engine tried."""
    broken = Stub("broken", AttributeError("no such\nthing"))
    alone = solve(Integrand(COSINE), install(broken))
    assert (alone.status, alone.reason) == (Status.ERROR, "AttributeError: no such thing")
    limits = install(broken, Stub("right", solved("sin x")))
    assert solve(Integrand(COSINE), limits).status is Status.ELEMENTARY


@pytest.mark.parametrize(
    ("raised", "status"), [(MemoryError(), Status.MEMORY), (RecursionError(), Status.ERROR)]
)
def test_exhaustion_is_an_outcome(install: Install, raised: Exception, status: Status) -> None:
    """Running out of memory or stack inside an engine does not end the worker."""
    assert solve(Integrand(COSINE), install(Stub("greedy", raised))).status is status


def guessed(*candidates: str) -> Answer:
    return replace(solved(*candidates), finding=Finding.GUESSED)


def test_a_guess_that_is_right_is_an_answer(install: Install) -> None:
    """The first of them, whatever was wrong before, and in plain numbers."""
    limits = install(Stub("first", guessed("cos x", "mul div INT+ 2 INT+ 2 sin x", "sin x")))
    result = solve(Integrand(COSINE), limits)
    assert (result.status, result.engine, result.answer) == (Status.ELEMENTARY, "first", ("sin", "x"))


@pytest.mark.parametrize("before", [Answer(Finding.CUT), Answer(Finding.UNSOLVED, reason="integral")])
def test_wrong_guesses_change_nothing(install: Install, before: Answer) -> None:
    """A cut engine may be given more time later; otherwise the row says that there were guesses."""
    alone = solve(Integrand(COSINE), install(Stub("before", before)))
    limits = install(Stub("before", before), Stub("guessing", guessed("cos x", "div x INT+ 0", "x")))
    found = solve(Integrand(COSINE), limits)
    assert (found.status, found.answer) == (alone.status, None)
    assert found.reason == ("cpu:before" if found.status is Status.TIMEOUT else "guesses")


def test_a_guess_that_is_right_on_a_part_is_evidence(install: Install) -> None:
    """As an engine's answer is."""
    limits = install(Stub("first", guessed("x", "div pow2 x INT+ 2", "pow3 x")))
    result = solve(Integrand(("abs", "x")), limits)
    assert (result.status, result.reason) == (Status.UNVERIFIED, "branch:x<0")
    assert result.answer == ("div", "pow2", "x", "INT+", "2")


def test_guesses_are_tried_within_the_engines_seconds(install: Install) -> None:
    """Those behind are not looked at, and the row says that there were more."""
    limits = install(Stub("first", guessed("cos x", "sin x")))
    for seconds, status in ((1.0, Status.ELEMENTARY), (-1.0, Status.TIMEOUT)):
        result = solve(Integrand(COSINE), replace(limits, engines=(("first", seconds),)))
        assert result.status is status
    assert result.reason == "cpu:first"


def test_an_engine_that_asks_a_model_needs_one() -> None:
    """Limits without a model cannot name it."""
    asking = next(name for name, entry in catalogue.ENGINES.items() if entry.asks_model)
    with pytest.raises(UsageError, match="asks a trained model"):
        engine(asking)


def test_a_cut_is_a_timeout_and_never_unsolved(install: Install) -> None:
    """An engine that was cut leaves the question open, whatever the others say."""
    cut, empty = Stub("cut", Answer(Finding.CUT)), Stub("empty", Answer(Finding.UNSOLVED))
    for limits in (install(cut, empty), install(empty, cut)):
        result = solve(Integrand(COSINE), limits)
        assert (result.status, result.reason) == (Status.TIMEOUT, "cpu:cut")


def test_after_a_proof_the_others_get_a_short_try(install: Install) -> None:
    """A special form outranks a proof of nonelementarity, but is not looked for at length."""
    proof = Stub("proof", Answer(Finding.NONELEMENTARY, reason="sympy-risch"))
    empty = Stub("empty", Answer(Finding.CUT))
    result = solve(Integrand(COSINE), install(proof, empty))
    assert (result.status, result.reason) == (Status.NONELEMENTARY, "sympy-risch")
    assert empty.seconds is not None
    assert empty.seconds < 1


def proof_by(name: str) -> Stub:
    return Stub(name, Answer(Finding.NONELEMENTARY, reason=f"said by {name}"))


GAUSS = ("exp", "pow2", "x")
ERFI = "div mul sqrt pi erfi x INT+ 2"


def test_a_verdict_names_the_engine_that_proved_it(install: Install) -> None:
    """Its proof is part of the row, next to its words."""
    result = solve(Integrand(GAUSS), install(proof_by("one")))
    assert (result.status, result.engine, result.proof, result.reason) == (
        Status.NONELEMENTARY,
        "one",
        "one",
        "said by one",
    )


def test_the_first_of_two_proofs_stays(install: Install) -> None:
    """With its engine and its words: a row speaks with one voice."""
    cut = Stub("cut", Answer(Finding.CUT))
    result = solve(Integrand(GAUSS), install(cut, proof_by("one"), proof_by("two"), cut))
    assert (result.engine, result.proof, result.reason) == ("one", "one", "said by one")


def test_a_special_form_keeps_the_proof_that_came_before(install: Install) -> None:
    """exp(x**2): the answer with erfi is confirmed, and that there is no elementary one is proven."""
    result = solve(Integrand(GAUSS), install(proof_by("one"), proof_by("two"), Stub("form", solved(ERFI))))
    assert (result.status, result.engine, result.proof, result.reason) == (
        Status.SPECIAL,
        "form",
        "one",
        None,
    )


def test_an_engine_may_give_a_special_form_next_to_its_proof(install: Install) -> None:
    """Both are in the row, which is special; the form is checked like any other."""
    wrong, right = (tuple(text.split()) for text in ("erfi x", ERFI))
    alone = Stub("own", Answer(Finding.NONELEMENTARY, (wrong, right), "said by own"))
    result = solve(Integrand(GAUSS), install(alone))
    assert (result.status, result.engine, result.proof, result.answer) == (
        Status.SPECIAL,
        "own",
        "own",
        right,
    )


def broken_search() -> Iterator[Tokens]:
    yield ("x",)
    raise RuntimeError


def test_a_proof_outlives_its_wrong_and_broken_forms(install: Install) -> None:
    """A form that the check refutes, and one whose making fails, take nothing from the verdict."""
    result = solve(
        Integrand(GAUSS), install(Stub("own", Answer(Finding.NONELEMENTARY, broken_search(), "said by own")))
    )
    assert (result.status, result.proof, result.reason, result.answer) == (
        Status.NONELEMENTARY,
        "own",
        "said by own",
        None,
    )


def test_an_elementary_form_next_to_a_proof_contradicts_it(install: Install) -> None:
    """An engine can be wrong about itself, too."""
    own = Stub("own", Answer(Finding.NONELEMENTARY, (("sin", "x"),)))
    result = solve(Integrand(COSINE), install(own))
    assert (result.status, result.proof, result.reason) == (Status.ELEMENTARY, None, "contradicts:own")


def test_after_a_thorough_proof_nobody_is_asked(install: Install) -> None:
    """An engine that has looked for special functions itself has the last word."""
    proof, other = proof_by("thorough"), Stub("other", solved(ERFI))
    proof.entry = catalogue.Entry(home="none", thorough=True)
    result = solve(Integrand(GAUSS), install(proof, other))
    assert (result.status, result.proof) == (Status.NONELEMENTARY, "thorough")
    assert other.seconds is None


def test_a_special_form_without_a_proof_has_none(install: Install) -> None:
    """Nobody has asked whether there is an elementary one."""
    assert solve(Integrand(GAUSS), install(Stub("form", solved(ERFI)))).proof is None


def test_a_confirmed_elementary_answer_wins_over_a_proof(install: Install) -> None:
    """The answer was checked and the proof was not; the reason tells whose proof was wrong."""
    result = solve(Integrand(COSINE), install(proof_by("hasty"), Stub("right", solved("sin x"))))
    assert (result.status, result.engine, result.proof, result.reason) == (
        Status.ELEMENTARY,
        "right",
        None,
        "contradicts:hasty",
    )


def test_an_answer_that_is_not_confirmed_takes_no_proof_away(install: Install) -> None:
    """Nor does an engine that fails."""
    wrong, broken = Stub("wrong", solved("x")), Stub("broken", ValueError())
    result = solve(Integrand(GAUSS), install(wrong, proof_by("one"), wrong, broken))
    assert (result.status, result.proof, result.answer) == (Status.NONELEMENTARY, "one", None)


def test_an_unknown_engine_is_a_usage_error() -> None:
    """A misspelt engine is answered with the nearest name."""
    with pytest.raises(UsageError, match="did you mean sympy-risch"):
        engine("sympy-rich")


def test_risch_does_not_pass_off_its_heuristic_as_a_proof(monkeypatch: pytest.MonkeyPatch) -> None:
    """A verdict that rests on the heuristic's silence is withdrawn."""
    function = Integrand(("exp", "pow2", "x"))
    assert engine("sympy-risch").integrate(function, 5).finding is Finding.NONELEMENTARY
    monkeypatch.setattr(sympy_engines, "risch_integrate", _doubtful)
    answer = engine("sympy-risch").integrate(function, 5)
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
