"""Are the rows of a store right, by a program that shares nothing with us: mpmath, from each row's text?

Each confirmed answer F of a function f is evaluated from `integral`, as Python reads it, at 30 digits.
Counted are rows in which F' is not f at some real place where f is real (by differences), F is complex there,
or its real part jumps between two places while f stays bounded (by halving), and rows whose f is 0 at several
places: of `integral`, and of `real_answer` in its place where there is one. Rows that say otherwise are
printed.

    python benchmarks/independent.py STORE [--first 0 --n 1000 --every 1]

The store is read by SQLite alone; nothing of asyncgen is imported.
"""

import argparse
import ast
import sqlite3
from collections import Counter
from collections.abc import Callable
from functools import lru_cache
from itertools import pairwise
from random import Random
from typing import Any

import mpmath
from mpmath import mp

Function = Callable[[Any], Any]

DIGITS = 30
TOLERANCE = mpmath.mpf(10) ** -9  # of f, and absolutely, for derivatives by differences
STEP = mpmath.mpf(10) ** -10  # of these differences
IMAGINARY = mpmath.mpf(10) ** -15
PLACES = 14  # random ones, for derivatives
GRID = [mpmath.mpf(n) / 9 + mpmath.mpf("0.0177") for n in range(-54, 55)]  # for jumps
HALVINGS = 45
LARGEST = mpmath.mpf(10) ** 8  # values beyond which differences say nothing
UNUSABLE = (ArithmeticError, ValueError, TypeError, NotImplementedError, mpmath.libmp.NoConvergence)


def elliptic_pi(n: Any, phi: Any, m: Any) -> Any:
    return mpmath.ellippi(n, phi, m)


def root_sum(polynomial: Function, term: Function) -> Any:
    """The sum of the term over the roots; the coefficients by interpolation at the roots of unity."""
    for degree in range(1, 40):
        nodes = [mpmath.expjpi(mpmath.mpf(2 * k) / (degree + 1)) for k in range(degree + 1)]
        values = [polynomial(node) for node in nodes]
        count = degree + 1
        coefficients = [
            sum(v * z ** (-j) for v, z in zip(values, nodes, strict=True)) / count for j in range(count)
        ]
        probe = mpmath.mpf("1.37")
        if abs(mpmath.polyval(coefficients[::-1], probe) - polynomial(probe)) < mpmath.mpf(10) ** -20 * (
            1 + abs(polynomial(probe))
        ):
            roots = mpmath.polyroots([c.real for c in coefficients[::-1]], maxsteps=200, extraprec=200)
            return sum(term(root) for root in roots)
    raise ValueError("not a polynomial of moderate degree")


NAMES: dict[str, Any] = {
    **{name: getattr(mpmath, name) for name in ("sqrt", "exp", "log", "sign", "li", "erf", "erfc", "erfi")},
    **{name: getattr(mpmath, name) for name in ("sin", "cos", "tan", "cot", "sec", "csc")},
    **{name: getattr(mpmath, name) for name in ("asin", "acos", "atan", "acot", "asec", "acsc")},
    **{name: getattr(mpmath, name) for name in ("sinh", "cosh", "tanh", "coth", "sech", "csch")},
    **{name: getattr(mpmath, name) for name in ("asinh", "acosh", "atanh", "acoth", "asech", "acsch")},
    **{name: getattr(mpmath, name) for name in ("polylog", "expint", "gamma", "fresnels", "fresnelc")},
    **{name: getattr(mpmath, name) for name in ("hyp0f1", "hyp1f1", "hyp1f2", "hyp2f1", "hyp2f2", "hyp2f3")},
    "Abs": abs,
    "Ei": mpmath.ei,
    "Si": mpmath.si,
    "Ci": mpmath.ci,
    "Shi": mpmath.shi,
    "Chi": mpmath.chi,
    "loggamma": mpmath.loggamma,
    "LambertW": mpmath.lambertw,
    "uppergamma": lambda s, z: mpmath.gammainc(s, z),
    "lowergamma": lambda s, z: mpmath.gammainc(s, 0, z),
    "elliptic_f": mpmath.ellipf,
    "elliptic_e": mpmath.ellipe,
    "elliptic_pi": elliptic_pi,
    "number": mpmath.mpf,
    "RootSum": root_sum,
    "pi": mp.pi,
    "E": mp.e,
    "I": mpmath.j,
}


class _Exact(ast.NodeTransformer):
    """Integers as mpmath's numbers, and what stands in a sum over roots as functions of z."""

    def visit_Constant(self, node: ast.Constant) -> ast.AST:
        return ast.Call(ast.Name("number", ast.Load()), [ast.Constant(str(node.value))], [])

    def visit_Call(self, node: ast.Call) -> ast.AST:
        if getattr(node.func, "id", "") == "RootSum":
            polynomial, term = node.args[0], node.args[1].args[1]  # type: ignore[attr-defined]
            return ast.Call(node.func, [_function("z", self.visit(part)) for part in (polynomial, term)], [])
        return self.generic_visit(node)


def _function(variable: str, body: ast.expr) -> ast.Lambda:
    return ast.Lambda(ast.arguments([], [ast.arg(variable)], None, [], [], None, []), body)


@lru_cache(maxsize=4)
def function(text: str) -> Function:
    """The text of a function of x as a function."""
    tree = _Exact().visit(ast.parse(text, mode="eval"))
    tree.body = _function("x", tree.body)
    return eval(compile(ast.fix_missing_locations(tree), text[:40], "eval"), NAMES)  # type: ignore[no-any-return]


