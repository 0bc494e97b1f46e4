"""The firewall of a host that is not NixOS: a table of nftables, and the unit that loads it.

Nothing but this table is touched. Podman (netavark) and Docker keep tables of their own, which
let in what containers show and let out what they send; a base chain here can only drop what those
would pass, and what it accepts they still may drop.
"""

import re
from collections.abc import Iterable, Iterator
from ipaddress import ip_address, ip_network
from typing import Final

from labkeeper.plan import Host, Opening
from labkeeper.source import Finding, comment_line
from labkeeper.targets.artifact import Artifact
from labkeeper.targets.ground import Ground
from labkeeper.targets.quadlet.hardening import HARDENED
from labkeeper.targets.yaml import HEAD

RULES: Final = "etc/nftables.d/labkeeper.nft"
UNIT: Final = "etc/systemd/system/labkeeper-firewall.service"
_TARGETS: Final = frozenset({"quadlet", "compose"})
# What netavark, CNI and Docker call the bridges of their networks.
_BRIDGES: Final = {"podman": ("podman*", "cni-podman*"), "docker": ("docker0", "br-*")}
# It speaks netlink to the kernel of the host, and does nothing else.
_INSTEAD: Final = {
    "CapabilityBoundingSet=": "CapabilityBoundingSet=CAP_NET_ADMIN",
    "PrivateNetwork=yes": None,
    "RestrictAddressFamilies=AF_UNIX": "RestrictAddressFamilies=AF_NETLINK",
}
_SERVICE: Final = """\
[Unit]
Description=Firewall of the lab
DefaultDependencies=no
Wants=network-pre.target
Before=network-pre.target shutdown.target
Conflicts=shutdown.target
After=local-fs.target systemd-modules-load.service

[Service]
Type=oneshot
RemainAfterExit=yes
ExecStart=/usr/sbin/nft -f /etc/nftables.d/labkeeper.nft
ExecReload=/usr/sbin/nft -f /etc/nftables.d/labkeeper.nft
ExecStop=/usr/sbin/nft delete table inet labkeeper
{hardened}

[Install]
WantedBy=multi-user.target
"""
_HEAD: Final = """\
# To load it now and with the host:  systemctl enable --now labkeeper-firewall.service
#
# Only the table `inet labkeeper` is made anew. Those of Podman and Docker stay as they are: they
# let in what containers show and let out what containers send. What is accepted here they may
# still drop, and only what is dropped here is dropped for good.
table inet labkeeper
delete table inet labkeeper

table inet labkeeper {
"""
_INPUT: Final = """\
	chain input {
		type filter hook input priority filter; policy drop;

		ct state established,related accept
		iifname "lo" accept
		# Always open: whoever is shut out has to find a screen and a keyboard.
		tcp dport @SSH@ accept
		ct state invalid drop
		# Without ICMP, IPv6 finds no neighbours and paths with small packets stall.
		meta l4proto { icmp, ipv6-icmp } accept
		# Whom the address of this host comes from.
		udp sport 67 udp dport 68 accept
		ip6 saddr fe80::/10 udp dport 546 accept
"""


def artifacts(ground: Ground) -> Iterator[Artifact | Finding]:
    """The files of each host whose interfaces are in zones; of others nobody said what to close."""
    for host in ground.plan.hosts:
        if host.target in _TARGETS and any(each.zone for each in host.interfaces):
            known, unknown = _addresses(host, ground)
            yield from unknown
            yield Artifact(f"{host.name}/{RULES}", _rules(host, known, ground))
            yield Artifact(f"{host.name}/{UNIT}", HEAD + _unit())


def _unit() -> str:
    lines = (_INSTEAD.get(line, line) for line in HARDENED)
    return _SERVICE.format(hardened="\n".join(line for line in lines if line))


def _addresses(host: Host, ground: Ground) -> tuple[dict[str, list[str]], list[Finding]]:
    """Where hosts that may come in come from: nft would look a name up once, and fail without."""
    known: dict[str, list[str]] = {}
    unknown: dict[str, Finding] = {}
    by_name = {each.name: each for each in ground.plan.hosts}
    for opening in _of(host, ground):
        if opening.source is None or opening.source in {*known, *unknown}:
            continue
        other = by_name[opening.source]
        given = [other.address, *(each.address for each in other.interfaces)]
        found = list(dict.fromkeys(each for each in given if each and _is_numeric(each)))
        if found:
            known[other.name] = found
            continue
        unknown[other.name] = Finding(
            "address-not-numeric", "warning",
            f"the firewall of `{host.name}` does not let `{other.name}` in: it has no address in "
            "numbers", other.at, "give it an `address` in numbers, or one to an interface of it",
            subject=f"{host.name} {other.name}",
        )  # fmt: skip
    return known, list(unknown.values())


