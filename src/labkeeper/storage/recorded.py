"""What a cleaning does to files, each act with its row in the audit log before its first step."""

import time
from collections.abc import Sequence

from labkeeper.storage import quarantining, snapshots, way_back
from labkeeper.storage.candidates import Candidate
from labkeeper.storage.quarantining import Done, purgeable
from labkeeper.storage.reasons import Left, noted
from labkeeper.storage.tree import Tree
from labkeeper.store.log import By, Ending, Log, What
from labkeeper.store.quarantine import Held, Item, Quarantine
from labkeeper.store.snapshots import Stage


def settle(by: By, record: Quarantine, tree: Tree) -> None:
    """See to what a crash left in the middle."""
    half = [i for i in record.items(Held.INTENT, Held.PURGING) if i.root == tree.path]
    with record.log.deed(What.RECOVER, by, tree.path) as deed:
        if half:
            deed.begin(len(half), sum(item.frees for item in half))
        quarantining.settle(record, tree)
        runs = {item.run for item in half}
        held = [item for item in record.items(Held.HELD) if item.run in runs]
        size = (len(half), sum(item.frees for item in half))
        deed.end(Ending.DONE, size, way_back.of_aside(held, record.log.folder))


def let_go(by: By, record: Quarantine, tree: Tree) -> list[Left]:
    """Remove our own snapshots whose hold is over."""
    now = time.time()
    due = [
        each
        for each in record.snapshots.all()
        if each.root == tree.path and each.stage is Stage.HELD and each.held_until <= now
    ]
    with record.log.deed(What.PURGE, by, tree.path) as deed:
        if due:
            deed.begin(len(due), 0)
        left = snapshots.let_go(record, tree, now)
        names = ", ".join(snapshots.shown_of(each) for each in due)
        ending = Ending.PART if left else Ending.DONE
        deed.end(ending, (len(due) - len(left), 0), way_back.GONE, f"snapshots: {names}")
    return left


def put_aside(
    by: By, record: Quarantine, tree: Tree, what: tuple[list[Candidate], float]
) -> Done:  # fmt: skip
    """Put candidates aside, held for so long."""
    chosen, hold = what
    with record.log.deed(What.CLEAN, by, tree.path) as deed:
        deed.begin(len(chosen), sum(candidate.frees for candidate in chosen))
        done = quarantining.put_aside(record, tree, chosen, hold)
        back = way_back.of_aside(done.items, record.log.folder)
        deed.end(*_came(done), back, noted(done.left))
    return done


def purge(
    by: By, record: Quarantine, tree: Tree, wanted: int | None, *, counts_folder: bool
) -> Done:  # fmt: skip
    """Remove what was held long enough, until so many bytes are free."""
    due = purgeable(record, tree)
    if not due:
        return Done()
    with record.log.deed(What.PURGE, by, tree.path) as deed:
        deed.begin(len(due), sum(item.frees for item in due))
        done = quarantining.purge(record, tree, wanted, counts_folder=counts_folder)
        deed.end(*_came(done), way_back.GONE, noted(done.left))
    return done


def restore(record: Quarantine, tree: Tree, items: list[Item]) -> Done:
    """Bring items back."""
    if not items:
        return Done()
    with record.log.deed(What.UNDO, By(), tree.path) as deed:
        deed.begin(len(items), sum(item.frees for item in items))
        done = quarantining.restore(record, tree, items)
        deed.end(*_came(done), way_back.BACK, noted(done.left))
    return done


def bring_back(log: Log, tree: Tree, items: Sequence[tuple[str, Item]]) -> Done:
    """Bring items back of which nobody has a record any more."""
    with log.deed(What.UNDO, By(why="the record of it was lost"), tree.path) as deed:
        deed.begin(len(items), sum(item.frees for _, item in items))
        done = quarantining.bring_back(tree, items)
        deed.end(*_came(done), way_back.BACK, noted(done.left))
    return done


def _came(done: Done) -> tuple[Ending, tuple[int, int]]:
    return Ending.PART if done.left else Ending.DONE, (len(done.items), done.bytes)
