"""Names as people write them: SymPy computes what each must be, and no suggestion is another function."""

import re

import pytest
import sympy
from sympy import Symbol

from asyncgen.mathematics.values import compile_tokens
from asyncgen.problems.errors import ParseError
from asyncgen.problems.infix import read_infix
from asyncgen.problems.infix_text import to_infix
from asyncgen.problems.spellings import ORDINARY, PLAIN, advice_on_function
from asyncgen.problems.tokens import UNARY

X = Symbol("x")
PLACES = (0.3125, 0.8125)


def agrees(text: str, expression: sympy.Expr) -> bool:
    """Whether the text, as it is read, has the values that SymPy finds."""
    program = compile_tokens(read_infix(text))
    differences = (
        complex(program.at(place, 128).value) - complex(expression.subs(X, place)) for place in PLACES
    )
    return all(abs(difference) < 1e-12 for difference in differences)


READ: dict[str, sympy.Expr] = {
    "cosec(x)": sympy.csc(X),
    "cosech(x)": sympy.csch(X),
    "arccosec(x)": sympy.acsc(X),
    "acosec(x)": sympy.acsc(X),
    "arcosech(x)": sympy.acsch(X),
    "log10(x)": sympy.log(X, 10),
    "log2(x)": sympy.log(X, 2),
    "log_10(x) + log₁₀(x)": 2 * sympy.log(X, 10),
    "log_2(x) + log₂(x)": 2 * sympy.log(X, 2),
    "log(x, 7)": sympy.log(X, 7),
    "log(2, x)": sympy.log(2, X),
    "log(x,3)": sympy.log(X, 3),
    "log(x, e)": sympy.log(X),
    "Log10(x)": sympy.log(X, 10),
    "log1p(x)": sympy.log(1 + X),
    "expm1(x)": sympy.exp(X) - 1,
    "Sin(x) + COS(x)": sympy.sin(X) + sympy.cos(X),
    "Log(x) + Exp(x) + Sqrt(x)": sympy.log(X) + sympy.exp(X) + sympy.sqrt(X),
    "LN(x) + Ln(x)": 2 * sympy.log(X),
    "ArcSin(x) + Arcsin(x) + ARCSIN(x) + Asin(x)": 4 * sympy.asin(X),
    "ArcSinh(x) + ArSinh(x) + arsinh(x)": 3 * sympy.asinh(X),
    "Abs(x) + ABS(x) + abs(x)": 3 * sympy.Abs(X),
    "sgn(x) + signum(x) + Sign(x)": 3 * sympy.sign(X),
    "tg(x) + arctg(x)": sympy.tan(X) + sympy.atan(X),
    "ctg(x) + cotg(x) + cotan(x)": 3 * sympy.cot(X),
    "arcctg(x) + actg(x)": 2 * sympy.acot(X),
    "sh(x) + ch(x) + th(x) + cth(x)": sympy.sinh(X) + sympy.cosh(X) + sympy.tanh(X) + sympy.coth(X),
    "arsh(x) + arth(x)": sympy.asinh(X) + sympy.atanh(X),
    "arch(x + 1)": sympy.acosh(X + 1),
    "sen(x) + arcsen(x) + senh(x)": sympy.sin(X) + sympy.asin(X) + sympy.sinh(X),
    "Gamma(x) + Γ(x)": 2 * sympy.gamma(X),
    "Erf(x)": sympy.erf(X),
    "PI*x + Pi + π": sympy.pi * (X + 2),
    "sin^2(x)": sympy.sin(X) ** 2,
    "sin**2(x)": sympy.sin(X) ** 2,
    "sin²(x)": sympy.sin(X) ** 2,
    "Sin^(2) (x)": sympy.sin(X) ** 2,
    "ln^3(x)": sympy.log(X) ** 3,
    "log²(x, 2)": sympy.log(X, 2) ** 2,
    "cos⁻²(x) + cos^-2(x) + cos^(-2)(x)": 3 * sympy.cos(X) ** -2,
    "2^sin^2(x)": 2 ** (sympy.sin(X) ** 2),
    "-sin^2(x)*x": -(sympy.sin(X) ** 2) * X,
    "sin²(x)^3": (sympy.sin(X) ** 2) ** 3,
}


