"""What becomes of a record: lines written by hand, whose verdicts are known."""

import pytest

from asyncgen.datasets.importing.columns import Columns
from asyncgen.datasets.importing.judging import Judged, Limits, judge, unjudged
from asyncgen.datasets.importing.records import Layout, Record
from asyncgen.problems.records import Status
from asyncgen.problems.tokens import ALL_LEAVES, read_prefix

PUBLISHED = Layout("prefix")
CELLS = Layout("csv", columns=Columns("integrand", "integral", "kind", "success"))


def judged(line: str | bytes, layout: Layout = PUBLISHED, limits: Limits = Limits()) -> Judged:  # noqa: B008
    content = line.encode() if isinstance(line, str) else line
    (found,) = judge([Record(7, content)], layout, limits)
    return found


def cells(*values: object, layout: Layout = CELLS) -> Judged:
    (found,) = judge([Record(7, (*values, *(None,) * (4 - len(values))))], layout, Limits())
    return found


def said(line: str | bytes) -> tuple[str, str | None]:
    """Status and reason of a published line."""
    outcome = judged(line).outcome
    return str(outcome.status), outcome.reason


@pytest.mark.parametrize(
    ("line", "status", "reason"),
    [
        ("sub Y' cos x\tsin x", "elementary", None),
        ("12|sub Y' cos x\tsin x", "elementary", None),
        ("cos x\tsin x", "elementary", None),
        ("x*cos(x**2)\tsin(x**2)/2", "elementary", None),
        ("sub Y' cos x\tadd INT- 7 sin x", "elementary", None),
        ("sub Y' exp mul INT- 1 pow2 x\tmul div sqrt pi INT+ 2 erf x", "special", None),
        ("sub Y' cos x\tcos x", "unverified", "refuted"),
        ("sub Y' cos x\tmul INT- 1 sin x", "unverified", "refuted"),
        ("sub Y' div x abs x\tx", "unverified", "branch:x<0"),
        ("sub Y' INT+ 5\tmul INT+ 5 x", "degenerate", "constant"),
        ("sub Y' ln INT+ 0\tx", "degenerate", "infinite"),
        ("sub Y' cos x\t", "unsolved", "no answer"),
        ("sub Y' cos x\t   ", "unsolved", "no answer"),
    ],
)
def test_an_integral_has_its_verdict(line: str, status: str, reason: str | None):
    """Right, right up to a constant, with special functions, wrong, wrong on a part, no function, none."""
    assert said(line) == (status, reason)


@pytest.mark.parametrize(
    ("line", "kind", "status", "reason"),
    [
        ("sub Y' Y\tmul a8 exp x", "ode1", "elementary", None),
        ("3|add Y'' Y\tadd mul a8 sin x mul a9 cos x", "ode2", "elementary", None),
        ("sub Y' Y\tmul a8 exp mul INT+ 2 x", "ode1", "unverified", "refuted"),
        ("sub Y' Y\texp x", "ode1", "unverified", "constants"),
        ("sub Y' x\tadd a8 div pow2 x INT+ 2", "ode1", "elementary", None),
        ("sub Y' x\tadd pi div pow2 x INT+ 2", "forward", "elementary", None),
        ("add Y'' Y\tadd mul a8 sin x mul a9 sin x", "ode2", "unverified", "constants"),
    ],
)
def test_an_equation_is_told_by_its_unknowns(line: str, kind: str, status: str, reason: str | None):
    """It has the kind of its order, and its solution is checked with a8 and a9 as constants."""
    outcome = judged(line).outcome
    assert (outcome.kind, outcome.status, outcome.reason) == (kind, status, reason)


def test_a_solution_that_holds_on_a_part_is_one_that_export_takes_on_part():
    """Its reason has the share of the points, as that of rows that are built."""
    status, reason = said("sub Y' Y\tmul a8 exp abs x")
    assert status == "unverified"
    assert 0.2 < float(reason.removeprefix("part:")) < 1


