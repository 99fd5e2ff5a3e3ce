"""Maxima: an integrator of many rules, which now and then finds what the others do not.

It proves nothing: a noun form, 'integrate(...), left in its answer says only that its rules came to an end.
The worked example of docs/engines.md.
"""

import shutil

from asyncgen.integrators.engine import Answer, Finding, Integrand
from asyncgen.integrators.maxima_text import from_maxima, to_maxima
from asyncgen.integrators.piped import EngineLost, PipedProcess, Program
from asyncgen.notation import Untranslatable
from asyncgen.records import ParseError

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
