"""Rules of the parts of a sum: they add up to it, and have no function in common."""

import pytest

from asyncgen.mathematics.engines.fricas.summands import LONGEST, parts
from asyncgen.mathematics.values import compile_tokens
from asyncgen.problems.infix import read_infix
from asyncgen.problems.tokens import to_infix

POINTS = (0.375, 1.25, -0.75)


def written(text: str) -> list[str]:
    return [to_infix(part) for part in parts(read_infix(text))]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("x + exp(x)", ["x", "exp(x)"]),
        ("sin(x) + x**2 + sin(x)*x - 3", ["sin(x) + sin(x)*x", "x**2 - 3"]),
        ("(exp(x) + log(x))*x", ["exp(x)*x", "log(x)*x"]),
        ("(exp(x) - log(x))/x", ["exp(x)/x", "-log(x)/x"]),
        ("exp(x)*log(x) + exp(x)/x", ["exp(x)*log(x) + exp(x)/x"]),
        ("exp(x)*log(x) + sin(x) + exp(x)*sin(x)", ["exp(x)*log(x) + sin(x) + exp(x)*sin(x)"]),
        ("sqrt(2)*x + x**3", ["sqrt(2)*x + x**3"]),
        ("sin(x + 1)", ["sin(x + 1)"]),
        ("1/(x + exp(x))", ["1/(x + exp(x))"]),
    ],
)
def test_terms_with_a_common_function_stay_together(text: str, expected: list[str]) -> None:
    """Terms that share a function, through others too, are one part, and so are the rational ones."""
    assert written(text) == expected


@pytest.mark.parametrize(
    "text",
    [
        "(x + exp(x))**2*(1 - sin(x)) - x/3",
        "(x + sqrt(x + 4))**3/(x + 5)",
        "x - (x - (log(x + 7) - atan(x)))",
    ],
)
def test_parts_add_up_to_the_function(text: str) -> None:
    """Their values have the function's value as their sum."""
    function = read_infix(text)
    found = parts(function)
    assert len(found) > 1
    for point in POINTS:
        values = [complex(compile_tokens(part).at(point, 128).value) for part in found]
        assert abs(sum(values) - complex(compile_tokens(function).at(point, 128).value)) < 1e-12


def test_large_products_are_not_multiplied_out() -> None:
    """A product of more terms than MOST is one term, and a long function is left whole."""
    assert len(written("(x + exp(x) + log(x) + 1)**3*(sin(x) + 1)")) == 1
    long = ("add", "exp", "x") * LONGEST + ("x",)
    assert parts(long) == [long]
