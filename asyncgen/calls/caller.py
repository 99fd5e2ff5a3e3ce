"""One user of a scheduler: what it calls, with options of its own, and its share of the workers."""

import asyncio
import weakref
from collections.abc import AsyncIterable, Awaitable, Callable, Coroutine, Iterable, Sequence
from dataclasses import dataclass, field
from typing import Any, TypeVar, TypeVarTuple, Unpack

from asyncgen.calls.call import Call, Surroundings, never_began
from asyncgen.calls.chunks import Chunks
from asyncgen.calls.clocks import Limits
from asyncgen.calls.context import Context, name_of
from asyncgen.calls.errors import CallTimeout, FunctionKillsWorkers, WorkerDied
from asyncgen.calls.executor import SchedulerExecutor
from asyncgen.calls.foreign import add_note
from asyncgen.calls.options import CallOptions, Options, check_count
from asyncgen.calls.packet import Packet
from asyncgen.calls.running import RunningCall, Steps
from asyncgen.calls.settings import Settings
from asyncgen.calls.stream import CallResult, Deliver, Leave, Made, OrderedRunners, Runners, Stream
from asyncgen.calls.turns import Line, Patience

_MOST_STARTS = 3  # processes that may die before reading one and the same call
_FIRST_PAUSE = 0.05  # seconds before a call is made again, doubled with each try
_LONGEST_PAUSE = 5.0

Item = TypeVar("Item")
Value = TypeVar("Value")
Arguments = TypeVarTuple("Arguments")
Attempt = Callable[[Call[Any], Surroundings], Awaitable[CallResult[Any, Any]]]


@dataclass(eq=False)
class Core:
    """What all users of a scheduler share.

    `attempt` makes a call: see call.attempt. `check_usable` raises where the scheduler is closed or broken,
    `check_loop` on another event loop than its own, and `check` in both cases.
    """

    settings: Settings
    shared: Surroundings
    attempt: Attempt
    check: Callable[[], None]
    check_loop: Callable[[], None]
    check_usable: Callable[[], None]
    context: Context | None = None  # that travels with each call
    streams: set[Runners[Any, Any]] = field(default_factory=set)  # at work; nobody else may hold them
    started: "set[asyncio.Task[Any]]" = field(default_factory=set)  # calls that somebody may await later
    executors: "weakref.WeakSet[SchedulerExecutor]" = field(default_factory=weakref.WeakSet)
    is_shared: bool = False  # among several users
    deaths: dict[Any, int] = field(default_factory=dict)  # in a row, by function

    @property
    def inline(self) -> bool:
        """Whether calls are made in this process: see inline.Inline."""
        return not self.settings.workers

    @property
    def at_once(self) -> int:
        """How many calls are made at the same time."""
        return self.settings.workers or 1

    def chunks(self, fixed: int | None) -> Chunks:
        """How many items travel together: one where none travels. Raises ValueError for less."""
        chunks = Chunks(fixed)
        return Chunks(1) if self.inline else chunks


