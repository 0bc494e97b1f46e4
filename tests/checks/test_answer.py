import pytest

from labkeeper.checks import View
from labkeeper.checks.answer import Asker, address_parts
from labkeeper.checks.gpu.cards import architecture
from labkeeper.checks.network import dns_port_clash
from labkeeper.plan import Plan, Unit
from tests.checks.test_reach import AT, container, reach


@pytest.mark.parametrize(
    ("address", "expected"),
    [
        ("nas:9100", ("nas", 9100)),
        ("nas", ("nas", 80)),
        ("[::1]:9100", ("::1", 9100)),
        ("::1", ("::1", 80)),
        ("nas:", None),
        ("nas:http", None),
        ("nas:0", None),
        ("nas:99999999999999999999", None),
        (":9100", None),
        ("", None),
    ],
)
def test_address_parts(address: str, expected: tuple[str, int] | None) -> None:
    """An address is a name and a port, or it is none."""
    assert address_parts(address) == expected


PROMETHEUS = container("prometheus", "prom/prometheus:v3.5.0")
NODE = container("node", "prom/node-exporter:v1.9.1")
ON_HOST = container("host-node", "prom/node-exporter:v1.9.1", network="host")
OWN = container("own", ports="8001:80")
GATE = container("gate", "qmcgaw/gluetun:v3.40.0", on="vpn")
CLIENT = container("client", "prom/node-exporter:v1.9.1", network="gate")
LOCAL = container(
    "local", "prom/node-exporter:v1.9.1", command="--web.listen-address=127.0.0.1:9100"
)
ALL = (PROMETHEUS, NODE, ON_HOST, OWN, GATE, CLIENT, LOCAL)


@pytest.mark.parametrize(
    ("name", "port", "cause"),
    [
        ("node", 9100, "answers"),
        ("node", 9101, "closed-port"),
        ("localhost", 9090, "answers"),
        ("127.0.0.1", 9100, "own-localhost"),
        ("host.docker.internal", 9100, "answers"),
        ("host.docker.internal", 9999, "unknown"),
        ("host.containers.internal", 8001, "unknown"),
        ("own", 80, "unknown"),
        ("own", 8001, "host-port-inside"),
        ("own", 8002, "unknown"),
        ("host-node", 9100, "nameless"),
        ("client", 9100, "nameless"),
        ("gate", 9100, "no-common-network"),
        ("local", 9100, "loopback-only"),
        ("prometheus", 9090, "answers"),
        ("nobody", 9100, "nobody"),
        ("nas.lan", 9100, "unknown"),
        ("192.168.1.5", 9100, "unknown"),
        ("::ffff", 9100, "unknown"),
    ],
)
def test_who_answers(name: str, port: int, cause: str) -> None:
    """Every way an address can go, from a container on its project's network."""
    assert Asker(reach(*ALL), PROMETHEUS, "").ask(name, port).cause == cause


@pytest.mark.parametrize(
    ("name", "cause"),
    [
        ("node", "answers"),
        ("localhost", "unknown"),
        ("nobody", "unknown"),
        ("host-node", "answers"),
        ("host.docker.internal", "answers"),
    ],
)
def test_who_answers_nobody_in_particular(name: str, cause: str) -> None:
    """While it is not known who asks, nothing is said of networks and of `localhost`."""
    assert Asker(reach(*ALL), None, "").ask(name, 9100).cause == cause


def test_the_host_knows_no_container_by_name() -> None:
    """A program on the host's network asks the host, whatever `localhost` is elsewhere."""
    on_host = container("prom", "prom/prometheus:v3.5.0", network="host")
    asker = Asker(reach(*ALL, on_host), on_host, "")

    assert asker.ask("node", 9100).cause == "asker-on-host"
    assert asker.ask("localhost", 9100).cause == "answers"


def test_a_client_shares_its_gateways_localhost() -> None:
    """Behind a gateway, `localhost` is the gateway's."""
    asker = Asker(reach(*ALL), GATE, "")

    assert asker.ask("localhost", 9100).cause == "answers"


@pytest.mark.parametrize(
    ("model", "expected"),
    [
        ("NVIDIA Quadro P1000", "Pascal"),
        ("GeForce GTX 1050 Ti", "Pascal"),
        ("Tesla P40", "Pascal"),
        ("P2000", "Pascal"),
        ("GTX 970", "Maxwell"),
        ("Quadro K620", "Maxwell"),
        ("Quadro K2000", "Kepler"),
        ("GeForce GTX 1650", None),
        ("GeForce RTX 3060", None),
        ("RTX A4000", None),
        ("RTX PRO 6000", None),
        ("Tesla V100", None),
        ("H100", None),
    ],
)
def test_architecture(model: str, expected: str | None) -> None:
    """A card is old when its model says so, and not known otherwise."""
    assert architecture(model) == expected


def test_a_resolver_on_the_host_keeps_its_port() -> None:
    """A unit that resolves names and a published port 53 are in each other's way."""
    unit = Unit("systemd-resolved.service", "", AT, "service")
    plan = Plan(containers=(container("dns", "pihole/pihole:1", ports="53:53"),), units=(unit,))

    faults = list(dns_port_clash.check(View(plan)))

    assert [fault.subject for fault in faults] == ["dns"]
