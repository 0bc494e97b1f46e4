"""Containers, wherever they were seen, to the services of a lab."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Final

from labkeeper.catalog import Service as Known
from labkeeper.catalog import Services as Shelf
from labkeeper.draft.draft import Note
from labkeeper.draft.environment import Environment, environment_of
from labkeeper.draft.instance import Instance, Shown
from labkeeper.draft.links import Links, links_of
from labkeeper.draft.naming import likely, service_names
from labkeeper.draft.paths import Paths, paths_of
from labkeeper.draft.ports import published, settled
from labkeeper.draft.secrets import Named, looks_secret
from labkeeper.draft.standard import version_of
from labkeeper.draft.tiers import Tiers
from labkeeper.lab.containers import Owner
from labkeeper.lab.name import Label, NetworkName, ServiceName
from labkeeper.lab.path import HostPath, ImageReference
from labkeeper.lab.service import Service
from labkeeper.lab.size import Size
from labkeeper.source import UnreadableError

# Devices and rights that a VPN gateway cannot do without, and that the catalog brings along.
_OF_TUNNEL: Final = frozenset({"/dev/net/tun", "NET_ADMIN", "NET_RAW"})


@dataclass(slots=True)
class Taken:
    """Services, and what goes with them."""

    services: dict[ServiceName, Service] = field(default_factory=dict)
    networks: dict[NetworkName, None] = field(default_factory=dict)
    comments: dict[tuple[str, ...], tuple[str, ...]] = field(default_factory=dict)
    notes: list[Note] = field(default_factory=list)
    secrets: Named = field(default_factory=Named)


@dataclass(frozen=True, slots=True)
class _One:
    """A container, and all that is known of it besides."""

    instance: Instance
    name: str
    # What the catalog knows of it, after those that nobody looks after gave way to their heirs.
    kind: Known | None
    image: str | None
    ports: tuple[Shown, ...]


def services_of(
    instances: Sequence[Instance], shelf: Shelf, tiers: Tiers, *, gpu: bool
) -> Taken:
    """A service for each; `gpu` says whether the host's card is known."""
    taken = Taken()
    # Without an image, nothing can be run.
    instances = [instance for instance in instances if _has_image(instance, taken)]
    kinds = [_kind(instance, shelf) for instance in instances]
    words = {n: kind.name if kind else None for n, kind in enumerate(kinds)}
    names = service_names(instances, words, shelf.by_name)
    links = links_of(instances, names)
    ports, moved = settled(instances, names, links.gateways, kinds)
    for number, instance in enumerate(instances):
        heir, image = _heir(instance, kinds[number], shelf, names[number], taken)
        one = _One(instance, names[number], heir, image, ports[number])
        gone = [f"port {m.port.host}, which `{m.other}` has" for n, m in moved if n == number]
        _take(one, links, number, tiers, taken, gone, gpu=gpu)
    taken.notes.extend(links.notes)
    return taken


def _has_image(instance: Instance, taken: Taken) -> bool:
    if instance.image and _image(instance.image):
        return True
    why = "its image is built here" if instance.image is None else "its image's name is not known"
    taken.notes.append(Note(f"`{instance.name}` was not taken over: {why}", instance.at))
    return False


def _image(text: str) -> ImageReference | None:
    try:
        return ImageReference.parse(text)
    except UnreadableError:
        return None


def _kind(instance: Instance, shelf: Shelf) -> Known | None:
    return shelf.of_image(instance.image) if instance.image else None


def _heir(
    instance: Instance, kind: Known | None, shelf: Shelf, name: str, taken: Taken
) -> tuple[Known | None, str | None]:
    """What is run in place of software that nobody looks after any more."""
    if kind is None or kind.retired is None or not kind.retired.instead:
        return kind, instance.image
    heir = shelf.by_name.get(kind.retired.instead)
    if heir is None or heir.retired is not None:
        return kind, instance.image
    message = f"`{name}`: {kind.title} {kind.retired.what}; the lab runs {heir.title} instead"
    taken.notes.append(Note(message, instance.at, ("services", name)))
    return heir, None


