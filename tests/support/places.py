"""Where things are that tests look at or start."""

from pathlib import Path

ROOT = Path(__file__).parents[2]  # of the project
SUPPORT = Path(__file__).parent  # the modules that programs under test import: for PYTHONPATH
DOCS = ROOT / "docs"
