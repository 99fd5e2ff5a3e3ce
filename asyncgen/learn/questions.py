"""What models are asked: functions in any notation, and differential equations in prefix notation."""

from asyncgen.learn.data.examples import constants_of, has_unknown
from asyncgen.problems.errors import ParseError
from asyncgen.problems.files import problem_in
from asyncgen.problems.kinds import EQUATIONS
from asyncgen.problems.published import operators_of
from asyncgen.problems.records import Problem
from asyncgen.problems.tokens import LEAVES, UNKNOWNS, read_prefix

_OF_EQUATIONS = LEAVES.union(UNKNOWNS)


def question_in(line: bytes, index: int) -> Problem | None:
    """The problem in a line, as `problems.files.problem_in`, or an equation. Raises ParseError."""
    words = line.split()
    is_integral = words[:2] == [b"sub", b"Y'"] and not _has_unknown(words[2:])
    if not _has_unknown(words) or is_integral:
        return problem_in(line, index)
    try:
        text = line.decode()
    except UnicodeDecodeError:
        raise ParseError("this is not UTF-8") from None
    return equation(text.partition("\t")[0], index)


def equation(text: str, index: int = 0) -> Problem:
    """The problem of solving an equation in Y, Y' and Y''. Raises ParseError."""
    tokens = read_prefix(text, _OF_EQUATIONS)
    assert has_unknown(tokens)
    kind = EQUATIONS[constants_of(tokens) - 1]
    return Problem(index, " ".join(tokens), operators=operators_of(tokens), kind=kind)


def _has_unknown(words: list[bytes]) -> bool:
    return any(word.decode(errors="replace") in UNKNOWNS for word in words)
