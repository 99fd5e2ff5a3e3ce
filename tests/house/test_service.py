"""The example service, end to end: a real server as a process of its own, asked over HTTP."""

import asyncio
import random
import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import httpx
import psutil
import pytest
from places import ROOT
from processes import living
from prometheus_client.parser import text_string_to_metric_families
from service import HANGING, PATIENT, Server, serving, statistics, until, waiting
from sympy import simplify, sympify

from asyncgen.mathematics.engines.catalogue import ENGINES

pytestmark = pytest.mark.engine

ANSWER = ["integrand", "status", "success", "integral", "engine", "cpu_seconds", "reason", "proof"]


@pytest.fixture(scope="module")
def server() -> Iterator[Server]:
    """A server with the settings that it has by default, and one worker."""
    with serving(workers=1) as server:
        yield server


async def test_the_answer_is_a_labelled_antiderivative(server: Server):
    """SymPy, in this process, differentiates it back to the function asked for."""
    answer = (await server.integrate({"integrand": "x*exp(x)", "timeout": 20})).json()
    assert list(answer) == ANSWER
    assert (answer["status"], answer["success"], answer["reason"]) == ("elementary", True, None)
    assert simplify(sympify(answer["integral"]).diff("x") - sympify("x*exp(x)")) == 0


async def test_what_has_no_antiderivative_is_an_answer_too(server: Server):
    """With a status that says so, and a reason."""
    answer = (await server.integrate({"integrand": "exp(x**3 + x)"})).json()
    assert (answer["success"], answer["integral"]) == (False, None)
    assert answer["reason"]


async def test_the_callers_limit_ends_the_work(server: Server):
    """What hangs comes back as a timeout, and the next request finds a worker."""
    cut = await server.integrate({"integrand": "sinh(x)", "timeout": 0.2})
    assert (cut.status_code, cut.json()["status"], cut.json()["reason"]) == (200, "timeout", "wall")
    assert (await server.integrate({"integrand": "x"})).json()["success"] is True


async def test_the_servers_limit_caps_the_callers():
    """A caller who grants a thousand seconds is answered, though the work would never end."""
    with serving(workers=1, most_seconds=0.5) as server:
        assert (await server.integrate(HANGING)).json()["status"] == "timeout"


# -- hostile input ---------------------------------------------------------------------------------

HOSTILE = {
    "not JSON": b"integrate x please",
    "not UTF-8": b'{"integrand": "\xff"}',
    "no object": b"[1, 2]",
    "nothing": b"",
    "no integrand": b"{}",
    "an integrand of another type": b'{"integrand": 5}',
    "a key too many": b'{"integrand": "x", "engine": "fricas"}',
    "a limit of another type": b'{"integrand": "x", "timeout": "2"}',
    "a limit that is true": b'{"integrand": "x", "timeout": true}',
    "a limit that is no number": b'{"integrand": "x", "timeout": NaN}',
    "a negative limit": b'{"integrand": "x", "timeout": -1}',
    "hardly any limit": b'{"integrand": "x", "timeout": 1e-300}',
    "a number of many digits": b'{"integrand": ' + b"9" * 4000 + b"}",
    "a lone surrogate": b'{"integrand": "\\ud800"}',
    "deep JSON": b"[" * 4000,
    "Python": b"{\"integrand\": \"__import__('os').system('kill 0')\"}",
    "a command of FriCAS": b'{"integrand": ")system kill 0"}',
    "another variable": b'{"integrand": "y"}',
    "no function": b'{"integrand": ""}',
    "a NUL": b'{"integrand": "x\\u0000"}',
    "many parentheses": b'{"integrand": "' + b"(" * 4000 + b'"}',
    "a megabyte of parentheses": b'{"integrand": "' + b"(" * 1_000_000 + b'"}',
}


@pytest.mark.parametrize("body", HOSTILE.values(), ids=HOSTILE)
async def test_hostile_input_is_refused_in_one_line(server: Server, body: bytes):
    """With a status of 400 or 413; no worker hears of it."""
    async with server.client() as client:
        before = await statistics(client)
        reply = await client.post("/integrate", content=body)
        after = await statistics(client)
    assert reply.status_code in (400, 413)
    assert len(reply.json()["error"].splitlines()) == 1
    assert len(reply.text) < 300
    assert (before["calls"], before["recycled"]) == (after["calls"], after["recycled"])


