"""What a container of a compose file mounts."""

from collections.abc import Iterator
from typing import Final

from labkeeper.plan import Host, Mount, Service
from labkeeper.source import Plain
from labkeeper.targets.allowing import allowance
from labkeeper.targets.ground import Ground
from labkeeper.targets.yaml import Line, Tree
from labkeeper.values import regex

_PLAIN: Final = regex(r"[A-Za-z0-9/_.:-]+")


def volumes(service: Service, host: Host, ground: Ground) -> Iterator[Tree]:
    """Its mounts, then the files that it reads, which lie beside the compose file."""
    tiers = tuple(tier.path for tier in ground.plan.tiers if tier.host == host.name)
    key = (service.host, service.key)
    container = ground.containers[key]
    for mount in container.mounts:
        if mount.kind != "tmpfs":
            volume, comment = _volume(mount, tiers), allowance(mount, container, ground)
            plain = isinstance(volume, str) and _PLAIN.fullmatch(volume)
            yield Plain(f"{volume}  # {comment}") if comment and plain else volume
    for file in ground.configured.get(key, ()):
        yield _written(f"./{file.place}", file.path, ("ro",))


def _volume(mount: Mount, tiers: tuple[str, ...]) -> Tree:
    """A mount. What lies in a tier is not made where it is missing: its disk is not mounted then.

    The short form makes a folder of root's in its place, on the disk below.
    """
    source, target = mount.source.text if mount.source else "", mount.target.text
    options = (*(["ro"] if mount.read_only else []), *mount.options)
    if mount.kind != "bind" or not _in_tier(source, tiers) or mount.options:
        return _written(source, target, options, mount.kind)
    return _long(source, target, options, mount.kind)


def _in_tier(path: str, tiers: tuple[str, ...]) -> bool:
    return any((path + "/").startswith(tier.rstrip("/") + "/") for tier in tiers)


def _written(source: str, target: str, options: tuple[str, ...], kind: str = "bind") -> Tree:
    """The short form, where no colon of a path would end it early."""
    if ":" in source + target or not source:
        return _long(source, target, options, kind)
    return ":".join([source, target, *([",".join(options)] if options else [])])


def _long(source: str, target: str, options: tuple[str, ...], kind: str) -> Tree:
    tree: dict[str, Tree] = {"type": kind}
    if source:
        tree["source"] = source
    tree["target"] = target
    if "ro" in options:
        tree["read_only"] = True
    if kind == "bind":
        tree["bind"] = Line({"create_host_path": False})
    return tree
