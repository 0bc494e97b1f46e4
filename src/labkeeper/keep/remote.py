"""Hands that ask the mover: this process can neither read nor write what is moved."""

import time
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Final

from labkeeper import VERSION
from labkeeper.host import doors, wire
from labkeeper.host.lines import Lines, TooLong
from labkeeper.keep.hands import Hear, Order, Said, Unstarted
from labkeeper.keep.retelling import heard
from labkeeper.keep.wakes import Wakes
from labkeeper.plan import Move

# What is under way ends at the next piece of a file; a disk that hangs is not waited for longer.
_TO_END: Final = 20.0
_SILENT: Final = "the mover does not answer"


@dataclass
class _Act:
    """One act that the mover was asked for, over a connection of its own."""

    order: Order
    hear: Hear
    lines: Lines
    is_greeted: bool = False


class Remote:
    """Asks the mover over its socket."""

    def __init__(self, path: Path, wakes: Wakes, to_end: float = _TO_END) -> None:
        self._path = path
        self._to_end = to_end
        self._wakes = wakes
        self._acts: list[_Act] = []

    def begin(self, order: Order, hear: Hear) -> None:
        """Ask; the answer comes while it waits."""
        try:
            end = doors.connected(self._path)
        except OSError as error:
            why = (error.strerror or str(error)).lower()
            hear(Unstarted(f"the mover cannot be asked ({self._path}: {why})"))
            return
        act = _Act(order, hear, Lines(end, wire.MOST_TOLD))
        self._acts.append(act)
        act.lines.say(wire.line(_asked(order)))
        self._wakes.on(act.lines.fileno(), partial(self._hear, act))

    def wait(self, seconds: float) -> None:
        """Hear what is said meanwhile."""
        self._wakes.wait(seconds)

    def end(self) -> None:
        """Ask the mover to end what it does for us, and hear what came of it."""
        for act in self._acts:
            act.lines.say(wire.line(wire.Asked("end")))
        until = time.monotonic() + self._to_end
        while self._acts and time.monotonic() < until:
            self._wakes.wait(1.0)
        for act in list(self._acts):
            self._over(act, Unstarted(_SILENT))

    def _hear(self, act: _Act) -> None:
        try:
            for text in act.lines.hear():
                self._take(act, text)
        except (wire.Junk, TooLong) as error:
            self._over(act, Unstarted(f"the mover says what is not understood: {error}"))
        # It was killed, or gave up; what it had begun it goes on with when it is asked again.
        if act in self._acts and act.lines.is_over:
            self._over(act, Unstarted("the mover was cut short; it is asked again"))

    def _take(self, act: _Act, text: bytes) -> None:
        if act not in self._acts:
            return
        if not act.is_greeted:
            act.is_greeted = True
            theirs = wire.greeting(text)
            if theirs.protocol != wire.PROTOCOL:
                why = f"the mover is of labkeeper {theirs.labkeeper}, and this is {VERSION}"
                self._over(act, Unstarted(f"{why}: restart both"))
            return
        said = heard(wire.told(text))
        if said.is_last:
            self._over(act, said.said)
        else:
            act.hear(said.said)

    def _over(self, act: _Act, said: Said) -> None:
        self._acts.remove(act)
        self._wakes.off(act.lines.fileno())
        act.lines.close()
        act.hear(said)


def _asked(order: Order) -> wire.Asked:
    if isinstance(order.rule, Move):
        return wire.Asked("act", "move", order.rule.name, order.full_in, order.go.is_idle)
    return wire.Asked("act", "clean", order.rule.name)
