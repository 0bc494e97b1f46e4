"""The firewall, by interface: nixos/modules/services/networking/firewall-nftables.nix.

Podman answers for published ports before the firewall sees them, so a table of our own stands in
front of that.
"""

from collections.abc import Iterator, Mapping
from typing import Final

from labkeeper.source import Finding
from labkeeper.targets.nixos.machine import Machine
from labkeeper.targets.nixos.networks import bridge
from labkeeper.targets.nixos.openings import Let, Way, guarded, lets, published, trusted
from labkeeper.targets.nixos.tree import Apply, Attributes, Lines, Nix, Noted

_OPTIONS: Final = {"tcp": "allowedTCPPorts", "udp": "allowedUDPPorts"}
_TABLE: Final = "labkeeper-published"


def module(machine: Machine) -> tuple[Attributes, tuple[Finding, ...]]:
    """The settings, and what they cannot say."""
    found = tuple(lets(machine))
    findings = tuple(each for each in found if isinstance(each, Finding))
    allowed = tuple(dict.fromkeys(each for each in found if isinstance(each, Let)))
    inside = {(number, protocol) for _, number, protocol in published(machine)}
    direct = [each for each in allowed if (each.port, each.protocol) not in inside]
    firewall: dict[str, Nix] = {"enable": True}
    for way, ports in _by_way(each for each in direct if not each.way.sources):
        if not way.interface:
            firewall |= ports
    interfaces = {
        way.interface: ports
        for way, ports in _by_way(each for each in direct if not each.way.sources)
        if way.interface
    }
    if interfaces:
        firewall["interfaces"] = interfaces
    whole = [way.interface for way in trusted(machine) if not way.sources]
    if whole:
        firewall["trustedInterfaces"] = whole
    rules = [*(f"{_match(way)} accept" for way in trusted(machine) if way.sources),
             *_rules([each for each in direct if each.way.sources])]  # fmt: skip
    if rules:
        firewall["extraInputRules"] = Lines.of(*rules)
    tables: Attributes = _published(machine, allowed)
    nftables: dict[str, Nix] = {"enable": True, **({"tables": tables} if tables else {})}
    settings: dict[str, Nix] = {"networking": {"nftables": nftables, "firewall": firewall}}
    return {**settings, **_ssh(machine, direct)}, findings


def _by_way(allowed: Iterator[Let]) -> Iterator[tuple[Way, dict[str, Nix]]]:
    found: dict[Way, dict[str, list[int]]] = {}
    for each in allowed:
        ports = found.setdefault(each.way, {}).setdefault(_OPTIONS[each.protocol], [])
        ports.append(each.port)
    for way, options in sorted(found.items(), key=lambda pair: pair[0]):
        yield way, {name: sorted(set(ports)) for name, ports in sorted(options.items())}


def _rules(allowed: list[Let]) -> Iterator[str]:
    found: dict[tuple[Way, str], list[int]] = {}
    for each in allowed:
        found.setdefault((each.way, each.protocol), []).append(each.port)
    for (way, protocol), ports in sorted(found.items()):
        yield f"{_match(way)} {protocol} dport {_set(sorted(set(ports)))} accept"


def _match(way: Way) -> str:
    parts = [f'iifname "{way.interface}"'] if way.interface else []
    if way.sources:
        family = "ip6" if ":" in way.sources[0] else "ip"
        parts.append(f"{family} saddr {_set(way.sources)}")
    return " ".join(parts)


def _set(values: tuple[str, ...] | list[int]) -> str:
    texts = [str(each) for each in values]
    return texts[0] if len(texts) == 1 else f"{{ {', '.join(texts)} }}"


def _published(machine: Machine, allowed: tuple[Let, ...]) -> Mapping[str, Nix]:
    """Drops what comes for a published port from where nobody is to come."""
    ports: dict[str, set[int]] = {}
    anywhere = {(each.port, each.protocol) for each in allowed if each.way == Way()}
    for _, number, protocol in published(machine):
        if (number, protocol) not in anywhere:
            ports.setdefault(protocol, set()).add(number)
    if not ports:
        return {}
    mine = {(number, protocol) for protocol, numbers in ports.items() for number in numbers}
    own = [each for each in allowed if (each.port, each.protocol) in mine]
    lines = [
        "chain prerouting {",
        # Connections are known from priority -200 on, and redirected at -100.
        "  type filter hook prerouting priority -150; policy accept;",
        "",
        "  ct state established,related accept",
        "  fib daddr type != local accept",
        f"  iifname {_set(_own_interfaces(machine))} accept",
        *(f"  {_match(way)} accept" for way in trusted(machine)),
        *(f"  {rule}" for rule in _rules(own)),
        *(f"  {protocol} dport {_set(sorted(numbers))} drop"
          for protocol, numbers in sorted(ports.items())),
        "}",
    ]  # fmt: skip
    return {_TABLE: {"family": "inet", "content": Lines.of(*lines)}}


def _own_interfaces(machine: Machine) -> tuple[str, ...]:
    """Where what runs on the host itself comes from, and in containers of its own."""
    names = (each.key for each in machine.ground.plan.networks if each.host == machine.host.name)
    return tuple(f'"{each}"' for each in ("lo", "podman0", *map(bridge, names)))


def _ssh(machine: Machine, direct: list[Let]) -> Attributes:
    """Where a zone opens the port of ssh, the module does not open it to all the others."""
    if not guarded(machine) or not any(
        each.port == machine.host.port and each.protocol == "tcp" for each in direct
    ):
        return {}
    value = Noted(
        "A zone of the lab says from where it may be reached.",
        Apply("lib.mkDefault", (False,)),
    )
    return {"services": {"openssh": {"openFirewall": value}}}
