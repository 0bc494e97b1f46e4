"""What engines say of containers: the same Plan as from the files that made them."""

import json
from typing import Any

from labkeeper.audit import Folder, Verdict, judge
from labkeeper.checks import CHECKS
from labkeeper.plan import Container

ID = "ab" * 32


def entry(name: str = "/web", **more: Any) -> dict[str, Any]:
    """An entry as Docker's API documents it (ContainerInspect)."""
    host = {"NetworkMode": "bridge", "Memory": 0, "RestartPolicy": {"Name": "no"}}
    return {
        "Id": ID,
        "Name": name,
        "State": {"Status": "running"},
        "Config": {"Image": "nginx:1.29.3", "Env": ["A=b=c"], "Cmd": ["nginx", "-g"]},
        "HostConfig": host | more.pop("host", {}),
        "NetworkSettings": {"Networks": more.pop("networks", {"bridge": {}})},
        "Mounts": more.pop("mounts", []),
        **more,
    }


def verdict(*entries: dict[str, Any], **more: str) -> Verdict:
    texts = {"saved.json": json.dumps(list(entries), indent=1)}
    return judge(Folder(texts | more), CHECKS)


def container(**more: Any) -> Container:
    (found,) = verdict(entry(**more)).plan.containers
    return found


def test_a_container_is_read() -> None:
    """Docker's names begin with a slash, and its default network knows no names."""
    found = container(
        host={
            "PortBindings": {
                "80/tcp": [{"HostIp": "", "HostPort": "8080"}],
                "53/udp": [{"HostIp": "127.0.0.1", "HostPort": "5353"}],
            },
            "Memory": 536870912,
            "RestartPolicy": {"Name": "always"},
            "Privileged": True,
            "ExtraHosts": ["nas:192.168.1.2"],
            "DeviceRequests": [{"Driver": "nvidia", "Count": -1}],
        },
        mounts=[
            {"Type": "bind", "Source": "/srv", "Destination": "/data", "RW": False},
            {"Type": "volume", "Name": "cache", "Source": "/var/lib/x", "Destination": "/cache"},
        ],
    )

    assert (found.key, found.engine, found.networks) == ("web", "docker", ())
    assert found.image and found.image.text == "nginx:1.29.3"
    assert [
        (p.address, p.host and p.host.first, p.container.first, p.protocol) for p in found.ports
    ] == [(None, 8080, 80, "tcp"), ("127.0.0.1", 5353, 53, "udp")]
    assert [(m.kind, m.source and m.source.text, m.read_only) for m in found.mounts] == [
        ("bind", "/srv", True),
        ("volume", "cache", False),
    ]
    assert found.environment[0].value and found.environment[0].value.text == "b=c"
    assert found.memory_limit and found.memory_limit.text == "536870912"
    assert found.restart and found.privileged and found.gpus
    assert found.extra_hosts == (("nas", "192.168.1.2"),)


def test_the_owner_of_a_network_is_found_by_its_identity() -> None:
    """`container:ID` is what an engine makes of `network_mode: service:vpn`."""
    found = verdict(
        entry("/vpn"), entry("/torrent", Id="cd" * 32, host={"NetworkMode": f"container:{ID}"})
    )

    namespace = found.plan.containers[1].namespace
    assert namespace and (namespace.kind, namespace.owner) == ("container", "vpn")


def test_what_has_ended_is_left_out() -> None:
    """A stopped container holds no port."""
    gone = entry("/old", State={"Status": "exited"})

    assert [c.key for c in verdict(gone, entry()).plan.containers] == ["web"]


def test_what_runs_does_not_clash_with_what_describes_it() -> None:
    """A saved inspection lies beside the compose file that it came from."""
    ports = {"PortBindings": {"80/tcp": [{"HostIp": "", "HostPort": "8080"}]}}
    compose = "services: {site: {image: 'nginx:1.29.3', container_name: web, ports: ['8080:80']}}"
    found = verdict(entry(host=ports), **{"compose.yaml": compose})

    assert not [f for f in found.findings if "clash" in f.check or "duplicate" in f.check]


def test_secrets_of_what_runs_are_not_called_written_out() -> None:
    """They may well have come from a file: what runs does not tell."""
    config = {"Image": "postgres:17.2", "Env": ["POSTGRES_PASSWORD=tr0ub4dor-and-3"]}
    found = verdict(entry(Config=config))

    assert "secret-in-environment" not in {finding.check for finding in found.findings}
