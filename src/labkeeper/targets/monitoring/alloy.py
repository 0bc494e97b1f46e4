"""Alloy's configuration: the journal of each host, and what containers of Docker write, to Loki."""

import re
from collections.abc import Iterator
from typing import Final

from labkeeper.lab.features import Logs
from labkeeper.plan import Service
from labkeeper.targets.artifact import Configuration
from labkeeper.targets.ground import Ground
from labkeeper.targets.monitoring.alloy_blocks import Block, Reference, written

KIND: Final = "alloy"
PATH: Final = "/etc/alloy/config.alloy"
_HEAD: Final = "// Made by labkeeper from lab.yaml: changes here are lost with the next build.\n\n"
_RECEIVER: Final = Reference("loki.write.lab.receiver")
# https://grafana.com/docs/alloy/latest/reference/components/loki/loki.source.journal/: a field of
# the journal is a label that is thrown away unless it is given a name here.
_FIELDS: Final = (
    ("__journal__systemd_unit", "unit"),
    ("__journal_container_name", "container"),
    ("__journal_priority_keyword", "level"),
    ("__journal__transport", "transport"),
)
# Units that are new each time are one: logins, containers' scopes, and what Podman's health checks
# start (podman-healthcheck(1), named after the container), each of which would be a stream of its
# own for ever.
_FLEETING: Final = (
    (r"(session|run|libpod|docker|crun)-.+\.(scope|service)", "$1.$2"),
    (r"[0-9a-f]{64}.*\.(service|timer)", "healthcheck.$1"),
)


def configurations(ground: Ground) -> Iterator[Configuration]:
    """The file of every Alloy of the lab that has a Loki to write to."""
    for each in ground.plan.services:
        url = _loki(each, ground) if each.software == KIND else None
        if url:
            body = _HEAD + written(tuple(_blocks(each, url, ground)))
            yield Configuration(each.key, each.host, PATH, body, reloads=True)


def _loki(each: Service, ground: Ground) -> str | None:
    for link in ground.links.get((each.host, each.key), ()):
        server = ground.services_by_key.get((link.server_host, link.server))
        if server and server.software == "loki":
            return f"http://{link.address}:{link.port}/loki/api/v1/push"
    return None


def _blocks(each: Service, url: str, ground: Ground) -> Iterator[Block]:
    yield Block("logging", values={"level": "warn", "format": "logfmt"})
    yield Block(
        "loki.write", "lab",
        {"external_labels": {"host": each.host}},
        (Block("endpoint", values={"url": url}),),
    )  # fmt: skip
    yield Block("loki.relabel", "journal", {"forward_to": ()}, tuple(_rules()))
    host = next(host for host in ground.plan.hosts if host.name == each.host)
    units = host.features.logs.units if isinstance(host.features.logs, Logs) else ()
    if units:
        yield Block(
            "loki.relabel", "units", {"forward_to": (_RECEIVER,)},
            (Block("rule", values={
                "source_labels": ("unit",), "regex": "|".join(map(_unit, units)), "action": "keep",
            }),),
            comment="The lab sends these units' lines, and no others.",
        )  # fmt: skip
    yield Block(
        "loki.source.journal", "journal",
        {
            "max_age": "12h",
            "labels": {"job": "journal"},
            "relabel_rules": Reference("loki.relabel.journal.rules"),
            "forward_to": (Reference("loki.relabel.units.receiver") if units else _RECEIVER,),
        },
        comment="Lines from before it ran: not more than it can have missed overnight.",
    )  # fmt: skip
    if host.engine == "docker":
        yield from _docker()


def _unit(name: str) -> str:
    """A pattern for a unit; `ssh` alone is a service, as `systemctl` takes it."""
    return re.escape(name if "." in name else f"{name}.service").replace("\\-", "-")


def _rules() -> Iterator[Block]:
    for source, target in _FIELDS:
        yield Block("rule", values={"source_labels": (source,), "target_label": target})
    for pattern, name in _FLEETING:
        values = {"source_labels": ("unit",), "regex": pattern, "replacement": name}
        yield Block("rule", values={**values, "target_label": "unit"})


def _docker() -> Iterator[Block]:
    """Docker's own log driver writes to files of its own, past the journal."""
    socket = "unix:///var/run/docker.sock"
    yield Block("discovery.docker", "containers", {"host": socket})
    yield Block(
        "discovery.relabel", "containers",
        {"targets": Reference("discovery.docker.containers.targets")},
        (Block("rule", values={
            "source_labels": ("__meta_docker_container_name",),
            "regex": "/(.*)",
            "target_label": "container",
        }),),
    )  # fmt: skip
    yield Block(
        "loki.source.docker", "containers",
        {
            "host": socket,
            "targets": Reference("discovery.relabel.containers.output"),
            "labels": {"job": "containers"},
            "forward_to": (_RECEIVER,),
        },
    )  # fmt: skip
