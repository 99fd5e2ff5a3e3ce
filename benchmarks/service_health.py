"""How fast does the example service answer /health while hundreds of requests with hanging functions wait?

The service runs in uvicorn as in its tests (tests/support/served.py), with two workers. /health is asked over
one connection, first of an idle server, then while the requests hang: two in workers, which use all the CPU
that they get, the others in the queue.

    python benchmarks/service_health.py --requests 200 --asks 2000
"""

import argparse
import asyncio
import statistics
import sys
import time
from pathlib import Path

import httpx

sys.path.insert(0, str(Path(__file__).parent.parent / "tests" / "support"))

from service import BURNING, PATIENT, serving, until, waiting


async def ask(client: httpx.AsyncClient, asks: int) -> list[float]:
    """Milliseconds of each of so many questions, one after the other."""
    took = []
    for _ in range(asks):
        began = time.perf_counter()
        (await client.get("/health")).raise_for_status()
        took.append(1000 * (time.perf_counter() - began))
    return took


def show(what: str, took: list[float]) -> None:
    late = sorted(took)[99 * len(took) // 100]
    print(
        f"{what:26} median {statistics.median(took):6.2f} ms   99% {late:6.2f} ms   worst {max(took):6.2f} ms"
    )


async def main(requests: int, asks: int) -> None:
    with serving(**PATIENT, queue=requests) as server:
        async with httpx.AsyncClient(base_url=server.url) as client, server.client() as crowd:
            show("idle", await ask(client, asks))
            hanging = [asyncio.ensure_future(crowd.post("/integrate", json=BURNING)) for _ in range(requests)]
            await until(lambda: waiting(client, requests - PATIENT["workers"]))
            show(f"{requests} requests in flight", await ask(client, asks))
            assert not any(request.done() for request in hanging)
            for request in hanging:
                request.cancel()
            await asyncio.gather(*hanging, return_exceptions=True)


if __name__ == "__main__":
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--requests", type=int, default=200)
    parser.add_argument("--asks", type=int, default=2000)
    parser.add_argument("--quick", action="store_true", help="a smoke test")
    options = parser.parse_args()
    asyncio.run(main(10, 20) if options.quick else main(options.requests, options.asks))