class Caller:
    """Makes calls. A Scheduler is one, and so is each of its clients."""

    def __init__(self, core: Core, line: Line, options: Options) -> None:
        self._core = core
        self._attempt = core.attempt
        self._line = line
        self._options = self._last = options
        self._terms = options.limits(core.settings), options.patience
        self._wrap = core.context.wrapped if core.context is not None else None

    async def run(
        self, function: Callable[[*Arguments], Value], /, *args: *Arguments, **options: Unpack[CallOptions]
    ) -> Value:
        """Call `function(*args)` in a worker process, as soon as one is free.

        The options, such as `timeout=` in seconds, are those of options.CallOptions. Raises CallTimeout,
        WorkerDied, MemoryLimitExceeded, Saturated, or what the function raised, with the remote traceback as
        its cause.
        """
        wrapped: Callable[..., Value] = function if self._wrap is None else self._wrap(function)
        result = await self.call(None, wrapped, args, self._options.changed(**options))
        try:
            return result.unwrap()
        finally:
            del result  # see unwrap: the exception would reach itself, and keep the arguments alive

    def start(
        self, function: Callable[[*Arguments], Value], /, *args: *Arguments, **options: Unpack[CallOptions]
    ) -> RunningCall[Value]:
        """Begin what `run` does: returns at once what can be awaited, cancelled, and asked how far it is.

        The call goes on to its end where nobody holds what was returned.
        """
        self._core.check()
        chosen = self._options.changed(**options)
        limits, patience = self._terms_of(chosen)
        wrapped, steps = self.in_context(function), Steps()
        call = Call(None, wrapped, args, limits, self._line, patience, on_progress=steps.add)
        running = RunningCall(self._tried(call, chosen), steps)
        running.keep_in(self._core.started)
        return running

    def stream(
        self,
        function: Callable[[Item], Value],
        source: Iterable[Item] | AsyncIterable[Item],
        *,
        inflight: int | None = None,
        ordered: bool = False,
        chunk: int | None = None,
        **options: Unpack[CallOptions],
    ) -> Stream[Item, Value]:
        """Call `function(item)` for each item of the source, yielding a CallResult each as completed.

        With `ordered` they come in the order of the source, however early a later call is done.

        Items whose calls are short go to a process several at a time, `chunk` of them or, without, so many
        that they take about 20 ms. Each has its own time limit, error, result and seconds all the same.

        At most `inflight` items (default: four packets for each worker) are drawn and not yet consumed. A
        stream that nobody holds any more, as after a `break`, stops drawing and kills its calls; inside
        `async with scheduler.stream(...)` that is done, and waited for, where the block is left.
        """
        if inflight is not None:
            check_count("inflight", inflight)
        self._core.check_loop()
        function = self.in_context(function)
        kind = OrderedRunners if ordered else Runners
        maker = _Maker(self, function, self._options.changed(**options))
        return self._started(kind(maker, source, self._core.chunks(chunk), self._core.at_once, inflight))

    def _started(self, runners: Runners[Item, Value]) -> Stream[Item, Value]:
        runners.start(self._core.streams.discard, int(self._core.is_shared))
        self._core.streams.add(runners)
        return Stream(runners)

    def stream_with(
        self, function: Callable[[Any], Any], items: Sequence[Any], chunk: int | None, options: Options
    ) -> Stream[Any, Any]:
        """See executor.Maker."""
        maker, chunks = _Maker(self, function, options), self._core.chunks(chunk)
        return self._started(OrderedRunners(maker, items, chunks, self._core.at_once, len(items) or 1))

    def check_usable(self) -> None:
        """Raise SchedulerError where no call can be made any more; from any thread."""
        self._core.check_usable()

    def executor(self, **options: Unpack[CallOptions]) -> SchedulerExecutor:
        """Offer this as a `concurrent.futures.Executor`, to other threads too; the options are its calls'."""
        self._core.check()
        chosen = self._options.changed(**options)
        executor = SchedulerExecutor(self, asyncio.get_running_loop(), self._core.at_once, chosen)
        self._core.executors.add(executor)
        return executor

    # -- for streams and executors -------------------------------------------------------------------

    @property
    def inline(self) -> bool:
        """See executor.Maker."""
        return self._core.inline

    def in_context(self, function: Callable[..., Value]) -> Callable[..., Value]:
        """The function as it is to be called for whoever asks now; from any thread."""
        return function if self._wrap is None else self._wrap(function)

    def call(
        self,
        item: Item,
        function: Callable[..., Value],
        args: tuple[Any, ...],
        options: Options | None = None,
        on_start: Callable[[], object] | None = None,
    ) -> Coroutine[Any, Any, CallResult[Item, Value]]:
        """Make one call whose failure is a value. Cancelling kills, waits for the death, and raises.

        `on_start` is called when a process is given the call.
        """
        options = options or self._options
        limits, patience = self._terms_of(options)
        return self._tried(Call(item, function, args, limits, self._line, patience, on_start), options)

    async def _tried(self, call: Call[Item], options: Options) -> CallResult[Item, Any]:
        result = await self._made(call)
        if options.retries and options.retries_on(result.error):
            result = await self._again(call, options, result)
        return result

    async def packet(
        self,
        function: Callable[[Any], Any],
        items: Sequence[Any],
        options: Options,
        deliver: Deliver,
        leave: Leave,
    ) -> Made:
        """Make one call for each item in one process, each with a failure that is a value.

        `deliver` is called with the place and the result of each; items behind one that costs the process
        are left over, and those behind one that takes long are left at once. Cancelling kills, waits for the
        death, and raises.
        """
        self._check_deaths(function)
        limits, patience = self._terms_of(options)
        packet = Packet(function, items, limits, deliver, leave)
        left_over = await packet.make(self._core.shared, self._line, patience)
        self._note_death(function, packet.death)
        return Made(left_over, packet.seconds)

    def _terms_of(self, options: Options) -> tuple[Limits, Patience]:
        """The limits and the patience of calls with these options; those used last are at hand."""
        if options is not self._last:
            self._last, self._terms = options, (options.limits(self._core.settings), options.patience)
        return self._terms

    async def _made(self, call: Call[Item]) -> CallResult[Item, Any]:
        self._check_deaths(call.function)
        try:
            for _ in range(_MOST_STARTS):
                result = await self._attempt(call, self._core.shared)
                if not never_began(result.error):
                    break
        except asyncio.CancelledError:
            self._core.shared.counters.count_cancelled()
            raise
        self._core.shared.counters.count(result.error, result.wall_seconds)
        self._note_death(call.function, result.error)
        return result

    async def again(
        self, function: Callable[[Any], Any], result: CallResult[Any, Any], options: Options
    ) -> CallResult[Any, Any]:
        """Make the call of an item again that has had this result in a packet."""
        limits, patience = self._terms_of(options)
        call = Call(result.item, function, (result.item,), limits, self._line, patience)
        return await self._again(call, options, result)

    async def _again(
        self, call: Call[Item], options: Options, result: CallResult[Item, Any]
    ) -> CallResult[Item, Any]:
        """Make a call that has failed again, until it does not, or no try is left."""
        failed = [result.error]
        for number in range(options.retries):
            await asyncio.sleep(min(_FIRST_PAUSE * 2**number, _LONGEST_PAUSE))
            result = await self._made(call)
            if not options.retries_on(result.error):
                return result
            failed.append(result.error)
        error = result.error
        assert error is not None
        add_note(error, f"the last of {len(failed)} tries; before: {', '.join(map(str, failed[:-1]))}")
        if isinstance(error, WorkerDied | CallTimeout):
            error.attempts = tuple(earlier for earlier in failed if earlier is not None)
        return result

    def _check_deaths(self, function: Callable[..., Any]) -> None:
        most = self._core.settings.most_deaths
        if most is not None and self._core.deaths.get(name_of(function), 0) >= most:
            raise FunctionKillsWorkers(
                f"{name_of(function)} is not called any more: {most} calls in a row have ended their worker"
            )

    def _note_death(self, function: Callable[..., Any], error: Exception | None) -> None:
        if self._core.settings.most_deaths is None:
            return
        if isinstance(error, WorkerDied):
            self._core.deaths[name_of(function)] = self._core.deaths.get(name_of(function), 0) + 1
        else:
            self._core.deaths.pop(name_of(function), None)