def _rules(host: Host, known: dict[str, list[str]], ground: Ground) -> str:
    zones = dict.fromkeys(each.zone for each in host.interfaces if each.zone)
    chains = {
        zone: _chain(zone, [o for o in _of(host, ground) if o.zone == zone]) for zone in zones
    }
    sources = list(_sources(host, known, ground))
    blocks = [
        "\n".join(_input(host, bool(sources), ground)) + "\n",
        "\n".join(_forward(host, bool(sources), ground)) + "\n",
        *("\n".join(lines) + "\n" for zone, lines in chains.items() if zone not in host.trusted),
    ]
    if sources:
        blocks.append("\n".join(["\tchain hosts {", *sources, "\t}"]) + "\n")
    return HEAD + _HEAD + "\n".join(blocks) + "}\n"


def _of(host: Host, ground: Ground) -> tuple[Opening, ...]:
    return tuple(each for each in ground.plan.openings if each.host == host.name)


def _input(host: Host, sources: bool, ground: Ground) -> Iterator[str]:
    """What comes for the host itself."""
    yield _INPUT.replace("@SSH@", str(host.port)).rstrip("\n")
    if host.features.tailnet:
        yield "\t\t# Other hosts of the tailnet, without a relay in between."
        yield "\t\tudp dport 41641 accept"
    yield ""
    if sources:
        yield "\t\tjump hosts"
    for matched, zone in _matches(host, ground):
        yield f"\t\t{matched} {_verdict(zone, host)}"
    named = [each.name for each in host.interfaces if each.zone]
    yield f"\t\tiifname {_set(map(_quoted, named))} drop"
    yield "\t\t# Containers reach their host: names, and services that have its network."
    for bridge in _BRIDGES[host.engine]:
        yield f"\t\tiifname {_quoted(bridge)} accept"
    yield "\t}"


def _forward(host: Host, sources: bool, ground: Ground) -> Iterator[str]:
    """What comes for containers: the port is the host's own, from before it was changed."""
    yield "\tchain forward {"
    yield "\t\ttype filter hook forward priority filter; policy accept;"
    yield ""
    yield "\t\t# Only what comes in to a port that a container shows: all else is its engine's."
    yield "\t\tct state established,related accept"
    if sources:
        yield "\t\tct status dnat jump hosts"
    for matched, zone in _matches(host, ground):
        yield f"\t\t{matched} ct status dnat {_verdict(zone, host)}"
    named = [each.name for each in host.interfaces if each.zone]
    yield f"\t\tiifname {_set(map(_quoted, named))} ct status dnat drop"
    yield "\t}"


def _matches(host: Host, ground: Ground) -> Iterator[tuple[str, str]]:
    """What belongs to a zone: its interfaces, and of those only its networks where it has some."""
    declared = {name.text: zone for name, zone in ground.lab.network.zones.items()}
    for each in host.interfaces:
        if each.zone is None:
            continue
        zone = declared.get(each.zone)
        networks = [str(network) for network in zone.networks] if zone else []
        found = [f"iifname {_quoted(each.name)}"]
        if networks:
            found = [f"{found[0]} {part}" for part in _from(networks)]
        yield from ((match, each.zone) for match in found)


def _verdict(zone: str, host: Host) -> str:
    return "accept" if zone in host.trusted else f"jump {_name(zone)}"


def _chain(zone: str, openings: list[Opening]) -> list[str]:
    return [f"\tchain {_name(zone)} {{", *(f"\t\t{each}" for each in _ports(openings)), "\t}"]


def _sources(host: Host, known: dict[str, list[str]], ground: Ground) -> Iterator[str]:
    """Hosts of the lab whose services connect to services of this one."""
    for other, addresses in known.items():
        openings = [each for each in _of(host, ground) if each.source == other]
        yield comment_line(other, "\t\t")
        for part in _from(addresses):
            yield from (f"\t\t{part} {each}" for each in _ports(openings))


def _ports(openings: list[Opening]) -> Iterator[str]:
    for protocol in ("tcp", "udp"):
        ports = sorted({each.port for each in openings if each.protocol == protocol})
        if ports:
            yield f"meta l4proto {protocol} ct original proto-dst {_set(map(str, ports))} accept"


def _from(addresses: list[str]) -> Iterator[str]:
    for version, word in ((4, "ip"), (6, "ip6")):
        own = [each for each in addresses if ip_network(each).version == version]
        if own:
            yield f"{word} saddr {_set(own)}"


def _set(words: Iterable[str]) -> str:
    found = list(words)
    return found[0] if len(found) == 1 else "{ " + ", ".join(found) + " }"


def _name(zone: str) -> str:
    """A chain's name, which is no word of nft's own."""
    return "zone-" + re.sub(r"[^A-Za-z0-9_-]", "-", zone)


def _quoted(word: str) -> str:
    return f'"{word}"'


def _is_numeric(address: str) -> bool:
    try:
        ip_address(address)
    except ValueError:
        return False
    return True
