"""The tests of learning run where everything is required."""

from processes import needed_packages


def test_its_libraries_are_here():
    """Without them tests/learn is not looked at."""
    needed_packages("torch", "safetensors", "optuna", "matplotlib", "transformers")