@pytest.mark.parametrize("integrand", ["9**9**9**9", "x**x**x**x**x**999", "+".join(["sin(x)"] * 500)])
async def test_functions_that_are_too_much_are_given_up(server: Server, integrand: str):
    """They have no antiderivative in the end, and the worker goes on, or another in its place."""
    answer = (await server.integrate({"integrand": integrand, "timeout": 1})).json()
    assert answer["success"] is False or answer["integrand"].startswith("sin(x) + sin(x)")
    assert (await server.integrate({"integrand": "x"})).json()["success"] is True


@pytest.mark.parametrize(
    "head", [b"Content-Length: 1000000000000\r\n\r\n{", b"Transfer-Encoding: chunked\r\n\r\n"]
)
async def test_a_body_without_end_is_refused_before_it_has_arrived(server: Server, head: bytes):
    """By its announced length, or once it has become too long; the connection is closed."""
    reader, writer = await asyncio.open_connection(*server.url.removeprefix("http://").split(":"))
    writer.write(b"POST /integrate HTTP/1.1\r\nHost: x\r\n" + head)
    if b"chunked" in head:
        writer.write(b"10000\r\n" + b"(" * 0x10000 + b"\r\n")  # and no end of the chunks
    reply = await reader.read()
    assert reply.startswith(b"HTTP/1.1 413 ")
    assert b"the body may have 4096 bytes" in reply
    writer.close()


async def test_a_body_that_does_not_arrive_is_given_up():
    """So that slow senders do not collect."""
    with serving(workers=1, body_seconds=0.1) as server:
        reader, writer = await asyncio.open_connection(*server.url.removeprefix("http://").split(":"))
        writer.write(b"POST /integrate HTTP/1.1\r\nHost: x\r\nContent-Length: 100\r\n\r\n{")
        assert (await reader.read()).startswith(b"HTTP/1.1 408 ")
        writer.close()


async def test_the_service_says_whether_it_can_integrate():
    """Its scheduler's processes answer, until one does not."""
    with serving(workers=1, health_seconds=1.0) as server:
        async with server.client() as client:
            reply = await client.get("/healthz")
            assert (reply.status_code, reply.json()["status"], reply.json()["busy"]) == (200, "ok", 0)
            (template,) = psutil.Process(server.process.pid).children()
            template.suspend()
            reply = await client.get("/healthz")
            template.resume()
            assert (reply.status_code, reply.json()["status"]) == (503, "failing")
            assert "template process did not answer" in reply.json()["error"]


async def test_prometheus_can_read_the_metrics(server: Server):
    """By its own parser; the request that was answered before is counted."""
    await server.integrate({"integrand": "x"})
    async with server.client() as client:
        reply = await client.get("/metrics")
    assert reply.headers["content-type"] == "text/plain; version=0.0.4; charset=utf-8"
    samples = [sample for family in text_string_to_metric_families(reply.text) for sample in family.samples]
    (calls,) = (sample.value for sample in samples if sample.name == "asyncgen_calls_total")
    assert calls >= 1


# -- many requests ---------------------------------------------------------------------------------


async def test_health_is_answered_while_two_hundred_requests_hang():
    """And so are the statistics, as long as none of the requests has an answer."""
    with serving(**PATIENT) as server:
        async with server.client() as client:
            hanging = [asyncio.ensure_future(client.post("/integrate", json=HANGING)) for _ in range(200)]
            await until(lambda: waiting(client, 198))
            for _ in range(20):
                assert (await client.get("/health")).json() == {"status": "ok"}
            assert (await statistics(client))["busy"] == 2
            assert not any(request.done() for request in hanging)
            for request in hanging:
                request.cancel()
            await asyncio.gather(*hanging, return_exceptions=True)
            await until(lambda: waiting(client, 0))


async def working(client: httpx.AsyncClient, number: int) -> bool:
    return (await statistics(client))["busy"] == number


async def test_a_client_that_hangs_up_frees_its_worker():
    """The process that worked for it is dead, and the next request is answered by another."""
    with serving(**{**PATIENT, "workers": 1}) as server:
        async with server.client() as client:
            request = asyncio.ensure_future(client.post("/integrate", json=HANGING))
            await until(lambda: exists(server.note))
            request.cancel()
            await until(lambda: replied(client, "499"))
            assert living(server.hanging) == []
            assert (await client.post("/integrate", json={"integrand": "x"})).json()["success"] is True
            after = await statistics(client)
        assert after["recycled"] == {"killed": 1}
        assert after["replies"] == {"499": 1, "200": 1}


