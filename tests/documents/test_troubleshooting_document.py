"""docs/troubleshooting.md quotes what the command says, and leaves out no refusal of a store or a flag."""

import ast
import asyncio
import re
import shutil
import sqlite3
import subprocess
from collections.abc import Iterator
from contextlib import AbstractContextManager
from pathlib import Path

import pytest
from document_text import blocks, codes, section, table
from places import DOCS, ROOT
from store_cases import SPEC, outcomes, query

from asyncgen.command.exits import EXIT_FAILURE, EXIT_STOPPED, EXIT_USAGE
from asyncgen.jobs.limits import advice, choose
from asyncgen.mathematics.engines.catalogue import ENGINES
from asyncgen.problems.errors import AsyncgenError, UsageError
from asyncgen.sqlite.errors import failing, refusing
from asyncgen.sqlite.schema import TABLES
from asyncgen.store import RunInfo, Store

DOCUMENT = DOCS / "troubleshooting.md"
MESSAGES = section(DOCUMENT, "## Messages")
REFUSALS = (
    *("UsageError", "StoreError", "StoreWriteError", "SchedulerError", "ServerError", "AsyncgenError"),
    *("_Cause", "_fail"),
)
LISTED = (
    "calls/supply.py",
    "cluster/*.py",
    "command/*.py",
    "jobs/*.py",
    "mathematics/engines/catalogue.py",
    "problems/files.py",
    "sqlite/*.py",
    "store.py",
)
NEVER_SEEN = (  # on the command line: misuses of the library
    "`async with`",
    "already open for writing",
    "a job fills every index",
    "the indices of a store lie",
    "Temporal's server",
)
LEAST = 6  # characters of a text that tells something
TELLING = 10  # characters that tell one message from others


def pieces(text: str, gap: str = "\0") -> list[str]:
    """What stands between the gaps of a text, without the punctuation around them."""
    return [piece.strip(" :;()'") for piece in text.split(gap)]


def quoted() -> list[str]:
    """The fixed parts of all messages that the tables quote, without the dots."""
    lines = re.findall(r"^\| (`.*?) \|", MESSAGES, re.MULTILINE) + re.findall(
        r"^Those .*$", MESSAGES, re.MULTILINE
    )
    cells = [cell for line in lines for cell in codes(line)]
    return [part for cell in cells for part in pieces(cell, "…") if len(part) >= LEAST]


def texts(tree: ast.AST) -> Iterator[str]:
    """Every constant text in a module or a statement; an f-string with a NUL for each of its values."""
    inside: set[ast.AST] = set()
    for node in ast.walk(tree):
        if isinstance(node, ast.JoinedStr):
            inside.update(node.values)
            yield "".join(part.value if isinstance(part, ast.Constant) else "\0" for part in node.values)
        elif isinstance(node, ast.Constant) and isinstance(node.value, str) and node not in inside:
            yield node.value


def modules(*patterns: str) -> list[ast.Module]:
    folder = ROOT / "asyncgen"
    return [ast.parse(path.read_text()) for pattern in patterns for path in sorted(folder.glob(pattern))]


SQLITE_ERRORS = {  # by the name that SQLite gives each, and its own words
    "SQLITE_BUSY": "database is locked",
    "SQLITE_FULL": "database or disk is full",
    "SQLITE_IOERR_WRITE": "disk I/O error",
    "SQLITE_READONLY_ROLLBACK": "attempt to write a readonly database",
    "SQLITE_CORRUPT": "database disk image is malformed",
}
FILE = Path("functions.db")


def said_of_a_store(name: str, context: AbstractContextManager[None]) -> str:
    """The message that an error of SQLite becomes."""
    error = sqlite3.OperationalError(SQLITE_ERRORS[name])
    error.sqlite_errorname = name
    with pytest.raises(AsyncgenError) as refusal, context:
        raise error
    return str(refusal.value)


def said_of_engines(text: str) -> str:
    """The message that a choice of engines is refused with."""
    with pytest.raises(UsageError) as refusal:
        choose(text, 5.0)
    return str(refusal.value)


# Messages that are put together from several texts of the source, each as it is shown.
WHOLE = {
    **{f"reading, {name}": said_of_a_store(name, refusing(FILE)) for name in SQLITE_ERRORS},
    **{f"writing, {name}": said_of_a_store(name, failing(FILE, "20 rows")) for name in SQLITE_ERRORS},
    **{entry.program.title: advice(entry.program) for entry in ENGINES.values() if entry.program},
    "unknown engine": said_of_engines("abacus"),
}
SAID = [*(text for module in modules("**/*.py") for text in texts(module)), *WHOLE.values()]


