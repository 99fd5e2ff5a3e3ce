"""Has a model integrate functions for the command line, and prints its answers with the verdicts."""

import json
from collections.abc import Callable
from contextlib import aclosing
from pathlib import Path
from typing import Any

from asyncgen.command.learn_options import MachineOptions
from asyncgen.command.learn_running import Texts, answer_lines
from asyncgen.derivations.latex import formula
from asyncgen.jobs.run import Problems
from asyncgen.learn.integrating import Solution, integrate
from asyncgen.learn.integrator import Integrator, Written
from asyncgen.learn.judging import Verdict, settings_for
from asyncgen.learn.questions import question_in
from asyncgen.problems.infix_text import to_infix
from asyncgen.problems.kinds import EQUATIONS
from asyncgen.problems.tokens import ALL_LEAVES, tree_of
from asyncgen.scheduler import Scheduler


def run_integrate(name: str, model: Path, beam: int, notation: str, options: MachineOptions) -> int:
    """Answer every line; the exit status."""
    integrator = Integrator(model, options.machine().device)

    async def answered(problems: Problems) -> Texts:
        async with (
            Scheduler(settings_for(options.processes)) as scheduler,
            aclosing(integrate(integrator, scheduler, problems, beam)) as solutions,
        ):
            async for solution in solutions:
                yield _WRITERS[notation](solution)

    return answer_lines(name, options, question_in, answered)


# -- notations ---------------------------------------------------------------------------------------


def _text(solution: Solution) -> str:
    """An equation in ordinary notation, with the verdict."""
    best, verdict = solution.best
    problem = solution.problem
    asked = to_infix(problem.prefix)
    if problem.kind in EQUATIONS:
        asked, answer = f"{asked} = 0", "Y"
    else:
        asked, answer = f"integral of {asked}", ""
    if best is None:
        return f"{asked}: no answer"
    said = f"{answer} = {to_infix(best.answer)}" if answer else to_infix(best.answer)
    return f"{asked}: {said} ({verdict})" if answer else f"{asked} = {said} ({verdict})"


def _tokens(solution: Solution) -> str:
    """Problem, answer and verdict, with tabs between them."""
    best, verdict = solution.best
    return "\t".join([solution.problem.prefix, " ".join(best.answer) if best else "", verdict])


def _latex(solution: Solution) -> str:
    """A formula, with the verdict behind it as a comment."""
    best, verdict = solution.best
    asked = formula(tree_of(solution.problem.prefix.split(), ALL_LEAVES))
    found = formula(tree_of(best.answer, ALL_LEAVES)) if best else r"\text{?}"
    if solution.problem.kind in EQUATIONS:
        return rf"{asked} = 0: \quad Y = {found} % {verdict}"
    return rf"\int {asked} \, dx = {found} % {verdict}"


def _json(solution: Solution) -> str:
    """Everything, in a line."""
    best, verdict = solution.best
    found: dict[str, Any] = {
        "line": solution.problem.index,
        "kind": solution.problem.kind,
        "problem": solution.problem.prefix,
        "verdict": verdict,
        "answer": _shown(best),
        "answers": [
            {**_shown(written), "verdict": said}
            for written, said in zip(solution.written, _verdicts(solution), strict=True)
        ],
    }
    return json.dumps(found)


def _verdicts(solution: Solution) -> list[Verdict | None]:
    """The verdict on each answer; None behind the first that is right, which were not looked at."""
    missing = len(solution.written) - len(solution.verdicts)
    return [*solution.verdicts, *[None] * missing]


def _shown(written: Written | None) -> dict[str, Any]:
    if written is None:
        return {}
    return {
        "tokens": " ".join(written.answer),
        "text": to_infix(written.answer),
        "latex": formula(tree_of(written.answer, ALL_LEAVES)),
        "log_probability": round(written.score, 4),
    }


_WRITERS: dict[str, Callable[[Solution], str]] = {
    "text": _text,
    "tokens": _tokens,
    "latex": _latex,
    "json": _json,
}
