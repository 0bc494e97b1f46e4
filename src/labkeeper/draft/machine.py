"""What a machine shows of itself to a first lab of it."""

from collections.abc import Iterator, Sequence
from dataclasses import replace
from typing import Final

from labkeeper.catalog import Catalog
from labkeeper.catalog import Services as Shelf
from labkeeper.draft import tiers
from labkeeper.draft.accepting import accepted
from labkeeper.draft.draft import Draft, Note, Path
from labkeeper.draft.naming import likely
from labkeeper.draft.seen import Card, FileSystem, Seen
from labkeeper.draft.services import Taken, add_watchers, services_of
from labkeeper.draft.target import Choice, choose, version_of
from labkeeper.draft.whole import Parts, lines, whole
from labkeeper.lab.count import Count
from labkeeper.lab.hardware import Gpu, Interface, Tier, Versions
from labkeeper.lab.host import Host
from labkeeper.lab.name import HostName, Label, ServiceName, TierName, ZoneName
from labkeeper.lab.service import Service
from labkeeper.lab.size import Size
from labkeeper.lab.zone import TimeZone
from labkeeper.source import UnreadableError

_GIB: Final = 1024**3
_MIB: Final = 1024**2
_ARCHITECTURES: Final = {"aarch64": "aarch64-linux", "arm64": "aarch64-linux"}


def draft_of_machine(seen: Seen, catalog: Catalog) -> Draft:
    """A lab with this machine as its only host."""
    shelf = catalog.services
    name = HostName(likely(seen.name.split(".")[0], "box"))
    choice = choose(seen)
    found = tiers.of_machine(seen.file_systems)
    kept = {tier: each for tier, (each, _) in found.items()}
    root = next((each for each in seen.file_systems if each.point == "/"), None)
    if not kept:
        kept = {TierName("data"): tiers.folder_of_system(root)}
    card, others = _card(seen)
    taken = services_of(seen.containers, shelf, kept, gpu=card is not None)
    _native(seen, shelf, choice, taken)
    add_watchers(taken, shelf)
    interfaces = _interfaces(seen, choice)
    _open_to(taken, [i.zone for i in interfaces.values() if i.zone])
    timezone, unknown = _timezone(seen)
    host = replace(
        _host(seen, choice, kept),
        gpu=card,
        interfaces=interfaces,
    )
    here = ("hosts", name.text)
    comments: dict[Path, tuple[str, ...]] = {
        (*here, "target"): (f"{choice.why[0].upper()}{choice.why[1:]}.",),
        (*here, "tiers"): tuple(_about_tiers(found, root)),
    }
    if others:
        comments[(*here, "memory")] = tuple(others)
    draft = whole(
        Parts(
            name,
            host,
            taken,
            timezone,
            notes=(*_notes(choice, name), *unknown),
            comments=comments,
            last=(_timers(seen),),
        )
    )
    return accepted(draft, catalog)


def _host(seen: Seen, choice: Choice, kept: tiers.Tiers) -> Host:
    engines = {engine.name: engine.version for engine in seen.engines}
    return Host(
        target=choice.target,
        system="aarch64-linux" if seen.architecture in _ARCHITECTURES else "x86_64-linux",
        memory=_memory(seen.memory),
        cpus=Count(seen.processors) if seen.processors else None,
        tiers=kept,
        versions=Versions(
            system=version_of(seen.release),
            systemd=version_of(seen.systemd),
            podman=version_of(engines.get("podman")),
            docker=version_of(engines.get("docker")),
        ),
    )


def _memory(count: int | None) -> Size | None:
    """A little of a machine's memory is the firmware's own; half gibibytes are near enough."""
    if not count or count < _MIB:
        return None
    unit = _GIB // 2 if count >= 4 * _GIB else _MIB
    return Size(count // unit * unit)


def _card(seen: Seen) -> tuple[Gpu | None, list[str]]:
    """The card that services can share, and what is to be said of those that are not it."""
    chosen: Gpu | None = None
    said: list[str] = []
    for card in seen.cards:
        if chosen is None and card.model and card.vram and card.vram >= _MIB:
            vram = Size(card.vram // _MIB * _MIB)
            driver = version_of(card.driver)
            chosen = Gpu(model=card.model, vram=vram, vendor=card.vendor, driver=driver)
        else:
            said.append(_of_card(card))
    return chosen, said


def _of_card(card: Card) -> str:
    name = card.model or f"a graphics card of {card.vendor}"
    where = f" at {card.node}" if card.node else ""
    if card.vram is None and card.vendor == "intel":
        return f"There is {name}{where}: a service gets it with `devices: [/dev/dri]`."
    return f"There is {name}{where}, too; a lab has one card a host that services share."


def _interfaces(seen: Seen, choice: Choice) -> dict[Label, Interface]:
    # Docker publishes ports past a host's firewall: zones would promise what is not so.
    if choice.target == "compose" or "tailscale0" not in seen.interfaces:
        return {}
    return {Label("tailscale0"): Interface(zone=ZoneName("tailnet"))}


def _open_to(taken: Taken, zones: Sequence[ZoneName]) -> None:
    """Once there are zones, services are open to those alone that they name: as they were."""
    for name in taken.shown:
        taken.services[name] = replace(taken.services[name], open_to=tuple(zones))


def _timezone(seen: Seen) -> tuple[TimeZone, list[Note]]:
    try:
        return TimeZone.parse(seen.timezone or "UTC"), []
    except UnreadableError:
        message = f"the time zone `{seen.timezone}` has no name that is known everywhere"
        return TimeZone("UTC"), [Note(message, path=("timezone",))]


def _about_tiers(
    found: dict[TierName, tuple[Tier, FileSystem]], root: FileSystem | None
) -> Iterator[str]:
    yield "Where things are kept, by names that the rest of the lab uses."
    for name, (_, system) in found.items():
        yield f"{name}: {_room(system)}, {system.kind}."
    if not found:
        room = f" ({_room(root)})" if root else ""
        yield f"This is a folder on the system's disk{room}; `size` is how much it may hold."


def _room(system: FileSystem) -> str:
    return f"{_amount(system.free)} free of {_amount(system.size)}"


def _amount(count: int) -> str:
    for unit, power in (("TiB", 4), ("GiB", 3), ("MiB", 2)):
        if count >= 1024**power:
            return f"{count / 1024**power:.1f} {unit}"
    return f"{count} B"


def _native(seen: Seen, shelf: Shelf, choice: Choice, taken: Taken) -> None:
    """Software that the catalog knows and that runs without a container."""
    for unit in seen.units:
        known = shelf.by_unit.get(unit)
        name = ServiceName(known.name) if known else None
        if known is None or name is None or name in taken.services or known.retired:
            continue
        if choice.target == "nixos":
            taken.services[name] = Service(run="native")
        else:
            message = f"`{unit}` runs outside of containers: the lab does not have it yet"
            taken.notes.append(Note(message, path=("services", known.name)))


def _timers(seen: Seen) -> tuple[str, ...]:
    if not seen.timers:
        return ()
    listed = [f"  {each.name}: {each.description or each.starts}" for each in seen.timers]
    return (
        *lines("Timers of this machine that seem to move, delete or copy files. labkeeper can do "
               "that with `storage` and `backup`; two that do the same get in each other's way:"),
        *listed,
    )  # fmt: skip


def _notes(choice: Choice, name: HostName) -> Iterator[Note]:
    if choice.first:
        path = ("hosts", name.text, "target")
        yield Note(f"`target: {choice.target}`: {choice.why}; {choice.first}", path=path)
