"""Log records and printed lines of a worker, sent to the parent as they are made; see the setting `logs`."""

import logging
import os
import sys
import threading
from typing import Any, TextIO

from asyncgen.calls import frames
from asyncgen.calls.child import telling
from asyncgen.calls.child.telling import LONG, MOST_CHARACTERS, Logged, Teller
from asyncgen.calls.foreign import text_of

_PRINTED = logging.INFO
_COMPLAINED = logging.WARNING


def send_from(level: int) -> None:
    """Have records of this level and above sent, and what Python prints."""
    root = logging.getLogger()
    root.setLevel(level)
    root.addHandler(_Sender())
    if level <= _PRINTED:
        sys.stdout = _Lines(sys.stdout, "asyncgen.worker.stdout", _PRINTED)
    if level <= _COMPLAINED:
        sys.stderr = _Lines(sys.stderr, "asyncgen.worker.stderr", _COMPLAINED)


class _Sender(logging.Handler):
    """Sends each record at once, so that it arrives though the worker dies behind it."""

    def emit(self, record: logging.LogRecord) -> None:
        """See logging.Handler."""
        teller = telling.current()
        if teller is None:  # in a child that a call has forked off
            return
        try:
            note = _note_of(record, teller.number())
        except Exception:
            self.handleError(record)
        else:
            teller.tell(note)


def _note_of(record: logging.LogRecord, number: int) -> bytes:
    """The note of a record, made in the call of this number; raises what formatting it does."""
    attributes = _with_text_of_exception(record)
    note = _pickled(number, attributes)
    if note is None:
        plain = _plain(record, attributes["exc_text"])
        note = frames.dumps_whole(Logged(number, os.getpid(), plain))
    return note


def _with_text_of_exception(record: logging.LogRecord) -> dict[str, Any]:
    """The record's attributes, where the exception is text: a traceback cannot be pickled."""
    attributes = dict(record.__dict__)
    if record.exc_info and record.exc_info[1] is not None:
        attributes["exc_text"] = record.exc_text or text_of(record.exc_info[1]).rstrip("\n")
    attributes["exc_info"] = None
    return attributes


def _pickled(number: int, attributes: dict[str, Any]) -> bytes | None:
    """The note, if it can be pickled and is not too long."""
    try:
        note = frames.dumps_whole(Logged(number, os.getpid(), attributes))
    except Exception:
        return None
    return note if len(note) <= LONG else None


def _plain(record: logging.LogRecord, exception: str | None) -> dict[str, Any]:
    """Numbers and texts of a record, with the message formatted, and long texts cut."""
    numbers = {name: value for name, value in record.__dict__.items() if type(value) in (bool, int, float)}
    texts = {name: value for name, value in record.__dict__.items() if type(value) is str}
    texts.update(msg=record.getMessage(), exc_text=exception or "")
    return {**numbers, **{name: _cut(text) for name, text in texts.items()}, "args": None}


def _cut(text: str) -> str:
    if len(text) <= MOST_CHARACTERS:
        return text
    return f"{text[:MOST_CHARACTERS]}... (the first {MOST_CHARACTERS} of {len(text)} characters)"


class _Lines:
    """A text stream whose lines become records; what is written goes where it went before as well.

    A line that is too long comes in pieces, and one that is not finished comes at the end of its call.
    """

    def __init__(self, stream: TextIO, name: str, level: int) -> None:
        self._stream = stream
        self._shared = {"name": name, "levelno": level, "levelname": logging.getLevelName(level)}
        self._rest = ""
        self._was_cut = False  # what comes next belongs to a line of which pieces were sent
        self._lock = threading.RLock()  # threads of a call print too, and so do signal handlers

    def __getattr__(self, name: str) -> Any:
        return getattr(self._stream, name)

    def write(self, text: str) -> int:
        """Write the text, and send the lines that are whole with it."""
        written = self._stream.write(text)
        if (teller := telling.current()) is None:  # in a forked child, where the lock may never be released
            return written
        with self._lock:
            *lines, self._rest = (self._rest + text).split("\n")
            for line in lines:
                if line or not self._was_cut:  # otherwise it is only the end of what was sent in pieces
                    self._send(line, teller)
                self._was_cut = False
            if len(self._rest) >= MOST_CHARACTERS:
                self._send(self._rest, teller)
                self._rest, self._was_cut = "", True
            if self._rest:
                teller.unsaid.add(self._send_rest)
            else:
                teller.unsaid.discard(self._send_rest)
        return written

    def writelines(self, lines: Any) -> None:
        """Write each of these."""
        for line in lines:
            self.write(line)

    def _send(self, line: str, teller: Teller) -> None:
        for start in range(0, len(line) or 1, MOST_CHARACTERS):
            piece = line[start : start + MOST_CHARACTERS]
            record = logging.makeLogRecord({**self._shared, "msg": piece})
            teller.tell(_note_of(record, teller.number()))

    def _send_rest(self) -> None:
        teller = telling.current()
        assert teller is not None  # it is what this was given to
        with self._lock:
            rest, self._rest = self._rest, ""
            if rest:
                self._send(rest, teller)
            teller.unsaid.discard(self._send_rest)
