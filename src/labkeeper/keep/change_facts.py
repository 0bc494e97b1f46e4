"""Who tells what changes on a tier, and why nobody tells more; what a pool is made of."""

import os
from collections.abc import Iterator, Sequence
from contextlib import closing, suppress
from itertools import chain
from pathlib import Path

from labkeeper.host import feeds, pools
from labkeeper.host.feed import Feed
from labkeeper.host.watches import Watches, too_many
from labkeeper.keep.facts import Fact, State
from labkeeper.plan import Tier
from labkeeper.storage.index import file_of
from labkeeper.storage.twice import twice
from labkeeper.store.index import Rows
from labkeeper.store.state import Broken


def of_changes(tiers: Sequence[Tier], state: Path) -> Iterator[Fact]:
    """It is tried for all tiers at once, as whoever keeps them does."""
    branches = {tier.path: _there(tier.path) for tier in tiers}
    parts = {path: found or (path,) for path, found in branches.items()}
    heard = feeds.listen(list(dict.fromkeys(chain(*parts.values()))))
    try:
        for tier in tiers:
            facts = [_of(tier, part, heard[part], state) for part in parts[tier.path]]
            # One branch of which nobody tells makes the whole of it unknown.
            yield max(facts, key=lambda fact: fact.state is State.UNKNOWN)
            if branches[tier.path]:
                yield _pool(tier, branches[tier.path])
    finally:
        for feed in heard.values():
            feed.close()


def _there(path: str) -> tuple[str, ...]:
    with suppress(OSError):
        return tuple(filter(os.path.isdir, pools.branches(path)))
    return ()


def _of(tier: Tier, part: str, feed: Feed, state: Path) -> Fact:
    whose = "its" if part == tier.path else f"{part}'s"
    if isinstance(feed, Watches):
        return _watched(tier, feed, _folders(part, state), whose)
    if feed.is_alive:
        words = f"the kernel tells of all that changes on {whose} file system ({feed.how})"
        return Fact("changes", tier.name, State.OK, words)
    return Fact(
        "changes", tier.name, State.UNKNOWN,
        f"nobody tells what changes in it, so it is walked to know what it holds: {feed.why}",
        "nothing is to be done: it costs time alone",
    )  # fmt: skip


def _watched(tier: Tier, feed: Watches, folders: int, whose: str) -> Fact:
    if folders <= feed.room:
        words = f"up to {feed.room:,} of {whose} folders are watched one by one (inotify)"
        return Fact("changes", tier.name, State.OK, f"{words}: {feed.why}")
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


def _pool(tier: Tier, branches: Sequence[str]) -> Fact:
    """The branches, and what is in several of them."""
    words = f"it shows {len(branches)} branches as one: {', '.join(branches)}"
    try:
        found = list(twice(branches))
    except OSError as error:
        why = f"{words}; not all of them could be read: {(error.strerror or '').lower()}"
        return Fact("pool", tier.name, State.UNKNOWN, why, "run labkeeper as root")
    if not found:
        return Fact("pool", tier.name, State.OK, words)
    one = os.fsdecode(min(found))
    many = "1 file is" if len(found) == 1 else f"{len(found):,} files are"
    return Fact(
        "pool", tier.name, State.UNKNOWN,
        f"{many} on more than one of its branches ({one}): it shows one, and all take room",
        "compare them, and remove the one that it does not show",
    )  # fmt: skip
