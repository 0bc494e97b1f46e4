"""smartd.conf: which disks are watched, and when they test themselves."""

import re
from collections.abc import Iterator
from typing import Final

from labkeeper.audit.hosts import host_of
from labkeeper.audit.opened import Opened
from labkeeper.plan import Plan, SmartdEntry
from labkeeper.source import Slice
from labkeeper.values import regex

# smartd.conf(5): a device or a word in capitals, directives behind it; `\` continues a line.
_ENTRY: Final = regex(
    r"^[ \t]*(?P<device>DEVICESCAN|/dev/\S+|/c\d\S*)(?=\s|$)(?P<rest>(?:\\\n|[^#\n])*)",
    re.MULTILINE,
)
_SCHEDULE: Final = regex(r"(?:^|\s)-s\s+(?P<pattern>[^\s\\]+)")


def open_smartd(source: Slice, _inside: bool) -> Opened:
    """An entry a line."""
    return Opened(Plan(smartd=tuple(_entries(source))))


def _entries(source: Slice) -> Iterator[SmartdEntry]:
    for found in _ENTRY.finditer(source.text):
        rest = source.cut(found.start("rest"), found.end("rest"))
        device = source.cut(found.start("device"), found.end("device"))
        yield SmartdEntry(source.file, host_of(source.file), device, device.span, schedule_in(rest))


def schedule_in(directives: Slice) -> Slice | None:
    """The pattern behind `-s`; a second one takes the place of the first."""
    found = list(_SCHEDULE.finditer(directives.text))
    return directives.cut(found[-1].start("pattern"), found[-1].end("pattern")) if found else None
