"""Items of an asynchronous generator, taken by a program that is not asynchronous."""

import asyncio
import gc
import subprocess
import sys
import threading
from collections.abc import AsyncGenerator
from concurrent.futures import Future, wait
from itertools import islice

import pytest
from processes import open_descriptors

from asyncgen.datasets.streaming.background import Background


class Numbers:
    """0, 1, 2, ..., up to an error, if any; knows how many were made and whether it was closed."""

    def __init__(self, stop: int | None = None, error: Exception | None = None) -> None:
        self.made = 0
        self.closed = threading.Event()
        self.full = threading.Event()  # made so many that nobody waits for more
        self._stop, self._error = stop, error

    async def items(self) -> AsyncGenerator[int, None]:
        try:
            while self._stop is None or self.made < self._stop:
                self.made += 1
                asyncio.get_running_loop().call_soon(self.full.set)
                yield self.made - 1
            if self._error is not None:
                raise self._error
        finally:
            self.closed.set()


def test_the_items_come_in_order_to_their_end():
    """And the thread ends with them."""
    numbers, threads = Numbers(1000), threading.active_count()
    background = Background(numbers.items, 7)
    assert list(background) == list(range(1000))
    background.close()
    assert threading.active_count() == threads


def test_an_error_comes_after_the_items_before_it():
    """And again whenever somebody asks on."""
    background = Background(Numbers(3, ValueError("broken")).items, 10)
    assert list(islice(background, 3)) == [0, 1, 2]
    for _ in range(2):
        with pytest.raises(ValueError, match="broken"):
            next(background)
    background.close()


def test_no_more_is_made_than_may_be_ahead():
    """One is on its way into the queue besides."""
    numbers = Numbers()
    background = Background(numbers.items, 5)
    assert next(background) == 0
    assert numbers.made <= 1 + 5 + 5 + 1  # what was taken together with the first, and what is ahead
    background.close()


def test_closing_closes_the_generator():
    """Before it returns; afterwards there is nothing more."""
    numbers, threads, descriptors = Numbers(), threading.active_count(), open_descriptors()
    background = Background(numbers.items, 5)
    next(background)
    background.close()
    assert numbers.closed.is_set()
    assert list(background) == []
    background.close()
    assert (threading.active_count(), open_descriptors()) == (threads, descriptors)


def test_one_that_nobody_holds_ends():
    """The generator is closed when the last reference has gone."""
    numbers = Numbers()
    background = Background(numbers.items, 5)
    next(background)
    del background
    gc.collect()
    assert numbers.closed.wait(30)


def test_an_interruption_loses_nothing(monkeypatch: pytest.MonkeyPatch):
    """Ctrl-C while an item is waited for: the next call gets that item."""
    background = Background(Numbers(3).items, 1)
    with monkeypatch.context() as interrupted:
        interrupted.setattr(Future, "result", _interrupt)
        with pytest.raises(KeyboardInterrupt):
            next(background)
    assert list(background) == [0, 1, 2]
    background.close()


def _interrupt(self: Future[object]) -> None:
    """The answer is there, and has left the queue, when Ctrl-C comes."""
    wait([self])
    raise KeyboardInterrupt


def test_a_program_ends_while_items_are_made():
    """Without a word, whatever was under way."""
    program = (
        "import asyncio\n"
        "from asyncgen.datasets.streaming.background import Background\n"
        "async def items():\n"
        "    try:\n"
        "        while True:\n"
        "            await asyncio.sleep(0)\n"
        "            yield 1\n"
        "    finally:\n"
        "        print('closed')\n"
        "background = Background(items, 3)\n"
        "print(next(background))\n"
    )
    done = subprocess.run(
        [sys.executable, "-c", program], capture_output=True, text=True, timeout=60, check=True
    )
    assert (done.stdout, done.stderr) == ("1\nclosed\n", "")
