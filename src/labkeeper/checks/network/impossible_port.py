"""A port that no machine has, or ranges of ports that do not fit each other."""

from collections.abc import Iterator
from typing import Final

from labkeeper.checks.check import Check, Fault
from labkeeper.source import Document, Mapping, Scalar, Slice
from labkeeper.values import dataclass, regex

_HIGHEST: Final = 65_535
# An address before the ports may hold colons itself, in brackets.
_PORTS: Final = regex(
    r"(?:(?:(?:\[[^\]]*\]|[^:]*):)?(?P<host>[\d-]*):)?(?P<inside>[\d-]+)(?:/\w+)?"
)
_RANGE: Final = regex(r"(?P<first>\d+)(?:-(?P<last>\d+))?")


@dataclass(frozen=True, slots=True)
class _Written:
    """Ports as they are written; the last is none where one port alone is."""

    text: Slice
    first: int
    last: int


def check(document: Document) -> Iterator[Fault]:
    """Ports of compose services and Quadlets, which their engine refuses."""
    if not isinstance(document.root, Mapping):
        return
    if document.kind == "compose":
        for owner, tree in _services(document.root):
            yield from _of_service(owner, tree)
    if document.kind == "quadlet":
        name = document.name.rpartition(".")[0]
        for section in ("Container", "Pod", "Kube"):
            settings = document.root.mapping(section)
            for item in settings.scalars("PublishPort") if settings else []:
                yield from _published(name, item.text)


def _services(root: Mapping) -> Iterator[tuple[str, Mapping]]:
    services = root.mapping("services")
    for key, value in services.pairs if services else []:
        if isinstance(value, Mapping):
            yield key.value, value


def _of_service(owner: str, tree: Mapping) -> Iterator[Fault]:
    for item in tree.sequence("ports"):
        if isinstance(item, Scalar):
            yield from _published(owner, item.text)
        elif isinstance(item, Mapping):
            for key in ("published", "target"):
                if value := item.scalar(key):
                    yield from _single(owner, value.text)
    for item in tree.scalars("expose"):
        yield from _single(owner, item.text)


def _published(owner: str, text: Slice) -> Iterator[Fault]:
    found = _PORTS.fullmatch(text.text.strip()) if text.is_literal else None
    if found is None or text.text != text.text.strip():
        return
    parts = [
        written
        for name in ("host", "inside")
        if found[name] and (written := _written(text.cut(found.start(name), found.end(name))))
    ]
    if len(parts) == 2 and parts[0].text.text == parts[1].text.text:
        # One slip, written twice.
        del parts[1]
    faults = [fault for part in parts for fault in _impossible(owner, part)]
    yield from faults
    if len(parts) == 2 and not faults:
        host, inside = parts
        # docker/go-connections, nat/nat.go: one port may be published on any of a range.
        if inside.last > inside.first and host.last - host.first != inside.last - inside.first:
            yield Fault(
                f"`{owner}` publishes {host.last - host.first + 1} ports for "
                f"{inside.last - inside.first + 1}, so the engine refuses to start it",
                text.span,
                "give both ranges the same length",
                subject=f"{owner}: {text.text}",
            )


def _single(owner: str, text: Slice) -> Iterator[Fault]:
    if written := _written(text.cut(0, len(text.text.partition("/")[0]))):
        yield from _impossible(owner, written)


def _written(text: Slice) -> _Written | None:
    found = _RANGE.fullmatch(text.text)
    if found is None or len(text.text) > 40:
        return None
    return _Written(text, int(found["first"]), int(found["last"] or found["first"]))


def _impossible(owner: str, port: _Written) -> Iterator[Fault]:
    if max(port.first, port.last) > _HIGHEST:
        message = f"`{owner}` is given port {port.text.text}, and ports end at {_HIGHEST}"
    elif port.first > port.last:
        message = f"`{owner}` is given the ports {port.text.text}, which end before they begin"
    else:
        return
    yield Fault(
        f"{message}: the engine refuses to start it",
        port.text.span,
        f"choose a port up to {_HIGHEST}" if port.first <= port.last else "turn the range round",
        subject=f"{owner}: {port.text.text}",
    )


CHECK = Check("impossible-port", "error", form=check)
