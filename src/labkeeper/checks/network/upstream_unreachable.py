"""A reverse proxy passes a site on to where nothing answers."""

from collections.abc import Iterator

from labkeeper.checks.answer import Answer, Asker
from labkeeper.checks.check import Check, Fault
from labkeeper.checks.targets import bare, server_of
from labkeeper.checks.view import View
from labkeeper.plan import Container, Proxied
from labkeeper.source import Related, Severity, did_you_mean
from labkeeper.values import dataclass


@dataclass(frozen=True, slots=True)
class _Asked:
    """A site, who passes it on, and what happens to the question."""

    view: View
    proxied: Proxied
    asker: Container | None
    answer: Answer

    @property
    def address(self) -> str:
        return f"{self.proxied.name}:{self.proxied.port}"

    def fault(
        self,
        why: str,
        help_: str,
        related: tuple[Related, ...] = (),
        severity: Severity | None = None,
    ) -> Fault:
        site = self.proxied.site
        return Fault(
            f"`{site}` is passed on to `{self.address}`, {why}",
            self.proxied.at,
            help_,
            related,
            subject=f"{site} {self.address}",
            severity=severity,
        )


def check(view: View) -> Iterator[Fault]:
    """Each upstream, as seen from the proxy that asks it."""
    for proxied in view.plan.proxied:
        asker = server_of(view.reach, proxied.file, proxied.program, f"/etc/{proxied.program}")
        answer = _answer(view, proxied, None if proxied.native else asker)
        if answer and (fault := _judged(_Asked(view, proxied, asker, answer))):
            yield fault


def _answer(view: View, proxied: Proxied, asker: Container | None) -> Answer | None:
    if proxied.native:
        return Asker(view.reach, None, proxied.host).ask_host(proxied.name, proxied.port)
    if asker is None:
        return None
    return Asker(view.reach, asker, asker.host).ask(proxied.name, proxied.port)


def _judged(asked: _Asked) -> Fault | None:
    container = asked.answer.container
    match asked.answer.cause:
        case "closed-port" if container:
            return _closed(asked, container)
        case "host-port-inside" if container:
            return _outside(asked, container)
        case "nameless" if container:
            return _nameless(asked, container)
        case "no-common-network" if container and asked.asker:
            return asked.fault(
                f"which `{asked.asker.key}` cannot reach: it shares no network with "
                f"`{container.key}`",
                f"put `{asked.asker.key}` and `{container.key}` on one network",
                (Related(f"`{container.key}` is declared here", container.at),),
            )
        case "nobody" if asked.asker:
            return _nobody(asked, asked.asker)
    return None


def _closed(asked: _Asked, container: Container) -> Fault:
    ports = sorted({each.port for each in asked.answer.listeners})
    publication = asked.answer.publication
    listens = " and ".join(str(port) for port in ports)
    if publication:
        return asked.fault(
            f"which leads to where nothing listens: `{container.key}` listens on {listens}",
            f"publish {ports[0]} of `{container.key}`",
            (Related("it is published here", publication.port.at),),
        )
    return asked.fault(
        f"where nothing listens: `{container.key}` listens on {listens}",
        f"write `{asked.proxied.name}:{ports[0]}`",
        (Related(f"`{container.key}` is declared here", container.at),),
    )


def _outside(asked: _Asked, container: Container) -> Fault:
    publication = asked.answer.publication
    inside = publication.inside(asked.proxied.port) if publication else None
    return asked.fault(
        f"which is the host's port: inside the network of `{container.key}` it is {inside}",
        f"write `{asked.proxied.name}:{inside}`",
        (Related("published here", publication.port.at),) if publication else (),
        None if asked.answer.listeners else "warning",
    )


def _nameless(asked: _Asked, container: Container) -> Fault:
    owner = asked.view.reach.owner(container)
    whose = f"the network of `{owner.key}`" if owner else "the host's network"
    engine = "containers" if container.engine == "podman" else "docker"
    name = owner.key if owner else f"host.{engine}.internal"
    at = container.namespace.at if container.namespace else container.at
    return asked.fault(
        f"a name that no container has: `{container.key}` uses {whose}",
        f"write `{name}:{asked.proxied.port}`",
        (Related("that network is set here", at),),
    )


def _nobody(asked: _Asked, asker: Container) -> Fault | None:
    """Only where all of the proxy's networks are shown, and the name looks like a container's."""
    view, name = asked.view, asked.proxied.name
    if view.reach.may_meet_others(asker) or name in view.reach.called:
        return None
    names = {
        other
        for each in view.containers_of.get(asker.project, ())
        if view.reach.share_a_network(asker, each)
        for other in each.names
    }
    near = did_you_mean(name, names, cutoff=0.75)
    known = {bare(each.name) for each in view.services.every}
    if not near and bare(name) not in known:
        return None
    return asked.fault(
        "a name that no container has",
        near or f"deploy `{name}`, or delete the site",
        severity="warning",
    )


CHECK = Check("upstream-unreachable", "error", plan=check)
