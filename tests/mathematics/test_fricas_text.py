"""Rules of FriCAS's notation: what is sent, what is read, and what is refused."""

import re
from contextlib import suppress

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from asyncgen.mathematics.engines.fricas.text import LONGEST, from_fricas, result_of, to_fricas
from asyncgen.mathematics.sympy_notation import Untranslatable
from asyncgen.mathematics.values import compile_tokens
from asyncgen.problems.distributions import PRESETS
from asyncgen.problems.errors import ParseError
from asyncgen.problems.infix import read_infix
from asyncgen.problems.spec import Spec
from asyncgen.problems.tokens import ARITY, LEAVES
from asyncgen.sampler import Sampler


def differentiates_to(text: str, function: str) -> bool:
    """Whether FriCAS's text, as we read it, is an antiderivative of the function at 5/8."""
    (answer,) = from_fricas(text)
    slope = compile_tokens(answer).at(0.625, 128).derivative
    return bool((slope - compile_tokens(read_infix(function)).at(0.625, 128).value).abs_upper() < 1e-30)


def test_what_is_sent_reads_back_as_the_same_function() -> None:
    """Printing for FriCAS and reading from it are inverse: both give the same values."""
    sampler = Sampler(Spec(PRESETS["lample-charton"]))
    for number in range(200):
        tokens = tuple(sampler.problem(number).prefix.split())
        (back,) = from_fricas(to_fricas(tokens))
        ours, theirs = (compile_tokens(u).at(0.7 + 0.3j).value for u in (tokens, back))
        assert ours.overlaps(theirs) or not ours.is_finite(), tokens


@st.composite
def expressions(draw: st.DrawFn, depth: int = 5) -> tuple[str, ...]:
    """Prefix tokens of any expression over the whole vocabulary."""
    if depth == 0 or draw(st.booleans()):
        number = draw(st.integers(-(10**12), 10**12))
        sign = ("INT+" if number >= 0 else "INT-", *str(abs(number)))
        return draw(st.sampled_from([(leaf,) for leaf in sorted(LEAVES)] + [sign]))
    name = draw(st.sampled_from(sorted(ARITY)))
    operands = [draw(expressions(depth=depth - 1)) for _ in range(ARITY[name])]
    return (name, *(token for operand in operands for token in operand))


@given(expressions())
@settings(max_examples=300, deadline=None)
def test_nothing_sent_can_be_a_command(tokens: tuple[str, ...]) -> None:
    """A line for FriCAS is one expression of harmless characters; commands begin with `)`."""
    try:
        text = to_fricas(tokens)
    except Untranslatable:
        return
    assert re.fullmatch(r"[0-9A-Za-z%+*/^(),-]+", text)
    assert text[0] != ")"


@pytest.mark.parametrize(
    ("text", "function"),
    [
        ("(2*3^(1/2)*atan(((2*x+1)*3^(1/2))/3))/3", "1/(x^2+x+1)"),
        ("((2^(1/2))/2)::AlgebraicNumber()*x^2", "x*sqrt(2)"),
        ("x^(1+%e)/(1+%e)+%pi*x", "x^E+pi"),
        ("fresnelS(x*(2/pi())^(1/2))/((2/pi())^(1/2))", "sin(x^2)"),
        ("fresnelC(x*(2/pi())^(1/2))/((2/pi())^(1/2))", "cos(x^2)"),
        ("(erfi(x)*pi()^(1/2))/2", "exp(x^2)"),
        ("(-1)*dilog(1+(-1)*x)+(-1)*dilog(x)", "log(1-x)/x - log(x)/(1-x)"),
        ("Gamma(1/3,(-1)*x^3)*((-1)^(1/3))^2/3", "exp(x^3)"),
        ("lambertW(x)^2/2+lambertW(x)", "LambertW(x)/x"),
        ("Ei(x)+Si(x)+Ci(x)+li(x)", "exp(x)/x+sin(x)/x+cos(x)/x+1/log(x)"),
        ("Shi(x)+Chi(x)", "sinh(x)/x+cosh(x)/x"),
        ("(-1)*exp((-1)*%i*x)/%i+x*(-1)^(1/2)", "exp(-I*x)+I"),
    ],
)
def test_answers_are_read_as_fricas_means_them(text: str, function: str) -> None:
    """FriCAS's names, constants, types and conventions come out as ours, by their derivatives."""
    assert differentiates_to(text, function)


@pytest.mark.parametrize("parameter", ["1/3", "(-2)"])
def test_elliptic_integrals_take_the_sine_and_the_parameter(parameter: str) -> None:
    """FriCAS's ellipticF(z, m) and ellipticE(z, m) go from 0 to z, with m and not its square root."""
    first = f"1/(sqrt(1-x^2)*sqrt(1-{parameter}*x^2))"
    second = f"sqrt(1-{parameter}*x^2)/sqrt(1-x^2)"
    assert differentiates_to(f"ellipticF(x,{parameter})", first)
    assert differentiates_to(f"ellipticE(x,{parameter})", second)


@pytest.mark.parametrize(
    "text", ["x*rootOf(%%A0^2+%%A0+1,%%A0)", "rootOf(%%A1^2+rootOf(%%A0^2+1,%%A0),%%A1)"]
)
def test_algebraic_numbers_without_a_notation_are_refused(text: str) -> None:
    """A root of a polynomial is a named refusal."""
    with pytest.raises(Untranslatable, match="rootOf"):
        from_fricas(text)


def test_a_list_of_cases_gives_a_candidate_each() -> None:
    """FriCAS lists an answer for each case of a parameter."""
    assert from_fricas("[x,atan(x+(2*x)),1]") == [read_infix(u) for u in ("x", "atan(x+2*x)", "1")]


@pytest.mark.parametrize("name", ["weierstrassZeta(0,1,x)", "%iint(x)", "x::Foo", "[x", "x y", "%%A0"])
def test_what_has_no_notation_is_refused(name: str) -> None:
    """An unknown function, type or name is an error that the engine reports, not a guess."""
    with pytest.raises((Untranslatable, ParseError)):
        from_fricas(name)


PIECES = (
    "rootOf(",
    "%%A0",
    ",",
    ")",
    "(",
    "^",
    "*",
    "x",
    "2",
    "-",
    "[",
    "]",
    "::Symbol",
    "%pi",
    "pi()",
    "dilog(",
    " ",
)


@given(st.lists(st.sampled_from(PIECES) | st.text(max_size=3), max_size=30).map("".join))
@settings(max_examples=400, deadline=None)
def test_any_text_is_read_or_refused(text: str) -> None:
    """Whatever FriCAS prints gives tokens or one of two errors."""
    with suppress(Untranslatable, ParseError):
        assert all(isinstance(tokens, tuple) for tokens in from_fricas(text))


def test_a_text_that_is_too_long_is_not_read() -> None:
    """The reader takes time in proportion to its length."""
    assert len(from_fricas("x" + "+x" * (LONGEST // 2 - 1))) == 1
    with pytest.raises(Untranslatable, match="long"):
        from_fricas("x" + "+x" * (LONGEST // 2))


def test_the_result_stands_in_quotes_after_its_number() -> None:
    """What FriCAS draws before the result is passed over; an error has no result."""
    assert result_of(b'2+-+(12)->erf1[x](12)"erf(x)"(13)->') == "erf(x)"
    assert result_of(b">>Errordetectedwithinlibrarycode:integrate") is None
