"""Functions with several logarithms, of which FriCAS's "no" is not taken on its own word.

It rules out more than half of the derivatives of c*log(u)**i*log(1 + k*u**n)**j, such as log(x)/(x + 1) +
log(x + 1)/x. Asked with each log(v) as log(p*v) - log(p), p a prime number for each v, it solves them. Both
are the same function: log(p*v) = log(p) + log(v) for every p > 0.
"""

from collections.abc import Iterator
from itertools import count

from asyncgen.mathematics.engines.interface import Tokens
from asyncgen.mathematics.engines.risch.expressions import Motion, Node, parsed, tokens_of


def told_apart(tokens: Tokens) -> Tokens | None:
    """The function with a prime number in each of its logarithms of x; None if there are not two of them."""
    primes: dict[Node, int] = {}
    unused, moves = _primes(), Motion()

    def rewritten(node: Node) -> Node:
        if not isinstance(node, tuple):
            return node
        inner = (node[0], *map(rewritten, node[1:]))
        if node[0] != "ln" or not moves(node):
            return inner
        if node not in primes:
            primes[node] = next(unused)
        prime = primes[node]
        return ("sub", ("ln", ("mul", prime, inner[1])), ("ln", prime))

    node = rewritten(parsed(tokens))
    return tokens_of(node) if len(primes) > 1 else None


def _primes() -> Iterator[int]:
    """2, 3, 5, ...: by trial division, as only a few are ever needed."""
    found: list[int] = []
    for number in count(2):
        if all(number % prime for prime in found):
            found.append(number)
            yield number
