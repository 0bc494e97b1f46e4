"""How people reach services: the proxy's sites, ports of the hosts, and firewalls."""

from collections.abc import Iterable, Iterator, Mapping
from typing import Final

from labkeeper.lab import Lab
from labkeeper.lab.address import Published
from labkeeper.plan import Link, Opening, Site
from labkeeper.resolve.instances import Instance
from labkeeper.resolve.listening import Inner, Key
from labkeeper.resolve.scraping import servers
from labkeeper.resolve.wiring import Shown, Wanted, Wish

SITE: Final = "site"
# Who is served by a proxy is not a proxy itself.
_DNS: Final = 53
_LOCAL: Final = "127.0.0.1"
AUTHELIA: Final = "authelia"
# No public authority may sign these: RFC 2606, RFC 6761, RFC 6762 appendix G, RFC 8375,
# and ICANN's resolution on `internal`.
_UNSIGNED: Final = (
    ".localhost", ".test", ".local", ".lan", ".home", ".corp", ".private", ".intranet",
    ".internal", ".home.arpa",
)  # fmt: skip


def domains(every: tuple[Instance, ...], lab: Lab, ports: Mapping[Key, tuple[Inner, ...]]) -> (
    Mapping[Key, str]
):  # fmt: skip
    """The name under which each service is served, where the lab has a proxy."""
    if lab.network.proxy is None:
        return {}
    under = lab.network.domain.text if lab.network.domain else None
    found: dict[Key, str] = {}
    taken: set[str] = set()
    for each in every:
        if each.name == lab.network.proxy.text or _web(each, ports) is None:
            continue
        if each.declared.domain:
            found[each.key] = each.declared.domain.text
        elif under and f"{each.name}.{under}" not in taken:
            found[each.key] = f"{each.name}.{under}"
        taken.add(found.get(each.key, ""))
    return found


def _web(each: Instance, ports: Mapping[Key, tuple[Inner, ...]]) -> Inner | None:
    """The port that people open in a browser; of the user's own service, its first."""
    found = ports.get(each.key, ())
    own = each.software is None
    return next((p for p in found if p.web or (own and p.protocol == "tcp")), None)


def site_wishes(
    every: tuple[Instance, ...], lab: Lab, ports: Mapping[Key, tuple[Inner, ...]]
) -> Iterator[Wish]:
    """The proxy wants to reach what it serves."""
    proxy = _proxy(every, lab)
    names = domains(every, lab, ports)
    for each in every:
        web = _web(each, ports)
        if proxy and web and each.key in names:
            yield Wish(proxy, each, web.usual, SITE, each.at)


def sites(
    every: tuple[Instance, ...], lab: Lab, ports: Mapping[Key, tuple[Inner, ...]],
    links: Iterable[Link],
) -> Iterator[Site]:  # fmt: skip
    """Each name, and where the proxy finds what is behind it."""
    names = domains(every, lab, ports)
    by_key = {each.key: each for each in every}
    links = tuple(links)
    for link in links:
        key = (link.server_host, link.server)
        domain = names.get(key)
        if link.why == SITE and domain:
            web = _web(by_key[key], ports)
            yield Site(domain, link.server, link.server_host, link.client, link.client_host,
                       f"{link.address}:{link.port}", link.at,
                       tls=bool(web and web.tls),
                       login=_login(by_key[key], link, links, by_key),
                       internal=_is_internal(domain, lab))  # fmt: skip


def _login(
    each: Instance, site: Link, links: tuple[Link, ...], by_key: Mapping[Key, Instance]
) -> str | None:
    """Where the proxy asks who may enter. Nobody could sign in if that were asked of itself, and
    no app, no `git` and no notification gets past a page that asks for a password.
    """
    apps = each.software is not None and each.software.apps
    if each.declared.login is False or each.kind == AUTHELIA or (apps and not each.declared.login):
        return None
    for link in links:
        server = by_key.get((link.server_host, link.server))
        mine = (link.client_host, link.client) == (site.client_host, site.client)
        if mine and link.why != SITE and server and server.kind == AUTHELIA:
            return f"{link.address}:{link.port}"
    return None


def _is_internal(domain: str, lab: Lab) -> bool:
    if lab.network.certificates:
        return lab.network.certificates == "internal"
    return domain.lower().endswith(_UNSIGNED) or "." not in domain


