"""Text and tokens: Python's own grammar and SymPy are the oracles."""

import ast
import re
from collections.abc import Callable
from contextlib import suppress
from fractions import Fraction
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from asyncgen.problems.errors import ParseError
from asyncgen.problems.infix import read_infix
from asyncgen.problems.infix_text import to_infix
from asyncgen.problems.reading import read_function
from asyncgen.problems.tokens import ARITY, BINARY, LEAVES, SIGNS, UNARY, fold, read_prefix, skeleton

# Both sides are evaluated in the integers modulo a prime: sums, products and quotients exactly, powers
# and functions as opaque marks of their operands. Equal values there mean equal trees up to arithmetic.
PRIME = 2**61 - 1
SYMPY_NAMES = {"ln": "log", "abs": "Abs"}


def mark(name: str, *operands: int) -> int:
    return hash((name, *operands)) % PRIME


def quotient(dividend: int, divisor: int) -> int:
    return dividend * pow(divisor, PRIME - 2, PRIME) % PRIME


ARITHMETIC: dict[str, Callable[..., int]] = {
    "add": lambda a, b: (a + b) % PRIME,
    "sub": lambda a, b: (a - b) % PRIME,
    "mul": lambda a, b: a * b % PRIME,
    "div": quotient,
    "inv": lambda a: quotient(1, a),
    "pow": lambda a, b: mark("pow", a, b),
    "rac": lambda a, n: mark("pow", a, quotient(1, n)),
    **{f"pow{n}": lambda a, n=n: mark("pow", a, n) for n in (2, 3, 4, 5)},
}


def value_of_tokens(tokens: tuple[str, ...] | list[str]) -> int:
    def leaf(value: str | int) -> int:
        return value % PRIME if isinstance(value, int) else mark(value)

    def apply(token: str, operands: list[int]) -> int:
        if token in ARITHMETIC:
            return ARITHMETIC[token](*operands)
        return mark(SYMPY_NAMES.get(token, token), *operands)

    return fold(tokens, leaf, apply)


def value_of_python(text: str) -> int:
    """The value of a text as Python's own parser understands it."""
    names: dict[type, str] = {
        ast.Add: "add",
        ast.Sub: "sub",
        ast.Mult: "mul",
        ast.Div: "div",
        ast.Pow: "pow",
    }

    def value(node: ast.expr) -> int:
        match node:
            case ast.BinOp(left, operator, right):
                return ARITHMETIC[names[type(operator)]](value(left), value(right))
            case ast.UnaryOp(ast.USub(), operand):
                return -value(operand) % PRIME
            case ast.UnaryOp(ast.UAdd(), operand):
                return value(operand)
            case ast.Call(ast.Name(name), arguments):
                return mark(name, *map(value, arguments))
            case ast.Constant(number) if isinstance(number, int | float):
                exact = Fraction(str(number))
                return quotient(exact.numerator, exact.denominator)
            case ast.Name(name):
                return mark(name)
        raise AssertionError(ast.dump(node))

    return value(ast.parse(text, mode="eval").body)


def integer_tokens(value: int) -> list[str]:
    return ["INT+" if value >= 0 else "INT-", *str(abs(value))]


LEAF = st.one_of(
    st.sampled_from([[name] for name in sorted(LEAVES)]),
    st.integers(-12, 12).map(integer_tokens),
    st.integers().map(integer_tokens),
)
ARITHMETIC_FIRST = st.one_of(st.sampled_from(sorted(ARITHMETIC)), st.sampled_from(sorted(ARITY)))


def applied(trees: st.SearchStrategy[list[str]]) -> st.SearchStrategy[list[str]]:
    return ARITHMETIC_FIRST.flatmap(
        lambda token: st.lists(trees, min_size=ARITY[token], max_size=ARITY[token]).map(
            lambda operands: [token, *(piece for operand in operands for piece in operand)]
        )
    )


TREES = st.recursive(LEAF, applied, max_leaves=12)
TEXTS = st.recursive(
    st.sampled_from(["x", "pi", "E", "I", "0", "2", "17", "0.5", "2.25"]),
    lambda texts: st.one_of(
        st.tuples(texts, st.sampled_from(["+", "-", "*", "/", "**"]), texts).map(" ".join),
        st.tuples(st.sampled_from(["-", "+", "sin", "Abs", "log"]), texts).map(
            lambda pair: f"{pair[0]}({pair[1]})"
        ),
        texts.map(lambda text: f"-{text}"),
        texts.map(lambda text: f"({text})"),
    ),
    max_leaves=12,
)


