"""README.md and docs/: links lead somewhere, commands and programs work, and no module is forgotten."""

import re
import shlex
import subprocess
import sys
from pathlib import Path

import pytest
from document_text import Block, blocks, codes, section, table
from places import DOCS, ROOT

from asyncgen.command.commands import app
from asyncgen.problems.distributions import PRESETS, load_distribution
from asyncgen.problems.spec import UniformIntegers

README = ROOT / "README.md"
DOCUMENTS = sorted([*ROOT.glob("*.md"), *DOCS.glob("*.md"), ROOT / "benchmarks" / "RESULTS.md"])


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


def test_the_readme_leads_to_each_document():
    """Every document in docs/ is linked from the README."""
    assert {f"docs/{document.name}" for document in DOCS.glob("*.md")} <= set(links(README))


def test_each_file_has_its_line():
    """The README's table names each module and package of asyncgen/ exactly once."""
    listed = [name for row in table(section(README, "## One line per file")) for name in codes(row[0])]
    package = ROOT / "asyncgen"
    modules = [path.name for path in package.glob("*.py") if not path.name.startswith("__")]
    packages = [f"{path.parent.name}/" for path in package.glob("*/__init__.py")]
    assert sorted(listed) == sorted(modules + packages)


def commands(document: Path) -> list[str]:
    """The calls of asyncgen in a document's console blocks, pipes taken apart."""
    lines = [line for block in blocks(document, "console") for line in block.code.splitlines()]
    typed = [line.removeprefix("$ ").partition(" # ")[0] for line in lines if line.startswith("$ ")]
    parts = [part.strip() for line in typed for part in re.split(r" [|>] ", line)]
    starts = re.compile(r"^(?:nohup |nice |python -m )*asyncgen(?= |$)")
    return [starts.sub("", part).removesuffix("&").strip() for part in parts if starts.match(part)]


@pytest.mark.parametrize(
    ("name", "command"),
    [(document.name, command) for document in DOCUMENTS for command in commands(document)],
)
def test_a_command_is_understood(name: str, command: str):
    """Commands and flags that the documents show exist."""
    app.parse_args(shlex.split(command), exit_on_error=False, print_error=False)


@pytest.mark.engine
@pytest.mark.parametrize("block", blocks(README, "python"), ids=str)
def test_a_program_of_the_readme_runs(block: Block, tmp_path: Path):
    """It ends well, prints something and nothing on stderr; a comment behind a print says what."""
    program = tmp_path / "program.py"
    program.write_text(block.code)
    done = subprocess.run(
        [sys.executable, program], cwd=tmp_path, capture_output=True, text=True, timeout=60, check=False
    )
    assert (done.returncode, done.stderr) == (0, "")
    expected = re.findall(r"^print\(.*\)  # (.*)$", block.code, re.MULTILINE)
    assert done.stdout.splitlines() == expected if expected else done.stdout


def test_the_configuration_of_the_readme_is_read(tmp_path: Path):
    """The TOML file that the README shows is a distribution, with what it says in it."""
    (block,) = blocks(README, "toml")
    path = tmp_path / "config.toml"
    path.write_text(block.code)
    found = load_distribution(path, PRESETS["intclass"])
    assert found.unary == (("sin", 4.0), ("exp", 4.0))
    assert found.integers == UniformIntegers(-5, 5)
    assert [(part.low, part.high) for part in found.operators] == [(1, 5)]
    assert found.binary == PRESETS["lample-charton"].binary
