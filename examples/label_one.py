"""Label functions that you type: integrate each, check the answer, see what became of it.

Shows the plain call `label`, and its awaitable twin with processes that several calls share.
"""

import asyncio

from asyncgen import Outcome, ParseError, label, label_async, labelling_scheduler

SEVERAL = ("1/(x**2 + 1)", "exp(-x**2)", "exp(x**3 + x)", "sqrt(sin(x) + x)", "7*2")


def describe(outcome: Outcome) -> str:
    """One line for people."""
    return f"{outcome.integrand:18} {outcome.status:14} {outcome.reason or outcome.integral}"


async def label_several() -> None:
    """The processes start once, and the functions are integrated side by side."""
    async with labelling_scheduler(workers=2) as scheduler:
        outcomes = await asyncio.gather(*(label_async(text, scheduler=scheduler) for text in SEVERAL))
    for outcome in outcomes:
        print(describe(outcome))


if __name__ == "__main__":
    print(describe(label("x*exp(x)")))
    asyncio.run(label_several())
    try:
        label("x*sine(x)")
    except ParseError as error:
        print(f"x*sine(x): {error}, column {error.column}")
