"""The Sphinx side of the reference: a directive for pages that are read from the code, docstrings, links.

    ```{from-code} flags
    ```

stands for what `GENERATORS["flags"]` returns as Markdown.
"""

import re
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import Any

from docutils import nodes
from sphinx.application import Sphinx
from sphinx.util.docutils import SphinxDirective

from reference import api, docstrings, flags, kinds, presets, statuses, tokens
from reference.links import links_to_pages

GENERATORS: dict[str, Callable[[], str]] = {
    "flags": flags.page,
    "presets": presets.presets,
    "configuration": presets.configuration,
    "tokens": tokens.page,
    "statuses": statuses.statuses,
    "reasons": statuses.reasons,
    "api-names": api.names,
    **{f"api-{name}": partial(api.page, name) for name in api.PAGES},
    **kinds.PAGES,
}
_NAMELESS = re.compile(r"<factory>|<function [\w.]*<lambda>>")


class FromCode(SphinxDirective):
    """What the generator of this name makes of the code, in the place of the directive."""

    required_arguments = 1

    def run(self) -> list[nodes.Node]:
        """The nodes of the generated Markdown."""
        self.env.note_reread()  # it may change though this document does not
        return self.parse_text_to_nodes(GENERATORS[self.arguments[0]](), allow_section_headings=True)


def _on_source_read(app: Sphinx, document: str, source: list[str]) -> None:
    if "/" not in document:  # pages of the reference link to other pages only
        source[0] = links_to_pages(source[0], app.srcdir, app.srcdir)


def _on_include_read(app: Sphinx, path: Path, _document: str, source: list[str]) -> None:
    source[0] = links_to_pages(source[0], (app.srcdir / path).resolve().parent, app.srcdir)


def _on_docstring(_app: Sphinx, what: str, _name: str, value: Any, _options: Any, lines: list[str]) -> None:
    if lines and lines[0].startswith("Create new instance of "):  # Python's own, of a named tuple
        lines.clear()
        return
    is_class = what in ("class", "exception")
    names = docstrings.names_of(value) if is_class else []
    text = docstrings.as_rest(lines, names)
    if names:
        said = "\n".join(lines)
        rest = {name: remark for name, remark in docstrings.remarks(value).items() if f"{name}: " not in said}
        text += docstrings.as_items(rest) if rest else []
    lines[:] = text


def _on_signature(*event: Any) -> tuple[str | None, str | None]:
    """Three dots in the place of a default that has no name."""
    signature, returned = event[-2:]
    return _NAMELESS.sub("...", signature) if signature else signature, returned


def _on_skip(_app: Sphinx, _what: str, _name: str, value: Any, skip: bool, _options: Any) -> bool:
    """Leave out the fields of named tuples, of which autodoc knows nothing but their number."""
    return skip or str(getattr(value, "__doc__", "")).startswith("Alias for field number")


def setup(app: Sphinx) -> dict[str, Any]:
    """Make the directive and the hooks known."""
    app.add_directive("from-code", FromCode)
    app.connect("source-read", _on_source_read)
    app.connect("include-read", _on_include_read)
    app.connect("autodoc-process-docstring", _on_docstring)
    app.connect("autodoc-process-signature", _on_signature)
    app.connect("autodoc-skip-member", _on_skip)
    return {"parallel_read_safe": True}
