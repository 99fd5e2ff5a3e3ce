"""The slot of a token, against a walk over the tree itself."""

import pytest
import torch
from decoder_steps import placed_answers
from hypothesis import given, settings
from hypothesis import strategies as st

from asyncgen.learn.data.slots import DIGIT, OVER, ROOT, SLOTS, slots_before, slots_of
from asyncgen.learn.data.vocabulary import END, START, TOKENS, ids_of
from asyncgen.problems.tokens import tree_of
from asyncgen.problems.tree import flatten

LEAVES = st.one_of(st.sampled_from(("x", "pi")), st.integers(-120, 120))
TREES = st.recursive(
    LEAVES,
    lambda below: st.one_of(
        st.tuples(st.sampled_from(("sin", "pow2")), below),
        st.tuples(st.sampled_from(("add", "div")), below, below),
        st.tuples(st.just("hyp1f1"), below, below, below),
    ),
    max_leaves=12,
)


def by_walking(node: object, above: tuple[str, int] | None = None) -> list[object]:
    """For each token: the operator above and the number of the operand, or "digit"."""
    if isinstance(node, int):
        return [above, *["digit"] * len(str(abs(node)))]
    if isinstance(node, str):
        return [above]
    token, *operands = node
    return [above, *(one for place, each in enumerate(operands) for one in by_walking(each, (token, place)))]


@settings(max_examples=200, deadline=None)
@given(TREES)
def test_a_slot_is_an_operand_of_an_operator(tree: object):
    """Two tokens have the same slot where the tree says so, and only there."""
    tokens = flatten(tree)
    assert tree_of(tokens) == tree
    found = dict(zip(by_walking(tree), slots_of(ids_of(tokens)), strict=True))
    assert found.pop(None) == ROOT
    assert found.pop("digit", DIGIT) == DIGIT
    assert len(set(found.values())) == len(found)
    assert all(OVER < slot < SLOTS for slot in found.values())


@settings(max_examples=100, deadline=None)
@given(TREES)
def test_the_next_slot_is_known_before_the_token(tree: object):
    """But for digits behind the first, which need not come."""
    tokens = flatten(tree)
    own, before = slots_of(ids_of(tokens)), slots_before([*ids_of(tokens), END, END])
    for place, token in enumerate(tokens):
        if not token.isdigit() or tokens[place - 1] in ("INT+", "INT-"):
            assert before[place] == own[place]
    assert before[len(tokens) :] == [OVER, OVER]


@settings(max_examples=100, deadline=None)
@given(st.lists(st.sampled_from(TOKENS[3:]), max_size=30))
def test_a_decoder_is_told_the_same_step_by_step(tokens: list[str]):
    """Whatever it writes."""
    ids = ids_of(tokens)
    assert placed_answers(torch.tensor([[START, *ids]])).slots[0].tolist() == slots_before([*ids, END])


@pytest.mark.parametrize("text", ["x x x", "add", "7 INT+", "rootsum add z INT+ 1 z", "sub Y' Y"])
def test_whatever_is_written_has_slots(text: str):
    """Also what is no expression, as a network may be asked anything."""
    assert all(0 <= slot < SLOTS <= 256 for slot in slots_of(ids_of(text.split())))
