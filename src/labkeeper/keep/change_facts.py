"""Who tells what changes on a tier, and why nobody tells more."""

from collections.abc import Iterator, Sequence
from contextlib import closing, suppress
from pathlib import Path

from labkeeper.host import feeds
from labkeeper.host.feed import Feed
from labkeeper.host.watches import Watches, too_many
from labkeeper.keep.facts import Fact, State
from labkeeper.plan import Tier
from labkeeper.storage.index import file_of
from labkeeper.store.index import Rows
from labkeeper.store.state import Broken


def of_changes(tiers: Sequence[Tier], state: Path) -> Iterator[Fact]:
    """It is tried for all tiers at once, as whoever keeps them does."""
    found = feeds.listen(list(dict.fromkeys(tier.path for tier in tiers)))
    try:
        for tier in tiers:
            yield _of(tier, found[tier.path], state)
    finally:
        for feed in found.values():
            feed.close()


def _of(tier: Tier, feed: Feed, state: Path) -> Fact:
    if isinstance(feed, Watches):
        return _watched(tier, feed, _folders(tier.path, state))
    if feed.is_alive:
        words = f"the kernel tells of all that changes on its file system ({feed.how})"
        return Fact("changes", tier.name, State.OK, words)
    return Fact(
        "changes", tier.name, State.UNKNOWN,
        f"nobody tells what changes in it, so it is walked to know what it holds: {feed.why}",
        "name the branches of a pool as tiers; else nothing is to be done, it costs time alone",
    )  # fmt: skip


def _watched(tier: Tier, feed: Watches, folders: int) -> Fact:
    if folders <= feed.room:
        words = f"up to {feed.room:,} of its folders are watched one by one (inotify): {feed.why}"
        return Fact("changes", tier.name, State.OK, words)
    return Fact(
        "changes", tier.name, State.UNKNOWN,
        f"nobody tells what changes in it, so it is walked to know what it holds:"
        f" {too_many(feed.room)}; {feed.why}",
        f"run labkeeper as root, or `sysctl fs.inotify.max_user_watches={folders * 4}`",
    )  # fmt: skip


def _folders(root: str, state: Path) -> int:
    """As many as were found when it was indexed the last time."""
    with suppress(Broken, OSError):
        if (state / "index").is_dir():
            with closing(Rows.read(file_of(state, root))) as rows:
                return rows.count_folders()
    return 0
