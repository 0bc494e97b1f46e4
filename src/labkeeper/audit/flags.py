"""The flags of `podman run` and `docker run`, as far as a Plan has room for what they say."""

import re
from collections.abc import Callable, Iterable, Iterator
from dataclasses import field
from typing import Final

from labkeeper.audit.engine_syntax import published_port, short_mount
from labkeeper.plan import (
    GpuRequest,
    Mount,
    Namespace,
    NetworkUse,
    Option,
    PublishedPort,
    Variable,
)
from labkeeper.source import Slice, Span
from labkeeper.values import dataclass

# Flags whose value may stand in the word that follows. All others that labkeeper knows of are
# either alone or joined to their value by `=`.
_WITH_VALUE: Final = frozenset(
    {"--add-host", "--cap-add", "--cap-drop", "--cpus", "--device", "--dns", "--entrypoint"}
    | {"--env", "-e", "--env-file", "--gpus", "--health-cmd", "--hostname", "--ip", "--label"}
    | {"--memory", "-m", "--memory-swap", "--mount", "--name", "--net", "--network", "--pid"}
    | {"--network-alias", "--publish", "-p", "--pull", "--restart", "--runtime", "--shm-size"}
    | {"--security-opt", "--tmpfs", "--user", "-u", "--userns", "--volume", "-v", "-l", "-h"}
)
_LONG: Final = {
    "-e": "--env",
    "-m": "--memory",
    "-p": "--publish",
    "-v": "--volume",
    "-u": "--user",
    "--net": "--network",
}


@dataclass(slots=True)
class Flags:
    """What a list of flags says."""

    options: list[Option] = field(default_factory=list)
    environment: list[Variable] = field(default_factory=list)
    ports: list[PublishedPort] = field(default_factory=list)
    networks: list[NetworkUse] = field(default_factory=list)
    # Whether a program of the user passes on what comes in (slirp4netns(1), pasta(1)).
    passed_on: bool = False
    namespace: Namespace | None = None
    pid_host: bool = False
    mounts: list[Mount] = field(default_factory=list)
    devices: list[Slice] = field(default_factory=list)
    capabilities: list[Slice] = field(default_factory=list)
    privileged: Span | None = None
    gpus: list[GpuRequest] = field(default_factory=list)
    memory_limit: Slice | None = None


def read_flags(words: Iterable[Slice]) -> Flags:
    """Sorts flags into what they are about; those that a Plan has no room for stay options."""
    flags = Flags(list(options(words)))
    for option in flags.options:
        _take(flags, option)
    return flags


def options(words: Iterable[Slice]) -> Iterator[Option]:
    """Words to flags with their values."""
    waiting: Slice | None = None
    for word in words:
        if waiting is not None:
            at = Span(word.file, waiting.span.start, max(waiting.end, word.end))
            yield Option(_LONG.get(waiting.text, waiting.text), word, at)
            waiting = None
        elif "=" in word.text:
            mark = word.text.index("=")
            name = word.text[:mark]
            value = word.cut(mark + 1, len(word.text))
            yield Option(_LONG.get(name, name), value, word.span)
        elif word.text in _WITH_VALUE:
            waiting = word
        else:
            yield Option(word.text, None, word.span)
    if waiting is not None:
        yield Option(_LONG.get(waiting.text, waiting.text), None, waiting.span)


def _take(flags: Flags, option: Option) -> None:
    value = option.value
    if option.name == "--privileged":
        if value is None or value.text != "false":
            flags.privileged = option.at
        return
    if value is None:
        return
    if take := _TAKING.get(option.name):
        take(flags, value, option.at)


def _device(flags: Flags, value: Slice, at: Span) -> None:
    flags.devices.append(value)
    flags.gpus.extend(_device_gpu(value, at))


def _gpus(flags: Flags, value: Slice, at: Span) -> None:
    flags.gpus.append(GpuRequest("gpus-flag", value.text, at))


def _runtime(flags: Flags, value: Slice, at: Span) -> None:
    if value.text == "nvidia":
        flags.gpus.append(GpuRequest("runtime", value.text, at))


def _memory(flags: Flags, value: Slice, _at: Span) -> None:
    flags.memory_limit = value


def _pid(flags: Flags, value: Slice, _at: Span) -> None:
    flags.pid_host = value.text == "host"


def _capability(flags: Flags, value: Slice, _at: Span) -> None:
    flags.capabilities.append(value)


def _volume(flags: Flags, value: Slice, _at: Span) -> None:
    if mount := short_mount(value):
        flags.mounts.append(mount)


def _tmpfs(flags: Flags, value: Slice, at: Span) -> None:
    flags.mounts.append(Mount("tmpfs", None, value, read_only=False, at=at))


def _publish(flags: Flags, value: Slice, _at: Span) -> None:
    if port := published_port(value):
        flags.ports.append(port)


def _env(flags: Flags, value: Slice, _at: Span) -> None:
    flags.environment.append(read_variable(value))


def read_network(flags: Flags, value: Slice) -> None:
    """What an option says that comes to `--network`."""
    _network(flags, value, value.span)


def _network(flags: Flags, value: Slice, at: Span) -> None:
    kind, _, owner = value.text.partition(":")
    match kind:
        case "host":
            flags.namespace = Namespace("host", None, at)
        case "none":
            flags.namespace = Namespace("none", None, at)
        case "container" if owner:
            flags.namespace = Namespace("container", owner, at)
        case "slirp4netns" | "pasta":
            flags.passed_on = True
        case "bridge" | "private" | "ns":
            pass
        case _ if value.is_literal:
            flags.networks.append(NetworkUse(kind, _aliases(owner), at))


def _aliases(given: str) -> tuple[str, ...]:
    parts = (part.partition("=") for part in given.split(","))
    return tuple(value for name, _, value in parts if name == "alias" and value)


def _device_gpu(value: Slice, at: Span) -> Iterator[GpuRequest]:
    name = value.text.split(":", 1)[0]
    if value.text.startswith("nvidia.com/gpu="):
        yield GpuRequest("cdi", value.text, at)
    elif re.fullmatch(r"/dev/nvidia\d+", name):
        yield GpuRequest("device", name, at)


def read_variable(value: Slice) -> Variable:
    """`NAME=value`, or a name alone whose value comes from outside."""
    name, mark, _ = value.text.partition("=")
    text = value.cut(len(name) + 1, len(value.text)) if mark else None
    return Variable(name, text, value.span)


_TAKING: Final[dict[str, Callable[[Flags, Slice, Span], None]]] = {
    "--network": _network,
    "--pid": _pid,
    "--device": _device,
    "--gpus": _gpus,
    "--runtime": _runtime,
    "--memory": _memory,
    "--cap-add": _capability,
    "--volume": _volume,
    "--tmpfs": _tmpfs,
    "--publish": _publish,
    "--env": _env,
}