@given(TREES)
def test_written_text_means_the_tree(tokens: list[str]) -> None:
    """Python's parser finds in the written text the value that the tokens have."""
    assert value_of_python(to_infix(tokens)) == value_of_tokens(tokens)


@given(TREES)
def test_reading_back_keeps_the_value(tokens: list[str]) -> None:
    """What is written is read back, with the same value and, from then on, the same text."""
    text = to_infix(tokens)
    read = read_infix(text)
    assert value_of_tokens(read) == value_of_tokens(tokens)
    assert to_infix(read) == text
    assert read_prefix(" ".join(read)) == read == read_function(text)


@given(TEXTS)
def test_reader_agrees_with_python(text: str) -> None:
    """Precedence, association and signs are those of Python, and ^ is **."""
    tokens = read_infix(text)
    assert value_of_tokens(tokens) == value_of_python(text)
    assert read_infix(text.replace("**", "^")) == tokens


FIRST, SECOND = "add mul INT+ 2 x INT+ 1", "sub x INT+ 2"


@pytest.mark.parametrize("token", [*BINARY, *UNARY])
def test_sympy_reads_every_operator(token: str) -> None:
    """SymPy reads the text of each operator as the function of that name."""
    import sympy
    from sympy.parsing.sympy_parser import parse_expr

    x = parse_expr("x")
    first, second = 2 * x + 1, x - 2
    powers = {f"pow{n}": (lambda a, n=n: a**n) for n in (2, 3, 4, 5)}
    built: dict[str, Callable[..., Any]] = {
        **{"add": lambda a, b: a + b, "sub": lambda a, b: a - b, "mul": lambda a, b: a * b},
        **{"div": lambda a, b: a / b, "pow": lambda a, b: a**b, "rac": lambda a, n: a ** (1 / n)},
        **{"inv": lambda a: 1 / a, "ln": sympy.log, "abs": sympy.Abs, **powers},
    }
    function = built.get(token) or getattr(sympy, token)
    if ARITY[token] == 1:
        assert parse_expr(to_infix(f"{token} {FIRST}")) == function(first)
    else:
        assert parse_expr(to_infix(f"{token} {FIRST} {SECOND}")) == function(first, second)


@pytest.mark.parametrize(
    ("prefix", "text"),
    [
        ("pow INT- 2 x", "(-2)**x"),
        ("pow pow2 x INT+ 3", "(x**2)**3"),
        ("pow x pow INT+ 2 INT+ 3", "x**(2**3)"),
        ("pow x INT- 1", "x**(-1)"),
        ("mul INT- 1 pow2 x", "-x**2"),
        ("pow2 mul INT- 1 x", "(-x)**2"),
        ("sub x sub x INT+ 2", "x - (x - 2)"),
        ("sub x INT- 2", "x + 2"),
        ("add x INT- 2", "x - 2"),
        ("add x add x x", "x + x + x"),
        ("add x mul INT- 3 x", "x - 3*x"),
        ("div x mul x x", "x/(x*x)"),
        ("div mul x x x", "x*x/x"),
        ("mul INT+ 2 mul x sin x", "2*x*sin(x)"),
        ("mul x INT- 2", "x*(-2)"),
        ("mul INT- 1 mul INT- 1 x", "-(-x)"),
        ("mul div INT- 1 INT+ 2 x", "-1/2*x"),
        ("mul INT- 1 add x INT+ 1", "-(x + 1)"),
        ("inv pow2 x", "1/x**2"),
        ("inv inv x", "1/(1/x)"),
        ("rac add x INT+ 1 INT+ 3", "(x + 1)**(1/3)"),
        ("exp abs ln sign x", "exp(Abs(log(sign(x))))"),
        ("polylog INT+ 2 mul E mul pi I", "polylog(2, E*pi*I)"),
        ("INT- 1 2", "-12"),
    ],
)
def test_parentheses_stand_only_where_needed(prefix: str, text: str) -> None:
    """The text is the one that a person would write, from tokens and from prefix text alike."""
    assert to_infix(prefix) == to_infix(prefix.split()) == text


