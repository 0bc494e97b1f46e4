"""The loop with hands that are the test's: what it asks for, and what it makes of the answers."""

import time
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from pathlib import Path

from labkeeper.keep.events import Event, Moved, Refused
from labkeeper.keep.hands import Hear, Order, Said, Unneeded, Unstarted
from labkeeper.keep.loop import Keeper, Stop
from labkeeper.keep.rules import Kept
from labkeeper.keep.senses import Senses
from labkeeper.keep.status import ClientNow, Doing, Status
from labkeeper.keep.watching import Watch
from labkeeper.plan import Move, Place, Tier, Window
from labkeeper.source import Span

HERE = Span("lab.yaml", 0, 0)


@dataclass
class Hands:
    """Says what it is told to say, once it has waited."""

    say: Callable[[str], list[Said]]
    stop: Stop
    most: int
    asked: list[str] = field(default_factory=list)
    waiting: list[tuple[Hear, Said]] = field(default_factory=list)
    is_ended: bool = False

    def begin(self, order: Order, hear: Hear) -> None:
        """It is asked for."""
        self.asked.append(order.rule.name)
        self.waiting += [(hear, said) for said in self.say(order.rule.name)]

    def wait(self, seconds: float) -> None:
        """Says one thing that it was told to say."""
        if self.waiting:
            hear, said = self.waiting.pop(0)
            hear(said)
        else:
            time.sleep(min(seconds, 0.01))
        self.most -= 1
        if not self.most:
            self.stop.want()

    def end(self) -> None:
        """It is over."""
        self.is_ended = True


@dataclass
class Ears:
    """Hears."""

    events: list[Event] = field(default_factory=list)
    last: list[Status] = field(default_factory=list)

    def event(self, event: Event) -> None:
        """Keeps it."""
        self.events.append(event)

    def status(self, status: Status) -> None:
        """Keeps it."""
        self.last.append(status)


class Follower:
    """Nobody."""

    def news(self) -> frozenset[str]:
        """Nothing."""
        return frozenset()

    def coming(self) -> dict[str, int]:
        """Nothing."""
        return {}

    def clients(self) -> tuple[ClientNow, ...]:
        """Nobody."""
        return ()


def run(
    folder: Path, say: Callable[[str], list[Said]], rounds: int = 20, between: Window | None = None
) -> tuple[Hands, Ears]:
    tiers = tuple(
        Tier("box", name, str(folder / name), None, None, 1 << 20, HERE, HERE)
        for name in ("hot", "cold")
    )
    for tier in tiers:
        Path(tier.path).mkdir()
    hot, cold = (Place(tier.name, tier.path, HERE) for tier in tiers)
    moves = tuple(
        Move(name, "box", hot, cold, None, None, "yearly", None, HERE, between=between)
        for name in ("films", "shows")
    )
    kept = Kept("box", tiers, moves, (), 1e6)
    stop, ears = Stop(), Ears()
    hands = Hands(say, stop, rounds)
    watch = Watch(kept, lambda _: 0)
    senses = Senses(kept, folder, watch, Follower(), lambda _: 0, lambda _: None)
    Keeper(senses, hands, ears, stop).run(time.monotonic() + 60)
    return hands, ears


def moved(rule: str, **more: object) -> Moved:
    return Moved(rule, "hot:", "cold:", "all", **more)  # type: ignore[arg-type]


def test_two_at_once(tmp_path: Path) -> None:
    """A rule is asked for while another's act goes on; each is told of once."""
    hands, ears = run(tmp_path, lambda rule: [Doing(rule, "hot:", "cold:"), moved(rule, names=1)])

    assert hands.asked == ["films", "shows"]
    assert [event.rule for event in ears.events if isinstance(event, Moved)] == ["films", "shows"]
    assert any(status.doing and status.doing.rule == "films" for status in ears.last)
    assert ears.last[-1].doing is None
    assert hands.is_ended


def test_what_cannot_be_begun(tmp_path: Path) -> None:
    """It is noted, and tried again later, not at once; the other rule is not kept by it."""
    hands, ears = run(
        tmp_path, lambda rule: [Unstarted("at work")] if rule == "films" else [moved(rule, names=2)]
    )

    assert hands.asked == ["films", "shows"]
    assert "at work" in {status.note for status in ears.last}
    films = ears.last[-1].next[0]
    assert films.at is not None
    assert films.at.timestamp() - time.time() < 3


def test_what_need_not_be_done(tmp_path: Path) -> None:
    """The mover has the last word, and its reason is the one that is shown."""
    hands, ears = run(tmp_path, lambda _: [Unneeded("until `hot` is over 85%")])

    assert hands.asked == ["films", "shows"]
    assert {each.why for each in ears.last[-1].next} == {"until `hot` is over 85%"}
    assert ears.events == []


def test_a_refusal_is_told_once(tmp_path: Path) -> None:
    """And again where it is another."""
    no = Refused("no-room", "cold is full", "make room")
    hands, ears = run(tmp_path, lambda rule: [moved(rule, refused=no)])

    assert len(ears.events) == 2
    assert {each.why for each in ears.last[-1].next} == {"cold is full"}
    assert len(hands.asked) == 2


def hours(begin: datetime, end: datetime) -> Window:
    return Window(tuple(range(7)), begin.hour * 60 + begin.minute, end.hour * 60 + end.minute)


def test_its_hours(tmp_path: Path) -> None:
    """In its hours a rule goes; else it is looked at when they begin, whatever its schedule."""
    now = datetime.now().astimezone()
    soon, later = now + timedelta(hours=2), now + timedelta(hours=4)
    for name in ("open", "closed"):
        (tmp_path / name).mkdir()

    goes, _ = run(tmp_path / "open", lambda rule: [moved(rule)], between=hours(now, later))
    waits, ears = run(tmp_path / "closed", lambda rule: [moved(rule)], between=hours(soon, later))

    assert goes.asked == ["films", "shows"]
    assert waits.asked == []
    next_ = ears.last[-1].next[0]
    assert next_.at is not None
    assert abs(next_.at - soon) <= timedelta(minutes=1)
    assert next_.why == f"until {soon:%H:%M}, when its hours begin"
