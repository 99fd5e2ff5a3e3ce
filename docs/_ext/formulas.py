"""LaTeX into MathML, as the site shows it."""

from itertools import pairwise
from xml.etree import ElementTree
from xml.etree.ElementTree import Element

from latex2mathml.converter import convert

_MATHML = "http://www.w3.org/1998/Math/MathML"
_THIN_SPACE = "0.167em"


def mathml(latex: str, display: str = "inline") -> str:
    """The formula, with thin spaces around the names of functions where LaTeX has them."""
    ElementTree.register_namespace("", _MATHML)
    tree = ElementTree.fromstring(convert(latex, display=display))
    for element in tree.iter(f"{{{_MATHML}}}mo"):
        if _is_name(element):  # \operatorname, which would have the wide spaces of a relation
            element.tag = f"{{{_MATHML}}}mi"
    for row in list(tree.iter(f"{{{_MATHML}}}mrow")):
        _space(row)
    return ElementTree.tostring(tree, encoding="unicode")


def _space(row: Element) -> None:
    places = [
        place
        for place, (left, right) in enumerate(pairwise(row), 1)
        if (_is_function(left) and not _opens(right)) or (_is_function(right) and not _is(left, "mo"))
    ]
    for place in reversed(places):
        row.insert(place, Element(f"{{{_MATHML}}}mspace", width=_THIN_SPACE))


def _is(element: Element, name: str) -> bool:
    return element.tag == f"{{{_MATHML}}}{name}"


def _is_name(element: Element) -> bool:
    text = element.text or ""
    return len(text) > 1 and text.isalpha()


def _is_function(element: Element) -> bool:
    """Whether it is the name of a function, perhaps with an exponent."""
    name = element[0] if _is(element, "msup") else element
    return _is(name, "mi") and _is_name(name)


def _opens(element: Element) -> bool:
    """Whether it begins with a parenthesis, or is an operator."""
    return _is(element, "mo") or (len(element) > 0 and _is(element[0], "mo"))
