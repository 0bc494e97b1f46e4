"""Labs on hosts that run Quadlets, and the files that they become."""

from collections.abc import Iterable
from dataclasses import replace
from functools import cache

from labkeeper.source import Finding
from labkeeper.targets import Artifact, Compiled, quadlet
from labkeeper.targets.artifact import Configuration
from labkeeper.targets.compile import CONFIGURATIONS
from labkeeper.targets.ground import Ground
from tests.targets.labs import ON_QUADLET, compiled, ground, text_of

NAMES = ("one-box", *ON_QUADLET)
UNITS = "/etc/containers/systemd/"


@cache
def example(name: str) -> Ground:
    """An example with the files that its services read."""
    base = ground(text_of(name))
    made = [each for make in CONFIGURATIONS for each in make(base)]
    files = tuple(each for each in made if isinstance(each, Configuration))
    return replace(base, configurations=files)


@cache
def built(name: str, podman: str = "5.4") -> tuple[Artifact, ...]:
    """What an example becomes, for a version of Podman."""
    base = example(name)
    hosts = tuple(replace(host, versions=(("podman", podman),)) for host in base.plan.hosts)
    made = quadlet.artifacts(replace(base, plan=replace(base.plan, hosts=hosts)))
    found = tuple(made)
    assert not any(isinstance(each, Finding) for each in found)
    return tuple(each for each in found if isinstance(each, Artifact))


def units(made: Iterable[Artifact]) -> dict[str, dict[str, str]]:
    """The Quadlets of each host, by their file names."""
    found: dict[str, dict[str, str]] = {}
    for each in made:
        host, between, name = each.path.partition(UNITS)
        if between:
            found.setdefault(host, {})[name] = each.body
    return found


def on_box(services: str, host: str = "versions: {podman: 5.4}", more: str = "") -> Compiled:
    """What a lab of one host becomes."""
    return compiled(
        f"lab: home\nhosts:\n  box: {{target: quadlet, {host}}}\nservices:\n{services}\n{more}"
    )


def unit(made: Compiled, name: str) -> str:
    """One Quadlet of the box."""
    [found] = [each.body for each in made.artifacts if each.path == f"box{UNITS}{name}"]
    return found
