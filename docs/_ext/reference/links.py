"""Links out of docs/, to files that the site shows on a page of its own."""

import re
from os.path import relpath
from pathlib import Path

# Files outside docs/ that are shown on a page, and where links to them lead.
SHOWN = {
    "README.md": "index.md",
    "CHANGELOG.md": "changelog.md",
    "CONTRIBUTING.md": "contributing.md",
    "benchmarks/RESULTS.md": "results.md",
    "examples": "examples.md",
}
_LINK = re.compile(r"\]\(([^)#\s:]+)(#[^)\s]*)?\)")


def links_to_pages(text: str, folder: Path, docs: Path) -> str:
    """Markdown from `folder`, with its links as a page at the top of `docs` needs them."""
    root = docs.parent

    def link(match: re.Match[str]) -> str:
        place = (folder / match[1]).resolve()
        if not place.is_relative_to(root):
            return match[0]
        name = place.relative_to(root).as_posix()
        if name.startswith("examples/"):
            return f"]({SHOWN['examples']}#{place.name.replace('.', '')})"
        target = docs / SHOWN[name] if name in SHOWN else place
        return f"]({relpath(target, docs)}{match[2] or ''})"

    return _LINK.sub(link, text)
