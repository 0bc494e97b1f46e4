"""How Podman finds out whether a container works, and who waits for that."""

import json
from collections.abc import Iterator
from typing import Final

from labkeeper.plan import Service
from labkeeper.targets.health import asked_inside
from labkeeper.targets.quadlet.keys import VALUES, Version
from labkeeper.targets.quadlet.writing import Setting, spelled_number

# Podman takes these as a first word for its own (MakeHealthCheckFromCli in pkg/specgenutil).
_OWN: Final = frozenset({"CMD", "CMD-SHELL", "NONE"})
# libpod/define/sdnotify.go has `healthy` since this version, Quadlet's key only since 5.0.
_FLAG_SINCE: Final = (4, 7)
# Seconds that an image may take to be pulled, which happens within the time of a start.
PULLING: Final = 900


def health_settings(service: Service, version: Version, *, revived: bool) -> Iterator[Setting]:
    """The keys of its health probe; `revived` where it is killed when it no longer works."""
    command, probe = asked_inside(service), service.health
    if command is None or probe is None or unasked(command):
        return
    yield Setting("HealthCmd", _command(command))
    yield Setting("HealthInterval", f"{spelled_number(probe.every)}s")
    yield Setting("HealthStartPeriod", f"{spelled_number(probe.start_within)}s")
    if revived:
        yield Setting("HealthOnFailure", "kill")
    # It has started once it works, so that what comes after it need not try again and again.
    if version >= VALUES["Notify", "healthy"]:
        yield Setting("Notify", "healthy")
    elif version >= _FLAG_SINCE:
        yield Setting("PodmanArgs", "--sdnotify=healthy")


def unasked(command: tuple[str, ...]) -> bool:
    """Whether Podman would take a command for something else."""
    return not command or command[0].upper() in _OWN or (len(command) == 1 and _spaced(command[0]))


def _spaced(text: str) -> bool:
    return not text or any(character.isspace() or character == '"' for character in text)


def _command(words: tuple[str, ...]) -> str:
    """A list is run as it stands, but one of a single word in a shell, which few images lack."""
    return f"CMD {words[0]}" if len(words) == 1 else json.dumps(words)


def start_seconds(service: Service) -> int:
    """How long a start may take, the pulling of its image included."""
    probe = service.health
    return PULLING + (int(probe.start_within) if probe else 60)
