"""FriCAS: the most complete Risch integrator there is, which decides most integrands in milliseconds.

What an `integral(...)` left in its answer means: that part has no elementary antiderivative, and so neither
has the whole. The verdict rests on its implementation of Bronstein's algorithm for towers of exponentials,
logarithms, tangents and roots, and it is taken for one only where the integrand is made of these:

- abs and sign are not: they are taken out first, side by side (rewriting.py), and both sides must say so;
- special functions are not: an `integral(...)` of theirs says nothing;
- on algebraic functions of x inside others the algorithm is incomplete. FriCAS then says "implementation
  incomplete", which is no verdict; where it gives an answer in elliptic integrals, that answer is sometimes
  wrong (asin(x**2)), which the check finds, and nothing is concluded from it;
- of several logarithms it may take some for dependent that are not; it is then asked a second time, in other
  words, and only the second answer counts (logarithms.py);
- roots that may depend on each other, such as sqrt(x+1)*sqrt(x-1) and sqrt(x**2-1), spoil a verdict, which
  is then withdrawn (dependence.py);
- constants are taken as they stand: if two of them were equal in a way that FriCAS does not see, a verdict
  could be wrong. SymPy has looked at the integrand before and finds the common cases.
"""

from collections.abc import Callable, Iterable, Iterator, Mapping

from asyncgen.calls.child import companions
from asyncgen.mathematics.engines.cas_text import Named
from asyncgen.mathematics.engines.fricas.dependence import roots_may_depend
from asyncgen.mathematics.engines.fricas.forms import in_turn
from asyncgen.mathematics.engines.fricas.logarithms import told_apart
from asyncgen.mathematics.engines.fricas.process import start
from asyncgen.mathematics.engines.fricas.rewriting import continued, joined, sides, with_plain_exponentials
from asyncgen.mathematics.engines.fricas.text import from_fricas, result_of, to_fricas, to_fricas_named
from asyncgen.mathematics.engines.interface import Answer, Finding, Integrand, Tokens
from asyncgen.mathematics.engines.pipe import EngineLost, PipedProcess
from asyncgen.mathematics.sympy_notation import Untranslatable
from asyncgen.problems.errors import ParseError
from asyncgen.problems.tokens import SPECIAL, SUMS
from asyncgen.problems.tree import Node

LARGEST = 600 << 20  # resident bytes after which FriCAS is replaced: its Debian build never shrinks
OLDEST = 150  # questions after which it is replaced: it keeps all it has met, and gets slower and slower
_WARMING = ("x*exp(x)+log(x)^2", "sqrt(x+1)*sin(x)", "atan(x)/(x^2+1)+1/(x^3+x+1)")
_WARMING_SECONDS = 10.0  # CPU for each of them, at most
_QUESTION = "unparse(integrate(({})::EXPR(INT),'x)::InputForm)"
_COMPLAINTS = {  # blanks removed
    b"incomplete": "incomplete",  # the algorithm has a case that is not written yet
    b"unimplemented": "incomplete",
    b"Errordetectedwithinlibrarycode": "error",
    b"Cannotfinda": "not understood",
    b"libraryoperation": "not understood",
}
_BROKEN = b">>Systemerror"  # as after an interrupt while FriCAS was loading a part of its library
_NESTING = 2  # dividers whose sides are taken apart: each doubles the number of questions


class Fricas:
    """The engine. FriCAS itself is started with the first integrand, and again when it is lost."""

    name = "fricas"

    def __init__(self) -> None:
        self._process: PipedProcess | None = None
        self._warm: PipedProcess | None = None

    def integrate(self, integrand: Integrand, seconds: float) -> Answer:
        """FriCAS's answer within so many CPU seconds of its own. Raises EngineLost.

        Candidates after the first ones are asked for when they are looked at, within the same seconds.
        A FriCAS that breaks down is replaced, and the fresh one asked once.
        """
        answer = self._integrate(integrand, seconds)
        if self._process is not None and not self._process.alive and answer.finding is Finding.UNSOLVED:
            answer = self._integrate(integrand, seconds)
        return answer

    def start(self) -> None:
        """Start FriCAS; what nearly every integrand needs is loaded before the first one."""
        if self._process is None:
            self._process = start()

    def close(self) -> None:
        """End FriCAS, if it runs."""
        if self._process is not None:
            self._process.close()
            self._process = None

    def _integrate(self, integrand: Integrand, seconds: float) -> Answer:
        if not SUMS.keys().isdisjoint(integrand.tokens):  # nor could they be rewritten: z stays where it is
            return Answer(Finding.UNSOLVED, reason="notation:rootsum")
        tokens = with_plain_exponentials(integrand.tokens)
        process = self._running()
        end = companions.cpu_seconds(process.pid) + seconds
        question = _Question(process, end)
        if "abs" in tokens or "sign" in tokens:
            answer = question.side_by_side(tokens, _NESTING)
        else:
            answer = in_turn(tokens, question.plain)
        if answer.finding is Finding.SOLVED:
            return Answer(Finding.SOLVED, question.further(answer, tokens, integrand.tokens))
        return answer

    def _running(self) -> PipedProcess:
        process = self._process
        if process is None or not process.alive or process.resident > LARGEST or process.asked >= OLDEST:
            self.close()
            process = self._process = start()
        if process is not self._warm:
            self._warm = process
            for text in _WARMING:
                process.ask(_QUESTION.format(text), _WARMING_SECONDS)
        return process


