"""Asking each app of a host once, and turning what it says into paths of this host."""

import os
import stat
import time
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from typing import Final

from labkeeper.host.http import PATIENCE, Unanswered
from labkeeper.host.jellyfin import Jellyfin
from labkeeper.host.qbittorrent import QBittorrent, Torrent
from labkeeper.host.sabnzbd import Job, SABnzbd
from labkeeper.host.servarr import FLAVOURS, Servarr
from labkeeper.keep import logins
from labkeeper.keep.apps import App
from labkeeper.keep.past import Past
from labkeeper.keep.truth import Coming, Done, Truth, Use, roots_doubt
from labkeeper.storage.claims import SHARING, STOPPED
from labkeeper.storage.paths import over
from labkeeper.storage.places import look_at
from labkeeper.storage.reasons import Refusal
from labkeeper.storage.withheld import Withheld

# What of a torrent client's list comes; one that nobody gives now may never come.
_FETCHED: Final = frozenset({"downloading", "forcedDL", "queuedDL", "allocating", "checkingDL"})
_MOST_INODES: Final = 20_000


@dataclass(frozen=True, slots=True)
class Asked:
    """An app and how it is asked."""

    app: App
    url: str
    key: str
    patience: float
    past: Past


def truth_of(app: App, patience: float = PATIENCE, past: Past | None = None) -> Truth:
    """Ask it; what is in `past` is not asked for again."""
    folders = tuple(dict.fromkeys(app.folders))
    nothing = Truth(app.name, folders=folders)
    if app.url is None:
        return replace(nothing, doubt=app.why, help=app.help, is_asked=False)
    key = "" if app.software == "qbittorrent" else logins.key_of(app)
    if key is None:
        return replace(
            nothing, is_asked=False, doubt="labkeeper has no key for it",
            help=f"give it in {logins.variable_of(app.name)}, or let labkeeper read its settings",
        )  # fmt: skip
    try:
        said = _ASKING[app.software](Asked(app, app.url, key, patience, past or Past()))
    except Unanswered as unanswered:
        return replace(nothing, doubt=unanswered.why, help=unanswered.help)
    # A whole folder is never done: what comes into it next is not.
    done = tuple(each for each in said.done if not any(over(f, (each.path,)) for f in folders))
    return replace(said, folders=folders, done=done)


def truths_of(apps: Iterable[App]) -> tuple[Truth, ...]:
    """Ask them all, but for torrent clients: what these share is asked before each act."""
    return tuple(truth_of(app) for app in apps if app.software != "qbittorrent")


def withheld(uses: Iterable[Use]) -> Withheld:
    """What stays by path, and by inode: a file that is imported by a link has two names."""
    paths: dict[bytes, str] = {}
    inodes: dict[tuple[int, int], str] = {}
    for use in uses:
        path = os.fsencode(use.path)
        paths.setdefault(path, use.why)
        paths.setdefault(os.path.realpath(path), use.why)
        for look in _linked(path, _MOST_INODES - len(inodes)):
            inodes.setdefault((look.st_dev, look.st_ino), use.why)
    return Withheld(paths, inodes)


def _is_folder(path: str) -> bool:
    try:
        return look_at(path, "folder").is_folder
    except Refusal:
        return False


def _linked(path: bytes, most: int) -> list[os.stat_result]:
    """Files at or below a path that have further names."""
    found: list[os.stat_result] = []
    try:
        look_at(os.fsdecode(path), "folder")  # a disk that hangs is not walked
    except Refusal:
        return found
    try:
        look = os.stat(path)
        if stat.S_ISREG(look.st_mode):
            return [look] if look.st_nlink > 1 else []
        for folder, _, files in os.walk(path):
            for name in files:
                each = os.stat(os.path.join(folder, name), follow_symlinks=False)
                if each.st_nlink > 1 and stat.S_ISREG(each.st_mode):
                    found.append(each)
            if len(found) > most:
                break
    except OSError:
        pass  # what is not there has no other name to be found by
    return found


def _servarr(asked: Asked) -> Truth:
    app = asked.app
    client = Servarr(FLAVOURS[app.software], asked.url, asked.key, asked.patience)
    client.enter()
    roots = [app.maps.here(root.path) for root in client.roots()]
    known = [(root, _is_folder(root)) for root in roots if root is not None]
    doubt: tuple[str, str] | None = (
        f"{len(roots) - len(known)} of its {len(roots)} root folders are in its container alone",
        f"give `{app.name}` the folder in the lab: paths: ...",
    )
    if len(known) == len(roots):
        doubt = roots_doubt(app.name, known)
    if doubt is not None:
        return Truth(app.name, version=client.version, doubt=doubt[0], help=doubt[1])
    here = app.maps.here
    uses = [
        Use(path, f"it waits for `{each.title}` ({each.state or 'not known to it'})")
        for each in client.queue()
        if each.path is not None and (path := here(each.path)) is not None
        and each.state != "imported"
    ]  # fmt: skip
    now = time.time()
    done = [
        Done(path, f"it took over `{each.title}` on {each.at:%Y-%m-%d %H:%M}", each.at.timestamp())
        for each in client.imports(datetime.fromtimestamp(asked.past.since(now), UTC))
        for inside in (each.dropped, each.path)
        if inside is not None and (path := here(inside)) is not None
    ]
    latest = client.latest.timestamp() if client.latest else None
    return Truth(app.name, tuple(uses), asked.past.add(done, latest, now),
                 tuple(r for r, _ in known), version=client.version)  # fmt: skip


