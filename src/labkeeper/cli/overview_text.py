"""How this machine's storage stands, on one screen."""

from collections.abc import Iterator
from typing import Final

from labkeeper.cli.foretold import foreseen, moment
from labkeeper.cli.log import summary_of
from labkeeper.cli.overview import Overview
from labkeeper.cli.talk import count, size, span
from labkeeper.cli.up_status import doing_line, next_line
from labkeeper.keep.seen import Kept
from labkeeper.keep.status import TierNow
from labkeeper.report.text import Style, visible, wrapped

_NEXT: Final = 6
_ROOM: Final = 11  # columns before the text
_READ: Final = {
    "structure": "its tables, none of the data", "sample": "part of its data",
    "all": "all of its data",
}  # fmt: skip


def lines(found: Overview, style: Style) -> list[str]:
    """What needs a person first, then all the rest."""
    shown = []
    for part, texts in _parts(found):
        head = part
        for text in texts:
            role = "error" if part == "needs you" else "help"
            told = wrapped(f"{head:<{_ROOM}}{text}", " " * (_ROOM + 2), style.width)
            if head:
                told[0] = style.paint(head, role) + told[0][len(head) :]
            shown += told
            head = ""
    return shown


def _parts(found: Overview) -> Iterator[tuple[str, list[str]]]:
    yield "needs you", [visible(text) for text in found.wrong]
    yield "keeper", [_keeper(found)]
    names = max((len(tier.name) for tier in found.tiers), default=4)
    yield "tiers", [f"{tier.name:<{names}}  {_tier(tier)}" for tier in found.tiers]
    if found.doing is not None:
        yield "now", [doing_line(found.doing, 90)]
    waiting = sorted(found.next, key=lambda n: (n.at is None, n.at.timestamp() if n.at else 0.0))
    more = [f"and {len(waiting) - _NEXT} more rules"] if len(waiting) > _NEXT else []
    yield "next", [visible(next_line(each, 90)) for each in waiting[:_NEXT]] + more
    acts = [summary_of(act) for act in found.last or ()]
    yield "last", acts or ["nothing was moved or cleaned yet"] if found.last is not None else []
    yield "held", [_held(found)] if found.held is not None else []
    yield "backups", [text for each in found.backups or () for text in _backup(each, found.now)]
    yield "apps", [
        visible(f"{each.name} is not believed: {each.doubt}" if each.doubt else
                f"{each.name} is believed" + (f", {size(each.outstanding)} to come"
                                              if each.outstanding else ""))
        for each in found.clients
    ]  # fmt: skip
    numbers = [f"{number} {word}" for word, number in sorted(found.findings.items())]
    yield (
        "lab",
        [f"{', '.join(numbers)}: labkeeper check {found.lab}" if numbers else "no findings"],
    )


def _tier(tier: TierNow) -> str:
    usage = tier.usage
    if not usage.is_known:
        return visible(f"unknown: {usage.why}")
    words = [f"{usage.ratio:.0%}", f"{size(usage.used)} of {size(usage.size)}"]
    if usage.keep_free:
        words.append(f"{size(usage.free)} free, {size(usage.keep_free)} are to stay so")
    if tier.forecast is not None:
        words.append(foreseen(tier.forecast))
    return ", ".join(words)


def _keeper(found: Overview) -> str:
    keeper = found.keeper
    if keeper is not None:
        ago = span(max(0.0, found.now - keeper.at))
        since = moment(keeper.began)
        return (
            f"`labkeeper {keeper.who}` keeps `{found.host}` since {since} (process"
            f" {keeper.process.number}); this is how it stood {ago} ago"
        )
    return (
        f"nobody keeps `{found.host}` now, so nothing moves by itself: labkeeper up, or `agent:"
        f" on`; this is what lies on disk, by the records in {found.state}"
    )


def _held(found: Overview) -> str:
    held = found.held or ()
    if not held:
        return "nothing is put aside"
    until = moment(min(item.held_until for item in held))
    much = f"{count(len(held), 'file')}, {size(sum(item.frees for item in held))}"
    return f"{much} put aside, until {until} at least; back with: labkeeper undo --list"


def _backup(kept: Kept, now: float) -> Iterator[str]:
    each = kept.standing
    ages = [service.age for service in each.services if service.age is not None]
    good = sum(service.word == "ok" for service in each.services)
    lost = f"; would lose {_days(max(ages))} at most" if len(ages) == len(each.services) else ""
    backs = [service.back_in for service in each.services if service.back_in is not None]
    back = f"; back in about {span(max(1.0, sum(backs)))}" if backs else ""
    yield f"{each.name}: {good} of {count(len(each.services), 'service')} well{lost}{back}"
    look = each.verified
    if look is None:
        yield "  never read again: labkeeper backup verify"
    else:
        word = "DAMAGED" if look.damage else "no damage"
        ago = _days(max(0.0, now - look.at))
        yield f"  read again {ago} ago: {_READ.get(look.depth, look.depth)}; {word}"
    if each.drilled is None:
        yield "  never restored to see that it works: labkeeper backup drill"


def _days(seconds: float) -> str:
    return span(seconds) if seconds < 2 * 86400 else f"{seconds / 86400:.0f} days"
