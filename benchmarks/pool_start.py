"""How long from nothing to the first result, where every worker has SymPy?

From the opening of the pool to the first answer of a call that uses SymPy, with two workers; and until each
of the two has answered. SymPy is preloaded in the way that each pool offers; anyio offers none, so that its
workers import it in their first call. The calling process never imports it.

    python benchmarks/pool_start.py [--rounds 5] [--quick]
"""

import asyncio
import time

from peers import POOLS, Wanted
from rounds import Contender, Figures, contend, parser, show
from tasks import differentiate

WORKERS = 2


async def measure(pool: str) -> Figures:
    """Seconds of one contender."""
    started = time.perf_counter()
    async with POOLS[pool](Wanted(workers=WORKERS, preload="sympy")) as call:
        await call(differentiate)
        first = time.perf_counter() - started
        answered: set[int] = set()
        while len(answered) < WORKERS:
            answered |= set(await asyncio.gather(*(call(differentiate, 0.01) for _ in range(WORKERS))))
        return {"first result s": first, "every worker s": time.perf_counter() - started}


def main() -> None:
    options = parser(__doc__, rounds=5).parse_args()
    contenders = [Contender(pool) for pool in POOLS]
    show(
        contend("pool_start", contenders, 1 if options.quick else options.rounds),
        "first result s",
        "ours, uvloop",
    )


if __name__ == "__main__":
    main()
