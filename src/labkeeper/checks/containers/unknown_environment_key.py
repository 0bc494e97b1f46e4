"""A variable is a slip of the pen for one that the software reads, so that nothing reads it."""

from collections.abc import Iterator

from labkeeper.catalog import Service
from labkeeper.checks.check import Check, Fault
from labkeeper.checks.view import View
from labkeeper.source import misspelled


def check(view: View) -> Iterator[Fault]:
    """Variables that differ by a letter from one of the catalog's, which is not there itself.

    The catalog lists no software's variables whole: a name that is like none of them may be right.
    """
    for container in view.plan.containers:
        service = view.reach.service(container)
        if service is None:
            continue
        known = frozenset(_known(service))
        given = {variable.name for variable in container.environment}
        for variable in container.environment:
            meant = misspelled(variable.name, known) if variable.name not in known else None
            if meant and meant not in given and not _is_same(variable.name, meant):
                yield Fault(
                    f"`{container.key}` is given `{variable.name}`, and {service.title} reads "
                    f"`{meant}`",
                    variable.at,
                    f"write `{meant}`",
                    subject=f"{container.key} {variable.name}",
                )


def _is_same(written: str, meant: str) -> bool:
    """Whether the software takes the one for the other: .NET tells no case apart in `A__B`.

    https://learn.microsoft.com/aspnet/core/fundamentals/configuration/
    """
    return "__" in meant and written.upper() == meant.upper()


def _known(service: Service) -> Iterator[str]:
    """Every variable that the catalog has of it."""
    yield from service.secrets
    for port in service.ports:
        yield from port.variables
    if service.metrics:
        yield from service.metrics.environment
    if run := service.run:
        yield from run.environment
        yield from run.required
        yield from run.gpu.environment if run.gpu else ()
    if gateway := service.vpn_gateway:
        yield from gateway.kill_switch_off
        yield from gateway.proxy
        yield from gateway.dns_kept
        named = (gateway.provider, gateway.protocol, gateway.forwarding, gateway.forwards_for)
        yield from filter(None, (*named, gateway.networks, gateway.ports_in))
        for provider in gateway.providers.values():
            yield from provider.wireguard or ()
            yield from provider.openvpn or ()
            yield from filter(None, (provider.place,))


CHECK = Check("unknown-environment-key", "warning", plan=check)
