"""What a machine's services are to be compiled to, by what runs containers there."""

from labkeeper.draft.seen import Engine, Seen
from labkeeper.lab.host import Target
from labkeeper.lab.path import Version
from labkeeper.source import UnreadableError
from labkeeper.values import dataclass

# podman-systemd.unit(5) came with Podman 4.4; Debian 12 has 4.3, Debian 13 5.4.
_QUADLET = (4, 4)


@dataclass(frozen=True, slots=True)
class Choice:
    """A target, why, and what has to be installed first."""

    target: Target
    why: str
    first: str | None = None


def choose(seen: Seen) -> Choice:
    """The target that fits what is there already, or what the system brings along."""
    engines = {engine.name: engine for engine in seen.engines}
    podman = engines.get("podman")
    if seen.system == "nixos":
        return Choice("nixos", "it runs NixOS")
    if podman and is_quadlet(podman):
        return Choice("quadlet", f"it has Podman {podman.version}, which runs under systemd")
    if "docker" in engines:
        return Choice("compose", "it has Docker")
    if podman:
        first = "install Docker, or a Podman of 4.4 or later"
        why = f"its Podman {podman.version or ''}".rstrip()
        return Choice("compose", f"{why} is older than 4.4, the first with Quadlet", first)
    if seen.system == "debian" and seen.release.split(".")[0] in {"10", "11", "12"}:
        why = f"nothing runs containers yet, and the Podman of Debian {seen.release} has no Quadlet"
        return Choice("compose", why, "install Docker: https://docs.docker.com/engine/install/")
    why = "nothing runs containers yet; Podman under systemd is the simplest"
    return Choice("quadlet", why, "install Podman: apt install podman")


def is_quadlet(engine: Engine) -> bool:
    """Whether it is a Podman that systemd can be given containers with."""
    version = version_of(engine.version)
    return engine.name == "podman" and version is not None and version.parts >= _QUADLET


def version_of(text: str | None) -> Version | None:
    """A version as a program says it: `5.4.2-rc1`, `28.5.1+dfsg`."""
    if text is None:
        return None
    head = text.strip().removeprefix("v")
    end = next((n for n, c in enumerate(head) if c not in "0123456789."), len(head))
    try:
        return Version.parse(head[:end].strip("."))
    except UnreadableError:
        return None
