"""The page of flags: every command with its arguments and flags, from the command line's own description."""

import inspect
import re
from collections.abc import Iterator
from typing import Any, Literal, NamedTuple, Union, get_args, get_origin

from cyclopts import App

from asyncgen.command.commands import app
from reference.markdown import code, table

TYPES: dict[Any, str] = {int: "whole number", float: "number", bool: "switch"}  # all others: text
_DEFAULT = re.compile(r" \(default: (.*)\)")


class Flag(NamedTuple):
    """One argument or flag of a command, in words."""

    name: str
    type: str
    meaning: str
    default: str


def page() -> str:
    """The commands, each under a heading of its own."""
    return "\n".join(_section(name) for name in commands())


def commands() -> list[str]:
    """The names of the commands; that of the main command is empty, and one below another has two words."""
    return ["", *_below(app)]


def _below(parent: App, prefix: str = "") -> Iterator[str]:
    for name in parent:
        if name.startswith("-"):
            continue
        if parent[name].default_command is None:  # it only holds others
            yield from _below(parent[name], f"{prefix}{name} ")
        else:
            yield f"{prefix}{name}"


def flags(command: str) -> Iterator[Flag]:
    """The arguments and flags of a command, in the order of its help."""
    for argument in _command(command).assemble_argument_collection():
        if argument.names[0] != "*":  # a group of flags, which follow one by one
            default = argument.field_info.default
            text = argument.parameter.help or ""
            said = _DEFAULT.search(text)
            yield Flag(
                argument.names[0],
                _type(argument.hint),
                _DEFAULT.sub("", text),
                said[1] if said else _shown(default),
            )


def _command(name: str) -> App:
    found = app
    for word in name.split():
        found = found[word]
    return found


def _section(name: str) -> str:
    rows = [(code(flag.name), flag.type, flag.meaning, flag.default) for flag in flags(name)]
    summary, _, details = inspect.cleandoc(_help(name)).partition("\n\n")
    return "\n\n".join(
        part
        for part in (
            f"## asyncgen {name}".rstrip(),
            summary.replace("*", r"\*"),
            details.replace("*", r"\*"),
            table(("flag", "type", "meaning", "default"), rows),
        )
        if part
    )


def _help(name: str) -> str:
    function = _command(name).default_command
    return (function.__doc__ if function else None) or str(app.help)


def _type(hint: Any) -> str:
    """The type in a word, or the words to choose from."""
    if get_origin(hint) is Literal:
        return " or ".join(map(code, get_args(hint)))
    if get_origin(hint) in (Union, type(int | None)):
        return _type(next(part for part in get_args(hint) if part is not type(None)))
    return TYPES.get(hint, "path" if hint.__name__ == "Path" else "text")


def _shown(default: object) -> str:
    if default is inspect.Parameter.empty:
        return "to be given"
    if default is None or default is False:
        return "off" if default is False else "none"
    return code(default)