@pytest.mark.parametrize(
    ("line", "reason"),
    [
        ("sub Y' sinn x\tx", "column 8: unknown token 'sinn'"),
        (
            "sub Y' mul INT+ 12 x\tx",
            "column 17: unknown token '12': the digits of an integer stand apart, write INT+ 1 2",
        ),
        ("1|sub Y' cos x\tadd x sinn x", "column 22: unknown token 'sinn'"),
        ("-3|sub Y' cos x\tsin x", "column 1: '-3' is no count, and nothing else stands before a bar"),
        ("sub Y' cos x", "column 13: a tab and an answer are expected"),
        ("sub Y' mul x co", "column 16: a tab and an answer are expected"),
        ("sub Y' cos x\tsin x\tx", "column 19: a line has one tab, before the answer"),
        ("sub Y' cos x\tmul x", "column 14: 'mul' needs 2 operands"),
        ("sub Y' mul a8 x\tx", "column 12: unknown token 'a8'"),
        ("sub Y' Y\tmul a9 exp x", "column 14: unknown token 'a9'"),
        ("sub Y x\texp x", "column 1: an equation needs Y' or Y''"),
        (b"sub Y' cos x\tsin \xff", "column 18: byte 0xff is not UTF-8"),
        (f"sub Y' cos x\t{'x' * 100_001}", "column 14: more than 100000 characters: too long for a function"),
    ],
)
def test_what_cannot_be_read_has_its_column(line: str | bytes, reason: str):
    """The column of the line, counted from 1."""
    assert said(line) == ("error", f"unreadable:{reason}")


@pytest.mark.parametrize(
    ("values", "reason"),
    [
        (("cos(x)+", "x"), "integrand, column 8: the function ends here, but an operand is missing"),
        (("cos(x)", "sin(y)"), "integral, column 5: unknown name 'y'"),
        ((5, "x"), "integrand: text is expected, not 5"),
        ((None, "x"), "integrand, column 1: no function here"),
        (("Y' - Y", "a8*exp(x)"), "integrand, column 1: an equation is read in prefix notation only"),
        ((b"\xff", "x"), "integrand, column 1: byte 0xff is not UTF-8"),
    ],
)
def test_a_cell_that_cannot_be_read_has_its_name_and_column(values: tuple[object, ...], reason: str):
    """The column counts within the cell."""
    outcome = cells(*values).outcome
    assert outcome.status is Status.ERROR
    assert outcome.reason.startswith(f"unreadable:{reason}")


@pytest.mark.parametrize(
    ("line", "problem"), [("sub Y' sinn x\tx", ""), ("sub Y' cos x\tsinn x", "cos x"), ("\x1b[2J\tx", "")]
)
def test_a_row_holds_nothing_that_cannot_be_read(line: str, problem: str):
    """A problem is there if it was read, and no answer."""
    outcome = judged(line).outcome
    assert (outcome.problem_prefix, outcome.answer_prefix, outcome.integral) == (problem, None, None)


def test_a_long_line_is_not_checked():
    """More tokens than are wanted of problem or answer: how many, and no verdict, though it is wrong."""
    long = " ".join(["add x"] * 300 + ["x"])
    assert said(f"sub Y' cos x\t{long}") == ("unverified", "length:601")
    assert said(f"sub Y' {long}\tx") == ("unverified", "length:601")
    assert judged(f"sub Y' {long}\tx").form is None
    assert judged("sub Y' cos x\tsin x", limits=Limits(max_tokens=2)).outcome.success
    assert judged("sub Y' cos x\tsin x", limits=Limits(max_tokens=1)).outcome.reason == "length:2"


def test_the_form_of_an_answer_is_told():
    """As of rows whose answers we have found ourselves: log(x) is not real where 1/x is."""
    outcome = judged("sub Y' inv x\tln x").outcome
    assert (outcome.continuous, outcome.real, outcome.real_answer) == ("yes", "no", "log(Abs(x))")
    assert outcome.engine is None


