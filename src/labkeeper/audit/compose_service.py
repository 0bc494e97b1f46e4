"""One service of a compose project to a container of the Plan."""

from collections.abc import Iterator
from typing import Final, Literal

from labkeeper.audit.compose_merge import items
from labkeeper.audit.compose_mounts import file_mounts, mounts
from labkeeper.audit.compose_network import exposed, extra_hosts, namespace, networks, ports
from labkeeper.audit.compose_resources import devices, gpus, memory_limit
from labkeeper.audit.words import words
from labkeeper.plan import (
    Container,
    Dependency,
    HealthCheck,
    Variable,
)
from labkeeper.source import Mapping, Node, Scalar, Slice, Span

_CONDITIONS: Final[dict[str, Literal["started", "healthy", "completed"]]] = {
    "service_started": "started",
    "service_healthy": "healthy",
    "service_completed_successfully": "completed",
}


def container(key: Scalar, service: Mapping, root: Mapping, project: str, host: str) -> Container:
    """What a service runs and may reach; `root` holds the secrets and configs that it names."""
    published, all_known = ports(service)
    return Container(
        key=key.value,
        project=project,
        host=host,
        at=key.span,
        name=_text(service, "container_name"),
        image=_text(service, "image"),
        built="build" in service,
        entrypoint=_command(service, "entrypoint"),
        command=_command(service, "command"),
        environment=variables(service, "environment"),
        ports=published,
        exposed=exposed(service),
        networks=networks(service),
        namespace=namespace(service),
        pid_host=_says(service, "pid", "host"),
        mounts=(*mounts(service), *file_mounts(service, root)),
        devices=devices(service),
        capabilities=_texts(service, "cap_add"),
        privileged=_privileged(service),
        gpus=tuple(gpus(service)),
        memory_limit=memory_limit(service),
        depends_on=tuple(_dependencies(service)),
        health=_health(service),
        restart=_text(service, "restart"),
        user=_text(service, "user"),
        labels=variables(service, "labels"),
        profiles=tuple(p.value for p in service.scalars("profiles")),
        secrets=_secrets(service),
        extra_hosts=extra_hosts(service),
        security=_texts(service, "security_opt"),
        complete=all_known,
    )


def _text(service: Mapping, name: str) -> Slice | None:
    value = service.scalar(name)
    return value.text if value else None


def _texts(service: Mapping, name: str) -> tuple[Slice, ...]:
    return tuple(value.text for value in service.scalars(name))


def _says(service: Mapping, name: str, wanted: str) -> bool:
    value = service.scalar(name)
    return value is not None and value.value == wanted


def _command(service: Mapping, name: str) -> tuple[Slice, ...]:
    """A command as words; Compose splits a single text as a shell would."""
    value = service.get(name)
    if isinstance(value, Scalar):
        return words(value.text)
    return _texts(service, name)


def variables(service: Mapping, name: str) -> tuple[Variable, ...]:
    """The names and values at `name`, given as a mapping or as a list of `NAME=VALUE`."""
    given = service.get(name)
    found: dict[str, Variable] = {}
    for item in items(given) if given is not None else ():
        variable = _variable(item)
        if variable is not None:
            found[variable.name] = variable
    return tuple(found.values())


def _variable(item: Node) -> Variable | None:
    match item:
        case Mapping() if len(item.pairs) == 1:
            key, value = item.pairs[0]
            if not isinstance(value, Scalar):
                return None
            given = None if value.is_null else value.text
            # `at` ends where the value does, so that one place shows both.
            at = key.source.within(key.start, value.end) if _follows(key, value) else key.span
            return Variable(key.value, given, at, _origin(value, value.value))
        case Scalar():
            name, equals, rest = item.value.partition("=")
            text = item.text
            given = text.cut(len(name) + 1, len(text.text)) if equals else None
            return Variable(name, given, item.span, _origin(item, rest))
        case _:
            return None


def files_of_variables(service: Mapping) -> list[Scalar]:
    """The files that `env_file` names, in either form."""
    given = service.get("env_file")
    if isinstance(given, Scalar):
        return [given]
    found: list[Scalar] = []
    for item in items(given) if given is not None else ():
        path = item.scalar("path") if isinstance(item, Mapping) else item
        if isinstance(path, Scalar):
            found.append(path)
    return found


def _follows(key: Scalar, value: Scalar) -> bool:
    """Whether a value stands right behind its key, rather than in an anchor elsewhere."""
    return key.source is value.source and key.end <= value.start


def _origin(item: Scalar, value: str) -> Literal["written", "filled"]:
    raw = item.source.text[item.start : item.end]
    return "filled" if "$" in raw and "$" not in value else "written"


def _privileged(service: Mapping) -> Span | None:
    value = service.scalar("privileged")
    return value.span if value and value.truth else None


def _dependencies(service: Mapping) -> Iterator[Dependency]:
    given = service.get("depends_on")
    if isinstance(given, Mapping):
        for key, settings in given.pairs:
            yield _dependency(key, settings)
    else:
        for name in service.scalars("depends_on"):
            yield Dependency(name.value, "started", True, name.span)
    for link in service.scalars("links"):
        yield Dependency(link.value.partition(":")[0], "started", True, link.span)
    for other in service.scalars("volumes_from"):
        if not other.value.startswith("container:"):
            yield Dependency(other.value.partition(":")[0], "started", True, other.span)


def _dependency(key: Scalar, settings: Node) -> Dependency:
    if not isinstance(settings, Mapping):
        return Dependency(key.value, "started", True, key.span)
    condition = settings.scalar("condition")
    required = settings.scalar("required")
    return Dependency(
        key.value,
        _CONDITIONS.get(condition.value if condition else "", "started"),
        required is None or required.truth is not False,
        key.span,
    )


def _health(service: Mapping) -> HealthCheck | None:
    pair = service.pair("healthcheck")
    if pair is None or not isinstance(pair[1], Mapping):
        return None
    test = pair[1].scalars("test")
    off = pair[1].scalar("disable")
    disabled = bool(off and off.truth) or [word.value for word in test] == ["NONE"]
    return HealthCheck(_test(test), disabled, pair[0].span)


def _test(test: list[Scalar]) -> Slice | None:
    """A health test as one text, whatever form it was given in."""
    if len(test) < 2:
        return test[0].text if test else None
    words_ = test[1:] if test[0].value in {"CMD", "CMD-SHELL"} else test
    if len(words_) == 1:
        return words_[0].text
    first, last = words_[0].span, words_[-1].span
    whole = Span(first.file, first.start, max(first.end, last.end))
    return Slice.placed(" ".join(word.value for word in words_), whole)


def _secrets(service: Mapping) -> tuple[str, ...]:
    found: list[str] = []
    for item in service.sequence("secrets"):
        source = item.scalar("source") if isinstance(item, Mapping) else item
        if isinstance(source, Scalar):
            found.append(source.value)
    return tuple(found)
