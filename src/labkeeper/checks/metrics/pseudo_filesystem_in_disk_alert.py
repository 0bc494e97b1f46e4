"""Free space of every file system there is, and space that only root may use."""

from collections.abc import Iterator
from typing import Final

from labkeeper.checks.check import Check, Fault
from labkeeper.checks.view import View

_FREE: Final = "node_filesystem_free_bytes"
_AVAIL: Final = "node_filesystem_avail_bytes"
_CHOOSING: Final = frozenset({"fstype", "mountpoint", "device"})


def check(view: View) -> Iterator[Fault]:
    """Queries that take `free` for what is left, on file systems that are no disks as well."""
    if _FREE in view.universe.made:
        return
    for asked in view.expressions:
        selectors = [s for s in asked.selectors if s.name and s.name.startswith("node_filesystem_")]
        if any(m.label in _CHOOSING for s in selectors for m in s.matchers):
            continue
        free = next((s for s in selectors if s.name == _FREE), None)
        if free and asked.expression:
            yield Fault(
                f"`{_FREE}` counts blocks that only root may use, and without `fstype` or "
                "`mountpoint` this is about tmpfs and the like as well",
                asked.expression.at(free),
                f'use `{_AVAIL}{{fstype!~"tmpfs|ramfs|overlay|squashfs"}}`',
                subject=asked.subject,
            )


CHECK = Check("pseudo-filesystem-in-disk-alert", "warning", plan=check)
