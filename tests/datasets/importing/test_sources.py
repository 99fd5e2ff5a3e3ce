"""Which records a file has: recognised, taken apart, each with the number of its first line."""

import io
import sqlite3
from collections.abc import Iterator
from contextlib import closing, suppress
from pathlib import Path
from random import Random

import pytest

from asyncgen.datasets.importing.given_file import GivenFile
from asyncgen.datasets.importing.pairs import pair_of
from asyncgen.datasets.importing.records import LONGEST_LINE, Fault
from asyncgen.datasets.importing.sources import Asked, Source, source_of
from asyncgen.problems.errors import UsageError


@pytest.fixture
def given(tmp_path: Path) -> Iterator[object]:
    """Opens a file of this content under this name."""
    files: list[io.BufferedReader] = []

    def opened(content: bytes, name: str = "file", **asked: object) -> Source:
        path = tmp_path / name
        path.write_bytes(content)
        while files:
            files.pop().close()
        files.append(path.open("rb"))
        return source_of(GivenFile(files[-1], str(path)), Asked(**asked))

    yield opened
    files.pop().close()


def contents(source: Source, after: int = 0) -> list[tuple[int, object]]:
    return [
        (record.index, record.content.text if isinstance(record.content, Fault) else record.content)
        for record in source.records(after)
    ]


def table(path: Path, *statements: str) -> bytes:
    """The bytes of an SQLite file that these statements make."""
    with closing(sqlite3.connect(path)) as connection:
        for statement in statements:
            connection.execute(statement)
        connection.commit()
    return path.read_bytes()


INTCLASS = (
    "CREATE TABLE training_data (id INTEGER PRIMARY KEY, integrand TEXT, integral TEXT, success BOOLEAN)"
)


@pytest.mark.parametrize(
    ("name", "content", "format"),
    [
        ("a.prefix", b"cos x\tsin x\n", "prefix"),
        ("a", b"1|sub Y' cos x\tsin x\n", "prefix"),
        ("a.csv", b"integrand,integral\nx,x\n", "csv"),
        ("a.txt", b"id,integrand,integral\n1,x,x\n", "csv"),
        ("a.CSV", b"problem;answer\nx;x\n", "csv"),
        ("a.tsv", b"input\toutput\nx\tx\n", "csv"),
        ("a.jsonl", b'{"input": "x", "output": "x"}\n', "jsonl"),
        ("a.txt", b'\xef\xbb\xbf\n {"input": "x", "output": "x"}\n', "jsonl"),
    ],
)
def test_a_format_is_recognised(given, name: str, content: bytes, format: str):
    """By what a file begins with, or by its name."""
    assert given(content, name).layout.format == format


def test_lines_have_their_numbers(given):
    """Blank lines and comments leave gaps; the mark, CR LF and a missing end of line do not matter."""
    source = given(b"\xef\xbb\xbfa\tb\r\n\r\n# comment\n  \nc\td\n1|e\tf", "a.prefix")
    assert contents(source) == [(1, b"a\tb\r\n"), (5, b"c\td\n"), (6, b"1|e\tf")]
    assert contents(source, after=1) == contents(source)[1:]
    assert source.share == 1


@pytest.mark.parametrize("asked", [{}, {"success": "ok", "kind": "sort"}])
def test_each_object_may_have_a_kind_and_a_success(given, asked: dict[str, str]):
    """Also where the first one has neither: a record that says that it failed has no answer."""
    success, kind = asked.get("success", "success"), asked.get("kind", "kind")
    source = given(
        b'{"input": "cos x", "output": "sin x"}\n'
        + f'{{"input": "cos x", "output": "sin x", "{success}": false}}\n'.encode()
        + f'{{"input": "cos x", "output": "sin x", "{kind}": "backward"}}\n'.encode(),
        "a.jsonl",
        columns=asked,
    )
    pairs = [pair_of(record, source.layout) for record in source.records(0)]
    assert [pair.answer for pair in pairs] == [("sin", "x"), None, ("sin", "x")]
    assert [pair.kind for pair in pairs] == ["forward", "forward", "backward"]


def test_columns_that_no_object_has_are_not_among_the_columns(given):
    """What a store is for stays as it was for files without them."""
    layout = given(b'{"input": "x", "output": "x"}\n' * 3, "a.jsonl").layout
    assert layout.answers == "jsonl: problem=input, answer=output, integrals=forward"


def test_a_line_of_a_megabyte_costs_no_other(given):
    """It is not read into memory, and the line behind it is the next."""
    source = given(b"a\tb\n" + b"x" * (3 * LONGEST_LINE) + b"\nc\td\n", "a.prefix")
    assert contents(source) == [
        (1, b"a\tb\n"),
        (2, f"more than {LONGEST_LINE} bytes in a line"),
        (3, b"c\td\n"),
    ]


