"""What a container sees of its host."""

from collections.abc import Iterator, Mapping
from dataclasses import replace
from typing import Final

from labkeeper.plan import Container, Mount
from labkeeper.targets.artifact import Configuration
from labkeeper.targets.quadlet.writing import Setting
from labkeeper.values import regex

# Quadlet puts the source of a volume into `RequiresMountsFor=` as it stands, where a space, a quote
# or a `$` means something else than in a command; Podman splits it at colons.
_PLAIN: Final = regex(r"[^\s\"'\\%$:,\x00-\x1f\x7f]+")


def mount_settings(container: Container, allowances: Mapping[str, str]) -> Iterator[Setting]:
    """Its mounts, in the plan's order."""
    for mount in container.mounts:
        if mount.kind == "tmpfs":
            yield Setting("Tmpfs", mount.target.text)
        elif mount.source is not None:
            comment = allowances.get(mount.target.text)
            yield replace(_volume(mount, mount.source.text), comment=comment)


def _volume(mount: Mount, source: str) -> Setting:
    name = f"{source}.volume" if mount.kind == "volume" else source
    target = mount.target.text
    options = (*(("ro",) if mount.read_only else ()), *mount.options)
    if _PLAIN.fullmatch(name) and _PLAIN.fullmatch(target):
        return Setting("Volume", ":".join((name, target, ",".join(options))).rstrip(":"))
    parts = ("type=bind", f"source={source}", f"target={target}", *options)
    return Setting("PodmanArgs", "--mount=" + ",".join(map(_field, parts)))


def _field(text: str) -> str:
    """A field of the comma-separated list that `--mount` takes."""
    if not any(character in text for character in ',"\n\r'):
        return text
    return '"' + text.replace('"', '""') + '"'


def unseen_mounts(container: Container) -> Iterator[str]:
    """Sources of which Quadlet does not see that they have to be mounted."""
    for mount in container.mounts:
        if mount.kind == "bind" and mount.source is not None:
            source = mount.source.text
            if not (_PLAIN.fullmatch(source) and _PLAIN.fullmatch(mount.target.text)):
                yield source


def configuration_settings(files: tuple[Configuration, ...]) -> Iterator[Setting]:
    """The files that it reads, each where it looks for it."""
    for file in files:
        yield Setting("Volume", f"/{file.place}:{file.path}:ro")
