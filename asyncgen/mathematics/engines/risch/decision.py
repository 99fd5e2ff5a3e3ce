"""Is a function integrable in elementary terms? One change of variable after the other, until one decides.

A proof is found twice, modulo two primes drawn independently of the function, before it counts.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace

from asyncgen.mathematics.check import Verdict, check
from asyncgen.mathematics.engines.risch import answers
from asyncgen.mathematics.engines.risch.attempts import Branch, Primes, Way, branches
from asyncgen.mathematics.engines.risch.expressions import (
    Motion,
    Node,
    S,
    X,
    added,
    divided,
    multiplied,
    tokens_of,
)
from asyncgen.mathematics.engines.risch.joining import Sign, joined
from asyncgen.mathematics.engines.risch.kept_powers import integral_by_power, variable_of_power
from asyncgen.mathematics.engines.risch.obstructions import described
from asyncgen.mathematics.engines.risch.sign_changes import only_change
from asyncgen.mathematics.engines.risch.special.search import MOST_WAYS, special_forms
from asyncgen.mathematics.engines.risch.substitutions import substitutions
from asyncgen.mathematics.engines.risch.tower import LARGE_POWER
from asyncgen.mathematics.engines.risch.writing import Writer
from asyncgen.mathematics.fields.errors import Degenerate, NeedsExtension, Undecided

LARGEST_INTEGER = 10**6  # in a function: multiples and exponents beyond would be missed, or too large


@dataclass(frozen=True, slots=True)
class Decision:
    """What was found: antiderivatives to be checked, or in words why there is no elementary one.

    has_signs: whether roots of squares were met, so that what holds at one place may not hold at another.
    special: looks for antiderivatives with special functions where there is no elementary one.
    way, primes: how the function was looked at, and modulo which primes.
    parts: of a sum whose terms were decided one by one: (sign, term, decision).
    """

    candidates: tuple[Node, ...] = ()
    obstruction: str | None = None
    has_signs: bool = False
    special: Callable[[], Iterator[Node]] = lambda: iter(())
    way: Way | None = None
    primes: tuple[int, ...] = ()
    parts: tuple[tuple[int, Node, "Decision"], ...] = ()

    @property
    def is_proof(self) -> bool:
        """Whether it rules out an elementary antiderivative."""
        return self.obstruction is not None


def decide(node: Node) -> Decision:
    """The decision on a function of x. Raises Undecided, Degenerate."""
    _refuse_large_integers(node)
    return _decide_with_powers(node) or _decide(node)


def _decide_with_powers(node: Node) -> Decision | None:
    """With high powers as they are, where that can be."""
    change = variable_of_power(node)
    try:
        if change is not None:
            return decide_in(node, Way(change))
    except (Undecided, Degenerate):
        pass
    found = integral_by_power(node)
    return None if found is None else Decision((found,))


def _decide(node: Node) -> Decision:
    try:
        return decide_in(node, Way())
    except NeedsExtension as first:
        return _decide_with_roots(node, first)
    except Undecided as error:
        found = _decide_parts(node) if str(error) == LARGE_POWER else None
        if found is None:
            raise
        return found


def _refuse_large_integers(node: Node) -> None:
    if isinstance(node, int):
        if abs(node) > LARGEST_INTEGER:
            raise Undecided("a large integer")
    elif isinstance(node, tuple):
        for operand in node[1:]:
            _refuse_large_integers(operand)


def _decide_with_roots(node: Node, first: NeedsExtension) -> Decision:
    """In the first way that does: with a change of variable, in a field with the roots, by parts of a sum."""
    reason: Undecided = first
    for way in ways_with_roots(node, first):
        try:
            return decide_in(node, way)
        except (Undecided, Degenerate) as error:
            if way == Way(extended=True) and isinstance(error, Undecided):
                reason = error
    found = _decide_parts(node)
    if found is None:
        raise reason
    return found


def ways_with_roots(node: Node, first: NeedsExtension) -> Iterator[Way]:
    """Changes of variable alone, roots alone, both."""
    changes = []
    for change in substitutions(node, arctangents=first.of_logarithm):
        changes.append(change)
        yield Way(change)
    yield Way(extended=True)
    for change in changes:
        yield Way(change, extended=True)


def decide_in(node: Node, way: Way) -> Decision:
    """The decision with one change of variable."""
    primes = Primes()
    found = primes.until_one_does(lambda prime: _decided(node, way, prime, primes))
    if found.is_proof:
        if way.substitution is not None and way.substitution.is_one_of_many:
            raise Undecided("another function on another interval")
        again = primes.others()
        second = again.until_one_does(lambda prime: _confirmed(node, way, prime))
        return replace(found, primes=(*found.primes, second))
    return found


def _decided(node: Node, way: Way, prime: int, primes: Primes) -> Decision:
    found = branches(node, way, prime)
    elementary = [branch for branch in found if branch.is_elementary]
    if not elementary:
        return Decision(
            obstruction=described(found[0]),
            special=lambda: _special_forms(node, way, primes, found),
            way=way,
            primes=(prime,),
        )
    candidates = tuple(_candidates(elementary, way))
    return Decision(candidates, has_signs=len(found) > 1, way=way, primes=(prime,))


def _special_forms(node: Node, way: Way, primes: Primes, found: list[Branch]) -> Iterator[Node]:
    done: list[Node] = []
    for number in range(MOST_WAYS):
        forms = special_forms(node, way, primes, found, number)
        if not forms or forms == done:
            return
        done = forms
        yield from forms
        if len(found) == len(forms) > 1:
            by_signs = {branch.signs: form for branch, form in zip(found, forms, strict=True)}
            yield from joined(by_signs, _signs(found[0], way))


def _confirmed(node: Node, way: Way, prime: int) -> int:
    """The prime, if the proof holds modulo it, too. Raises Undecided if it does not."""
    if any(branch.is_elementary for branch in branches(node, way, prime)):
        raise Undecided("two primes disagree")
    return prime


def _candidates(elementary: list[Branch], way: Way) -> Iterator[Node]:
    """The antiderivatives of the choices of signs, and what joins them."""
    written: dict[int, Node] = {}
    failure: Undecided | None = None
    for branch in elementary:
        try:
            written[branch.signs] = _written(branch, way)
        except Undecided as error:
            failure = error
    if not written:
        assert failure is not None
        raise failure
    yield from written.values()
    if len(written) > 1:
        yield from joined(written, _signs(elementary[0], way))


def _signs(branch: Branch, way: Way) -> list[Sign | None]:
    """The roots of squares over their values; None where those are not real."""
    writer = _writer(branch, way)
    found: list[Sign | None] = []
    for number, (root, value) in enumerate(branch.reading.signed):
        plus = -value if branch.signs >> number & 1 else value
        written = writer.real(plus) or multiplied("I", writer.real(-(plus * writer.field.i)))
        node = divided(_in_x(root, way), _in_x(written, way))
        found.append(None if written == 0 else Sign(node, only_change(root)))
    return found


def _written(branch: Branch, way: Way) -> Node:
    return _in_x(answers.written(_writer(branch, way), branch.reading.element, branch.integral), way)


def _writer(branch: Branch, way: Way) -> Writer:
    x = X if way.substitution is None else S
    reading = branch.reading
    return Writer(reading.tower, x, reading.names)


def _in_x(node: Node, way: Way) -> Node:
    return node if way.substitution is None else way.substitution.written_back(node)


def _decide_parts(node: Node) -> Decision | None:
    """The terms of a sum one by one: with all but one of them elementary, the sum is as that one.

    For a proof the antiderivatives of the others are checked here, as nobody does it later.
    """
    terms = list(terms_of(node, 1))
    if len(terms) < 2:
        return None
    total: Node = 0
    ruled_out: tuple[int, Decision] | None = None  # with its sign in the sum
    found: list[tuple[Node, Node]] = []
    parts: list[tuple[int, Node, Decision]] = []
    for sign, term in terms:
        part = _part(term)
        if part is None or (part.is_proof and ruled_out is not None):
            return None
        parts.append((sign, term, part))
        if part.is_proof:
            ruled_out = sign, part
        else:
            found.append((term, part.candidates[0]))
            total = added(total, multiplied(sign, part.candidates[0]))
    if ruled_out is None:
        return Decision((total,), parts=tuple(parts))
    if not all(_is_confirmed(term, candidate) for term, candidate in found):
        return None
    sign, part = ruled_out
    return Decision(
        obstruction=part.obstruction,
        special=lambda: (added(total, multiplied(sign, form)) for form in part.special()),
        parts=tuple(parts),
    )


def _part(term: Node) -> Decision | None:
    """The decision on one term, if it is the same at all places."""
    if not Motion()(term):
        return Decision((multiplied(term, X),))
    try:
        found = _decide_with_powers(term) or _decide(term)
    except (Undecided, Degenerate):
        return None
    return found if found.is_proof or not found.has_signs else None


def _is_confirmed(term: Node, candidate: Node) -> bool:
    verdict = check(tokens_of(term), tokens_of(candidate)).verdict
    return verdict is Verdict.CONFIRMED


def terms_of(node: Node, sign: int) -> Iterator[tuple[int, Node]]:
    if isinstance(node, tuple) and node[0] in ("add", "sub"):
        yield from terms_of(node[1], sign)
        yield from terms_of(node[2], sign if node[0] == "add" else -sign)
    else:
        yield sign, node
