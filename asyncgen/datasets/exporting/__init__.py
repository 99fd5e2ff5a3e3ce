"""Rows of stores into files that people train on."""
