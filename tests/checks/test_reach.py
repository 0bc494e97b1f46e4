import pytest

from labkeeper.catalog import shipped_catalog
from labkeeper.checks.listening import listen_address
from labkeeper.checks.publication import Space
from labkeeper.checks.reach import Reach
from labkeeper.plan import (
    Container,
    Namespace,
    Network,
    NetworkUse,
    Plan,
    PortRange,
    Project,
    PublishedPort,
    Unit,
    Variable,
)
from labkeeper.source import Slice, Span

AT = Span("compose.yaml", 0, 1)
PROJECT = Project("p", "", "compose.yaml", "compose", "lab")


def text(value: str) -> Slice:
    return Slice.placed(value, AT)


def container(  # noqa: PLR0913
    key: str,
    image: str = "my/own:1",
    *,
    network: str | None = None,
    command: str = "",
    ports: str = "",
    on: str = "",
    environment: tuple[tuple[str, str], ...] = (),
    project: str = "p",
) -> Container:
    """A container; `network` is `host`, `none`, `pod:NAME` or the owner of another's network."""
    namespace = None
    if network:
        kind, _, pod = network.partition(":")
        if pod:
            namespace = Namespace("pod", pod, AT)
        elif kind in {"host", "none"}:
            namespace = Namespace("host" if kind == "host" else "none", None, AT)
        else:
            namespace = Namespace("container", network, AT)
    return Container(
        key=key,
        project=project,
        host="",
        at=AT,
        image=text(image),
        command=tuple(map(text, command.split())),
        environment=tuple(Variable(name, text(value), AT) for name, value in environment),
        ports=tuple(published(each) for each in ports.split()),
        networks=tuple(NetworkUse(name, (), AT) for name in on.split()),
        namespace=namespace,
    )


def published(written: str) -> PublishedPort:
    host, inner = (each.split("-") for each in written.split(":"))
    return PublishedPort(
        None,
        PortRange(int(host[0]), int(host[-1])),
        PortRange(int(inner[0]), int(inner[-1])),
        "tcp",
        AT,
    )


def reach(*containers: Container, networks: tuple[Network, ...] = ()) -> Reach:
    return Reach(Plan((PROJECT,), containers, networks=networks), shipped_catalog().services)


@pytest.mark.parametrize(
    ("written", "expected"),
    [
        (":9100", (None, 9100)),
        ("9100", (None, 9100)),
        ("0.0.0.0:9100", (None, 9100)),
        ("[::]:9100", (None, 9100)),
        ("127.0.0.1:9100", ("127.0.0.1", 9100)),
        ("[::1]:9100", ("::1", 9100)),
        (":${PORT}", None),
        ("99999", None),
        ("/run/exporter.sock", None),
    ],
)
def test_listen_address(written: str, expected: tuple[str | None, int] | None) -> None:
    """A listen address is an address, if any, and a port."""
    assert listen_address(written) == expected


@pytest.mark.parametrize(
    ("command", "ports", "whole"),
    [
        ("", [8080], True),
        ("--port=8083", [8083], True),
        ("-port 8083", [8083], True),
        ("--port=8081 --port=8083", [8083], True),
        ("--port=$PORT", [], False),
    ],
)
def test_flags_move_ports(command: str, ports: list[int], whole: bool) -> None:
    """The last flag counts; one that is not known yet leaves it open where the software listens."""
    cadvisor = container("cadvisor", "gcr.io/cadvisor/cadvisor:v0.52.1", command=command)

    found = reach(cadvisor).listening(cadvisor)

    assert [each.port for each in found.listeners] == ports
    assert found.whole is whole


def test_software_that_is_not_known_may_listen_anywhere() -> None:
    """No is said of software alone whose ports are all known."""
    own = container("own")
    cadvisor = container("cadvisor", "gcr.io/cadvisor/cadvisor:v0.52.1")
    found = reach(own, cadvisor)

    assert found.answers(found.space(own), 80) is None
    assert found.answers(found.space(cadvisor), 8080) is True
    assert found.answers(found.space(cadvisor), 9000) is False


