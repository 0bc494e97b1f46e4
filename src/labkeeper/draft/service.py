"""One container as one service: only what differs from what the catalog knows."""

from collections.abc import Iterable
from typing import Final, TypeVar

from labkeeper.catalog import Service as Known
from labkeeper.draft.environment import Environment
from labkeeper.draft.instance import Instance, Shown
from labkeeper.draft.paths import Paths
from labkeeper.draft.ports import published
from labkeeper.draft.secrets import looks_secret
from labkeeper.draft.standard import usual_command, usual_needs, version_of
from labkeeper.lab.containers import Owner
from labkeeper.lab.name import Label, ServiceName
from labkeeper.lab.path import HostPath, ImageReference
from labkeeper.lab.service import Service
from labkeeper.lab.size import Size
from labkeeper.source import UnreadableError
from labkeeper.values import dataclass

# What labkeeper tells by files and flags of its own making.
_CONFIGURED: Final = frozenset({"prometheus", "alertmanager", "grafana", "loki", "alloy"})
_Word = TypeVar("_Word", HostPath, Label)


@dataclass(frozen=True, slots=True)
class One:
    """A container, and all that is known of it besides."""

    instance: Instance
    name: str
    # What the catalog knows of it; of software that nobody looks after, what it knows of its heir.
    kind: Known | None
    # None where the image is the heir's.
    image: str | None
    ports: tuple[Shown, ...]
    # Whether its host's graphics card is known.
    card: bool


def service_of(one: One, environment: Environment, paths: Paths, left: list[str]) -> Service:
    """The service; what it lacks is added to `left`."""
    instance, kind = one.instance, one.kind
    version = version_of(kind, one.image) if kind and one.image else None
    keeps_image = one.image is not None and version is None and not _is_floating(one, left)
    if instance.gpu and not one.card:
        left.append("the graphics card, since the lab does not say yet which one it is")
    if instance.privileged and not (kind and kind.privileged):
        left.append("`privileged`, for which a lab has no word")
    return Service(
        is_=ServiceName(kind.name) if kind and kind.name != one.name else None,
        image=image_of(one.image) if keeps_image and one.image else None,
        version=version,
        command=_command(one, left),
        ports=published(one.ports, kind),
        paths=paths.found,
        environment=environment.said,
        user=environment.user or _user(instance, left),
        umask=environment.umask,
        vpn=environment.vpn,
        memory=Size(instance.memory) if instance.memory else None,
        gpu=True if instance.gpu and one.card else None,
        devices=_needs(one, instance.devices, HostPath, left),
        capabilities=_needs(one, instance.capabilities, Label, left),
    )


def image_of(text: str) -> ImageReference | None:
    """The image, where it can be named in a lab."""
    try:
        return ImageReference.parse(text)
    except UnreadableError:
        return None


def _is_floating(one: One, left: list[str]) -> bool:
    """Whether the image of a service of the catalog is any version, so that none is named."""
    if one.kind is None or one.kind.run is None or one.image is None:
        return False
    tail = one.image.rsplit("/", 1)[-1]
    if "@" in tail or (":" in tail and not tail.endswith(":latest")):
        return False
    left.append(f"the version, which `{one.image}` does not name: see that the catalog's fits")
    return True


def _command(one: One, left: list[str]) -> tuple[str, ...]:
    words = one.instance.command
    if not words or words == usual_command(one.kind):
        return ()
    if one.kind is not None and one.kind.name in _CONFIGURED:
        left.append("its command, which labkeeper writes itself")
        return ()
    if any(map(looks_secret, words)) or any("\0" in word for word in words):
        left.append("its command, which may hold a secret")
        return ()
    return words


def _user(instance: Instance, left: list[str]) -> Owner | None:
    if not instance.user:
        return None
    try:
        return Owner.parse(instance.user)
    except UnreadableError:
        left.append(f"the user `{instance.user}`, which is no number")
        return None


def _needs(one: One, words: Iterable[str], want: type[_Word], left: list[str]) -> tuple[_Word, ...]:
    found: list[_Word] = []
    usual = usual_needs(one.kind)
    for word in words:
        if word in usual:
            continue
        try:
            found.append(want.parse(word))
        except UnreadableError:
            left.append(f"`{word}`, which cannot be said here")
    return tuple(dict.fromkeys(found))
