"""What happens while a lab is kept, in lines for a person."""

from collections.abc import Iterable, Iterator, Mapping
from typing import Final, assert_never

from labkeeper.cli.foretold import asked_for, foreseen, moment, rate
from labkeeper.cli.talk import count, shown, size, span
from labkeeper.keep.events import (
    Cleaned,
    Clipped,
    Event,
    Foreseen,
    Found,
    Moved,
    Proven,
    Refused,
    Summed,
    Undone,
)
from labkeeper.report.proofs import standing
from labkeeper.report.text import Style, place, spoken, visible, wrapped
from labkeeper.storage.reasons import HELP, Left
from labkeeper.store.quarantine import Item
from labkeeper.store.units import Evidence

_PROOF: Final = {
    Evidence.MEDIUM: "re-read from the disk itself",
    Evidence.DROPPED: "re-read after the page cache was emptied",
    Evidence.MEMORY: "re-read from memory, which proves the copying, not the disk",
}
_FEW: Final = 6  # lines of one kind in one event
_NARROW: Final = 60
_ROLES: Final = {
    "finding": "warning", "proof": "warning", "move": "good", "clean": "info", "undo": "info",
    "clips": "good", "forecast": "info", "summary": "good",
}  # fmt: skip


def kind_of(event: Event) -> str:
    """What an event is called, here and in JSON."""
    match event:
        case Found():
            return "finding"
        case Proven():
            return "proof"
        case Moved():
            return "move"
        case Cleaned():
            return "clean"
        case Clipped():
            return "clips"
        case Undone():
            return "undo"
        case Foreseen():
            return "forecast"
        case Summed():
            return "summary"
        case never:
            assert_never(never)


class Wording:
    """Words for events; `again` is what a person types to go on with this state."""

    def __init__(self, texts: Mapping[str, str], state: str, again: str) -> None:
        self._texts = texts
        self._state = state
        self._again = again

    def lines(self, event: Event, style: Style) -> list[str]:
        """The event: its kind, its first line, and more below."""
        kind = kind_of(event)
        first, *more = self._said(event)
        is_narrow = 0 < style.width < _NARROW
        indent = "  " if is_narrow else " " * 10
        head = f"{kind} " if is_narrow else f"{kind:<10}"
        lines = wrapped(head + first, indent, style.width)
        role = "error" if _is_bad(event) else _ROLES[kind]
        lines[0] = style.paint(kind, role) + lines[0][len(kind) :]
        for text in more:
            lines += wrapped(indent + text, indent + "  ", style.width)
        return lines

    def _said(self, event: Event) -> Iterator[str]:
        match event:
            case Found(finding):
                yield f"{finding.severity}[{finding.check}] {spoken(finding.message)}"
                where = f"{place(finding.at, self._texts)}: " if finding.at else ""
                yield f"{where}{visible((finding.help or '').partition(chr(10))[0])}".rstrip(": ")
            case Proven(proof):
                yield f"{proof.alert}: {standing(proof)}"
                if proof.reason:
                    yield spoken(proof.reason)
            case Moved():
                yield from _moved(event)
            case Cleaned():
                yield from self._cleaned(event)
            case Clipped():
                yield from _clipped(event)
            case Undone(items):
                yield f"{count(len(items), 'file')} back: {_named(items)}"
                yield "somebody brought it back, so no rule takes it while it would be held"
            case Foreseen(tier, usage, forecast):
                yield f"{tier} {foreseen(forecast)}, if it goes on like this and nothing moves"
                yield (
                    f"{rate(forecast)}, seen for {span(forecast.seen)};"
                    f" {size(usage.free)} of {size(usage.size)} are free{asked_for(forecast)}"
                )
            case Summed():
                yield from self._summed(event)
            case never:
                assert_never(never)

    def _cleaned(self, event: Cleaned) -> Iterator[str]:
        head = f"{event.rule}: {event.path}"
        if event.refused and event.purged:
            gone = f"{count(len(event.purged), 'file')}, {_bytes(event.purged)}"
            yield f"{head}: {gone} held long enough removed for good, then no more:"
            yield f"  {event.refused.message}"
            yield f"= help: {event.refused.help}"
            return
        if event.refused:
            yield from _refused(head, event.refused)
            return
        parts = []
        if event.aside:
            parts.append(f"{count(len(event.aside), 'file')}, {_bytes(event.aside)} put aside")
        if event.purged:
            parts.append(
                f"{count(len(event.purged), 'file')}, {_bytes(event.purged)} removed for good:"
                " they were held long enough, and room is needed"
            )
        yield f"{event.rule}: {'; '.join(parts) or 'nothing was taken'} ({event.why})"
        if event.aside:
            yield _named(event.aside)
            until = min(item.held_until for item in event.aside)
            yield f"on their own disk until {moment(until)} at the least; nothing is freed before"
            yield f"back with: labkeeper undo --run {event.run}{self._state}"
        if event.still_short:
            yield f"{size(event.still_short)} are still missing: nothing older is left to take"
        yield from _left(event.news)

    def _summed(self, event: Summed) -> Iterator[str]:
        yield f"{span(event.seconds)} in all"
        faults = sum(event.findings[word] for word in ("error", "warning"))
        proofs = ", ".join(f"{number} {word}" for word, number in sorted(event.proofs.items()))
        alerts = f"; {count(event.proofs.total(), 'alert')}: {proofs}" if proofs else ""
        yield f"{count(faults, 'finding')}{alerts}"
        how = ", ".join(f"{n:,} {_PROOF[e]}" for e, n in sorted(event.verified.items()))
        yield f"{count(event.names, 'name')}, {size(event.bytes)} moved" + (
            f": {how}" if how else ""
        )
        for left in event.left[:_FEW]:
            yield f"left where it was: {_base(left)}: {left.why}"
        if len(event.left) > _FEW:
            yield f"and {len(event.left) - _FEW:,} more"
        yield (
            f"{count(event.aside, 'file')} put aside, {event.back} brought back,"
            f" {event.purged} removed for good; {size(event.held_bytes)} still held"
        )
        for name, usage in event.tiers.items():
            full = f"{usage.ratio:.0%} of {size(usage.size)}" if usage.is_known else usage.why
            yield f"{name}: {full}"
        yield f"a next start goes on: {self._again}"


