"""An integrand and its antiderivative, written in the shorter of two forms."""

from collections.abc import Callable, Iterator, Sequence
from contextlib import suppress
from typing import NamedTuple

from asyncgen.mathematics.fields.errors import Undecided
from asyncgen.mathematics.forms.additive_constants import without_constant
from asyncgen.mathematics.forms.derivation import Derivation
from asyncgen.mathematics.forms.element import Element
from asyncgen.mathematics.forms.field import Field
from asyncgen.mathematics.forms.reading import field_for, read
from asyncgen.mathematics.forms.writing import Tokens, Writer
from asyncgen.mathematics.kinds.construction import Dropped

ROOM = 8  # kernels of what is found in the table of known pairs


class Pair(NamedTuple):
    """The tokens of f and of F, with F' = f."""

    integrand: Tokens
    antiderivative: Tokens


Make = Callable[[Field], tuple[Element, Element]]  # f and F in a field that is empty yet


def derivative_pair(tokens: Sequence[str], *, structural: bool = False) -> Pair:
    """The pair f, F for F in tokens, without its constant term, each in its shorter form.

    Raises Dropped, Undecided, Degenerate.
    """

    def make(field: Field) -> tuple[Element, Element]:
        primitive = without_constant(moving(read(field, tokens)))
        return moving(Derivation(field)(primitive)), primitive

    pairs = _forms(tokens, make, structural)
    return Pair(*(min(forms, key=len) for forms in zip(*pairs, strict=True)))


def shorter_pair(tokens: Sequence[str], make: Make, *, structural: bool = False) -> Pair:
    """The pair that `make` builds, whose parts may be others in the other form, with the shorter integrand.

    `tokens`: what the pair is built from, by which fields are sized.
    """
    pair = min(_forms(tokens, make, structural, ROOM), key=lambda pair: len(pair.integrand))
    return pair if structural else Pair(*map(_multiplied_out, pair))


def expanded_pair(tokens: Sequence[str], make: Make, *, structural: bool = False) -> Pair:
    """The same in the expanded form alone, which costs half, unless the structural one is asked for."""
    return _written(field_for(tokens, extra=ROOM, structural=structural), make)


def _forms(tokens: Sequence[str], make: Make, structural: bool, room: int = 0) -> Iterator[Pair]:
    """The pair in the structural form, and unless it is wanted alone in the expanded one, if that differs."""
    field = field_for(tokens, extra=room, structural=True)
    yield _written(field, make)
    if field.forms_differ and not structural:
        with suppress(Undecided):  # it is long
            yield _written(field_for(tokens, extra=room), make)


def _multiplied_out(tokens: Tokens) -> Tokens:
    """The tokens of the expanded form, where that is shorter."""
    field = field_for(tokens)
    with suppress(Undecided):
        return min(tokens, Writer(field)(read(field, tokens)), key=len)
    return tokens


def _written(field: Field, make: Make) -> Pair:
    elements = make(field)
    write = Writer(field)
    return Pair(*map(write, elements))


def moving(f: Element) -> Element:
    """The element, which depends on x. Raises Dropped if it does not."""
    if f.field.is_constant(f):
        raise Dropped("constant")
    return f
