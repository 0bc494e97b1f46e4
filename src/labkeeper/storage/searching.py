"""Looking for what may be cleaned; what stays is said with its reason."""

import os
import stat
import time
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import field
from typing import Final

from labkeeper.storage.candidates import Candidate, Rule, Search, Take
from labkeeper.storage.claims import Claims, verdict
from labkeeper.storage.dangling import Seen, dangling
from labkeeper.storage.holding import Holding
from labkeeper.storage.hollow import hollow
from labkeeper.storage.libraries import Libraries
from labkeeper.storage.reasons import Blocked, Left
from labkeeper.storage.scan import Found, walk
from labkeeper.storage.source import facts_of
from labkeeper.storage.tree import Tree
from labkeeper.storage.withheld import Withheld
from labkeeper.store.dangling import Dangling
from labkeeper.values import dataclass

# A paused torrent has it for months, and its client alone knows whether it goes on.
_OF_A_CLIENT: Final = b".!qB"
_Inodes = dict[int, tuple[os.stat_result, list[bytes]]]


@dataclass(frozen=True)
class Asked:
    """Who else was asked about what is below the root."""

    claims: Claims | None = None
    libraries: Libraries = field(default_factory=Libraries)
    dangling: Dangling | None = None
    withheld: Withheld = field(default_factory=Withheld)
    watched: frozenset[bytes] = frozenset()
    is_dry_run: bool = False
    holding: Holding | None = None


@dataclass
class _Pile:
    """What lies below the root, by what it is."""

    files: _Inodes = field(default_factory=dict)
    unfinished: _Inodes = field(default_factory=dict)
    links: list[Found] = field(default_factory=list)
    folders: list[Found] = field(default_factory=list)
    # Whatever else there is: the folder that it is in is not empty.
    others: list[bytes] = field(default_factory=list)
    left: list[Left] = field(default_factory=list)


def search(tree: Tree, rule: Rule, asked: Asked) -> Search:
    """Look at everything; sort what may go by what it is worth."""
    pile = _gather(tree, asked.libraries)
    result = Search(left=pile.left)
    now = time.time()
    for take, found in (
        (Take.FILES, [pile.files]),
        (Take.FAILED_DOWNLOADS, [pile.unfinished]),
        (Take.ORPHANS, [pile.files, pile.unfinished]),
    ):
        if take in rule.takes:
            inodes = [each for part in found for each in part.values()]
            result.files += sum(len(names) for _, names in inodes)
            result.bytes += sum(look.st_blocks * 512 for look, _ in inodes)
            _sort_out(result, (_judge(tree, each, (rule, take), asked, now) for each in inodes))
    if Take.BROKEN_LINKS in rule.takes:
        result.files += len(pile.links)
        _sort_out(result, _links(tree, pile.links, rule, asked, now))
    if Take.EMPTY_FOLDERS in rule.takes:
        result.files += len(pile.folders)
        _sort_out(result, hollow(tree, pile.folders, _full(pile), rule.older_than, now))
    unique = {candidate.names: candidate for candidate in result.candidates}
    result.candidates = sorted(unique.values(), key=lambda c: (c.value_per_byte, c.names))
    return result


def _gather(tree: Tree, libraries: Libraries) -> _Pile:
    pile = _Pile()
    for found in walk(tree, ""):
        kept, entry = pile.files, found
        if isinstance(entry, Left):
            path = os.path.relpath(entry.path, tree.path)
            pile.others.append(path)
            look = tree.look(path) if entry.code == "incomplete" else None
            if look is None or not stat.S_ISREG(look.st_mode):
                continue
            kept, entry = pile.unfinished, Found(path, look)
        is_folder = stat.S_ISDIR(entry.look.st_mode)
        if (library := libraries.over(entry.path, is_folder=is_folder)) is not None:
            pile.others.append(entry.path)
            if library == entry.path:
                shown = os.path.join(tree.path, library)
                pile.left.append(Left(shown, "library", libraries.why(library)))
        elif stat.S_ISREG(entry.look.st_mode):
            kept.setdefault(entry.look.st_ino, (entry.look, []))[1].append(entry.path)
        else:
            (pile.folders if is_folder else pile.links).append(entry)
    return pile


