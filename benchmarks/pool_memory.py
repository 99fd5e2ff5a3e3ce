"""How much memory do 64 workers hold that have SymPy?

Taken when each worker has made a call that uses SymPy, over all descendants of the calling process (template,
fork server and trackers included) and without that process itself. Proportional (PSS): a page that several
processes share counts in parts, so that the sum is what the machine has less. Private: pages of one process.

    python benchmarks/pool_memory.py [--workers 64] [--rounds 1] [--quick]
"""

import asyncio

import psutil
from accounting import MIB, memory
from peers import POOLS, Wanted
from rounds import Contender, Figures, contend, parser, show
from tasks import differentiate


async def measure(pool: str, workers: int) -> Figures:
    """Figures of one contender, in MiB."""
    async with POOLS[pool](Wanted(workers=workers, preload="sympy")) as call:
        answered: set[int] = set()
        while len(answered) < workers:
            answered |= set(await asyncio.gather(*(call(differentiate, 0.2) for _ in range(workers))))
        pids = [child.pid for child in psutil.Process().children(recursive=True)]
        held = memory(pids)
    return {
        "processes": len(pids),
        "proportional MiB": held.proportional / MIB,
        "private MiB": held.private / MIB,
        "private MiB a worker": held.private / MIB / workers,
    }


def main() -> None:
    flags = parser(__doc__, rounds=1)
    flags.add_argument("--workers", type=int, default=64)
    options = flags.parse_args()
    workers = 3 if options.quick else options.workers
    contenders = [Contender(pool) for pool in POOLS]
    results = contend("pool_memory", contenders, options.rounds, workers=workers)
    show(results, "proportional MiB", "ours, uvloop")


if __name__ == "__main__":
    main()
