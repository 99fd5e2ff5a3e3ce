"""Libraries that only benchmarks need: a missing one is named in one line, with what adds it."""

import importlib.util
import sys


def need(*libraries: str) -> None:
    """End the script with one line and status 2 unless all of these are installed."""
    if missing := [name for name in libraries if importlib.util.find_spec(name) is None]:
        sys.stderr.write(f"{' and '.join(missing)} not installed: pip install 'asyncgen[benchmarks]'\n")
        sys.exit(2)
