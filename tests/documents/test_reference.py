"""The reference that is made from the code leaves nothing out, and says of everything what it is."""

import ast
import re
import sys
import tomllib
from collections.abc import Iterator
from dataclasses import fields
from pathlib import Path

import pytest
from cyclopts import App
from document_text import codes, table
from places import DOCS, ROOT

import asyncgen
from asyncgen.command.commands import app
from asyncgen.mathematics.check import Verdict
from asyncgen.mathematics.engines.catalogue import ENGINES
from asyncgen.mathematics.engines.fricas.engine import _COMPLAINTS
from asyncgen.problems.configuration import load_distribution
from asyncgen.problems.distributions import PRESETS
from asyncgen.problems.errors import UsageError
from asyncgen.problems.records import Status
from asyncgen.problems.spec import Distribution
from asyncgen.problems.tokens import ARITY, BOUND, LEAVES, SIGNS, SUMS

sys.path.insert(0, str(DOCS / "_ext"))

from reference import api, docstrings, flags, presets, statuses, tokens
from reference.links import links_to_pages

GENERATED = {
    "flags": flags.page,
    "presets": presets.presets,
    "configuration": presets.configuration,
    "tokens": tokens.page,
    "statuses": statuses.statuses,
    "reasons": statuses.reasons,
    "api-names": api.names,
}


@pytest.mark.parametrize("name", GENERATED)
def test_no_cell_is_empty(name: str):
    """Each row of a table says something in each column."""
    rows = [line for line in GENERATED[name]().splitlines() if line.startswith("| ")]
    empty = [row for row in rows if re.search(r"\|\s*\|", row)]
    assert empty == []


def test_each_page_has_its_generators():
    """Each generator stands on exactly one page of the reference, and no page asks for another."""
    asked = [
        name
        for path in (DOCS / "reference").glob("*.md")
        for name in re.findall(r"^```\{from-code\} (.*)$", path.read_text(), re.MULTILINE)
    ]
    assert sorted(asked) == sorted([*GENERATED, *(f"api-{name}" for name in api.PAGES)])


# -- flags ---------------------------------------------------------------------------------------------------


def known_commands() -> dict[str, App]:
    """Every command by its name; those of the cluster and of learning have two words."""
    found = {"": app, **{name: app[name] for name in app}}
    found |= {f"{group} {name}": app[group][name] for group in ("cluster", "learn") for name in app[group]}
    return {name: one for name, one in found.items() if " -" not in f" {name}" and one.default_command}


@pytest.mark.parametrize("command", known_commands())
def test_the_page_of_flags_lists_each_flag(command: str):
    """Each argument of each command is in the command's table, whatever names it has."""
    section = re.search(rf"^## asyncgen ?{command}\n(.*?)(?=^## |\Z)", flags.page(), re.MULTILINE | re.DOTALL)
    listed = [codes(row[0])[0] for row in table(section[1])]
    known = known_commands()[command].assemble_argument_collection()
    assert listed == [argument.names[0] for argument in known if argument.names[0] != "*"]


def test_a_flag_has_its_type_and_its_default():
    """The types and defaults of one command, by hand."""
    found = {flag.name: (flag.type, flag.default) for flag in flags.flags("retry")}
    assert found["STORE"] == ("path", "to be given")
    assert found["--status"] == ("text", "`timeout,memory,crashed,error`")
    assert found["--timeout"] == ("number", "`5.0`")
    assert found["--workers"] == ("whole number", "one for each usable core")
    assert found["--loop"] == ("`uvloop` or `asyncio`", "uvloop where it is installed")
    assert found["--quiet"] == ("switch", "off")
    assert found["--log-file"] == ("path", "none")


# -- presets -------------------------------------------------------------------------------------------------


def test_each_preset_is_shown_with_every_part():
    """A column for each preset; a row for each field of a distribution; every name of its tables."""
    text = presets.presets()
    head, _, *rows = text.splitlines()
    assert codes(head) == list(PRESETS)
    assert len(rows) == len(fields(Distribution))
    for place, preset in enumerate(PRESETS.values(), start=1):
        column = [re.split(r"(?<!\\)\|", row)[place + 1] for row in rows]
        for cell, weights in zip(column, (preset.binary, preset.unary, preset.leaves), strict=False):
            assert sorted(codes(cell)) == sorted(name for name, _ in weights)


TEXTS = {"uniform": "low = 2\nhigh = 3\nnonzero = false", "geometric": 'law = "geometric"\nratio = 0.5'}


