"""Published ports of a container that uses another container's network."""

from collections.abc import Iterator
from itertools import groupby

from labkeeper.checks.check import Check, Fault
from labkeeper.checks.network.host_network_with_ports import written
from labkeeper.checks.view import View
from labkeeper.source import Related


def check(view: View) -> Iterator[Fault]:
    """One fault a container: the engine refuses to create it."""
    ports = [each for each in view.reach.publications if each.borrowed]
    for _, group in groupby(ports, key=lambda each: id(each.container)):
        refused = list(group)
        container = refused[0].container
        namespace = container.namespace
        if namespace is None:
            continue
        owner = view.reach.owner(container)
        name = owner.key if owner else namespace.owner
        listed = ", ".join(f"`{written(each.port)}`" for each in refused)
        yield Fault(
            f"`{container.key}` uses the network of `{name}`, so it cannot publish {listed} itself",
            refused[0].port.at,
            f"move the published ports to `{name}`",
            (Related("the other container's network is set here", namespace.at),),
            subject=container.key,
        )


CHECK = Check("port-on-vpn-client", "error", plan=check)
