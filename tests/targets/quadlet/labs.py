"""Labs on hosts that run Quadlets, and the files that they become."""

from labkeeper.targets import Compiled
from tests.targets.labs import ON_QUADLET, compiled, text_of

NAMES = ("one-box", *ON_QUADLET)
UNITS = "/etc/containers/systemd/"


def built(name: str, podman: str = "5.4") -> Compiled:
    """An example, for a version of Podman."""
    return compiled(text_of(name).replace("podman: 5.4", f'podman: "{podman}"'))


def units(made: Compiled) -> dict[str, dict[str, str]]:
    """The Quadlets of each host, by their file names."""
    found: dict[str, dict[str, str]] = {}
    for each in made.artifacts:
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
