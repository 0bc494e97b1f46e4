"""Targets that are there, but that Prometheus cannot reach from where it runs."""

from collections.abc import Iterator

from labkeeper.checks.check import Check, Fault
from labkeeper.checks.reach import HOST_NAMES
from labkeeper.checks.targets import Judged
from labkeeper.checks.view import View
from labkeeper.plan import Container, Firewall
from labkeeper.source import Related, Span


def check(view: View) -> Iterator[Fault]:
    """Targets whose container is known, on the wrong side of some network."""
    for judged in view.targets:
        asker, container = judged.asker, judged.answer.container
        match judged.answer.cause:
            case "nameless" if container:
                yield _nameless(view, judged, container)
            case "no-common-network" if container and asker:
                yield _apart(judged, asker, container)
            case "asker-on-host" if container and asker:
                yield _from_host(judged, asker, container)
            case "loopback-only" if asker:
                yield _loopback(judged, asker)
            case "answers" | "unknown" if closed := _closed(view, judged):
                yield _kept_out(judged, closed)
            case _:
                pass


def _closed(view: View, judged: Judged) -> Firewall | None:
    """The firewall that keeps Prometheus out, where all that it lets in is known."""
    asker, answer = judged.asker, judged.answer
    if judged.name in HOST_NAMES:
        apart = asker is not None and view.reach.space(asker).kind == "container"
        host = asker.host if asker and apart and answer.container is None else None
    else:
        own = asker.host if asker else judged.job.host
        named = (f.host for f in view.plan.firewalls if f.whole and f.host
                 and judged.name in {f.host, f"{f.host}.lan", f"{f.host}.local"})  # fmt: skip
        host = next((name for name in named if own and name != own), None)
    firewall = None if host is None else view.machines.firewall(host)
    if firewall is None or firewall.trusted or firewall.opens(judged.port):
        return None
    # What containers publish comes in before it is asked.
    return None if view.reach.published(firewall.host, judged.port) else firewall


def _kept_out(judged: Judged, firewall: Firewall) -> Fault:
    whose = f" of `{firewall.host}`" if firewall.host else ""
    return Fault(
        f"Prometheus cannot reach `{judged.address}`: `networking.firewall`{whose} lets in port "
        f"{judged.port} from nowhere",
        judged.at,
        "open it on the interface that Prometheus comes in by: "
        f"`networking.firewall.interfaces.NAME.allowedTCPPorts = [ {judged.port} ];`",
        subject=judged.address,
    )


def _nameless(view: View, judged: Judged, container: Container) -> Fault:
    owner = view.reach.owner(container)
    if owner:
        because = f"it uses the network of `{owner.key}`"
        fix = f"scrape `{owner.key}:{judged.port}`"
    else:
        because = "it uses the host's network"
        fix = f"scrape `{_host_name(container)}:{judged.port}`"
        if container.engine != "podman":
            fix += ", with `extra_hosts: [host.docker.internal:host-gateway]` on Prometheus"
    return Fault(
        f"no container can find `{judged.name}` by name: {because}",
        judged.at,
        fix,
        _asked_for(container),
        subject=judged.address,
    )


def _host_name(container: Container) -> str:
    return f"host.{'containers' if container.engine == 'podman' else 'docker'}.internal"


def _apart(judged: Judged, asker: Container, container: Container) -> Fault:
    return Fault(
        f"`{asker.key}` cannot reach `{judged.address}`: it shares no network with "
        f"`{container.key}`",
        judged.at,
        f"put `{asker.key}` and `{container.key}` on one network",
        (
            Related(f"`{asker.key}` is on these", _networks(asker)),
            Related(f"`{container.key}` is on these", _networks(container)),
        ),
        subject=judged.address,
    )


def _networks(container: Container) -> Span:
    if not container.networks:
        return container.at
    first, last = container.networks[0].at, container.networks[-1].at
    return Span(first.file, first.start, max(first.end, last.end))


def _from_host(judged: Judged, asker: Container, container: Container) -> Fault:
    led = next((port for port in container.ports if judged.port in port.container), None)
    where = f"localhost:{led.host.first + judged.port - led.container.first}" if (
        led and led.host
    ) else "localhost, at a port that it publishes"  # fmt: skip
    return Fault(
        f"`{asker.key}` uses the host's network, which does not know the name `{judged.name}`",
        judged.at,
        f"scrape `{where}`" if led else f"scrape `{container.key}` at {where}",
        _asked_for(asker),
        subject=judged.address,
    )


def _loopback(judged: Judged, asker: Container) -> Fault:
    publication = judged.answer.publication
    if publication:
        name, at = publication.container.key, publication.port.at
        message = f"`{name}` publishes the port on the host's loopback address alone"
    else:
        listener = judged.answer.listeners[0]
        name, at = listener.service.title, listener.at
        message = f"{name} listens on its loopback address alone"
    return Fault(
        f"`{asker.key}` cannot reach `{judged.address}`: {message}",
        judged.at,
        "put both on one network and use the container's name"
        if publication
        else "let it listen on an address that Prometheus reaches",
        (Related("only the host itself and what uses its network reach this", at),),
        subject=judged.address,
        # Docker Desktop leads its host's name to the loopback address too.
        severity="warning",
    )


def _asked_for(container: Container) -> tuple[Related, ...]:
    if container.namespace is None:
        return ()
    return (Related("that network is set here", container.namespace.at),)


CHECK = Check("target-unreachable", "error", plan=check)