def _take(
    one: _One, links: Links, number: int, tiers: Tiers, taken: Taken, gone: Sequence[str],
    *, gpu: bool,
) -> None:  # fmt: skip
    instance, name, kind = one.instance, one.name, one.kind
    environment = environment_of(instance, kind, name, taken.secrets)
    paths = paths_of(instance, kind, name, tiers)
    left = [*gone, *environment.left, *paths.left, *instance.beyond]
    service = _service(one, environment, paths, left, gpu=gpu)
    service = replace(
        service,
        through=_named(links.through.get(number)),
        after=tuple(ServiceName(other) for other in links.after.get(number, ())),
        networks=_networks(instance, taken) if number not in links.through else (),
    )
    taken.services[ServiceName(name)] = service
    _tell(one, paths, left, taken)


def _named(name: str | None) -> ServiceName | None:
    return ServiceName(name) if name else None


def _service(
    one: _One, environment: Environment, paths: Paths, left: list[str], *, gpu: bool
) -> Service:
    instance, kind = one.instance, one.kind
    version = version_of(kind, one.image) if kind and one.image else None
    keeps_image = one.image is not None and version is None and not _is_floating(one, left)
    wants = instance.gpu
    if wants and not gpu:
        left.append("the graphics card, since the lab does not say yet which one it is")
    return Service(
        is_=ServiceName(kind.name) if kind and kind.name != one.name else None,
        image=_image(one.image) if keeps_image and one.image else None,
        version=version,
        command=_command(one, left),
        ports=published(one.ports, kind),
        paths=paths.found,
        environment=environment.said,
        user=environment.user or _user(instance, left),
        umask=environment.umask,
        vpn=environment.vpn,
        memory=Size(instance.memory) if instance.memory else None,
        gpu=True if wants and gpu else None,
        devices=_devices(one, left),
        capabilities=_capabilities(one, left),
    )


def _is_floating(one: _One, left: list[str]) -> bool:
    """Whether the image of a service of the catalog is any version, so that none is named."""
    if one.kind is None or one.image is None:
        return False
    tail = one.image.rsplit("/", 1)[-1]
    if "@" in tail or (":" in tail and not tail.endswith(":latest")):
        return False
    left.append(f"the version, which `{one.image}` does not name")
    return True


def _command(one: _One, left: list[str]) -> tuple[str, ...]:
    words = one.instance.command
    if not words:
        return ()
    if one.kind is not None and one.kind.name in {"prometheus", "alertmanager", "grafana", "loki"}:
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


def _devices(one: _One, left: list[str]) -> tuple[HostPath, ...]:
    found: list[HostPath] = []
    for device in one.instance.devices:
        if one.kind and one.kind.vpn_gateway and device in _OF_TUNNEL:
            continue
        try:
            found.append(HostPath.parse(device))
        except UnreadableError:
            left.append(f"the device `{device}`")
    return tuple(dict.fromkeys(found))


def _capabilities(one: _One, left: list[str]) -> tuple[Label, ...]:
    found: list[Label] = []
    for capability in one.instance.capabilities:
        if one.kind and one.kind.vpn_gateway and capability in _OF_TUNNEL:
            continue
        try:
            found.append(Label.parse(capability))
        except UnreadableError:
            left.append(f"the capability `{capability}`")
    if one.instance.privileged and not (one.kind and one.kind.privileged):
        left.append("`privileged`, for which a lab has no word")
    return tuple(dict.fromkeys(found))


def _networks(instance: Instance, taken: Taken) -> tuple[NetworkName, ...]:
    found = [NetworkName(likely(name, "network")) for name in instance.networks]
    taken.networks.update(dict.fromkeys(found))
    return tuple(dict.fromkeys(found))


def _tell(one: _One, paths: Paths, left: Sequence[str], taken: Taken) -> None:
    """What a person has to know of one service: beside it, and on the terminal."""
    path = ("services", one.name)
    said: list[str] = []
    if one.name != one.instance.name:
        said.append(f"it was called `{one.instance.name}`")
    if left:
        said.append(f"left out: {'; '.join(left)}")
    if paths.to_copy:
        volumes = ", ".join(f"`{volume}`" for volume in paths.to_copy)
        many = "the volumes" if len(paths.to_copy) > 1 else "the volume"
        said.append(f"copy what is in {many} {volumes} to where the lab keeps it")
    if said:
        taken.notes.extend(
            Note(f"`{one.name}`: {word}", one.instance.at, path) for word in said
        )
    about: Mapping[tuple[str, ...], list[str]] = {path: [word[0].upper() + word[1:] + "." for word in said]}
    taken.comments.update({key: tuple(lines) for key, lines in about.items() if lines})
