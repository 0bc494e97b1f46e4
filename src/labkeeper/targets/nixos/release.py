"""What differs between the releases of NixOS that configurations are made for."""

from typing import Final

from labkeeper.plan import Host

# Those that somebody may still run, and what they are called:
# https://nixos.org/manual/nixos/stable/release-notes
RELEASES: Final = ("25.05", "25.11", "26.05", "26.11")
# What a host gets whose lab names none.
USUAL: Final = "26.05"


def release(host: Host) -> str:
    """The release that a host runs."""
    said = dict(host.versions).get("system")
    # A version is numbers to the lab: `26.05` comes as `26.5`.
    return ".".join(f"{int(part):02}" for part in said.split(".")[:2]) if said else USUAL


def grafana_needs_key(release: str) -> bool:
    """Whether `settings.security.secret_key` has no default any more (release notes of 26.05)."""
    return release >= "26.05"


def ollama_has_acceleration(release: str) -> bool:
    """Whether an option chooses what Ollama computes on, and undoes what its package says.

    https://github.com/NixOS/nixpkgs/pull/467596 (25.11) and /pull/466004 (26.05)
    """
    return release < "25.11"
