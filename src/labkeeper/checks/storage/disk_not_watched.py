"""smartd never looks at a disk, for a line above it stands for all of them."""

from collections.abc import Iterator

from labkeeper.checks.check import Check, Fault
from labkeeper.checks.view import View
from labkeeper.plan import SmartdEntry
from labkeeper.source import Related


def check(view: View) -> Iterator[Fault]:
    """Entries below `DEVICESCAN`, which ends the file for smartd (smartd.conf(5))."""
    scans: dict[str, SmartdEntry] = {}
    for entry in view.plan.smartd:
        scan = scans.get(entry.file)
        if scan is not None:
            yield Fault(
                "smartd reads nothing below `DEVICESCAN`, so what is said of "
                f"`{entry.device.text}` never counts",
                entry.at,
                "move it above the line with `DEVICESCAN`, which then leaves it out",
                (Related("here smartd stops reading", scan.at),),
                subject=entry.device.text,
            )
        elif entry.is_scan:
            scans[entry.file] = entry


CHECK = Check("disk-not-watched", "error", plan=check)