@pytest.mark.parametrize("text", READ)
def test_names_that_people_write_are_read(text: str) -> None:
    """SymPy computes the same values from the function that is meant."""
    assert agrees(text, READ[text])


@pytest.mark.parametrize("name", ["sin", "acos", "ln", "sqrt", "exp", "sech", "acoth"])
def test_capitals_do_not_matter_for_elementary_functions(name: str) -> None:
    """Sin, SIN and sin are one function."""
    assert (
        read_infix(f"{name.upper()}(x)") == read_infix(f"{name.capitalize()}(x)") == read_infix(f"{name}(x)")
    )


def test_names_of_special_functions_keep_their_meaning() -> None:
    """Si is no sine, and li is not Li, whatever capitals do elsewhere."""
    names = ["Si", "Ci", "Ei", "Shi", "Chi", "li", "LambertW"]
    assert [read_infix(f"{name}(x)")[0] for name in names] == names
    assert read_infix("E*I") == ("mul", "E", "I")


REFUSED = {
    "atan2(x, 1)": "there are no functions of the two coordinates of a point",
    "arctan2(x, 1)": "there are no functions of the two coordinates of a point",
    "lg(x)": "it has base 10, 2 or E: write log10(x), log2(x) or log(x)",
    "log3(x)": "write log(x, b) for the logarithm to base b",
    "cbrt(x)": "write x**(1/3), which is complex for x < 0, or sign(x)*abs(x)**(1/3), which is real there",
    "nthroot(x, 3)": "write x**(1/n); for odd n and x < 0 that is complex",
    "arcth(x)": "it is the inverse of tanh or of coth: write atanh(x) or acoth(x)",
    "arctgh(x)": "it is the inverse of tanh or of coth: write atanh(x) or acoth(x)",
    "sinc(x)": "write sin(x)/x or sin(pi*x)/(pi*x)",
    "sqr(x)": "write x**2 or sqrt(x)",
    "si(x)": "write Si(x), the sine integral from 0, or Si(x) - pi/2, the one from infinity",
    "Li(x)": "write li(x), li(x) - li(2), or polylog(n, x)",
    "chi(x)": "the hyperbolic cosine integral is Chi(x)",
    "elliptic_k(x)": "write elliptic_f(pi/2, m)",
    "sind(x)": "angles are in radians",
    "sine(x)": "write sin(x)",
    "xsin(x)": "write x*sin(x)",
    "sinx(x)": "write sin(x)",
}


@pytest.mark.parametrize("text", REFUSED)
def test_names_of_several_meanings_are_refused(text: str) -> None:
    """One line names the meanings, and how each is written."""
    with pytest.raises(ParseError, match=f"unknown function '.*': {re.escape(REFUSED[text])}"):
        read_infix(text)


@pytest.mark.parametrize(
    ("text", "column", "message"),
    [
        (
            "ln(x, 2)",
            5,
            "'ln' takes one operand: no ',' belongs here; write log(x, b) for the logarithm to base b",
        ),
        ("Log(2, x)", 6, "'Log' takes one operand"),
        ("ArcTan(x, 1)", 9, "'ArcTan' takes one operand"),
        ("log(x, 2, 3)", 9, "'log' takes"),
        ("sin^-1(x)", 1, "write asin(x) or 1/sin(x)"),
        ("sin⁻¹(x)", 1, "write asin(x) or 1/sin(x)"),
        ("ln^-1(x)", 1, "write exp(x) or 1/ln(x)"),
        ("erf^-1(x)", 1, "write the inverse function or 1/erf(x)"),
        ("sqrt^3(x)", 1, "put the exponent behind the operands of 'sqrt'"),
        ("polylog²(2, x)", 1, "put the exponent behind the operands of 'polylog'"),
        ("sin^2 x", 1, "as in sin(x) or sin(x)**2"),
        ("sin^x(x)", 1, "as in sin(x) or sin(x)**2"),
        ("sinx + 1", 1, "unknown name 'sinx': write sin(x)"),
        ("lnx", 1, "unknown name 'lnx': write ln(x)"),
    ],
)
def test_operands_and_exponents_in_other_places_are_refused(text: str, column: int, message: str) -> None:
    """Mathematica's base comes first, and an exponent -1 may mean the inverse: neither is guessed."""
    with pytest.raises(ParseError, match=re.escape(message)) as raised:
        read_infix(text)
    assert raised.value.column == column


