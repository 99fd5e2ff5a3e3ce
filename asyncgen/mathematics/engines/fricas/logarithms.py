"""Functions with several logarithms, of which FriCAS's "no" is not taken on its own word.

It rules out more than half of the derivatives of c*log(u)**i*log(1 + k*u**n)**j, such as log(x)/(x + 1) +
log(x + 1)/x. Asked with each log(v) as log(p*v) - log(p), p a prime number for each v, it solves them. Both
are the same function: log(p*v) = log(p) + log(v) for every p > 0.
"""

from collections.abc import Iterator

from asyncgen.mathematics.engines.interface import Tokens
from asyncgen.problems.tokens import fold
from asyncgen.problems.tree import Node, flatten

_Part = tuple[bool, Tokens]  # whether x is in it


def told_apart(tokens: Tokens) -> Tokens | None:
    """The function with a prime number in each of its logarithms of x; None if there are not two of them."""
    primes: dict[Tokens, int] = {}
    unused = _primes()

    def apply(name: str, operands: list[_Part]) -> _Part:
        moves = any(moving for moving, _ in operands)
        inner = tuple(token for _, part in operands for token in part)
        if name != "ln" or not moves:
            return moves, (name, *inner)
        if inner not in primes:
            primes[inner] = next(unused)
        prime = flatten(primes[inner])
        return True, ("sub", "ln", "mul", *prime, *inner, "ln", *prime)

    _, rewritten = fold(tokens, _leaf, apply)
    return rewritten if len(primes) > 1 else None


def _leaf(value: str | int) -> _Part:
    node: Node = value
    return value == "x", flatten(node)


def _primes() -> Iterator[int]:
    """2, 3, 5, ...: by trial division, as only a few are ever needed."""
    found: list[int] = []
    number = 2
    while True:
        if all(number % prime for prime in found):
            found.append(number)
            yield number
        number += 1
