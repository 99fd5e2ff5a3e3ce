"""FastAPI: an endpoint whose blocking work has a time limit that really ends it.

pip install asyncgen fastapi httpx
fastapi run examples/serve_with_fastapi.py     (or: uvicorn --app-dir examples serve_with_fastapi:app)
"""

import re
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from fastapi import FastAPI, HTTPException
from fastapi.testclient import TestClient

from asyncgen import Saturated, Scheduler

scheduler = Scheduler(workers=2, timeout=0.5)


@asynccontextmanager
async def lifespan(_: FastAPI) -> AsyncIterator[None]:
    """Have the worker processes as long as the server runs."""
    async with scheduler:
        yield


app = FastAPI(lifespan=lifespan)


@app.get("/find")
async def find(pattern: str, text: str) -> list[str]:
    """All that a regular expression of the client's finds; such a pattern may take years."""
    try:
        return await scheduler.run(re.findall, pattern, text, queue_timeout=2.0)
    except TimeoutError as error:
        raise HTTPException(504, str(error)) from None
    except Saturated as error:
        raise HTTPException(503, str(error), {"Retry-After": "1"}) from None
    except re.error as error:
        raise HTTPException(400, f"no regular expression: {error}") from None


if __name__ == "__main__":
    with TestClient(app) as client:
        for pattern in ("a+", "(a+)+b", "("):
            answer = client.get("/find", params={"pattern": pattern, "text": "baaa" + "a" * 40})
            print(answer.status_code, answer.text[:60])
