"""FriCAS: a Risch integrator that decides many integrands with roots, and knows special functions.

What an `integral(...)` left in its answer means: that part has no elementary antiderivative, and so neither
has the whole. The verdict rests on its implementation of Bronstein's algorithm for towers of exponentials,
logarithms, tangents and roots, and it is taken for one only where it is not known to fail:

- special functions are no part of the algorithm: an `integral(...)` of theirs says nothing;
- of several logarithms it may take some for dependent that are not; it is then asked a second time, in other
  words, and only the second answer counts (logarithms.py);
- what may depend on each other without its notice, as sqrt(x+1)*sqrt(x-1) and sqrt(x**2-1) do, spoils a
  verdict, which is then withdrawn (dependence.py);
- "implementation incomplete" is no verdict; where it gives an answer in elliptic integrals, that answer is
  sometimes wrong (asin(x**2)), which the check finds, and nothing is concluded from it;
- constants are taken as they stand: if two of them were equal in a way that FriCAS does not see, a verdict
  could be wrong.
"""

from collections.abc import Iterable, Iterator

from asyncgen.calls import system
from asyncgen.mathematics.engines.fricas.continuation import continued
from asyncgen.mathematics.engines.fricas.dependence import dependence
from asyncgen.mathematics.engines.fricas.logarithms import told_apart
from asyncgen.mathematics.engines.fricas.process import start
from asyncgen.mathematics.engines.fricas.substitution import in_root_of_x, undone
from asyncgen.mathematics.engines.fricas.text import from_fricas, result_of, to_fricas
from asyncgen.mathematics.engines.interface import Answer, Finding, Integrand, Tokens
from asyncgen.mathematics.engines.pipe import PipedProcess
from asyncgen.mathematics.sympy_notation import Untranslatable
from asyncgen.problems.errors import ParseError
from asyncgen.problems.tokens import SPECIAL, SUMS

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
_ROOTS = 3  # of x that are removed one after the other, as from sqrt(1 + sqrt(sqrt(x)))


class Fricas:
    """The engine. FriCAS itself is started with the first integrand, and again when it is lost."""

    name = "fricas"

    def __init__(self) -> None:
        self._process: PipedProcess | None = None
        self._warm: PipedProcess | None = None

    def integrate(self, integrand: Integrand, seconds: float) -> Answer:
        """FriCAS's answer within so many CPU seconds of its own. Raises EngineLost.

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
        if not SUMS.keys().isdisjoint(integrand.tokens):
            return Answer(Finding.UNSOLVED, reason="notation:rootsum")
        process = self._running()
        question = _Question(process, system.cpu_seconds(process.pid) + seconds)
        return question.without_roots(integrand.tokens)

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

    def without_roots(self, tokens: Tokens, most: int = _ROOTS) -> Answer:
        """The answer for a function, by way of the variable sqrt(x) where it holds roots of x."""
        changed = in_root_of_x(tokens) if most else None
        if changed is None:
            return self._checked(tokens)
        answer = self.without_roots(changed, most - 1)
        if answer.finding is not Finding.SOLVED:
            return answer
        return Answer(Finding.SOLVED, tuple(map(undone, answer.candidates)))

    def _checked(self, tokens: Tokens) -> Answer:
        """The answer for a function as it stands, a verdict only where it can be relied on."""
        answer = self._ask(tokens)
        if answer.finding is Finding.NONELEMENTARY and (rewritten := told_apart(tokens)) is not None:
            answer = self._ask(rewritten)
        if answer.finding is Finding.NONELEMENTARY and (found := dependence(tokens)) is not None:
            return Answer(Finding.UNSOLVED, reason=found)
        return answer

    def _ask(self, tokens: Tokens) -> Answer:
        try:
            text = to_fricas(tokens)
        except Untranslatable as error:
            return Answer(Finding.UNSOLVED, reason=f"notation:{error.head}")
        left = self._end - system.cpu_seconds(self._process.pid) if self._process.alive else 0.0
        output = self._process.ask(_QUESTION.format(text), left) if left > 0 else None
        if output is None:
            return Answer(Finding.CUT)
        if _BROKEN in output:
            self._process.close()
        answer = _read(output)
        if answer.finding is Finding.NONELEMENTARY and not SPECIAL.keys().isdisjoint(tokens):
            return Answer(Finding.UNSOLVED, reason="integral")
        return answer


def _read(output: bytes) -> Answer:
    """What FriCAS's output for one question says."""
    text = result_of(output)
    if text is None:
        return Answer(Finding.UNSOLVED, reason=_complaint(output))
    if "integral(" in text:
        return Answer(Finding.NONELEMENTARY, reason="fricas")
    try:
        return Answer(Finding.SOLVED, tuple(_with_continued(from_fricas(text))))
    except Untranslatable as error:
        return Answer(Finding.UNSOLVED, reason=f"notation:{error.head}")
    except ParseError as error:
        return Answer(Finding.UNSOLVED, reason=f"notation:{error}"[:80])


def _with_continued(candidates: Iterable[Tokens]) -> Iterator[Tokens]:
    for candidate in candidates:
        yield candidate
        if (entire := continued(candidate)) != candidate:
            yield entire


def _complaint(output: bytes) -> str:
    """A word for the message that stands in an answer's place."""
    return next((word for sign, word in _COMPLAINTS.items() if sign in output), "refused")
