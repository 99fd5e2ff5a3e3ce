"""The tests of learning run where everything is required."""

from processes import needed_packages


def test_pytorch_is_here():
    """Without it, and safetensors, tests/learn is not looked at."""
    needed_packages("torch", "safetensors")


def test_transformers_and_matplotlib_are_here():
    """Without them the tests of pretrained models are left out, and those of classifiers fail."""
    needed_packages("transformers", "matplotlib")
