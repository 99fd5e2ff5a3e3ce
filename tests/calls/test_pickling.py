"""The setting `pickler`: what travels by value with cloudpickle, and what does not without."""

import multiprocessing
import pickle
import subprocess
import sys
import threading
from pathlib import Path
from typing import Any

import pytest
import workload
from places import ROOT

from asyncgen.calls.errors import RemoteTraceback, SchedulerError
from asyncgen.pool import KillableExecutor
from asyncgen.scheduler import Scheduler

METHODS = ["template", "spawn"]


class TestByValue:
    """With cloudpickle."""

    @pytest.mark.parametrize("method", METHODS)
    async def test_functions_arguments_and_values_may_be_without_a_name(self, method: str):
        """Lambdas, closures, and instances of a class that a function defines."""

        class Point:
            def __init__(self, x: int) -> None:
                self.x = x

        factor = 3
        async with Scheduler(workers=1, pickler="cloudpickle", start_method=method) as scheduler:
            assert await scheduler.run(lambda x: factor * x, 5) == 15
            assert await scheduler.run(lambda call: call(2), lambda x: x + factor) == 5
            assert (await scheduler.run(lambda x: lambda y: x + y, 2))(3) == 5
            point = await scheduler.run(lambda point: Point(point.x + 1), Point(1))
            assert type(point) is Point
            assert point.x == 2

    async def test_items_of_a_packet_may_be(self):
        """And so may the function that is called with each."""
        factors = [lambda x, n=n: n * x for n in range(5)]
        async with Scheduler(workers=1, pickler="cloudpickle") as scheduler:
            results = scheduler.stream(lambda call: call(2), factors, chunk=5, ordered=True)
            assert [result.unwrap() async for result in results] == [0, 2, 4, 6, 8]

    async def test_an_exception_may_be(self):
        """It arrives as an instance of the class of this process, with its traceback."""

        class Odd(Exception):
            pass

        def check(number: int) -> None:
            raise Odd(number)

        async with Scheduler(workers=1, pickler="cloudpickle") as scheduler:
            with pytest.raises(Odd, match=r"^3$") as caught:
                await scheduler.run(check, 3)
            assert isinstance(caught.value.__cause__, RemoteTraceback)

    async def test_an_initializer_may_be(self):
        """And its arguments."""
        settings: dict[str, Any] = {
            "initializer": lambda make: workload.remember(make()),
            "initargs": (lambda: 7,),
        }
        async with Scheduler(workers=1, pickler="cloudpickle", **settings) as scheduler:
            assert await scheduler.run(workload.recall) == 7

    @pytest.mark.parametrize("method", ["fork", "spawn"])
    def test_objects_of_multiprocessing_may_come_with_it(self, method: str):
        """What a worker is handed as descriptors or semaphores, next to what it is sent by value."""
        context = multiprocessing.get_context(method)
        counter = context.Value("i", 0)

        def start(counter: Any) -> None:
            with counter:
                counter.value += 1

        settings: dict[str, Any] = {"initializer": lambda *args: start(*args), "initargs": (counter,)}
        with KillableExecutor(1, spares=0, pickler="cloudpickle", **settings) as pool:
            assert pool.submit(lambda: 1).result() == 1
        assert counter.value == 1

    def test_proxies_of_a_manager_may_be_arguments(self):
        """The first call of a worker brings the key."""
        with multiprocessing.Manager() as manager, KillableExecutor(1, pickler="cloudpickle") as pool:
            queue = manager.Queue()
            pool.submit(lambda queue: queue.put("heard"), queue).result()
            assert queue.get(timeout=60) == "heard"

    async def test_large_buffers_still_travel_out_of_band(self):
        """A PickleBuffer is not copied into the pickle."""
        data = bytearray(range(256)) * 4096
        async with Scheduler(workers=1, pickler="cloudpickle") as scheduler:
            back = await scheduler.run(workload.reverse_buffer, pickle.PickleBuffer(data))
        assert isinstance(back, bytearray | memoryview)
        assert bytes(back) == bytes(data)[::-1]

    async def test_what_cannot_be_pickled_by_value_either_fails_its_call_alone(self):
        """Such as a lock, as an argument or as a value; the worker goes on."""
        async with Scheduler(workers=1, pickler="cloudpickle") as scheduler:
            before = await scheduler.run(workload.pid)
            with pytest.raises(TypeError, match="cannot pickle"):
                await scheduler.run(workload.echo, threading.Lock())
            with pytest.raises(TypeError, match="cannot pickle") as caught:
                await scheduler.run(threading.Lock)
            assert "the result, of type lock, could not be pickled" in caught.value.__notes__
            assert await scheduler.run(workload.pid) == before


SCRIPT = """
import asyncio
from asyncgen.scheduler import Scheduler

class Point:
    def __init__(self, x): self.x = x

async def main():
    async with Scheduler(workers=1, pickler="cloudpickle") as scheduler:
        point = await scheduler.run(lambda point: Point(point.x + 1), Point(1))
        print(point.x, type(point) is Point)

asyncio.run(main())
"""


@pytest.mark.parametrize("how", ["a script", "standard input"])
def test_a_program_needs_no_file_and_no_main_guard(tmp_path: Path, how: str):
    """What it defines travels by value, so that no worker runs it again: as in a notebook."""
    script = tmp_path / "script.py"
    script.write_text(SCRIPT)
    done = subprocess.run(
        [sys.executable, str(script) if how == "a script" else "-"],
        input=SCRIPT,
        cwd=ROOT,
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert (done.stdout, done.stderr) == ("2 True\n", "")


async def test_by_default_a_lambda_is_refused_as_pickle_does():
    """The standard library names functions, and a lambda has no name."""
    async with Scheduler(workers=1) as scheduler:
        with pytest.raises((AttributeError, pickle.PicklingError)):
            await scheduler.run(lambda: 1)


async def test_where_it_is_not_installed_opening_says_so(monkeypatch: pytest.MonkeyPatch):
    """One error, with the command that installs it."""
    monkeypatch.setitem(sys.modules, "cloudpickle", None)
    with pytest.raises(SchedulerError, match=r"pip install 'asyncgen\[cloudpickle\]'"):
        async with Scheduler(workers=1, pickler="cloudpickle"):
            pass


def test_the_standard_library_is_all_that_is_loaded_by_default():
    """Neither this process nor a worker pays for what it does not use."""
    code = (
        "import asyncio, sys\nfrom asyncgen.scheduler import Scheduler\n"
        "async def main():\n"
        "    async with Scheduler(workers=1) as scheduler:\n"
        "        return [*sys.modules, *(await scheduler.run(eval, 'list(__import__(\"sys\").modules)'))]\n"
        "print('cloudpickle' in asyncio.run(main()))"
    )
    done = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, timeout=60, check=True
    )
    assert done.stdout == "False\n"
