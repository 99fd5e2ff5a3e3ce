"""`asyncgen explain`: derivations on stdout, refusals in one line, no failure where nothing is decided."""

import json
import subprocess
import sys

import pytest
from command_line import COMMAND, asyncgen
from conftest import Refuse

from asyncgen.command.exits import EXIT_FAILURE, EXIT_USAGE


def explain(*arguments: object, typed: str | None = None) -> subprocess.CompletedProcess[str]:
    """Run the command to its end, with this on its standard input."""
    if typed is None:
        return asyncgen("explain", *arguments)
    command = [*COMMAND, "explain", *map(str, arguments)]
    return subprocess.run(command, input=typed, capture_output=True, text=True, timeout=100, check=False)


def test_functions_are_explained_in_their_order():
    """In either notation, a line of JSON each; status 0 though one is undecided and one has no values."""
    done = explain("exp(x**2)", "mul x exp x", "erf(x)*log(x)", "1/(x - x)", "--format", "json")
    assert (done.returncode, done.stderr) == (0, "")
    found = [json.loads(line) for line in done.stdout.splitlines()]
    assert [one["function"] for one in found] == ["exp(x**2)", "x*exp(x)", "erf(x)*log(x)", "1/(x - x)"]
    verdicts = ["nonelementary", "elementary", "undecided", "degenerate"]
    assert [one["verdict"] for one in found] == verdicts


def test_text_is_the_default():
    """With an empty line between two functions."""
    done = explain("x", "-1/log(x)")
    assert (done.returncode, done.stderr) == (0, "")
    first, second = done.stdout.split("\n\nThe integral of ")
    assert first.startswith("The integral of x\n")
    assert "There is no elementary antiderivative." in second


def test_latex_is_a_fragment():
    """A section a function, and no document around it."""
    done = explain("x*exp(x)", "--format", "latex")
    assert done.returncode == 0
    assert done.stdout.startswith(r"\section*{The integral of $x \mathrm{e}^{x}$}")
    assert r"\documentclass" not in done.stdout


def test_lines_of_standard_input():
    """A bad line is reported with its place, the others go on, and the status is 1 in the end."""
    done = explain("-", "--format", "json", typed="# mine\nx*exp(x)\n\nfoo(x)\n1/x\n")
    assert done.returncode == EXIT_FAILURE
    (line,) = done.stderr.splitlines()
    assert line.startswith("-:4:1: unknown function 'foo': there are ")
    assert [json.loads(line)["function"] for line in done.stdout.splitlines()] == ["x*exp(x)", "1/x"]


def test_nothing_to_explain_prints_nothing():
    """An empty input is no failure."""
    done = explain("-", typed="# nothing\n")
    assert (done.returncode, done.stdout, done.stderr) == (0, "", "")


def test_a_limit_that_is_too_short_decides_nothing():
    """The process is ended, the function undecided, and the status 0."""
    done = explain("exp(x)", "--timeout", "0.000001", "--format", "json")
    assert (done.returncode, done.stderr) == (0, "")
    found = json.loads(done.stdout)
    assert (found["verdict"], found["reason"]) == ("undecided", "its process was ended, timeout:cpu:call")


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["exp(x"], "'exp(x': column 1: this '(' is never closed"),
        (["x", "x*y"], "'x*y': column 3: "),
        (["__import__('os')"], "column 1: "),
        ([""], "'': column 1: "),
        ([], "explain needs a function, such as 'exp(x**2)'"),
        (["x", "--timeout", "0"], "--timeout 0.0: it must be a number of seconds above 0"),
        (["x", "--format", "html"], "--format"),
        (["x", "--formt", "json"], "Unknown option: --formt. Did you mean --format?"),
    ],
)
def test_what_does_not_fit_is_refused_in_one_line(refuse: Refuse, arguments: list[str], message: str):
    """Before any process is started: exit status 2, nothing on stdout, no traceback."""
    done = refuse("explain", *arguments)
    assert (done.returncode, done.stdout) == (EXIT_USAGE, "")
    assert done.stderr.startswith("asyncgen: ")
    assert message in done.stderr
    assert done.stderr.count("\n") == 1


def test_the_command_needs_no_mathematics_in_its_own_process():
    """SymPy and flint are the worker's alone."""
    code = (
        "import sys\nfrom asyncgen.command.main import run\n"
        "assert run(['explain', 'exp(x**2)', '--format', 'json']) == 0\n"
        "assert not {'sympy', 'flint'} & set(sys.modules)"
    )
    done = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, timeout=100, check=False
    )
    assert (done.returncode, done.stderr) == (0, "")


def test_the_worker_loads_no_sympy():
    """It needs only what decides and checks, so that it is ready at once."""
    code = (
        "import sys\nfrom asyncgen.worker import explain\nfrom asyncgen.problems.files import problem_of\n"
        "assert explain(problem_of('sin(x)*exp(x)'), 60.0).answer\n"
        "assert 'sympy' not in sys.modules"
    )
    done = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, timeout=100, check=False
    )
    assert (done.returncode, done.stderr) == (0, "")
