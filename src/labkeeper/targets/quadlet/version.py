"""The version of Podman that a host's units are written for."""

from typing import Final

from labkeeper.plan import Host
from labkeeper.source import Finding
from labkeeper.targets.quadlet.keys import Version, spoken

# The first that has Quadlet, and the last of which the keys are known.
OLDEST: Final[Version] = (4, 4)
NEWEST: Final[Version] = (5, 8)
# Debian 13's, which is taken where nobody says.
USUAL: Final[Version] = (5, 4)


def podman_of(host: Host) -> Version | Finding:
    """What its units are for; a newer Podman takes what the newest known one takes."""
    stated = dict(host.versions).get("podman")
    if stated is None:
        return USUAL
    major, _, rest = stated.partition(".")
    version = int(major), int(rest.partition(".")[0] or 0)
    if version < OLDEST:
        return Finding(
            "podman-without-quadlet", "error",
            f"`{host.name}` has Podman {stated}, which cannot run Quadlets",
            host.at, f"Podman can since {spoken(OLDEST)}: a newer one, or `target: compose`",
            subject=host.name,
        )  # fmt: skip
    return min(version, NEWEST)


def unstated(host: Host) -> Finding | None:
    """That nobody says which Podman a host has."""
    if "podman" in dict(host.versions):
        return None
    return Finding(
        "podman-version-unstated", "info",
        f"nobody says which Podman `{host.name}` has: its units are for {spoken(USUAL)}",
        host.at, f"`podman --version` tells: `versions: {{podman: {spoken(USUAL)}}}`",
        subject=host.name,
    )  # fmt: skip