def _links(
    tree: Tree, links: Sequence[Found], rule: Rule, asked: Asked, now: float
) -> Iterator[Candidate | Left]:
    if asked.dangling is None:
        return
    before = asked.dangling.since(tree.path)
    today: Seen = {}
    yield from dangling(tree, links, (rule.older_than.total_seconds(), now), before, today)
    if not asked.is_dry_run and (before or today):
        asked.dangling.see(tree.path, today)


def _full(pile: _Pile) -> set[bytes]:
    """Return every folder that holds something, however deep below."""
    paths = [*pile.others, *(link.path for link in pile.links)]
    for _, names in (*pile.files.values(), *pile.unfinished.values()):
        paths += names
    full = {b""}
    for path in paths:
        full.add(path)  # a folder that could not be looked into is not known to be empty
        while path := path.rpartition(b"/")[0]:
            full.add(path)
    return full


def _sort_out(result: Search, judged: Iterable[Candidate | Left | None]) -> None:
    for one in judged:
        if isinstance(one, Left):
            result.left.append(one)
        elif one is not None:
            result.candidates.append(one)


def _judge(
    tree: Tree,
    found: tuple[os.stat_result, Sequence[bytes]],
    wanted: tuple[Rule, Take],
    asked: Asked,
    now: float,
) -> Candidate | Left | None:
    (look, names), (rule, take) = found, wanted
    idle = now - max(look.st_mtime, look.st_ctime, look.st_atime)
    overdue = rule.clips.overdue(names, now) if rule.clips else None
    if rule.clips and overdue is None:
        return None
    if not rule.clips and idle < rule.older_than.total_seconds():
        return None
    if look.st_size < rule.larger_than:
        return None
    shown = os.path.join(tree.path, names[0])
    frees = look.st_blocks * 512
    if look.st_nlink > len(names):
        why = f"{look.st_nlink - len(names)} further names elsewhere hold its bytes: frees nothing"
        return Left(shown, "frees-nothing", why)
    if not frees and take is Take.FILES:
        return Left(shown, "frees-nothing", "it takes no room")
    paths = [os.path.join(tree.path, name) for name in names]
    if (app := asked.withheld.why(paths, look.st_dev, look.st_ino)) is not None:
        return Left(shown, "used-by-app", app)
    if (left := _claimed(paths, look, take, asked.claims)) is not None:
        return left
    because = {Take.FAILED_DOWNLOADS: "a download that ended", Take.ORPHANS: "no torrent has it"}
    is_watched = not asked.watched.isdisjoint(paths)
    behind = 0 if asked.holding is None else asked.holding.of(names[0], look)
    return Candidate(
        tuple(names), look, idle, frees - behind, because=overdue or because.get(take, ""),
        is_watched=is_watched, behind=behind,
    )  # fmt: skip


def _claimed(
    paths: Sequence[bytes], look: os.stat_result, take: Take, claims: Claims | None
) -> Left | None:
    """Say which torrent it belongs to, if any, or that only its client could tell."""
    shown = paths[0]
    if claims is None:
        if take is Take.FAILED_DOWNLOADS and shown.endswith(_OF_A_CLIENT):
            return Left(shown, "download-unknown", "its torrent client was not asked")
        return None
    try:
        verdict(claims, facts_of(look), paths, is_removed=True)
    except Blocked as blocked:
        return Left(shown, blocked.code, blocked.why)
    shared = claims.of(look.st_dev, look.st_ino)
    if shared and take is not Take.FILES:
        return Left(shown, "seeding", f"it belongs to the torrent `{shared[0].torrent.name}`")
    return None
