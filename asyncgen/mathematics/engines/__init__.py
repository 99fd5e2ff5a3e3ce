"""Engines that integrate, one file or folder each; a catalogue of them; the portfolio that asks them."""
