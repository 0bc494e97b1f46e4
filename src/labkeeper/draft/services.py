"""Containers, wherever they were seen, to the services of a lab."""

from collections.abc import Mapping, Sequence
from dataclasses import field, replace
from typing import Final

from labkeeper.catalog import Service as Known
from labkeeper.catalog import Services as Shelf
from labkeeper.draft.addresses import led, listeners
from labkeeper.draft.draft import Note
from labkeeper.draft.environment import Environment, environment_of
from labkeeper.draft.instance import Instance
from labkeeper.draft.links import Links, links_of
from labkeeper.draft.naming import likely, service_names
from labkeeper.draft.paths import Paths, paths_of
from labkeeper.draft.ports import settled, strange
from labkeeper.draft.secrets import Named
from labkeeper.draft.service import One, image_of, service_of
from labkeeper.draft.tiers import Tiers
from labkeeper.lab.name import NetworkName, PlainText, ServiceName
from labkeeper.lab.service import Service
from labkeeper.values import dataclass


@dataclass(slots=True)
class Taken:
    """Services, and what goes with them."""

    services: dict[ServiceName, Service] = field(default_factory=dict)
    networks: dict[NetworkName, None] = field(default_factory=dict)
    comments: dict[tuple[str, ...], tuple[str, ...]] = field(default_factory=dict)
    notes: list[Note] = field(default_factory=list)
    secrets: Named = field(default_factory=Named)
    # Services that others than their host can reach.
    shown: list[ServiceName] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class _Around:
    """What the containers have to do with each other."""

    links: Links
    tiers: Tiers
    listening: Mapping[int, str]
    renamed: Mapping[str, str]


def services_of(instances: Sequence[Instance], shelf: Shelf, tiers: Tiers, *, gpu: bool) -> Taken:
    """A service for each; `gpu` says whether the host's card is known."""
    taken = Taken()
    # Without an image, nothing can be run.
    instances = [instance for instance in instances if _has_image(instance, taken)]
    kinds = [shelf.of_image(instance.image) if instance.image else None for instance in instances]
    heirs = [_heir(kind, shelf) for kind in kinds]
    names = service_names(instances, [k.name if k else None for k in heirs], shelf.by_name)
    links = links_of(instances, names)
    ports, moved = settled(instances, names, links.gateways, kinds)
    around = _Around(links, tiers, listeners(instances, names, heirs), _renamed(instances, names))
    for number, instance in enumerate(instances):
        kind, heir = kinds[number], heirs[number]
        image = instance.image if kind is heir else None
        gone = [f"port {m.port.host}, which `{m.other}` has" for n, m in moved if n == number]
        if kind is not None and heir is not None and kind is not heir and kind.retired:
            gone.append(f"{kind.title}, which {kind.retired.what}: this is {heir.title}")
        one = One(instance, names[number], heir, image, ports[number], gpu)
        _take(_without_strange(one, gone), number, around, taken, gone)
    taken.notes.extend(links.notes)
    return taken


# Who asks exporters, and who is told of what alerts find.
_WATCHERS: Final = ("prometheus", "alertmanager")


def add_watchers(taken: Taken, shelf: Shelf) -> None:
    """Where something is there to be measured, what measures it and tells of it is there, too."""
    kinds = {(service.is_ or name).text for name, service in taken.services.items()}
    known = [shelf.by_name.get(kind) for kind in kinds]
    measured = any(each and each.metrics and each.metrics.dedicated for each in known)
    if not measured and "prometheus" not in kinds:
        return
    for name in _WATCHERS:
        if name in kinds or ServiceName(name) in taken.services:
            continue
        why = "somebody has to ask the exporters" if name == "prometheus" else "it tells of alerts"
        taken.services[ServiceName(name)] = Service()
        taken.notes.append(Note(f"`{name}` was added: {why}", path=("services", name)))
        taken.comments["services", name] = (f"Added: {why}.",)


def _has_image(instance: Instance, taken: Taken) -> bool:
    if instance.image and image_of(instance.image):
        return True
    why = "its image is built here" if instance.image is None else "its image's name is not known"
    taken.notes.append(Note(f"`{instance.name}` was not taken over: {why}", instance.at))
    return False


