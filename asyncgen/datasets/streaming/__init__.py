"""Rows without files: made while somebody trains on them."""