def test_a_record_of_csv_begins_on_its_line(given):
    """Cells with line ends, blank lines, doubled quotation marks; the header is line 1."""
    source = given(
        b'\xef\xbb\xbfid,integrand,integral\r\n1,cos(x),"sin(x)\r\n"\r\n\r\n2,"log(x, 2)","""x"""\r\n3,x,x',
        "a.csv",
    )
    assert contents(source) == [
        (2, ("cos(x)", "sin(x)\r\n", None, None)),
        (5, ("log(x, 2)", '"x"', None, None)),
        (6, ("x", "x", None, None)),
    ]
    assert contents(source, after=2) == contents(source)[1:]


def test_a_quotation_mark_that_is_open_costs_its_line_only(given):
    """Reading goes on with the line behind."""
    source = given(b'integrand,integral\nx,"x\ny,y\nz,z\n', "a.csv")
    (first, why), *others = contents(source)
    assert (first, others) == (2, [(3, ("y", "y", None, None)), (4, ("z", "z", None, None))])
    assert why == "a quotation mark is not closed before line 4, up to which nothing can be read"


@pytest.mark.parametrize(
    ("line", "why"),
    [
        (b"x", "1 cells where 2 columns are named"),
        (
            b"log(x, 2),x",
            "3 cells where 2 columns are named (cells with a comma in them need quotation marks)",
        ),
        (b'"x"y,x', "no CSV: ',' expected after '\"'"),
        (b"x" * 200_000 + b",x", "a cell of more than 131072 characters"),
        (b'x,"x', "a quotation mark is not closed"),
        (b"\xff,x", "column 1: byte 0xff is not UTF-8"),
    ],
)
def test_a_line_that_is_no_csv_is_told(given, line: bytes, why: str):
    """As a fault of its own record."""
    ((number, said),) = contents(given(b"integrand,integral\n" + line, "a.csv"))
    assert number == 2
    assert said.startswith(why)


def test_rows_of_a_table_have_their_rowids(given, tmp_path: Path):
    """Values come as they are; text as bytes, so that one that is no UTF-8 costs no other."""
    content = table(
        tmp_path / "made",
        INTCLASS,
        "INSERT INTO training_data VALUES (3, 'cos(x)', 'sin(x)', 1), (7, 'exp(x**2)', NULL, 0)",
        "INSERT INTO training_data VALUES (9, CAST(x'ff' AS TEXT), x'00', 1)",
    )
    source = given(content, "any.name")
    rows = [
        (3, (b"cos(x)", b"sin(x)", None, 1)),
        (7, (b"exp(x**2)", None, None, 0)),
        (9, (b"\xff", b"\0", None, 1)),
    ]
    assert contents(source, -1) == rows
    assert contents(source, 3) == rows[1:]
    assert source.layout.table == "training_data"


def test_the_table_that_fits_is_taken(given, tmp_path: Path):
    """Of several that do, one has to be named; names may need quotation marks."""
    statements = [
        'CREATE TABLE "a ""b" ("the problem" TEXT, rowid TEXT, answer TEXT)',
        "CREATE TABLE other (x)",
        """INSERT INTO "a ""b" VALUES ('x', 'y', 'z')""",
        "CREATE TABLE one (integrand, integral)",
        "CREATE TABLE two (integrand, integral)",
        "INSERT INTO two VALUES ('x', 'y')",
    ]
    content = table(tmp_path / "made", *statements)
    asked = {"problem": "the problem", "answer": "answer"}
    assert contents(given(content, columns=asked)) == [(1, (b"x", b"z", None, None))]
    with pytest.raises(UsageError, match=r"several tables: .* --table: 'one', 'two'"):
        given(content)
    assert contents(given(content, table="two")) == [(1, (b"x", b"y", None, None))]


@pytest.mark.parametrize(
    ("name", "content", "asked", "says"),
    [
        ("a", b"", {}, "is empty"),
        ("a", b"\n# only this\n", {}, "holds no problem with an answer"),
        ("a", b"x*sin(x)\nexp(x)\n", {}, "has no line with a tab .* asyncgen label"),
        ("a.csv", b"integrand,integral\n", {}, "holds no record below the names"),
        ("a.csv", b"a,b\nx,x\n", {}, "none of the usual columns .*; there are: a, b. Name yours"),
        ("a.csv", b'integrand,"integral\nx,x\n', {}, "its first line should name the columns"),
        ("a.csv", b"input,input,output\nx,x,x\n", {}, "several columns 'input'"),
        (
            "a.csv",
            b"integrand,integral\nx,x\n",
            {"columns": {"problem": "integrnd", "answer": "integral"}},
            r"has no column 'integrnd'; did you mean 'integrand'\? \(there are: integrand, integral\)",
        ),
        ("a.jsonl", b"\n", {}, "no line with a JSON object"),
        ("a.json", b'[{"input": "x"}]', {}, "one JSON array: write an object a line"),
        ("a.jsonl", b'{"a": 1}\n', {}, "none of the usual columns"),
        ("a.csv", b"x,y\n", {"format": "sqlite"}, "is no SQLite file"),
        ("a.csv", b"integrand,integral\nx,x\n", {"table": "t"}, "--table t: .* is no SQLite file"),
        ("a", b"x\tx\n", {"columns": {"kind": "k"}}, "--columns: .* say --format"),
        ("a.csv.gz", b"\x1f\x8b\x08\0\0\0\0", {}, "is compressed: unpack it first, with gunzip"),
        ("a", b"PAR1\0\0", {}, "is a Parquet file"),
        ("a", bytes(range(256)) * 4, {}, "is neither text in UTF-8 nor an SQLite file"),
        ("a.csv", "integrand,integral\nx,x\n".encode("utf-16") * 9, {}, "is neither text in UTF-8"),
        ("a.db", b"SQLite format 3\0" + bytes(500), {}, "is an SQLite file: leave out --format"),
    ],
)
def test_a_file_that_cannot_serve_is_refused(given, name: str, content: bytes, asked: dict, says: str):
    """In one line that says what to do."""
    if "leave out" in says:
        asked = {"format": "csv"}
    with pytest.raises(UsageError, match=says) as error:
        given(content, name, **asked)
    assert "\n" not in str(error.value)