def test_the_keys_of_the_configuration_are_those_that_are_read(tmp_path: Path):
    """Where a key is unknown, the reader names those that it knows: they are the keys of the page."""
    for table_name, keys in {
        "": {"preset", *(key.table.strip("`[]") for key in presets.KEYS if key.name != "preset")},
        "[shape]": {"leaves", "unary", "binary"},
        "[integers]": {"low", "high", "nonzero"},
        "[[operators]]": {"low", "high", "weight"},
    }.items():
        path = tmp_path / "config.toml"
        path.write_text(f"{table_name}\nqqqqqqqq = 1\n")
        with pytest.raises(UsageError, match="there are: ") as error:
            load_distribution(path)
        assert set(str(error.value).partition("there are: ")[2].split(", ")) == keys
        listed = {key.name for key in presets.KEYS if key.table.strip("`") == table_name}
        assert not table_name or keys <= listed


@pytest.mark.parametrize("law", TEXTS)
def test_each_key_is_read(law: str, tmp_path: Path):
    """A file with every key of the page, of either law of the integers, is a distribution."""
    path = tmp_path / "config.toml"
    text = (
        'preset = "intclass"\n[kinds]\nforward = 1\n'
        "[binary]\nadd = 1\n[unary]\nsin = 1\n[leaves]\nx = 1\ninteger = 1\n"
        f"[integers]\n{TEXTS[law]}\n[[operators]]\nlow = 1\nhigh = 2\nweight = 3\n"
        "[shape]\nleaves = 1\nunary = 2\nbinary = 3\n"
    )
    path.write_text(text)
    assert load_distribution(path).shape == (1, 2, 3)
    written = tomllib.loads(text)
    for key in presets.KEYS:
        part = written if key.name == "preset" else written[key.table.strip("`[]")]
        part = part[0] if isinstance(part, list) else part
        assert key.name == "NAME" or key.name in part or key.table == "`[integers]`"


# -- tokens and statuses -------------------------------------------------------------------------------------


def test_each_token_is_listed_with_its_meaning():
    """Each token of the vocabulary stands on the page once, and no other does."""
    listed = [codes(line)[0] for line in tokens.page().splitlines() if line.startswith("| `")]
    assert sorted(listed) == sorted([*ARITY, *LEAVES, *SIGNS, *SUMS, BOUND])
    assert tokens.MEANINGS.keys() == set(listed)


def test_a_token_has_its_number_of_operands():
    """The column of operands is the arity; hypergeometric functions have their letters in the meaning."""
    rows = [re.split(r"(?<!\\)\|", line) for line in tokens.page().splitlines() if line.startswith("| `")]
    shown = {codes(row[1])[0]: row[2].strip() for row in rows}
    assert {name: shown[name] for name in ARITY} == {name: str(arity) for name, arity in ARITY.items()}
    for name in ARITY:
        if name.startswith("hyp"):
            letters = re.findall(r"\b[a-f]\b", tokens.MEANINGS[name].partition("(")[2])
            assert letters == list("abcdef"[: ARITY[name]])


def test_each_status_is_listed_with_its_meaning():
    """Each status has a row in both tables, in the order of precedence; `success` is that of the status."""
    rows = table(statuses.statuses())
    assert [(codes(row[0])[0], row[1]) for row in rows] == [(s.value, str(int(s.success))) for s in Status]
    with_reason = {codes(row[0])[0] for row in table(statuses.reasons())}
    assert with_reason == {status.value for status in Status} - {Status.SPECIAL}


def reasons_in_the_code() -> Iterator[str]:
    """Every text that the code gives as a reason; what a value is put into is a gap, here N."""
    for name in ("mathematics", "jobs"):
        for path in (ROOT / "asyncgen" / name).rglob("*.py"):
            for node in ast.walk(ast.parse(path.read_text())):
                if isinstance(node, ast.Assign) and getattr(node.targets[0], "id", "") == "LEFT_OPEN":
                    values = node.value.values if isinstance(node.value, ast.Dict) else [node.value]
                    yield from (text for value in values for text in _text(value))
                elif isinstance(node, ast.keyword) and node.arg == "reason":
                    yield from _text(node.value)
                elif isinstance(node, ast.Call) and getattr(node.func, "id", "") in UNDECIDED:
                    if path.name in SECOND_FORMS or path.parent.name == "forms":
                        continue
                    yield from (text for argument in node.args for text in _text(argument))
                elif isinstance(node, ast.Call) and getattr(node.func, "id", "") == "Result":
                    yield from (text for argument in node.args[3:] for text in _text(argument))
                elif isinstance(node, ast.FunctionDef) and node.name in (
                    "_degenerate",
                    "fate_of",
                    "_complaint",
                ):
                    yield from _returned(node)


