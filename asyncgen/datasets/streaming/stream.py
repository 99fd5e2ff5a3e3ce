"""An endless data set whose rows are made while somebody trains on them.

    program ◀──rows, one by one── RowStream ◀── background thread: loop, scheduler ◀── worker processes

Guarantees: rows come in the order of their indices, and each depends on the specification, its index, the
    law there and the limits alone. Iterating goes on behind the last row that was given, in whatever process
    and with however many workers the state is loaded. Several readers share the indices without overlap.
"""

from collections.abc import AsyncGenerator, Collection, Generator, Sequence
from dataclasses import fields, replace
from functools import cache
from typing import Any, Self, Unpack

from asyncgen.datasets.columns import Row
from asyncgen.datasets.streaming import positions
from asyncgen.datasets.streaming.background import Background
from asyncgen.datasets.streaming.curriculum import ByIndex, Curriculum, Operators, law_of, written
from asyncgen.datasets.streaming.making import Made, Maker
from asyncgen.datasets.streaming.positions import Positions
from asyncgen.datasets.streaming.settings import Changes, StreamSettings
from asyncgen.datasets.streaming.sharing import processes, shard, torch_dataset
from asyncgen.datasets.streaming.states import FORMAT, check_form
from asyncgen.jobs.labelling import limits_of
from asyncgen.problems.distributions import check_spec
from asyncgen.problems.errors import UsageError
from asyncgen.problems.kinds import WITHOUT_TREES
from asyncgen.problems.spec import Spec
from asyncgen.problems.typed import shown_value, unknown, whole_in

_OPTIONS = ("operators", "settings", *(field.name for field in fields(StreamSettings)))


def stream(
    spec: Spec,
    *,
    operators: ByIndex | None = None,
    settings: StreamSettings | None = None,
    **changes: Unpack[Changes],
) -> "RowStream":
    """Rows of a specification without end, made in the background as they are asked for.

    operators: a curriculum: the law of the number of operators at each index, as (low, high) or as
        OperatorCounts; by default that of the specification.
    settings, changes: a StreamSettings object, single settings by name, or both.

    Where PyTorch has been imported, the result is also one of its IterableDatasets. Raises UsageError for
    what cannot be drawn, and TypeError for what is no specification, and for options that there are not.
    """
    _check_arguments(spec, operators, settings, changes)
    return _class()(spec, operators, replace(settings or StreamSettings(), **changes))


def merged_states(states: Sequence[dict[str, Any]]) -> dict[str, Any]:
    """The state of what several readers of one stream have read together, to be loaded by any number.

    Raises ValueError for states of different streams, or under different changes of the curriculum.
    """
    if not states:
        raise ValueError("there is no state to merge")
    first, *others = states
    check_form(first)
    for other in others:
        _check_same(first, other)
        if other["operators"] != first["operators"]:
            raise ValueError(
                "the readers changed their operators at different indices: give every reader the same "
                "`at`, an index that none of them has drawn"
            )
    read = positions.merged([state["positions"] for state in states])
    law = max((state["law"] for state in states if state["law"]), key=lambda law: law[0], default=None)
    return {**first, "positions": read, "law": law}


