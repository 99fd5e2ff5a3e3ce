"""The parent's main script, run in a worker so that what it defines can be unpickled there."""

import runpy
import sys
import types

from asyncgen.calls.frames import WORKERS_MAIN

_where: dict[str, str | None] = {}
_is_imported = (
    False  # and not whether the module is there: `import multiprocessing` makes another of this name
)
_is_importing = False


def introduce(path: str | None, module: str | None) -> None:
    """Note where the script is: its file, and its module where it was started with -m."""
    _where.update(path=path, module=module)


def imports_main() -> bool:
    """Whether this is a worker that is importing the parent's main script, where no scheduler may start."""
    return _is_importing


def may_define(error: AttributeError) -> bool:
    """Whether what could not be unpickled may be in the script, which was not imported yet."""
    return not _is_imported and ("__main__" in str(error) or WORKERS_MAIN in str(error))


def import_main() -> None:
    """Run the script under the name of WORKERS_MAIN.

    Raises RuntimeError where there is no script: an interactive session or a notebook.
    """
    global _is_importing, _is_imported
    path, module = _where.get("path"), _where.get("module")
    if path is None and module is None:
        raise RuntimeError(
            "the call names something defined in an interactive session, which a worker process cannot "
            "import: put it into a module, or use the setting pickler='cloudpickle'"
        )
    _is_importing = True
    try:
        if module is not None:
            found = runpy.run_module(module, run_name=WORKERS_MAIN, alter_sys=True)
        else:
            assert path is not None
            found = runpy.run_path(path, run_name=WORKERS_MAIN)
    finally:
        _is_importing = False
    copy = types.ModuleType(WORKERS_MAIN)
    copy.__dict__.update(found)
    sys.modules[WORKERS_MAIN] = sys.modules["__main__"] = copy
    _is_imported = True
