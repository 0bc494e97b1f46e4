"""Addresses that say `localhost` inside a container, and mean another one."""

from collections.abc import Iterator
from typing import Final

from labkeeper.checks.answer import Answer, Asker
from labkeeper.checks.check import Check, Fault
from labkeeper.checks.reach import LOCAL_NAMES, Reach
from labkeeper.checks.targets import server_of
from labkeeper.checks.view import View
from labkeeper.plan import Container
from labkeeper.source import Fix, Related, Severity, Slice, rewrite
from labkeeper.values import regex

_URL: Final = regex(
    r"(?P<scheme>[a-z][a-z0-9+]*)://(?:[^/@\s]*@)?(?P<name>localhost|127\.0\.0\.1|\[::1\])"
    r"(?::(?P<port>\d{1,5}))?(?=[/?#]|$)"
)
# Servers that no browser talks to: their addresses are always a container's own view.
_SERVERS: Final = {
    "postgres": 5432,
    "postgresql": 5432,
    "mysql": 3306,
    "mariadb": 3306,
    "redis": 6379,
    "mongodb": 27017,
    "amqp": 5672,
    "mqtt": 1883,
}
_HOST_KEY: Final = regex(
    r"(?:.*_)?(?P<server>POSTGRES|POSTGRESQL|MYSQL|MARIADB|REDIS|MONGODB|MQTT)(?:_DB)?_HOST(?:NAME)?"
)


def check(view: View) -> Iterator[Fault]:
    """Targets, data sources, and the servers that containers are told to use."""
    for judged in view.targets:
        if judged.answer.cause == "own-localhost" and judged.asker:
            address = judged.target.address
            # What relabelling puts together is written nowhere.
            written = address if judged.at == address.span else Slice.placed("", judged.at)
            yield _fault(view.reach, judged.asker, judged.port, written)
    yield from _datasources(view.reach)
    yield from _proxied(view.reach)
    for container in view.plan.containers:
        for variable in container.environment:
            if variable.value and variable.value.is_literal:
                yield from _server(view.reach, container, variable.name, variable.value)


def _datasources(reach: Reach) -> Iterator[Fault]:
    grafana = [
        each
        for each in reach.plan.containers
        if (service := reach.service(each)) and service.name == "grafana"
    ]
    if len(grafana) != 1:
        return
    [asker] = grafana
    for source in reach.plan.datasources:
        found = _URL.match(source.url.text) if source.url else None
        if found and found["port"] and source.url:
            place = source.url.cut(found.start("name"), found.end())
            yield from _another(reach, asker, int(found["port"]), place)


def _proxied(reach: Reach) -> Iterator[Fault]:
    """Upstreams of a reverse proxy that runs in a container."""
    for each in reach.plan.proxied:
        folder = f"/etc/{each.program}"
        asker = None if each.native else server_of(reach, each.file, each.program, folder)
        if asker and each.name in LOCAL_NAMES:
            yield from _another(reach, asker, each.port, each.upstream)


def _server(reach: Reach, container: Container, name: str, value: Slice) -> Iterator[Fault]:
    """A database or broker at `localhost` that runs in a container of the same project."""
    if (key := _HOST_KEY.fullmatch(name)) and value.text in LOCAL_NAMES:
        yield from _another(reach, container, _SERVERS[key["server"].lower()], value)
        return
    found = _URL.match(value.text)
    scheme = found["scheme"].partition("+")[0] if found else ""
    if not found:
        return
    if scheme in _SERVERS:
        port = int(found["port"] or _SERVERS[scheme])
    elif found["port"] and _is_exporter(reach, container):
        port = int(found["port"])
    else:
        return
    yield from _another(reach, container, port, value.cut(found.start("name"), found.end()))


def _is_exporter(reach: Reach, container: Container) -> bool:
    """Whether its addresses are its own: a web application's may be meant for the browser."""
    service = reach.service(container)
    return bool(service and service.metrics and service.metrics.dedicated)


def _another(reach: Reach, asker: Container, port: int, at: Slice) -> Iterator[Fault]:
    """A fault where a container of the same project is known to listen, and the asker is not."""
    space = reach.space(asker)
    if space.kind != "container" or reach.answers(space, port) is True:
        return
    declared = any(port in p.container for p in asker.ports) or port in asker.exposed
    if declared or any(m.project != asker.project for m in reach.members(space)):
        return
    if any(reach.service(member) is None for member in reach.members(space)[1:]):
        return
    if _meant(reach, asker, port):
        # Only what is known has no second program inside: some images bring their own database.
        yield _fault(reach, asker, port, at, "error" if reach.service(asker) else "warning")


def _meant(reach: Reach, asker: Container, port: int) -> Container | None:
    """The container that listens on that port, where there is one alone."""
    space = reach.space(asker)
    found = [
        each
        for each in reach.listening_on.get((asker.host, port), ())
        if (each.project == asker.project or reach.share_a_network(asker, each))
        and reach.space(each) != space
    ]
    return found[0] if len(found) == 1 else None


def _fault(
    reach: Reach,
    asker: Container,
    port: int,
    written: Slice,
    severity: Severity = "error",
) -> Fault:
    meant = _meant(reach, asker, port)
    related: tuple[Related, ...] = ()
    fix: Fix | None = None
    help_ = "use the name of the container, or of the host, that is meant"
    instead = f"where nothing listens on {port}"
    if meant:
        instead = f"not `{meant.key}`"
        related = (Related(f"`{meant.key}` listens on {port}", meant.at),)
        right = _name(reach, asker, meant, port)
        help_ = f"use `{right}`"
        fix = _fix(written, right, port) if right.startswith(f"{meant.key}:") else None
    return Fault(
        f"inside `{asker.key}`, `localhost:{port}` is `{asker.key}` itself, {instead}",
        written.span,
        help_,
        related,
        subject=f"{asker.key}:{port}",
        severity=severity,
        fix=fix,
    )


def _fix(written: Slice, right: str, port: int) -> Fix | None:
    """A name alone stays a name alone: its port stands elsewhere."""
    if not written.text:
        return None
    new = right if written.text.endswith(f":{port}") else right.rpartition(":")[0]
    return rewrite(f"write `{new}`", [written.span], written.text, new)


def _name(reach: Reach, asker: Container, meant: Container, port: int) -> str:
    answer: Answer = Asker(reach, asker, asker.host).ask(meant.key, port)
    if answer.cause in {"answers", "unknown"}:
        return f"{meant.key}:{port}"
    engine = "containers" if asker.engine == "podman" else "docker"
    return f"host.{engine}.internal:{port}"


CHECK = Check("localhost-across-containers", "error", plan=check)
