"""A derivation as a sequence of headings, sentences and displayed formulas, in whatever notation."""

from collections.abc import Iterator, Sequence

from asyncgen.derivations.blocks import Block, Heading, Item, Math, Say, Show, holds, listed, shown
from asyncgen.derivations.endings import obstruction
from asyncgen.derivations.narrated_steps import step
from asyncgen.problems.derivations import (
    Answer,
    Attempt,
    Branch,
    Change,
    Derivation,
    Kernel,
    KernelKind,
    Verdict,
)

MOST_ATTEMPTS = 8  # that are told of

_WAYS = {
    "as it stands": "as it stands",
    "substitution": "in another variable",
    "roots": "in a field with roots",
    "term": "of the sum this term alone",
}
_KINDS = {
    KernelKind.EXPONENTIAL: "an exponential",
    KernelKind.LOGARITHM: "a logarithm",
    KernelKind.ROOT: "a root",
}


def narrative(derivation: Derivation) -> Iterator[Block]:
    """The whole, with a heading for the function."""
    yield Heading(("The integral of ", Math(derivation.function)))
    yield from _told(derivation)


def _told(derivation: Derivation) -> Iterator[Block]:
    if derivation.tried:
        yield from _tried(derivation)
    if derivation.change is not None:
        yield from _change(derivation.change)
    if len(derivation.branches) > 1:
        yield from _signs(derivation)
    for branch in derivation.branches:
        yield from _branch(branch, derivation.change)
    for place, part in enumerate(derivation.parts, start=1):
        if place == 1:
            yield Say(("The sum is decided term by term.",))
        sign = "" if part.sign > 0 else ", which is subtracted"
        yield Heading((f"Term {place}: ", Math(part.derivation.function), sign), level=2)
        yield from _told(part.derivation)
    yield from _result(derivation)


# -- how it was looked at --------------------------------------------------------------------------------


def _tried(derivation: Derivation) -> Iterator[Block]:
    yield Say(("Looked at without a decision, and where it stopped:",))
    for attempt in derivation.tried[:MOST_ATTEMPTS]:
        yield Show((*_way(attempt), f": {attempt.reason}"))
    if len(derivation.tried) > MOST_ATTEMPTS:
        yield Say((f"and {len(derivation.tried) - MOST_ATTEMPTS} more.",))


def _way(attempt: Attempt) -> Sequence[Item]:
    if attempt.change is not None:
        roots = ", in a field with roots" if attempt.way.endswith("roots") else ""
        return ("with ", Math("x"), " = ", shown(attempt.change.x), roots)
    words = _WAYS[attempt.way]
    return (words, ", ", Math(attempt.function)) if attempt.way == "term" else (words,)


def _change(change: Change) -> Iterator[Block]:
    yield Heading(("Change of the variable",), level=3)
    yield Say(("The variable becomes ", Math("s"), ", with"))
    yield Show((Math("x"), " = ", shown(change.x)))
    yield Show((Math("s"), " = ", shown(change.s)))
    yield Say(("The integrand is the function of ", Math("x"), " times ", Math("dx"), "/", Math("ds"), "."))


def _signs(derivation: Derivation) -> Iterator[Block]:
    roots = [Math(sign.part) for sign in derivation.branches[0].signs]
    yield Say(
        (
            "Roots of squares have two values: ",
            *listed(roots),
            ". Each choice of the signs may hold somewhere, so the function is looked at with each.",
        )
    )


# -- the field -------------------------------------------------------------------------------------------


def _branch(branch: Branch, changed: Change | None) -> Iterator[Block]:
    yield from _field(branch, changed)
    if branch.steps or branch.obstruction is not None:
        yield Heading(("Steps",), level=3)
    for number, one in enumerate(branch.steps, start=1):
        yield from step(one, number)
    if branch.obstruction is not None:
        yield from obstruction(branch.obstruction, len(branch.steps) + 1)
    elif len(branch.steps) > 1:
        yield Say(("Added up:",))
        yield Show((Math("F"), " = ", shown(branch.antiderivative)))


