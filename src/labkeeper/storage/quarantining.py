"""Putting files aside on their own file system, bringing them back, and purging them at last."""

import errno
import os
import time
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import field, replace
from typing import Final

from labkeeper.host import files
from labkeeper.storage import manifest
from labkeeper.storage.candidates import Candidate, use_of
from labkeeper.storage.holding import Holding
from labkeeper.storage.hollow import is_hollow, remove
from labkeeper.storage.reasons import Left, blocked_by
from labkeeper.storage.scan import QUARANTINE
from labkeeper.storage.tree import Tree, inode_of
from labkeeper.store.quarantine import Held, Item, Kind, Quarantine
from labkeeper.values import dataclass

FOLDER: Final = QUARANTINE


@dataclass
class Done:
    """What was put aside, brought back or purged, and what was not."""

    items: list[Item] = field(default_factory=list)
    left: list[Left] = field(default_factory=list)

    @property
    def bytes(self) -> int:
        """Return the room that it takes."""
        return sum(item.frees for item in self.items)


def aside_name(tag: str, item: int, number: int) -> bytes:
    """Return an item's name in the quarantine; the tag is that of the record that knows it."""
    return FOLDER + b"/%s-%d.%d" % (tag.encode(), item, number)


def settle(record: Quarantine, tree: Tree) -> None:
    """See to what a crash left in the middle: each name is either here or there."""
    for item in record.items(Held.INTENT):
        if item.root == tree.path:
            if _is_held(tree, record.tag, item):
                record.enter(Held.HELD, [item.id])
            else:
                record.forget([item.id])
    for item in record.items(Held.PURGING):
        if item.root == tree.path:
            _purge_one(record, tree, item)
    manifest.tidy(record, tree)


def put_aside(record: Quarantine, tree: Tree, candidates: list[Candidate], hold: float) -> Done:
    """Rename files into the quarantine, after the intent is durable."""
    done = Done()
    run = record.begin(tree.path)
    with suppress(FileExistsError):
        os.mkdir(FOLDER, 0o700, dir_fd=tree.root)
    now = time.time()
    wanted = []
    for c in candidates:
        if (left := _in_the_way(tree, c)) is not None:
            done.left.append(left)
            continue
        wanted.append(
            Item(0, run, tree.path, Held.INTENT, inode_of(c.look.st_ino), c.look.st_size, c.frees,
                 c.look.st_mtime_ns, c.reason, now, now + hold, c.names, c.kind)
        )  # fmt: skip
    numbers = record.intend(wanted)
    items = [replace(item, id=number) for number, item in zip(numbers, wanted, strict=True)]
    if items:
        manifest.write(tree, record.tag, items)
    for item in items:
        _take(tree, record.tag, item, done)
    files.sync_filesystem(tree.root)
    taken = {item.id for item in done.items}
    record.enter(Held.HELD, taken)
    settle(record, tree)
    return done


def restore(record: Quarantine, tree: Tree, items: list[Item]) -> Done:
    """Rename items back; a name that was taken meanwhile is never replaced."""
    done = bring_back(tree, [(record.tag, item) for item in items])
    # Before the record: an undo that finds nothing to bring back looks at no folder any more.
    manifest.tidy(record, tree, done.items)
    record.enter(Held.RESTORED, [item.id for item in done.items])
    return done


def bring_back(tree: Tree, items: Sequence[tuple[str, Item]]) -> Done:
    """Rename items back, the last first: a folder is there again before what was in it."""
    done = Done()
    for tag, item in reversed(items):
        shown = os.path.join(tree.path, item.names[0])
        try:
            for number, path in enumerate(item.names):
                _rename_if_there(tree, aside_name(tag, item.id, number), path)
        except FileExistsError:
            done.left.append(Left(shown, "destination-taken", "a new file has its name"))
        except OSError as error:
            blocked = blocked_by(error, "bringing it back")
            done.left.append(Left(shown, blocked.code, blocked.why))
        else:
            if any(_is_at(tree, path, item) for path in item.names):
                done.items.append(item)
            else:
                why = "it is neither in the quarantine nor under its name any more"
                done.left.append(Left(shown, "vanished", why))
    files.sync_filesystem(tree.root)
    return done


def purgeable(record: Quarantine, tree: Tree) -> list[Item]:
    """What was held long enough, the oldest first."""
    now, passed = time.time(), record.elapsed.now()
    held = record.items(Held.HELD)
    return [item for item in held if item.root == tree.path and item.is_over(now, passed)]


def purge(
    record: Quarantine, tree: Tree, wanted: int | None, *, counts_folder: bool = False
) -> Done:
    """Remove what was held long enough, the oldest first, until so many bytes are free.

    What a snapshot took in meanwhile goes as well, and frees less: its room comes with that's end.
    """
    done = Done()
    holding = None if counts_folder else Holding(tree, record, time.time())
    for item in purgeable(record, tree):
        if wanted is not None and done.bytes >= wanted:
            break
        frees = _frees(holding, tree, record.tag, item)
        left = _purge_one(record, tree, item)
        if left is None:
            done.items.append(replace(item, frees=frees))
        else:
            done.left.append(left)
    manifest.tidy(record, tree)
    return done


