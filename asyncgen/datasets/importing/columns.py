"""Which columns of a file hold problem, answer, kind and success: as named, or the usual ones."""

from collections.abc import Mapping, Sequence
from typing import NamedTuple

from asyncgen.problems.errors import UsageError, shown
from asyncgen.problems.typed import unknown

ROLES = ("problem", "answer", "kind", "success")
USUAL = (  # problem and answer, the first that are there
    ("problem_prefix", "answer_prefix"),
    ("integrand", "integral"),
    ("input", "output"),
    ("problem", "answer"),
)

_SHOWN = 20  # columns that a message names


class Columns(NamedTuple):
    """The names of the columns.

    `kind_named`: somebody has said which column holds the kind, so that a value that is none is a fault.
    """

    problem: str
    answer: str
    kind: str | None = None
    success: str | None = None
    kind_named: bool = False

    @property
    def names(self) -> tuple[str | None, ...]:
        """The columns in the order of ROLES."""
        return self.problem, self.answer, self.kind, self.success

    def parts(self) -> list[str]:
        """One text for each column, as in `asked_columns`; "kind?" is a kind that nobody has named."""
        names = zip(ROLES, self.names, strict=True)
        said = {"kind": "kind" if self.kind_named else "kind?"}
        return [f"{said.get(role, role)}={name}" for role, name in names if name is not None]


def asked_columns(text: str) -> dict[str, str]:
    """Read a list such as "problem=integrand,answer=integral". Raises UsageError."""
    found: dict[str, str] = {}
    for part in text.split(","):
        role, equals, name = (piece.strip() for piece in part.partition("="))
        if not (equals and name):
            raise UsageError(f"--columns {text}: write problem=NAME,answer=NAME, with the names of columns")
        if role not in ROLES:
            raise UsageError(f"--columns: there is no {unknown(role, ROLES)}")
        if role in found:
            raise UsageError(f"--columns {text}: {role} is named twice")
        found[role] = name
    if len(set(found.values())) < len(found):
        raise UsageError(f"--columns {text}: a column is named for two things")
    if ("problem" in found) is not ("answer" in found):
        raise UsageError(f"--columns {text}: name the columns of both problem and answer")
    return found


def columns_among(there: Sequence[str], asked: Mapping[str, str], where: str) -> Columns:
    """The columns that are meant among those that are there. Raises UsageError where they are not."""
    for name in asked.values():
        if name not in there:
            raise UsageError(f"{where} has no column {unknown(name, list(there))}{_others(name, there)}")
    found = (asked["problem"], asked["answer"]) if "problem" in asked else usual_among(there)
    if found is None:
        raise UsageError(
            f"{where} has none of the usual columns for problem and answer; there are: {_listed(there)}. "
            "Name yours, as in --columns problem=integrand,answer=integral"
        )
    chosen = {role: asked.get(role, role if role in there else None) for role in ("kind", "success")}
    for name in (*found, *filter(None, chosen.values())):
        if list(there).count(name) > 1:
            raise UsageError(f"{where} has several columns {shown(name)}: rename all but one")
    return Columns(*found, chosen["kind"], chosen["success"], kind_named="kind" in asked)


def usual_among(there: Sequence[str]) -> tuple[str, str] | None:
    """The first usual pair of columns that is there."""
    return next((pair for pair in USUAL if set(pair) <= set(there)), None)


def _others(name: str, there: Sequence[str]) -> str:
    """All columns, where only the nearest was named."""
    return f" (there are: {_listed(there)})" if "did you mean" in unknown(name, list(there)) else ""


def _listed(there: Sequence[str]) -> str:
    names = ", ".join(name[:_SHOWN] or "''" for name in there[:_SHOWN])
    return (names or "none") + (", ..." if len(there) > _SHOWN else "")
