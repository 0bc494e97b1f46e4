"""How a lab stands at this moment, in a few lines that fit the terminal."""

import sys
from collections.abc import Iterator

from labkeeper.cli.foretold import ahead, full_in, moment
from labkeeper.cli.live import fitted
from labkeeper.cli.talk import count, size, span
from labkeeper.keep.status import Doing, Next, Status, TierNow
from labkeeper.report.text import Style

_WIDE = 64
_BAR = 16
_MOST_NEXT = 4
_TIGHT = 0.85


def status_lines(status: Status, style: Style) -> list[str]:
    """Tiers, what moves, what is next, and what is held."""
    width = style.width - 1
    names = max((len(tier.name) for tier in status.tiers), default=4)
    lines = [_tier(tier, names, style) for tier in status.tiers]
    if status.doing:
        lines.append(fitted(doing_line(status.doing, width), width))
    lines += [fitted(line, width) for line in _next(status, width)]
    if status.held:
        text = f"held  {count(status.held, 'file')}, {size(status.held_bytes)}"
        until = f" until {moment(status.held_until)}; labkeeper undo brings them back"
        lines.append(fitted(text + (until if width >= _WIDE else ""), width))
    if status.note:
        lines.append(fitted(status.note, width))
    return lines


def status_line(status: Status) -> str:
    """The same in one line, for where nothing can change in place."""
    tiers = [
        f"{tier.name} {tier.usage.ratio:.0%}" if tier.usage.is_known else f"{tier.name} unknown"
        for tier in status.tiers
    ]
    waiting = [(each.at, each.rule) for each in status.next if each.at]
    if waiting:
        soonest, rule = min(waiting)
        tiers.append(f"next {rule} {ahead(soonest)}")
    if status.held:
        tiers.append(f"{count(status.held, 'file')} held")
    return ", ".join(tiers)


def _tier(tier: TierNow, names: int, style: Style) -> str:
    width = style.width - 1
    usage = tier.usage
    if not usage.is_known:
        return style.paint(fitted(f"{tier.name:<{names}}  {usage.why}", width), "error")
    share = f"{usage.ratio:>4.0%}"
    soon = tier.forecast.full_in if tier.forecast else None
    outlook = full_in(soon) if soon else ""
    role = (
        "error" if usage.free < usage.keep_free else "warning" if usage.ratio > _TIGHT else "good"
    )
    if width < _WIDE:
        text = fitted(f"{tier.name:<{names}} {share}  {outlook}".rstrip(), width)
        return text.replace(share, style.paint(share, role), 1)
    room = f"{size(usage.used)} of {size(usage.size)}"
    text = fitted(f"{tier.name:<{names}}  {_bar(usage.ratio)} {share}  {room}  {outlook}", width)
    return text.rstrip().replace(share, style.paint(share, role), 1)


def _bar(ratio: float) -> str:
    full = round(min(1.0, ratio) * _BAR)
    marks = "█░" if (sys.stdout.encoding or "").lower().replace("-", "") == "utf8" else "#."
    return marks[0] * full + marks[1] * (_BAR - full)


def doing_line(doing: Doing, width: int) -> str:
    """What moves, and how far it is."""
    share = doing.passed / doing.expected if doing.expected else 0.0
    words = [f"move  {doing.rule} {min(1.0, share):.0%}"]
    if doing.silent >= 3:
        words.append(f"the disk has said nothing for {span(doing.silent)}")
    elif doing.rate:
        left = max(0, doing.expected - doing.passed) / doing.rate
        words.append(f"{size(doing.rate)}/s, {span(left)} left")
    if width >= _WIDE:
        words.append(f"{count(doing.names, 'name')}, {size(doing.bytes)} to {doing.target}")
    return "  ".join(words)


def _next(status: Status, width: int) -> Iterator[str]:
    under_way = status.doing.rule if status.doing else None
    waiting = [each for each in status.next if each.rule != under_way]
    shown = sorted(waiting, key=lambda n: (n.at is None, n.at.timestamp() if n.at else 0.0))
    for each in shown[:_MOST_NEXT]:
        yield f"next  {next_line(each, width)}"
    if len(shown) > _MOST_NEXT:
        yield f"      and {len(shown) - _MOST_NEXT} more rules"


def next_line(each: Next, width: int) -> str:
    """When a rule is looked at again, and why it waits."""
    when = f"{each.rule} {ahead(each.at)}"
    if each.why:
        return f"{when}; {each.why}"
    return when if width < _WIDE else f"{when}: {each.what}"
