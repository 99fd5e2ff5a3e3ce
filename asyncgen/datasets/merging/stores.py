"""Which stores are meant: files that were named, those in folders, and whether they belong together."""

from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import closing
from pathlib import Path

from asyncgen.problems.errors import StoreError, UsageError
from asyncgen.problems.spec import Spec, differences
from asyncgen.sqlite.files import has_content, resolved
from asyncgen.sqlite.source import Source

_MAGIC = b"SQLite format 3\0"  # begins every store, and none of the files that lie beside one
_SUFFIX = ".db"  # a file that is named so and begins otherwise is damaged, and should be told of


def stores_at(places: Sequence[Path], but: Path) -> list[Path]:
    """The files that were named, and the stores in folders by name, without the one at `but`.

    Raises UsageError for a place where there is nothing, and where nothing is left.
    """
    for place in places:
        if not place.exists():
            raise UsageError(f"{place} does not exist")
    there = [path for place in places for path in _stores_in(place)]
    found = [path for path in there if resolved(path) != but]
    if there and not found:
        raise UsageError(f"{there[0]} cannot be merged into itself: name another store")
    if not found:
        raise UsageError(f"there is no store in {', '.join(map(str, places))} to be merged into {but}")
    return found


def _stores_in(place: Path) -> Iterable[Path]:
    return filter(_is_meant, sorted(place.iterdir())) if place.is_dir() else (place,)


def _is_meant(path: Path) -> bool:
    if not path.is_file():
        return False
    if path.suffix == _SUFFIX:
        return True
    try:
        with path.open("rb") as file:
            return file.read(len(_MAGIC)) == _MAGIC
    except OSError:
        return False


def common_spec(out: Path, paths: Iterable[Path], stopped: Callable[[], bool]) -> Spec:
    """The specification of `out`, if it holds something, and of all stores that can be read.

    Raises UsageError where two differ, saying in what, and where none can be read.
    """
    first: tuple[Path, Spec] | None = None
    for path, spec in _specs(out, paths):
        if first is None:
            first = path, spec
        elif spec != first[1]:
            found = differences(spec.as_dict(), first[1].as_dict())
            raise UsageError(f"{path} (there) holds other functions than {first[0]} (here): {found}")
        if stopped():
            break
    if first is None:
        raise UsageError(f"no store can be read of those to be merged into {out}")
    return first[1]


def _specs(out: Path, paths: Iterable[Path]) -> Iterator[tuple[Path, Spec]]:
    if has_content(out):
        with closing(Source(out)) as source:
            yield out, source.spec()
    for path in paths:
        try:
            with closing(Source(path)) as source:
                spec = source.spec()
        except StoreError:  # which is told when its rows are asked for
            continue
        yield path, spec
