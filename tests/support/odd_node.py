"""The command, with nodes that are unlike others, as ODD_NODE says.

fails:START     the shard that begins at START raises
sick            nothing can be labelled, as the trial finds too
long:BYTES      each row has so many bytes that do not compress well
version:VERSION it is of another version
grace:SECONDS   it has so long for its shards, once it is to end
"""

import os
import sqlite3
from datetime import timedelta
from typing import Any

import asyncgen
from asyncgen.cluster import node
from asyncgen.command.main import main

HOW, _, VALUE = os.environ.get("ODD_NODE", "").partition(":")
fill, fault = node.fill, node._fault


async def odd_fill(store: Any, job: Any, command: str, indices: range, source: Any) -> Any:
    if HOW == "sick" or (HOW == "fails" and indices.start == int(VALUE)):
        await source.aclose()
        raise RuntimeError("bad luck")
    progress = await fill(store, job, command, indices, source)
    if HOW == "long":
        with sqlite3.connect(store.path) as connection:
            connection.execute(f"UPDATE results SET reason = hex(randomblob({int(VALUE) // 2}))")
        connection.close()
    return progress


if HOW == "grace":
    node._GRACE = timedelta(seconds=float(VALUE))
if HOW == "version":
    asyncgen.__version__ = VALUE
trials = 0


async def odd_fault() -> str | None:
    global trials
    trials += 1
    return "a worker makes nothing" if HOW == "sick" and trials > 1 else await fault()


node.fill, node._fault = odd_fill, odd_fault

if __name__ == "__main__":
    main()
