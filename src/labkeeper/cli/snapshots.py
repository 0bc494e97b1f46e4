"""How snapshots are told of: those before a cleaning, and those that hold what it would free."""

import time
from collections.abc import Sequence
from datetime import datetime

from labkeeper.cli.talk import count, shown, size
from labkeeper.storage.cleaning import CleanReport
from labkeeper.storage.snapshots import shown_of
from labkeeper.store.snapshots import Snapshot


def about(report: CleanReport) -> list[str]:
    """What somebody has to know of them after a cleaning."""
    lines = []
    if report.snapshot is not None:
        until = _moment(report.snapshot.held_until)
        lines.append(f"a snapshot from before is held until {until}: {shown_of(report.snapshot)}")
    if report.behind:
        lines.append(
            f"{size(report.behind)} of it are free only when snapshots, or copies made by reflink,"
            f" go as well{_whose(report)}"
        )
    if report.useless:
        lines.append(
            f"{size(report.useless)} of old files stay: snapshots, or copies made by reflink, hold"
            f" their bytes, so that removing them would free nothing now{_whose(report)}"
        )
    return lines


def listed(kept: Snapshot) -> str:
    """One of ours, as `tier status` shows it."""
    if kept.held_until <= time.time():
        folder = shown(kept.root)
        return (
            f"snapshot of {kept.subject}, to be held until {_moment(kept.held_until)}; the next"
            f" cleaning of {folder} removes it: {shown_of(kept)}"
        )
    return f"snapshot of {kept.subject} held until {_moment(kept.held_until)}: {shown_of(kept)}"


def rows(kept: Sequence[Snapshot]) -> list[dict[str, object]]:
    """Ours, for a report."""
    return [
        {"of": each.subject, "name": shown_of(each), "at": int(each.at),
         "held_until": int(each.held_until)}
        for each in kept
    ]  # fmt: skip


def _whose(report: CleanReport) -> str:
    others = report.others
    if others is None:
        return ""
    which = count(others.count, "snapshot")
    return f" ({which} that stay longer, the last of {_moment(others.last)})"


def _moment(at: float) -> str:
    return datetime.fromtimestamp(at).astimezone().strftime("%Y-%m-%d %H:%M")
