"""Networks, and the search for the likeliest answers; the oracle is the network itself, asked another way."""

from itertools import product

import pytest
import torch
from decoder_steps import placed_answers
from torch import Tensor

from asyncgen.learn.data.batches import problems_of
from asyncgen.learn.data.examples import constants_of
from asyncgen.learn.data.slots import Placed
from asyncgen.learn.data.vocabulary import END, PAD, SIZE, START, ids_of, tokens_of
from asyncgen.learn.decoding.beams import search
from asyncgen.learn.decoding.grammar import Grammar
from asyncgen.learn.networks.choice import network
from asyncgen.learn.settings import ModelSettings
from asyncgen.problems.tokens import ARBITRARY, LEAVES, read_prefix

CELLS = ("gru", "lstm", "transformer")
PROBLEMS = ("mul x exp x", "x", "add pow2 sin x pow2 cos x", "sub Y' Y", "add Y'' Y")


def small(cell: str, **others: int) -> torch.nn.Module:
    found = network(ModelSettings(cell=cell, units=16, embedding=8, heads=2, **others))
    torch.nn.init.normal_(found.encoder.tokens.weight, std=1.0)  # so that answers differ in likelihood
    return found.eval()


def asked(problems: tuple[str, ...]) -> tuple[Placed, Tensor]:
    tokens = [tuple(problem.split()) for problem in problems]
    return problems_of([ids_of(one) for one in tokens]), torch.tensor([constants_of(one) for one in tokens])


@pytest.mark.parametrize("layers", [1, 2])
@pytest.mark.parametrize("cell", CELLS)
def test_step_by_step_is_all_at_once(cell: str, layers: int):
    """The logits of a decoder that is fed its own tokens are those of one that is given all of them."""
    found = small(cell, layers=layers)
    problems, _ = asked(PROBLEMS)
    answers = torch.randint(3, SIZE, (len(PROBLEMS), 6))
    answers[:, 0] = START
    placed = placed_answers(answers)
    with torch.inference_mode():
        whole = found(problems, placed)
        memory = found.encode(problems)
        state = found.begin(memory)
        for place in range(answers.shape[1]):
            here = Placed(*(one[:, place : place + 1] for one in placed))
            logits, state = found.step(here, state, memory)
            torch.testing.assert_close(logits[:, 0], whole[:, place], rtol=1e-4, atol=1e-5)


@pytest.mark.parametrize("cell", CELLS)
def test_padding_changes_nothing(cell: str):
    """A problem alone and one beside longer ones have the same answer."""
    found = small(cell)
    problems, _ = asked(PROBLEMS)
    answers = torch.tensor([[START, 5, 6]])
    with torch.inference_mode():
        together = found(problems, placed_answers(answers.expand(len(PROBLEMS), -1)))
        for row, problem in enumerate(PROBLEMS):
            alone, _ = asked((problem,))
            torch.testing.assert_close(
                found(alone, placed_answers(answers))[0], together[row], rtol=1e-4, atol=1e-5
            )


@pytest.mark.parametrize("cell", CELLS)
@pytest.mark.parametrize("length", [1, 2, 3, 8, 21])
def test_an_untrained_model_writes_expressions(cell: str, length: int):
    """Each within the length, no two the same, with the constants that the problem has."""
    found = small(cell)
    problems, constants = asked(PROBLEMS)
    written = search(found, problems, constants, 10, length)
    for row, count in enumerate(constants.tolist()):
        answers = [
            tokens_of(answer)
            for answer, score in zip(written.answers[row].tolist(), written.scores[row].tolist(), strict=True)
            if score > float("-inf")
        ]
        there_are = 4 + count if length == 1 else 10  # x, E, pi, I, and constants
        assert len(set(answers)) == len(answers) == there_are
        for answer in answers:
            assert read_prefix(" ".join(answer), LEAVES.union(ARBITRARY[:count])) == answer
            assert len(answer) <= length
        assert written.scores[row].tolist() == sorted(written.scores[row].tolist(), reverse=True)


@pytest.mark.parametrize("cell", CELLS)
def test_a_wide_beam_finds_all_there_is(cell: str):
    """The likeliest answers of two tokens, and their likelihoods, by trying all of them."""
    found = small(cell)
    problems, constants = asked(("mul x exp x",))
    best = by_trying(found, problems, 2)
    written = search(found, problems, constants, len(best) + 5, 2)
    answers = [tokens_of(answer) for answer in written.answers[0].tolist()][: len(best)]
    assert answers == list(best)
    torch.testing.assert_close(written.scores[0][: len(best)], torch.tensor(list(best.values())))
    assert written.scores[0][len(best) :].tolist() == [float("-inf")] * 5


def by_trying(found: torch.nn.Module, problems: Placed, length: int) -> dict[tuple[str, ...], float]:
    """Every answer with its log-probability, best first."""
    grammar = Grammar(problems.ids.device)
    scores = {}
    for size in range(1, length + 1):
        for ids in product(range(SIZE), repeat=size):
            if (score := _score(found, grammar, problems, [*ids, END])) is not None:
                scores[tokens_of(ids)] = score
    return dict(sorted(scores.items(), key=lambda pair: -pair[1]))


@torch.inference_mode()
def _score(found: torch.nn.Module, grammar: Grammar, problems: Placed, ids: list[int]) -> float | None:
    """The log-probability of these tokens; None where the grammar, or the problem, forbids one."""
    state, room = grammar.start(1), len(ids) - 1
    forbidden = grammar.forbidden(torch.tensor([0]))[:, 0]
    masks = []
    for place, token in enumerate(ids):
        allowed = grammar.allowed(state, 2 - place) & ~forbidden
        if not allowed[0, token]:
            return None
        masks.append(allowed[0])
        state = grammar.behind(state, torch.tensor([token]))
    logits = found(problems, placed_answers(torch.tensor([[START, *ids[:room]]])))[0]
    chances = logits.masked_fill(~torch.stack(masks), float("-inf")).log_softmax(-1)
    return float(chances[torch.arange(len(ids)), torch.tensor(ids)].sum())


def test_what_stands_behind_the_end_is_padding():
    found = small("gru")
    problems, constants = asked(PROBLEMS)
    for answer in search(found, problems, constants, 5, 9).answers.flatten(0, 1).tolist():
        end = answer.index(END) if END in answer else len(answer)
        assert set(answer[end + 1 :]) <= {PAD}
