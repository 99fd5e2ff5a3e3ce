"""Log records and prints of workers come to the parent, where the setting `logs` says so."""

import asyncio
import logging
import threading
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest
import talkative
import workload

from asyncgen import CallTimeout, Scheduler, WorkerDied

STDOUT, STDERR = "asyncgen.worker.stdout", "asyncgen.worker.stderr"


def said(caplog: pytest.LogCaptureFixture) -> list[tuple[str, str, str]]:
    """Logger, level and message of what has been handled here, in order."""
    return [(record.name, record.levelname, record.getMessage()) for record in caplog.records]


class Handler(logging.Handler):
    """Calls a function with each record. Used as a context manager, it is one of the root's."""

    def __init__(self, function: Any) -> None:
        super().__init__()
        self.emit = function  # type: ignore[method-assign]

    def __enter__(self) -> None:
        logging.getLogger().addHandler(self)

    def __exit__(self, *_: object) -> None:
        logging.getLogger().removeHandler(self)


@pytest.mark.both_loops
async def test_records_are_handled_here_before_the_result(caplog: pytest.LogCaptureFixture):
    """In order, by the logger of their name, as if they had been made here."""
    async with Scheduler(workers=1, logs=True) as scheduler:
        await scheduler.run(talkative.log_all, "one", "two")
        assert said(caplog) == [("talkative", "WARNING", "one"), ("talkative", "WARNING", "two")]
        assert {record.funcName for record in caplog.records} == {"log_all"}


async def test_a_record_says_which_call_of_which_process_made_it(caplog: pytest.LogCaptureFixture):
    """The process's id, the number of the call in it from 1 on, and the function's name."""
    async with Scheduler(workers=1, logs=True) as scheduler:
        await scheduler.run(workload.echo, 1)
        async for _ in scheduler.stream(talkative.log_item, range(2), chunk=2):
            pass
        found = [(r.worker_pid, r.call, r.function) for r in caplog.records]
        assert found == [(scheduler.pids[0], number, "talkative.log_item") for number in (2, 3)]


@pytest.mark.both_loops
async def test_records_of_an_item_come_before_its_result(caplog: pytest.LogCaptureFixture):
    """In a packet too, for whoever consumes the results as they come."""
    async with Scheduler(workers=1, logs=True) as scheduler:
        async for result in scheduler.stream(talkative.log_item, range(200), chunk=50):
            assert f"item {result.item}" in caplog.messages
    assert caplog.messages == [f"item {item}" for item in range(200)]


async def test_calls_are_counted_rightly_where_items_were_recalled(caplog: pytest.LogCaptureFixture):
    """Behind an item that takes long the others go to another worker; this one goes on counting."""
    async with Scheduler(workers=2, logs=True) as scheduler:
        async for _ in scheduler.stream(talkative.sleep_and_log, [0.3, 0, 0, 0, 0, 0], chunk=6):
            pass
        async for _ in scheduler.stream(talkative.log_item, range(10), chunk=1):
            pass
    assert len(caplog.records) == 16
    assert len({(record.worker_pid, record.call) for record in caplog.records}) == 16
    assert all(record.call for record in caplog.records)


@pytest.mark.parametrize(
    ("level", "made"), [(True, 3), (logging.DEBUG, 4), (logging.ERROR, 1), (0, 4), (False, 2)]
)
async def test_records_below_the_level_are_not_made(caplog, level, made):
    """True means INFO. Without the setting workers are as they were, and send nothing."""
    async with Scheduler(workers=1, logs=level) as scheduler:
        assert await scheduler.run(talkative.log_at_each_level) == made
    assert len(caplog.records) == (0 if level is False else made)


