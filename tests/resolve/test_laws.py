from collections import Counter

from hypothesis import HealthCheck, given, settings

from labkeeper.catalog import shipped_catalog
from labkeeper.checks import CHECKS, View, check_plan
from labkeeper.lab import Lab, dump, read_lab
from labkeeper.plan import Plan
from labkeeper.resolve import resolve
from tests.lab.labs import labs
from tests.resolve.homes import homes, lab_of

LAW = settings(max_examples=60, deadline=None, suppress_health_check=list(HealthCheck))
# What a plan that labkeeper made must never be told, whatever the lab says.
OURS = {
    "port-clash", "dns-port-clash", "target-unreachable", "target-not-deployed", "unknown-network",
    "wrong-exporter-port", "wrong-metrics-path", "duplicate-target", "duplicate-job",
    "duplicate-rule", "timeout-over-interval", "scrape-faster-than-collector", "unknown-service",
    "host-network-with-ports", "port-on-vpn-client", "duplicate-container-name",
    "rule-file-not-loaded", "unknown-datasource", "duplicate-dashboard", "undefined-receiver",
    "bad-promql", "metric-nobody-exposes", "label-not-on-metric", "exporter-not-scraped",
    "blackbox-without-relabel", "unreachable-route", "localhost-across-containers",
    "two-default-datasources", "wildcard-admin-port", "port-bypasses-firewall",
    "mount-of-another-version",
}  # fmt: skip


def plan_of(text: str) -> Plan:
    return resolve(lab_of(text), shipped_catalog())


@LAW
@given(labs())
def test_resolve_never_fails(lab: Lab) -> None:
    """Any lab that the types allow has a plan, however little sense it makes."""
    assert len(resolve(lab, shipped_catalog()).hosts) == len(lab.hosts)


@LAW
@given(homes(stated_ports=True))
def test_the_same_lab_is_the_same_plan(text: str) -> None:
    """A plan depends on what the lab says, and not on how it is written or when it is read."""
    lab = lab_of(text)
    again = read_lab({"lab.yaml": dump(lab)}, shipped_catalog().services.by_name).lab

    assert again
    assert _said(resolve(lab, shipped_catalog())) == _said(resolve(again, shipped_catalog()))


def _said(plan: Plan) -> object:
    return (
        [(c.key, c.host, c.image and c.image.text, [p.host for p in c.ports],
          [(v.name, v.value and v.value.text) for v in c.environment], [n.name for n in c.networks])
         for c in plan.containers],
        [(s.key, s.order, s.after, s.requires_mounts) for s in plan.services],
        [(r.name.text, r.expr.text) for r in plan.rules],
        [[t.address.text for t in job.targets] for job in plan.scrapes],
    )  # fmt: skip


@LAW
@given(homes(stated_ports=True))
def test_no_port_is_booked_twice(text: str) -> None:
    """A port of a host leads to one service, unless the lab itself gave it to two."""
    lab = lab_of(text)
    plan = resolve(lab, shipped_catalog())
    stated = {p.host for s in lab.services.values() for p in s.ports if p.host}
    booked = Counter(
        (c.host, port.protocol, port.host.first)
        for c in plan.containers
        for port in c.ports
        if port.host
    )

    assert {key[2] for key, count in booked.items() if count > 1} <= stated


@LAW
@given(homes())
def test_a_service_is_given_a_card_once(text: str) -> None:
    """A container names each device and each card once, and only a card that its host has."""
    plan = plan_of(text)
    cards = {gpu.host for gpu in plan.gpus}

    for container in plan.containers:
        devices = [device.text for device in container.devices]
        assert len(devices) == len(set(devices))
        assert len(container.gpus) <= (container.host in cards)
    shares = Counter((s.host, s.key) for s in plan.services if s.gpu)
    assert all(count == 1 for count in shares.values())


@LAW
@given(homes())
def test_services_start_behind_what_they_need(text: str) -> None:
    """The order of a host's services holds every dependency of it."""
    plan = plan_of(text)
    order = {(s.host, s.key): s.order for s in plan.services}

    assert sorted(order.values()) == sorted(
        n for count in Counter(h for h, _ in order).values() for n in range(count)
    )
    for service in plan.services:
        for first in service.after:
            if (service.host, first) in order:
                assert order[service.host, first] < service.order


@LAW
@given(homes())
def test_what_labkeeper_decides_is_right(text: str) -> None:
    """No check has anything to say of ports, addresses, networks, jobs and rules that we chose."""
    plan = plan_of(text)
    view = View(plan, catalog=shipped_catalog())
    # A lab without a Prometheus may still run exporters: somebody else asks them, or nobody.
    judged = OURS if plan.prometheuses else OURS - {"exporter-not-scraped"}
    # A name server needs the host's own address, and a name is none.
    judged -= {"dns-port-clash"} if ".lan.example" in text else set()
    checks = [check for check in CHECKS if check.name in judged]

    assert [(f.check, f.message) for f in check_plan(view, checks)] == []
    assert {check.name for check in checks} == judged