@pytest.mark.parametrize(
    ("text", "prefix"),
    [
        (" x\t", "x"),
        ("-x**2", "mul INT- 1 pow x INT+ 2"),
        ("2^-x", "pow INT+ 2 mul INT- 1 x"),
        ("x**2**3", "pow x pow INT+ 2 INT+ 3"),
        ("-3", "INT- 3"),
        ("007", "INT+ 7"),
        ("0.50", "div INT+ 1 INT+ 2"),
        (".5", "div INT+ 1 INT+ 2"),
        ("2.", "INT+ 2"),
        ("-0.5", "div INT- 1 INT+ 2"),
        ("e**x + E", "add pow E x E"),
        ("ln(x) + log (x)", "add ln x ln x"),
        ("arcsin(x)*arsinh(x)", "mul asin x asinh x"),
        ("abs(x) - Abs(x)", "sub abs x abs x"),
        ("pow(x, 2)/rac(x, 3)", "div pow x INT+ 2 rac x INT+ 3"),
        ("polylog(2, x)", "polylog INT+ 2 x"),
    ],
)
def test_ordinary_notation_is_read(text: str, prefix: str) -> None:
    """Signs, decimals as exact fractions, and the usual other names of the functions."""
    assert " ".join(read_infix(text)) == prefix


@pytest.mark.parametrize(
    ("text", "column", "message"),
    [
        ("", 1, "no function"),
        ("x +", 4, "operand is missing"),
        ("* x", 1, r"missing before '\*'"),
        ("x * / x", 5, "missing before '/'"),
        ("2x", 2, r"write \* for a product"),
        ("2 (x)", 3, r"write \* for a product"),
        ("x x", 3, r"write \* for a product"),
        ("(x)(x)", 4, r"write \* for a product"),
        ("x(x + 1)", 1, r"'x' is no function: write x\*\( for a product"),
        ("1/2x", 4, r"write \* for a product, in parentheses where it is a divisor"),
        ("e^-2x", 5, r"write \* for a product, in parentheses where it is a divisor or an exponent"),
        ("x^2(x + 1)", 4, r"write \* for a product, in parentheses where it is an exponent"),
        ("1 + sin x", 5, r"'sin' needs parentheses around its operand, as in sin\(x\) or sin\(x\)\*\*2"),
        ("sin x + 1", 1, "'sin' needs parentheses around its operand"),
        ("ln|x|", 1, "'ln' needs parentheses around its operand"),
        ("x**2 dx", 6, "without dx"),
        ("'x'", 1, "without quotation marks"),
        ("np.sin(x)", 1, "without the name of a module"),
        ("floor(x)", 1, "unknown function 'floor': there are exp, log, sqrt, sin and the like"),
        ("1 + sni(x)", 5, "did you mean 'sin'"),
        ("x + y", 5, "unknown name 'y'"),
        ("(x", 1, "never closed"),
        ("x + sin(x", 5, "never closed"),
        ("x)", 2, r"without a '\('"),
        ("x, x", 2, r"without a '\('"),
        ("()", 2, "operand is missing"),
        ("sin()", 5, "operand is missing"),
        ("sin(x, x)", 6, "'sin' takes one operand: no ',' belongs here$"),
        ("polylog(1, 2, x)", 13, "'polylog' takes 2 operands: no ','"),
        ("(x, x)", 3, "no ',' belongs here"),
        ("e(x)", 1, r"write e\*\( for a product, or exp\( for a power of e"),
        ("pow(x)", 6, "'pow' needs 2 operands"),
        ("\N{ARABIC-INDIC DIGIT THREE}", 1, "character"),
        ("x\0", 2, r"character '\\x00'"),
        ("\ud800", 1, r"character '\\ud800'"),
        ("x; x", 2, "character ';'"),
        ("x = 1", 3, "character '='"),
        ("__import__('os')", 1, "unknown function '__import__'"),
        ("x.__class__", 2, r"character '\.'"),
        ("9" * 1001, 1, "more than 1000 digits"),
        ("(" * 5000, 501, "nested too deeply"),
        ("-" * 5000, 501, "nested too deeply"),
        ("sin(" * 5000, 2001, "nested too deeply"),
        ("x**" * 5000, 1502, "nested too deeply"),
        ("a" * 99_999, 1, "unknown name 'a{30}'"),
        ("x" * 1_000_000, 1, "too long"),
    ],
)
def test_faults_of_ordinary_notation_have_a_column(text: str, column: int, message: str) -> None:
    """Text that is no function is a ParseError that says where and what to write instead."""
    with pytest.raises(ParseError, match=message) as raised:
        read_function(text)
    assert raised.value.column == column
    assert str(raised.value).isprintable()
    assert len(str(raised.value)) < 200


