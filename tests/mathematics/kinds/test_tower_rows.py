"""Rules of `tower`: what Bronstein's theorems say of the parts, by SymPy and by our own integrator."""

from collections.abc import Iterator

import pytest
import sympy
from constructed import SeededDraw, rows
from sympy import Expr, Poly, Rational, Symbol

from asyncgen.mathematics.check import Verdict, check
from asyncgen.mathematics.engines.interface import Integrand
from asyncgen.mathematics.engines.risch.engine import Risch
from asyncgen.mathematics.forms.element import Element
from asyncgen.mathematics.forms.field import Field
from asyncgen.mathematics.forms.leaves import leaf
from asyncgen.mathematics.kinds.extensions import Extension, is_normal, normal_polynomial, tower
from asyncgen.mathematics.kinds.random_elements import Words
from asyncgen.mathematics.kinds.tower import attempt
from asyncgen.mathematics.kinds.tower_parts import (
    Part,
    base_part,
    conjugate_residues_part,
    hermite_part,
    polynomial_part,
    residue_part,
)
from asyncgen.mathematics.sympy_notation import X

T, Z = Symbol("t"), Symbol("z")


def extensions(height: int, number: int) -> Iterator[tuple[Words, Extension]]:
    """Extensions over Q(x), each with the words that go on after it."""
    for seed in range(number):
        words = SeededDraw(seed).words("extension")
        yield words, tower(words, leaf(Field(12), "x"), height)


def in_theta(f: Element, extension: Extension) -> Expr:
    """An element of Q(x, theta) as a rational function of x and t."""
    (x,) = extension.generators
    symbols = {next(iter(x.powers)): X, extension.number: T}
    factors = [symbols[number] ** e for number, e in f.powers.items()]
    for p, e in f.sums:
        terms = [
            int(c) * sympy.prod(symbols[number] ** int(k) for number, k in enumerate(monomial) if k)
            for monomial, c in p.to_dict().items()
        ]
        factors.append(sympy.Add(*terms) ** e)
    return Rational(int(f.coefficient.p), int(f.coefficient.q)) * sympy.prod(factors)


def derivative(f: Expr, extension: Extension) -> Expr:
    """The derivative by SymPy, t being theta."""
    return f.diff(X) + f.diff(T) * in_theta(extension.derivation(extension.theta), extension)


def resultant_of(f: Expr, extension: Extension) -> Poly:
    """The resultant of a - z d' and d, a/d being f without what is special in its denominator; monic."""
    numerator, denominator = sympy.fraction(sympy.cancel(f))
    d = Poly(denominator, T).primitive()[1].as_expr()
    while extension.is_exponential and sympy.rem(d, T, T) == 0:
        d = sympy.quo(d, T, T)
    cofactor = sympy.cancel(denominator / d)
    a = sympy.numer(sympy.together(numerator - Z * cofactor * derivative(d, extension)))
    return Poly(sympy.resultant(sympy.rem(a, d, T), d, T), Z).monic()


def test_the_residues_of_a_residue_part_are_constant() -> None:
    """By the criterion of Rothstein and Trager: SymPy's monic resultant in z has no x in it."""
    for words, extension in extensions(1, 25):
        part = residue_part(words, extension, normal_polynomial(words, extension))
        resultant = resultant_of(in_theta(part.integrand, extension), extension)
        assert resultant.degree() >= 1
        assert not resultant.as_expr().has(X)


def test_other_residues_are_not_constant() -> None:
    """Those of 1/(theta + x) are not, so that the rule before says something."""
    for _, extension in extensions(1, 10):
        d = extension.theta + extension.generators[0]
        assert resultant_of(in_theta(d**-1, extension), extension).as_expr().has(X)


def test_the_residues_of_a_quadratic_part_are_conjugate() -> None:
    """Their resultant is z**2 - r with a rational r."""
    for words, extension in extensions(1, 12):
        part = conjugate_residues_part(words, extension)
        resultant = resultant_of(in_theta(part.integrand, extension), extension)
        assert resultant.degree() == 2
        assert resultant.nth(1) == 0
        assert resultant.nth(0).is_Rational


def test_normal_polynomials_are_coprime_to_their_derivatives() -> None:
    """By SymPy's gcd over Q(x)."""
    for words, extension in extensions(1, 30):
        polynomial, degree = normal_polynomial(words, extension)
        d = in_theta(polynomial, extension)
        numerator = sympy.numer(sympy.cancel(d))
        slope = sympy.numer(sympy.cancel(derivative(d, extension)))
        assert sympy.degree(numerator, T) == degree
        assert sympy.degree(sympy.gcd(numerator, slope), T) == 0


def test_squares_and_exponentials_are_not_normal() -> None:
    """Neither (theta + x)**2 nor, for an exponential, theta (theta + 1); for a logarithm that is normal."""
    for _, extension in extensions(1, 10):
        theta, (x,) = extension.theta, extension.generators
        square = theta * theta + (x * theta).scaled(2) + x * x
        assert not is_normal(square, extension)
        assert is_normal(theta * (theta + theta.field.one), extension) is not extension.is_exponential


@pytest.mark.parametrize("height", [1, 2])
def test_each_part_is_the_derivative_of_its_integral(height: int) -> None:
    """The formulas of the parts agree with the derivation of the field."""
    for words, extension in extensions(height, 25):
        for part in parts(words, extension):
            slope = extension.derivation(part.rational) + extension.derivation(part.function)
            assert not slope - part.integrand


def parts(words: Words, extension: Extension) -> Iterator[Part]:
    """One part of each sort."""
    d = normal_polynomial(words, extension)
    yield residue_part(words, extension, d)
    yield hermite_part(words, extension, d)
    yield polynomial_part(words, extension)
    yield base_part(words, extension)
    yield conjugate_residues_part(words, extension)


def test_the_second_of_two_extensions_is_independent_of_the_first() -> None:
    """The quotient of their theta', or theta'/theta, is no rational number (Bronstein, section 9.3)."""
    for _, extension in extensions(2, 60):
        lowest = extension.generators[1]
        slope = extension.derivation(lowest)
        kernel = lowest.field.kernels[next(iter(lowest.powers))]
        slope = slope / lowest if kernel.name == "exp" else slope
        assert not (extension.slope / slope).is_number


def test_our_integrator_finds_every_integrand_elementary() -> None:
    """Of 80 rows, all but a few have an answer that the check confirms, and none is proved to have none."""
    found = [
        any(check(row.problem, answer).verdict is Verdict.CONFIRMED for answer in answers)
        for row in rows(attempt, range(80))
        for answers in [Risch().integrate(Integrand(row.problem), 5.0).candidates]
    ]
    assert sum(found) >= 0.95 * len(found)


def test_both_cases_and_all_forms_of_answers_occur() -> None:
    """Logarithms, exponentials, both at once; arcus tangents, square roots, fractions and polynomials."""
    found = list(rows(attempt, range(300)))
    problems = [set(row.problem) for row in found]
    for present, absent in (({"ln"}, {"exp"}), ({"exp"}, {"ln"}), ({"ln", "exp"}, set())):
        assert sum(present <= problem and not absent & problem for problem in problems) > 15
    answers = [set(row.answer) for row in found]
    assert sum("ln" in answer for answer in answers) > 150
    assert sum("atan" in answer for answer in answers) > 15
    assert sum("sqrt" in answer for answer in answers) > 15
    assert sum("ln" not in row.problem and "ln" not in row.answer for row in found) > 10
