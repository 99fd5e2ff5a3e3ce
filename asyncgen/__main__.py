"""The entry point of `python -m asyncgen` and of the command `asyncgen`.

It imports next to nothing before it can handle Ctrl-C: importing the command takes a quarter of a second.
"""

import sys


def main() -> None:
    """Run the command line."""
    try:
        from asyncgen.calls.system import lack

        if (missing := lack()) is not None:  # where it is, the command cannot even be imported
            sys.stderr.write(f"asyncgen: {missing}\n")
            sys.exit(2)
        from asyncgen.command.main import main as command
    except KeyboardInterrupt:
        sys.stderr.write("asyncgen: interrupted\n")
        sys.exit(3)
    command()


if __name__ == "__main__":
    main()
