"""Downloads and library lie on one disk, and reach what imports them as two mounts."""

import posixpath
from collections.abc import Iterator
from itertools import product

from labkeeper.checks.check import Check, Fault
from labkeeper.checks.storage.held import Held, covers, held
from labkeeper.checks.storage.media_path_mismatch import clients_of, importers
from labkeeper.checks.view import View
from labkeeper.source import Related


def check(view: View) -> Iterator[Fault]:
    """Each importer whose downloads and library no mount of its own holds both of.

    Neither link(2) nor rename(2) goes from one mount to another, not even of one file system.
    """
    for importer in importers(view):
        own = [each for each in held(importer) if not each.mount.read_only]
        shared = [its for client in clients_of(view, importer) for its in held(client)]
        downloads = [each for each in own if _is_of(each, shared)]
        library = [each for each in own if each not in downloads and each.target != "/config"]
        for arrives, stays in product(downloads, library):
            folder = _one_disk(view, arrives, stays)
            if folder is None or _together(own, arrives, stays):
                continue
            names = f"`{arrives.target}` and `{stays.target}`"
            yield Fault(
                f"{names} are two mounts in `{importer.key}`, so that each import is a copy: no "
                "hard link and no rename goes from one mount to another, even on one disk",
                stays.mount.at,
                f"mount `{folder}` once, as `/data`, in it and in its download clients, and give "
                "the apps folders below `/data`",
                (Related("what is downloaded arrives here", arrives.mount.at),),
                subject=importer.key,
            )
            break


def _is_of(mine: Held, shared: list[Held]) -> bool:
    """Whether a download client writes there too."""
    return any(
        covers(mine.path, its.path) or covers(its.path, mine.path)
        for its in shared
        if not its.mount.read_only and its.target != "/config"
    )


def _together(own: list[Held], one: Held, other: Held) -> bool:
    return any(covers(each.path, one.path) and covers(each.path, other.path) for each in own)


def _one_disk(view: View, one: Held, other: Held) -> str | None:
    """The folder that both lie in, where that is on one disk as far as anybody says."""
    host = one.container.host
    if one.path.startswith("/") != other.path.startswith("/"):
        return None
    folder = posixpath.commonpath((one.path, other.path))
    if not one.path.startswith("/"):
        # Beside the compose file.
        return f"./{folder}".rstrip("/") if folder else "."
    tiers = (tier.path for tier in view.plan.tiers if tier.host == host)
    if any(covers(tier, folder) for tier in tiers):
        return folder
    disks = [view.machines.mount_of(each.path, host) for each in (one, other)]
    is_one = disks[0] is not None and disks[0] == disks[1] and covers(disks[0], folder)
    return folder if is_one else None


CHECK = Check("import-over-two-mounts", "info", plan=check)
