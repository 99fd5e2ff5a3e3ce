"""Many small calls of one function at once: sent together, answered one by one.

Each item keeps its own clock, error, result and CPU seconds. A death or a limit costs the item under way, and
the items behind it are left over, untouched: whoever made the packet gives them to another process. Where an
item takes long, those behind it are recalled from the process, and left at once.

Guarantees: each item is delivered once or left over, never both. At a limit, or when the task is cancelled,
    the process group is killed, and is dead before `make` returns or raises.
Assumes: the caller runs on the loop's own thread, and items do not change meanwhile.
"""

import asyncio
import time
from array import array
from collections.abc import Callable, Sequence
from typing import Any, Generic, TypeVar

from asyncgen.calls import frames
from asyncgen.calls.call import Fate, Surroundings, look_at, never_began
from asyncgen.calls.clocks import Limits, Over, Watch
from asyncgen.calls.context import given
from asyncgen.calls.errors import SchedulerError
from asyncgen.calls.events import CallEnded
from asyncgen.calls.frames import Buffer, Frame, Kind
from asyncgen.calls.slot import check_size, own
from asyncgen.calls.stream import CallResult, Deliver, Leave, result_of
from asyncgen.calls.turns import Line, Patience
from asyncgen.calls.waiting import finish

_MOST_BYTES = 1 << 20  # of the items of a packet, unless it has only one
_LENGTHS = 8  # bytes for the length of each item
_LEFT = Kind.LEFT
_LONG = 0.05  # seconds of an item after which those behind it need not wait for it any more

Item = TypeVar("Item")


