"""What lies in a quarantine, in words beside it: where the record is lost, it still comes back."""

import json
import os
from collections.abc import Sequence
from contextlib import suppress
from typing import Final

from labkeeper.host import files
from labkeeper.storage.scan import QUARANTINE
from labkeeper.storage.tree import Tree
from labkeeper.store.quarantine import Held, Item, Kind, Quarantine

SNAPSHOT: Final = "snapshot-"  # what lies beside them before a cleaning
_START: Final = b"run-"
_END: Final = b".jsonl"
_OPEN: Final = (Held.INTENT, Held.HELD, Held.PURGING)


def write(tree: Tree, tag: str, items: Sequence[Item]) -> None:
    """Write down, on the same disk, what is about to be put aside; wait until it is there."""
    name = _START + b"%s-%d" % (tag.encode(), items[0].run) + _END
    folder = tree.folder(QUARANTINE)
    flags = os.O_CREAT | os.O_WRONLY | os.O_APPEND | os.O_NOFOLLOW | os.O_CLOEXEC
    file = os.open(name, flags, 0o600, dir_fd=folder)
    try:
        body = memoryview(b"".join(_line(tag, item) for item in items))
        while body:
            body = body[os.write(file, body) :]
        os.fsync(file)
    finally:
        os.close(file)
    os.fsync(folder)


def read(tree: Tree) -> list[tuple[str, Item]]:
    """Read every manifest: each item with the tag of the record that put it aside."""
    found: dict[tuple[str, int], Item] = {}
    for name in _names(tree):
        file = os.open(name, os.O_RDONLY | os.O_NOFOLLOW, dir_fd=tree.folder(QUARANTINE))
        with os.fdopen(file, "rb") as lines:
            for line in lines:
                # A crash may have cut the last line short: nothing had been put aside then.
                with suppress(ValueError, KeyError, TypeError):
                    tag, item = _item(tree, json.loads(line))
                    found[tag, item.id] = item
    return [(tag, item) for (tag, _), item in found.items()]


def tidy(record: Quarantine, tree: Tree, back: Sequence[Item] = ()) -> None:
    """Remove the manifests of what is aside no more, and the folder when nothing is in it."""
    gone = {item.id for item in back}
    still = (item for item in record.items(*_OPEN) if item.id not in gone)
    needed = {item.run for item in still if item.root == tree.path}
    mine = _START + record.tag.encode() + b"-"
    with suppress(FileNotFoundError):
        runs = {name: name[len(mine) : -len(_END)] for name in _names(tree)}
        done = [
            name
            for name, run in runs.items()
            if name.startswith(mine) and run.isdigit() and int(run) not in needed
        ]
        for name in done:
            os.unlink(name, dir_fd=tree.folder(QUARANTINE))
        _remove_empty(tree)
        if done:
            # The record says next that it is done with these: they must not come back then.
            files.sync_filesystem(tree.root)


def forget(tree: Tree) -> None:
    """Remove every manifest of which nothing is aside any more, whoever wrote it."""
    with suppress(FileNotFoundError):
        held = os.listdir(tree.folder(QUARANTINE))
        if all(name.startswith((_START.decode(), SNAPSHOT)) for name in held):
            for name in _names(tree):
                os.unlink(name, dir_fd=tree.folder(QUARANTINE))
        _remove_empty(tree)


def _remove_empty(tree: Tree) -> None:
    tree.release()
    with suppress(OSError):  # not empty
        os.rmdir(QUARANTINE, dir_fd=tree.root)


def _names(tree: Tree) -> list[bytes]:
    names = (os.fsencode(name) for name in os.listdir(tree.folder(QUARANTINE)))
    return sorted(name for name in names if name.startswith(_START) and name.endswith(_END))


def _line(tag: str, item: Item) -> bytes:
    row = {
        "tag": tag, "item": item.id, "run": item.run, "kind": item.kind.name.lower(),
        "names": [os.fsdecode(name) for name in item.names], "inode": item.inode,
        "size": item.size, "frees": item.frees, "mtime_ns": item.mtime_ns, "reason": item.reason,
        "at": item.at, "held_until": item.held_until,
    }  # fmt: skip
    return json.dumps(row).encode() + b"\n"


def _item(tree: Tree, row: dict[str, object]) -> tuple[str, Item]:
    names = row["names"]
    if not isinstance(names, list) or not all(isinstance(name, str) for name in names):
        raise TypeError
    numbers = [int(str(row[key])) for key in ("item", "run", "inode", "size", "frees", "mtime_ns")]
    id_, run, inode, size, frees, mtime_ns = numbers
    return str(row["tag"]), Item(
        id_, run, tree.path, Held.HELD, inode, size, frees, mtime_ns, str(row["reason"]),
        float(str(row["at"])), float(str(row["held_until"])),
        tuple(os.fsencode(name) for name in names), Kind[str(row["kind"]).upper()],
    )  # fmt: skip
