"""compose.yaml of each host: docker compose and podman-compose read the same."""

import re
from collections.abc import Iterator
from typing import Final

from labkeeper.lab.place import NOWHERE
from labkeeper.plan import Host, Network, Service
from labkeeper.source import Comments, Finding, comment_line
from labkeeper.targets.artifact import Artifact
from labkeeper.targets.compose import extra, secrets
from labkeeper.targets.compose.dollars import escaped
from labkeeper.targets.compose.service import service_tree
from labkeeper.targets.ground import Ground
from labkeeper.targets.quadlet.folders import tmpfiles
from labkeeper.targets.yaml import HEAD, Line, Tree, yaml

_START: Final = {"docker": "docker compose up -d --wait", "podman": "podman-compose up -d"}
_AT_BOOT: Final = "# What starts it with the host:  systemctl enable podman-restart.service"


def artifacts(ground: Ground) -> Iterator[Artifact | Finding]:
    """The files of every compose host."""
    for host in ground.hosts("compose"):
        services = [s for s in ground.services(host) if (host.name, s.key) in ground.containers]
        trees: dict[str, Tree] = {}
        for service in services:
            laid = _laid(service, host, ground)
            if isinstance(laid, Finding):
                yield laid
            else:
                trees[service.key] = laid
        if text := tmpfiles(tuple(services), HEAD):
            yield Artifact(f"{host.name}/etc/tmpfiles.d/labkeeper.conf", text)
        yield Artifact(f"{host.name}/compose.yaml", _file(host, services, trees, ground))
        for service in services:
            for file in ground.configured.get((host.name, service.key), ()):
                yield Artifact(f"{host.name}/{file.place}", file.body)


def _laid(service: Service, host: Host, ground: Ground) -> extra.Block | Finding:
    tree = {key: escaped(value) for key, value in service_tree(service, host, ground).items()}
    declared = ground.declared.get(service.key)
    if declared is None:
        return tree
    at = declared.extra.at if declared.extra.at != NOWHERE else service.at
    return extra.laid_over(tree, service.key, declared, at)


def _file(host: Host, services: list[Service], trees: dict[str, Tree], ground: Ground) -> str:
    networks = [each for each in ground.plan.networks if each.host == host.name]
    tree: dict[str, Tree] = {"name": _name(host, ground)}
    tree["services"] = trees
    if networks:
        tree["networks"] = {each.key: escaped(_network(each, ground)) for each in networks}
    volumes = [each for each in ground.plan.volumes if each.host == host.name]
    if volumes:
        tree["volumes"] = {each.key: {"name": each.name or each.key} for each in volumes}
    if files := secrets.files(services, ground):
        tree["secrets"] = {name: Line({"file": path}) for name, path in files.items()}
    return yaml(tree, _head(host, services, ground), _comments(services, tree))


def _name(host: Host, ground: Ground) -> str:
    """The project's name: https://docs.docker.com/compose/how-tos/project-name/ has the letters."""
    text = f"{ground.lab.lab.text}-{host.name}".lower()
    return re.sub(r"[^a-z0-9_-]", "-", text).lstrip("_-")


def _head(host: Host, services: list[Service], ground: Ground) -> str:
    what = f"What `{host.name}` runs. To start it, in this folder:  {_START[host.engine]}"
    boot = [_AT_BOOT] if host.engine == "podman" else []
    lines = [comment_line(what), *boot, *secrets.told(services, ground)]
    return HEAD + "\n".join(lines) + "\n\n"


def _comments(services: list[Service], tree: dict[str, Tree]) -> Comments:
    """A blank line between services, and what each is for."""
    found: dict[tuple[str, ...], list[str]] = {(key,): [""] for key in tree if key != "name"}
    for number, service in enumerate(services):
        blank = [""] if number else []
        said = [service.description] if service.description else []
        found["services", service.key] = [*blank, *said]
    return found


def _network(network: Network, ground: Ground) -> Tree:
    tree: dict[str, Tree] = {"name": network.name or network.key}
    if network.internal:
        tree["internal"] = True
    for name, declared in ground.lab.network.containers.items():
        if name.text == network.key and declared.subnet:
            tree["ipam"] = {"config": [{"subnet": str(declared.subnet)}]}
    return tree
