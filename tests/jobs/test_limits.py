"""Which engines a run uses: what a choice means, and what is refused."""

import dataclasses
from pathlib import Path

import pytest

from asyncgen.jobs.labelling import scheduler_settings, solver
from asyncgen.jobs.limits import Limits, Workforce, choose
from asyncgen.jobs.run import RunSettings
from asyncgen.mathematics.engines import catalogue
from asyncgen.problems.configuration import spec_for
from asyncgen.problems.errors import UsageError
from asyncgen.problems.records import TrainedModel


@pytest.fixture
def with_fricas(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(catalogue.locator, "command", lambda: ["fricas"])


@pytest.fixture
def without_fricas(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(catalogue.locator, "command", lambda: None)


@pytest.mark.usefixtures("with_fricas")
def test_auto_is_ours_and_fricas_where_it_is_installed():
    """FriCAS comes after it, for what it leaves undecided, with the same CPU seconds."""
    order = choose("auto", 2.0)
    assert [name for name, _ in order] == ["risch", "fricas"]
    assert order[0][1] == order[1][1] > 0


@pytest.mark.usefixtures("with_fricas")
def test_sympy_after_fricas_gets_few_seconds():
    """It only catches what FriCAS misses."""
    first, second = choose("fricas,sympy-risch", 2.0)
    assert first[1] > second[1] > 0


@pytest.mark.usefixtures("without_fricas")
def test_auto_is_ours_alone_where_there_is_no_fricas():
    """SymPy is asked only where it is named."""
    assert choose("auto", 2.0) == choose("risch", 2.0)
    assert [name for name, _ in choose("sympy", 2.0)] == ["sympy-risch", "integrate"]


@pytest.mark.usefixtures("with_fricas")
def test_cpu_seconds_can_be_named():
    """Engines run in the order given."""
    assert choose("integrate=0.7, fricas=0.25", 2.0) == (("integrate", 0.7), ("fricas", 0.25))


@pytest.mark.parametrize("timeout", [0.1, 2.0, 30.0])
@pytest.mark.parametrize("text", ["auto", "sympy", "sympy-risch", "integrate"])
def test_cpu_limits_grow_with_the_timeout_and_fit_into_it(text: str, timeout: float):
    """All stages together leave a part of the wall-clock limit."""
    found = Limits(timeout=timeout, engines=text).cpu
    total = found.parse + found.check + sum(seconds for _, seconds in found.engines)
    assert total <= timeout
    assert found.engines[-1][1] == pytest.approx(choose(text, 1.0)[-1][1] * timeout)


def test_the_choice_is_read_once(monkeypatch: pytest.MonkeyPatch):
    """What a run's limits come to is decided where they are made: setting up, solving and recording agree."""
    limits = Limits(timeout=8.0, engines="sympy-risch=2")
    monkeypatch.setattr(catalogue, "named_orders", lambda: pytest.fail("it was read again"))
    scheduler_settings(limits, Workforce(workers=1))
    assert solver(limits).keywords["limits"] is limits.cpu  # type: ignore[attr-defined]
    assert limits.as_dict()["engines_cpu_seconds"] == {"sympy-risch": 2.0}


def test_each_recorded_limit_names_its_unit():
    """So that five seconds of one clock are never taken for five of another."""
    units = ("_wall_seconds", "_cpu_seconds", "_bytes")
    assert all(name.endswith(units) for name in Limits(engines="integrate").as_dict())


MODEL = TrainedModel("/models/small", "5a" * 32, beam=10)


@pytest.fixture
def with_pytorch(monkeypatch: pytest.MonkeyPatch) -> None:
    entry = catalogue.ENGINES["model"]
    program = dataclasses.replace(entry.program, is_installed=lambda: True)  # type: ignore[type-var]
    monkeypatch.setitem(catalogue.ENGINES, "model", dataclasses.replace(entry, program=program))


@pytest.mark.usefixtures("with_pytorch")
def test_a_model_is_recorded_by_its_weights():
    """A copy of its folder is the same model; other weights are another one, and so is another beam."""
    limits = Limits(engines="risch,model", model=MODEL)
    assert limits.cpu.model == MODEL
    said = limits.as_dict()
    assert (said["model_weights_sha256"], said["model_beam"]) == ("5a" * 32, 10)
    assert MODEL.folder not in map(str, said.values())
    moved = dataclasses.replace(MODEL, folder="/elsewhere")
    assert Limits(engines="risch,model", model=moved).as_dict() == said
    other = dataclasses.replace(MODEL, beam=50)
    assert Limits(engines="risch,model", model=other).as_dict() != said


@pytest.mark.usefixtures("with_pytorch")
def test_workers_have_one_thread_before_they_are_forked():
    """The process that they are copies of is told so, and each of them loads the model."""
    settings = scheduler_settings(Limits(engines="risch,model", model=MODEL), Workforce(workers=1))
    assert settings.preload[-1] == "asyncgen.learn.engine:use_one_thread"
    assert settings.initargs == (["risch", "model"], MODEL)


@pytest.mark.usefixtures("with_pytorch")
@pytest.mark.parametrize(
    ("engines", "model", "complaint"),
    [
        ("risch,model", None, "model asks a trained model: give its folder, --model FOLDER"),
        ("risch", MODEL, "no engine of --engines risch asks a model: name model among them"),
    ],
)
def test_an_engine_and_its_model_go_together(engines: str, model: TrainedModel | None, complaint: str):
    """Neither without the other."""
    with pytest.raises(UsageError, match=complaint):
        Limits(engines=engines, model=model)


@pytest.mark.usefixtures("with_pytorch")
def test_nodes_of_a_cluster_are_asked_for_no_model():
    """Its folder is on this machine; the order is refused before anybody is told of it."""
    order = pytest.importorskip("asyncgen.cluster.order")
    settings = RunSettings(limits=Limits(engines="risch,model", model=MODEL))
    with pytest.raises(UsageError, match="nodes of a cluster have no such folder"):
        order.Order(store=Path("rows.db"), spec=spec_for(), indices=range(3), settings=settings)


def test_rows_that_no_engine_is_asked_for_have_no_model():
    """Nor do their runs name one."""
    assert Limits(engines=None).as_dict().keys() == Limits(engines="risch").as_dict().keys()
    with pytest.raises(UsageError, match="no engine"):
        Limits(engines=None, model=MODEL)


def test_limits_of_another_choice_are_others():
    """`dataclasses.replace` reads the new choice."""
    assert dataclasses.replace(Limits(engines="sympy-risch"), engines="manual").cpu.engines[0][0] == "manual"


@pytest.mark.usefixtures("with_fricas")
@pytest.mark.parametrize(
    ("text", "complaint"),
    [
        ("sympy-rich", "did you mean sympy-risch"),
        ("", "no engine is called ''"),
        ("sympy-risch,sympy-risch", "named twice"),
        ("auto,fricas", "named twice"),
        ("sympy-risch=soon", "no number of CPU seconds"),
        ("sympy-risch=nan", "no number of CPU seconds"),
        ("sympy-risch=-1", "no number of CPU seconds"),
        ("integrate=5", "give --timeout 6.67 or more"),
    ],
)
def test_a_choice_that_cannot_work_is_refused(text: str, complaint: str):
    """In one line that says what to do."""
    with pytest.raises(UsageError, match=complaint) as caught:
        choose(text, 2.0)
    assert "\n" not in str(caught.value)


@pytest.mark.usefixtures("without_fricas")
def test_asking_for_fricas_without_it_says_how_to_add_it():
    """Not a run full of errors."""
    with pytest.raises(UsageError, match="apt-get install fricas"):
        choose("fricas", 2.0)
