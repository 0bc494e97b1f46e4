"""A snapshot before a cleaning, held as long as what it put aside: the second net below `undo`.

Only what the record knows by name and by the file system's own number of it is ever removed.
"""

import os
import time
from pathlib import Path
from typing import Final

from labkeeper.host import btrfs, files, filesystems, zfs
from labkeeper.host.run import Answer
from labkeeper.storage.manifest import SNAPSHOT
from labkeeper.storage.reasons import Left, Refusal
from labkeeper.storage.scan import QUARANTINE
from labkeeper.storage.tree import Tree
from labkeeper.store.quarantine import Quarantine
from labkeeper.store.snapshots import Snapshot, Stage
from labkeeper.values import dataclass

_NONE_HERE: Final = "name a place in a btrfs subvolume or a ZFS dataset, or drop `snapshot: true`"


@dataclass(frozen=True, slots=True)
class Subject:
    """What a snapshot is made of: a subvolume by its folder, or a dataset by its name."""

    kind: str
    name: str


def subject_of(tree: Tree) -> Subject:
    """What a root lies in; refused where it lies in nothing that has snapshots."""
    kind = filesystems.of(tree.root).kind
    shown = os.fsdecode(tree.path)
    if kind == "btrfs":
        top = btrfs.subvolume_of(tree.path)
        if top is None:
            raise Refusal(
                "no-snapshot", f"the top of the subvolume that {shown} lies in is out of reach",
                "mount all of the subvolume, not a folder of it",
            )  # fmt: skip
        return Subject(kind, os.fsdecode(top))
    dataset = zfs.dataset_of(tree.path) if kind == "zfs" else None
    if dataset is None:
        pool = "a pool of mergerfs has none: name its branches" if kind == "fuse" else _NONE_HERE
        raise Refusal("no-snapshot", f"{shown} is on {kind}, which makes no snapshots", pool)
    return Subject(kind, dataset)


def take(record: Quarantine, tree: Tree, hold: float) -> Snapshot:
    """Make one, or refuse: nothing is cleaned without the net that was asked for."""
    subject = subject_of(tree)
    now = time.time()
    base = f"{SNAPSHOT}{record.tag}-{time.strftime('%Y%m%dT%H%M%SZ', time.gmtime(now))}"
    is_btrfs = subject.kind == "btrfs"
    name = _place(tree, base) if is_btrfs else f"labkeeper-{base}"
    intent = Snapshot(
        0, tree.path, subject.kind, subject.name, name, "", Stage.INTENT, now, now + hold
    )
    number = record.snapshots.intend(intent)
    made = btrfs.take if is_btrfs else zfs.take
    answer = made(subject.name, name)
    identity = _identity(subject, name)
    if answer is None or not answer.is_good or not identity:
        record.snapshots.forget(number)
        raise Refusal(
            "no-snapshot", f"no snapshot of {subject.name} was made: {_words(answer)}",
            "nothing was cleaned without it; see that labkeeper may make one (as root), or drop"
            " `snapshot: true`",
        )  # fmt: skip
    record.snapshots.held(number, identity)
    return next(each for each in record.snapshots.all() if each.id == number)


def settle(record: Quarantine, tree: Tree) -> None:
    """See to what a crash left in the middle: it was made, or it was not."""
    for each in record.snapshots.all():
        if each.root == tree.path and each.stage is Stage.INTENT:
            identity = _identity(Subject(each.kind, each.subject), each.name)
            if identity:
                record.snapshots.held(each.id, identity)
            else:
                record.snapshots.forget(each.id)


def let_go(record: Quarantine, tree: Tree, now: float | None = None) -> list[Left]:
    """Remove ours whose hold is over; say which could not be."""
    left = []
    now = time.time() if now is None else now
    for each in record.snapshots.all():
        if each.root != tree.path or each.stage is not Stage.HELD or each.held_until > now:
            continue
        why = _drop(each)
        if why is None:
            record.snapshots.gone(each.id)
        else:
            left.append(Left(os.fsencode(shown_of(each)), "snapshot-stays", why))
    return left


def shown_of(kept: Snapshot) -> str:
    """Where somebody finds it."""
    return kept.name if kept.kind == "btrfs" else f"{kept.subject}@{kept.name}"


def _drop(kept: Snapshot) -> str | None:
    """Why it was not removed; None where it is gone."""
    subject = Subject(kept.kind, kept.subject)
    identity = _identity(subject, kept.name)
    if identity is None:
        return "nobody may say whether it is there"
    if not identity:
        return None
    if identity != kept.identity:
        return "another one has its name now: it is not labkeeper's"
    is_btrfs = kept.kind == "btrfs"
    answer = btrfs.drop(kept.name) if is_btrfs else zfs.drop(kept.subject, kept.name)
    return None if answer is not None and answer.is_good else _words(answer)


def _identity(subject: Subject, name: str) -> str | None:
    """What the file system calls it; empty where it is not there, none where nobody says."""
    if subject.kind == "btrfs":
        return btrfs.uuid_of(name) if Path(name).exists() else ""
    found = zfs.snapshots(subject.name)
    if found is None:
        return None
    return next((each.guid for each in found if each.name == name), "")


def _place(tree: Tree, base: str) -> str:
    """Below the quarantine, where nobody looks for files of theirs, and only its owner gets in."""
    tree.make(QUARANTINE)
    files.sync_filesystem(tree.root)  # what was just written belongs into it
    folder = os.path.join(os.fsdecode(tree.path), os.fsdecode(QUARANTINE))
    name, number = base, 1
    while Path(folder, name).exists():
        name, number = f"{base}.{number}", number + 1
    return str(Path(folder, name))


def _words(answer: Answer | None) -> str:
    if answer is None:
        return "its program is not installed"
    lines = [line.strip() for line in answer.error.splitlines() if line.strip()]
    return lines[-1] if lines else "it said nothing"
