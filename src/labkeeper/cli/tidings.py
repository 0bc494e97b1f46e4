"""What the agent says: lines of the journal, and one line of how it stands."""

from typing import Final

from labkeeper.cli.up_lines import Wording
from labkeeper.cli.up_status import status_line
from labkeeper.host import journal
from labkeeper.host.journal import Level
from labkeeper.host.notify import Notifier
from labkeeper.keep.events import Cleaned, Event, Moved
from labkeeper.keep.status import Status
from labkeeper.keep.watching import NOT_YET
from labkeeper.report.text import Style

_PLAIN: Final = Style()


class Tidings:
    """Hears of everything, and says it to whoever reads a service's words."""

    def __init__(self, notifier: Notifier) -> None:
        self._notifier = notifier
        self._wording = Wording({}, "", "labkeeper agent")
        self._note = ""
        self._unknown: dict[str, str] = {}

    def event(self, event: Event) -> None:
        """Something happened."""
        is_bad = isinstance(event, (Moved, Cleaned)) and event.refused is not None
        text = "\n".join(self._wording.lines(event, _PLAIN))
        journal.say(text, Level.WARNING if is_bad else Level.INFO)

    def status(self, status: Status) -> None:
        """This is how it stands; what has changed is said once."""
        self._notifier.status(_line(status))
        if status.note != self._note and status.note:
            journal.say(status.note, Level.WARNING)
        self._note = status.note
        unknown = {
            tier.name: tier.usage.why
            for tier in status.tiers
            if not tier.usage.is_known and tier.usage.why != NOT_YET
        }
        for name, why in unknown.items():
            if self._unknown.get(name) != why:
                journal.say(f"{name} is unknown: {why}", Level.WARNING)
        for name in self._unknown.keys() - unknown.keys():
            journal.say(f"{name} is there again", Level.NOTICE)
        self._unknown = unknown


def _line(status: Status) -> str:
    doing = status.doing
    if doing is None:
        return status_line(status)
    share = f" {min(1.0, doing.passed / doing.expected):.0%}" if doing.expected else ""
    return f"moving by {doing.rule}{share}; {status_line(status)}"
