"""Products of powers of kernels and of sums: multiplied, cancelled, and what several have in common."""

from collections.abc import Sequence

from asyncgen.mathematics.forms.element import Element, Polynomial, Powers, Sums


def include(sums: Sums, q: Polynomial, exponent: int, *, coprime: bool = False) -> None:
    """Multiply a product of powers of sums by q**exponent, in place.

    Common factors of sums with exponents of opposite signs are cancelled, unless there are none for certain.
    """
    for place, (p, e) in enumerate(sums):
        if p == q:
            if e + exponent:
                sums[place] = p, e + exponent
            else:
                del sums[place]
            return
        if not coprime and e * exponent < 0:
            common = p.gcd(q)
            if not common.is_one():
                _cancel(sums, place, q, exponent, common)
                return
    sums.append((q, exponent))


def _cancel(sums: Sums, place: int, q: Polynomial, exponent: int, common: Polynomial) -> None:
    p, e = sums.pop(place)
    rest = p / common
    if len(rest) > 1:
        include(sums, rest, e, coprime=True)
    if len(common) > 1 and e + exponent:
        include(sums, common, e + exponent)
    rest = q / common
    if len(rest) > 1:
        include(sums, rest, exponent)


def added(first: Powers, second: Powers) -> Powers:
    """The exponents of a product."""
    total = dict(first)
    for number, exponent in second.items():
        value = total.get(number, 0) + exponent
        if value:
            total[number] = value
        else:
            del total[number]
    return total


def against(exponent: int, f: Element, radicand: Element) -> int:
    """1 or -1 where f is divisible by the radicand's kernel or sum to the other sign, as sqrt(u)/u is."""
    if radicand.coefficient != 1 or len(radicand.powers) + len(radicand.sums) != 1:
        return 0
    if radicand.powers:
        ((number, own),) = radicand.powers.items()
        other = f.powers.get(number, 0)
    else:
        ((p, own),) = radicand.sums
        other = exponent_of(f.sums, p)
    if own != 1 or exponent * other >= 0:
        return 0
    return 1 if exponent > 0 else -1


def exponent_of(sums: Sums, p: Polynomial) -> int:
    """The exponent of a sum, 0 where it is not there."""
    return next((e for q, e in sums if q == p), 0)


def common_of(terms: Sequence[Element]) -> tuple[Powers, Sums]:
    """What divides all of these terms, so that polynomials are left; negative powers of what is below."""
    powers = dict(terms[0].powers)
    sums = list(terms[0].sums)
    for term in terms[1:]:
        for number in powers.keys() | term.powers.keys():
            powers[number] = min(powers.get(number, 0), term.powers.get(number, 0))
        for place, (p, e) in enumerate(sums):
            sums[place] = p, min(e, exponent_of(term.sums, p))
        sums += [(q, min(e, 0)) for q, e in term.sums if not any(q == p for p, _ in sums)]
    return (
        {number: e for number, e in powers.items() if e},
        [(p, e) for p, e in sums if e],
    )