def _sabnzbd(asked: Asked) -> Truth:
    here = asked.app.maps.here
    client = SABnzbd(asked.url, asked.key, asked.patience)
    client.enter()
    jobs = client.jobs()
    uses = [
        Use(path, f"it works on `{job.name}` ({job.status})")
        for job in jobs
        if job.path is not None and (path := here(job.path)) is not None
    ]
    now = time.time()
    done = [
        Done(path, f"the job `{job.name}` is done", job.at, job.category)
        for job in client.finished(asked.past.since(now))
        if (path := here(job.storage)) is not None
    ]
    latest = max((each.at for each in done), default=None)
    return Truth(asked.app.name, tuple(uses), asked.past.add(done, latest, now),
                 version=client.version, coming=_fetched(asked.app, client, jobs))  # fmt: skip


def _fetched(app: App, client: SABnzbd, jobs: Sequence[Job]) -> tuple[Coming, ...]:
    left = sum(max(0, job.left) for job in jobs if not job.is_paused)
    if not left:
        return ()
    folders = [app.maps.here(each) for each in client.folders()]
    return (Coming(tuple(each for each in folders if each is not None), left),)


def _qbittorrent(asked: Asked) -> Truth:
    client = QBittorrent(asked.url, logins.login(), asked.patience)
    client.enter()
    return replace(said_of(asked.app, client.torrents()), version=client.version)


def said_of(app: App, torrents: Sequence[Torrent]) -> Truth:
    """What a torrent client's list says of files."""
    uses, done = list[Use](), list[Done]()
    for torrent in torrents:
        path = app.maps.here(torrent.content_path) if torrent.content_path else None
        if path is None:
            continue
        is_whole = torrent.progress >= 1 and torrent.state in SHARING | STOPPED
        if torrent.state not in STOPPED or not is_whole:
            uses.append(Use(path, f"the torrent `{torrent.name}` is `{torrent.state}`"))
        if is_whole:
            why = f"the torrent `{torrent.name}` is complete"
            done.append(Done(path, why, 0.0, torrent.category))
    coming = tuple(_loaded(app, t) for t in torrents if t.state in _FETCHED and t.amount_left > 0)
    return Truth(app.name, tuple(uses), tuple(done), coming=coming)


def _loaded(app: App, torrent: Torrent) -> Coming:
    """Of its wanted files alone: `remainingSize` of qBittorrent's `TorrentImpl`."""
    given = (torrent.download_path or torrent.save_path, torrent.save_path)
    folders = (app.maps.here(each) for each in given if each)
    return Coming(tuple(each for each in folders if each is not None), torrent.amount_left)


def _jellyfin(asked: Asked) -> Truth:
    here = asked.app.maps.here
    client = Jellyfin(asked.url, asked.key, asked.patience)
    client.enter()
    uses = [
        Use(path, f"{each.user or 'somebody'} plays `{each.name}`")
        for each in client.playing()
        if each.path is not None and (path := here(each.path)) is not None
    ]
    return Truth(asked.app.name, tuple(uses), version=client.version)


def watched_of(app: App) -> frozenset[bytes]:
    """What somebody watched to its end; it only sets an order, so that no answer is none."""
    key = logins.key_of(app)
    if app.software != "jellyfin" or app.url is None or key is None:
        return frozenset()
    try:
        client = Jellyfin(app.url, key)
        client.enter()
        paths = [app.maps.here(path) for path in client.watched()]
    except Unanswered:
        return frozenset()
    return frozenset(os.fsencode(path) for path in paths if path is not None)


_ASKING: Final[dict[str, Callable[[Asked], Truth]]] = {
    "sonarr": _servarr, "radarr": _servarr, "lidarr": _servarr, "sabnzbd": _sabnzbd,
    "qbittorrent": _qbittorrent, "jellyfin": _jellyfin,
}  # fmt: skip


def rescan(app: App, changed: Sequence[str], truth: Truth) -> bool:
    """Tell an app whose library was changed to look again; whether it was told."""
    key = logins.key_of(app)
    if app.url is None or key is None or app.software not in FLAVOURS or truth.doubt:
        return False
    if not any(_touches(root, path) for root in truth.roots for path in changed):
        return False
    try:
        Servarr(FLAVOURS[app.software], app.url, key).rescan()
    except Unanswered:
        return False
    return True


def _touches(one: str, other: str) -> bool:
    one, other = one.rstrip("/") + "/", other.rstrip("/") + "/"
    return one.startswith(other) or other.startswith(one)
