"""Rules of `liouville`: the form of its answers."""

from constructed import rows

from asyncgen.mathematics.kinds.liouville import attempt


def test_towers_of_every_function_and_heights_occur() -> None:
    """In 300 rows each function is in some problem, and a few problems are rational."""
    problems = [set(row.problem) for row in rows(attempt, range(300))]
    for function in ("exp", "ln", "tan", "sqrt"):
        assert sum(function in problem for problem in problems) > 30
    assert sum(problem.isdisjoint(("exp", "ln", "tan", "sqrt")) for problem in problems) > 10


def test_answers_have_fractions_and_new_logarithms() -> None:
    """Both parts of the form that the theorem states occur, the second as logarithms not in the problem."""
    found = list(rows(attempt, range(300)))
    fractions = sum("div" in row.answer for row in found)
    logarithms = sum(row.answer.count("ln") > 0 == row.problem.count("ln") for row in found)
    assert fractions > 100
    assert logarithms > 60
