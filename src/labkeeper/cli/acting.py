"""What a child of the mover does: it reads the lab, decides for itself, and acts."""

import os
import signal
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from labkeeper.cli.duty import duty
from labkeeper.cli.keeping import judged, kept_of
from labkeeper.host import wire
from labkeeper.keep.aside import Aside
from labkeeper.keep.deciding import Moment, Wait, decide_clean, decide_move, is_handled
from labkeeper.keep.hands import Order, Said, Unneeded
from labkeeper.keep.idling import Idle
from labkeeper.keep.knowing import Knowledge
from labkeeper.keep.known import known_elsewhere
from labkeeper.keep.local import Local
from labkeeper.keep.measuring import bytes_below, usage_of
from labkeeper.keep.moving import Manner
from labkeeper.keep.retelling import told
from labkeeper.keep.rules import Kept, zone_of
from labkeeper.keep.stopping import Stop
from labkeeper.keep.usage import Usage
from labkeeper.keep.wakes import Wakes
from labkeeper.plan import Cleanup, Move
from labkeeper.storage.places import look_at
from labkeeper.storage.reasons import Refusal

_LOOK_EVERY = 15.0


@dataclass(frozen=True, slots=True)
class Ground:
    """Where a mover works."""

    lab: Path
    host: str | None
    state: Path


def act(ground: Ground, asked: wire.Asked, out: int) -> None:
    """Act by one rule of the lab, if the lab has it and it is time for it."""
    stop = Stop()
    signal.signal(signal.SIGTERM, lambda *_: stop.want())

    def say(said: Said) -> None:
        try:
            words = memoryview(wire.line(told(said)))
            while words:
                words = words[os.write(out, words) :]
        except BrokenPipeError:
            stop.want()

    try:
        _, verdict = judged(ground.lab)
        kept = kept_of(verdict, ground.host, ground.lab)
    except SystemExit:
        say(Unneeded("the mover cannot read the lab; its own lines in the journal say why"))
        return
    rule = _named(kept, asked)
    if rule is None:
        say(Unneeded(f"the lab has no rule `{asked.rule}` for `{kept.host}`"))
        return
    order = _order(kept, rule, ground.state, asked)
    if isinstance(order, Wait):
        say(Unneeded(order.why))
        return
    assert verdict.plan is not None  # noqa: S101  `kept_of` refuses without
    Local(verdict.plan, kept, Manner(ground.state), stop).begin(order, say)


def _named(kept: Kept, asked: wire.Asked) -> Move | Cleanup | None:
    rules: tuple[Move | Cleanup, ...] = kept.moves
    if asked.kind == "clean":
        rules = tuple(each for each in kept.cleanups if is_handled(each))
    return next((each for each in rules if each.name == asked.rule), None)


def _order(kept: Kept, rule: Move | Cleanup, state: Path, asked: wire.Asked) -> Order | Wait:
    """Decided again: of what the agent says counts when a tier may be full, and idle disks."""

    def usage(name: str) -> Usage:
        tier = kept.tier(name)
        assert tier is not None  # noqa: S101  the lab was judged
        return usage_of(tier, below(tier.path))

    def below(root: str) -> Callable[[str], int]:
        def count(path: str) -> int:
            known = known_elsewhere(state, root, path)
            return bytes_below(path) if known is None else known.bytes

        return count

    now = datetime.now(UTC).astimezone(zone_of(kept.timezone))
    match rule:
        case Move():
            source, target = usage(rule.source.tier), usage(rule.target.tier)
            idle = Idle(rule.idle or 0.0) if asked.is_idle else Idle()
            found = decide_move(rule, source, target, Moment(now, asked.full_in, idle))
        case Cleanup():
            target = usage(rule.place.tier)
            held = 0
            if rule.over is not None and target.is_known:
                held = below(rule.place.path)(rule.place.path)
            aside = Aside(state)
            aside.look()
            stale = target.is_known and aside.has_stale_snapshot(rule.place.path)
            found = decide_clean(rule, target, held, now=now, has_stale_snapshot=stale)
    return found if isinstance(found, Wait) else Order(rule, found, target, asked.full_in)


def know(ground: Ground) -> None:
    """Keep the index of every tier, until somebody ends it."""
    found = duty(ground.lab, ground.host)
    if found is None:
        return
    stop = Stop()
    wakes = Wakes()
    wakes.heed_signals()
    signal.signal(signal.SIGTERM, lambda *_: stop.want())
    # An act begins or has ended.
    signal.signal(signal.SIGUSR1, lambda *_: None)
    roots = [tier.path for tier in found.kept.tiers]
    knowledge = Knowledge(ground.state, roots)
    while not stop.is_wanted:
        knowledge.look([root for root in roots if not _answers(root)])
        wakes.wait(_LOOK_EVERY)
    knowledge.close()


def _answers(root: str) -> bool:
    try:
        return look_at(root, "tier").is_folder
    except Refusal:
        return False