async def test_prints_are_records_line_by_line(caplog: pytest.LogCaptureFixture):
    """Of two loggers; a line that is not finished comes at the end of its call."""
    async with Scheduler(workers=1, logs=True) as scheduler:
        await scheduler.run(talkative.print_all, "one\ntw", "o\n", "", "thr", "ee")
        await scheduler.run(talkative.print_all, "four")
        await scheduler.run(talkative.complain, "oh")
    assert said(caplog) == [
        *((STDOUT, "INFO", line) for line in ("one", "two", "three", "four")),
        (STDERR, "WARNING", "oh"),
    ]
    assert [record.call for record in caplog.records] == [1, 1, 1, 2, 3]


async def test_prints_below_the_level_are_none(caplog: pytest.LogCaptureFixture):
    """What goes to the standard output is of level INFO, what goes to the standard error WARNING."""
    async with Scheduler(workers=1, logs=logging.WARNING) as scheduler:
        await scheduler.run(talkative.print_all, "one\n")
        await scheduler.run(talkative.complain, "oh")
    assert said(caplog) == [(STDERR, "WARNING", "oh")]


async def test_output_gets_what_it_did_without_logs(tmp_path: Path, caplog: pytest.LogCaptureFixture):
    """What Python prints goes to both."""
    output = tmp_path / "output"
    async with Scheduler(workers=1, logs=True, output=output) as scheduler:
        await scheduler.run(talkative.print_all, "one\n", "two")
        await scheduler.run(talkative.complain, "oh")
        assert output.read_text() == "one\ntwooh\n"
    assert caplog.messages == ["one", "two", "oh"]


async def test_arguments_and_extra_attributes_travel(caplog: pytest.LogCaptureFixture):
    """So that a handler that groups by the unformatted message can do so."""
    async with Scheduler(workers=1, logs=True) as scheduler:
        await scheduler.run(talkative.log_with, {"user": ["ada"]}, 1, "b")
    (record,) = caplog.records
    assert (record.msg, record.args, record.user) == ("%s and %s", (1, "b"), ["ada"])


async def test_a_record_that_cannot_be_pickled_is_formatted_there(caplog: pytest.LogCaptureFixture):
    """Numbers and texts that were added to it are kept."""
    async with Scheduler(workers=1, logs=True) as scheduler:
        await scheduler.run(talkative.log_a_function)
    (record,) = caplog.records
    assert record.getMessage().startswith("called <function log_a_function")
    assert (record.count, hasattr(record, "thing")) == (3, False)


async def test_an_exception_arrives_as_text(caplog: pytest.LogCaptureFixture):
    """As a handler here would format it: a traceback does not travel."""
    async with Scheduler(workers=1, logs=True) as scheduler:
        await scheduler.run(talkative.log_an_exception)
    (record,) = caplog.records
    assert record.exc_info is None
    assert record.exc_text.startswith("Traceback")
    assert record.exc_text.endswith("in fail\n    raise ValueError(message)\nValueError: so it goes")


async def test_long_texts_are_cut(caplog: pytest.LogCaptureFixture):
    """A message says so, and a line comes in pieces: no record holds the loop for long."""
    async with Scheduler(workers=1, logs=True) as scheduler:
        await scheduler.run(talkative.log_long, 100_000)
        await scheduler.run(talkative.print_all, "y" * 40_000, "\n")
    assert caplog.messages[0].endswith("x... (the first 16384 of 100000 characters)")
    assert "".join(caplog.messages[1:]) == "y" * 40_000
    assert max(map(len, caplog.messages)) < 17_000


async def test_what_is_over_max_message_is_dropped(caplog: pytest.LogCaptureFixture):
    """The worker lives."""
    async with Scheduler(workers=1, logs=True, max_message=5000) as scheduler:
        pid = await scheduler.run(workload.pid)
        await scheduler.run(talkative.log_long, 6000)
        await scheduler.run(talkative.log_all, "short")
        assert await scheduler.run(workload.pid) == pid
    assert caplog.messages == ["short"]


