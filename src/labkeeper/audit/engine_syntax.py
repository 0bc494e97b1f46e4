"""The short forms that docker, podman, compose, Quadlet and NixOS share: ports and mounts."""

from typing import Final, get_args

from labkeeper.plan import Mount, PortRange, PublishedPort
from labkeeper.plan.container import MountKind, Protocol
from labkeeper.source import Slice
from labkeeper.values import regex

_RANGE: Final = regex(r"(\d{1,5})(?:-(\d{1,5}))?")
_PROTOCOLS: Final[dict[str, Protocol]] = {name: name for name in get_args(Protocol)}
_HIGHEST: Final = 65535
# compose-go's format/volume.go: only these make a source a path, and everything else a volume.
_PATH_STARTS: Final = (".", "/", "~", "\\\\", "%", "$")
_DRIVE: Final = regex(r"[A-Za-z]:[\\/]")


def fields(text: Slice) -> tuple[Slice, ...]:
    """The parts between colons; colons inside `${...}` and `[...]` do not part."""
    parts: list[Slice] = []
    start = depth = 0
    for at, character in enumerate(text.text):
        if character in "{[":
            depth += 1
        elif character in "}]":
            depth -= 1
        elif character == ":" and depth <= 0:
            parts.append(text.cut(start, at))
            start = at + 1
    return (*parts, text.cut(start, len(text.text)))


def port_range(text: str) -> PortRange | None:
    """`8080` or `8000-8010`."""
    found = _RANGE.fullmatch(text.strip())
    if not found:
        return None
    first = int(found[1])
    last = int(found[2] or found[1])
    return PortRange(first, last) if 0 < first <= last <= _HIGHEST else None


def published_port(text: Slice) -> PublishedPort | None:
    """`[[ADDRESS:]HOST:]CONTAINER[/PROTOCOL]`, as `docker run -p` takes it."""
    *before, last = fields(text)
    inner, _, protocol = last.text.partition("/")
    container = port_range(inner)
    known = _PROTOCOLS.get(protocol.lower() or "tcp")
    if container is None or known is None:
        return None
    host = before[-1].text if before else ""
    address = ":".join(part.text for part in before[:-1])
    return PublishedPort(
        address.strip("[]") or None, host_range(host, container), container, known, text.span
    )


def host_range(text: str, container: PortRange) -> PortRange | None:
    """The host's ports; none where any free one is taken, or the first free one of a range."""
    found = port_range(text)
    if found is None or found.last - found.first != container.last - container.first:
        return None
    return found


def short_mount(text: Slice) -> Mount | None:
    """`[SOURCE:]TARGET[:OPTIONS]`, as `docker run -v` takes it."""
    parts = list(fields(text))
    if len(parts) > 1 and _DRIVE.match(text.text):
        # `C:\data` is one part though it holds a colon.
        parts[:2] = [text.cut(0, len(parts[0].text) + 1 + len(parts[1].text))]
    if not all(part.text for part in parts[:2]):
        return None
    if len(parts) == 1:
        return Mount("volume", None, parts[0], False, text.span)
    options = tuple(word for part in parts[2:] for word in part.text.split(",") if word)
    source = parts[0]
    kind: MountKind = "bind" if is_path(source.text) else "volume"
    return Mount(kind, source, parts[1], "ro" in options, text.span, options)


def is_path(source: str) -> bool:
    """Whether a mount's source is a path of the host rather than the name of a volume."""
    return source.startswith(_PATH_STARTS) or bool(_DRIVE.match(source))
