"""Engines that integrate, one file each, and the portfolio that orders them."""