def test_a_constant_keeps_a_right_integral_only():
    """The answer is kept in tokens whatever it is."""
    right, wrong = (judged(f"sub Y' INT+ 5\t{answer}").outcome for answer in ("mul INT+ 5 x", "pow2 x"))
    assert (right.integral, wrong.integral) == ("5*x", None)
    assert wrong.answer_prefix == "pow2 x"


@pytest.mark.parametrize(
    ("success", "status"),
    [
        (1, "elementary"),
        (0, "unsolved"),
        (False, "unsolved"),
        ("False", "unsolved"),
        (b"0", "unsolved"),
        (None, "elementary"),
        ("", "elementary"),
    ],
)
def test_a_record_without_success_has_no_answer(success: object, status: str):
    """Whatever its answer is; a success that is claimed is checked like any other."""
    assert cells("cos(x)", "sin(x)", None, success).outcome.status == status
    assert cells("cos(x)", "cos(x)", None, 1).outcome.reason == "refuted"


def test_a_kind_comes_from_its_column():
    """An unknown one, or one that does not fit, is a fault only in a column that somebody has named."""
    assert cells("cos(x)", "sin(x)", "parts").outcome.kind == "parts"
    assert cells("cos(x)", "sin(x)", "easy").outcome.kind == "forward"
    assert cells("sub Y' Y", "mul a8 exp x", "forward").outcome.kind == "ode1"
    named = Layout("csv", "backward", Columns("integrand", "integral", "kind", kind_named=True))
    assert cells("cos(x)", "sin(x)", "", layout=named).outcome.kind == "backward"
    unknown = cells("cos(x)", "sin(x)", "easy", layout=named).outcome
    assert unknown.reason.startswith("unreadable:kind: there is no kind 'easy'; there are: forward")
    other = cells("sub Y' Y", "mul a8 exp x", "parts", layout=named).outcome
    assert other.reason == "unreadable:kind: the problem is an equation, not parts"


@pytest.mark.parametrize(
    ("line", "reason"),
    [
        (b'{"integrand": "x"}', "the object has no 'integral'"),
        (b"[1]", "a JSON object is expected, not [1]"),
        (b'{"integrand": "cos(x)", "integral": "sin(', "column 37: no JSON: Unterminated string"),
        (b'{"integrand": 5, "integral": "x"}', "integrand: text is expected, not 5"),
        (b'{"integrand": {"a": 1}, "integral": "x"}', 'integrand: text is expected, not {"a": 1}'),
        (b"9" * 5000, "a number of thousands of digits"),
        (b"[" * 100_000, "JSON that is nested too deeply"),
        (b'{"integrand": "\xff"}', "column 16: byte 0xff is not UTF-8"),
    ],
)
def test_a_line_that_is_no_such_object_is_told(line: bytes, reason: str):
    """Wrong types, a line that was cut off, and what would be too much for the reader."""
    layout = Layout("jsonl", columns=Columns("integrand", "integral"))
    assert judged(line, layout).outcome.reason == f"unreadable:{reason}"


def test_the_same_problem_has_the_same_mark():
    """However it is written, and whatever its constant factor; without a right answer it has none."""
    marks = [
        judged(line).form
        for line in ("sin(x)*2\t-2*cos(x)", "2*sin(x)\t-2*cos(x)", "x*2\tx**2", "sub Y' sin x\tx", "sin x\t")
    ]
    assert marks[0] == marks[1] != marks[2]
    assert marks[2:] == [marks[2], None, None]


def test_a_record_that_kills_its_worker_has_its_problem():
    """What became of the worker is the row's status; the text is read again without mathematics."""
    row = unjudged(Record(7, b"sub Y' cos x\tsin x"), PUBLISHED, Status.MEMORY, "resident").outcome
    assert (row.index, row.status, row.reason, row.problem_prefix) == (7, "memory", "resident", "cos x")
    assert read_prefix(row.problem_prefix, ALL_LEAVES)
