"""The plan for machines, whole, and for people: what runs where, and how it is reached."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import fields, is_dataclass

from labkeeper.plan import Container, Host, Plan, PublishedPort, Service
from labkeeper.report.value import FORMAT, Value, place_value
from labkeeper.source import Slice, Span


def plan_value(plan: Plan, texts: Mapping[str, str]) -> dict[str, Value]:
    """Everything in it; a text is a string, and a place is `at`, in lines and columns."""
    return {"format": FORMAT, "kind": "plan", "plan": _value(plan, texts)}


def _value(value: object, texts: Mapping[str, str]) -> Value:
    match value:
        case None | bool() | int() | float() | str():
            return value
        case Slice():
            return value.text
        case Span():
            return place_value(value, texts)
        case Mapping():
            return {str(key): _value(each, texts) for key, each in value.items()}
        case frozenset():
            return [str(each) for each in sorted(value)]
        case _ if is_dataclass(value):
            return {
                item.name.rstrip("_"): _value(getattr(value, item.name), texts)
                for item in fields(value)
            }
        case tuple():
            return [_value(each, texts) for each in value]
        case _:
            return str(value)


def render_plan(plan: Plan) -> str:
    """A block for each host: its services in the order in which they start."""
    containers = {(each.host, each.key): each for each in plan.containers}
    return "\n\n".join("\n".join(_host(host, plan, containers)) for host in plan.hosts)


def _host(host: Host, plan: Plan, containers: Mapping[tuple[str, str], Container]) -> Iterator[str]:
    where = f", {host.address}" if host.address else ""
    yield f"{host.name} ({host.target}{where})"
    mine = sorted((s for s in plan.services if s.host == host.name), key=lambda s: s.order)
    sites = {site.service: site.domain for site in plan.sites if site.host == host.name}
    rows = [_row(each, containers.get((each.host, each.key)), sites) for each in mine]
    yield from (f"  {line}" for line in _table(rows))
    if not rows:
        yield "  nothing runs here"


def _row(
    service: Service, container: Container | None, sites: Mapping[str, str]
) -> tuple[str, str, str]:
    runs = service.module or (container.image.text if container and container.image else "")
    reached = [f"https://{sites[service.key]}"] if service.key in sites else []
    reached += [_port(port) for port in container.ports] if container else []
    if service.through:
        reached.append(f"through {service.through}")
    return service.key, runs, ", ".join(reached)


def _port(port: PublishedPort) -> str:
    """Where the host shows it: `:8096`, `127.0.0.1:8080`, `:53/udp`."""
    number = port.host.first if port.host else "?"
    protocol = "" if port.protocol == "tcp" else f"/{port.protocol}"
    return f"{port.address or ''}:{number}{protocol}"


def _table(rows: Iterable[tuple[str, str, str]]) -> Iterator[str]:
    rows = tuple(rows)
    widths = [max((len(row[column]) for row in rows), default=0) for column in range(2)]
    for name, runs, reached in rows:
        yield f"{name:<{widths[0]}}  {runs:<{widths[1]}}  {reached}".rstrip()
