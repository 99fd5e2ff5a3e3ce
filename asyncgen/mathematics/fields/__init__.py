"""Differential fields: reduced fractions of polynomials over a tower of kernels, with a derivation."""