def _returned(function: ast.FunctionDef) -> Iterator[str]:
    for node in ast.walk(function):
        if isinstance(node, ast.Return) and node.value is not None:
            value = node.value.elts[-1] if isinstance(node.value, ast.Tuple) else node.value
            for part in (value.body, value.orelse) if isinstance(value, ast.IfExp) else (value,):
                yield from _text(part)


def _text(node: ast.expr) -> Iterator[str]:
    if isinstance(node, ast.Subscript):  # cut to a length
        node = node.value
    if isinstance(node, ast.Constant) and isinstance(node.value, str):
        yield node.value
    elif isinstance(node, ast.JoinedStr):
        yield "".join(part.value if isinstance(part, ast.Constant) else "N" for part in node.values)


UNDECIDED = ("Undecided", "NeedsExtension", "Degenerate")  # what `risch` raises: the text is the reason
# where a row has the reason of another way to look at the function; what `forms` raises drops an attempt
SECOND_FORMS = ("arguments.py", "paths.py", "substitutions.py")


def test_each_reason_of_the_code_is_listed():
    """Whatever the code gives as a reason is in the table, and so are verdicts and complaints of FriCAS."""
    known = [reason.pattern for reason in statuses.REASONS if reason.shown != "EXCEPTION"]
    given = {*reasons_in_the_code(), *_COMPLAINTS.values(), *(f"cpu:{name}" for name in ENGINES)}
    given |= {verdict.value for verdict in Verdict} - {"confirmed", "branch"} | {"branch:x<0", "points:many"}
    assert {"constant", "wall", "heuristic", "cpu:parse", "notation:N"} <= given
    missing = {text for text in given if not any(pattern.fullmatch(text) for pattern in known)}
    assert {text for text in missing if not text.startswith("N: ")} == set()  # N: an exception's type


def test_each_listed_reason_is_in_the_code():
    """No reason is listed that the code does not have."""
    source = "".join(path.read_text() for path in (ROOT / "asyncgen").rglob("*.py"))
    fixed = [re.split(r"\b[A-Z]+\b", reason.shown)[0] for reason in statuses.REASONS]
    words = {word for text in fixed for word in text.split(":") if word}
    assert [word for word in words if f'"{word}' not in source and f":{word}" not in source] == []


# -- the library ---------------------------------------------------------------------------------------------


def test_each_public_name_is_on_one_page():
    """Every name of `asyncgen.__all__` is documented once, and every entry exists."""
    entries = [entry for name in api.PAGES for entry in api.entries(name)]
    assert len(entries) == len(set(entries))
    assert {f"asyncgen.{name}" for name in asyncgen.__all__} <= set(entries)
    assert all(api.found(entry) is not None for entry in entries)


@pytest.mark.parametrize(
    "name",
    ["asyncgen.calls.events.CallEnded", "asyncgen.calls.errors.RemoteError", "asyncgen.jobs.generate.retry"],
)
def test_a_module_is_listed_whole(name: str):
    """Where a page names a module, its public classes and functions are on it."""
    assert name in [entry for page in api.PAGES for entry in api.entries(page)]


def test_docstrings_become_restructured_text():
    """Items become a list, quoted names literals, and nothing else is markup."""
    lines = [
        "All of *args, and `f(x)`s.",
        "",
        "low: the least. high, top: the",
        "    largest, a_ | b.",
        "",
        "- one",
        "- two",
    ]
    assert docstrings.as_rest(lines, ("low", "high", "top")) == [
        r"All of \*args, and ``f(x)``\ s.",
        "",
        "",
        "* ``low``: the least.",
        r"* ``high, top``: the largest, a\_ \| b.",
        "",
        "- one",
        "- two",
        "",
    ]


def test_remarks_behind_fields_are_read():
    """The comment behind a field says what it is, unless it is for the type checker."""
    remarks = docstrings.remarks(Status)
    assert set(remarks) == {status.name for status in Status}
    assert remarks["CRASHED"] == "the worker died"
    assert "index" not in docstrings.remarks(asyncgen.Problem)


def test_links_out_of_the_documents_lead_to_pages():
    """Files outside docs/ that have a page are linked there; pictures and other pages as they lie."""
    text = (
        "[a](../docs/tuning.md#--n) ![b](../docs/pictures/flat.png) [c](../CHANGELOG.md) "
        "[d](../examples/label_one.py)"
    )
    assert links_to_pages(text, ROOT / "benchmarks", DOCS) == (
        "[a](tuning.md#--n) ![b](pictures/flat.png) [c](changelog.md) [d](examples.md#label_onepy)"
    )
