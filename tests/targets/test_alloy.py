"""No Alloy runs here: labkeeper's reader of its language reads what is written."""

import json
import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from labkeeper.audit.alloy_syntax import parse_alloy
from labkeeper.source import Slice
from labkeeper.targets.monitoring import alloy
from labkeeper.targets.monitoring.alloy_blocks import Block, Reference, written
from tests.targets.labs import NAMES, ON_COMPOSE, ground, text_of

DOCKER = {"discovery.docker", "discovery.relabel", "loki.source.docker"}
# https://grafana.com/docs/alloy/latest/reference/components/: arguments of those in use.
ARGUMENTS = {
    "logging": {"level", "format"},
    "loki.write": {"external_labels"},
    "endpoint": {"url"},
    "loki.relabel": {"forward_to"},
    "rule": {"source_labels", "target_label", "regex", "replacement", "action"},
    "loki.source.journal": {"max_age", "labels", "relabel_rules", "forward_to"},
    "discovery.docker": {"host"},
    "discovery.relabel": {"targets"},
    "loki.source.docker": {"host", "targets", "labels", "forward_to"},
}


@pytest.mark.parametrize("name", [*NAMES, *ON_COMPOSE])
def test_blocks_have_arguments_that_they_know(name: str) -> None:
    """Each component exists, has a name of its own, and only arguments that it takes."""
    for file in alloy.configurations(ground(text_of(name))):
        root = parse_alloy(Slice.whole("config.alloy", file.body))
        names = [(block.name, block.label and block.label.text) for block in root.blocks]
        assert len(set(names)) == len(names)
        for block in (*root.blocks, *(inner for b in root.blocks for inner in b.blocks)):
            assert {key.value for key, _ in block.attributes.pairs} <= ARGUMENTS[block.name]


@pytest.mark.parametrize("name", [*NAMES, *ON_COMPOSE])
def test_every_reference_leads_somewhere(name: str) -> None:
    """What a component takes from another is exported by one that is there."""
    for file in alloy.configurations(ground(text_of(name))):
        root = parse_alloy(Slice.whole("config.alloy", file.body))
        there = {f"{b.name}.{b.label.text}" for b in root.blocks if b.label}
        named = re.findall(r"= \[?((?:loki|discovery)\.[\w.]+)\.(?:receiver|rules|targets|output)",
                           file.body)  # fmt: skip
        assert named
        assert set(named) <= there


def test_every_host_that_keeps_logs_sends_them() -> None:
    """Each of five hosts names itself, and writes to the one Loki under an address it reaches."""
    files = {f.host: f.body for f in alloy.configurations(ground(text_of("five-hosts")))}
    urls = {host: re.findall(r'url = "(.*)"', body) for host, body in files.items()}

    assert set(files) == {"p620", "p510", "razer", "samsung", "dex5550"}
    assert all(f'host = "{host}"' in body for host, body in files.items())
    assert urls["dex5550"] == ["http://localhost:3100/loki/api/v1/push"]
    assert urls["razer"] == ["http://dex5550.tailnet.example:3100/loki/api/v1/push"]


def test_containers_of_docker_are_asked_for() -> None:
    """Docker keeps its logs to itself; Podman's are in the journal."""
    by_engine = {
        name: next(alloy.configurations(ground(text_of(name)))).body
        for name in ("five-hosts", "five-hosts-on-compose")
    }

    assert not any(word in by_engine["five-hosts"] for word in DOCKER)
    assert all(word in by_engine["five-hosts-on-compose"] for word in DOCKER)


@pytest.mark.parametrize(
    ("unit", "becomes"),
    [
        ("session-12.scope", "session.scope"),
        ("run-r3f0a.scope", "run.scope"),
        (f"libpod-{'0a' * 32}.scope", "libpod.scope"),
        (f"{'3e' * 32}-2b1f.service", "healthcheck.service"),
        (f"{'3e' * 32}.timer", "healthcheck.timer"),
        ("podman-sonarr.service", "podman-sonarr.service"),
        ("sshd@1-10.0.0.2:22.service", "sshd@1-10.0.0.2:22.service"),
        ("jellyfin.service", "jellyfin.service"),
    ],
)
def test_units_that_are_new_each_time_are_one(unit: str, becomes: str) -> None:
    """A stream is made for each unit, so that those of a login or a health check share one."""
    for pattern, name in alloy._FLEETING:
        # Both ends are anchored, as in Prometheus.
        if found := re.fullmatch(pattern, unit):
            unit = found.expand(name.replace("$", "\\"))

    assert unit == becomes


@given(st.dictionaries(st.from_regex(r"[a-z_]{1,9}", fullmatch=True), st.text(), max_size=4))
def test_any_text_survives(values: dict[str, str]) -> None:
    """What stands between quotes ends where it should, and its escapes are ones that Go has too.

    https://go.dev/ref/spec#String_literals: all of JSON's, but for pairs of surrogates and `\\/`.
    """
    text = written([Block("some.block", "x", {"given": values, "to": (Reference("a.b"),)})])
    [block] = parse_alloy(Slice.whole("config.alloy", text)).blocks
    read = block.attributes.mapping("given")
    assert read
    literals = {key.value: text[node.span.start : node.span.end] for key, node in read.pairs}

    assert {key: json.loads(f'"{each}"') for key, each in literals.items()} == values
    # A backslash that is one itself begins no escape.
    escapes = (re.findall(r"\\(u[0-9a-fA-F]{2}|.)", each) for each in literals.values())
    assert not any(re.match(r"u[dD][89a-fA-F]|/", each) for found in escapes for each in found)


def test_only_the_units_that_are_named_are_sent() -> None:
    """A host that names units sends their lines alone; `ssh` is a service, and a dot is a dot."""
    lab = """
lab: x
hosts: {box: {target: quadlet, features: {logs: {units: [ssh, cron.service, "a-b@c.service"]}}}}
services: {loki: }
"""
    [file] = alloy.configurations(ground(lab))
    journal = file.body[file.body.index("loki.source.journal") :]

    assert r'regex         = "ssh\\.service|cron\\.service|a-b@c\\.service"' in file.body
    assert 'action        = "keep"' in file.body
    assert "forward_to    = [loki.relabel.units.receiver]" in journal
