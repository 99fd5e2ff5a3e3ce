"""What names mean in ordinary notation: those that are read, and what is said of the others.

Guarantees: a name that has several meanings among people is never read as one of them; what is suggested for
    a name that is not read is no other function than the one it stands for.
"""

from collections.abc import Callable, Iterator, Mapping
from typing import NamedTuple

from asyncgen.problems.tokens import ARITY, BINARY, LEAVES, UNARY
from asyncgen.problems.tree import Call, Node
from asyncgen.problems.words import CUBE_ROOT

Functions = Mapping[str, tuple[str, int]]


class Dialect(NamedTuple):
    """What names mean: leaves by name, functions by name as (token, arity), and how a call becomes a node."""

    names: Mapping[str, Node]
    functions: Functions
    build: Callable[[str, tuple[Node, ...]], Node] = Call
    bases: frozenset[str] = frozenset()  # tokens that may have one operand more: the base of a logarithm


# -- names that engines and SymPy write, too --------------------------------------------------------------

_CIRCULAR = ("sin", "cos", "tan", "cot", "sec", "csc")
_HYPERBOLIC = ("sinh", "cosh", "tanh", "coth", "sech", "csch")
_USUAL: dict[str, str] = {
    **{name: name for name in ARITY},
    **{"log": "ln", "Abs": "abs", "sgn": "sign", "lambertw": "LambertW"},
    **{f"arc{name}": f"a{name}" for name in (*_CIRCULAR, *_HYPERBOLIC)},
    **{f"ar{name}": f"a{name}" for name in _HYPERBOLIC},
}
_SUMS: Functions = {"RootSum": ("rootsum", 2), "Lambda": ("Lambda", 2)}
PLAIN = Dialect(
    names={**{name: name for name in LEAVES}, "e": "E"},
    functions={**{name: (token, ARITY[token]) for name, token in _USUAL.items()}, **_SUMS},
)

# -- names that people write ------------------------------------------------------------------------------

_ELSEWHERE = {  # in other languages; inverse functions follow from these
    "sin": ("sen",),
    "tan": ("tg",),
    "cot": ("ctg", "cotg", "cotan"),
    "csc": ("cosec",),
    "sinh": ("sh", "senh"),
    "cosh": ("ch",),
    "tanh": ("th", "tgh"),
    "coth": ("cth", "ctgh", "cotgh"),
    "csch": ("cosech",),
}


def _inverses(name: str, token: str) -> Iterator[str]:
    """How the inverse function of this one is written."""
    yield f"arc{name}"
    if token in _HYPERBOLIC:
        yield f"ar{name}"
    if len(name) > 2:
        yield f"a{name}"


def _foreign() -> Iterator[tuple[str, str]]:
    """Names in other languages with their tokens."""
    for token, spellings in _ELSEWHERE.items():
        for spelling in spellings:
            yield spelling, token
            for inverse in _inverses(spelling, token):
                yield inverse, f"a{token}"


_FOREIGN = dict(_foreign())
_TWOFOLD = {name for name, token in _foreign() if _FOREIGN[name] != token}  # arcth: ar-cth or arc-th


def _ratio(operand: Node, base: Node) -> Node:
    return Call("div", (Call("ln", (operand,)), Call("ln", (base,))))


def _logarithm(operand: Node, base: Node = "E") -> Node:
    return Call("ln", (operand,)) if base == "E" else _ratio(operand, base)


_DEFINED: dict[str, Callable[..., Node]] = {  # functions that have no token of their own
    "log": _logarithm,
    "log2": lambda operand: _ratio(operand, 2),
    "log10": lambda operand: _ratio(operand, 10),
    "log1p": lambda operand: Call("ln", (Call("add", (1, operand)),)),
    "expm1": lambda operand: Call("sub", (Call("exp", (operand,)), 1)),
}


def _build(token: str, operands: tuple[Node, ...]) -> Node:
    defined = _DEFINED.get(token)
    return defined(*operands) if defined else Call(token, operands)


