"""A whole cleaning: how much room is missing, what goes for it, and what holds it back."""

import os
from collections.abc import Callable
from dataclasses import field
from datetime import timedelta

from labkeeper.host import filesystems, leases
from labkeeper.storage import manifest, way_back
from labkeeper.storage.candidates import Candidate, Rule, Take, until
from labkeeper.storage.claims import Claims
from labkeeper.storage.libraries import Libraries
from labkeeper.storage.places import check_mounted, check_mounted_below, check_writable, look_at
from labkeeper.storage.quarantining import (
    Done,
    bring_back,
    purge,
    purgeable,
    put_aside,
    restore,
    settle,
)
from labkeeper.storage.reasons import Left, Refusal, noted
from labkeeper.storage.searching import Asked, search
from labkeeper.storage.tree import Tree, inode_of
from labkeeper.storage.withheld import Withheld
from labkeeper.store.log import By, Ending, Log, What
from labkeeper.store.quarantine import Held, Item, Quarantine
from labkeeper.values import dataclass


@dataclass(frozen=True, slots=True)
class CleanRequest:
    """What the user asked for."""

    path: str
    rule: Rule
    keep_free: float | None  # share of the file system
    hold: timedelta
    most_files: int
    most_share: float
    is_sure: bool
    is_dry_run: bool
    purges_all: bool
    missing: int | None = None  # bytes to free, where another than the file system counts them
    needed: int = 0  # bytes short now: as much goes of what was held long enough
    spared: frozenset[int] = frozenset()  # inodes that somebody brought back
    claims: Claims | None = None  # what a torrent client has to do with
    libraries: tuple[bytes, ...] = ()  # folders that the lab keeps, which are left alone
    withheld: Withheld = Withheld()
    watched: frozenset[bytes] = frozenset()  # paths that somebody watched to their end
    by: By = By()


@dataclass
class CleanReport:
    """What became of a cleaning."""

    files: int = 0  # below the path
    short: int = 0  # bytes missing to keep-free before
    still_short: int = 0  # after, counting what the quarantine will give back
    waiting: int = 0  # bytes in the quarantine that are still held
    chosen: list[Candidate] = field(default_factory=list)
    aside: list[Item] = field(default_factory=list)
    purged: list[Item] = field(default_factory=list)
    left: list[Left] = field(default_factory=list)
    short_now: int = 0  # bytes missing to keep-free at the end, whatever is held
    spared: list[Left] = field(default_factory=list)  # what the rule itself leaves where it is

    @property
    def is_waited_for(self) -> bool:
        """Room is missing that only the end of a hold would give."""
        return bool(self.short_now and self.waiting)


def clean(request: CleanRequest, record: Quarantine) -> CleanReport:
    """Put aside what is old enough, as far as room is missing; purge what was held long enough."""
    leases.quiet()
    report = CleanReport()
    with _open(request.path) as tree:
        filesystem = filesystems.of(tree.root)
        check_writable("folder", request.path, filesystem)
        wanted = None if request.keep_free is None else int(filesystem.size * request.keep_free)
        if not request.is_dry_run:
            _settle(request.by, record, tree)
            report.short = max(request.needed, (wanted or 0) - filesystem.free)
            _purge(request, record, tree, report)
        free = filesystems.of(tree.root).free
        missing = None if wanted is None else max(0, wanted - free)
        if request.missing is not None:
            gone = sum(item.frees for item in report.purged)
            missing = max(0, missing or 0, request.missing - gone)
        report.waiting = sum(i.frees for i in record.items(Held.HELD) if i.root == tree.path)
        more = None if missing is None else max(0, missing - report.waiting)
        found = search(tree, request.rule, _asked(request, tree, record))
        report.files, report.spared = found.files, found.left
        allowed = [c for c in found.candidates if inode_of(c.look.st_ino) not in request.spared]
        report.chosen = list(until(allowed, more))
        _check_fuse(request, len(report.chosen), found.files)
        if not request.is_dry_run and report.chosen:
            _put_aside(request, record, tree, report)
        gained = sum(candidate.frees for candidate in report.chosen)
        if not request.is_dry_run:
            gained = sum(item.frees for item in report.aside)
        report.still_short = max(0, (more or 0) - gained)
        report.short_now = missing or 0
    return report