def _field(branch: Branch, changed: Change | None) -> Iterator[Block]:
    yield Heading(("The field",), level=3)
    for sign in branch.signs:
        yield Say(("For the root of a square this value is taken: ",))
        yield Show((Math(sign.part), " = ", shown(sign.value)))
    if branch.constants:
        yield from _constants(branch)
    if not branch.kernels:
        yield Say(("The integrand is a rational function:",))
        yield Show((Math("f"), " = ", shown(branch.element)))
        return
    yield Say(("The integrand is written with these kernels, ", Math("D"), " being the derivation:"))
    for kernel in branch.kernels:
        yield from _kernel(kernel)
    if any(kernel.kind in (KernelKind.EXPONENTIAL, KernelKind.LOGARITHM) for kernel in branch.kernels):
        yield Say(
            (
                "Each exponential and logarithm is transcendental over the field before it, by the structure "
                "theorem (Bronstein 9.3).",
            )
        )
    if branch.rewritten:
        yield Say(("The functions become:",))
        for rewritten in branch.rewritten:
            yield Show((Math(rewritten.part), " = ", shown(rewritten.value)))
    names = ("x" if changed is None else "s", *(kernel.name for kernel in branch.kernels))
    yield Say(("So the integrand lies in ", Math(("C", *names)), ", ", Math("C"), " being the constants:"))
    yield Show((Math("f"), " = ", shown(branch.element)))


def _constants(branch: Branch) -> Iterator[Block]:
    names = listed([shown(constant) for constant in branch.constants])
    if len(branch.constants) == 1:
        yield Say(("The constant ", *names, " is taken to be transcendental."))
        return
    yield Say(
        (
            "The constants ",
            *names,
            " are taken to be algebraically independent, which follows from Schanuel's conjecture.",
        )
    )


def _kernel(kernel: Kernel) -> Iterator[Block]:
    called: Sequence[Item] = () if kernel.called is None else (" = ", Math(kernel.called))
    yield Show((Math(kernel.name), *called, " = ", shown(kernel.definition), f", {_KINDS[kernel.kind]}"))
    yield Show((Math(("D", kernel.name)), " = ", shown(kernel.derivative)))


# -- how it ended ----------------------------------------------------------------------------------------


def _result(derivation: Derivation) -> Iterator[Block]:
    yield Heading(("Result",), level=3)
    if derivation.answer is not None:
        yield from _antiderivative(derivation, derivation.answer)
    elif derivation.verdict is Verdict.NONELEMENTARY:
        yield from _proof(derivation)
    else:
        yield Say((f"{derivation.verdict.capitalize()}: {derivation.reason}.",))


def _antiderivative(derivation: Derivation, answer: Answer) -> Iterator[Block]:
    if answer.joined:
        yield Say(("The antiderivatives of the two signs are joined by the sign of the root.",))
    elif derivation.parts:
        yield Say(("The antiderivatives of the terms are added.",))
    if any(holds(branch.antiderivative, "I") for branch in derivation.branches):
        yield Say(("Elementary. The real part, as a function of ", Math("x"), ":"))
    else:
        yield Say(("Elementary. As a function of ", Math("x"), ":"))
    yield Show((Math("F"), " = ", shown(answer.antiderivative)))
    if derivation.verdict is Verdict.ELEMENTARY:
        yield Say(
            (
                f"The check confirms it: in ball arithmetic its derivative is the integrand at "
                f"{answer.agreeing} points, and differs at none.",
            )
        )
    else:
        yield Say((f"The check does not confirm it: {answer.check}.",))


def _proof(derivation: Derivation) -> Iterator[Block]:
    if derivation.parts:
        yield Say(
            (
                "All terms but one have elementary antiderivatives, which the check confirms; that one has "
                "none. So the sum has none.",
            )
        )
    elif len(derivation.branches) > 1:
        yield Say(("No choice of the signs leads to an elementary antiderivative: there is none.",))
    else:
        yield Say(("There is no elementary antiderivative.",))
    if len(derivation.moduli) > 1:
        bits = derivation.moduli[0].bit_length()
        yield Say(
            (
                f"All this was computed modulo a prime of {bits} bits, and the same was found again modulo a "
                "second, independent one.",
            )
        )
    if derivation.special is not None:
        yield Say(("With special functions there is one, which the check confirms:",))
        yield Show((Math("F"), " = ", shown(derivation.special.antiderivative)))
