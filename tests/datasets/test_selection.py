"""Which rows are exported, by their columns."""

import pytest
from exported import equation, proven, solved

from asyncgen.datasets.selection import Selection
from asyncgen.problems.records import Known, Outcome, Status

PROVEN = (Status.NONELEMENTARY,)
ON_PART = equation(0, "sub Y' Y", "mul a8 exp x", Status.UNVERIFIED)


@pytest.mark.parametrize(
    ("row", "selection", "reason"),
    [
        (solved(0, "x"), Selection(), None),
        (solved(0, "x", status=Status.SPECIAL), Selection(), None),
        (solved(0, "x", status=Status.TIMEOUT), Selection(), "status"),
        (proven(0, "exp(x**2)"), Selection(statuses=(Status.NONELEMENTARY,)), None),
        (solved(0, "x"), Selection(kinds=("ode1",)), "kind"),
        (solved(0, "x")._replace(problem_prefix=""), Selection(), "no problem"),
        (solved(0, "x")._replace(continuous="unknown"), Selection(), None),
        (
            solved(0, "x")._replace(continuous="unknown"),
            Selection(continuous=True),
            "not known to be continuous",
        ),
        (solved(0, "x")._replace(real="no"), Selection(real=True), "not known to be real"),
        (
            solved(0, "x", status=Status.UNVERIFIED),
            Selection(statuses=(Status.UNVERIFIED,), continuous=True),
            "not known to be continuous",
        ),
        (proven(0, "exp(x**2)"), Selection(statuses=PROVEN, continuous=True, real=True), None),
        (proven(0, "exp(x**2)"), Selection(statuses=PROVEN, real=True, real_answers=True), None),
        (ON_PART, Selection(), "status"),
        (ON_PART, Selection(on_part=True), None),
        (ON_PART._replace(reason="points"), Selection(on_part=True), "status"),
        (ON_PART._replace(kind="forward"), Selection(on_part=True), "status"),
    ],
)
def test_a_row_is_in_or_left_out_for_a_reason(row: Outcome, selection: Selection, reason: str | None):
    """The first rule that it breaks is named."""
    assert selection.reason(row) == reason


def test_the_real_form_counts_where_it_is_wanted():
    """A row whose real form is taken is known to be real."""
    row = solved(0, "1/x", "log(x)")._replace(real=Known.NO.value, real_answer="log(abs(x))")
    assert Selection(real=True).reason(row) == "not known to be real"
    assert Selection(real=True, real_answers=True).reason(row) is None


def test_only_confirmed_answers_are_taught():
    """What the check refuted may be exported, but is no answer."""
    assert Selection().is_confirmed(solved(0, "x"))
    assert not Selection(statuses=(Status.UNVERIFIED,)).is_confirmed(ON_PART)
    assert Selection(on_part=True).is_confirmed(ON_PART)
