"""What a call finds of its caller's context, where the setting `context` says so."""

import asyncio
import contextvars
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
import talkative
import workload
from talkative import Noting, locale, tenant

from asyncgen import KillableExecutor, Scheduler, Settings, WorkerDied
from asyncgen.calls.errors import FunctionKillsWorkers
from asyncgen.calls.events import CallEnded, CallStarted, Event

BOTH = ("talkative:tenant", "talkative:locale")


def settings(**changes: Any) -> Settings:
    return Settings(workers=1, context=BOTH, **changes)


async def test_a_variable_has_the_callers_value():
    """The one in whose context `run` is, for each of two tasks its own; unset, or by default, it stays so."""

    async def ask(scheduler: Scheduler, value: str) -> Any:
        tenant.set(value)
        await asyncio.sleep(0)
        return await scheduler.run(talkative.tenant_and_locale)

    async with Scheduler(settings()) as scheduler:
        assert await scheduler.run(talkative.tenant_and_locale) == (None, "en")
        assert await asyncio.gather(ask(scheduler, "a"), ask(scheduler, "b")) == [("a", "en"), ("b", "en")]
        assert await scheduler.run(talkative.tenant_and_locale) == (None, "en")


async def test_it_is_reset_after_the_call():
    """What a call sets on top of it is gone too, and so is a value after an error."""
    async with Scheduler(settings()) as scheduler:
        locale.set("fr")
        assert await scheduler.run(talkative.change_tenant, "mine") == "mine"
        tenant.set("theirs")
        assert await scheduler.run(talkative.change_tenant, "mine") == "mine"
        with pytest.raises(ValueError, match="no"):
            await scheduler.run(workload.fail, "no")
        bare = contextvars.Context()
        call = asyncio.create_task(scheduler.run(talkative.tenant_and_locale), context=bare)
        assert await call == ("mine", "en")  # the first call had nothing of the caller's to be reset to


async def test_a_stream_has_the_context_in_which_it_was_made():
    """Also where it is consumed in another one, for items alone and for those that travel together."""
    async with Scheduler(settings()) as scheduler:
        tenant.set("early")
        stream = scheduler.stream(talkative.tenant_and_locale, range(40), chunk=20)
        single = scheduler.stream(talkative.tenant_and_locale, range(3), chunk=1)
        tenant.set("late")
        assert {r.value async for r in stream} | {r.value async for r in single} == {("early", "en")}


async def test_an_executor_has_the_context_of_the_submitting_thread():
    """`submit` and `map` take it where they are called, however late the call is made."""
    async with Scheduler(settings()) as scheduler:
        executor = scheduler.executor()
        tenant.set("here")
        loop = asyncio.get_running_loop()
        futures = [loop.run_in_executor(executor, talkative.tenant_and_locale)]
        tenant.set("there")
        futures.append(loop.run_in_executor(executor, talkative.tenant_and_locale))
        mapped = await asyncio.to_thread(list, executor.map(talkative.tenant_and_locale, range(3)))
        assert await asyncio.gather(*futures) == [("here", "en"), ("there", "en")]
        assert mapped == [("there", "en")] * 3


def test_a_pool_carries_it_too():
    """The context is that of the thread that submits, and not that of the pool's own."""
    with KillableExecutor(settings()) as pool:
        context = contextvars.copy_context()
        context.run(tenant.set, "outside")
        assert context.run(pool.submit, talkative.tenant_and_locale).result() == ("outside", "en")


async def test_a_started_call_has_the_context_of_its_start():
    """Later changes do not reach it."""
    async with Scheduler(settings()) as scheduler:
        tenant.set("then")
        call = scheduler.start(talkative.tenant_and_locale)
        tenant.set("now")
        assert await call == ("then", "en")


async def test_a_value_that_cannot_be_pickled_fails_its_call_alone():
    """As an argument would."""
    async with Scheduler(settings()) as scheduler:
        tenant.set(lambda: None)
        with pytest.raises((AttributeError, TypeError, Exception), match="pickle"):
            await scheduler.run(talkative.tenant_and_locale)
        tenant.set("fine")
        assert await scheduler.run(talkative.tenant_and_locale) == ("fine", "en")


async def test_carriers_are_entered_in_order_and_left_in_reverse():
    """Each with what its own `capture` returned for this call."""
    async with Scheduler(workers=1, context=(Noting("a"), Noting("b"))) as scheduler:
        tenant.set("x")
        await scheduler.run(workload.echo, 1)
        seen = await scheduler.run(talkative.take_entered)
        assert seen == ["a in with x", "b in with x", "b out", "a out", "a in with x", "b in with x"]


async def test_the_users_function_is_seen_everywhere():
    """Events and counts of deaths name it, for calls alone and in packets, and not what is around it."""
    events: list[Event] = []
    with_deaths = settings(most_deaths=1)
    async with Scheduler(with_deaths, on_event=events.append) as scheduler:
        await scheduler.run(workload.echo, 1)
        async for _ in scheduler.stream(workload.echo, range(4), chunk=4):
            pass
        with pytest.raises(WorkerDied):
            await scheduler.run(workload.die, "_exit")
        with pytest.raises(FunctionKillsWorkers, match=r"^workload\.die is not called any more"):
            await scheduler.run(workload.die, "_exit")
        assert await scheduler.run(workload.echo, 2) == 2
        await asyncio.sleep(0)
    functions = [event.function for event in events if isinstance(event, CallStarted | CallEnded)]
    assert set(functions) == {workload.echo, workload.die}


async def test_nothing_is_around_a_function_without_the_setting():
    """The worker gets the function as it is."""
    async with Scheduler(workers=1) as scheduler:
        assert scheduler.in_context(workload.echo) is workload.echo


SCRIPT = """
import asyncio
from contextvars import ContextVar
from asyncgen import Scheduler

name = ContextVar("name")

def told():
    return name.get("nothing")

async def main():
    async with Scheduler(workers=1, context=("__main__:name",)) as scheduler:
        name.set("something")
        print(await scheduler.run(told))

if __name__ == "__main__":
    asyncio.run(main())
"""


def test_a_variable_of_the_script_is_found(tmp_path: Path):
    """The worker imports the script for it, as it does for a function."""
    script = tmp_path / "script.py"
    script.write_text(SCRIPT)
    done = subprocess.run([sys.executable, script], capture_output=True, text=True, timeout=60, check=False)
    assert (done.stdout, done.stderr) == ("something\n", "")


@pytest.mark.parametrize(
    ("entry", "error"),
    [
        ("no_such_module:variable", ModuleNotFoundError),
        ("talkative:no_such_variable", AttributeError),
        ("talkative:NOT_A_VARIABLE", TypeError),
    ],
)
def test_a_variable_that_is_not_there_is_refused_at_once(entry: str, error: type[Exception]):
    """Before any process is started."""
    with pytest.raises(error):
        Scheduler(context=(entry,))
