r"""A derivation as a fragment of LaTeX, which needs amsmath, and formulas in its notation."""

import re
from collections.abc import Callable, Sequence

from asyncgen.derivations.blocks import UNKNOWN, Heading, Item, Math, Show
from asyncgen.derivations.narrative import narrative
from asyncgen.problems.derivations import Derivation, Formula
from asyncgen.problems.tokens import UNKNOWNS
from asyncgen.problems.tree import folded

# How tightly a formula holds together, loosest first.
_SUM, _PRODUCT, _POWER, _ATOM = range(4)
_Text = tuple[int, str]

_HEADINGS = {1: r"\section*", 2: r"\subsection*", 3: r"\paragraph"}
_SPECIAL = {character: f"\\{character}" for character in "&%$#_{}"}
_SPECIAL |= {"\\": r"\textbackslash{}", "~": r"\textasciitilde{}", "^": r"\textasciicircum{}"}
_LEAVES = {"pi": r"\pi", "E": r"\mathrm{e}", "I": r"\mathrm{i}", UNKNOWN: r"\ldots"}
_LEAVES |= {name: name.lower() for name in UNKNOWNS}
_NAMES = {
    "ln": r"\log",
    **{name: f"\\{name}" for name in ("sin", "cos", "tan", "cot", "sec", "csc", "sinh", "cosh", "tanh")},
    "coth": r"\coth",
    "asin": r"\arcsin",
    "acos": r"\arccos",
    "atan": r"\arctan",
    "D": "D",
    "C": "C",
}
_NAMED = re.compile(r"\\(?:operatorname\{\w+\}|[a-z]+)(?=\\left\()")  # a function before its operands


def latex(derivation: Derivation) -> str:
    """The fragment, without an end of its last line."""
    lines: list[str] = []
    for block in narrative(derivation):
        if isinstance(block, Show):
            lines.append(_displayed(block))
            continue
        words = "".join(map(_in_words, block.items))
        lines.append(f"{_HEADINGS[block.level]}{{{words}}}" if isinstance(block, Heading) else words)
    return "\n".join(lines)


def _displayed(block: Show) -> str:
    return "\\[ " + "".join(map(_in_display, block.items)) + " \\]"


def _in_words(item: Item) -> str:
    return f"${formula(item.formula)}$" if isinstance(item, Math) else _escaped(item)


def _in_display(item: Item) -> str:
    if isinstance(item, Math):
        return formula(item.formula)
    return item if item in (" = ", " + ", " - ") else f"\\text{{{_escaped(item)}}}"


def _escaped(words: str) -> str:
    return "".join(_SPECIAL.get(character, character) for character in words)


# -- formulas --------------------------------------------------------------------------------------------


def formula(tree: Formula) -> str:
    """A formula in LaTeX's notation, for a place where it takes mathematics."""
    return folded(tree, _leaf, _applied)[1]


def _applied(token: str, operands: Sequence[_Text]) -> _Text:
    writer = _WRITERS.get(token)
    return writer(*operands) if writer is not None else _function(token, operands)


def _leaf(leaf: str | int) -> _Text:
    if isinstance(leaf, int):
        return (_PRODUCT if leaf < 0 else _ATOM), str(leaf)
    if leaf in _LEAVES:
        return (_POWER if leaf.endswith("'") else _ATOM), _LEAVES[leaf]
    return _ATOM, f"{leaf[0]}_{{{leaf[1:]}}}" if len(leaf) > 1 else leaf


def _function(token: str, operands: Sequence[_Text]) -> _Text:
    name = _NAMES.get(token, rf"\operatorname{{{_escaped(token)}}}")
    return _POWER, _in_parentheses(", ".join(text for _, text in operands), name)


def _in_parentheses(text: str, before: str = "") -> str:
    return rf"{before}\left({text}\right)"


def _held(operand: _Text, level: int) -> str:
    own, text = operand
    return text if own >= level else _in_parentheses(text)


def _add(left: _Text, right: _Text) -> _Text:
    sign = "" if right[1].startswith("-") else "+ "
    return _SUM, f"{left[1]} {sign}{right[1]}"


def _sub(left: _Text, right: _Text) -> _Text:
    text = _held(right, _PRODUCT)
    return _SUM, f"{left[1]} - {_in_parentheses(text) if text.startswith('-') else text}"


def _mul(left: _Text, right: _Text) -> _Text:
    text = _held(right, _PRODUCT)
    if text.startswith("-"):
        text = _in_parentheses(text)
    if left[1] == "-1":
        return _PRODUCT, f"-{text}"
    between = r" \cdot " if text[:1].isdigit() or text.startswith(r"\frac") else " "
    return _PRODUCT, f"{_held(left, _PRODUCT)}{between}{text}"


def _div(above: _Text, below: _Text) -> _Text:
    if above[1].startswith("-") and above[0] >= _PRODUCT:
        return _PRODUCT, rf"-\frac{{{above[1][1:]}}}{{{below[1]}}}"
    return _PRODUCT, rf"\frac{{{above[1]}}}{{{below[1]}}}"


def _pow(base: _Text, exponent: _Text) -> _Text:
    named = _NAMED.match(base[1])
    if named and base[0] == _POWER and exponent[1].isdigit():  # not -1: that would be the inverse function
        return _POWER, f"{named[0]}^{{{exponent[1]}}}{base[1][named.end() :]}"
    return _POWER, f"{_held(base, _ATOM)}^{{{exponent[1]}}}"


def _fixed(exponent: int) -> Callable[[_Text], _Text]:
    return lambda base: _pow(base, (_ATOM, str(exponent)))


def _rootsum(polynomial: _Text, term: _Text) -> _Text:
    return _SUM, rf"\sum_{{z \,:\, {polynomial[1]} = 0}} {_held(term, _PRODUCT)}"


_WRITERS: dict[str, Callable[..., _Text]] = {
    "add": _add,
    "sub": _sub,
    "mul": _mul,
    "div": _div,
    "pow": _pow,
    "inv": lambda u: _div((_ATOM, "1"), u),
    **{f"pow{n}": _fixed(n) for n in range(2, 6)},
    "sqrt": lambda u: (_ATOM, rf"\sqrt{{{u[1]}}}"),
    "rac": lambda u, n: (_ATOM, rf"\sqrt[{n[1]}]{{{u[1]}}}"),
    "exp": lambda u: (_POWER, rf"\mathrm{{e}}^{{{u[1]}}}"),
    "abs": lambda u: (_ATOM, rf"\left|{u[1]}\right|"),
    "rootsum": _rootsum,
}
