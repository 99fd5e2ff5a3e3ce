"""Which rows of a store are exported, and why the others are not."""

from dataclasses import dataclass

from asyncgen.problems.kinds import EQUATIONS
from asyncgen.problems.records import Known, Outcome, Status

SUCCEEDED = tuple(status for status in Status if status.success)
MAX_TOKENS = 512  # as in the published files
_ON_PART = "part:"  # begins the reason of an equation whose solution holds on a part of the points tried


@dataclass(frozen=True, slots=True, kw_only=True)
class Selection:
    """What is asked of a row.

    kinds: none stands for all. max_tokens: of the problem, and of the answer. continuous, real: whether the
    answer, if there is one, is known to be. real_answers: the real form in the place of the answer, where
    there is one. on_part: also equations whose solution was confirmed on a part of the points only.
    """

    kinds: tuple[str, ...] = ()
    statuses: tuple[Status, ...] = SUCCEEDED
    max_tokens: int = MAX_TOKENS
    continuous: bool = False
    real: bool = False
    real_answers: bool = False
    on_part: bool = False

    def reason(self, row: Outcome) -> str | None:
        """Why a row is left out, as far as its columns tell; None if it is not."""
        if row.status not in self.statuses and not self.is_on_part(row):
            return "status"
        if self.kinds and row.kind not in self.kinds:
            return "kind"
        if not row.problem_prefix:
            return "no problem"
        shown = self.shown(row)
        if shown.answer_prefix is None:
            return None
        if self.continuous and shown.continuous != Known.YES:
            return "not known to be continuous"
        if self.real and shown.real != Known.YES:
            return "not known to be real"
        return None

    def is_on_part(self, row: Outcome) -> bool:
        """Whether a row is in because its solution is right on a part of the points."""
        return (
            self.on_part
            and row.status is Status.UNVERIFIED
            and row.kind in EQUATIONS
            and (row.reason or "").startswith(_ON_PART)
        )

    def is_confirmed(self, row: Outcome) -> bool:
        """Whether its answer may be taught."""
        return row.success or self.is_on_part(row)

    def shown(self, row: Outcome) -> Outcome:
        """The row with the answer that is wanted."""
        return row.shown if self.real_answers else row