class _Question:
    """What is asked for one integrand, until the CPU clock of FriCAS shows `end`."""

    def __init__(self, process: PipedProcess, end: float) -> None:
        self._process = process
        self._end = end
        self._answers: dict[Tokens, Answer] = {}  # by function, as it stood

    def plain(self, tokens: Tokens, share: float = 1.0) -> Answer:
        """The answer for a function as it stands, in this share of the time left; it is asked for once."""
        if tokens not in self._answers:
            self._answers[tokens] = self._plain(tokens, share)
        return self._answers[tokens]

    def _plain(self, tokens: Tokens, share: float) -> Answer:
        answer = self._as_it_stands(tokens, share)
        if answer.finding is Finding.NONELEMENTARY and (rewritten := told_apart(tokens)) is not None:
            return self._as_it_stands(rewritten, share)
        return answer

    def _as_it_stands(self, tokens: Tokens, share: float) -> Answer:
        try:
            return self._ask(tokens, Named(to_fricas(tokens), {}), share)
        except Untranslatable as error:
            return Answer(Finding.UNSOLVED, reason=f"notation:{error.head}")

    def with_names(self, tokens: Tokens) -> Answer:
        """The answer for a function with any constants in the place of its own; unsolved if it has none."""
        text = to_fricas_named(tokens)
        answer = self._ask(tokens, text, 1.0) if text.names else Answer(Finding.UNSOLVED)
        return answer if answer.finding is Finding.SOLVED else Answer(Finding.UNSOLVED)

    def _ask(self, tokens: Tokens, asked: Named, share: float) -> Answer:
        left = self._end - companions.cpu_seconds(self._process.pid) if self._process.alive else 0.0
        output = self._process.ask(_QUESTION.format(asked.text), share * left) if left > 0 else None
        if output is None:
            return Answer(Finding.CUT)
        if _BROKEN in output:
            self._process.close()
        answer = _read(output, asked.names)
        if answer.finding is Finding.NONELEMENTARY and not SPECIAL.keys().isdisjoint(tokens):
            return Answer(Finding.UNSOLVED, reason="integral")
        if answer.finding is Finding.NONELEMENTARY and roots_may_depend(tokens):
            return Answer(Finding.UNSOLVED, reason="dependent roots")
        return answer

    def side_by_side(
        self, tokens: Tokens, depth: int, rewritten: Callable[[Tokens], Tokens] = with_plain_exponentials
    ) -> Answer:
        """The answer made of those on either side of a divider's zeros; of several dividers in turn."""
        forms = sides(tokens) if depth else None
        if forms is None:
            return in_turn(tokens, self.plain)
        answers = []
        for form in (forms.positive, forms.negative):
            answers.append(self.side_by_side(rewritten(form), depth - 1, rewritten))
            if answers[-1].finding in (Finding.CUT, Finding.UNSOLVED):
                return answers[-1]
        positive, negative = answers
        if positive.finding is not negative.finding:
            return Answer(Finding.UNSOLVED, reason="one side")
        if positive.finding is Finding.NONELEMENTARY:
            return positive
        left, right = tuple(positive.candidates)[-1], tuple(negative.candidates)[-1]
        return Answer(Finding.SOLVED, tuple(joined(forms.divider, left, right)))

    def further(self, answer: Answer, tokens: Tokens, as_given: Tokens) -> Iterator[Tokens]:
        """The answer's candidates, then those that stay right where its branches end.

        `as_given` is the function before `with_plain_exponentials`, which holds only where all is real.
        """
        yield from _with_entire(answer.candidates)
        try:
            for another in self._again(tokens, as_given):
                if another.finding is Finding.SOLVED:
                    yield from _with_entire(another.candidates)
        except EngineLost:  # there is an answer to judge already
            return

    def _again(self, tokens: Tokens, as_given: Tokens) -> Iterator[Answer]:
        for form in dict.fromkeys((tokens, as_given)):
            if form not in self._answers:
                yield self.plain(form)
            if sides(form):
                yield self.side_by_side(form, _NESTING, _unchanged)
        if not sides(tokens):
            yield self.with_names(tokens)


def _unchanged(tokens: Tokens) -> Tokens:
    return tokens


def _with_entire(candidates: Iterable[Tokens]) -> Iterator[Tokens]:
    for candidate in candidates:
        yield candidate
        if (entire := continued(candidate)) != candidate:
            yield entire


def _read(output: bytes, constants: Mapping[str, Node] | None = None) -> Answer:
    """What FriCAS's output for one question says."""
    text = result_of(output)
    if text is None:
        return Answer(Finding.UNSOLVED, reason=_complaint(output))
    if "integral(" in text:
        return Answer(Finding.NONELEMENTARY, reason="fricas")
    try:
        return Answer(Finding.SOLVED, tuple(from_fricas(text, constants)))
    except Untranslatable as error:
        return Answer(Finding.UNSOLVED, reason=f"notation:{error.head}")
    except ParseError as error:
        return Answer(Finding.UNSOLVED, reason=f"notation:{error}"[:80])


def _complaint(output: bytes) -> str:
    """A word for the message that stands in an answer's place."""
    return next((word for sign, word in _COMPLAINTS.items() if sign in output), "refused")
