"""What a worker does about signals: nothing, unless it is told to end its call.

What a terminal or a service manager sends to every process at once is not for workers: stopping is the
parent's business, and a worker that obeyed would make its call look like a crash. Only where the board says
that the template ends the call does SIGTERM end it, by SystemExit, so that the call can clean up. A call may
handle signals in its own way.
"""

import os
import signal

from asyncgen.calls.board import Board

# Windows, where this can be imported, has no SIGHUP.
POLITE = tuple(signal.Signals[name] for name in ("SIGINT", "SIGTERM", "SIGHUP") if hasattr(signal, name))


class _Handler:
    """Handles a signal by doing nothing, but for the first SIGTERM behind which the template is.

    A handler, unlike SIG_IGN, is not inherited by programs that the worker starts.
    """

    def __init__(self, board: Board) -> None:
        self._board = board
        self._has_ended = False

    def __call__(self, number: int, frame: object) -> None:
        if number == signal.SIGTERM and self._board.is_ending and not self._has_ended:
            self._has_ended = True  # whoever repeats it does not disturb the cleaning up
            raise SystemExit(128 + number)


def handle_signals(board: Board) -> None:
    """Handle signals so in this process, a worker, and by default in the children that it forks off."""
    handler = _Handler(board)
    for number in POLITE:
        signal.signal(number, handler)
    os.register_at_fork(after_in_child=_obey_again)


def _obey_again() -> None:
    """A child that a call forks off ends when it is told to, as `multiprocessing.Pool` tells its own."""
    for number in POLITE:
        if isinstance(signal.getsignal(number), _Handler):
            default = signal.default_int_handler if number == signal.SIGINT else signal.SIG_DFL
            signal.signal(number, default)
