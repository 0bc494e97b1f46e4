"""How full a tier is: asked of its file system, or counted where it is a folder with a size."""

import errno
import os
from collections.abc import Callable
from typing import Final

from labkeeper.host import filesystems, pools
from labkeeper.keep.usage import Usage
from labkeeper.plan import Tier
from labkeeper.storage.listing import list_folder
from labkeeper.storage.places import Place, check_mounted, look_at
from labkeeper.storage.reasons import Refusal
from labkeeper.storage.tree import Tree

# What went meanwhile, and what is mounted below.
_GONE: Final = (errno.ENOENT, errno.ENOTDIR, errno.ELOOP, errno.EXDEV)


def usage_of(
    tier: Tier, below: Callable[[str], int] | None = None,
    look: Callable[[str, str], Place] = look_at,
) -> Usage:  # fmt: skip
    """Look at a tier. One that does not answer, or is not mounted, is unknown and never empty.

    Where it is a folder with a size, `below` says what is in it, a walk where nobody else does.
    """
    try:
        check_mounted(tier.path)
        if not look(tier.path, "tier").is_folder:
            return Usage(why=f"{tier.path} is not there")
        is_counted = tier.size is not None
        used, size = ((below or bytes_below)(tier.path), tier.size) if tier.size else _asked(tier)
    except Refusal as refusal:
        return Usage(why=refusal.message)
    except OSError as error:
        return Usage(why=f"{tier.path}: {(error.strerror or str(error)).lower()}")
    if tier.keep_free is None:
        return Usage(used, size, is_counted=is_counted)
    kept = tier.keep_free.bytes
    reserve = int(size * (tier.keep_free.ratio or 0)) if kept is None else kept
    return Usage(used, size, reserve, is_counted=is_counted)


def bytes_below(path: str) -> int:
    """What the files below a folder take of their disk, each inode once; as the index counts.

    Of a pool all branches, and no other file system that is mounted below.
    """
    parts = pools.parts_of(path)
    there = parts if len(parts) == 1 else tuple(filter(os.path.isdir, parts))
    return sum(_walked(os.fsencode(os.path.realpath(part))) for part in there)


def _walked(path: bytes) -> int:
    seen: set[int] = set()
    total = 0
    with Tree(path) as tree:
        waiting = [b""]
        while waiting:
            at = waiting.pop()
            try:
                listing = list_folder(tree.root, at)
            except OSError as error:
                if error.errno not in _GONE:
                    raise
                continue
            waiting.extend(os.path.join(at, name) for name in listing.folders)
            for facts in listing.files.values():
                if facts.links == 1 or facts.inode not in seen:
                    seen.add(facts.inode)
                    total += facts.blocks * 512
    return total


def _asked(tier: Tier) -> tuple[int, int]:
    """A folder of the system's own disk is what shows where a tier's disk is not mounted."""
    if os.stat(tier.path).st_dev == os.stat("/").st_dev:
        raise Refusal(
            "not-mounted",
            f"{tier.path} is a folder of the system's own disk, so its disk is not mounted",
            f"mount it, or give the tier `{tier.name}` a `size:` if the folder is meant",
        )
    folder = os.open(tier.path, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
    try:
        found = filesystems.of(folder)
    finally:
        os.close(folder)
    return found.size - found.free, found.size