class Packet(Generic[Item]):
    """Items for one call each.

    `deliver` is called with the place of an item and its result, and `leave` with the places of those that
    others are to make, as one before them takes long.
    """

    on_progress = None  # nobody is told of a single one: see work.Described

    def __init__(
        self,
        function: Callable[[Item], Any],
        items: Sequence[Item],
        limits: Limits,
        deliver: Deliver,
        leave: Leave,
    ) -> None:
        self.function = function
        self._items = items
        self._limits = limits
        self._deliver = deliver
        self._leave = leave
        self._places: list[int] = []  # of the items that were sent
        self._kept = 0  # how many of these were not recalled
        self._next = 0  # of these, the one under way
        self._taken = 0  # items that were sent, or failed before
        self._looks = 0
        self._lost_cpu = 0.0
        self.seconds = 0.0  # that it took, from its sending
        self.death: Exception | None = None  # how its process died, if it did
        self.left = 0
        self.number = 0
        self.sent = 0.0
        self.killed: asyncio.Future[None] | None = None

    async def make(self, shared: Surroundings, line: Line, patience: Patience) -> list[int]:
        """Wait for a slot and make the calls; the places of the items that are left over.

        Cancelling kills, waits for the death, and raises. Raises SchedulerError where the scheduler has
        ended.
        """
        self._shared = shared
        self._done: asyncio.Future[Exception | None] = asyncio.get_running_loop().create_future()
        asked = time.perf_counter()
        self._slot = await shared.turns.take(line, patience)
        self._dumps = self._slot.dumps_whole
        try:
            is_sent = self._send()
        except BaseException:
            shared.turns.give(self._slot)
            raise
        if is_sent:
            self._count_starts(time.perf_counter() - asked)
            try:
                await self._wait()
            finally:
                self.seconds = time.monotonic() - self.sent
                shared.turns.used(line, self.seconds)
        else:
            shared.turns.give(self._slot)
        return self._behind(self._next)

    def _behind(self, first: int) -> list[int]:
        """The places of all items that are left, from this one of those that were sent."""
        return [*self._places[first : self._kept], *range(self._taken, len(self._items))]

    @property
    def _blocks(self) -> bool:
        """Whether others wait behind the item under way."""
        return self._kept - self._next > 1 or self._taken < len(self._items)

    def _count_starts(self, waited: float) -> None:
        assert self._slot.pid is not None
        self._pid = self._slot.pid
        self._shared.counters.packet_started(self._pid, self.function, waited, len(self._places))

    @property
    def call(self) -> "Packet[Item]":
        """See slot.Work."""
        return self

    # -- on the way out ------------------------------------------------------------------------------

    def _send(self) -> bool:
        """Send what fits; False where nothing can be sent, as each item has failed before."""
        try:
            function = self._dumps(self._slot.keyed(self.function))
        except KeyboardInterrupt:
            raise
        except BaseException as error:
            self._taken = len(self._items)
            for place in range(self._taken):
                self._fail(place, own(error, "raised while pickling the call"))
            return False
        pieces = self._pieces(function)
        if not pieces:
            return False
        self.left = self._kept = len(pieces)
        sizes = array("Q", map(len, pieces))
        parts: list[Buffer] = [function, sizes.tobytes(), b"".join(pieces)]
        assert self._slot.process is not None
        self._slot.process.board.let_all_begin()
        self._slot.give(self, frames.encode(Kind.PACKET, parts))
        return True

    def _pieces(self, function: bytes) -> list[bytes]:
        """The first items, pickled, as many as may go to this process in one message."""
        found: list[bytes] = []
        dumps, most = self._dumps, self._slot.calls_left
        largest = self._slot.max_message - len(function) - _LENGTHS  # of a piece
        room = min(_MOST_BYTES, largest + _LENGTHS * (1 - len(self._items)))
        place = 0
        for place, item in enumerate(self._items):
            if len(found) >= most:
                break
            try:
                piece = dumps(item)
                if len(piece) > largest:
                    check_size([function, bytes(_LENGTHS), piece], self._slot.max_message)
            except KeyboardInterrupt:
                raise
            except BaseException as error:
                self._fail(place, own(error, "raised while pickling the call"))
                continue
            room -= len(piece)
            if found and room < 0:
                break
            found.append(piece)
            self._places.append(place)
        else:
            place = len(self._items)
        self._taken = place
        return found

    def _fail(self, place: int, error: Exception) -> None:
        self._deliver(place, CallResult(self._items[place], None, error, 0.0, 0.0))

    # -- under way -----------------------------------------------------------------------------------

    def answered(self, frame: Frame, value: Any, error: Exception | None) -> None:
        """See slot.Work."""
        kind, _, cpu_seconds, wall_seconds = frame
        if kind is not _LEFT:
            self._end(value, error, cpu_seconds, wall_seconds)
        if not self.left:
            self._finish(None)

    def lost(self, error: Exception, cpu_seconds: float) -> None:
        """See slot.Work."""
        self._lost_cpu = cpu_seconds
        self._finish(error)

    def buried(self, cpu_seconds: float) -> None:
        """See slot.Work."""
        self._lost_cpu = cpu_seconds

    def _finish(self, error: Exception | None) -> None:
        if not self._done.done():
            self._done.set_result(error)

    def _end(self, value: Any, error: Exception | None, cpu_seconds: float, wall_seconds: float) -> None:
        """The item under way has come to this end."""
        place = self._places[self._next]
        self._next += 1
        counters = self._shared.counters
        counters.count(error, wall_seconds)
        if counters.watched:
            how = "value" if error is None else type(error).__name__
            counters.tell(CallEnded(self._pid, given(self.function), how, wall_seconds, cpu_seconds))
        self._deliver(place, result_of((self._items[place], value, error, cpu_seconds, wall_seconds)))

    async def _wait(self) -> None:
        """Wait until nothing of it runs: all items are answered, the process has died, or it was killed."""
        try:
            over = await self._over()
            if over is None:
                self._lose(self._done.result())
                return
            fate = Fate(over, self._limits, self._slot, self)
            await self._bury()
        except asyncio.CancelledError:
            await self._bury()
            self._shared.counters.count_cancelled(self._kept - self._next)
            raise
        if self._next < self._kept:
            self._end(None, fate.error(self._lost_cpu), self._lost_cpu, fate.wall_seconds)

    async def _over(self) -> Over | None:
        """Wait until all has ended, or the item under way is over a limit, which is returned.

        One timer serves the item that is under way when it runs out.
        """
        wait, watch = self._limits.first_look, None
        while True:
            await asyncio.wait([self._done], timeout=self._not_too_long(wait))
            self._looks += 1
            self._slot.catch_up(self)
            if self._done.done():
                return None
            self._recall()
            number = self.number + self._next
            if watch is None or watch.number != number:
                watch = Watch(self._limits, number, time.monotonic())
            over, wait = await look_at(watch, self._slot, self, self._shared.crowd())
            if over is not None and watch.number == self.number + self._next:
                return over

    def _not_too_long(self, wait: float | None) -> float | None:
        """Seconds until the next look.

        It comes soon while items lie behind the one under way, and once in any case: a worker may hold the
        answers to those before it.
        """
        return min(wait or _LONG, _LONG) if self._blocks or not self._looks else wait

    def _recall(self) -> None:
        """Leave to others what lies behind an item that takes long."""
        process = self._slot.process if self._slot.makes(self) else None
        if process is None or not self._blocks:
            return
        board, under_way = process.board, self.number + self._next
        if board.begun < under_way or time.monotonic() - board.when < _LONG:
            return
        kept = min(self._kept, board.recall(under_way) - self.number + 1)
        places = self._behind(kept)
        self._kept, self._taken = kept, len(self._items)
        self._leave(places)

    def _lose(self, error: Exception | None) -> None:
        """The item under way died with the process, unless that had not even read the packet."""
        if isinstance(error, SchedulerError):
            raise error
        if error is None or self._next >= self._kept:
            return
        if self._next or not never_began(error):
            self.death = error
            self._end(None, error, self._lost_cpu, 0.0)

    async def _bury(self) -> None:
        self._slot.kill(self)
        assert self.killed is not None
        await finish(self.killed)
