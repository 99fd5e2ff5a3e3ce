"""Where a token stands in its tree: as which operand of which operator.

In prefix notation this is known before the token is: the operands that are still to be written wait on a
stack, and the next token takes the place on top. A network that is told these places need not keep count.

Of what is written already they are worked out once, token by token; of what is being written, step by step
for many beams at once.
"""

from collections.abc import Sequence
from typing import NamedTuple

import torch
from torch import Tensor

from asyncgen.learn.data.vocabulary import DIGITS, IDS, SIZE
from asyncgen.problems.tokens import ALL_LEAVES, ARITY, BOUND, SIGNS, SUMS

NOWHERE, ROOT, DIGIT, OVER = range(
    4
)  # of padding, the first token, one that must be a digit, behind the last
_ARITIES = {**ARITY, **SUMS}
_MOST = max(_ARITIES.values())  # operands
_FIRST = {  # the slot of an operator's first operand; the others follow
    token: 1 + OVER + sum(list(_ARITIES.values())[:place]) for place, token in enumerate(_ARITIES)
}
SLOTS = 1 + OVER + sum(_ARITIES.values())  # fewer than 256: a slot is a byte
_DIGITS = frozenset(IDS[digit] for digit in DIGITS)
_SIGNS = frozenset(IDS[token] for token in SIGNS)
_OPENED = {  # by the id of whatever takes a slot: those of its operands, the last one first
    IDS[token]: tuple(range(_FIRST[token] + operands - 1, _FIRST[token] - 1, -1)) if operands else ()
    for token, operands in {**_ARITIES, **dict.fromkeys((*ALL_LEAVES, *SIGNS, BOUND), 0)}.items()
}


class Placed(NamedTuple):
    """Ids, and a slot for each, of one shape.

    Of problems the slot is that of the token itself, of answers that of the token which comes next.
    """

    ids: Tensor
    slots: Tensor

    def to(self, device: torch.device) -> "Placed":
        """The same on a device."""
        return Placed(self.ids.to(device, non_blocking=True), self.slots.to(device, non_blocking=True))


def slots_before(ids: Sequence[int]) -> list[int]:
    """The slot of each token, as it is known before the token is."""
    found, waiting, needs_digit = [], [ROOT], False
    for token in ids:
        found.append(DIGIT if needs_digit else waiting[-1] if waiting else OVER)
        if waiting and token in _OPENED:
            waiting.pop()
            waiting += _OPENED[token]
        needs_digit = token in _SIGNS
    return found


def slots_of(ids: Sequence[int]) -> list[int]:
    """The slot of each token, as it is known when the token is: digits are told, too."""
    before = zip(ids, slots_before(ids), strict=True)
    return [DIGIT if token in _DIGITS else slot for token, slot in before]


class State(NamedTuple):
    """Of partial expressions: slots that wait (*shape, depth), how many, and whether a digit must come."""

    waiting: Tensor
    size: Tensor
    needs_digit: Tensor


class Slots:
    """The rules, on a device."""

    def __init__(self, device: torch.device) -> None:
        opened = torch.zeros(SIZE, _MOST, dtype=torch.int16)  # the last operand first
        arity = torch.zeros(SIZE, dtype=torch.long)
        takes = torch.zeros(SIZE, dtype=torch.bool)
        for token, operands in _OPENED.items():
            takes[token] = True
            arity[token] = len(operands)
            opened[token, : len(operands)] = torch.tensor(operands, dtype=torch.int16)
        self._opened, self._arity, self._takes = (one.to(device) for one in (opened, arity, takes))
        self._is_sign = torch.zeros(SIZE, dtype=torch.bool, device=device)
        self._is_sign[list(_SIGNS)] = True
        self._places = torch.arange(_MOST, device=device)
        self._device = device

    def start(self, shape: tuple[int, ...], most: int) -> State:
        """Expressions of which nothing is written, and in which at most `most` operands ever wait."""
        waiting = torch.zeros(*shape, most + _MOST, dtype=torch.int16, device=self._device)
        waiting[..., 0] = ROOT
        ones = torch.ones(shape, dtype=torch.long, device=self._device)
        return State(waiting, ones, ones == 0)

    def here(self, state: State) -> Tensor:
        """The slot of the token that comes next."""
        top = (state.size - 1).clamp(min=0).unsqueeze(-1)
        slot = state.waiting.gather(-1, top).squeeze(-1).long()
        slot = torch.where(state.size > 0, slot, OVER)
        return torch.where(state.needs_digit, DIGIT, slot)

    def behind(self, state: State, tokens: Tensor) -> State:
        """The state when these tokens are written, of whatever sort; marks and digits take no slot."""
        takes = self._takes[tokens] & (state.size > 0)
        base = (state.size - 1).clamp(min=0).unsqueeze(-1) + self._places
        kept = state.waiting.gather(-1, base)
        opened = torch.where(takes.unsqueeze(-1), self._opened[tokens], kept)
        size = state.size + torch.where(takes, self._arity[tokens] - 1, 0)
        return State(state.waiting.scatter(-1, base, opened), size, self._is_sign[tokens])
