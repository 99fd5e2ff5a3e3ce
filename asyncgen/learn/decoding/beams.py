"""Beam search (Graves 2012; Sutskever et al. 2014) for many problems at once, under the grammar.

Guarantees: whatever the network says, each answer is an expression of at most `length` tokens, and the
    answers to a problem are different, best first.
"""

from typing import NamedTuple

import torch
from torch import Tensor
from torch.nn.functional import log_softmax

from asyncgen.learn.data.slots import Placed, Slots
from asyncgen.learn.data.slots import State as Waiting
from asyncgen.learn.data.vocabulary import END, PAD, START
from asyncgen.learn.decoding.grammar import Grammar
from asyncgen.learn.decoding.grammar import State as Written
from asyncgen.learn.networks.seq2seq import Memory, Seq2Seq, State

_NEVER = float("-inf")


class Found(NamedTuple):
    """Answers (batch, beams, tokens), with the end mark and padding behind it, and their log-probabilities.

    Where fewer answers than beams are possible, the probability of the others is minus infinity.
    """

    answers: Tensor
    scores: Tensor


class _Beams(NamedTuple):
    """Partial answers: tokens, log-probabilities (batch, beams), the state of decoder and grammar."""

    tokens: Tensor
    scores: Tensor
    state: State
    written: Written
    waiting: Waiting


class _Rules(NamedTuple):
    """What limits the answers."""

    grammar: Grammar
    slots: Slots
    beams: int
    forbidden: Tensor


@torch.inference_mode()
def search(network: Seq2Seq, problems: Placed, constants: Tensor, beams: int, length: int) -> Found:
    """The best answers that were found to each problem (batch, places).

    constants: (batch,), how many arbitrary constants an answer has. length: most tokens of one, 1 or more.
    """
    batch, device = len(problems.ids), problems.ids.device
    grammar, slots = Grammar(device), Slots(device)
    rules = _Rules(grammar, slots, beams, grammar.forbidden(constants))
    memory = network.encode(problems)
    found = _Beams(
        torch.full((batch, 1, 1), START, device=device),
        torch.zeros(batch, 1, device=device),
        network.begin(memory),
        grammar.start(batch, 1),
        slots.start((batch, 1), length + 1),
    )
    for place in range(length + 1):
        found = _longer(network, memory, rules, found, length - place)
        if bool((found.tokens[..., -1] <= END).all()):
            break
    order = found.scores.argsort(1, descending=True)
    answers = found.tokens[..., 1:].gather(1, order.unsqueeze(-1).expand(-1, -1, found.tokens.shape[-1] - 1))
    return Found(answers, found.scores.gather(1, order))


def _longer(network: Seq2Seq, memory: Memory, rules: _Rules, found: _Beams, left: int) -> _Beams:
    """The best answers that are one token longer, or ended before; `left` tokens may come."""
    last = found.tokens[..., -1]
    here = Placed(last, rules.slots.here(found.waiting))
    logits, state = network.step(here, found.state, memory)
    allowed = rules.grammar.allowed(found.written, left) & ~rules.forbidden
    chances = log_softmax(logits.float().masked_fill(~allowed, _NEVER), -1)
    has_ended = (last == END) | (last == PAD)
    only_padding = torch.full_like(chances, _NEVER)
    only_padding[..., PAD] = 0
    chances = torch.where(has_ended.unsqueeze(-1), only_padding, chances)
    totals = (found.scores.unsqueeze(-1) + chances).flatten(1)
    scores, places = totals.topk(min(rules.beams, totals.shape[1]), 1)
    parents, tokens = places // chances.shape[-1], places % chances.shape[-1]
    tokens = tokens.masked_fill(scores == _NEVER, PAD)  # no answer: there are fewer than beams
    written = Written(*(_of(one, parents) for one in found.written))
    waiting = Waiting(*(_of(one, parents) for one in found.waiting))
    return _Beams(
        torch.cat([_of(found.tokens, parents), tokens.unsqueeze(-1)], -1),
        scores,
        network.chosen(state, parents),
        rules.grammar.behind(written, tokens),
        rules.slots.behind(waiting, tokens),
    )


def _of(values: Tensor, parents: Tensor) -> Tensor:
    """What belongs to these beams (batch, beams) of values (batch, earlier beams, ...)."""
    return values[torch.arange(len(values), device=values.device).unsqueeze(1), parents]
