"""The errors that asyncgen raises on purpose; each message says what to do."""


class AsyncgenError(Exception):
    """Base of the errors that asyncgen raises on purpose; each message says what to do."""


class UsageError(AsyncgenError):
    """The caller asked for something that cannot be done as said. Shown as one line, exit status 2."""


class ParseError(UsageError):
    """Text is not a function that asyncgen reads. `column` counts from 1."""

    def __init__(self, message: str, column: int = 1) -> None:
        super().__init__(message)
        self.column = column


class StoreError(UsageError):
    """A file cannot serve as the store; it was left untouched."""


def shown(text: str) -> str:
    """A piece of somebody's text in quotation marks, shortened, without what a terminal would obey."""
    return "'" + "".join(char if char.isprintable() else ascii(char)[1:-1] for char in text[:30]) + "'"