def _frees(holding: Holding | None, tree: Tree, tag: str, item: Item) -> int:
    """What its removal frees at this moment."""
    name = aside_name(tag, item.id, 0)
    look = tree.look(name) if item.kind is Kind.FILE else None
    if look is None or holding is None:
        return item.frees
    return look.st_blocks * 512 - holding.of(name, look)


def _in_the_way(tree: Tree, candidate: Candidate) -> Left | None:
    shown = os.path.join(tree.path, candidate.names[0])
    try:
        look = tree.look(candidate.names[0])
        if look is None or not os.path.samestat(look, candidate.look):
            return Left(shown, "changed", "it changed while it was looked at")
        if look.st_ctime_ns != candidate.look.st_ctime_ns:
            return Left(shown, "changed", "it changed while it was looked at")
        return use_of(tree, candidate.names[0]) if candidate.kind is Kind.FILE else None
    except OSError as error:
        blocked = blocked_by(error, "looking at it")
        return Left(shown, blocked.code, blocked.why)


def _take(tree: Tree, tag: str, item: Item, done: Done) -> None:
    try:
        for n, path in enumerate(item.names):
            folder, base = tree.parent(path)
            files.rename_new(folder, base, *tree.parent(aside_name(tag, item.id, n)))
        if item.kind is Kind.FOLDER:
            _check_hollow(tree, aside_name(tag, item.id, 0))
    except OSError as error:
        blocked = blocked_by(error, "putting it aside")
        shown = os.path.join(tree.path, item.names[0])
        done.left.append(Left(shown, blocked.code, blocked.why))
        for n, path in enumerate(item.names):
            with suppress(OSError):
                _rename_if_there(tree, aside_name(tag, item.id, n), path)
        return
    done.items.append(replace(item, state=Held.HELD))


def _check_hollow(tree: Tree, path: bytes) -> None:
    """Nothing came into a folder while it was put aside: what is open by its old name is closed."""
    tree.release()
    if not is_hollow(tree, path):
        raise OSError(errno.ENOTEMPTY, os.strerror(errno.ENOTEMPTY))


def _is_held(tree: Tree, tag: str, item: Item) -> bool:
    """All its names went aside; of one whose names did not, those that did are taken back."""
    aside = [n for n in range(len(item.names)) if _is_aside(tree, tag, item, n)]
    if len(aside) == len(item.names) and not any(_is_at(tree, n, item) for n in item.names):
        return True
    for n in aside:
        try:
            _rename_if_there(tree, aside_name(tag, item.id, n), item.names[n])
        except FileExistsError:
            return True  # a new file has its name: `undo` says so
    return False


def _rename_if_there(tree: Tree, old: bytes, new: bytes) -> None:
    head, _, base = new.rpartition(b"/")
    target = tree.make(head)
    folder, name = tree.parent(old)
    try:
        files.rename_new(folder, name, target, base)
    except FileNotFoundError:
        return
    except FileExistsError:
        # Where a rename is a link and an unlink, a crash between leaves both names.
        here, there = tree.look(old), tree.look(new)
        if here is None or there is None or not os.path.samestat(here, there):
            raise
        os.unlink(name, dir_fd=folder)


def _is_aside(tree: Tree, tag: str, item: Item, number: int) -> bool:
    return _is_at(tree, aside_name(tag, item.id, number), item)


def _is_at(tree: Tree, path: bytes, item: Item) -> bool:
    look = tree.look(path)
    return look is not None and inode_of(look.st_ino) == item.inode


def _purge_one(record: Quarantine, tree: Tree, item: Item) -> Left | None:
    """Unlink an item for good, if it is still what was put aside and nobody has it open."""
    names = [aside_name(record.tag, item.id, n) for n in range(len(item.names))]
    here = [n for n, name in enumerate(names) if tree.look(name) is not None]
    for number in here:
        if _is_changed(tree, record.tag, item, number):
            shown = os.path.join(tree.path, item.names[0])
            return Left(shown, "changed", "it changed in the quarantine, so it stays there")
    if here and item.kind is Kind.FILE and (left := use_of(tree, names[here[0]])) is not None:
        return left
    record.enter(Held.PURGING, [item.id])
    for number in here:
        if item.kind is Kind.FOLDER:
            tree.release()
            remove(tree, names[number])
        else:
            folder, base = tree.parent(names[number])
            os.unlink(base, dir_fd=folder)
    files.sync_filesystem(tree.root)
    record.enter(Held.PURGED, [item.id])
    return None


def _is_changed(tree: Tree, tag: str, item: Item, number: int) -> bool:
    name = aside_name(tag, item.id, number)
    look = tree.look(name)
    if look is None or not _is_aside(tree, tag, item, number):
        return True
    if item.kind is Kind.FOLDER:
        return not is_hollow(tree, name)
    return look.st_mtime_ns != item.mtime_ns
