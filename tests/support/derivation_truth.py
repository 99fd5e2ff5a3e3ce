"""Is a derivation true? Its JSON is read by SymPy, and each identity in it is looked at with random numbers.

x and the kernels are independent over the constants, so that an identity holds exactly if it holds for random
values of them; a root S is the root of its argument's value. D is the chain rule with the derivatives that
the derivation gives, and these are those of the kernels' definitions.
"""

import random
from collections.abc import Callable, Iterator
from typing import Any

import mpmath
import sympy

DIGITS = 40
SMALL = mpmath.mpf(10) ** -25
Z = sympy.Symbol("z")
Record = dict[str, Any]


def falsehoods(record: Record, seed: int = 0) -> list[str]:
    """What does not hold in a derivation and in its parts, in words."""
    found = []
    for branch in record["branches"]:
        x = "x" if record["change"] is None else "s"
        if all(kernel["derivative"] is not None for kernel in branch["kernels"]):
            found += _Branch(branch, x, seed).falsehoods()
    for part in record["parts"]:
        found += falsehoods(part["derivation"], seed)
    return found


class _Branch:
    """One branch, with values for its variables."""

    def __init__(self, branch: Record, x: str, seed: int) -> None:
        self.branch = branch
        names = [x, *(kernel["name"] for kernel in branch["kernels"])]
        self.symbols = {name: sympy.Symbol(name) for name in (*names, "x", "s")}
        self.slopes = {x: sympy.Integer(1)}
        self.values: dict[Any, Any] = {}
        source = random.Random(seed)
        for name in names:
            self.values[self.symbols[name]] = mpmath.mpc(source.uniform(0.2, 2), source.uniform(0.1, 1))
        for kernel in branch["kernels"]:
            self.slopes[kernel["name"]] = self.read(kernel["derivative"])
            if kernel["kind"] == "root":
                root = self.value(sympy.sqrt(self.read(kernel["argument"])))
                self.values[self.symbols[kernel["name"]]] = root

    def read(self, text: str) -> Any:
        """A formula of the derivation, which SymPy may read as it is not from outside."""
        return sympy.sympify(text, {**self.symbols, "z": Z, "RootSum": _sum_over_roots}, rational=True)

    def value(self, expression: Any) -> Any:
        with mpmath.workdps(DIGITS):
            symbols = list(self.values)
            function = sympy.lambdify(symbols, expression, "mpmath")
            return mpmath.mpmathify(function(*[self.values[symbol] for symbol in symbols]))

    def derived(self, expression: Any) -> Any:
        """D of it, by the chain rule."""
        terms = (sympy.diff(expression, self.symbols[name]) * slope for name, slope in self.slopes.items())
        return sympy.Add(*terms)

    def differs(self, left: Any, right: Any) -> bool:
        difference, size = self.value(left - right), abs(self.value(left))
        return not abs(difference) < SMALL * (1 + size)

    def falsehoods(self) -> Iterator[str]:
        for kernel in self.branch["kernels"]:
            if kernel["definition"] is not None:
                yield from self.kernel(kernel)
        for number, step in enumerate(self.branch["steps"], start=1):
            if None not in (step["given"], step["integrated"], step["left"]):
                right = self.derived(self.read(step["integrated"])) + self.read(step["left"])
                if self.differs(self.read(step["given"]), right):
                    yield f"step {number}: {step}"
            yield from self.details(step)
        if self.branch["antiderivative"] is not None:
            total = self.derived(self.read(self.branch["antiderivative"]))
            if self.differs(total, self.read(self.branch["element"])):
                yield f"the sum is not the integral: {self.branch['antiderivative']}"
        if self.branch["obstruction"] is not None:
            yield from self.obstruction(self.branch["obstruction"])

    def kernel(self, kernel: Record) -> Iterator[str]:
        definition = self.read(kernel["definition"])
        slope, name = self.derived(definition), self.symbols[kernel["name"]]
        if kernel["kind"] in ("exponential", "root"):  # whose derivative holds the kernel itself
            slope = slope / definition * name
        if self.differs(self.slopes[kernel["name"]], slope):
            yield f"a kernel's derivative: {kernel}"

    def details(self, step: Record) -> Iterator[str]:
        look = {"equation": self.equation, "limited": self.limited, "residues": self.residues}
        known = None not in step.values()
        if known and step["kind"] in look and not look[step["kind"]](step):
            yield f"a detail: {step}"

    def equation(self, step: Record) -> bool:
        y, f, g = (self.read(step[name]) for name in "yfg")
        return not self.differs(self.derived(y) + f * y, g)

    def limited(self, step: Record) -> bool:
        y, f, slope, c = (self.read(step[name]) for name in ("y", "f", "slope", "c"))
        known = self.derived(self.symbols[step["variable"]])
        constant = not self.differs(self.derived(c), sympy.Integer(0))
        return (
            constant and not self.differs(self.derived(y) + c * slope, f) and not self.differs(slope, known)
        )

    def residues(self, step: Record) -> bool:
        """At a zero of the denominator d in the variable, (given d)/D(d) is a root of the polynomial."""
        given, denominator, polynomial = (
            self.read(step[name]) for name in ("given", "denominator", "polynomial")
        )
        v = self.symbols[step["variable"]]
        residue = sympy.cancel(sympy.together(given * denominator)) / self.derived(denominator)
        degree = sympy.degree(polynomial, Z)
        roots = [self.value_at(residue, v, zero) for zero in self.zeros(denominator, v)]
        return all(
            abs(self.value_at(polynomial, Z, root)) < SMALL * max(1, abs(root)) ** degree for root in roots
        )

    def value_at(self, expression: Any, symbol: Any, value: Any) -> Any:
        """The value with another one for this symbol."""
        before = dict(self.values)
        self.values[symbol] = value
        found = self.value(expression)
        self.values = before
        return found

    def zeros(self, polynomial: Any, v: Any) -> list[Any]:
        coefficients = [self.value(c) for c in sympy.Poly(polynomial, v).all_coeffs()]
        with mpmath.workdps(DIGITS):
            return list(mpmath.polyroots(coefficients, maxsteps=500, extraprec=400))

    def obstruction(self, found: Record) -> Iterator[str]:
        if found["kind"] != "residues" or found["derivative"] is None or found["given"] is None:
            return
        derivative = self.derived(self.read(found["witness"]))
        if (
            self.differs(derivative, self.read(found["derivative"]))
            or not abs(self.value(derivative)) > SMALL
        ):
            yield f"the witness: {found}"
        if found["polynomial"] is not None and not self.residues(found):
            yield f"the residues: {found}"


