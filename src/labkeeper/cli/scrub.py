"""What `labkeeper tier scrub` does: reads this machine's tiers again, and says what rotted."""

import time
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import Final

from labkeeper.cli import talk
from labkeeper.cli.keeping import judged, kept_of
from labkeeper.cli.refusing import refusals
from labkeeper.cli.scrubbed import Reading, tell
from labkeeper.cli.talk import Progress, count, say
from labkeeper.cli.terminal import prepare, refuse
from labkeeper.host.feed import MISSED
from labkeeper.keep.measuring import usage_of
from labkeeper.plan import Tier
from labkeeper.storage.index import Index, file_of
from labkeeper.storage.reasons import Blocked, Left
from labkeeper.storage.repairing import repair
from labkeeper.storage.scrubbing import Rotten, Scrub, hashes_of_moves, paths_of
from labkeeper.storage.tree import Tree
from labkeeper.store import state as states
from labkeeper.store.hashes import Fault, Hashes
from labkeeper.store.journal import Journal
from labkeeper.store.quarantine import Quarantine
from labkeeper.values import dataclass

# Where its own index of a tier is, below the state.
_FOLDER: Final = "scrub"


@dataclass(frozen=True, slots=True)
class Wanted:
    """What the command line asks for."""

    lab: Path
    host: str | None
    state: str | None
    limit: int | None
    seconds: float | None
    tiers: tuple[str, ...]
    repairs: bool
    duplicates: bool
    as_json: bool


def run(wanted: Wanted) -> int:
    """The exit status."""
    prepare()
    _, verdict = judged(wanted.lab)
    kept = kept_of(verdict, wanted.host, wanted.lab)
    state = talk.state_folder(wanted.state)
    progress = Progress("reading")
    chosen = _chosen(kept.tiers, wanted)
    with refusals("tier-scrub", as_json=wanted.as_json):
        # To read for hours keeps nobody from moving; only what mends is alone with the record.
        (state / _FOLDER).mkdir(mode=0o700, parents=True, exist_ok=True)
        with _alone(chosen, state), _opened(chosen, state) as tiers:
            try:
                _read(tiers, wanted, state, progress)
            finally:
                progress.end()
            if wanted.repairs:
                with states.lock(state):
                    _mend(tiers, kept.tiers, state)
            for each in tiers:
                _note(each)
            several = _several(tiers) if wanted.duplicates else []
    tell(tiers, several, as_json=wanted.as_json)
    is_well = len(tiers) == len(chosen) and not any(e.found.rotten or e.found.left for e in tiers)
    return 0 if is_well else 1


def _chosen(tiers: Sequence[Tier], wanted: Wanted) -> tuple[Tier, ...]:
    known = [each.name for each in tiers]
    if unknown := [name for name in wanted.tiers if name not in known]:
        refuse(f"this machine has no tier `{unknown[0]}`", f"it has: {', '.join(known)}")
    return tuple(each for each in tiers if not wanted.tiers or each.name in wanted.tiers)


@contextmanager
def _alone(tiers: Sequence[Tier], state: Path) -> Iterator[None]:
    """Be the only one who reads these tiers again."""
    with ExitStack() as locks:
        for each in tiers:
            folder = state / _FOLDER / f"{each.name}.reading"
            folder.mkdir(mode=0o700, exist_ok=True)
            locks.enter_context(states.lock(folder))
        yield


@contextmanager
def _opened(tiers: Sequence[Tier], state: Path) -> Iterator[list[Reading]]:
    found: list[Reading] = []
    try:
        for tier in tiers:
            usage = usage_of(tier, lambda _: 0)
            if not usage.is_known:
                say(f"`{tier.name}` is not read: {usage.why}")
                continue
            # An index of its own: another process may keep the one that it knows of.
            index = Index.open(state / _FOLDER, tier.path)
            index.refresh(MISSED)
            found.append(Reading(tier, index, Hashes.open(file_of(state, tier.path))))
        # Where there is not time for all, each has its turn.
        yield sorted(found, key=lambda each: each.hashes.order())
    finally:
        for each in found:
            each.hashes.close()
            each.index.close()