class _Maker:
    """Makes the calls of a stream: one alone as a call, several as a packet."""

    def __init__(self, caller: Caller, function: Callable[[Any], Any], options: Options) -> None:
        self._caller = caller
        self._function = function
        self._options = options

    async def make(self, items: Sequence[Any], deliver: Deliver, leave: Leave) -> Made:
        """See stream.Maker."""
        if len(items) > 1:
            made = await self._packet(items, deliver, leave)
            if len(made.left_over) < len(items):
                return made
        # Where the process died before it had read the packet, a call says when that happens too often.
        result = await self._caller.call(items[0], self._function, (items[0],), self._options)
        deliver(0, result)
        return Made(range(1, len(items)), result.wall_seconds)

    async def _packet(self, items: Sequence[Any], deliver: Deliver, leave: Leave) -> Made:
        if not self._options.retries:
            return await self._caller.packet(self._function, items, self._options, deliver, leave)
        again: list[tuple[int, CallResult[Any, Any]]] = []

        def sift(place: int, result: CallResult[Any, Any]) -> None:
            if self._options.retries_on(result.error):
                again.append((place, result))
            else:
                deliver(place, result)

        made = await self._caller.packet(self._function, items, self._options, sift, leave)
        for place, result in again:
            deliver(place, await self._caller.again(self._function, result, self._options))
        return made
