"""README.md and docs/: links lead somewhere, commands and programs work, and no file is forgotten."""

import re
import shlex
from pathlib import Path

import pytest
from document_text import blocks, codes
from places import DOCS, ROOT

from asyncgen.command.commands import app
from asyncgen.problems.configuration import load_distribution
from asyncgen.problems.distributions import PRESETS
from asyncgen.problems.spec import UniformIntegers

README = ROOT / "README.md"
FIRST_STEPS = DOCS / "first-steps.md"
DOCUMENTS = sorted([*ROOT.glob("*.md"), *DOCS.rglob("*.md"), ROOT / "benchmarks" / "RESULTS.md"])
README_LINES = 70


def links(document: Path) -> list[str]:
    """Where a document's links and pictures lead to, but for other sites."""
    found = re.findall(r"\]\(([^)\s]+)\)", document.read_text())
    return [target for target in found if not target.startswith(("http:", "https:"))]


def anchors(document: Path) -> set[str]:
    """The names of a document's headings, as GitHub makes them."""
    headings = re.findall(r"^#+ (.*)$", document.read_text(), re.MULTILINE)
    return {re.sub(r"[^\w\- ]", "", heading.lower()).replace(" ", "-") for heading in headings}


@pytest.mark.parametrize(
    ("document", "target"),
    [(document, target) for document in DOCUMENTS for target in links(document)],
    ids=lambda value: value.name if isinstance(value, Path) else value,
)
def test_a_link_leads_somewhere(document: Path, target: str):
    """Each link within the project names a file that exists, and a heading in it if any."""
    path, _, anchor = target.partition("#")
    file = document.parent / path if path else document
    assert file.exists()
    assert not anchor or anchor in anchors(file)


def test_the_readme_leads_to_the_front_page_and_is_short():
    """What the README does not hold is in the documents, to which it leads."""
    assert "docs/index.md" in links(README)
    assert len(README.read_text().splitlines()) <= README_LINES


def test_the_front_page_lists_each_document_once():
    """Every document in docs/ is in one table of contents of the front page: the site's navigation."""
    found = re.findall(
        r"^```\{toctree\}\n(.*?)^```$", (DOCS / "index.md").read_text(), re.MULTILINE | re.DOTALL
    )
    listed = [line for tree in found for line in tree.splitlines() if line and not line.startswith(":")]
    documents = [path.relative_to(DOCS).with_suffix("").as_posix() for path in DOCS.rglob("*.md")]
    assert sorted(["index", *listed]) == sorted(documents)


def test_each_guide_is_behind_a_door():
    """Every document of the first table of contents is linked from the text of the front page, too."""
    text = (DOCS / "index.md").read_text()
    guides = re.search(r":caption: Guides\n:hidden:\n\n(.*?)^```$", text, re.MULTILINE | re.DOTALL)
    assert {f"{name}.md" for name in guides[1].split()} <= set(links(DOCS / "index.md"))


def files_listed() -> list[str]:
    """The files that docs/files.md has lines for, as paths within asyncgen/."""
    found = []
    for line in (DOCS / "files.md").read_text().splitlines():
        if line.startswith("| in "):
            folder = codes(line)[0].removeprefix("asyncgen/")
        elif line.startswith("| `"):
            found += [folder + name for name in codes(line.split("|")[1])]
    return found


def test_each_file_has_its_line():
    """docs/files.md names each module of asyncgen/ exactly once; a package has a heading."""
    package = ROOT / "asyncgen"
    modules = [path.relative_to(package).as_posix() for path in package.rglob("*.py")]
    packages = [path for path in modules if path.endswith("/__init__.py")]
    assert sorted(files_listed()) == sorted(set(modules) - set(packages))


def test_each_example_is_shown():
    """docs/examples.md shows each program of examples/ under a heading of its own."""
    programs = sorted(path.name for path in (ROOT / "examples").glob("*.py"))
    text = (DOCS / "examples.md").read_text()
    assert sorted(re.findall(r"^## (.*)$", text, re.MULTILINE)) == programs
    assert sorted(re.findall(r"^```\{literalinclude\} \.\./examples/(.*)$", text, re.MULTILINE)) == programs


def commands(document: Path) -> list[str]:
    """The calls of asyncgen in a document's console blocks, pipes taken apart."""
    lines = [line for block in blocks(document, "console") for line in block.code.splitlines()]
    typed = [line.removeprefix("$ ").partition(" # ")[0] for line in lines if line.startswith("$ ")]
    parts = [part.strip() for line in typed for part in re.split(r" [|>] ", line)]
    starts = re.compile(r"^(?:nohup |nice |python -m )*asyncgen(?= |$)")
    return [starts.sub("", part).removesuffix("&").strip() for part in parts if starts.match(part)]


def in_the_text(document: Path) -> list[str]:
    """The calls of asyncgen that stand between backticks in a line."""
    text = re.sub(r"^ *```.*?^ *```$", "", document.read_text(), flags=re.MULTILINE | re.DOTALL)
    return [" ".join(code.split()) for code in codes(text) if code.startswith("asyncgen ")]


@pytest.mark.parametrize(
    ("name", "command"),
    [(document.name, command) for document in DOCUMENTS for command in in_the_text(document)],
)
def test_a_flag_in_the_text_exists(name: str, command: str):
    """Flags that are named together with their command are flags of that command."""
    found, words = app, command.split()[1:]
    while words and not words[0].startswith("-") and words[0] in found:
        found = found[words.pop(0)]
    flags = {word.partition("=")[0].rstrip(".,") for word in words if word.startswith("--")}
    known = found.assemble_argument_collection() if found.default_command else []
    assert flags <= {name for argument in known for name in (*argument.names, "--help", "--version")}


@pytest.mark.parametrize(
    ("name", "command"),
    [(document.name, command) for document in DOCUMENTS for command in commands(document)],
)
def test_a_command_is_understood(name: str, command: str):
    """Commands and flags that the documents show exist."""
    app.parse_args(shlex.split(command), exit_on_error=False, print_error=False)


def test_the_configuration_of_the_first_steps_is_read(tmp_path: Path):
    """The TOML file that the first steps show is a distribution, with what it says in it."""
    (block,) = blocks(FIRST_STEPS, "toml")
    path = tmp_path / "config.toml"
    path.write_text(block.code)
    found = load_distribution(path)
    assert found.unary == (("sin", 4.0), ("exp", 4.0))
    assert found.integers == UniformIntegers(-5, 5)
    assert [(part.low, part.high) for part in found.operators] == [(1, 5)]
    assert found.binary == PRESETS["lample-charton"].binary
