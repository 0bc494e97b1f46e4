"""VPN gateways and the containers behind them."""

from collections.abc import Iterator, Mapping

from labkeeper.catalog import Gateway
from labkeeper.checks.reach import Reach
from labkeeper.plan import Container, Variable
from labkeeper.values import dataclass


@dataclass(frozen=True, slots=True)
class Gated:
    """A gateway, what is known of its software, and its clients."""

    gateway: Container
    software: Gateway
    clients: tuple[Container, ...]


def gateways(reach: Reach) -> Iterator[Gated]:
    """Every container that runs a VPN client for others, or might."""
    for each in reach.plan.containers:
        service = reach.service(each)
        if service and service.vpn_gateway:
            members = reach.members(reach.space(each))
            clients = tuple(member for member in members if member is not each)
            yield Gated(each, service.vpn_gateway, clients)


def switched(container: Container, switches: Mapping[str, tuple[str, ...]]) -> Variable | None:
    """The variable that is set to one of the values that switch something."""
    for variable in container.environment:
        words = switches.get(variable.name, ())
        if variable.value and variable.value.text.strip().lower() in words:
            return variable
    return None
