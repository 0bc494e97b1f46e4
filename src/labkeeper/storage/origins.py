"""The sources of a move against its destination: what goes where, and never onto itself."""

import os
from collections.abc import Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

from labkeeper.host import filesystems, statx
from labkeeper.storage.batch import Ground
from labkeeper.storage.places import Place, check_expected, check_mounted, check_writable, look_at
from labkeeper.storage.planning import Origin
from labkeeper.storage.reasons import Refusal
from labkeeper.storage.tree import Tree
from labkeeper.store.journal import Journal

_Key = tuple[int, int]  # device and inode


@dataclass(frozen=True, slots=True)
class Manner:
    """What a move may do to its two sides."""

    writes: bool
    keep_source: bool
    copies: bool  # never a rename, even where one would do


def read(
    sources: Sequence[str], destination: str, journal: Journal, manner: Manner
) -> list[Origin]:
    """Read SRC... DST as rsync does: `SRC/` is its contents, `SRC` the folder itself."""
    check_mounted(destination)
    to = look_at(destination, "destination")
    places = [
        look_at(source, "source", is_link_itself=not source.endswith("/")) for source in sources
    ]
    for place in places:
        if not place.exists:
            raise Refusal("no-source", f"the source {place.given} does not exist", "check the path")
    check_mounted(os.fsdecode(to.real))
    _check_apart(places, to)
    root, under, new_name = _root_of(places, to, writes=manner.writes)
    target = Tree(root)
    check_expected(to, target)
    filesystem = filesystems.of(target.root)
    if manner.writes:
        check_writable("destination", to.given, filesystem)
    origins = []
    for place in places:
        contents = place.is_folder and place.given.endswith("/")
        source = Tree(place.real if place.is_folder else os.path.dirname(place.real))
        if manner.writes and not manner.keep_source:
            check_writable("source", place.given, filesystems.of(source.root))
        named = under + (b"" if contents or not place.is_folder else place.base)
        named = named.rstrip(b"/")
        pair = journal.pair(source.path, target.path, named, filesystem.identity)
        origins.append(
            Origin(
                pair,
                Ground(source, target),
                prefix=named,
                file=None if place.is_folder else place.base,
                new_name=new_name,
                is_contents=contents,
                can_rename=_is_one_mount(source, target)
                and not (manner.copies or manner.keep_source),
            )
        )
    return origins


def _root_of(places: list[Place], to: Place, *, writes: bool) -> tuple[bytes, bytes, bytes | None]:
    """Return the folder to open, what goes before each name, and a lone file's new name."""
    if to.is_folder:
        return to.real, b"", None
    above, base = os.path.split(to.real)
    is_one_file = len(places) == 1 and not places[0].is_folder and not to.given.endswith("/")
    if is_one_file:
        _check_folder(above, to)
        return above, b"", base
    if to.exists:
        raise Refusal(
            "destination-is-file",
            f"the destination {to.given} is a file",
            "name a folder to move several files or folders",
        )
    _check_folder(above, to)
    if not writes:
        return above, base + b"/", None
    with suppress(FileExistsError):
        Path(os.fsdecode(to.real)).mkdir()
    return to.real, b"", None


def _check_folder(above: bytes, to: Place) -> None:
    if not os.path.isdir(above):
        raise Refusal(
            "no-destination",
            f"the destination {to.given} does not exist, and neither does the folder above it",
            f"make it first: mkdir -p {os.fsdecode(above)}",
        )


def _check_apart(places: list[Place], to: Place) -> None:
    """No source is the destination, holds it, or holds another source."""
    for place in places:
        if to.exists and _is_within(to.real, place.real) and place.is_folder:
            raise Refusal(
                "same-place",
                f"the destination {to.given} is in the source {place.given}",
                "name a destination outside of what is moved",
            )
        above = os.path.dirname(place.real)
        if to.is_folder and not place.given.endswith("/") and os.path.samefile(above, to.real):
            raise Refusal(
                "same-place", f"{place.given} is in {to.given} already", "nothing is to be done"
            )
    _check_not_nested(places)


def _check_not_nested(places: list[Place]) -> None:
    """Two names of one file may both be sources; a folder may not be one twice, nor a path."""
    outer: dict[_Key | bytes, Place] = {}
    for place in places:
        key = _key(place.real) if place.is_folder else place.real
        _refuse_inner(place, outer.setdefault(key, place))
    for place in places:
        for above in _way_up(os.path.dirname(place.real)):
            _refuse_inner(place, outer.get(above, place))


def _refuse_inner(inner: Place, outer: Place) -> None:
    if inner is not outer:
        raise Refusal(
            "nested-sources",
            f"the source {inner.given} is in the source {outer.given}",
            "name the outer one alone",
        )


def _is_within(inner: bytes, outer: bytes) -> bool:
    """By inode and not by name: a bind mount has the same folder under another name."""
    return _key(outer) in _way_up(inner)


def _way_up(path: bytes) -> Iterator[_Key]:
    while True:
        yield _key(path)
        if path == b"/":
            return
        path = os.path.dirname(path)


def _key(path: bytes) -> _Key:
    look = os.lstat(path)  # the paths are real ones: only the last of a link is a link
    return look.st_dev, look.st_ino


def _is_one_mount(source: Tree, target: Tree) -> bool:
    one, other = os.fstat(source.root), os.fstat(target.root)
    mount = statx.look(source.root).mount
    return one.st_dev == other.st_dev and mount != 0 and mount == statx.look(target.root).mount
