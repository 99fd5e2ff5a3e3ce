"""One contract of worker processes, held by every start method: what test_scheduler.py says, said of "spawn".

The classes there run as they are, with another default; what differs between the methods is below.
"""

import asyncio
import os

import pytest
import test_scheduler as contract
import workload

from asyncgen.calls.settings import Settings
from asyncgen.scheduler import Scheduler

pytestmark = pytest.mark.chaos
THREADED = "workload:start_a_thread"


@pytest.fixture
def by_spawning(monkeypatch: pytest.MonkeyPatch) -> None:
    """Make "spawn" the default start method of this process."""
    monkeypatch.setitem(Settings.__init__.__kwdefaults__, "start_method", "spawn")


@pytest.mark.usefixtures("by_spawning")
class TestValues(contract.TestValues):
    """What goes into a call and what comes out."""


@pytest.mark.usefixtures("by_spawning")
class TestLimits(contract.TestLimits):
    """Time, memory and number of calls."""


@pytest.mark.usefixtures("by_spawning")
class TestDeaths(contract.TestDeaths):
    """A worker's end costs the call it was making, and nothing else."""


@pytest.mark.usefixtures("by_spawning")
class TestCancelling(contract.TestCancelling):
    """Cancelling, closing, and leaving early."""


@pytest.mark.usefixtures("by_spawning")
class TestStarting(contract.TestStarting):
    """Fresh processes: preloading, initializers, spares, output."""


@pytest.mark.usefixtures("by_spawning")
class TestResources(contract.TestResources):
    """Nothing piles up."""


class TestThreads:
    """Modules that start threads when they are imported."""

    async def test_a_preload_that_starts_a_thread_works_when_workers_are_spawned(self):
        """Every worker starts the thread for itself, the replaced ones too."""
        settings = Settings(workers=1, start_method="spawn", preload=(THREADED,), calls_per_worker=1)
        async with Scheduler(settings) as scheduler:
            assert [await scheduler.run(workload.threads) for _ in range(3)] == [2, 2, 2]

    async def test_a_template_with_threads_gives_way_to_fresh_interpreters(self):
        """Said when the scheduler is opened; then each worker starts the thread for itself."""
        settings = Settings(workers=1, preload=(THREADED,), calls_per_worker=1)
        with pytest.warns(RuntimeWarning, match=r"has started 1 thread.*Say so with start_method='spawn'"):
            async with Scheduler(settings) as scheduler:
                assert [await scheduler.run(workload.threads) for _ in range(3)] == [2, 2, 2]

    @pytest.mark.parametrize("name", ["numpy", "pandas", "pyarrow"])
    async def test_the_usual_libraries_are_inherited(self, name: str):
        """They start no threads in the template."""
        pytest.importorskip(name)
        async with Scheduler(workers=1, preload=(name,)) as scheduler:
            assert await scheduler.run(workload.threads) == 1
            assert await scheduler.run(workload.is_imported, name)

    async def test_whoever_wants_threads_says_so(self, monkeypatch):
        """In the program's environment, or in that of the workers."""
        monkeypatch.setenv("OMP_NUM_THREADS", "3")
        settings = Settings(workers=1, environment={"MKL_NUM_THREADS": "4"})
        async with Scheduler(settings) as scheduler:
            names = ("OMP_NUM_THREADS", "MKL_NUM_THREADS", "OPENBLAS_NUM_THREADS")
            assert [await scheduler.run(os.getenv, name) for name in names] == ["3", "4", "1"]


class TestInterpreters:
    """What is a worker's own and what it shares."""

    @pytest.mark.parametrize(("method", "shared"), [("template", True), ("spawn", False)])
    async def test_workers_share_a_preload_only_as_copies_of_the_template(self, method, shared: bool):
        """The module's state was made once for all, or once for each."""
        settings = Settings(workers=2, start_method=method, preload=("workload:note_process",))
        async with Scheduler(settings) as scheduler:
            await contract.stocked(scheduler)
            makers = await asyncio.gather(*(scheduler.run(workload.noted_and_own) for _ in range(2)))
            ours = {scheduler.template_pid} if shared else {own for _, own in makers}
            assert {maker for maker, _ in makers} <= ours

    @pytest.mark.parametrize("method", ["template", "spawn"])
    async def test_a_worker_leads_a_group_of_its_own_below_the_template(self, method):
        """As the killing of groups needs it, and the reaping."""
        async with Scheduler(workers=1, start_method=method) as scheduler:
            (pid,), template = [await scheduler.run(workload.pid)], scheduler.template_pid
            assert os.getpgid(pid) == pid != os.getpgid(template)
            assert await scheduler.run(os.getppid) == template

    @pytest.mark.parametrize("method", ["template", "spawn"])
    async def test_the_environment_reaches_the_workers(self, method):
        """What the settings add, next to what this process has."""
        given = {"ASYNCGEN_TEST_GIVEN": "value"}
        async with Scheduler(workers=1, start_method=method, environment=given) as scheduler:
            assert await scheduler.run(os.getenv, "ASYNCGEN_TEST_GIVEN") == "value"
            assert await scheduler.run(os.getenv, "PATH") == os.environ["PATH"]

    @pytest.mark.parametrize("method", ["template", "spawn"])
    async def test_programs_that_a_call_starts_inherit_no_socket(self, method):
        """Nor does one that is started without closing descriptors."""
        async with Scheduler(workers=1, start_method=method) as scheduler:
            assert await scheduler.run(workload.sockets_of_a_program) == 0

    async def test_a_start_method_that_there_is_not_is_refused(self):
        """At once, with those that there are."""
        with pytest.raises(ValueError, match="'template' or 'spawn'"):
            Settings(start_method="fork")  # type: ignore[arg-type]