@pytest.mark.parametrize("how", ["_exit", "SIGKILL", "segv"])
async def test_the_last_words_of_a_worker_arrive(caplog: pytest.LogCaptureFixture, how: str):
    """Records are sent at once, so that they are there before the error is."""
    async with Scheduler(workers=1, logs=True) as scheduler:
        with pytest.raises(WorkerDied):
            await scheduler.run(talkative.log_and_die, how)
        assert said(caplog)[:1] == [("talkative", "ERROR", "last words")]
        assert caplog.records[0].function == "talkative.log_and_die"


async def test_what_a_killed_call_had_said_arrives(caplog: pytest.LogCaptureFixture):
    """Of a call that is killed at its limit."""
    async with Scheduler(workers=1, logs=True, timeout=0.5) as scheduler:
        with pytest.raises(CallTimeout):
            await scheduler.run(talkative.log_and_hang)
        assert caplog.messages == ["hanging"]


async def test_an_initializer_logs_without_a_call(caplog: pytest.LogCaptureFixture):
    """Its record has the process and no call."""
    settings: dict[str, Any] = {"initializer": talkative.log_all, "initargs": ("ready",), "spares": 0}
    async with Scheduler(workers=1, logs=True, **settings) as scheduler:
        await scheduler.run(workload.echo, 1)
        pids = scheduler.pids
    assert [(r.getMessage(), r.worker_pid, r.call, r.function) for r in caplog.records] == [
        ("ready", pids[0], None, None)
    ]


async def test_a_thread_that_was_left_logs_without_a_call(caplog: pytest.LogCaptureFixture, tmp_path: Path):
    """Its record comes while nothing is under way."""
    path = tmp_path / "go"
    async with Scheduler(workers=1, logs=True) as scheduler:
        await scheduler.run(talkative.leave_a_thread, str(path))
        path.touch()
        await talkative.until(lambda: caplog.records)
        assert [(r.getMessage(), r.call, r.function) for r in caplog.records] == [("late", None, None)]


async def test_threads_log_while_an_answer_is_sent(caplog: pytest.LogCaptureFixture):
    """No record is torn by the answer or by another one, and those of each thread come in order."""
    async with Scheduler(workers=1, logs=True) as scheduler:
        answer = await scheduler.run(talkative.log_from_threads, 3, 300)
        assert answer == bytes(3 << 20)
        await talkative.until(lambda: len(caplog.records) == 900)
        assert scheduler.statistics.recycled == {}
    for thread in range(3):
        assert [int(r.msg % r.args) for r in caplog.records if r.of == thread] == list(range(300))


async def test_a_forked_child_says_nothing(caplog: pytest.LogCaptureFixture):
    """It would write into the midst of what the worker says."""
    async with Scheduler(workers=1, logs=True) as scheduler:
        assert await scheduler.run(talkative.print_in_a_fork, "child") == 0
        await scheduler.run(talkative.log_all, "parent")
    assert caplog.messages == ["parent"]


async def test_spawned_workers_log_too(caplog: pytest.LogCaptureFixture):
    """It does not depend on the start method."""
    async with Scheduler(workers=1, logs=True, start_method="spawn") as scheduler:
        await scheduler.run(talkative.print_all, "one\n")
    assert said(caplog) == [(STDOUT, "INFO", "one")]


@pytest.mark.parametrize("error", [SystemExit, KeyboardInterrupt])
def test_a_handler_that_ends_the_program_ends_it(error: type[BaseException]):
    """As if the loop had called it by itself: the scheduler is closed on the way out."""
    schedulers: list[Scheduler] = []

    def leave(_: logging.LogRecord) -> None:
        raise error

    async def main() -> None:
        async with Scheduler(workers=1, logs=True) as scheduler:
            schedulers.append(scheduler)
            await scheduler.run(talkative.log_and_hang)

    with Handler(leave), pytest.raises(error):
        asyncio.run(main())
    assert schedulers[0].statistics.busy == 0


