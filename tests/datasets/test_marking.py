"""What workers work out for a row."""

import pytest

from asyncgen.datasets.marking import Marked, Task, Wanted, mark, mark_by_text
from asyncgen.mathematics import marks
from asyncgen.problems.infix import read_infix

ANY, PUBLISHED = Wanted(1000, published=False), Wanted(1000, published=True)


def task(function: str, answer: str | None = "x", confirmed: bool = True) -> Task:
    """A row in ordinary notation."""
    given = " ".join(read_infix(answer)) if answer else None
    return Task("forward", " ".join(read_infix(function)), given, None, confirmed)


def only(found: list[Marked | str]) -> Marked:
    (one,) = found
    assert isinstance(one, Marked)
    return one


def test_marks_are_those_of_the_problem():
    """And the length is that of the problem in tokens."""
    found = only(mark([task("x*exp(x)")], ANY))
    assert (found.form, found.values) == marks.marks_of(read_infix("x*exp(x)"))
    assert (found.tokens, found.by_text) == (4, False)


def test_a_pair_is_written_as_published():
    """An integral begins with sub Y', an equation does not."""
    found = only(mark([task("1/x", "log(x) - 2")], ANY))
    assert (found.source, found.target) == ("sub Y' pow x INT- 1", "add ln x INT- 2")
    ode = Task("ode1", "sub Y' div Y x", "mul a8 x", None, True)
    found = only(mark([ode], ANY))
    assert (found.source, found.target) == ("add Y' mul INT- 1 mul Y pow x INT- 1", "mul a8 x")


@pytest.mark.parametrize(
    ("row", "reason"),
    [
        (task("x", None), "no answer"),
        (task("x", "x**2", confirmed=False), "answer not confirmed"),
        (task("exp(x**2)", "erfi(x)"), "outside the published vocabulary"),
        (task("x", "x/0"), "unreadable"),
        (task("x")._replace(answer="sin " * 900 + "x"), "nested too deeply"),
    ],
)
def test_without_a_pair_a_row_is_in_other_formats_only(row: Task, reason: str):
    """Published files have nothing but pairs."""
    assert mark([row], PUBLISHED) == [reason]
    found = only(mark([row], ANY))
    assert found.source is None or "erfi" in (found.target or "")


def test_the_real_form_takes_the_place_of_the_answer():
    """It is kept in ordinary notation, and comes out in tokens."""
    found = only(mark([task("1/x", "log(x)")._replace(real_answer="log(abs(x))")], ANY))
    assert (found.answer, found.target) == ("ln abs x", "ln abs x")


def test_length_is_counted_in_the_notation_that_is_written():
    """1/x has two tokens in ours, inv x, but five as published."""
    row = task("x")._replace(problem="inv x")
    assert isinstance(mark([row], Wanted(2, published=False))[0], Marked)
    assert mark([row], Wanted(5, published=True)) == ["too long"]
    assert isinstance(mark([row], Wanted(6, published=True))[0], Marked)
    assert mark([row], Wanted(1, published=False)) == ["too long"]
    assert mark([row._replace(answer="sin sin x")], Wanted(2, published=False)) == ["too long"]


@pytest.mark.parametrize(
    ("wanted", "answer", "confirmed", "found"),
    [
        (Wanted(5, published=False), "x", True, None),
        (Wanted(5, published=False, pair=True), "x", True, "too long"),
        (Wanted(6, published=False, pair=True), "x", True, None),
        (Wanted(5, published=False, pair=True), "x", False, None),
        (Wanted(5, published=False, pair=True), None, True, None),
        (Wanted(5, published=False, pair=True, only_pairs=True), None, True, "no answer"),
        (Wanted(1, published=False, pair=True, own=False), None, True, "too long"),
        (Wanted(9, published=False, pair=True), "sin " * 10 + "x", True, "too long"),
    ],
)
def test_where_pairs_are_written_a_row_with_an_answer_has_one(
    wanted: Wanted, answer: str | None, confirmed: bool, found: str | None
):
    """Or it is left out; a row without an answer has none, and is judged by its own tokens."""
    row = Task("forward", "inv x", answer, None, confirmed)
    (one,) = mark([row], wanted)
    assert (one if isinstance(one, str) else None) == found
    if wanted.pair and answer and confirmed and isinstance(one, Marked):
        assert one.source is not None


def test_text_that_is_no_problem_is_left_out():
    """A store is data from outside."""
    assert (
        mark([task("x")._replace(problem="mul x"), task("x")._replace(answer="x x")], ANY)
        == ["unreadable"] * 2
    )


def test_a_row_without_marks_goes_by_its_text(monkeypatch: pytest.MonkeyPatch):
    """Whatever was raised; the same as for a row that kills its worker."""

    def fails(tokens: object) -> None:
        raise ArithmeticError

    expected = mark_by_text(task("x*exp(x)"), ANY)
    monkeypatch.setattr(marks, "marks_of", fails)
    assert mark([task("x*exp(x)")], ANY) == [expected]
    assert isinstance(expected, Marked)
    assert expected.by_text
