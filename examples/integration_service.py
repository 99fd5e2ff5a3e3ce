"""A web service that integrates: send a function, get the labelled answer within your time limit.

    pip install 'asyncgen[examples]'
    python examples/integration_service.py         (or: uvicorn --app-dir examples integration_service:app)
    curl -d '{"integrand": "x*exp(x)", "timeout": 2}' http://127.0.0.1:8000/integrate
    curl http://127.0.0.1:8000/healthz             (or: /metrics, for Prometheus)

    POST ──▶ body, bounded ──▶ safe parser ──▶ queue, bounded ──▶ worker process ──▶ JSON
              413                400             503        └─ client hangs up: the process is killed

Guarantees: a request is answered or refused within its limit, but for the start of a killed worker's
    successor. What waits or hangs does not hold up /health, /healthz, /metrics and /statistics. A client that
    hangs up frees its worker. Text from outside is read as data. The end of the server ends every process.
"""

import asyncio
import contextlib
import json
import time
from collections import Counter
from collections.abc import AsyncIterator, Coroutine
from dataclasses import asdict, dataclass
from typing import Any, TypeVar

try:
    import uvicorn
    from starlette.applications import Starlette
    from starlette.requests import ClientDisconnect, Request
    from starlette.responses import JSONResponse, Response
    from starlette.routing import Route
except ImportError as error:
    raise SystemExit(f"{error.name} is not installed: pip install 'asyncgen[examples]'") from None

from asyncgen import (
    Outcome,
    ParseError,
    Scheduler,
    SchedulerError,
    label_async,
    labelling_scheduler,
    prometheus_text,
)
from asyncgen.calls.prometheus import CONTENT_TYPE
from asyncgen.problems.reading import read_function

ANSWER = ("integrand", "status", "success", "integral", "engine", "cpu_seconds", "reason", "proof")
USAGE = 'the body must be JSON such as {"integrand": "x*exp(x)", "timeout": 2}'
LEAST_SECONDS = 0.01  # of a limit: less is a slip
MOST_DROPPED = 1 << 21  # bytes of a body that is too long, read so that its sender sees the answer
LINGER_SECONDS = 2.0

T = TypeVar("T")


@dataclass(frozen=True, kw_only=True)
class ServiceSettings:
    """How the service runs. Seconds and bytes.

    workers: processes; None for one a core. queue: requests that may wait for one of them.
    timeout: limit of a request that names none. most_seconds: the longest limit that is granted.
    most_bytes: of a request's body. body_seconds: how long a body may take to arrive.
    health_seconds: how long the processes may take to answer.
    """

    workers: int | None = None
    queue: int = 256
    timeout: float = 5.0
    most_seconds: float = 30.0
    most_bytes: int = 1 << 12
    body_seconds: float = 10.0
    health_seconds: float = 5.0


class Refusal(Exception):
    """The request is not served: HTTP status and one line for whoever sent it."""

    def __init__(self, status: int, message: str, **more: Any) -> None:
        super().__init__(message)
        self.status = status
        self.more = more


class Busy(Refusal):
    """Too many requests wait, or this one has waited too long."""

    def __init__(self, message: str) -> None:
        super().__init__(503, f"{message}: try again later")