def _read(tiers: list[Reading], wanted: Wanted, state: Path, progress: Progress) -> None:
    until = None if wanted.seconds is None else time.monotonic() + wanted.seconds
    journal = Journal.open(state)
    try:
        for each in tiers:
            each.hashes.put_new(hashes_of_moves(journal, each.root))
    finally:
        journal.close()
    progress.expect(sum(each.index.sum_of().bytes for each in tiers))
    for each in tiers:
        scrub = Scrub(each.index, each.hashes, progress.passed, wanted.limit)
        try:
            each.found = scrub.turn(lambda _: until is not None and time.monotonic() > until)
        finally:
            scrub.close()
        if unread := each.index.sum_of().unread:
            why = f"{count(unread, 'folder')} of it could not be read, and nothing in them was"
            each.found.left.append(Left(each.root, "unreadable", why))


def _mend(tiers: list[Reading], every: Sequence[Tier], state: Path) -> None:
    opened = {each.tier.name for each in tiers}
    away = [tier for tier in every if tier.name not in opened]
    record = Quarantine.open(state)
    try:
        for each in tiers:
            with Tree(each.root) as tree:
                for rotten in each.found.rotten:
                    if rotten.code in ("rotten", "unreadable"):
                        source, why = _mended(rotten, each, tiers, (tree, record))
                        if not source and (names := _had(rotten, away, state)):
                            why = f"{why}; {names}, which was not read now, had a copy"
                        each.mended[rotten.path] = source, why
    finally:
        record.close()


def _had(rotten: Rotten, away: Sequence[Tier], state: Path) -> str:
    """Tiers on which there was a file with the bytes that it had."""
    found = []
    for tier in away:
        file = file_of(state, tier.path)
        if not file.with_suffix(".hashes").exists():
            continue
        hashes = Hashes.open(file)
        try:
            if hashes.like(rotten.known.digest):
                found.append(f"`{tier.name}`")
        finally:
            hashes.close()
    return " or ".join(found)


def _note(each: Reading) -> None:
    """For whoever counts: what is wrong now, and what is not any more."""
    with Tree(each.root) as tree:
        known = {fault.path: fault for fault in each.hashes.faults()}
        looks = {path: tree.look(path) for path in known}
        gone = [
            path
            for path, look in looks.items()
            if look is None or look.st_ctime_ns != known[path].ctime_ns
        ]
        each.hashes.mended(gone)
        faults = []
        for rotten in each.found.rotten:
            look = tree.look(rotten.path)
            if look is not None and not each.mended.get(rotten.path, (b"", ""))[0]:
                fault = Fault(rotten.path, look.st_ino, look.st_ctime_ns, rotten.code)
                faults.append(fault)
        each.hashes.look((each.found.files, each.found.bytes), faults, time.time())


def _mended(
    rotten: Rotten, where: Reading, tiers: list[Reading], how: tuple[Tree, Quarantine]
) -> tuple[bytes, str]:  # fmt: skip
    names = tuple(path[len(where.root) + 1 :] for path in paths_of(where.index, rotten.known.inode))
    good = [
        path
        for each in tiers
        for known in each.hashes.like(rotten.known.digest)
        if (each, known.inode) != (where, rotten.known.inode)
        for path in paths_of(each.index, known.inode)
    ]
    try:
        return repair(how[0], names, rotten.known, good, how[1]), ""
    except Blocked as blocked:
        return b"", blocked.why
    except OSError as error:
        return b"", (error.strerror or str(error)).lower()


def _several(tiers: list[Reading]) -> list[tuple[int, list[bytes]]]:
    """Bytes that are there more than once: their size, and a name of each that has them."""
    found = []
    digests = {pair for each in tiers for pair in each.hashes.several()}
    if len(tiers) > 1:
        digests |= {pair for each in tiers for pair in each.hashes.all() if pair[1]}
    for digest, length in sorted(digests, key=lambda pair: (-pair[1], pair[0])):
        paths = [
            names[0]
            for each in tiers
            for known in each.hashes.like(digest)
            if (names := paths_of(each.index, known.inode))
        ]
        if len(paths) > 1:
            found.append((length, paths))
    return found