def _sum_over_roots(polynomial: Any, term: Callable[[Any], Any]) -> Any:
    roots = sympy.Poly(polynomial, Z).nroots(n=DIGITS, maxsteps=500)
    return sympy.Add(*[term(root) for root in roots])


# -- is the element the function? ------------------------------------------------------------------------

PLACES = [mpmath.mpf(place) for place in ("0.3721", "-0.4127", "1.4142", "2.7513")]


def misread(record: Record) -> list[str]:
    """Where no branch of a derivation is the function, in words.

    Of several branches one is at each place, whatever its sign; a single one is at some.
    """
    found = []
    branches = record["branches"]
    if len(branches) > 1:
        held = all(any(_agrees(record, branch, x) for branch in branches) for x in PLACES[:2])
    else:
        held = all(any(_agrees(record, branch, x) for x in PLACES) for branch in branches)
    if not held:
        found.append(f"{[branch['element'] for branch in branches]} is not {record['function']}")
    for part in record["parts"]:
        found += misread(part["derivation"])
    return found


def _agrees(record: Record, branch: Record, place: Any) -> bool:
    """At the point x, where s and the kernels are what their formulas say."""
    with mpmath.workdps(DIGITS):
        values: dict[str, Any] = {"x": place}
        expected = _at(record["function"], values)
        if record["change"] is not None:
            s = record["change"]["s"]
            slope = mpmath.diff(lambda x: _at(s, {"x": x}), place)
            values["s"], expected = _at(s, values), expected / slope
        for kernel in branch["kernels"]:
            values[kernel["name"]] = _at(kernel["definition"], values)
        return abs(_at(branch["element"], values) - expected) < 1e-15 * (1 + abs(expected))


def _at(text: str, values: dict[str, Any]) -> Any:
    symbols = {name: sympy.Symbol(name) for name in values}
    expression = sympy.sympify(text, {**symbols, "z": Z, "RootSum": _sum_over_roots}, rational=True)
    return sympy.lambdify(list(symbols.values()), expression, "mpmath")(*values.values())
