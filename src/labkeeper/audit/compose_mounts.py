"""What a compose service mounts: volumes, memory, and the files behind configs and secrets."""

from collections.abc import Iterator

from labkeeper.audit.engine_syntax import is_path, short_mount
from labkeeper.plan import Mount
from labkeeper.plan.container import MountKind
from labkeeper.source import Mapping, Node, Scalar, Slice


def mounts(service: Mapping) -> Iterator[Mount]:
    """Volumes in both forms, and memory file systems."""
    for item in service.sequence("volumes"):
        mount = _mount(item)
        if mount:
            yield mount
    for item in service.scalars("tmpfs"):
        text = item.text
        target = text.cut(0, len(text.text.partition(":")[0]))
        yield Mount("tmpfs", None, target, False, item.span)


def _mount(item: Node) -> Mount | None:
    if isinstance(item, Scalar):
        return short_mount(item.text)
    target = item.scalar("target") if isinstance(item, Mapping) else None
    if not isinstance(item, Mapping) or target is None:
        return None
    source = item.scalar("source")
    read_only = item.scalar("read_only")
    return Mount(
        _kind(item, source),
        source.text if source else None,
        target.text,
        bool(read_only and read_only.truth),
        item.span,
        tuple(_options(item)),
    )


def _kind(item: Mapping, source: Scalar | None) -> MountKind:
    given = item.scalar("type")
    match given.value if given else "":
        case "bind" | "npipe":
            return "bind"
        case "tmpfs":
            return "tmpfs"
        case "":
            return "bind" if source and is_path(source.value) else "volume"
        case _:
            return "volume"


def _options(item: Mapping) -> Iterator[str]:
    bind = item.mapping("bind")
    for key, value in bind.pairs if bind else ():
        if isinstance(value, Scalar):
            yield f"{key.value}={value.value}"


def file_mounts(service: Mapping, root: Mapping) -> Iterator[Mount]:
    """The files that configs and secrets put into a container."""
    for section, folder in (("configs", "/"), ("secrets", "/run/secrets/")):
        declared = root.mapping(section)
        for item in service.sequence(section) if declared else ():
            source = item.scalar("source") if isinstance(item, Mapping) else item
            if not declared or not isinstance(source, Scalar):
                continue
            entry = declared.mapping(source.value)
            file = entry.scalar("file") if entry else None
            if file is None:
                continue
            target = item.scalar("target") if isinstance(item, Mapping) else None
            place = _target(target, source, folder)
            yield Mount("bind", file.text, place, True, item.span, (section.removesuffix("s"),))


def _target(target: Scalar | None, source: Scalar, folder: str) -> Slice:
    if target and target.value.startswith("/"):
        return target.text
    given = target or source
    return Slice.placed(folder + given.value, given.span)
