"""Log records and printed lines of a worker, sent to the parent as they are made; see the setting `logs`."""

import logging
import os
import sys
import threading
from typing import Any, TextIO

from asyncgen.calls import frames
from asyncgen.calls.child import telling
from asyncgen.calls.child.telling import LONG, MOST_CHARACTERS, Logged
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
        try:
            _tell(record)
        except Exception:
            self.handleError(record)


def _tell(record: logging.LogRecord) -> None:
    teller = telling.current()
    if teller is None:  # in a child that a call has forked off
        return
    attributes = _with_text_of_exception(record)
    note = _pickled(teller.number(), attributes)
    if note is None:
        attributes = _plain(record, attributes["exc_text"])
        note = frames.dumps_whole(Logged(teller.number(), os.getpid(), attributes))
    teller.tell(note)


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
        self._lock = threading.RLock()  # threads of a call print too, and so do signal handlers

    def __getattr__(self, name: str) -> Any:
        return getattr(self._stream, name)

    def write(self, text: str) -> int:
        """Write the text, and send the lines that are whole with it."""
        written = self._stream.write(text)
        with self._lock:
            *lines, self._rest = (self._rest + text).split("\n")
            for line in lines:
                self._send(line)
            if len(self._rest) >= MOST_CHARACTERS:
                self._send_rest()
            self._announce_rest()
        return written

    def writelines(self, lines: Any) -> None:
        """Write each of these."""
        for line in lines:
            self.write(line)

    def _send(self, line: str) -> None:
        for start in range(0, len(line) or 1, MOST_CHARACTERS):
            piece = line[start : start + MOST_CHARACTERS]
            _tell(logging.makeLogRecord({**self._shared, "msg": piece}))

    def _announce_rest(self) -> None:
        if (teller := telling.current()) is None:
            return
        if self._rest:
            teller.unsaid.add(self._send_rest)
        else:
            teller.unsaid.discard(self._send_rest)

    def _send_rest(self) -> None:
        with self._lock:
            rest, self._rest = self._rest, ""
            if rest:
                self._send(rest)
            self._announce_rest()
