"""Maxima: an integrator of many rules, which now and then finds what the others do not.

It proves nothing: a noun form, 'integrate(...), left in its answer says only that its rules came to an end.
The worked example of docs/engines.md.
"""

import re
import shutil
from collections.abc import Mapping

from asyncgen.mathematics.engines.cas_text import LONGEST, with_our_constants, written
from asyncgen.mathematics.engines.interface import Answer, Finding, Integrand
from asyncgen.mathematics.engines.pipe import EngineLost, PipedProcess, Program
from asyncgen.mathematics.sympy_notation import Untranslatable
from asyncgen.problems.errors import ParseError
from asyncgen.problems.infix import read_infix
from asyncgen.problems.spellings import PLAIN, Dialect
from asyncgen.problems.tokens import ARITY, SPECIAL
from asyncgen.problems.tree import Call, Node

LARGEST = 600 << 20  # resident bytes after which it is replaced
_SETTINGS = (
    "display2d:false$",
    "linel:100000$",
    "load(noninteractive)$",  # a question of its own, such as "Is x positive?", becomes an error
)
# The answer stands between two words of ours, so that messages around it are told from it.
_QUESTION = 'block([f:integrate({},x)],print("answer",string(f),"end"))$'


class Maxima:
    """The engine. Maxima itself is started with the first integrand, and again when it is lost."""

    name = "maxima"

    def __init__(self) -> None:
        self._process: PipedProcess | None = None

    def integrate(self, integrand: Integrand, seconds: float) -> Answer:
        """Maxima's answer within so many CPU seconds of its own. Raises EngineLost."""
        try:
            question = _QUESTION.format(to_maxima(integrand.tokens))
        except Untranslatable as error:
            return Answer(Finding.UNSOLVED, reason=f"notation:{error.head}")
        output = self._running().ask(question, seconds)
        return Answer(Finding.CUT) if output is None else _read(output)

    def start(self) -> None:
        """Start Maxima and have it load what nearly every integrand needs."""
        self._running().ask(_QUESTION.format("x*exp(x)+sqrt(x+1)*sin(x)"), 10.0)

    def close(self) -> None:
        """End Maxima, if it runs."""
        if self._process is not None:
            self._process.close()
            self._process = None

    def _running(self) -> PipedProcess:
        process = self._process
        if process is None or not process.alive or process.resident > LARGEST:
            self.close()
            process = self._process = _start()
        return process


def _start() -> PipedProcess:
    program = shutil.which("maxima")
    if program is None:
        raise EngineLost("maxima is not installed: apt-get install maxima maxima-share")
    return PipedProcess(
        Program(
            arguments=(program, "--very-quiet"),
            settings=_SETTINGS,
            mark='print("agen{}done")$',
            printed="agen{}done",
            recover="0$",  # Maxima goes on with its input by itself
        )
    )


def _read(output: bytes) -> Answer:
    """What Maxima's output for one question says."""
    text = output.decode(errors="replace")
    _, _, found = text.partition("answer")
    answer, end, _ = found.rpartition("end")
    if not end:
        return Answer(Finding.UNSOLVED, reason="error")
    if "integrate(" in answer:
        return Answer(Finding.UNSOLVED, reason="integral")
    try:
        return Answer(Finding.SOLVED, (from_maxima(answer),))
    except Untranslatable as error:
        return Answer(Finding.UNSOLVED, reason=f"notation:{error.head}")
    except ParseError as error:
        return Answer(Finding.UNSOLVED, reason=f"notation:{error}"[:80])


# -- Maxima's notation ------------------------------------------------------------------------------------

_SPELLINGS = {  # of ours in Maxima's terms; both mean the same
    "ln": "log",
    "sign": "signum",
    "fresnels": "fresnel_s",
    "fresnelc": "fresnel_c",
    "LambertW": "lambert_w",
    "uppergamma": "gamma_incomplete",
    "Ei": "expintegral_ei",
    "li": "expintegral_li",
    "Si": "expintegral_si",
    "Ci": "expintegral_ci",
    "Shi": "expintegral_shi",
    "Chi": "expintegral_chi",
    "loggamma": "log_gamma",
}
_SAME = frozenset(("erf", "erfc", "erfi", "gamma", "elliptic_f", "elliptic_e"))
_UNKNOWN = SPECIAL.keys() - _SPELLINGS.keys() - _SAME
_POLYLOGARITHM = re.compile(r"\bli\[([1-9])\]\(")


def to_maxima(tokens: tuple[str, ...]) -> str:
    """The expression as Maxima reads it. Raises Untranslatable for what it does not know."""
    return written(tokens, _SPELLINGS, _UNKNOWN)


def from_maxima(text: str) -> tuple[str, ...]:
    """The tokens of an answer. Raises Untranslatable or ParseError for what has no notation here."""
    if len(text) > LONGEST:
        raise Untranslatable("long")
    text = _POLYLOGARITHM.sub(r"polylog(\1,", text)
    return read_infix(with_our_constants(text), _DIALECT)


def _build(name: str, operands: tuple[Node, ...]) -> Node:
    """A call in Maxima's terms as one in ours."""
    if name == "atan2":  # of y and x: twice the angle at the circle
        y, x = operands
        radius = Call("sqrt", (Call("add", (Call("pow2", (x,)), Call("pow2", (y,)))),))
        return Call("mul", (2, Call("atan", (Call("div", (y, Call("add", (radius, x)))),))))
    return Call("sqrt", operands[:1]) if name == "pow" and operands[1] == _HALF else Call(name, operands)


_HALF = Call("div", (1, 2))
# Maxima's li is a function of two sorts of argument, and means another thing than ours: left out.
_FUNCTIONS: Mapping[str, tuple[str, int]] = {
    **{name: meant for name, meant in PLAIN.functions.items() if name not in _SPELLINGS},
    "atan2": ("atan2", 2),
    **{maxima: (ours, ARITY[ours]) for ours, maxima in _SPELLINGS.items()},
}
_DIALECT = Dialect(PLAIN.names, _FUNCTIONS, _build)