def wanted(
    every: tuple[Instance, ...], lab: Lab, ports: Mapping[Key, tuple[Inner, ...]]
) -> Iterator[Wanted]:
    """Ports that people and programs outside of the lab use."""
    served = domains(every, lab, ports)
    for each in every:
        stated = {(shown.container, shown.protocol) for shown in each.declared.ports}
        for shown in each.declared.ports:
            yield _stated(each, shown, ports)
        own = ports.get(each.key, ())
        only = _only_one(each, own)
        for port in own:
            # What a VPN client offers to the world, it offers at the tunnel's other end.
            open_ = (port.open or port == only) and not each.through
            web = port.web and (each.key not in served or bool(each.declared.open_to))
            if (open_ or web) and (port.usual, port.protocol) not in stated:
                address = _outer(each, port) if is_open(each) else _LOCAL
                yield Wanted(each, port.number, port.protocol, None, address, each.at,
                             port.expected)  # fmt: skip


def _only_one(each: Instance, own: tuple[Inner, ...]) -> Inner | None:
    """The port that a zone is opened to where nothing of a service is for people by itself: an
    API, a database.
    """
    usual = each.software is None or any(port.open or port.web for port in own)
    return own[0] if own and each.declared.open_to and not usual else None


def _outer(each: Instance, port: Inner) -> str | None:
    """The address of the host that others use; none for all of them.

    Podman's resolver has port 53 of each of its networks' addresses, so a name server can only have
    the host's own: https://github.com/containers/aardvark-dns/issues/13
    """
    own = each.machine.address.text if each.machine.address else ""
    numeric = ":" in own or own.replace(".", "").isdigit()
    return own if port.number == _DNS and numeric else None


def _stated(each: Instance, shown: Published, ports: Mapping[Key, tuple[Inner, ...]]) -> Wanted:
    number = next((p.number for p in ports.get(each.key, ())
                   if (p.usual, p.protocol) == (shown.container, shown.protocol)),
                  shown.container)  # fmt: skip
    return Wanted(each, number, shown.protocol, shown.host, shown.address, shown.at)


def is_open(each: Instance) -> bool:
    """Whether its ports are for others than its host.

    Where a host's interfaces are in zones, only what is open to a zone is.
    """
    guarded = any(interface.zone for interface in each.machine.interfaces.values())
    return bool(each.declared.open_to) or not guarded


def openings(
    every: tuple[Instance, ...], lab: Lab, ports: Mapping[Key, tuple[Inner, ...]],
    shown: tuple[Shown, ...], links: tuple[Link, ...],
) -> tuple[Opening, ...]:  # fmt: skip
    """What each host's firewall lets in, each once."""
    found = (
        *_of_zones(lab), *_of_services(every, ports, shown), *_of_links(every, links),
    )  # fmt: skip
    seen: dict[tuple[object, ...], Opening] = {}
    for each in found:
        seen.setdefault((each.host, each.port, each.protocol, each.zone, each.source), each)
    return tuple(seen.values())


def _of_zones(lab: Lab) -> Iterator[Opening]:
    for name, host in lab.hosts.items():
        for zone in dict.fromkeys(i.zone for i in host.interfaces.values() if i.zone):
            declared = lab.network.zones.get(zone)
            for opening in declared.open if declared else ():
                yield Opening(name.text, opening.port, opening.protocol, zone.text, None, None,
                              zone.at)  # fmt: skip


def _of_services(
    every: tuple[Instance, ...], ports: Mapping[Key, tuple[Inner, ...]], shown: tuple[Shown, ...]
) -> Iterator[Opening]:
    for each in every:
        for zone in each.declared.open_to:
            if each.in_host_network:
                own = ports.get(each.key, ())
                only = _only_one(each, own)
                for port in own:
                    if port.open or port.web or port == only or each.software is None:
                        yield Opening(each.host, port.number, port.protocol, zone.text, None,
                                      each.name, zone.at)  # fmt: skip
            for one in shown:
                if one.server.key == each.key and one.address != _LOCAL:
                    yield Opening(each.host, one.host_port, one.protocol, zone.text, None,
                                  each.name, zone.at)  # fmt: skip


def _of_links(every: tuple[Instance, ...], links: tuple[Link, ...]) -> Iterator[Opening]:
    """A port that another host's service connects to is open to that host."""
    known = {each.key for each in every}
    for link in links:
        if link.client_host != link.server_host and (link.server_host, link.server) in known:
            yield Opening(link.server_host, link.port, "tcp", None, link.client_host, link.server,
                          link.at)  # fmt: skip


def _proxy(every: tuple[Instance, ...], lab: Lab) -> Instance | None:
    name = lab.network.proxy.text if lab.network.proxy else None
    found = [each for each in every if each.name == name]
    return next(iter(found or (servers(every, "caddy") if name else ())), None)
