"""aiohttp: a handler whose blocking work has a time limit, and is killed where its client hangs up.

pip install asyncgen aiohttp
"""

import asyncio
import re
from collections.abc import AsyncIterator

from aiohttp import ClientSession, ClientTimeout, web

from asyncgen import Saturated, Scheduler

SCHEDULER = web.AppKey("scheduler", Scheduler)


async def processes(app: web.Application) -> AsyncIterator[None]:
    """Have the worker processes as long as the server runs."""
    async with Scheduler(workers=2) as app[SCHEDULER]:
        yield


async def find(request: web.Request) -> web.Response:
    """All that a regular expression of the client's finds; such a pattern may take years."""
    pattern, text = request.query["pattern"], request.query["text"]
    limit = float(request.query.get("limit", "0.5"))
    try:
        found = await request.app[SCHEDULER].run(re.findall, pattern, text, timeout=limit, queue_timeout=2.0)
    except TimeoutError as error:
        raise web.HTTPGatewayTimeout(text=str(error)) from None
    except Saturated as error:
        raise web.HTTPServiceUnavailable(text=str(error)) from None
    return web.json_response(found)


async def health(request: web.Request) -> web.Response:
    """Whether the processes answer, and how many of them are at work."""
    found = await request.app[SCHEDULER].check(timeout=5.0)
    return web.Response(text=f"{found.busy} busy")


def make_app() -> web.Application:
    app = web.Application()
    app.cleanup_ctx.append(processes)
    app.add_routes([web.get("/find", find), web.get("/healthz", health)])
    return app


async def main() -> None:
    # handler_cancellation: a handler is cancelled when its client hangs up; so is the call that it awaits.
    runner = web.AppRunner(make_app(), handler_cancellation=True)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    host, port = runner.addresses[0][:2]
    try:
        async with ClientSession(f"http://{host}:{port}") as client:
            await ask(client)
    finally:
        await runner.cleanup()


async def ask(client: ClientSession) -> None:
    """A quick question, one without end, and one whose client does not wait."""
    slow = {"pattern": "(a+)+b", "text": "a" * 40}
    for query in ({"pattern": "a+", "text": "baaa"}, slow):
        async with client.get("/find", params=query) as answer:
            print(answer.status, await answer.text())
    try:
        await client.get("/find", params=slow | {"limit": "1000"}, timeout=ClientTimeout(0.3))
    except TimeoutError:
        print("the client hangs up")
    while (await (await client.get("/healthz")).text()) != "0 busy":
        pass
    print("and its worker is free")


if __name__ == "__main__":
    asyncio.run(main())
