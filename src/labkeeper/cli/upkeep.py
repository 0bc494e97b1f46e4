"""Telling what happens: lines that stay, lines that change in place, or JSON; and the sum of it."""

import time
from collections import Counter
from collections.abc import Mapping, Sequence
from typing import Final

import click

from labkeeper.cli.live import Foot
from labkeeper.cli.terminal import style
from labkeeper.cli.up_json import event_line
from labkeeper.cli.up_lines import Wording
from labkeeper.cli.up_status import status_line, status_lines
from labkeeper.keep.events import Cleaned, Event, Found, Moved, Proven, Summed, Undone
from labkeeper.keep.loop import Keeper
from labkeeper.keep.status import Status
from labkeeper.report.proofs import standing
from labkeeper.report.screen import WORST
from labkeeper.report.text import Style, wrapped
from labkeeper.storage.reasons import Left
from labkeeper.store.units import Evidence

_PLAIN_EVERY: Final = 30.0
_FEW: Final = 5


class Ears:
    """Hears of everything, and says it."""

    def __init__(
        self, texts: Mapping[str, str], words: tuple[str, str], *, as_json: bool, colours: bool
    ) -> None:
        self._texts = texts
        self._wording = Wording(texts, *words)
        self._as_json = as_json
        self._colours = colours
        self._foot = Foot()
        self._status: Status | None = None
        self._said_at = time.monotonic()
        self._sum = _Sum()
        self.is_ending = False

    def say(self, line: str) -> None:
        """Say something that is no event."""
        self._foot.clear()
        for text in line.split("\n"):
            click.echo("\n".join(wrapped(text, "", self._style().width)), err=True)

    def event(self, event: Event) -> None:
        """Something happened."""
        self._sum.add(event)
        if self._as_json:
            click.echo(event_line(event, self._texts))
            return
        if isinstance(event, Found) and self._sum.is_enough(event):
            return
        self._foot.above(self._wording.lines(event, self._style()))
        self._redraw()

    def proven(self, proofs: Sequence[Proven]) -> None:
        """What is known of all alerts: the bad ones by name, the others by number."""
        for proof in proofs:
            if self._as_json or proof.proof.is_bad:
                self.event(proof)
            else:
                self._sum.add(proof)
        rest = [proof for proof in proofs if not proof.proof.is_bad]
        if rest and not self._as_json:
            self.say(
                f"nothing speaks against the other {len(rest)} alerts; they were not tried on"
                " Prometheus's own engine"
            )

    def status(self, status: Status) -> None:
        """This is how it stands."""
        self._status = status
        if self._as_json:
            return
        if self._foot.is_live:
            self._redraw()
        elif time.monotonic() - self._said_at > _PLAIN_EVERY:
            self._said_at = time.monotonic()
            click.echo(status_line(status))

    def sum_up(self, keeper: Keeper, seconds: float) -> None:
        """Say what it came to."""
        self._foot.clear()
        self._status = None
        self.event(self._sum.summed(keeper, seconds))

    def close(self) -> None:
        """Leave the terminal as it was."""
        self._foot.clear()

    def _redraw(self) -> None:
        if self._status is None or not self._foot.is_live:
            return
        look = self._style()
        lines = status_lines(self._status, look)
        if self.is_ending:
            lines.append(look.paint("ending at a safe place; once more to end at once", "help"))
        self._foot.show(["", *lines])

    def _style(self) -> Style:
        return style(colours=self._colours)


class _Sum:
    """What all events come to."""

    def __init__(self) -> None:
        self._findings: Counter[str] = Counter()
        self._shown = 0
        self._proofs: Counter[str] = Counter()
        self._names = self._bytes = 0
        self._verified: Counter[Evidence] = Counter()
        self._left: dict[str, tuple[Left, ...]] = {}
        self._aside = self._aside_bytes = self._back = self._purged = 0

    def add(self, event: Event) -> None:
        """Count it."""
        match event:
            case Found(finding):
                self._findings[finding.severity] += 1
            case Proven(proof):
                self._proofs[standing(proof)] += 1
            case Moved():
                self._names += event.names
                self._bytes += event.bytes
                self._verified.update(event.verified)
                self._left[event.rule] = event.left
            case Cleaned():
                self._aside += len(event.aside)
                self._aside_bytes += sum(item.frees for item in event.aside)
                self._purged += len(event.purged)
                self._left[event.rule] = event.left
            case Undone(items):
                self._back += len(items)
            case _:
                return

    def is_enough(self, event: Found) -> bool:
        """A first screen is short: what is only for information, and the sixth, are not shown."""
        if WORST[event.finding.severity] == WORST["info"] or self._shown >= _FEW:
            return True
        self._shown += 1
        return False

    def summed(self, keeper: Keeper, seconds: float) -> Summed:
        """All of it."""
        return Summed(
            seconds, self._findings, self._proofs, self._names, self._bytes, self._verified,
            tuple(left for each in self._left.values() for left in each),
            self._aside, self._aside_bytes, self._back, self._purged,
            len(keeper.held), sum(item.frees for item in keeper.held), keeper.watch.usages(),
        )  # fmt: skip
