"""Stores of one specification into one."""
