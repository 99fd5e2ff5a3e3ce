"""docs/kinds.md and docs/kinds/: each kind has its page with rows from the code, and what is shown works."""

import asyncio
import re
import sqlite3
import sys
from contextlib import closing
from pathlib import Path

import pytest
from document_text import Block, blocks, codes, section, table
from places import DOCS

from asyncgen.jobs.generate import generate
from asyncgen.jobs.limits import Workforce
from asyncgen.jobs.run import RunSettings
from asyncgen.mathematics.check import Verdict, check
from asyncgen.problems.configuration import load_configuration, specification
from asyncgen.problems.kinds import EQUATIONS, FORWARD, KINDS
from asyncgen.problems.records import Status

sys.path.insert(0, str(DOCS / "_ext"))

from formulas import mathml
from reference import kinds

DOCUMENT = DOCS / "kinds.md"
RAW = re.compile(r"INT|Y|(?<![a-z])(?:add|sub|mul|div|pow|rac|inv|a?(?:ln|sin|cos|tan))(?![a-z])")


def formulas(kind: str) -> list[str]:
    """The displayed formulas of a page's rows."""
    return re.findall(r"^\$\$\n(.*)\n\$\$$", kinds.page(kind), re.MULTILINE)


# -- rows from the code ----------------------------------------------------------------------------------


@pytest.mark.parametrize("kind", KINDS)
def test_each_kind_has_its_page_with_rows(kind: str):
    """The page asks for the rows of its own kind, once, and the overview leads to it."""
    text = (DOCS / "kinds" / f"{kind}.md").read_text()
    assert re.findall(r"^```\{from-code\} (.*)$", text, re.MULTILINE) == [f"kind-{kind}"]
    assert f"(kinds/{kind}.md)" in DOCUMENT.read_text()


@pytest.mark.parametrize("kind", KINDS)
def test_rows_are_short_and_as_many_as_said(kind: str):
    """Each row has its formula, and none is longer than the page says."""
    rows = kinds.rows(kind)
    assert len(formulas(kind)) == len(rows) == kinds.ROWS
    assert all(kinds.SHORTEST <= kinds.length(row) <= kinds.LONGEST for row in rows)
    assert {row.kind for row in rows} == {kind}


@pytest.mark.parametrize("kind", [kind for kind in KINDS if kind not in (FORWARD, *EQUATIONS)])
def test_rows_are_integrals(kind: str):
    """What is shown of a row that was built is right, by the check."""
    for row in kinds.rows(kind):
        assert row.answer_prefix is not None
        assert row.status is Status.ELEMENTARY
        assert check(row.problem_prefix.split(), row.answer_prefix.split()).verdict is Verdict.CONFIRMED


@pytest.mark.parametrize("kind", KINDS)
def test_formulas_are_typeset(kind: str):
    """No token stands in a formula as it is, braces close, and each becomes MathML."""
    for formula in formulas(kind):
        assert RAW.search(re.sub(r"\\[a-z]+", "", formula)) is None
        assert formula.count("{") == formula.count("}")
        assert mathml(formula).startswith("<math")


def test_names_of_functions_have_room():
    """A thin space is beside the name of a function where no parenthesis or operator is."""
    found = mathml(r"2 \operatorname{asinh}^{2}\left(x\right) + \ln x")
    assert re.findall(r"<(mspace|mi|mn|mo)\b[^>]*>([^<()]*)", found) == [
        *(("mn", "2"), ("mspace", ""), ("mi", "asinh"), ("mn", "2"), ("mo", ""), ("mi", "x"), ("mo", "")),
        *(("mo", "+"), ("mi", "ln"), ("mspace", ""), ("mi", "x")),
    ]


# -- the overview ----------------------------------------------------------------------------------------


def test_the_tables_have_every_kind():
    """The table of constructions, and that of what is known of their bias."""
    listed = [codes(row[0])[0] for row in table(DOCUMENT.read_text())]
    measured = [
        codes(row[0])[0] for row in table(section(DOCUMENT, "## What is known of the bias of each kind"))
    ]
    assert sorted(listed) == sorted(measured) == sorted(KINDS)


@pytest.mark.parametrize("block", blocks(DOCUMENT, "toml"), ids=str)
def test_a_mixture_is_read(block: Block, tmp_path: Path):
    """The tables of weights that the document shows can be asked for."""
    path = tmp_path / "mixture.toml"
    path.write_text(block.code)
    configuration = load_configuration(path)
    assert len(specification(configuration, configuration.laws).shares) == len(configuration.kinds) > 1


@pytest.fixture(scope="module")
def store(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Some rows of a mixture."""
    folder = tmp_path_factory.mktemp("kinds")
    config, path = folder / "mixture.toml", folder / "mixture.db"
    config.write_text("[kinds]\nbackward = 1\node1 = 1\n")
    configuration = load_configuration(config)
    spec = specification(configuration, configuration.laws)
    asyncio.run(generate(path, spec, range(60), RunSettings(workforce=Workforce(workers=1))))
    return path


@pytest.mark.parametrize("block", blocks(DOCUMENT, "sql"), ids=str)
def test_a_query_gives_rows(store: Path, block: Block):
    """Each query of the document runs on a store, and finds something."""
    with closing(sqlite3.connect(f"file:{store}?mode=ro", uri=True)) as connection:
        assert connection.execute(block.code).fetchall()
