"""Derivations in print: text, LaTeX, and records for JSON."""

import json
import re
from dataclasses import fields
from functools import cache

import pytest
from document_text import blocks, codes, section
from hypothesis import given
from hypothesis import strategies as st
from places import DOCS

from asyncgen.derivations import narrative, text
from asyncgen.derivations.latex import formula, latex
from asyncgen.derivations.record import record
from asyncgen.mathematics.engines.catalogue import explainer
from asyncgen.mathematics.engines.interface import Integrand
from asyncgen.problems import derivations
from asyncgen.problems.derivations import Attempt, Derivation, Verdict, undecided
from asyncgen.problems.infix_text import infix_of, to_infix
from asyncgen.problems.reading import read_function
from asyncgen.problems.tokens import ARITY, LEAVES, fold

DOCUMENT = DOCS / "derivations.md"
FUNCTIONS = (
    *("exp(x**2)", "1/log(x)", "log(x)/(x + 1)", "tan(x)**3", "1/(x**5 + 1)", "log(x)*asin(x)", "x**x"),
    *("sqrt(x**3 + 1)", "sqrt(x**2)*exp(x)", "asin(x) + sqrt(x**3 + 1)", "abs(x)", "1/(x - x)", "asin(x**3)"),
    *(
        "pi*exp(E*x)/log(2)",
        "1/(x**2 + 1)**2",
        "x**(1/3)/(x + 1)",
        "sqrt(x + sqrt(x))",
        "1/sqrt(sin(x))",
        "asinh(exp(x) + x)",
        "sqrt(x**4 + x + 1)",
    ),
)


@cache
def explained(function: str) -> Derivation:
    return explainer().explain(Integrand(read_function(function)), 60.0)


# -- text ------------------------------------------------------------------------------------------------


def test_the_document_shows_what_is_printed():
    """The text in docs/derivations.md, to the letter."""
    (shown,) = blocks(DOCUMENT, "text")
    assert shown.code.rstrip("\n") == text.text(explained("exp(x**2)"))


@pytest.mark.parametrize("function", FUNCTIONS)
def test_text_fits_a_terminal(function: str):
    """No line is longer than the width, unless one formula without a space is."""
    lines = text.text(explained(function)).splitlines()
    assert [line for line in lines if len(line) > text.WIDTH and " " in line.strip()] == []


@pytest.mark.parametrize("function", FUNCTIONS)
def test_nothing_is_left_to_guess(function: str):
    """Each of these derivations is known in full, and none shows an empty sentence or a None."""
    found = text.text(explained(function))
    assert "..." not in found
    assert "None" not in found
    assert re.search(r"  +[a-z.,]|\(\)|[+-] -", re.sub(r"^ +", "", found, flags=re.MULTILINE)) is None


def test_a_long_formula_is_not_shown_as_text():
    """Its place says how long it is, and where it is whole."""
    sum_ = "x"
    for power in range(6, 120):
        sum_ = ("add", sum_, ("pow", "x", power))
    found = text.text(undecided(sum_, "ours", "because"))
    assert f"(a formula of {len(infix_of(sum_))} characters: see JSON)" in found


def test_many_attempts_are_counted():
    """The first are told; of the others the number."""
    tried = tuple(Attempt("term", ("exp", number), None, "no way") for number in range(20))
    found = text.text(undecided("x", "ours", "no way", tried))
    assert found.count(": no way") == narrative.MOST_ATTEMPTS + 1  # the reason is among them
    assert f"and {20 - narrative.MOST_ATTEMPTS} more." in found


def test_an_answer_that_is_not_confirmed_is_not_called_confirmed():
    """The check's words stand there instead."""
    answer = derivations.Answer("x", "branch:x<0", 3)
    found = text.text(Derivation(function="x", engine="ours", verdict=Verdict.UNVERIFIED, answer=answer))
    assert "The check does not confirm it: branch:x<0." in found
    assert "confirms" not in found


# -- LaTeX -----------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("tree", "expected"),
    [
        (("pow2", ("mul", -1, "x")), r"\left(-1 x\right)^{2}"),
        (("pow2", ("sub", "x", 1)), r"\left(x - 1\right)^{2}"),
        (("pow2", ("exp", "x")), r"\left(\mathrm{e}^{x}\right)^{2}"),
        (("pow2", ("sin", "x")), r"\sin^{2}\left(x\right)"),
        (("pow", ("asinh", "x"), 12), r"\operatorname{asinh}^{12}\left(x\right)"),
        (("pow2", ("pow2", ("sin", "x"))), r"\left(\sin^{2}\left(x\right)\right)^{2}"),
        (("pow2", "Y'"), r"\left(y'\right)^{2}"),
        (("pow", ("sin", "x"), -1), r"\left(\sin\left(x\right)\right)^{-1}"),
        (("pow2", ("add", "x", ("sin", "x"))), r"\left(x + \sin\left(x\right)\right)^{2}"),
        (("pow2", ("div", "x", 2)), r"\left(\frac{x}{2}\right)^{2}"),
        (("sub", "x", ("sub", "t1", 1)), r"x - \left(t_{1} - 1\right)"),
        (("sub", "x", ("mul", -2, "t12")), r"x - \left(-2 t_{12}\right)"),
        (("add", "x", ("div", ("mul", -2, "I"), 3)), r"x -\frac{2 \mathrm{i}}{3}"),
        (("mul", 2, 3), r"2 \cdot 3"),
        (("mul", ("add", "x", 1), "S"), r"\left(x + 1\right) S"),
        (("div", ("ln", "x"), ("sqrt", 2)), r"\frac{\log\left(x\right)}{\sqrt{2}}"),
        (("inv", ("abs", "x")), r"\frac{1}{\left|x\right|}"),
        (("D", ("asinh", "x")), r"D\left(\operatorname{asinh}\left(x\right)\right)"),
        (("rootsum", ("pow2", "z"), ("mul", "z", "x")), r"\sum_{z \,:\, z^{2} = 0} z x"),
        (("pow", "x", ("div", 1, 3)), r"x^{\frac{1}{3}}"),
        (("rac", "x", 3), r"\sqrt[3]{x}"),
    ],
)
def test_a_formula_in_latex(tree: object, expected: str):
    """Parentheses stand where the value needs them."""
    assert formula(tree) == expected.replace("-1 x", "-x")


