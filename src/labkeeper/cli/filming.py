"""What copies clips beside the mover: it reads what its lab says in a child, and keeps little."""

import signal
import time
from pathlib import Path
from typing import Final

from labkeeper.cli.duty import Duty, duty
from labkeeper.host import journal
from labkeeper.host.journal import Level

_REST: Final = 30.0


def film(lab: Path, host: str | None, state: Path) -> None:
    """Copy clips, until somebody ends it: where it is, which loses nothing."""
    found = duty(lab, host)
    if found is None:
        return
    if not found.kept.clips:
        while True:
            signal.pause()
    _film(found, state)


def _film(found: Duty, state: Path) -> None:
    # Where there are no cameras, none of this is kept in memory.
    from labkeeper.cli.up_lines import Wording  # noqa: PLC0415
    from labkeeper.keep.cameras import Filming  # noqa: PLC0415
    from labkeeper.report.text import Style  # noqa: PLC0415

    look = Filming(found.plan, found.kept, state).begin()
    wording, told = Wording({}, "", "labkeeper agent"), ""
    while True:
        said = look()
        for each in said.news:
            level = Level.WARNING if each.refused else Level.INFO
            journal.say("\n".join(wording.lines(each, Style())), level)
        refused = said.refused.message if said.refused else ""
        if refused and refused != told:
            journal.say(f"no clips are copied now: {refused}", Level.WARNING)
        told = refused
        if refused:
            time.sleep(_REST)