def _heir(kind: Known | None, shelf: Shelf) -> Known | None:
    """What is run in place of software that nobody looks after any more."""
    if kind is None or kind.retired is None or not kind.retired.instead:
        return kind
    heir = shelf.by_name.get(kind.retired.instead)
    return kind if heir is None or heir.retired is not None else heir


def _renamed(instances: Sequence[Instance], names: Sequence[str]) -> dict[str, str]:
    """Names by which containers reached each other, and which no service has now."""
    found: dict[str, str] = {}
    for instance, name in zip(instances, names, strict=True):
        for old in (instance.name, *instance.names):
            if old not in names:
                found.setdefault(old, name)
    return found


def _without_strange(one: One, gone: list[str]) -> One:
    odd = strange(one.ports, one.instance, one.kind)
    if one.instance.host_network and one.instance.ports:
        gone.append("its ports, which a container in the host's network does not publish")
    gone.extend(f"port {p.container}, where it does not listen" for p in one.ports if p in odd)
    return replace(one, ports=tuple(port for port in one.ports if port not in odd))


def _take(one: One, number: int, around: _Around, taken: Taken, gone: Sequence[str]) -> None:
    instance, name, kind = one.instance, one.name, one.kind
    environment = environment_of(instance, kind, name, taken.secrets)
    changed = _corrected(environment, one, number, around)
    paths = paths_of(instance, kind, name, around.tiers)
    left = [*gone, *environment.left, *paths.left, *instance.beyond]
    service = service_of(one, environment, paths, left)
    through = around.links.through.get(number)
    taken.services[ServiceName(name)] = replace(
        service,
        through=ServiceName(through) if through else None,
        after=tuple(ServiceName(other) for other in around.links.after.get(number, ())),
        networks=() if through else _networks(instance, taken),
    )
    if any(not (port.address or "").startswith(("127.", "::1")) for port in one.ports):
        taken.shown.append(ServiceName(name))
    _tell(one, [*changed, *_sentences(one, paths, left)], taken)


def _corrected(environment: Environment, one: One, number: int, around: _Around) -> list[str]:
    """Addresses of others, under their names of now; what was changed is told."""
    shares = one.instance.host_network or number in around.links.through
    listening = {} if shares else around.listening
    known = one.kind.ports if one.kind else ()
    own = frozenset((*(p.container for p in one.ports), *(p.number for p in known)))
    changed: list[str] = []
    for label, value in environment.said.items():
        if isinstance(value, PlainText):
            right = led(value.text, own, listening, around.renamed)
            if right != value.text:
                environment.said[label] = PlainText(right)
                changed.append(f"`{label}` was `{value}`, which leads nowhere from a container")
    return changed


def _networks(instance: Instance, taken: Taken) -> tuple[NetworkName, ...]:
    found = [NetworkName(likely(name, "network")) for name in instance.networks]
    taken.networks.update(dict.fromkeys(found))
    return tuple(dict.fromkeys(found))


def _sentences(one: One, paths: Paths, left: Sequence[str]) -> list[str]:
    """What a person has to know of one service, without full stops."""
    said: list[str] = []
    if one.name != one.instance.name:
        said.append(f"it was called `{one.instance.name}`")
    if left:
        said.append(f"left out: {'; '.join(dict.fromkeys(left))}")
    if paths.to_copy:
        volumes = ", ".join(f"`{volume}`" for volume in paths.to_copy)
        many = "the volumes" if len(paths.to_copy) > 1 else "the volume"
        said.append(f"copy what is in {many} {volumes} to where the lab keeps it")
    return said


def _tell(one: One, said: Sequence[str], taken: Taken) -> None:
    """Beside the service, and on the terminal."""
    path = ("services", one.name)
    taken.notes.extend(Note(f"`{one.name}`: {word}", one.instance.at, path) for word in said)
    if said:
        taken.comments[path] = tuple(f"{word[0].upper()}{word[1:]}." for word in said)