@pytest.mark.parametrize(
    ("text", "column", "message"),
    [
        ("", 1, "no expression"),
        ("add x", 1, "'add' needs 2 operands"),
        ("x x", 1, "more than one expression"),
        ("add x foo", 7, "unknown token 'foo'"),
        ("add x INT+", 7, r"'INT\+' needs digits"),
        ("add x 5", 5, "digits without"),
        ("5", 1, "digits without"),
        ("sin \N{ARABIC-INDIC DIGIT THREE}", 5, "unknown token"),
        ("INT- " + "1 " * 1001, 1, "more than 1000 digits"),
        ("sin " * 30_000, 1, "too long"),
        ("x" * 50_000, 1, "unknown token 'x{30}'$"),
    ],
)
def test_faults_of_prefix_notation_have_a_column(text: str, column: int, message: str) -> None:
    """Tokens that are not exactly one expression are a ParseError at the faulty token."""
    with pytest.raises(ParseError, match=message) as raised:
        read_prefix(text)
    assert raised.value.column == column
    assert len(str(raised.value)) < 200


@pytest.mark.parametrize("text", ["x+" * 49_999 + "x", "x/" * 49_999 + "x", "+" * 99_999 + "x"])
def test_long_texts_are_read_without_recursion(text: str) -> None:
    """A text as long as is allowed needs no stack of Python's, to read or to release."""
    tokens = read_infix(text)
    assert tokens.count("x") == text.count("x")


def column_of_fault(read: Callable[[], object]) -> int | None:
    """The column of the ParseError that `read` raises, None if it succeeds."""
    try:
        read()
    except ParseError as error:
        return error.column
    return None


@settings(max_examples=200)
@given(st.one_of(st.text(), st.text(alphabet="x12 .+-*/^(),einsIE_\n", max_size=40)))
def test_any_text_gives_tokens_or_a_parse_error(text: str) -> None:
    """No text whatever makes the reader raise anything but ParseError, within the text's length."""
    column = column_of_fault(lambda: read_function(text))
    if column is None:
        assert read_prefix(" ".join(read_function(text))) == read_function(text)
    else:
        assert 1 <= column <= len(text) + 1


@given(st.lists(st.sampled_from([*sorted(ARITY)[:6], *sorted(LEAVES), *SIGNS, "0", "7", "", "\0"])))
def test_any_tokens_give_a_value_or_a_parse_error(tokens: list[str]) -> None:
    """The walk accepts only sequences that use every token once, and refuses by ParseError."""
    nodes: list[object] = []
    column = column_of_fault(lambda: fold(tokens, nodes.append, lambda token, _: nodes.append(token)))
    if column is None:
        assert len(nodes) == sum(not token.isdigit() for token in tokens)
    else:
        assert 1 <= column <= len(" ".join(tokens)) + 2


def test_errors_of_the_callbacks_carry_the_column() -> None:
    """A callback that refuses an operator with a ParseError is reported at that operator's column."""

    def refuse(token: str, operands: list[int]) -> int:
        if token == "sin":
            raise ParseError("no sin here")
        return sum(operands)

    with pytest.raises(ParseError, match="no sin here") as raised:
        fold(["add", "x", "sin", "x"], lambda _: 0, refuse)
    assert raised.value.column == 7


SUM = "rootsum sub mul INT+ 5 pow5 z INT+ 1 mul z ln sub x z"


