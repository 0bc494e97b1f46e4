"""Values as Quadlet and then systemd read them, and the files that they stand in.

Quadlet takes the words of a value apart, quotes and all, puts them together to one `ExecStart=`,
and leaves `%` and `$` alone; systemd then fills in both. So each is written twice here:
https://github.com/containers/podman/blob/v5.4.2/pkg/systemd/parser/split.go and systemd.service(5).
"""

from collections.abc import Iterable
from dataclasses import dataclass, replace
from typing import Final

from labkeeper.targets.quadlet.keys import Version, knows, spoken
from labkeeper.targets.systemd import filled_in, specified, word

# MAX_ARG_STRLEN of Linux is 128 KiB for one argument; systemd reads lines up to 1 MiB.
_LONGEST: Final = 100_000
# What older versions are told in place of a key that they lack.
_FLAGS: Final = {
    "AddHost": "--add-host",
    "HealthCmd": "--health-cmd",
    "HealthInterval": "--health-interval",
    "HealthOnFailure": "--health-on-failure",
    "HealthStartPeriod": "--health-start-period",
    "Memory": "--memory",
    "Secret": "--secret",
    "ShmSize": "--shm-size",
    "StopTimeout": "--stop-timeout",
    "Tmpfs": "--tmpfs",
}
# Keys whose values Quadlet takes apart into words; the others are taken as they stand.
_WORDS: Final = frozenset({"AddCapability", "AddDevice", "Environment", "Label", "PodmanArgs",
                           "Secret"})  # fmt: skip


@dataclass(frozen=True, slots=True)
class Setting:
    """A key of `[Container]` with its value, as Podman is to see it."""

    key: str
    value: str
    # What is said above it.
    comment: str | None = None


def setting_line(setting: Setting, version: Version) -> str:
    """The line of a setting: under its key where the version has it, as Podman's flag elsewhere."""
    if setting.comment:
        return f"# {setting.comment}\n{setting_line(replace(setting, comment=None), version)}"
    if not knows(setting.key, version):
        return f"PodmanArgs={word(f'{_FLAGS[setting.key]}={setting.value}')}"
    written = word if setting.key in _WORDS else filled_in
    return f"{setting.key}={written(setting.value)}"


def titled(text: str) -> str:
    """A text of several lines as one, for `Description=`: a line break would begin another key,
    and a backslash at the end would join the next one to it.
    """
    shown = "".join(each if each.isprintable() else " " for each in text)
    return specified(" ".join(shown.split()).rstrip("\\").rstrip())


def spelled_number(number: float) -> str:
    """`1.5`, and never `1e+06`."""
    return f"{number:.3f}".rstrip("0").rstrip(".")


def uncarried(text: str) -> str | None:
    """Why a text cannot reach a container through a unit file; none where it can."""
    if len(text.encode("utf-8", "replace")) > _LONGEST:
        return "it is longer than a program's argument may be"
    for character in text:
        code = ord(character)
        if code == 0:
            return "it holds a NUL, which no argument of a program can"
        # Quadlet writes U+0080 as a byte that is no UTF-8.
        if code == 0x80 or 0xD800 <= code <= 0xDFFF:
            return f"Quadlet mangles U+{code:04X}, which it holds"
        # unichar_is_valid() in src/basic/utf8.c: systemd leaves out lines with one of these.
        if 0xFDD0 <= code <= 0xFDEF or code & 0xFFFE == 0xFFFE:
            return f"systemd refuses U+{code:04X}, which it holds"
    return None


@dataclass(frozen=True, slots=True)
class Section:
    """A section of a unit file: lines, and comments among them."""

    name: str
    lines: tuple[str, ...]


def unit_file(version: Version, sections: Iterable[Section]) -> str:
    """The text of a unit file, below a line that says whose it is."""
    shown = [f"[{each.name}]\n" + "".join(f"{line}\n" for line in each.lines) for each in sections
             if each.lines]  # fmt: skip
    return "\n".join([head(version), *shown])


def head(version: Version) -> str:
    """What stands above all that a build may write over."""
    return (
        f"# Made by labkeeper from lab.yaml, for Podman {spoken(version)}: changes here are lost "
        "with the next build.\n"
    )