@pytest.mark.parametrize("function", FUNCTIONS)
def test_latex_is_balanced(function: str):
    """Braces, parentheses and displays close, and outside of formulas nothing has to be escaped."""
    found = latex(explained(function))
    assert found.count("{") == found.count("}")
    assert found.count(r"\left") == found.count(r"\right")
    assert found.count(r"\[ ") == found.count(r" \]")
    words = re.sub(r"\\\[ .*? \\\]|\$[^$]*\$", "", found)
    assert re.search(r"[_^&#%~]", words) is None


TREES = st.recursive(
    st.one_of(st.integers(-20, 20), st.sampled_from(sorted(LEAVES))),
    lambda operands: st.one_of(
        st.tuples(st.sampled_from([name for name, arity in ARITY.items() if arity == 1]), operands),
        st.tuples(st.sampled_from(["add", "sub", "mul", "div", "pow"]), operands, operands),
    ),
    max_leaves=12,
)


@given(TREES)
def test_any_formula_has_balanced_latex(tree: object):
    """Whatever stands in it; and never two signs next to each other."""
    found = formula(tree)
    assert found.count("{") == found.count("}")
    assert found.count(r"\left") == found.count(r"\right")
    assert re.search(r"[-+] [-+]", found) is None


# -- formulas as text ------------------------------------------------------------------------------------


@given(TREES)
def test_a_tree_is_written_as_its_tokens_are(tree: object):
    """The text of a tree is that of its prefix notation."""
    assert infix_of(tree) == to_infix(prefix(tree))


def prefix(tree: object) -> list[str]:
    if isinstance(tree, tuple):
        return [tree[0], *(token for operand in tree[1:] for token in prefix(operand))]
    if isinstance(tree, int):
        return ["INT+" if tree >= 0 else "INT-", *str(abs(tree))]
    return [str(tree)]


def test_a_deep_tree_is_written():
    """Without recursion, so that no function that can be read is too deep to be shown."""
    tree: object = "x"
    for _ in range(5000):
        tree = ("sin", tree)
    assert infix_of(tree).count("sin(") == formula(tree).count(r"\sin") == 5000
    assert fold(["sin", "x"], str, lambda token, operands: token + operands[0]) == "sinx"


# -- JSON ------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("function", FUNCTIONS)
def test_a_record_survives_json(function: str):
    """Nothing in it but what JSON has, whole numbers below 2**53 only, and no formula that is a tuple."""
    found = record(explained(function))
    assert json.loads(json.dumps(found)) == found
    assert all(abs(int(number)) < 1 << 53 for number in re.findall(r": (-?\d+)[,}]", json.dumps(found)))


def test_the_record_begins_with_its_version():
    """Whoever reads it can tell what it means."""
    assert list(record(explained("exp(x**2)")))[:3] == ["schema", "function", "engine"]
    assert record(explained("exp(x**2)"))["schema"] == 1


def described() -> str:
    """What the document says of the JSON, without its programs."""
    return re.sub(r"^```.*?^```$", "", section(DOCUMENT, "## JSON"), flags=re.MULTILINE | re.DOTALL)


def rows(kind: str) -> list[set[str]]:
    """What the tables' rows of this kind name."""
    found = [line.split("|") for line in described().splitlines() if line.startswith(f"| `{kind}` |")]
    return [set(codes(cells[2])) for cells in found]


RECORDS = [derivations.Derivation, derivations.Branch, derivations.Kernel, derivations.Rewritten]
RECORDS += [derivations.Change, derivations.Attempt, derivations.Answer, derivations.Part, derivations.Shape]
RECORDS += [derivations.Condition, derivations.Component]
STEPS = [kind for name, kind in vars(derivations).items() if name.endswith("Step") and name != "Step"]
OBSTRUCTIONS = [derivations.ResiduesVary, derivations.NoSolution, derivations.NotLimited]


@pytest.mark.parametrize("kind", RECORDS)
def test_each_field_is_in_the_document(kind: type):
    """docs/derivations.md names every field that a record has."""
    assert {field.name for field in fields(kind)} <= set(codes(described()))


@pytest.mark.parametrize("kind", [*STEPS, *OBSTRUCTIONS])
def test_each_step_and_obstruction_has_its_row(kind: type):
    """With the fields that it has besides those of all its kind."""
    shared = (
        {field.name for field in fields(derivations.Step)}
        if kind in STEPS
        else {"variable", "shape", "poles"}
    )
    own = {field.name for field in fields(kind)} - shared
    assert any(own <= row for row in rows(kind.kind))
