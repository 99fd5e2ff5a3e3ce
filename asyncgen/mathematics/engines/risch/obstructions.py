"""Where the procedure ended, in words."""

from asyncgen.mathematics.engines.risch.attempts import Branch
from asyncgen.mathematics.engines.risch.expressions import S, X, replaced, tokens_of
from asyncgen.mathematics.engines.risch.integration import NoSolution, NotLimited, ResiduesVary
from asyncgen.mathematics.engines.risch.writing import Writer
from asyncgen.mathematics.fields.element import Element
from asyncgen.mathematics.fields.errors import NeedsPrime, Undecided
from asyncgen.problems.infix_text import to_infix

MOST_TERMS = 12  # of a function that is written at all: more are longer than LONGEST
LONGEST = 60  # characters of a function that is quoted


def described(branch: Branch) -> str:
    """The obstruction of a branch that has one."""
    quote = _Quotes(branch)
    return _words(branch, quote) + quote.suffix


def _words(branch: Branch, quote: "_Quotes") -> str:
    obstruction = branch.integral.obstruction
    if isinstance(obstruction, ResiduesVary):
        return f"the residues of {quote(obstruction.f)} are not constant"
    if isinstance(obstruction, NoSolution):
        return f"y' + y*({quote(obstruction.f)}) = {quote(obstruction.g)} has no solution"
    assert isinstance(obstruction, NotLimited)
    return f"{quote(obstruction.f)} is not a derivative plus a multiple of {quote(obstruction.slope)}"


class _Quotes:
    """Elements of a branch's tower as text."""

    def __init__(self, branch: Branch) -> None:
        substitution = branch.reading.substitution
        self._s = X if substitution is None else substitution.s
        self.suffix = (
            "" if substitution is None else f", in the variable {to_infix(tokens_of(substitution.s))}"
        )
        try:
            reading = branch.reading
            self._writer: Writer | None = Writer(reading.tower, self._s, reading.names)
        except Undecided:
            self._writer = None

    def __call__(self, f: Element) -> str:
        if self._writer is None or len(f.numerator) + len(f.denominator) > MOST_TERMS:
            return "a function"
        try:
            text = to_infix(tokens_of(replaced(self._writer.complex(f), S, self._s)))
        except (Undecided, NeedsPrime):
            return "a function"
        return text if len(text) <= LONGEST else "a long function"
