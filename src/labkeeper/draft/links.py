"""Which container uses another's network, and which waits for which, by the names of a lab."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import field

from labkeeper.draft.draft import Note
from labkeeper.draft.instance import Instance
from labkeeper.source import nearest
from labkeeper.values import dataclass


@dataclass(slots=True)
class Links:
    """By the number of a container: names of services, none of which leads back to it."""

    through: dict[int, str] = field(default_factory=dict)
    after: dict[int, tuple[str, ...]] = field(default_factory=dict)
    # Clients and their gateways, by number.
    gateways: dict[int, int] = field(default_factory=dict)
    notes: list[Note] = field(default_factory=list)
    # Who waits for whom, by number.
    waiting: dict[int, set[int]] = field(default_factory=dict)


def links_of(instances: Sequence[Instance], names: Sequence[str]) -> Links:
    """The links that hold."""
    links = Links()
    for number, instance in enumerate(instances):
        if instance.through is not None:
            _through(number, instances, names, links)
    links.waiting.update((client, {gateway}) for client, gateway in links.gateways.items())
    for number in range(len(instances)):
        links.after[number] = tuple(dict.fromkeys(_after(number, instances, names, links)))
    return links


def _through(
    number: int, instances: Sequence[Instance], names: Sequence[str], links: Links
) -> None:
    instance = instances[number]
    gateway, name = _meant(instance.through or "", instance, instances)
    if gateway is None or gateway == number or instances[gateway].through is not None:
        message = f"`{names[number]}`: left out: the network of `{instance.through}`"
        links.notes.append(Note(f"{message}, which is not there", instance.at))
        return
    if name != instance.through:
        links.notes.append(_corrected(names[number], instance, instance.through or "", name))
    links.through[number] = names[gateway]
    links.gateways[number] = gateway


def _after(
    number: int, instances: Sequence[Instance], names: Sequence[str], links: Links
) -> Iterator[str]:
    instance = instances[number]
    for wanted in instance.after:
        other, name = _meant(wanted, instance, instances)
        if other is None:
            message = f"`{names[number]}`: left out: it waits for `{wanted}`, which is not there"
            links.notes.append(Note(message, instance.at))
            continue
        if name != wanted:
            links.notes.append(_corrected(names[number], instance, wanted, name))
        # Whoever uses a gateway's network waits for it anyway.
        if links.gateways.get(number) == other:
            continue
        if _leads_to(other, number, links.waiting):
            message = f"`{names[number]}`: left out: it waits for `{names[other]}`"
            links.notes.append(Note(f"{message}, which waits for it", instance.at))
            continue
        links.waiting.setdefault(number, set()).add(other)
        yield names[other]


def _leads_to(start: int, end: int, waiting: Mapping[int, set[int]]) -> bool:
    seen: set[int] = set()
    rest = [start]
    while rest:
        here = rest.pop()
        if here == end:
            return True
        if here not in seen:
            seen.add(here)
            rest.extend(waiting.get(here, ()))
    return False


def _meant(
    wanted: str, instance: Instance, instances: Sequence[Instance]
) -> tuple[int | None, str]:
    """The container that is called so, or the one whose name is nearest."""
    beside = {
        name: number
        for number, other in enumerate(instances)
        if other.project == instance.project and other.host == instance.host
        for name in (other.name, *other.names)
    }
    if wanted in beside:
        return beside[wanted], wanted
    near = nearest(wanted, beside, cutoff=0.8)
    return (beside[near], near) if near else (None, wanted)


def _corrected(service: str, instance: Instance, wrong: str, right: str) -> Note:
    return Note(f"`{service}`: there is no `{wrong}`; `{right}` was meant", instance.at)
