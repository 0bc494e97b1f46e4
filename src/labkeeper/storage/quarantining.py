"""Putting files aside on their own file system, bringing them back, and purging them at last."""

import os
import time
from contextlib import suppress
from dataclasses import field, replace
from typing import Final

from labkeeper.host import files
from labkeeper.storage.candidates import Candidate, use_of
from labkeeper.storage.reasons import Left, blocked_by
from labkeeper.storage.scan import QUARANTINE
from labkeeper.storage.tree import Tree, inode_of
from labkeeper.store.quarantine import Held, Item, Quarantine
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


def aside_name(item: int, number: int) -> bytes:
    """Return an item's name in the quarantine."""
    return FOLDER + b"/%d.%d" % (item, number)


def settle(record: Quarantine, tree: Tree) -> None:
    """See to what a crash left in the middle: each name is either here or there."""
    for item in record.items(Held.INTENT):
        if item.root == tree.path:
            is_aside = any(_is_aside(tree, item, n) for n in range(len(item.names)))
            if is_aside:
                record.enter(Held.HELD, [item.id])
            else:
                record.forget([item.id])
    for item in record.items(Held.PURGING):
        if item.root == tree.path:
            _purge_one(record, tree, item)


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
                 c.look.st_mtime_ns, c.reason, now, now + hold, c.names)
        )  # fmt: skip
    for number, item in zip(record.intend(wanted), wanted, strict=True):
        _take(tree, item, number, done)
    files.sync_filesystem(tree.root)
    taken = {item.id for item in done.items}
    record.enter(Held.HELD, taken)
    settle(record, tree)
    return done


def restore(record: Quarantine, tree: Tree, items: list[Item]) -> Done:
    """Rename items back; a name that was taken meanwhile is never replaced."""
    done = Done()
    for item in items:
        shown = os.path.join(tree.path, item.names[0])
        try:
            for number, path in enumerate(item.names):
                _rename_if_there(tree, aside_name(item.id, number), path)
        except FileExistsError:
            done.left.append(Left(shown, "destination-taken", "a new file has its name"))
        except OSError as error:
            blocked = blocked_by(error, "bringing it back")
            done.left.append(Left(shown, blocked.code, blocked.why))
        else:
            done.items.append(item)
    files.sync_filesystem(tree.root)
    record.enter(Held.RESTORED, [item.id for item in done.items])
    return done


def purge(record: Quarantine, tree: Tree, wanted: int | None) -> Done:
    """Remove what was held long enough, the oldest first, until so many bytes are free."""
    done = Done()
    now = time.time()
    for item in record.items(Held.HELD):
        if wanted is not None and done.bytes >= wanted:
            break
        if item.root != tree.path or item.held_until > now:
            continue
        left = _purge_one(record, tree, item)
        if left is None:
            done.items.append(item)
        else:
            done.left.append(left)
    return done


def _in_the_way(tree: Tree, candidate: Candidate) -> Left | None:
    shown = os.path.join(tree.path, candidate.names[0])
    try:
        look = tree.look(candidate.names[0])
        if look is None or not os.path.samestat(look, candidate.look):
            return Left(shown, "changed", "it changed while it was looked at")
        if look.st_ctime_ns != candidate.look.st_ctime_ns:
            return Left(shown, "changed", "it changed while it was looked at")
        return use_of(tree, candidate.names[0])
    except OSError as error:
        blocked = blocked_by(error, "looking at it")
        return Left(shown, blocked.code, blocked.why)


def _take(tree: Tree, item: Item, number: int, done: Done) -> None:
    try:
        for n, path in enumerate(item.names):
            folder, base = tree.parent(path)
            files.rename_new(folder, base, *tree.parent(aside_name(number, n)))
    except OSError as error:
        blocked = blocked_by(error, "putting it aside")
        shown = os.path.join(tree.path, item.names[0])
        done.left.append(Left(shown, blocked.code, blocked.why))
        for n, path in enumerate(item.names):
            with suppress(OSError):
                _rename_if_there(tree, aside_name(number, n), path)
        return
    done.items.append(replace(item, id=number, state=Held.HELD))


def _rename_if_there(tree: Tree, old: bytes, new: bytes) -> None:
    head, _, base = new.rpartition(b"/")
    target = tree.make(head)
    with suppress(FileNotFoundError):
        files.rename_new(*tree.parent(old), target, base)


def _is_aside(tree: Tree, item: Item, number: int) -> bool:
    look = tree.look(aside_name(item.id, number))
    return look is not None and inode_of(look.st_ino) == item.inode


def _purge_one(record: Quarantine, tree: Tree, item: Item) -> Left | None:
    """Unlink an item for good, if it is still what was put aside and nobody has it open."""
    here = [n for n in range(len(item.names)) if tree.look(aside_name(item.id, n)) is not None]
    shown = os.path.join(tree.path, item.names[0])
    for number in here:
        look = tree.look(aside_name(item.id, number))
        if look is None or not _is_aside(tree, item, number) or look.st_mtime_ns != item.mtime_ns:
            return Left(shown, "changed", "it changed in the quarantine, so it stays there")
    if here and (left := use_of(tree, aside_name(item.id, here[0]))) is not None:
        return left
    record.enter(Held.PURGING, [item.id])
    for number in here:
        folder, base = tree.parent(aside_name(item.id, number))
        os.unlink(base, dir_fd=folder)
    files.sync_filesystem(tree.root)
    record.enter(Held.PURGED, [item.id])
    return None
