"""What the grammar lets a decoder write is what our reader reads, and nothing else."""

from itertools import product

import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st

from asyncgen.learn.data.vocabulary import DIGITS, END, IDS, PAD, SIZE, TOKENS
from asyncgen.learn.decoding.grammar import Grammar
from asyncgen.problems.errors import ParseError
from asyncgen.problems.tokens import ARBITRARY, LEAVES, read_prefix

GRAMMAR = Grammar(torch.device("cpu"))
FEW = ("add", "sin", "hyp1f1", "INT+", "INT-", "1", "0", "x", "a8")
WRITABLE = LEAVES.union(ARBITRARY)


def is_written(tokens: tuple[str, ...], length: int) -> bool:
    """Whether the grammar allows these tokens, one by one, and then the end."""
    state = GRAMMAR.start(1)
    for place, token in enumerate(tokens):
        if not GRAMMAR.allowed(state, length - place)[0, IDS[token]]:
            return False
        state = GRAMMAR.behind(state, torch.tensor([IDS[token]]))
    return bool(GRAMMAR.allowed(state, length - len(tokens))[0, END])


def is_read(tokens: tuple[str, ...]) -> bool:
    try:
        read_prefix(" ".join(tokens), WRITABLE)
    except ParseError:
        return False
    return True


@pytest.mark.parametrize("length", [1, 2, 3, 4])
def test_exactly_what_is_read_is_written(length: int):
    """All sequences of a few tokens."""
    for size in range(1, length + 1):
        for tokens in product(FEW, repeat=size):
            assert is_written(tokens, length) == is_read(tokens), tokens


@settings(max_examples=200, deadline=None)
@given(st.data(), st.integers(1, 40))
def test_no_way_leads_into_a_corner(data: st.DataObject, length: int):
    """Whichever tokens are taken, there is a next one, or the end, within the length."""
    state, written = GRAMMAR.start(1), []
    for room in range(length, -1, -1):
        allowed = GRAMMAR.allowed(state, room)[0].nonzero().flatten().tolist()
        assert allowed
        token = data.draw(st.sampled_from(allowed))
        if token == END:
            break
        written.append(TOKENS[token])
        state = GRAMMAR.behind(state, torch.tensor([token]))
    assert token == END
    assert is_read(tuple(written))


def test_marks_and_sums_are_never_written():
    """Nor the unknown function, which stands in problems only."""
    allowed = GRAMMAR.allowed(GRAMMAR.start(1), 100)[0]
    never = [PAD, *(IDS[token] for token in ("<start>", "rootsum", "z", "Y", "Y'", "Y''", *DIGITS))]
    assert not allowed[never].any()
    assert allowed.sum() == SIZE - len(never) - 1  # the end


def test_constants_belong_to_equations():
    """As many as their order."""
    forbidden = GRAMMAR.forbidden(torch.tensor([0, 1, 2])).squeeze(1)
    assert forbidden[:, [IDS[name] for name in ARBITRARY]].tolist() == [
        [True, True],
        [False, True],
        [False, False],
    ]
    assert forbidden.sum() == 3


def test_states_are_of_any_shape():
    """Each beam of each problem has its own."""
    state = GRAMMAR.start(2, 3)
    tokens = torch.tensor([[IDS["x"], IDS["add"], IDS["INT-"]]] * 2)
    behind = GRAMMAR.behind(state, tokens)
    assert behind.open.tolist() == [[0, 2, 0]] * 2
    assert GRAMMAR.allowed(behind, 5)[:, :, IDS["7"]].tolist() == [[False, False, True]] * 2
    assert GRAMMAR.allowed(behind, 5)[:, :, END].tolist() == [[True, False, False]] * 2
