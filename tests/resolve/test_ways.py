"""Through whose network services go, and on which ports they are found."""

from labkeeper.plan import Container
from tests.targets.labs import ground

GATEWAY = "gluetun: {vpn: {provider: protonvpn, key: secret:wg}}"
STORE = "secrets: {store: files, folder: /etc/lab/secrets}\n"


def containers(services: str, target: str = "quadlet", rest: str = STORE) -> dict[str, Container]:
    text = f"lab: ways\nhosts: {{box: {{target: {target}, address: 10.0.0.1}}}}\n{rest}services:\n"
    return {c.key: c for c in ground(text + services).plan.containers}


def test_through_a_client_is_through_its_gateway() -> None:
    """A client's client has the gateway's network, and the gateway shows its ports."""
    found = containers(
        f"  {GATEWAY}\n  qbittorrent: {{through: gluetun}}\n  sabnzbd: {{through: qbittorrent}}\n"
    )

    last = found["sabnzbd"]
    assert last.namespace
    assert last.namespace.owner == "gluetun"
    assert not last.ports
    assert not found["qbittorrent"].ports
    inner = {port.container.first for port in found["gluetun"].ports}
    # Both want 8080; of the two, qBittorrent can be told another.
    assert inner == {8080, 8081}


def test_a_circle_of_gateways_is_left_as_it_is() -> None:
    """Nothing is made of a circle, and nothing hangs in it."""
    found = containers("  redis: {through: valkey}\n  valkey: {through: redis}\n")

    assert {c.namespace.owner for c in found.values() if c.namespace} == {"redis", "valkey"}


def test_through_the_host_is_on_the_host() -> None:
    """What goes through a gateway on the host's network listens there, and nothing is shown."""
    found = containers("  tailscale:\n  navidrome: {through: tailscale}\n")

    space = found["navidrome"].namespace
    assert space
    assert space.kind == "host"
    assert not any(c.ports for c in found.values())


def test_a_moved_port_is_said_as_its_variable_wants_it() -> None:
    """ntfy is told an address, not a number, and a user may open the port that it is given."""
    [ntfy] = containers('  ntfy: {user: "1000:1000"}\n').values()
    variables = {v.name: v.value.text for v in ntfy.environment if v.value}

    assert variables["NTFY_LISTEN_HTTP"] == ":8080"
    assert [(p.host.first, p.container.first) for p in ntfy.ports if p.host] == [(8080, 8080)]


def test_root_keeps_a_low_port() -> None:
    """Without a user of its own, ntfy stays where its image puts it."""
    [ntfy] = containers("  ntfy:\n").values()

    assert "NTFY_LISTEN_HTTP" not in {v.name for v in ntfy.environment}
    assert [p.container.first for p in ntfy.ports] == [80]


def test_an_address_in_a_variable_moves_a_port() -> None:
    """What the lab says itself, `:8000`, is where it listens."""
    [ntfy] = containers('  ntfy: {environment: {NTFY_LISTEN_HTTP: ":8000"}}\n').values()

    assert [p.container.first for p in ntfy.ports] == [8000]


def test_addresses_to_clone_from_say_the_port_that_is_shown() -> None:
    """Forgejo's SSH is shown on 2222, since 22 is the host's, and its addresses say so."""
    [forgejo] = containers("  forgejo:\n").values()
    variables = {v.name: v.value.text for v in forgejo.environment if v.value}
    shown = {p.container.first: p.host.first for p in forgejo.ports if p.host}

    assert shown[22] == 2222
    assert variables["FORGEJO__server__SSH_PORT"] == "2222"


def test_a_port_that_another_host_needs_stands_at_its_own_service() -> None:
    """A port belongs to who listens on it, not to who asked for it first."""
    text = """\
lab: ways
hosts: {one: {target: quadlet, address: 10.0.0.1}, two: {target: quadlet, address: 10.0.0.2}}
services:
  redis: {on: one}
  nextcloud: {on: two}
"""
    found = {c.key: c for c in ground(text).plan.containers}

    [port] = found["redis"].ports
    assert port.at == found["redis"].at


def test_a_page_that_answers_at_its_own_port_alone_is_told_the_port_that_is_shown() -> None:
    """qBittorrent refuses who names another port than it listens on: both numbers are one."""
    beside = containers("  sabnzbd:\n  qbittorrent:\n")["qbittorrent"]
    stated = containers('  qbittorrent: {ports: ["8090:8080"]}\n')["qbittorrent"]
    told = {v.name: v.value.text for v in stated.environment if v.value}

    assert told["WEBUI_PORT"] == "8090"
    for found, number in ((beside, 8081), (stated, 8090)):
        pages = [p for p in found.ports if p.host and p.host.first == number]
        assert [p.container.first for p in pages] == [number]


def test_a_proxy_has_its_ports_before_others() -> None:
    """What is on 80 by chance moves for the proxy, wherever the lab names it."""
    found = containers("  vaultwarden:\n  caddy:\n")

    assert {80, 443} <= {p.host.first for p in found["caddy"].ports if p.host}
    assert 80 not in {p.host.first for p in found["vaultwarden"].ports if p.host}


def test_who_answers_to_known_names_alone_is_not_asked_by_others() -> None:
    """SABnzbd and Nextcloud refuse a container's name, which would look as if they were down."""
    text = """\
lab: ways
hosts: {one: {target: quadlet, address: 10.0.0.1}}
services: {prometheus: , blackbox-exporter: , sabnzbd: , nextcloud: , sonarr: }
"""
    found = {probe.subject for probe in ground(text).plan.probes}

    assert "sonarr" in found
    assert not found & {"sabnzbd", "nextcloud"}


def test_a_forwarded_port_is_told_to_who_shares_the_tunnel() -> None:
    """A gateway tells qBittorrent of its port where that is in its own network, and no other."""
    found = containers(
        f"  {GATEWAY}\n  gluetun-2: {{is: gluetun, vpn: {{provider: protonvpn, key: secret:b}}}}\n"
        "  qbittorrent: {through: gluetun}\n"
    )
    told = {key: [v.name for v in c.environment if "COMMAND" in v.name] for key, c in found.items()}

    assert len(told["gluetun"]) == 2
    assert told["gluetun-2"] == []