@pytest.mark.parametrize("part", quoted())
def test_a_quoted_message_is_said(part: str):
    """Each fixed part of a quoted message stands in the source, or in a message that is put together."""
    assert any(part in text for text in SAID)


@pytest.mark.parametrize("message", WHOLE.values(), ids=WHOLE)
def test_a_message_of_several_texts_is_quoted_whole(message: str):
    """What is said of a store, or of a program that is not installed, is a row of a table from end to end."""
    rows = re.findall(r"^\| `(.*?)` \|", MESSAGES, re.MULTILINE)
    patterns = [".+".join(map(re.escape, row.removeprefix("--engines …: ").split("…"))) for row in rows]
    telling = [pattern for row, pattern in zip(rows, patterns, strict=True) if len(row) > 3 * TELLING]
    assert any(re.fullmatch(pattern, message) for pattern in telling)


def refusals() -> list[str]:
    """The texts with which the command, its flags and the store refuse something."""
    calls = [
        node
        for module in modules(*LISTED)
        for node in ast.walk(module)
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id in REFUSALS
    ]
    found = [text for call in calls for text in texts(call)]
    return [text for text in found if any(len(part) >= TELLING for part in pieces(text))]


@pytest.mark.parametrize(
    "text", [text for text in refusals() if not any(word in text for word in NEVER_SEEN)]
)
def test_a_refusal_is_in_the_document(text: str):
    """Whatever the command, its flags or the store say when they refuse is quoted, at least in part."""
    quotes = [part for part in quoted() if len(part) >= TELLING]
    told = [piece for piece in pieces(text) if len(piece) >= TELLING]
    found = any(part in piece or piece in part for piece in told for part in quotes)
    assert found, "docs/troubleshooting.md needs a row for this message"


def test_exit_statuses_are_those_of_the_command():
    """The table of exit statuses names those of the code, each with its word."""
    rows = {row[0]: row[1] for row in table(section(DOCUMENT, "## Exit status"))}
    words = {0: "done", EXIT_FAILURE: "failure", EXIT_USAGE: "refused", EXIT_STOPPED: "stopped"}
    assert all(rows[str(status)].startswith(word) for status, word in words.items())


def test_queries_work_on_a_store(tmp_path: Path):
    """The queries of the document fit the tables."""
    with sqlite3.connect(tmp_path / "functions.db") as store:
        store.executescript(TABLES)
        for block in blocks(DOCUMENT, "sql"):
            store.execute(block.code)
    store.close()


def test_rows_of_a_damaged_file_are_rescued(tmp_path: Path):
    """After the commands for a damaged file, what SQLite could still read is in a store that can go on."""
    if shutil.which("sqlite3") is None:
        pytest.skip("the program sqlite3 is not installed")
    asyncio.run(_fill(tmp_path / "functions.db", 400))
    damage(tmp_path / "functions.db")
    for block in blocks(DOCUMENT, "sh"):
        subprocess.run(["sh", "-c", block.code], cwd=tmp_path, check=True, capture_output=True)
    ((rescued,),) = query(tmp_path / "rescued.db", "SELECT count(*) FROM results")
    assert 200 < int(str(rescued)) < 400
    asyncio.run(_fill(tmp_path / "rescued.db", 400))
    assert query(tmp_path / "rescued.db", "SELECT count(*) FROM results") == [(400,)]
    assert query(tmp_path / "rescued.db", "PRAGMA integrity_check") == [("ok",)]


async def _fill(path: Path, rows: int) -> None:
    async with Store(path, SPEC) as store:
        await store.add(await store.begin_run(RunInfo("test")), outcomes(0, rows))


def damage(path: Path) -> None:
    """Spoil one leaf of the table of results,."""
    sql = "SELECT pageno FROM dbstat WHERE name = 'results' AND pagetype = 'leaf'"
    try:
        pages = [int(str(page)) for (page,) in query(path, sql)]
    except sqlite3.OperationalError:
        pytest.skip("this SQLite cannot tell which page is whose")
    ((size,),) = query(path, "PRAGMA page_size")
    with path.open("r+b") as file:
        file.seek((pages[len(pages) // 2] - 1) * int(str(size)))
        file.write(b"\xff" * int(str(size)))
