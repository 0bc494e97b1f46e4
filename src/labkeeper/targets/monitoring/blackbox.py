"""The blackbox exporter's modules: each way of asking that the plan's probes use."""

from collections.abc import Iterator, Mapping
from typing import Final

from labkeeper.targets.artifact import Configuration
from labkeeper.targets.ground import Ground
from labkeeper.targets.yaml import HEAD, Tree, yaml

KIND: Final = "blackbox-exporter"
PATH: Final = "/etc/blackbox_exporter/config.yml"
# A name with an IPv6 address that leads nowhere from a container is still asked by IPv4. Below the
# ten seconds of Prometheus's own patience, so that a slow answer is told from no exporter.
_HTTP: Final[Mapping[str, Tree]] = {"preferred_ip_protocol": "ip4"}
_MODULES: Final[Mapping[str, Tree]] = {
    "http_2xx": {"prober": "http", "timeout": "8s", "http": dict(_HTTP)},
    "icmp": {"prober": "icmp", "timeout": "5s", "icmp": {"preferred_ip_protocol": "ip4"}},
    # Gluetun's control server, internal/server: what it answers to /v1/vpn/status and, once it has
    # asked somebody outside through the tunnel, to /v1/publicip/ip.
    "vpn_tunnel": {
        "prober": "http", "timeout": "8s",
        "http": {**_HTTP, "fail_if_body_not_matches_regexp": ['"status":\\s*"running"']},
    },
    "vpn_egress": {
        "prober": "http", "timeout": "8s",
        "http": {**_HTTP, "fail_if_body_not_matches_regexp": ['"public_ip":\\s*"[0-9a-fA-F.:]+"']},
    },
}  # fmt: skip


def configurations(ground: Ground) -> Iterator[Configuration]:
    """The file of every blackbox exporter; a tunnel is asked for only where there is one."""
    asked = {probe.module for probe in ground.plan.probes}
    usual = ("http_2xx", "icmp")
    modules = {name: tree for name, tree in _MODULES.items() if name in usual or name in asked}
    body = yaml({"modules": modules}, HEAD)
    for each in ground.plan.services:
        if each.software == KIND:
            yield Configuration(each.key, each.host, PATH, body, reloads=True)
