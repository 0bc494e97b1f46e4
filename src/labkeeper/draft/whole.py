"""The parts of a draft put together, with what a newcomer has to know beside them."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import field
from textwrap import wrap
from typing import Final

from labkeeper.draft.draft import Draft, Note, Path
from labkeeper.draft.services import Taken
from labkeeper.lab import Lab
from labkeeper.lab.host import Host, Target
from labkeeper.lab.monitoring import Monitoring
from labkeeper.lab.name import HostName, Label, NetworkName, ZoneName
from labkeeper.lab.network import ContainerNetwork, Network, Zone
from labkeeper.lab.notify import Notify
from labkeeper.lab.secrets import Secrets
from labkeeper.lab.zone import TimeZone
from labkeeper.values import dataclass

WIDTH: Final = 94
_HEAD: Final = (
    "What this lab is: its machines, what runs on them, where things are kept, who is told. "
    "`labkeeper check` finds what is wrong in it, and docs/reference/lab.md explains every key."
)
_SERVICES: Final = (
    "What runs. A service that the catalog knows needs no more than its name: image, ports, "
    "paths, health and alerts come from there, and what is said here counts more."
)
_SECRETS: Final = (
    "Secrets are named here and never written here. The values of those that were found were "
    "not copied: put each one into the store under its name."
)
_NETWORKS: Final = "Networks that containers share, as they were found."
_NOTIFY: Final = "Who is told of what, by severity."
_MONITORING: Final = "How closely it is watched; as it was found."
_FIRST_SERVICES: Final = (
    "Nothing ran here that labkeeper could see. To begin, take away the `#`:",
    "services:",
    "  node-exporter:",
    "  # jellyfin:",
    "  # sonarr:",
)
_FIRST_NOTIFY: Final = (
    "Nobody is told yet when something is wrong. One way (ntfy.sh, or an ntfy of your own):",
    "notify:",
    '  channels: {phone: {ntfy: "https://ntfy.sh/change-me"}}',
    "  routes: {critical: [phone], warning: [phone]}",
)
_FIRST_BACKUP: Final = (
    "Nothing is backed up yet. `to` is a path, a place in a tier or an address; keep a copy of",
    "the password elsewhere, and add its name to the names under `secrets`.",
    "backup:",
    "  repositories:",
    "    vault: {to: sftp://backup@nas.example/lab, password: secret:restic}",
)


def lines(text: str) -> tuple[str, ...]:
    """A text as the lines of a comment."""
    return tuple(wrap(text, WIDTH, break_long_words=False, break_on_hyphens=False))


@dataclass(frozen=True, slots=True)
class Parts:
    """What a draft is put together from."""

    name: HostName
    host: Host
    taken: Taken
    timezone: TimeZone
    notify: Notify = field(default_factory=Notify)
    monitoring: Monitoring = field(default_factory=Monitoring)
    notes: tuple[Note, ...] = ()
    comments: Mapping[Path, Sequence[str]] = field(default_factory=dict)
    # Blocks of comment for the end.
    last: tuple[Sequence[str], ...] = ()


def whole(parts: Parts) -> Draft:
    """The draft of a lab with one host."""
    taken, machine = parts.taken, parts.host
    zones = [i.zone for i in machine.interfaces.values() if i.zone]
    lab = Lab(
        lab=Label("home"),
        timezone=parts.timezone,
        hosts={parts.name: machine},
        services=taken.services,
        network=_network(taken.networks, zones),
        notify=parts.notify,
        monitoring=parts.monitoring,
        secrets=_secrets(taken, machine.target),
    )
    said: dict[Path, tuple[str, ...]] = {
        ("lab",): lines(_HEAD),
        ("hosts",): ("",),
        ("services",): ("", *lines(_SERVICES)),
        ("network",): ("", *lines(_NETWORKS)),
        ("notify",): ("", *lines(_NOTIFY)),
        ("monitoring",): ("", *lines(_MONITORING)),
        ("secrets",): ("", *lines(_SECRETS)),
    }
    for path, words in (*taken.comments.items(), *parts.comments.items()):
        wrapped = [line for word in words for line in lines(word)]
        said[path] = (*said.get(path, ()), *wrapped)
    return Draft(lab, said, (*parts.notes, *taken.notes), tuple(_last(lab, parts.last)))


def _network(found: Iterable[NetworkName], zones: Sequence[ZoneName]) -> Network:
    return Network(
        containers={name: ContainerNetwork() for name in found},
        zones={zone: Zone() for zone in zones},
    )


def _secrets(taken: Taken, target: Target) -> Secrets | None:
    names = taken.secrets.names
    if not names:
        return None
    if target == "nixos":
        return Secrets(store="sops", file="secrets.yaml", names=names)
    return Secrets(store="files", folder="/etc/labkeeper/secrets", names=names)


def _last(lab: Lab, more: Iterable[Sequence[str]]) -> Iterable[str]:
    """What is not there yet, as something to begin with."""
    blocks: list[Sequence[str]] = [block for block in more if block]
    if not lab.services:
        blocks.append(_FIRST_SERVICES)
    if not lab.notify.channels:
        blocks.append(_FIRST_NOTIFY)
    blocks.append(_FIRST_BACKUP)
    for block in blocks:
        yield ""
        yield from block
