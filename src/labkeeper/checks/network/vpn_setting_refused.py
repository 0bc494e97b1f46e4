"""A VPN gateway is told to do what its provider does not offer, so that it refuses to start."""

from collections.abc import Iterator
from typing import Final

from labkeeper.catalog import Gateway, Provider
from labkeeper.checks.check import Check, Fault
from labkeeper.checks.network.gateways import Gated, gateways
from labkeeper.checks.spoken import listed
from labkeeper.checks.view import View
from labkeeper.plan import Container, Variable
from labkeeper.source import Span, nearest

_ON: Final = frozenset({"on", "yes", "true", "enabled"})
_TITLES: Final = {"wireguard": "WireGuard", "openvpn": "OpenVPN"}
# The name that Gluetun takes for it as well.
_ALIASES: Final = {"pia": "private internet access"}


def check(view: View) -> Iterator[Fault]:
    """Gateways whose provider is written out and known."""
    labs = {project.key for project in view.plan.projects if project.kind == "lab"}
    for gated in gateways(view.reach):
        named = _set(gated.gateway, gated.software.provider)
        if named is None:
            continue
        name = _word(named)
        provider = gated.software.providers.get(_ALIASES.get(name, name))
        if provider is None:
            yield from _unknown(gated, named, name)
            continue
        refused = _refused(gated, provider, name)
        yield from refused or _lacking(gated, provider, name, gated.gateway.project in labs)


def _unknown(gated: Gated, named: Variable, name: str) -> Iterator[Fault]:
    near = nearest(name, [*gated.software.providers, *_ALIASES])
    # A newer version may know more; only a slip of the pen is sure.
    if near:
        yield Fault(
            f"`{gated.gateway.key}` knows no VPN provider `{name}`",
            _at(named),
            f"did you mean `{near}`?",
            subject=gated.gateway.key,
            severity="warning",
        )


def _refused(gated: Gated, provider: Provider, name: str) -> list[Fault]:
    """What the provider does not do."""
    key, software = gated.gateway.key, gated.software
    found: list[Fault] = []
    protocol = _set(gated.gateway, software.protocol)
    asked = _word(protocol) if protocol else ""
    if protocol and asked in _TITLES and _needs(provider, asked) is None:
        other = "openvpn" if asked == "wireguard" else "wireguard"
        found.append(Fault(
            f"`{key}` does not start: it makes no {_TITLES[asked]} tunnels to `{name}`",
            _at(protocol),
            f"set `{software.protocol}: {other}`, or use another provider",
            subject=key,
        ))  # fmt: skip
    forwarding = _set(gated.gateway, software.forwarding)
    elsewhere = _set(gated.gateway, software.forwards_for)
    if forwarding and _word(forwarding) in _ON and not provider.forwards and not elsewhere:
        found.append(Fault(
            f"`{key}` does not start: it gets no forwarded port from `{name}`",
            _at(forwarding),
            f"delete `{software.forwarding}`, or use one of {_forwarding(software)}",
            subject=key,
        ))  # fmt: skip
    return found


def _lacking(gated: Gated, provider: Provider, name: str, whole: bool) -> Iterator[Fault]:
    """What it has to be told; only a lab says all that it is told."""
    container = gated.gateway
    protocol = _set(container, gated.software.protocol)
    if not whole or protocol is None or container.secrets:
        return
    given = {variable.name for variable in container.environment}
    missing = [each for each in _needs(provider, _word(protocol)) or () if each not in given]
    # A file of the provider's own can say all of it.
    if missing and not any("wireguard" in mount.target.text for mount in container.mounts):
        names = listed(missing, most=len(missing))
        given_out = ", ".join(f"{each}: ..." for each in missing)
        yield Fault(
            f"`{container.key}` does not start without {names}, which `{name}` gives out",
            container.at,
            f"take {'it' if len(missing) == 1 else 'them'} from the file that it gives out: "
            f"`environment: {{{given_out}}}`, what is secret as `secret:NAME`",
            subject=container.key,
        )


def _needs(provider: Provider, protocol: str) -> tuple[str, ...] | None:
    return provider.wireguard if protocol == "wireguard" else provider.openvpn


def _forwarding(software: Gateway) -> str:
    return ", ".join(f"`{name}`" for name, each in software.providers.items() if each.forwards)


def _set(container: Container, name: str | None) -> Variable | None:
    """A variable whose value is written out."""
    for variable in container.environment:
        if variable.name == name and variable.value and variable.value.is_literal:
            return variable
    return None


def _at(variable: Variable) -> Span:
    return variable.value.span if variable.value else variable.at


def _word(variable: Variable) -> str:
    return variable.value.text.strip().strip("'\"").lower() if variable.value else ""


CHECK = Check("vpn-setting-refused", "error", plan=check)