@pytest.mark.parametrize(
    ("statements", "asked", "says"),
    [
        (["CREATE TABLE t (a, b)"], {}, "table t, has none of the usual columns .*: a, b"),
        ([INTCLASS], {}, "table training_data holds no row"),
        ([INTCLASS], {"table": "trainingdata"}, "no table 'trainingdata'; did you mean 'training_data'?"),
        (["CREATE TABLE t (x)", "DROP TABLE t"], {}, "has no table"),
        (
            ["CREATE TABLE t (integrand PRIMARY KEY, integral) WITHOUT ROWID", "INSERT INTO t VALUES (1, 2)"],
            {},
            "has no rowid",
        ),
        ([INTCLASS, "INSERT INTO training_data VALUES (-1, 'x', 'x', 1)"], {}, "rowids below 0"),
    ],
)
def test_a_table_that_cannot_serve_is_refused(given, tmp_path: Path, statements, asked, says: str):
    """With the tables or columns that there are."""
    content = table(tmp_path / "made", *statements)
    with pytest.raises(UsageError, match=says):
        given(content, **asked)


def test_a_database_that_is_not_whole_is_refused(given, tmp_path: Path):
    """Cut short; damaged inside; with changes in a file beside it."""
    content = table(
        tmp_path / "made", INTCLASS, "INSERT INTO training_data VALUES (1, 'cos(x)', 'sin(x)', 1)"
    )
    with pytest.raises(UsageError, match="is cut short: 5000 bytes of 8192"):
        given(content[:5000], "short")
    with pytest.raises(UsageError, match="is damaged"):
        given(content[:100] + bytes(len(content) - 100), "damaged")
    (tmp_path / "open-wal").write_bytes(b"changes")
    with pytest.raises(UsageError, match="open-wal holds changes to it: close the program"):
        given(content, "open")


def seeds() -> dict[str, bytes]:
    """A small file of each format."""
    return {
        "a.prefix": b"# pairs\n2|sub Y' cos x\tsin x\n" * 20,
        "a.csv": b'integrand,integral\n"log(x, 2)","x\n"\n' + b"x,x\n" * 40,
        "a.jsonl": b'{"input": "cos x", "output": "sin x", "kind": null}\n' * 20,
    }


def spoilt(content: bytes, random: Random) -> bytes:
    """With bytes changed, left out and put in, or cut short."""
    data = bytearray(content)
    for _ in range(random.choice((1, 5, 50))):
        place = random.randrange(len(data) + 1)
        data[place : place + random.choice((0, 1, 20))] = random.choice(PIECES)
    return bytes(data[: random.randrange(len(data) + 1)] if random.random() < 0.2 else data) or b"x"


PIECES = (b'"', b"\n", b"\t", b",", b"\xff", b"{", b"\0", b"\\ud800", b"Y''", b"\r", b"", b"x", bytes(40))


@pytest.mark.parametrize("name", ["a.prefix", "a.csv", "a.jsonl", "a.sqlite"])
def test_a_spoilt_file_gives_records_or_a_refusal(given, tmp_path: Path, name: str):
    """Whatever was done to it: each record once, in order, each is read or not, and nothing is raised."""
    row = "INSERT INTO training_data (integrand, integral) VALUES ('cos(x)', 'sin(x)')"
    contents = {**seeds(), "a.sqlite": table(tmp_path / "made", INTCLASS, *[row] * 40)}
    random, records = Random(5), 0
    for _ in range(400):
        with suppress(UsageError):
            source = given(spoilt(contents[name], random), name)
            found = []
            for record in source.records(-1):
                found.append(record.index)
                pair_of(record, source.layout)
            assert found == sorted(set(found))
            records += len(found)
    assert records > 400


def test_a_file_that_changes_is_noticed(tmp_path: Path):
    """Rows of two contents would be mixed otherwise."""
    path = tmp_path / "a"
    path.write_bytes(b"x\tx\n")
    with path.open("rb") as file:
        given = GivenFile(file, "a")
        assert given.digest() == given.digest()
        path.write_bytes(b"x\tx\ny\ty\n")
        with pytest.raises(UsageError, match="a was changed while it was read"):
            given.check()