def value(f: Function, x: Any) -> Any:
    """The value at a place, None where there is none, or a very large one."""
    try:
        found = mpmath.mpmathify(f(x))
    except UNUSABLE:
        return None
    return found if mpmath.isfinite(found) and abs(found) < LARGEST else None


def real(f: Function, x: Any) -> Any:
    """The value where it is real, else None."""
    found = value(f, x)
    return None if found is None or abs(mpmath.im(found)) > IMAGINARY * (1 + abs(found)) else mpmath.re(found)


def faults(f: Function, answer: Function, seed: int) -> set[str]:
    """What is to be said of an answer."""
    source = Random(seed)
    places = [mpmath.mpf(source.uniform(-6, 6)) for _ in range(PLACES)]
    found: set[str] = set()
    zeros = 0
    for x in places:
        wanted = real(f, x)
        if wanted is None:
            continue
        zeros += wanted == 0
        here, after, before = (value(answer, t) for t in (x, x + STEP, x - STEP))
        if here is None or after is None or before is None:
            continue
        found.add("seen")
        if abs(mpmath.im(here)) > IMAGINARY * (1 + abs(here)):
            found.add("complex")
        if abs((after - before) / (2 * STEP) - wanted) > TOLERANCE * (1 + abs(wanted) + abs(here)):
            found |= _looked_at_again(f, answer, x)
    if zeros > 1:
        found.add("zero")
    if _jumps(f, answer):
        found.add("jump")
    return found


def _looked_at_again(f: Function, answer: Function, x: Any) -> set[str]:
    """With twice the digits: a function may vary within a step."""
    step = STEP**3
    with mpmath.workdps(3 * DIGITS):
        wanted, after, before = real(f, x), value(answer, x + step), value(answer, x - step)
        if wanted is None or after is None or before is None:
            return set()
        difference = abs((after - before) / (2 * step) - wanted)
        return {"wrong"} if difference > TOLERANCE * (1 + abs(wanted)) else set()


def _jumps(f: Function, answer: Function) -> bool:
    points = [(x, real(f, x), _real_part(answer, x)) for x in GRID]
    known = [point for point in points if point[1] is not None and point[2] is not None]
    pairs = [(a, b) for a, b in pairwise(known) if b[0] - a[0] < mpmath.mpf("0.12")]
    suspects = [pair for pair in pairs if _excess(f, *pair) > mpmath.mpf("0.02")]
    return any(_is_jump(f, answer, *pair) for pair in sorted(suspects, key=lambda p: -_excess(f, *p))[:8])


def _real_part(answer: Function, x: Any) -> Any:
    found = value(answer, x)
    return None if found is None else mpmath.re(found)


def _excess(f: Function, a: Any, b: Any) -> Any:
    """By how much the growth differs from Simpson's rule, compared with the size of both."""
    middle = real(f, (a[0] + b[0]) / 2)
    h = b[0] - a[0]
    integral = h / 6 * (a[1] + 4 * (middle or 0) + b[1])
    size = h * (abs(a[1]) + abs(b[1]) + abs(middle or 0)) + mpmath.mpf(10) ** -12 * abs(a[2])
    return abs(b[2] - a[2] - integral) / (size + mpmath.mpf(10) ** -12)


def _is_jump(f: Function, answer: Function, a: Any, b: Any) -> bool:
    """Whether a difference stays when the interval shrinks, while f is bounded there, and does not jump."""
    bound = abs(a[1]) + abs(b[1])
    for _ in range(HALVINGS):
        x = (a[0] + b[0]) / 2
        middle = (x, real(f, x), _real_part(answer, x))
        if middle[1] is None or middle[2] is None:
            return False
        bound = max(bound, abs(middle[1]))
        a, b = max(((a, middle), (middle, b)), key=lambda pair: abs(pair[1][2] - pair[0][2]))
    if abs(a[1] - b[1]) > mpmath.mpf("0.001") * (1 + bound):
        return False
    difference = abs(b[2] - a[2])
    return bool(difference > 1000 * bound * (b[0] - a[0]) + mpmath.mpf(10) ** -12 * (1 + abs(a[2])))


def main() -> None:
    raw = argparse.RawDescriptionHelpFormatter
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=raw)
    parser.add_argument("store")
    parser.add_argument("--first", type=int, default=0)
    parser.add_argument("--n", type=int, default=1000)
    parser.add_argument("--every", type=int, default=1)
    options = parser.parse_args()
    mp.dps = DIGITS
    connection = sqlite3.connect(f"file:{options.store}?mode=ro", uri=True)
    rows = connection.execute(
        "SELECT idx, integrand, integral, real_answer, continuous, real FROM results WHERE success"
        " AND idx >= ? AND (idx - ?) % ? = 0 ORDER BY idx LIMIT ?",
        (options.first, options.first, options.every, options.n),
    )
    counts: Counter[str] = Counter()
    for index, integrand, integral, real_answer, continuous, is_real in rows:
        counts["rows"] += 1
        f = function(integrand)
        found = faults(f, function(integral), index)
        shown = found if real_answer is None else faults(f, function(real_answer), index)
        counts.update(found)
        counts.update(f"{fault}, shown" for fault in shown - {"seen", "zero"})
        said = {fault for fault, word in (("jump", continuous), ("complex", is_real)) if word == "no"}
        unsaid = (found & {"wrong", "jump", "complex"}) - said
        if "wrong" in shown:
            unsaid.add("wrong, shown")
        if unsaid:
            print(f"{index}: {', '.join(sorted(unsaid))}: {integrand}  ->  {integral[:200]}")
    for name, count in sorted(counts.items()):
        print(f"{name:20s} {count:6d}  {count / max(counts['rows'], 1):.2%}")


if __name__ == "__main__":
    main()
