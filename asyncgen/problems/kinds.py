"""The kinds of problem: their names, how many operators their functions have, what is random in an attempt.

A forward problem is a function that is drawn; its antiderivative is looked for. A problem of every other
kind is built together with its answer: attempts are made until one gives a row.
"""

from collections.abc import Iterator, Mapping
from typing import Protocol

from asyncgen.problems import known_pairs
from asyncgen.problems.errors import UsageError
from asyncgen.problems.spec import Law, OperatorCount, Spec

FORWARD = "forward"
CONSTRUCTED = ("backward", "parts", "parts-lookup", "ode1", "ode2", "liouville", "substitution", "tower")
KINDS = (FORWARD, *CONSTRUCTED)
MIXTURE = "mixture"  # the kind of a specification with several
EQUATIONS = ("ode1", "ode2")  # a problem is a differential equation: it stands for "problem = 0"
WITH_TABLE = ("parts", "parts-lookup", "substitution")  # look up known pairs
WITH_FORMS = (  # write a row in the shorter of two forms
    *("backward", "parts", "parts-lookup", "liouville", "substitution"),
)
WITHOUT_TREES = ("liouville", "tower")  # draw no function from the distribution

ATTEMPTS = 128  # at one index, at most

# Of the released data of Lample & Charton (arXiv 1912.01412). Forward problems have the preset's own law.
_SMALL_ONES_TOO: Law = (OperatorCount(4, 15, 39.0), OperatorCount(0, 3, 1.0))
PAPER_LAWS: Mapping[str, Law] = {
    "backward": _SMALL_ONES_TOO,
    "parts": (OperatorCount(3, 8),),
    "parts-lookup": _SMALL_ONES_TOO,
    "ode1": (OperatorCount(3, 15),),
    "ode2": (OperatorCount(5, 15),),
    "substitution": (OperatorCount(1, 5),),  # of the inner function u
}
SECOND_LAW: Law = (OperatorCount(1, 4),)  # of the second function of parts-lookup, always


class Draw(Protocol):
    """What is random in one attempt at a row: the same whenever it is asked for, in whatever order."""

    @property
    def operators(self) -> int:
        """How many internal nodes the law of the kind gave for this attempt; 0 where the kind has none."""
        ...

    @property
    def structural(self) -> bool:
        """Whether functions are wanted in the form in which they are found first, not in the shortest."""
        ...

    def function(self, part: str = "") -> list[str]:
        """A function with that many operators and an x in it, as prefix tokens; another for each part."""
        ...

    def second(self) -> list[str]:
        """A function with 1..4 operators, whatever the law of the kind."""
        ...

    def words(self, part: str) -> Iterator[int]:
        """Random integers of 64 bits without end; others for each part."""
        ...


def is_constructed(spec: Spec) -> bool:
    """Whether rows of a specification are built with their answers, at least some."""
    return any(share.kind in CONSTRUCTED for share in spec.shares)


def is_searched(spec: Spec) -> bool:
    """Whether engines look for antiderivatives, at least for some rows."""
    return any(share.kind not in CONSTRUCTED for share in spec.shares)


def needs_table(spec: Spec) -> bool:
    """Whether rows of a specification look up known pairs, at least some."""
    return any(share.kind in WITH_TABLE for share in spec.shares)


def check_table(spec: Spec) -> None:
    """Raise UsageError unless the table of known pairs that a specification goes with is here, undamaged."""
    if not needs_table(spec):
        return
    if spec.source != known_pairs.digest():
        raise UsageError(
            f"these rows need the table of known pairs with SHA-256 {str(spec.source)[:12]}..., and here is "
            f"{known_pairs.digest()[:12]}...: use the asyncgen that began with it"
        )
    known_pairs.content()
