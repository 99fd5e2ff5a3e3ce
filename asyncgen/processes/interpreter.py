"""The command line of a fresh interpreter that finds the same modules and runs one function."""

import sys

_CODE = "import sys; sys.path[:] = {path!r}; from {module} import {function}; {function}{arguments!r}"


def command(module: str, function: str, *arguments: int) -> list[str]:
    """Arguments of a program that calls `function(*arguments)` of a module, along this process's path."""
    code = _CODE.format(path=sys.path, module=module, function=function, arguments=arguments)
    return [sys.executable, "-c", code]
