"""Rules of kinds that derive, split, look up, substitute: backward, parts, parts-lookup, substitution."""

import subprocess
import sys
from collections import Counter
from functools import cache

import make_known_pairs
import pytest
from constructed import agreeing_places

from asyncgen.mathematics.check import Verdict, check
from asyncgen.mathematics.forms.canonical import Canonical
from asyncgen.mathematics.forms.derivation import Derivation
from asyncgen.mathematics.forms.reading import field_for, read
from asyncgen.mathematics.forms.writing import Writer
from asyncgen.mathematics.kinds.construction import Row
from asyncgen.mathematics.kinds.known_pairs import Lookup
from asyncgen.mathematics.kinds.pairs import derivative_pair
from asyncgen.mathematics.kinds.parts import splits
from asyncgen.problems.configuration import load_configuration, specification
from asyncgen.problems.infix import read_infix
from asyncgen.problems.infix_text import to_infix
from asyncgen.problems.known_pairs import known_pairs, path
from asyncgen.problems.published import operators_of
from asyncgen.problems.records import CpuLimits, Outcome, Status
from asyncgen.problems.spec import Spec
from asyncgen.sampler import Sampler
from asyncgen.worker import solve

KINDS = ("backward", "parts", "parts-lookup", "substitution")
NO_ENGINES = CpuLimits(engines=())


def spec_of(kind: str, preset: str | None = None, **style: bool) -> Spec:
    configuration = load_configuration(None, preset, kind)
    return specification(configuration, configuration.laws, seed=5, **style)


@cache
def outcomes(spec: Spec, count: int) -> list[Outcome]:
    sampler = Sampler(spec)
    return [solve(sampler.problem(index), NO_ENGINES, spec) for index in range(count)]


def rows(spec: Spec, count: int) -> list[Outcome]:
    """The rows that are confirmed."""
    return [outcome for outcome in outcomes(spec, count) if outcome.success]


@pytest.mark.parametrize("kind", KINDS)
def test_rows_are_right_by_mpmath(kind: str) -> None:
    """The numerical derivative of the answer, by code that shares nothing with ours, is the problem."""
    found = rows(spec_of(kind), 60)
    parts = [(row.problem_prefix.split(), row.answer_prefix.split()) for row in found]
    places = [agreeing_places(Row(tuple(problem), tuple(answer), 0)) for problem, answer in parts]
    assert len(found) > 50
    assert sum(count > 0 for count in places) > 40


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("preset", ["lample-charton", "intclass"])
def test_nearly_every_index_has_a_row(kind: str, preset: str) -> None:
    """Hardly any row is unverified, none is wrong, and none is an error."""
    found = Counter(outcome.status for outcome in outcomes(spec_of(kind, preset), 100))
    assert found[Status.ELEMENTARY] >= 95
    assert set(found) <= {Status.ELEMENTARY, Status.UNVERIFIED, Status.DEGENERATE}


@pytest.mark.parametrize("kind", KINDS)
def test_a_row_depends_on_its_index_alone(kind: str) -> None:
    """Backwards, and with other hashes of strings in another process, the rows are the same."""
    spec = spec_of(kind)
    forwards = [
        (outcome.problem_prefix, outcome.answer_prefix, outcome.dropped) for outcome in outcomes(spec, 20)
    ]
    program = (
        "import sys\n"
        "from asyncgen.problems.records import CpuLimits\n"
        "from asyncgen.problems.spec import parse_spec\n"
        "from asyncgen.sampler import Sampler\n"
        "from asyncgen.worker import solve\n"
        "spec = parse_spec(sys.argv[1])\n"
        "sampler = Sampler(spec)\n"
        "found = [solve(sampler.problem(i), CpuLimits(engines=()), spec) for i in reversed(range(20))]\n"
        "print([(o.problem_prefix, o.answer_prefix, o.dropped) for o in reversed(found)])\n"
    )
    done = subprocess.run(
        [sys.executable, "-c", program, spec.canonical()],
        env={"PYTHONHASHSEED": "17"},
        capture_output=True,
        text=True,
        check=True,
    )
    assert done.stdout.strip() == str(forwards)


def test_structural_rows_are_the_same_functions_at_greater_length() -> None:
    """The shorter of two forms is never longer than the structural one."""
    for text in ("(x + 1)**3*exp(x) + x*(x + 1)", "sin(x)*(x**2 + x)**2 + exp(x)/(x + 1)"):
        shortest, structural = (
            derivative_pair(read_infix(text), structural=style) for style in (False, True)
        )
        assert len(shortest.integrand) <= len(structural.integrand)


@pytest.mark.parametrize("kind", KINDS)
def test_published_rows_have_the_published_notation_and_filters(kind: str) -> None:
    """No subtraction, and at least half of the drawn operators in the answer."""
    for row in rows(spec_of(kind, published=True), 40):
        tokens = row.problem_prefix.split() + row.answer_prefix.split()
        assert not {"sub", "inv", "pow2", "pow3"} & set(tokens)
        assert 2 * operators_of(row.answer_prefix.split()) >= row.operators


@pytest.mark.parametrize(
    ("text", "integrand", "antiderivative"),
    [
        ("x**2 + 3", "2*x", "x**2"),
        ("pi + x*exp(x)", "exp(x)*(x + 1)", "x*exp(x)"),
        ("(x**3 + 2*x)/x", "2*x", "x**2"),
        ("x**x", "x**x*(log(x) + 1)", "x**x"),
        ("tan(x)", "tan(x)**2 + 1", "tan(x)"),
        ("abs(x)", "sign(x)", "Abs(x)"),
    ],
)
def test_derivatives_by_hand(text: str, integrand: str, antiderivative: str) -> None:
    """Without constants that are terms, each part as people write it."""
    assert tuple(map(to_infix, derivative_pair(read_infix(text)))) == (integrand, antiderivative)


def test_splits_are_the_parts_of_a_product() -> None:
    """Every product of some factors to some powers, with x in it."""
    f = read(field_for(read_infix("x**2*exp(x)*sin(3)")), read_infix("x**2*exp(x)*sin(3)"))
    found = {Canonical(f.field).without_constants(part) for part in splits(f)}
    assert found == {"x", "x^2", "exp(1*x)", "exp(1*x)*x", "exp(1*x)*x^2"}


def test_what_the_table_knows_is_right() -> None:
    """Looked up, the derivative of an antiderivative of the table gives one that the check confirms."""
    found = missed = 0
    for known in list(known_pairs().values())[::9]:
        tokens = known.antiderivative.split()
        f = read(field_for(tokens, extra=8), tokens)
        write = Writer(f.field)
        slope = Derivation(f.field)(f)
        primitive = Lookup(Canonical(f.field), known_pairs()).antiderivative(slope)
        if primitive is None:  # it has another form than the one that was met first
            missed += 1
            continue
        found += 1
        assert check(write(slope), write(primitive)).verdict is Verdict.CONFIRMED
    assert missed < found / 4


@pytest.mark.long
@pytest.mark.timeout(300)
def test_the_table_is_what_its_maker_makes() -> None:
    """The tool that made the table makes it again, to the letter."""
    assert make_known_pairs.content() == path().read_text()
