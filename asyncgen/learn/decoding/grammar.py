"""Which token may come next, so that what a decoder writes is an expression, within its length.

In prefix notation an expression ends exactly when no operand is open. A token of arity a closes the operand
that it stands for and opens a others. Behind INT+ and INT- a digit must follow, and more may. So what is
allowed depends on the number of open operands, on whether an integer is being written, and on how many
tokens may still come. All of it is vectorised: the state of each beam is two numbers.
"""

from typing import NamedTuple

import torch
from torch import Tensor

from asyncgen.learn.data.vocabulary import DIGITS, END, IDS, SIZE
from asyncgen.problems.tokens import ARBITRARY, ARITY, LEAVES, SIGNS

_NO_INTEGER, _NEEDS_DIGIT, _MAY_HAVE_DIGIT = 0, 1, 2


class State(NamedTuple):
    """Of partial expressions, tensors of one shape: operands to be written, and how an integer stands."""

    open: Tensor
    integer: Tensor


class Grammar:
    """The rules, on a device. Sums over roots are never written: their polynomials have own rules."""

    def __init__(self, device: torch.device) -> None:
        growth = torch.zeros(SIZE, dtype=torch.long)  # of the number of open operands
        begins = torch.zeros(SIZE, dtype=torch.bool)  # an operand
        for token, arity in {**ARITY, **dict.fromkeys((*LEAVES, *ARBITRARY, *SIGNS), 0)}.items():
            growth[IDS[token]] = arity - 1
            begins[IDS[token]] = True
        self._growth = growth.to(device)
        self._begins = begins.to(device)
        self._is_sign = _members(SIGNS, device)
        self._is_digit = _members(DIGITS, device)
        self._constants = [_members(ARBITRARY[count:], device) for count in range(len(ARBITRARY) + 1)]
        self._device = device

    def start(self, *shape: int) -> State:
        """The state of expressions of which nothing is written."""
        zeros = torch.zeros(shape, dtype=torch.long, device=self._device)
        return State(zeros + 1, zeros + _NO_INTEGER)

    def forbidden(self, constants: Tensor) -> Tensor:
        """Tokens that no answer may have to problems with so many arbitrary constants (batch,).

        The result is (batch, 1, vocabulary).
        """
        return torch.stack(self._constants)[constants].unsqueeze(1)

    def allowed(self, state: State, room: int) -> Tensor:
        """What may come next where `room` tokens may, the end not counted: (*shape, vocabulary), bool."""
        still = state.open.unsqueeze(-1)
        integer = state.integer.unsqueeze(-1)
        needed = still + self._growth + self._is_sign.long()  # tokens that must come behind this one
        begins = self._begins & (still > 0) & (integer != _NEEDS_DIGIT) & (needed < room)
        continues = self._is_digit & (integer != _NO_INTEGER) & (still < room)
        allowed = begins | continues
        allowed[..., END] = (state.open == 0) & (state.integer != _NEEDS_DIGIT)
        return allowed

    def behind(self, state: State, tokens: Tensor) -> State:
        """The state when these tokens, of the same shape, are written; marks change nothing."""
        is_digit = self._is_digit[tokens]
        integer = torch.where(self._is_sign[tokens], _NEEDS_DIGIT, _NO_INTEGER)
        integer = torch.where(is_digit, _MAY_HAVE_DIGIT, integer)
        is_mark = tokens <= END
        return State(state.open + self._growth[tokens], torch.where(is_mark, state.integer, integer))


def _members(tokens: tuple[str, ...], device: torch.device) -> Tensor:
    """Which ids are those of these tokens."""
    found = torch.zeros(SIZE, dtype=torch.bool, device=device)
    found[[IDS[token] for token in tokens]] = True
    return found