async def replied(client: httpx.AsyncClient, status: str) -> bool:
    return status in (await statistics(client))["replies"]


async def exists(path: Path) -> bool:
    return path.exists()


async def test_a_full_queue_refuses_at_once_and_says_when_to_come_back():
    """Those that were let in keep their places."""
    with serving(**{**PATIENT, "workers": 1, "queue": 3}) as server:
        async with server.client() as client:
            requests = [asyncio.ensure_future(client.post("/integrate", json=HANGING)) for _ in range(4)]
            await until(lambda: waiting(client, 3))
            refused = await client.post("/integrate", json={"integrand": "x"})
            assert (refused.status_code, refused.headers["retry-after"]) == (503, "1")
            assert "3 requests are waiting" in refused.json()["error"]
            assert not any(request.done() for request in requests)
            for request in requests:
                request.cancel()
            await asyncio.gather(*requests, return_exceptions=True)
            await until(lambda: working(client, 0))
            assert (await client.post("/integrate", json={"integrand": "x"})).json()["success"] is True


async def test_waiting_takes_half_of_a_limit_at_most():
    """A request for which no worker comes free in time is refused, and not answered too late."""
    with serving(**{**PATIENT, "workers": 1}) as server:
        async with server.client() as client:
            request = asyncio.ensure_future(client.post("/integrate", json=HANGING))
            await until(lambda: working(client, 1))
            refused = await client.post("/integrate", json={"integrand": "x", "timeout": 0.2})
            assert refused.status_code == 503
            assert "within 0.1 s" in refused.json()["error"]
            request.cancel()


@pytest.mark.chaos
async def test_clients_that_come_and_go_leave_nothing_behind():
    """Whether they hang up at work, in the queue or before: places, processes and descriptors come back."""
    chance = random.Random(1)
    with serving(**{**PATIENT, "queue": 20}) as server:
        async with server.client() as client:
            await until(lambda: complete(server))
            before = server.open_descriptors, len(server.family)
            for _ in range(8):
                requests = [asyncio.ensure_future(client.post("/integrate", json=HANGING)) for _ in range(30)]
                chance.shuffle(requests)
                for request in requests:
                    for _ in range(chance.randrange(5)):
                        await statistics(client)
                    request.cancel()
                await asyncio.gather(*requests, return_exceptions=True)
            await until(lambda: waiting(client, 0))
            await until(lambda: working(client, 0))
            assert (await client.post("/integrate", json={"integrand": "x"})).json()["success"] is True
            await until(lambda: settled(server, before))


async def complete(server: Server) -> bool:
    """Whether all that the server keeps has started: a template, workers and a spare, an engine for each."""
    workers = int(str(PATIENT["workers"])) + 1
    return len(server.family) == 1 + workers * (2 if ENGINES["fricas"].is_installed else 1)


async def settled(server: Server, before: tuple[int, int]) -> bool:
    return (server.open_descriptors, len(server.family)) == before


# -- the end ---------------------------------------------------------------------------------------


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT, signal.SIGKILL])
async def test_the_end_of_the_server_leaves_no_process(number: signal.Signals):
    """Nor does a request under way keep it from ending."""
    with serving(**PATIENT) as server:
        async with server.client() as client:
            request = asyncio.ensure_future(client.post("/integrate", json=HANGING))
            await until(lambda: exists(server.note))
            family = server.family
            assert server.hanging in [process.pid for process in family]
            server.process.send_signal(number)
            await asyncio.gather(request, return_exceptions=True)
        psutil.wait_procs(family, timeout=30)
        assert living(*(process.pid for process in family)) == []
        assert server.process.wait() in (0, -number)


# -- its benchmark ---------------------------------------------------------------------------------


@pytest.mark.smoke
def test_the_benchmark_runs():
    """It prints a line for the idle server, and one for the server with its queue full."""
    script = ROOT / "benchmarks" / "service_health.py"
    command = [sys.executable, str(script), "--quick"]
    done = subprocess.run(command, capture_output=True, text=True, timeout=100, check=False)
    assert done.returncode == 0, done.stderr
    assert [line.split()[0] for line in done.stdout.splitlines()] == ["idle", "10"]