class TestHandlers:
    """What the parent's own handlers do harms nobody but themselves."""

    pytestmark = pytest.mark.both_loops

    async def test_one_that_raises_is_reported_and_the_call_goes_on(self):
        """To the loop's exception handler, for each record; the answers behind them are not lost."""
        reported: list[dict[str, Any]] = []
        asyncio.get_running_loop().set_exception_handler(lambda _, context: reported.append(context))

        def fail(record: logging.LogRecord) -> None:
            raise LookupError(record.getMessage())

        async with Scheduler(workers=1, logs=True) as scheduler:
            with Handler(fail):
                found = [r.value async for r in scheduler.stream(talkative.log_item, range(20), chunk=20)]
        assert sorted(found) == list(range(20))
        assert [str(context["exception"]) for context in reported] == [f"item {n}" for n in range(20)]

    async def test_one_that_always_raises_does_no_harm(self):
        """Though the loop cannot even complain of it."""

        def fail(_: logging.LogRecord) -> None:
            raise LookupError

        async with Scheduler(workers=1, logs=True) as scheduler:
            with Handler(fail):
                await scheduler.run(talkative.log_all, "one", "two")

    async def test_one_that_logs_is_heard(self, caplog: pytest.LogCaptureFixture):
        """Its own records are made here, and go nowhere else."""

        def echo(record: logging.LogRecord) -> None:
            if record.name == "talkative":
                logging.getLogger("here").warning("heard %s", record.getMessage())

        async with Scheduler(workers=1, logs=True) as scheduler:
            with Handler(echo):
                await scheduler.run(talkative.log_all, "one")
        assert sorted(caplog.messages) == ["heard one", "one"]

    async def test_one_may_cancel_the_call_that_logs(self):
        """The call is killed, as by anyone else."""
        async with Scheduler(workers=1, logs=True) as scheduler:
            call = asyncio.create_task(scheduler.run(talkative.log_and_hang))
            with Handler(lambda _: call.cancel()), pytest.raises(asyncio.CancelledError):
                await call
            assert await scheduler.run(workload.echo, 1) == 1

    async def test_one_may_cancel_a_call_that_is_about_to_answer(self):
        """Record and answer come in one piece: the frames behind the record are read in their order."""
        async with Scheduler(workers=1, logs=True) as scheduler:
            for _ in range(20):
                call = asyncio.create_task(scheduler.run(talkative.log_all, *"abc"))
                canceller = Handler(lambda _, call=call: call.cancel())
                with canceller, pytest.raises(asyncio.CancelledError):
                    await call
            assert await scheduler.run(workload.echo, 1) == 1

    async def test_it_is_called_on_the_loops_thread(self):
        """As all that belongs to the scheduler."""
        threads: set[int] = set()
        async with Scheduler(workers=1, logs=True) as scheduler:
            with Handler(lambda _: threads.add(threading.get_ident())):
                await scheduler.run(talkative.log_all, "one")
        assert threads == {threading.get_ident()}

    async def test_a_flood_leaves_the_loop_its_turns(self):
        """Between two turns no more records are handled than one small read of a socket holds."""
        turns, handled = [0], [0]
        loop = asyncio.get_running_loop()

        def turn() -> None:
            turns.append(handled[-1])
            if handled[-1] < 5000:
                loop.call_soon(turn)

        async with Scheduler(workers=1, logs=True) as scheduler:
            with Handler(lambda _: handled.append(handled[-1] + 1)):
                loop.call_soon(turn)
                assert await scheduler.run(talkative.log_many, 5000) == 5000
        assert max(after - before for before, after in pairwise(turns)) < 100

    async def test_what_cannot_be_unpickled_here_is_reported(self):
        """The record is lost, and nothing else."""
        reported: list[str] = []
        asyncio.get_running_loop().set_exception_handler(
            lambda _, context: reported.append(context["message"])
        )
        async with Scheduler(workers=1, logs=True) as scheduler:
            pid = await scheduler.run(workload.pid)
            for how in ("exception", "SystemExit"):
                await scheduler.run(talkative.log_what_dies_here, how)
            assert await scheduler.run(workload.pid) == pid
        assert reported == [f"a note of worker process {pid} was lost"] * 2