@pytest.mark.parametrize(
    ("prefix", "text"),
    [
        (SUM, "RootSum(5*z**5 - 1, Lambda(z, z*log(x - z)))"),
        (f"mul x {SUM}", "x*RootSum(5*z**5 - 1, Lambda(z, z*log(x - z)))"),
        (
            f"pow2 add {SUM} rootsum z x",
            "(RootSum(5*z**5 - 1, Lambda(z, z*log(x - z))) + RootSum(z, Lambda(z, x)))**2",
        ),
        ("rootsum add div z INT+ 3 INT- 1 2 INT+ 1", "RootSum(z/3 - 12, Lambda(z, 1))"),
    ],
)
def test_sums_over_roots_are_written_as_in_sympy(prefix: str, text: str) -> None:
    """A sum is written with a Lambda, and what is written is read back as the same function."""
    assert to_infix(prefix) == text
    assert to_infix(read_infix(text)) == text
    assert read_function(prefix) == tuple(prefix.split())


@pytest.mark.parametrize(
    ("prefix", "fault", "column"),
    [
        ("z", "the variable is x", 1),
        ("add x z", "the variable is x", 7),
        (f"add {SUM} z", "the variable is x", 59),
        ("rootsum x x", "x has no place", 9),
        ("rootsum add z x z", "x has no place", 9),
        ("rootsum INT+ 1 z", "no roots", 9),
        ("rootsum sub z z z", "no roots", 9),
        ("rootsum sin z z", "'sin' makes no polynomial", 9),
        ("rootsum mul pi z z", "no rational number", 9),
        ("rootsum inv z z", "a quotient", 9),
        ("rootsum pow z INT+ 6 1 z", "exponent", 9),
        ("rootsum mul pow z INT+ 3 1 pow z INT+ 3 0 z", "degree above 60", 9),
        ("rootsum z rootsum z z", "RootSum inside", 11),
        ("rootsum rootsum z z z", "RootSum inside", 9),
        ("rootsum z", "needs 2 operands", 1),
        ("rootsum", "needs 2 operands", 1),
        ("rootsum z z x", "more than one expression", 1),
        ("rootsum z foo", "unknown token 'foo'", 11),
        ("foo rootsum z z", "unknown token 'foo'", 1),
    ],
)
def test_sums_and_their_variable_stand_where_they_may(prefix: str, fault: str, column: int) -> None:
    """Anything else is one ParseError that says where."""
    with pytest.raises(ParseError, match=re.escape(fault)) as raised:
        read_prefix(prefix)
    assert raised.value.column == column


@pytest.mark.parametrize(
    ("text", "fault", "column"),
    [
        ("x + z", "the variable is x", 5),
        ("RootSum(z, z)", "has no Lambda", 1),
        ("RootSum(z, Lambda(x, x))", "this Lambda is not part of a sum", 12),
        ("RootSum(z, 2*Lambda(z, x))", "this Lambda is not part of a sum", 14),
        ("RootSum(z, Lambda(z, x)*2)", "has no Lambda", 1),
        ("1 + Lambda(z, z)", "this Lambda is not part of a sum", 5),
        ("1 + RootSum(x, Lambda(z, z))", "x has no place", 5),
        ("RootSum(z**2 - 2, Lambda(z, RootSum(z, Lambda(z, x))))", "RootSum inside", 29),
        ("rootsum(z, z)", "did you mean 'RootSum'?", 1),
    ],
)
def test_sums_in_ordinary_notation_have_one_form(text: str, fault: str, column: int) -> None:
    """RootSum(polynomial in z, Lambda(z, term)), and no other."""
    with pytest.raises(ParseError, match=re.escape(fault)) as raised:
        read_infix(text)
    assert raised.value.column == column


@pytest.mark.parametrize(
    "prefix",
    [
        " ".join(["z"] * 40_000),
        " ".join(["add z"] * 15_000),
        "rootsum " * 10_000,
        "rootsum z " * 9_000,
        f"rootsum {'add z ' * 15_000} z z",
        f"rootsum {'add mul pow z INT+ 3 0 pow z INT+ 3 0 ' * 400} z z",
        " ".join(["add", SUM] * 1_500) + " x",
    ],
)
def test_long_heaps_of_sums_are_read_in_one_go(prefix: str) -> None:
    """The walk stays linear: these would take minutes if each sum or variable cost a look at all tokens."""
    with suppress(ParseError):
        read_prefix(prefix)


def test_a_skeleton_has_no_numbers():
    """Integers are blanked, whatever their sign and length."""
    assert skeleton(read_infix("12*x - 3")) == "sub mul C x C"
