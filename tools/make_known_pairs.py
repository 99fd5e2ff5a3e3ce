"""Makes the table of known pairs anew; `python tools/make_known_pairs.py` writes it beside the one in use.

First derivatives of short random functions; then products whose integrals by parts follow from those. A new
table makes other rows: put its SHA-256 into asyncgen/problems/known_pairs.py, and the old file away.
"""

import hashlib
from collections.abc import Iterator
from itertools import count, islice

from asyncgen.mathematics.check import Ground, Verdict, check
from asyncgen.mathematics.fields.errors import Degenerate, Undecided
from asyncgen.mathematics.forms.additive_constants import without_constant_term
from asyncgen.mathematics.forms.canonical import Canonical
from asyncgen.mathematics.forms.derivation import Derivation
from asyncgen.mathematics.forms.element import Element
from asyncgen.mathematics.forms.reading import field_for, read
from asyncgen.mathematics.forms.writing import Writer
from asyncgen.mathematics.kinds.construction import Dropped
from asyncgen.mathematics.kinds.pairs import ROOM, moving
from asyncgen.mathematics.kinds.parts import split_pair
from asyncgen.problems.distributions import PRESETS, with_operator_range
from asyncgen.problems.known_pairs import KnownPair, path
from asyncgen.problems.spec import Spec
from asyncgen.sampler import Sampler

DERIVATIVES = 30_000  # functions with 0..3 operators that are derived
PRODUCTS = 30_000  # functions with 1..4 operators whose derivatives are split
LONGEST = 30  # tokens of either part
SEED = 1

Table = dict[str, KnownPair]


def main() -> None:
    """Make the table, and write it under the name that its content gives it."""
    text = content()
    digest = hashlib.sha256(text.encode()).hexdigest()
    file = path().with_name(f"known-pairs-{digest[:12]}.tsv")
    file.write_text(text)
    print(f"{text.count(chr(10))} pairs: {file}, SHA-256 {digest}")


def content() -> str:
    """The lines of the table."""
    table: Table = {}
    for primitive in functions(0, 3, DERIVATIVES):
        keep(table, lambda f=primitive: (moving(Derivation(f.field)(f)), f))
    derivatives = dict(table)
    for number, primitive in zip(count(), functions(1, 4, PRODUCTS)):
        choices = [1, number, number // 7]
        keep(table, lambda f=primitive, c=choices: split_pair(f, c, derivatives))
    return "".join("\t".join((key, *known)) + "\n" for key, known in sorted(table.items()))


def functions(low: int, high: int, number: int) -> Iterator[Element]:
    """So many random functions, those that are undefined or constant left out."""
    spec = Spec(with_operator_range(PRESETS["lample-charton"], low, high), seed=SEED)
    for problem in islice(Sampler(spec).stream([range(number)]), number):
        tokens = problem.prefix.split()
        try:
            yield without_constant_term(moving(read(field_for(tokens, extra=ROOM), tokens)))
        except (Dropped, Degenerate, Undecided):
            continue


def keep(table: Table, make) -> None:
    """Put a pair into the table, if it is short and right, and shorter than what is there."""
    try:
        integrand, primitive = make()
    except (Dropped, Degenerate, Undecided):
        return
    write = Writer(integrand.field)
    f, answer = write(integrand), write(primitive)
    factor, key = Canonical(integrand.field)(integrand)
    known = table.get(key)
    if max(len(f), len(answer)) > LONGEST or (known and len(known.antiderivative.split()) <= len(answer)):
        return
    checked = check(f, answer)
    if checked.verdict is Verdict.CONFIRMED and checked.ground is Ground.REAL:
        table[key] = KnownPair(str(factor), " ".join(answer))


if __name__ == "__main__":
    main()