@pytest.mark.parametrize("written", ["erfcx", "tang", "sect", "sih", "cosn", "sinq", "hsin"])
def test_a_name_with_another_in_it_is_left_alone(written: str) -> None:
    """Tang is tan with a letter more, and tanh with another one: nobody knows."""
    assert advice_on_function(written, ORDINARY.functions) == ""


@pytest.mark.parametrize(
    ("written", "meant"),
    [
        ("sni", "sin"),
        ("tnah", "tanh"),
        ("sqtr", "sqrt"),
        ("sqqrt", "sqrt"),
        ("sgrt", "sqrt"),
        ("gama", "gamma"),
        ("polylgo", "polylog"),
        ("loggama", "loggamma"),
        ("lambrtW", "LambertW"),
        ("rootsum", "RootSum"),
        ("ei", "Ei"),
    ],
)
def test_a_slip_of_the_hand_is_recognised(written: str, meant: str) -> None:
    """A letter changed, left out or doubled, or two swapped, where one function alone comes near."""
    assert advice_on_function(written, ORDINARY.functions) == f"did you mean '{meant}'?"


# Functions of mathematics and of programs that are not here; each would be mislabelled under another name.
ELSEWHERE = """
acosd airyai airybi amp angle arccot2 arctan2 arg argcosh asind atan2 atan2d bei ber bessel besseli besselj
besselk bessely beta binomial cas cbrt cd ceil ceiling chi cis clamp cn conj conjugate copysign cos2 cosc
cosd coshc cosint cospi cot2 cotd cotpi covercos coversin crd cubert dawson deg det digamma dilog dn ellipe
ellipk elliptic_k erf2 erfcinv erfcx erfinv eta euler exp10 exp2 expi expit expm expn exprel exsec fac
factorial fib floor fmod frac fract fresnel gammainc gd hankel1 hav haversin haversine heaviside hermite
hyp0f2 hyp2f0 hyper hyperfac hypot im imag int inverf j0 jn kei ker kn lambda legendre lerchphi lg lgamma
li2 ln2 lnfact lngamma log3 logb logistic logit max median min mod nd norm nroot nthroot ones pdf phi
piecewise polygamma prod psi rad rand re real relu rem rint root rotate round sd sec2 sech2 sgd siegelz sigm
sigmoid sign2 sin2 sinc sind sinhc sinint sinpi sn softmax softplus spence sqr sqrt3 sqrtpi square stdnormal
step sum surd tan2 tanc tand tanpi theta tri tricomi trigamma trunc var vercos vers versin versine wright
wrightomega y0 yn zeta
"""


@pytest.mark.parametrize("name", ELSEWHERE.split())
def test_another_function_is_never_suggested(name: str) -> None:
    """A name that stands for a function elsewhere is refused without a guess."""
    assert name not in ORDINARY.functions
    assert "did you mean" not in advice_on_function(name, ORDINARY.functions)


@pytest.mark.parametrize("length", [31, 99_000])
def test_long_names_are_no_slips(length: int) -> None:
    """They are not compared, letter by letter, with all that there is."""
    assert advice_on_function("s" * length, ORDINARY.functions) == ""


def test_engines_read_names_of_their_own_only() -> None:
    """What people write is no part of the dialects of engines, which have other meanings for some names."""
    with pytest.raises(ParseError, match="unknown function 'log10'"):
        read_infix("log10(x)", PLAIN)


@pytest.mark.parametrize("token", sorted(UNARY))
def test_every_name_is_read_back(token: str) -> None:
    """What is written out in ordinary notation is read alike, as a person's text and as an engine's."""
    text = to_infix(f"{token} x")
    assert read_infix(text) == read_infix(text, PLAIN)