def _asked(request: CleanRequest, tree: Tree, record: Quarantine) -> Asked:
    if Take.ORPHANS in request.rule.takes and request.claims is None:
        raise Refusal(
            "client-not-asked",
            f"whether a file of {request.path} is an orphan is for its torrent client to say",
            "name the client: --client qbittorrent=URL",
        )
    libraries = Libraries.below(tree.path, request.libraries)
    return Asked(
        request.claims, libraries, record.dangling, request.withheld, request.watched,
        is_dry_run=request.is_dry_run,
    )  # fmt: skip


def undo(record: Quarantine, chosen: Callable[[Item], bool]) -> Done:
    """Bring back every item that is chosen."""
    done = Done()
    items = [item for item in record.items(Held.INTENT, Held.HELD) if chosen(item)]
    for root in sorted({item.root for item in items}):
        with _open(os.fsdecode(root)) as tree:
            _settle(By(), record, tree)
            mine = [i for i in record.items(Held.HELD) if i.root == root and chosen(i)]
            if not mine:
                continue
            with record.log.deed(What.UNDO, By(), root) as deed:
                deed.begin(len(mine), sum(item.frees for item in mine))
                part = restore(record, tree, mine)
                deed.end(*_came(part), way_back.BACK, noted(part.left))
            done.items += part.items
            done.left += part.left
    return done


def undo_lost(path: str, log: Log) -> Done:
    """Bring back everything by the manifests beside it, where the record of it is lost."""
    with _open(path) as tree:
        try:
            items = manifest.read(tree)
        except FileNotFoundError:
            return Done()
        with log.deed(What.UNDO, By(why="the record of it was lost"), tree.path) as deed:
            deed.begin(len(items), sum(item.frees for _, item in items))
            done = bring_back(tree, items)
            manifest.forget(tree)
            deed.end(*_came(done), way_back.BACK, noted(done.left))
        return done


def _open(path: str) -> Tree:
    check_mounted(path)
    check_mounted_below(path)
    place = look_at(path, "folder")
    if not place.is_folder:
        raise Refusal("no-folder", f"{path} is not a folder that is there", "check the path")
    return Tree(place.real)


def _purge(request: CleanRequest, record: Quarantine, tree: Tree, report: CleanReport) -> None:
    if not report.short and not request.purges_all:
        return
    due = purgeable(record, tree)
    if not due:
        return
    with record.log.deed(What.PURGE, request.by, tree.path) as deed:
        deed.begin(len(due), sum(item.frees for item in due))
        done = purge(record, tree, None if request.purges_all else report.short)
        deed.end(*_came(done), way_back.GONE, noted(done.left))
    report.purged, report.left = done.items, done.left


def _put_aside(
    request: CleanRequest, record: Quarantine, tree: Tree, report: CleanReport
) -> None:  # fmt: skip
    with record.log.deed(What.CLEAN, request.by, tree.path) as deed:
        deed.begin(len(report.chosen), sum(candidate.frees for candidate in report.chosen))
        done = put_aside(record, tree, report.chosen, request.hold.total_seconds())
        back = way_back.of_aside(done.items, record.log.folder)
        deed.end(*_came(done), back, noted(done.left))
    report.aside = done.items
    report.left += done.left


def _settle(by: By, record: Quarantine, tree: Tree) -> None:
    half = [i for i in record.items(Held.INTENT, Held.PURGING) if i.root == tree.path]
    with record.log.deed(What.RECOVER, by, tree.path) as deed:
        if half:
            deed.begin(len(half), sum(item.frees for item in half))
        settle(record, tree)
        runs = sorted({item.run for item in half})
        held = [item for item in record.items(Held.HELD) if item.run in runs]
        size = (len(half), sum(item.frees for item in half))
        deed.end(Ending.DONE, size, way_back.of_aside(held, record.log.folder))


def _came(done: Done) -> tuple[Ending, tuple[int, int]]:
    return Ending.PART if done.left else Ending.DONE, (len(done.items), done.bytes)


def _check_fuse(request: CleanRequest, chosen: int, files: int) -> None:
    """A rule that takes nearly everything is more often a mistake than a wish."""
    most = min(request.most_files, int(files * request.most_share) + 1)
    if chosen <= most or request.is_sure or request.is_dry_run:
        return
    raise Refusal(
        "too-many",
        f"{chosen} of {files} files would be put aside; without --yes it is {most} at most",
        "look first with --dry-run --explain, then say --yes",
    )