class Service:
    """The endpoints, and the processes and the queue behind them."""

    def __init__(self, settings: ServiceSettings) -> None:
        self._settings = settings
        self._scheduler: Scheduler = labelling_scheduler(settings.workers)
        self._free = asyncio.Semaphore(self._scheduler.settings.workers)
        self._waiting = 0
        self._replies: Counter[int] = Counter()  # by HTTP status

    @contextlib.asynccontextmanager
    async def lifespan(self, _: Starlette) -> AsyncIterator[None]:
        """Have the processes as long as the server runs; it does not start where there can be none."""
        async with self._scheduler:
            await label_async("x", scheduler=self._scheduler)
            yield

    async def health(self, _: Request) -> Response:
        """The event loop turns."""
        return JSONResponse({"status": "ok"})

    async def healthz(self, _: Request) -> Response:
        """The processes answer, so that functions can be integrated: for whoever restarts the service."""
        try:
            health = await self._scheduler.check(timeout=self._settings.health_seconds)
        except SchedulerError as error:
            return JSONResponse({"status": "failing", "error": str(error)}, 503)
        return JSONResponse({"status": "ok", **asdict(health)})

    async def metrics(self, _: Request) -> Response:
        """The statistics of the scheduler, for Prometheus."""
        return Response(prometheus_text(self._scheduler.statistics), media_type=CONTENT_TYPE)

    async def statistics(self, _: Request) -> Response:
        """What waits, what is worked on, and what was done."""
        names = ("workers", "busy", "calls", "failures", "recycled")
        scheduler = {name: getattr(self._scheduler.statistics, name) for name in names}
        return JSONResponse({"waiting": self._waiting, "replies": self._replies, "scheduler": scheduler})

    async def integrate(self, request: Request) -> Response:
        """Answer one request, whatever it is."""
        try:
            reply: Response = JSONResponse(await self._answer(request))
        except ClientDisconnect:
            reply = Response(status_code=499)  # nobody reads it: for the statistics
        except ParseError as error:
            reply = refused(Refusal(400, str(error), column=error.column))
        except SchedulerError as error:
            reply = refused(Busy(str(error).partition("\n")[0]))
        except Refusal as refusal:
            reply = refused(refusal)
        self._replies[reply.status_code] += 1
        return reply

    async def _answer(self, request: Request) -> dict[str, Any]:
        integrand, limit = self._question(await self._body(request))
        read_function(integrand)  # what is no function need not wait to be told so
        outcome = await unless_gone(request, self._label(integrand, limit))
        return {name: getattr(outcome, name) for name in ANSWER}

    async def _label(self, integrand: str, limit: float) -> Outcome:
        """Wait for a process for at most half of the limit; the work has what is left of it."""
        deadline = time.monotonic() + limit
        async with self._turn(limit / 2):
            left = max(limit / 2, deadline - time.monotonic())
            return await label_async(integrand, timeout=limit, wall_timeout=left, scheduler=self._scheduler)

    @contextlib.asynccontextmanager
    async def _turn(self, patience: float) -> AsyncIterator[None]:
        if self._waiting >= self._settings.queue and self._free.locked():
            raise Busy(f"{self._waiting} requests are waiting")
        self._waiting += 1
        try:
            async with asyncio.timeout(patience):
                await self._free.acquire()
        except TimeoutError:
            raise Busy(f"no process came free within {patience:.3g} s, half of the limit") from None
        finally:
            self._waiting -= 1
        try:
            yield
        finally:
            self._free.release()

    async def _body(self, request: Request) -> bytes:
        """The body, of which no more is kept than is allowed."""
        most, body = self._settings.most_bytes, b""
        if int(request.headers.get("content-length", 0)) > MOST_DROPPED:
            raise too_long(most)
        pieces = request.stream()
        try:
            async with asyncio.timeout(self._settings.body_seconds):
                async for piece in pieces:
                    body += piece
                    if len(body) > most:
                        await drop(pieces, MOST_DROPPED)
                        raise too_long(most)
        except TimeoutError:
            raise Refusal(408, "the body did not arrive in time") from None
        return body

    def _question(self, body: bytes) -> tuple[str, float]:
        """The function and the time limit that a body asks for."""
        try:
            asked = json.loads(body.decode())
        except (ValueError, RecursionError):  # bytes, no JSON, a number of thousands of digits, deep nesting
            raise Refusal(400, USAGE) from None
        if not isinstance(asked, dict) or not asked.keys() <= {"integrand", "timeout"}:
            raise Refusal(400, USAGE)
        integrand, timeout = asked.get("integrand"), asked.get("timeout", self._settings.timeout)
        if not isinstance(integrand, str):
            raise Refusal(400, f"integrand must be a text: {USAGE}")
        if isinstance(timeout, bool) or not isinstance(timeout, int | float) or not timeout >= LEAST_SECONDS:
            raise Refusal(400, f"timeout must be a number of seconds, at least {LEAST_SECONDS}: {USAGE}")
        return integrand, min(timeout, self._settings.most_seconds)


def too_long(most: int) -> Refusal:
    """For a body of more than so many bytes."""
    return Refusal(413, f"the body may have {most} bytes")


async def drop(pieces: AsyncIterator[bytes], most: int) -> None:
    """Read what follows, for a while and up to a limit: who still sends would not see an answer."""
    with contextlib.suppress(TimeoutError):
        async with asyncio.timeout(LINGER_SECONDS):
            async for piece in pieces:
                most -= len(piece)
                if most < 0:
                    return


def refused(refusal: Refusal) -> Response:
    """Say why; a body that was not read to its end goes with its connection."""
    headers = {"Retry-After": "1"} if refusal.status == 503 else {}
    if refusal.status in (408, 413):
        headers["Connection"] = "close"
    return JSONResponse({"error": str(refusal), **refusal.more}, refusal.status, headers)


async def unless_gone(request: Request, work: Coroutine[Any, Any, T]) -> T:
    """What the work returns. If the client hangs up first, cancel it, wait for its end, and say so."""
    working = asyncio.ensure_future(work)
    tasks = working, asyncio.ensure_future(hung_up(request))
    try:
        await asyncio.wait(tasks, return_when=asyncio.FIRST_COMPLETED)
        if not working.done():
            raise ClientDisconnect
        return working.result()
    finally:
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)


async def hung_up(request: Request) -> None:
    """Return when the client has closed the connection; its body has been read."""
    while (await request.receive())["type"] != "http.disconnect":
        pass


def make_app(settings: ServiceSettings | None = None) -> Starlette:
    """The application, for any ASGI server."""
    service = Service(settings or ServiceSettings())
    routes = [
        Route("/integrate", service.integrate, methods=["POST"]),
        Route("/health", service.health),
        Route("/healthz", service.healthz),
        Route("/metrics", service.metrics),
        Route("/statistics", service.statistics),
    ]
    return Starlette(routes=routes, lifespan=service.lifespan)


if __name__ == "__main__":
    uvicorn.run(make_app(), timeout_graceful_shutdown=30)
else:
    app = make_app()
