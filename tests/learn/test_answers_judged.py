"""The verdict on an answer is that of the check of labels."""

import pytest

from asyncgen.learn.judging import Answered, Judged, Verdict, judge
from asyncgen.problems.infix import read_infix
from asyncgen.problems.tokens import ALL_LEAVES, read_prefix


@pytest.mark.parametrize(
    ("problem", "answer", "verdict"),
    [
        ("x*exp(x)", "(x - 1)*exp(x)", Verdict.RIGHT),
        ("x*exp(x)", "(x - 1)*exp(x) + 5", Verdict.RIGHT),
        ("exp(x)/x", "Ei(x)", Verdict.RIGHT),
        ("x*exp(x)", "x*exp(x)", Verdict.WRONG),
        ("abs(x)", "x**2/2", Verdict.PART),
        ("3", "3*x", Verdict.RIGHT),
        ("3", "4*x", Verdict.UNDECIDED),
        ("x", "log(-2 - x**2)/0", Verdict.UNDECIDED),
    ],
)
def test_of_an_integral(problem: str, answer: str, verdict: Verdict):
    assert judge(Answered(0, read_infix(problem), [read_infix(answer)])) == [verdict]


@pytest.mark.parametrize(
    ("equation", "answer", "verdict"),
    [
        ("sub Y' Y", "mul a8 exp x", Verdict.RIGHT),
        ("sub Y' Y", "exp x", Verdict.UNDECIDED),  # a constant is missing
        ("sub Y' Y", "mul a8 x", Verdict.WRONG),
        ("add Y'' Y", "add mul a8 sin x mul a9 cos x", Verdict.RIGHT),
        ("add Y'' Y", "add mul a8 exp x mul a9 cos x", Verdict.WRONG),
    ],
)
def test_of_an_equation(equation: str, answer: str, verdict: Verdict):
    problem = read_prefix(equation, ALL_LEAVES)
    assert judge(Answered(0, problem, [read_prefix(answer, ALL_LEAVES)])) == [verdict]


def test_no_answer_is_looked_at_behind_a_right_one():
    answers = [read_infix(text) for text in ("x", "x**2/2", "x**2", "x**2/2 + 1")]
    answered = Answered(0, ("x",), answers)
    verdicts = judge(answered)
    assert verdicts == [Verdict.WRONG, Verdict.RIGHT]
    assert Judged(answered, verdicts).place == 1
    assert Judged(answered, verdicts).best == (answers[1], Verdict.RIGHT)


def test_the_best_answer_is_the_one_of_which_most_is_known():
    answers = [read_infix(text) for text in ("x**3", "x**2/2", "x")]
    answered = Answered(0, ("abs", "x"), answers)
    assert Judged(answered, judge(answered)).best == (answers[1], Verdict.PART)
    assert Judged(Answered(0, ("x",), []), []).best == (None, Verdict.UNDECIDED)
