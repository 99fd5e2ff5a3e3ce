"""Sums of residues times logarithms: those of numbers, and those in which constants such as pi stand."""

from asyncgen.mathematics.engines.risch import constant_residues
from asyncgen.mathematics.engines.risch.expressions import Node
from asyncgen.mathematics.engines.risch.integration import Logarithms
from asyncgen.mathematics.engines.risch.number_residues import SumOverNumbers
from asyncgen.mathematics.engines.risch.sums import sum_of
from asyncgen.mathematics.engines.risch.writing import Writer


def written(writer: Writer, logarithms: Logarithms) -> Node:
    """The real part of a sum of residues times logarithms. Raises Undecided, NeedsPrime."""
    if constant_residues.are_there(writer.field, logarithms):
        return constant_residues.written(writer, logarithms)
    return sum_of(SumOverNumbers(writer, logarithms).terms())


def written_with_i(writer: Writer, logarithms: Logarithms) -> Node:
    """A sum of residues times complex logarithms. Raises Undecided, NeedsPrime."""
    if constant_residues.are_there(writer.field, logarithms):
        return sum_of(constant_residues.over_scale(writer, logarithms).complex_terms())
    return sum_of(SumOverNumbers(writer, logarithms).complex_terms())
