"""Differential equations from their solutions: Lample & Charton, arXiv 1912.01412, sections 3.2 and 3.3."""
