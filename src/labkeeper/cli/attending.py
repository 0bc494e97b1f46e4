"""The agent: its loop, and the signals of whoever runs it."""

import gc
import signal
from pathlib import Path
from typing import Final

from labkeeper.cli.agency import Wanted
from labkeeper.cli.duty import Duty, duty
from labkeeper.cli.telemetry import Telemetry
from labkeeper.cli.tidings import Tidings
from labkeeper.host import journal
from labkeeper.host.exposing import Exposer
from labkeeper.host.journal import Level
from labkeeper.host.notify import Notifier
from labkeeper.keep.follower import Follower
from labkeeper.keep.gathering import Gathering
from labkeeper.keep.hands import Hands, Hear, Order
from labkeeper.keep.known import known_elsewhere
from labkeeper.keep.looks import Apart
from labkeeper.keep.loop import Keeper, Stop
from labkeeper.keep.remembering import Memory
from labkeeper.keep.remote import Remote
from labkeeper.keep.rules import Kept
from labkeeper.keep.senses import Pace, Senses
from labkeeper.keep.wakes import Wakes
from labkeeper.keep.watching import Often, Watch

# A tier that takes 200 MB a second has got 2 GB fuller between two looks.
_LOOK: Final = 10.0
# A forecast takes 50 us for each of its thousand samples: 0.05 % of a core at most.
_REST: Final = 2000.0
_TICK: Final = 10.0


class Agent:
    """Keeps one lab after the other: a new one takes the place of the old when it was read."""

    def __init__(self, wanted: Wanted, notifier: Notifier) -> None:
        self._wanted = wanted
        self._notifier = notifier
        self._wakes = Wakes()
        self._stop = Stop()
        self._next: Duty | None = None
        self._is_over = self._is_to_read = False
        self._door: Exposer | None = None

    def run(self) -> int:
        """The exit status."""
        self._wakes.heed_signals()
        for each in (signal.SIGTERM, signal.SIGINT):
            signal.signal(each, self._end)
        signal.signal(signal.SIGHUP, self._again)
        found = duty(self._wanted.lab, self._wanted.host)
        if found is None:
            return 2
        self._door = _door(self._wanted)
        while found is not None and not self._is_over:
            self._keep(found)
            found = self._next
        if self._door is not None:
            self._door.close()
        return 0

    def _end(self, *_: object) -> None:
        self._is_over = True
        self._notifier.stopping()
        self._stop.want()

    def _again(self, *_: object) -> None:
        self._is_to_read = True

    def _keep(self, found: Duty) -> None:
        self._next, self._stop = None, Stop()
        hands = _Pulse(Remote(self._wanted.mover, self._wakes), self)
        gathering = Gathering(found.plan, found.kept, self._wanted.journal)
        own = (self._wanted.memory, "agent")
        ears = Telemetry(Tidings(self._notifier), gathering, self._door, own)
        keeper = Keeper(self._senses(found), hands, ears, self._stop)
        # A SIGTERM that came before there was anybody to tell.
        self._stop.is_wanted = self._is_over
        rules = len(found.kept.moves) + len(found.kept.cleanups)
        journal.say(
            f"keeping `{found.kept.host}` of {self._wanted.lab}: {len(found.kept.tiers)} tiers,"
            f" {rules} rules"
        )
        gc.collect()
        gc.freeze()
        self._notifier.ready()
        keeper.run(None)
        ears.close()

    def passed(self) -> None:
        """The loop went through; between two rounds is when a lab can be read again."""
        self._notifier.alive()
        if not self._is_to_read:
            return
        self._is_to_read = False
        self._notifier.reloading()
        self._next = duty(self._wanted.lab, self._wanted.host, is_strict=True)
        self._notifier.ready()
        if self._next is None:
            journal.say("it is not taken over; the lab as it was is kept on", Level.WARNING)
        else:
            self._stop.want()

    def tick(self) -> float:
        """How long it may rest."""
        return min(_TICK, (self._notifier.limit or 2 * _TICK) / 2)

    def _senses(self, found: Duty) -> Senses:
        kept, state = found.kept, self._wanted.journal
        below = _Counted(state, kept)
        memory = Memory.open(self._wanted.memory)
        looks = Apart(self._wakes, below)
        watch = Watch(kept, None, memory, looks, Often(_LOOK, _REST))
        follower = Follower(found.plan, kept)
        return Senses(
            kept, state, watch, follower, below, lambda _: None,
            (follower.close, looks.close, memory.close), Pace(self.tick(), _LOOK),
        )  # fmt: skip


def _door(wanted: Wanted) -> Exposer | None:
    """That nobody can look is no reason to keep nothing: whoever scrapes it will miss it."""
    if wanted.port is None:
        return None
    try:
        return Exposer(wanted.listen, wanted.port)
    except OSError as error:
        why = (error.strerror or str(error)).lower()
        journal.say(f"no metrics at {wanted.listen}:{wanted.port}: {why}", Level.ERROR)
        return None


class _Counted:
    """What the mover's index counts; the agent cannot look into folders that are not its own."""

    def __init__(self, state: Path, kept: Kept) -> None:
        self._state = state
        self._roots = tuple(tier.path for tier in kept.tiers)

    def __call__(self, path: str) -> int:
        for root in self._roots:
            if path == root or path.startswith(root.rstrip("/") + "/"):
                known = known_elsewhere(self._state, root, path, even_unsure=True)
                if known is not None:
                    return known.bytes
        raise OSError(0, "the mover has not counted it yet", path)


class _Pulse:
    """Hands, and the pulse of the loop that has them."""

    def __init__(self, hands: Hands, agent: Agent) -> None:
        self._hands = hands
        self._agent = agent

    def begin(self, order: Order, hear: Hear) -> None:
        """Have it begun."""
        self._hands.begin(order, hear)

    def wait(self, seconds: float) -> None:
        """One round is over."""
        self._agent.passed()
        self._hands.wait(seconds)

    def end(self) -> None:
        """Have it end."""
        self._hands.end()