def test_a_variable_moves_a_port_but_a_settings_page_may_too() -> None:
    """Sonarr's variable is believed; without it, its usual port is only usual."""
    usual = container("usual", "linuxserver/sonarr:4")
    moved = container(
        "moved", "linuxserver/sonarr:4", environment=(("SONARR__SERVER__PORT", "80"),)
    )
    found = reach(usual, moved)

    [first], [second] = found.listening(usual).listeners, found.listening(moved).listeners
    assert (first.port, first.sure) == (8989, False)
    assert (second.port, second.sure) == (80, True)


def test_networks_that_belong_to_others() -> None:
    """A chain of borrowed networks ends at its owner; a circle and a stranger end nowhere."""
    gluetun = container("gluetun")
    client = container("client", network="gluetun")
    second = container("second", network="client")
    circle = container("circle", network="circle")
    stranger = container("stranger", network="elsewhere")
    pod = container("in-pod", network="pod:media")
    host = container("on-host", network="host")
    found = reach(gluetun, client, second, circle, stranger, pod, host)

    own = Space("container", "gluetun", "p")
    assert [own, own, own] == [found.space(each) for each in (gluetun, client, second)]
    assert found.members(own) == (gluetun, client, second)
    assert [found.space(each).kind for each in (circle, stranger)] == ["unknown", "unknown"]
    assert [found.space(each).kind for each in (pod, host)] == ["pod", "host"]


def test_a_namespace_answers_for_all_who_share_it() -> None:
    """One member that is not known leaves it open what else listens."""
    cadvisor = container("cadvisor", "gcr.io/cadvisor/cadvisor:v0.52.1")
    node = container("node", "prom/node-exporter:v1.9.1", network="cadvisor")
    alone = reach(cadvisor, node)
    crowd = reach(cadvisor, node, container("own", network="cadvisor"))
    space = Space("container", "cadvisor", "p")

    assert [alone.answers(space, port) for port in (8080, 9100, 9835)] == [True, True, False]
    assert crowd.answers(space, 9835) is None


def test_the_host_may_run_more_than_files_tell() -> None:
    """A port of the host is never known to be silent."""
    node = container("node", "prom/node-exporter:v1.9.1", network="host")

    found = reach(node)

    assert found.answers(Space("host", ""), 9100) is True
    assert found.answers(Space("host", ""), 9999) is None


def test_units_listen_on_the_host() -> None:
    """A unit of a known name listens where its software usually does."""
    unit = Unit("prometheus-node-exporter.service", "", AT, "service")

    found = Reach(Plan(units=(unit,)), shipped_catalog().services)

    assert found.answers(Space("host", ""), 9100) is True


@pytest.mark.parametrize(
    ("ports", "port", "inside"),
    [("8083:8080", 8083, 8080), ("8000-8010:9000-9010", 8003, 9003), ("8000-8010:80", 8003, None)],
)
def test_a_published_port_leads_inside(ports: str, port: int, inside: int | None) -> None:
    """A range leads to a range; a range for one port is left to the engine to pick from."""
    [found] = reach(container("web", ports=ports)).published("", port)

    assert found.inside(port) == inside
    assert not found.dropped


@pytest.mark.parametrize("network", ["host", "none", "gluetun"])
def test_ports_without_a_network_of_ones_own_are_dropped(network: str) -> None:
    """Only a container that has a network of its own can publish ports."""
    [found] = reach(container("gluetun"), container("web", ports="1:1", network=network)).published(
        "", 1
    )

    assert found.dropped


@pytest.mark.parametrize(
    ("one", "other", "expected"),
    [
        ("", "", True),
        ("front", "front back", True),
        ("front", "back", False),
        ("front", "", False),
        ("default", "", True),
    ],
)
def test_names_are_known_on_shared_networks(one: str, other: str, expected: bool) -> None:
    """Two services of a project see each other where they share a network."""
    first, second = container("a", on=one), container("b", on=other)

    assert reach(first, second).share_a_network(first, second) is expected


def test_projects_meet_on_external_networks() -> None:
    """Two projects that name the same external network see each other; else nobody can tell."""
    first, second = container("a", on="proxy"), container("b", on="web", project="q")
    third = container("c", project="q")
    networks = (
        Network("proxy", "p", "", AT, external=True),
        Network("web", "q", "", AT, name="proxy", external=True),
    )

    found = reach(first, second, third, networks=networks)

    assert found.share_a_network(first, second) is True
    assert found.share_a_network(first, third) is None
