"""What `podman inspect` and `docker inspect` say of containers, as things that run."""

import posixpath
from collections.abc import Iterator, Mapping

from labkeeper.draft.instance import Instance, Mounted, Setting, Shown
from labkeeper.source import Mapping as Tree
from labkeeper.source import Problem, Scalar, Slice, parse_json
from labkeeper.source import Sequence as List

# Networks that an engine makes itself.
_USUAL = frozenset({"bridge", "podman", "default", "host", "none", "slirp4netns", "pasta"})


def instances_in(containers: str, images: str) -> tuple[Instance, ...]:
    """The containers; what their images say already is left out of each."""
    by_id = {_text(image, "Id").removeprefix("sha256:"): image for image in _trees(images)}
    trees = list(_trees(containers))
    names = {_text(tree, "Id"): _name(tree) for tree in trees}
    return tuple(_instance(tree, by_id, names) for tree in trees if not _is_pause(tree))


def _trees(text: str) -> Iterator[Tree]:
    root = parse_json(Slice.whole("inspect", text))
    if not isinstance(root, Problem) and isinstance(root, List):
        yield from (item for item in root.items if isinstance(item, Tree))


def _is_pause(tree: Tree) -> bool:
    """The container that a pod is held together by."""
    return _truth(tree, "IsInfra")


def _instance(tree: Tree, images: Mapping[str, Tree], names: Mapping[str, str]) -> Instance:
    config, host = _part(tree, "Config"), _part(tree, "HostConfig")
    image = _part(images.get(_text(tree, "Image").removeprefix("sha256:")), "Config")
    own = set(_texts(image, "Env"))
    command = _texts(config, "Cmd")
    mode = _text(host, "NetworkMode")
    cards = [d for d in _devices(host) if d.startswith("/dev/nvidia")]
    return Instance(
        name=_name(tree),
        image=_image(tree, config),
        names=(_text(tree, "Id")[:12],),
        project=_text(_part(config, "Labels"), "com.docker.compose.project"),
        command=() if command == _texts(image, "Cmd") else command,
        ports=tuple(_ports(host)),
        mounts=tuple(_mounts(tree, host)),
        settings=tuple(_settings(v for v in _texts(config, "Env") if v not in own)),
        networks=tuple(_networks(tree)) if not mode.startswith("container:") else (),
        through=_owner(mode, names),
        host_network=mode == "host",
        memory=_whole(host, "Memory"),
        user=_user(config, image),
        devices=tuple(d for d in _devices(host) if not d.startswith("/dev/nvidia")),
        gpu=bool(cards) or _asks_for_gpu(host),
        capabilities=tuple(c.removeprefix("CAP_") for c in _texts(host, "CapAdd")),
        privileged=_truth(host, "Privileged"),
    )


def _name(tree: Tree) -> str:
    """By its compose service where it has one: that is what others call it."""
    label = _text(_part(_part(tree, "Config"), "Labels"), "com.docker.compose.service")
    return label or _text(tree, "Name").lstrip("/")


def _image(tree: Tree, config: Tree | None) -> str | None:
    """Docker keeps the name in its configuration, Podman beside it."""
    name = _text(tree, "ImageName") or _text(config, "Image")
    return None if not name or name.startswith("sha256:") else name


def _owner(mode: str, names: Mapping[str, str]) -> str | None:
    kind, _, owner = mode.partition(":")
    return (names.get(owner) or owner) if kind == "container" and owner else None


def _user(config: Tree | None, image: Tree | None) -> str | None:
    user = _text(config, "User")
    return user if user and user != _text(image, "User") else None


def _ports(host: Tree | None) -> Iterator[Shown]:
    for key, value in bindings.pairs if (bindings := _part(host, "PortBindings")) else ():
        number, _, protocol = key.value.partition("/")
        if not number.isdigit() or protocol not in {"", "tcp", "udp"}:
            continue
        for item in value.items if isinstance(value, List) else ():
            if isinstance(item, Tree):
                shown = _text(item, "HostPort")
                outside = int(shown) if shown.isdigit() and shown != "0" else None
                address = _text(item, "HostIp") or None
                yield Shown(int(number), outside, address, protocol or "tcp")


def _mounts(tree: Tree, host: Tree | None) -> Iterator[Mounted]:
    for mount in tree.mappings("Mounts"):
        target, source = _text(mount, "Destination"), _text(mount, "Source")
        writable = mount.scalar("RW")
        read_only = writable is not None and writable.truth is False
        if not target:
            continue
        # A volume without a name goes with its container: the image asked for it, nobody else.
        if _text(mount, "Type") == "volume" and len(_text(mount, "Name")) == 64:
            continue
        if source.startswith("/"):
            yield Mounted(target, posixpath.normpath(source), read_only=read_only)
    tmpfs = _part(host, "Tmpfs")
    yield from (Mounted(key.value) for key, _ in (tmpfs.pairs if tmpfs else ()))


def _settings(words: Iterator[str]) -> Iterator[Setting]:
    for word in words:
        name, equals, value = word.partition("=")
        # Podman adds these to every container.
        if equals and name not in {"container", "HOSTNAME", "HOME", "TERM", "PATH"}:
            yield Setting(name, value, value)


def _networks(tree: Tree) -> Iterator[str]:
    networks = _part(_part(tree, "NetworkSettings"), "Networks")
    for key, _ in networks.pairs if networks else ():
        if key.value not in _USUAL and not key.value.endswith("_default"):
            yield key.value


def _devices(host: Tree | None) -> Iterator[str]:
    for device in host.mappings("Devices") if host else ():
        if path := _text(device, "PathOnHost"):
            yield path


def _asks_for_gpu(host: Tree | None) -> bool:
    for request in host.mappings("DeviceRequests") if host else ():
        driver = _text(request, "Driver")
        if driver in {"nvidia", "cdi"} or "gpu" in str([s.value for s in _flat(request)]):
            return True
    return False


def _flat(request: Tree) -> Iterator[Scalar]:
    for item in request.sequence("Capabilities"):
        yield from (i for i in (item.items if isinstance(item, List) else [])
                    if isinstance(i, Scalar))  # fmt: skip


def _part(tree: Tree | None, name: str) -> Tree | None:
    return tree.mapping(name) if tree else None


def _text(tree: Tree | None, name: str) -> str:
    found = tree.scalar(name) if tree else None
    return found.value if found else ""


def _texts(tree: Tree | None, name: str) -> tuple[str, ...]:
    return tuple(scalar.value for scalar in tree.scalars(name)) if tree else ()


def _whole(tree: Tree | None, name: str) -> int | None:
    found = tree.scalar(name) if tree else None
    count = found.whole if found else None
    return count if count and count > 0 else None


def _truth(tree: Tree | None, name: str) -> bool:
    found = tree.scalar(name) if tree else None
    return found is not None and found.truth is True
