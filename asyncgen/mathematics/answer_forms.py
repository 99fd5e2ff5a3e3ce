"""What else is to be said of an answer: is it continuous, is it real, and is there a form that is?

The points follow from nothing but the module, so that the same answer is always described alike.
"""

from collections.abc import Iterable, Sequence

from asyncgen.mathematics.balls import SLOPES
from asyncgen.mathematics.check import Verdict, check
from asyncgen.mathematics.continuity import NEAR, jumps
from asyncgen.mathematics.programs import Program
from asyncgen.mathematics.smoothness import Grade, manner_of
from asyncgen.mathematics.values import compile_tokens
from asyncgen.problems.records import Form, Known
from asyncgen.problems.tokens import SUMS, tree_of
from asyncgen.problems.tree import Node, flatten

Tokens = tuple[str, ...]

OF_ABSOLUTE = ("ln", "Ci", "Chi")  # whose derivative at |u| is that at u
CLOSE = (0.0517, -0.0517, 0.0061, -0.0061)  # to 0, where many domains end
FAR = [sign * (n + 0.37) for n in range(7, 32) for sign in (1, -1)]
NARROW = 1e-6  # of the ball of an imaginary part that may be 0
MOST_SLOW_STEPS = 4  # special functions in an answer that is evaluated at so many points


def described(integrand: Sequence[str], answer: Sequence[str]) -> Form:
    """The form of an answer, with another answer where that is better."""
    form = form_of(integrand, answer)
    if Known.NO in (form.continuous, form.real):
        return form._replace(real_answer=real_form(integrand, answer))
    return form


def form_at_sight(answer: Sequence[str]) -> Form:
    """What the way in which an answer is written says, at a hundredth of the cost of looking for jumps."""
    manner = manner_of(answer)
    return Form(
        Known.YES if manner.grade <= Grade.TAME else Known.UNKNOWN,
        Known.YES if manner.real else Known.UNKNOWN,
    )


def form_of(integrand: Sequence[str], answer: Sequence[str]) -> Form:
    """Continuous unless a jump is proven, and real unless a value is not."""
    manner = manner_of(answer)
    if manner.grade <= Grade.TAME and manner.real:
        return Form(Known.YES, Known.YES)
    f, primitive = compile_tokens(integrand), compile_tokens(answer)
    continuous = Known.YES if manner.grade <= Grade.TAME else _is_continuous(f, primitive)
    return Form(continuous, Known.YES if manner.real else _is_real(f, primitive, _places(answer)))


def real_form(integrand: Sequence[str], answer: Sequence[str]) -> Tokens | None:
    """The answer with logarithms of absolute values: right, and real and continuous where it should be."""
    tree = tree_of(answer)
    tried = [tuple(answer)]
    for of_all in (False, True):
        found = flatten(_with_absolutes(tree, of_all))
        if found not in tried and _is_better(integrand, found):
            return found
        tried.append(found)
    return None


def _is_better(integrand: Sequence[str], found: Tokens) -> bool:
    form = form_of(integrand, found)
    if form.real is not Known.YES or form.continuous is Known.NO:
        return False
    return check(integrand, found).verdict is Verdict.CONFIRMED


def _with_absolutes(node: Node, of_all: bool) -> Node:
    """With |u| in logarithms where u may be negative: only where u is real for certain, or of all."""
    if not isinstance(node, tuple) or node[0] in SUMS:
        return node
    name, *operands = node[0], *(_with_absolutes(operand, of_all) for operand in node[1:])
    if name in OF_ABSOLUTE:
        manner = manner_of(flatten(operands[0]))
        if (manner.real or of_all) and not manner.positive and not manner.constant:
            return (name, ("abs", operands[0]))
    return (name, *operands)


def _is_continuous(f: Program, answer: Program) -> Known:
    if sum(operation in SLOPES for operation, _ in answer.steps) > MOST_SLOW_STEPS:
        return Known.UNKNOWN
    return Known.NO if next(jumps(f, answer), None) is not None else Known.YES


def _places(answer: Sequence[str]) -> Iterable[float]:
    """Where a value that is not real is looked for: that of log(x - 30) - log(x - 20) is far out."""
    several = sum(token in OF_ABSOLUTE for token in answer) > 1
    return (*NEAR[::2], *CLOSE, *(FAR if several else ()))


def _is_real(f: Program, answer: Program, places: Iterable[float]) -> Known:
    """Known at the places at which f is real, and F has a value."""
    found = Known.UNKNOWN
    for x in places:
        value = f.value_at(x)
        if not (value.is_finite() and value.imag.contains(0)):
            continue
        there = answer.value_at(x)
        if there.is_finite() and not there.imag.contains(0):
            return Known.NO
        if there.is_finite() and there.imag.rad() < NARROW:  # else it may lie on a cut
            found = Known.YES
    return found
