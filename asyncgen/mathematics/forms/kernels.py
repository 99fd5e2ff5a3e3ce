"""Kernels: what a normal form takes for independent."""

from __future__ import annotations

from dataclasses import dataclass

from asyncgen.mathematics.forms.element import Element


@dataclass(frozen=True, slots=True)
class Kernel:
    """A variable, a constant, a function of an element, a root, or a sum that is kept as it is.

    name: a token of prefix notation, or `root` or `sum`. argument: of the function, the radicand of the root,
    the sum. degree: n, where the n-th power of the kernel is another element, `radicand`; else 0.
    constant: its derivative is 0. real: its values are real wherever it is defined, x being real.
    """

    name: str
    argument: Element | None = None
    degree: int = 0
    radicand: Element | None = None
    constant: bool = False
    real: bool = False