def _capitals(name: str) -> Iterator[str]:
    """The name as Mathematica, Fortran and a word processor write it: ArcSin, ARCSIN, Arcsin."""
    yield name.capitalize()
    yield name.upper()
    for start in ("arc", "ar"):
        if name.startswith(start):
            yield start.capitalize() + name.removeprefix(start).capitalize()


_ELEMENTARY: dict[str, str] = {
    **{name: token for name, token in _USUAL.items() if token in UNARY},
    **{name: token for name, token in _FOREIGN.items() if name not in _TWOFOLD},
    **{"signum": "sign", "log_2": "log2", "log₂": "log2", "log_10": "log10", "log₁₀": "log10"},
    **{"log2": "log2", "log10": "log10", "log1p": "log1p", "expm1": "expm1"},
}
_CAPITAL: dict[str, str] = {
    other: token for name, token in _ELEMENTARY.items() for other in _capitals(name)
}  # `Log` has no second operand: Mathematica's base comes first
_SPECIAL_TOO = {
    **{"Gamma": "gamma", "GAMMA": "gamma", "Γ": "gamma", "LogGamma": "loggamma", "PolyLog": "polylog"},
    **{"Erf": "erf", "Erfc": "erfc", "Erfi": "erfi", "FresnelS": "fresnels", "FresnelC": "fresnelc"},
}
ORDINARY = Dialect(
    names={**PLAIN.names, "π": "pi", "Pi": "pi", "PI": "pi"},
    functions={
        **{name: (token, ARITY.get(token, 1)) for name, token in (_CAPITAL | _ELEMENTARY).items()},
        **{name: (token, ARITY[token]) for name, token in _SPECIAL_TOO.items()},
        **PLAIN.functions,
        "log": ("log", 1),
    },
    build=_build,
    bases=frozenset(("log",)),
)

# -- names that are not read --------------------------------------------------------------------------------

_ROOTS = "write x**(1/n); for odd n and x < 0 that is complex, and sign(x)*abs(x)**(1/n) is real"
_DEGREES = "angles are in radians"
_SPELT = {
    **{"sine": "sin(x)", "cosine": "cos(x)", "tangent": "tan(x)", "cotangent": "cot(x)", "secant": "sec(x)"},
    **{"cosecant": "csc(x)", "exp2": "2**x", "exp10": "10**x", "ld": "log2(x)", "lb": "log2(x)"},
    "elliptic_k": "elliptic_f(pi/2, m)",
}
_ADVICE = {
    **{name: f"write {text}" for name, text in _SPELT.items()},
    **dict.fromkeys(("root", "nthroot", "nroot", "surd", "real_root"), _ROOTS),
    **dict.fromkeys((f"{a}{name}d" for a in ("", "a") for name in _CIRCULAR), _DEGREES),
    **dict.fromkeys(("sinpi", "cospi", "tanpi"), "write pi*x as the operand"),
    **dict.fromkeys(("atan2", "arctan2"), "there are no functions of the two coordinates of a point"),
    "cbrt": CUBE_ROOT,
    "lg": "it has base 10, 2 or E: write log10(x), log2(x) or log(x)",
    **dict.fromkeys(_TWOFOLD, "it is the inverse of tanh or of coth: write atanh(x) or acoth(x)"),
    "chi": "the hyperbolic cosine integral is Chi(x)",
    "sinc": "write sin(x)/x or sin(pi*x)/(pi*x)",
    "sqr": "write x**2 or sqrt(x)",
    "si": "write Si(x), the sine integral from 0, or Si(x) - pi/2, the one from infinity",
    "Li": "write li(x), li(x) - li(2), or polylog(n, x)",
    "LI": "write li(x), li(x) - li(2), or polylog(n, x)",
}
# No slips of the hand, though some differ by a letter or two from what there is.
_OTHERS = """
airyai airybi arg besseli besselj besselk bessely beta binomial ceil ceiling cis conj conjugate cosc
coshc coversin dawson digamma dilog elliptic_e1 elliptic_k ellipk erfcinv erfcx erfinv exsec expi expit expn
factorial floor frac gammainc gd hav haversin heaviside hyper hypot im imag lambda lgamma lngamma logit
max min mod piecewise polygamma psi re real rem round sigm sigmoid sinhc spence step tanc theta trigamma
trunc versin zeta
"""
_NOT_HERE = frozenset(_OTHERS.split())
_MODULES = frozenset(("math", "cmath", "np", "numpy", "sp", "sympy", "mp", "mpmath", "torch"))
_LONGEST = 30  # letters of a name that is worth a comparison
_NAMES = (*(name for name in ARITY if name not in BINARY), *_SUMS, "log", "Abs")  # as asyncgen writes them