def _moved(event: Moved) -> Iterator[str]:
    head = f"{event.rule}: {event.source} to {event.target}"
    if event.refused and not event.names:
        yield from _refused(head, event.refused)
        return
    words = f"{count(event.names, 'name')}, {size(event.bytes)} in {span(event.seconds)}"
    yield f"{head}: {words}" if event.names else f"{head}: nothing to move"
    for evidence, number in sorted(event.verified.items()):
        yield f"{number:,} verified: {_PROOF[evidence]}"
    notes = (
        (event.renamed, "renamed on the same disk, where no byte moves"),
        (event.kept, "already there with the same content: kept there, removed here"),
        (event.recovered, "half done by an earlier start, seen to"),
    )
    yield from (f"{number:,} {what}" for number, what in notes if number)
    if event.told:
        yield f"told to look again at their libraries: {', '.join(event.told)}"
    yield from _left(event.news)
    if event.is_late:
        yield "its hours are over: stopped at a safe place, and goes on when they begin again"
    elif event.is_stopped:
        yield "stopped at a safe place"
    if event.refused:
        yield event.refused.message


def _clipped(event: Clipped) -> Iterator[str]:
    head = f"{event.rule}: {event.service} to {event.target}"
    if event.refused and not event.clips and not event.missing:
        yield from _refused(head, event.refused)
        return
    total = sum(clip.size for clip in event.clips)
    words = f"{count(len(event.clips), 'clip')}, {size(total)} copied"
    yield f"{head}: {words}" if event.clips else f"{head}: nothing copied"
    for clip in event.clips[:_FEW]:
        proof = "it was there already" if clip.evidence is None else _PROOF[clip.evidence]
        yield f"{moment(clip.began)} {_seen(clip.camera, clip.labels)}: {proof}"
    if len(event.clips) > _FEW:
        yield f"and {len(event.clips) - _FEW:,} more: --json names all"
    for missing in event.missing[:_FEW]:
        end = "it will not come" if missing.is_final else "it is tried again"
        yield f"{moment(missing.began)} {visible(missing.camera)}: {missing.why}; {end}"
    if len(event.missing) > _FEW:
        yield f"and {len(event.missing) - _FEW:,} more: --json names all"
    if event.refused:
        yield event.refused.message


def _seen(camera: str, labels: Iterable[str]) -> str:
    what = ", ".join(map(visible, labels))
    return f"{visible(camera)}, {what}" if what else visible(camera)


def _left(news: Iterable[Left]) -> Iterator[str]:
    news = tuple(news)
    for left in news[:_FEW]:
        yield f"left {_base(left)}: {left.why}"
        yield f"  = help: {HELP[left.code]}"
    if len(news) > _FEW:
        yield f"and {len(news) - _FEW:,} more: --json names all"


def _refused(head: str, refused: Refused) -> Iterator[str]:
    yield f"{head}: nothing was touched: {refused.message}"
    yield f"= help: {refused.help}"


def _base(left: Left) -> str:
    return shown(left.path.rpartition(b"/")[2])


def _named(items: Iterable[Item]) -> str:
    names = [shown(item.names[0]) for item in items]
    more = f" and {len(names) - _FEW:,} more" if len(names) > _FEW else ""
    return ", ".join(names[:_FEW]) + more


def _bytes(items: Iterable[Item]) -> str:
    return size(sum(item.frees for item in items))


def _is_bad(event: Event) -> bool:
    match event:
        case Found(finding):
            return finding.severity == "error"
        case Proven(proof):
            return proof.is_bad
        case Moved() | Cleaned() | Clipped():
            return event.refused is not None
        case _:
            return False
