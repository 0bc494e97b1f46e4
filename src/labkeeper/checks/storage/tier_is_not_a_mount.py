"""A tier without a size is no disk of its own, but a part of the system."""

from collections.abc import Iterator
from typing import Final

from labkeeper.checks.check import Check, Fault
from labkeeper.checks.storage.places import is_below
from labkeeper.checks.view import View

# Filesystem Hierarchy Standard 3.0: the system's own. `/home`, `/srv`, `/opt` and `/var` may well
# be disks.
_SYSTEM: Final = ("/bin", "/boot", "/dev", "/etc", "/lib", "/nix", "/proc", "/root", "/run",
                  "/sbin", "/sys", "/usr")  # fmt: skip


def check(view: View) -> Iterator[Fault]:
    """Looks for tiers at places that the system needs for itself."""
    for tier in view.plan.tiers:
        system = tier.path == "/" or any(is_below(tier.path, folder) for folder in _SYSTEM)
        # What systems mount for people is below /run.
        if tier.size is None and system and not is_below(tier.path, "/run/media"):
            whose = "is the system's own disk" if tier.path == "/" else "belongs to the system"
            yield Fault(
                f"the tier `{tier.name}` of `{tier.host}` is at `{tier.path}`, which {whose}",
                tier.path_at,
                "name the place where a disk is mounted, such as `/mnt/data`; a folder of the"
                " system's disk is a tier with a `size`, so that it cannot fill it",
                subject=f"{tier.host} {tier.name}",
            )


CHECK = Check("tier-is-not-a-mount", "warning", plan=check)