def advice_on_function(name: str, functions: Functions) -> str:
    """What to say of a function with this name, which is none of those; "" if there is nothing to say."""
    known = _ADVICE.get(name) or _ADVICE.get(name.lower())
    if known or len(name) > _LONGEST:
        return known or ""
    if name.lower() not in _NOT_HERE and (apart := _apart(name, functions)) is not None:
        return f"write {apart}"
    if name.lower().rstrip("_0123456789") == "log":
        return "write log(x, b) for the logarithm to base b"
    meant = _meant(name, functions)
    return f"did you mean '{meant}'?" if meant else ""


def advice_on_name(name: str, functions: Functions) -> str:
    """What to say of a name that stands alone and is unknown."""
    if name in _MODULES:
        return "write sin(x), for instance, without the name of a module"
    apart = _apart(name, functions) if name.endswith("x") else None
    return f"write {apart}" if apart else "there are x, pi, E and I, and functions such as sin(x)"


def _apart(name: str, functions: Functions) -> str | None:
    """What was written in one word, taken apart: xsin as x*sin(x), sinx as sin(x)."""
    if name.startswith("x") and name[1:] in functions:
        return f"x*{name[1:]}(x)"
    return f"{name[:-1]}(x)" if name.endswith("x") and name[:-1] in functions else None


def _meant(name: str, functions: Functions) -> str | None:
    """The function that a slip of the hand has made this name of, if no other one comes near."""
    if name.lower() in _NOT_HERE or name[:-1] in functions or name[1:] in functions:
        return None  # cosn is cos with a letter more, rather than cosh
    others = functions.keys() - _CAPITAL.keys()
    near = {functions[other] for other in others if _is_slip(name.lower(), other.lower())}
    found = [other for other in _NAMES if other in functions and _is_slip(name.lower(), other.lower())]
    return found[-1] if len(near) == 1 and found else None


def _is_slip(written: str, name: str) -> bool:
    """Whether this name was written, but for letters changed, left out, doubled, or two of them swapped.

    Of long names two letters may differ, of those with three none but by a swap; digits never do.
    """
    if _digits(written) != _digits(name):
        return False
    most = 2 if len(written) > 6 else 1 if len(written) > 3 else 0
    differing = [place for place, pair in enumerate(zip(written, name, strict=False)) if len(set(pair)) == 2]
    missing = len(name) - len(written)
    if missing == 0:
        return len(differing) <= most or _swapped(written, name, differing)
    if missing == -1:
        return any(written[: i + 1] + written[i + 2 :] == name for i in _doubled(written))
    return 0 < missing <= max(most, 1) and _is_part(written, name)


def _digits(name: str) -> str:
    return "".join(filter(str.isdigit, name))


def _swapped(written: str, name: str, differing: list[int]) -> bool:
    """Whether two letters that stand side by side have changed places, and nothing else differs."""
    if len(differing) != 2 or differing[1] - differing[0] != 1:
        return False
    left, right = differing
    return written[left] == name[right] and written[right] == name[left] and len(name) > 2


def _doubled(written: str) -> Iterator[int]:
    return (i for i in range(len(written) - 1) if written[i] == written[i + 1])


def _is_part(written: str, name: str) -> bool:
    """Whether the letters stand in the name in this order."""
    rest = iter(name)
    return all(letter in rest for letter in written)