class RowStream:
    """Rows as dicts by column, one iteration at a time, with `for` or with `async for`."""

    def __init__(self, spec: Spec, operators: ByIndex | None, settings: StreamSettings) -> None:
        check_spec(spec)
        if operators is not None:
            _check_laws(spec)
        self._spec = spec
        self._settings = replace(settings, limits=limits_of(settings.limits, spec))
        self._curriculum = Curriculum(operators)
        self._positions = Positions(settings.start)
        self._maker: Maker | None = None  # of the iteration under way
        self._background: Background[Made] | None = None

    # -- rows ----------------------------------------------------------------------------------------

    def __iter__(self) -> Generator[Row, None, None]:
        """Each row from behind the last one that was given. An iteration ends the one before it."""
        self.close()
        background = Background(self._begin, self._settings.ahead)
        self._background = background
        try:
            for made in background:
                self._positions.read(made.index)
                if made.row is not None:
                    yield made.row
        finally:
            background.close()
            if self._background is background:
                self._background = self._maker = None

    async def __aiter__(self) -> AsyncGenerator[Row, None]:
        """The same inside an event loop: on that loop, without a thread."""
        self.close()
        rows = self._begin()
        maker = self._maker
        try:
            async for made in rows:
                self._positions.read(made.index)
                if made.row is not None:
                    yield made.row
        finally:
            await rows.aclose()
            if self._maker is maker:
                self._maker = None

    def close(self) -> None:
        """End what makes rows in the background. The next iteration begins it again."""
        if self._background is not None:
            self._background.close()
            self._background = self._maker = None

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def _begin(self) -> AsyncGenerator[Made, None]:
        self._positions.share(shard(self._settings))
        self._maker = Maker(self._spec, self._settings, self._curriculum, self._positions.next)
        indices = self._positions.indices(self._settings.stop)
        return self._maker.rows(indices, processes(self._settings))

    # -- the curriculum ------------------------------------------------------------------------------

    def change_operators(self, operators: Operators, at: int | None = None) -> int:
        """Let the number of operators follow another law, from an index on; that index.

        `at`: one that was not drawn yet; by default the first such. Rows made ahead come before it. Changes
        that were to hold from a later index on are forgotten. Copies of the stream in workers of a
        DataLoader hear nothing of it: give them a function of the index. Raises UsageError.
        """
        _check_laws(self._spec)
        law_of(operators)
        if self._background is None:
            return self._change(operators, at)

        async def change() -> int:
            return self._change(operators, at)

        return self._background.run(change()).result()

    def _change(self, operators: Operators, at: int | None) -> int:
        undrawn = self._positions.next if self._maker is None else self._maker.undrawn
        index = undrawn if at is None else whole_in("at", at)
        if index < undrawn:
            raise UsageError(f"at {index}: the rows before {undrawn} are drawn already")
        self._curriculum.change(index, operators)
        return index

    # -- its state -----------------------------------------------------------------------------------

    def state_dict(self) -> dict[str, Any]:
        """Where it stands, as JSON values: behind the last row that was given, whatever was made ahead."""
        return {
            "format": FORMAT,
            "spec": self._spec.digest().hex(),
            "settings": self._settings.deciding(),
            "positions": self._positions.written(),
            "operators": self._curriculum.changes,
            "law": self._law_here(),
        }

    def _law_here(self) -> list[Any] | None:
        """The index that comes next and its law, by which another curriculum is told from this one."""
        here = self._positions.next
        try:
            return [here, written(self._curriculum.law(here))]
        except Exception:  # of the caller's function, which the next row will show
            return None

    def load_state_dict(self, state: dict[str, Any]) -> None:
        """Go on from there. Raises ValueError for the state of a stream with other rows than this one's."""
        _check_same(self.state_dict(), state)
        curriculum = Curriculum(self._curriculum.by_index)
        curriculum.changes = state["operators"]
        if state["law"] is not None:
            index, law = state["law"]
            if written(curriculum.law(index)) != law:
                raise ValueError(f"the curriculum of this stream gives other operators at index {index}")
        found = positions.read(state["positions"])
        self.close()
        self._positions, self._curriculum = found, curriculum

    def __reduce__(self) -> tuple[Any, ...]:
        values = (self._spec, self._curriculum.by_index, self._settings, self.state_dict())
        return _restored, values


def _check_arguments(spec: Any, operators: Any, settings: Any, changes: Collection[str]) -> None:
    """Raise TypeError, which says what to write, for what a type checker would complain about."""
    if not isinstance(spec, Spec):
        kind = repr(spec) if isinstance(spec, str) else '"backward"'
        raise TypeError(f"spec must be a Spec, not {shown_value(spec)}: write asyncgen.spec_for({kind})")
    if operators is not None and not callable(operators):
        raise TypeError(f"operators must be a function of the index, not {shown_value(operators)}")
    if settings is not None and not isinstance(settings, StreamSettings):
        raise TypeError(f"settings must be a StreamSettings, not {shown_value(settings)}")
    for name in changes:
        if name not in _OPTIONS:
            raise TypeError(f"stream() has no option {unknown(name, _OPTIONS)}")


def _check_laws(spec: Spec) -> None:
    if all(share.kind in WITHOUT_TREES for share in spec.shares):
        raise UsageError(f"operators: problems of kind {spec.kind} have no number of operators")


def _check_same(mine: dict[str, Any], other: dict[str, Any]) -> None:
    """Raise ValueError unless both are states of streams with the same rows."""
    check_form(other)
    if other["spec"] != mine["spec"]:
        raise ValueError("this is the state of a stream of another specification")
    here, there = mine["settings"], other["settings"]
    changed = [
        f"{name} was {there.get(name)} and is {here[name]}" for name in here if here[name] != there.get(name)
    ]
    if changed:
        raise ValueError(f"the state is of a stream under other settings: {'; '.join(changed)}")


def _restored(
    spec: Spec, operators: ByIndex | None, settings: StreamSettings, state: dict[str, Any]
) -> RowStream:
    found = _class()(spec, operators, settings)
    found.load_state_dict(state)
    return found


def _class() -> type[RowStream]:
    base = torch_dataset()
    return RowStream if base is None else _with(base)


@cache
def _with(base: type) -> type[RowStream]:
    """The same as a data set of PyTorch, whose DataLoader asks for nothing but the class."""
    return type(RowStream.__name__, (RowStream, base), {"__module__": __name__, "__doc__": RowStream.__doc__})
