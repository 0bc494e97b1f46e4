"""What came of an act, as it goes over the mover's socket, and back."""

from typing import NamedTuple, assert_never

from labkeeper.host import wire
from labkeeper.keep.events import Cleaned, File, Moved, Refused
from labkeeper.keep.hands import Said, Unneeded, Unstarted
from labkeeper.keep.status import Doing
from labkeeper.storage.reasons import Left
from labkeeper.store.quarantine import Held, Item, Kind
from labkeeper.store.units import Evidence


class Heard(NamedTuple):
    """What was said, and whether nothing follows."""

    said: Said
    is_last: bool = True


def told(said: Said) -> wire.Message:
    """As it goes over the socket; of very many files the first are named."""
    match said:
        case Doing():
            return wire.Said(
                "doing", "", said.rule, said.source, said.target, said.names, said.bytes,
                said.passed, said.expected, said.rate, said.silent,
            )  # fmt: skip
        case Unstarted(why):
            return wire.Said("busy", why)
        case Unneeded(why):
            return wire.Said("unneeded", why)
        case Moved():
            return _told_move(said)
        case Cleaned():
            return wire.ToldClean(
                "cleaned", said.rule, said.path, said.why, said.run, said.still_short,
                _items(said.aside), _items(said.purged), _left(said.left), _refused(said.refused),
            )  # fmt: skip
        case never:
            assert_never(never)


def heard(message: wire.Said | wire.ToldMove | wire.ToldClean) -> Heard:
    """As it was before it went over the socket."""
    match message:
        case wire.Said(say="doing"):
            doing = Doing(
                message.rule, message.source, message.target, message.names, message.bytes,
                message.passed, message.expected, message.rate, message.silent,
            )  # fmt: skip
            return Heard(doing, is_last=False)
        case wire.Said(say="unneeded" | "refused"):
            return Heard(Unneeded(message.why))
        case wire.Said():
            return Heard(Unstarted(message.why))
        case wire.ToldMove():
            return Heard(_heard_move(message))
        case wire.ToldClean():
            cleaned = Cleaned(
                message.rule, message.path, message.why, message.run,
                tuple(map(_item, message.aside)), tuple(map(_item, message.purged)),
                message.still_short, tuple(map(_heard_left, message.left)),
                refused=_heard_refused(message.refused),
            )  # fmt: skip
            return Heard(cleaned)
        case never:
            assert_never(never)


def _told_move(said: Moved) -> wire.ToldMove:
    files = tuple(
        wire.ToldFile(each.source, each.target, each.size, each.evidence.value)
        for each in said.files[: wire.MOST_NAMED]
    )
    return wire.ToldMove(
        "moved", said.rule, said.source, said.target, said.why, said.names, said.bytes,
        said.seconds, {each.value: count for each, count in said.verified.items()}, said.kept,
        said.renamed, said.recovered, said.is_stopped, said.is_late, said.told, files,
        _left(said.left), _refused(said.refused),
    )  # fmt: skip


def _heard_move(message: wire.ToldMove) -> Moved:
    files = (File(f.source, f.target, f.size, Evidence(f.evidence)) for f in message.files)
    return Moved(
        message.rule, message.source, message.target, message.why, message.names, message.bytes,
        message.seconds, {Evidence(each): count for each, count in message.verified.items()},
        message.kept, message.renamed, message.recovered, tuple(files),
        tuple(map(_heard_left, message.left)), (), message.is_stopped,
        _heard_refused(message.refused), message.is_late, message.told,
    )  # fmt: skip


def _left(left: tuple[Left, ...]) -> tuple[wire.ToldLeft, ...]:
    return tuple(wire.ToldLeft(e.path, e.code, e.why) for e in left[: wire.MOST_NAMED])


def _heard_left(message: wire.ToldLeft) -> Left:
    return Left(message.path, message.code, message.why)


def _refused(refused: Refused | None) -> wire.ToldRefused | None:
    return wire.ToldRefused(refused.code, refused.message, refused.help) if refused else None


def _heard_refused(message: wire.ToldRefused | None) -> Refused | None:
    return Refused(message.code, message.message, message.help) if message else None


def _items(items: tuple[Item, ...]) -> tuple[wire.ToldItem, ...]:
    return tuple(
        wire.ToldItem(
            i.id, i.run, i.root, i.state.value, i.inode, i.size, i.frees, i.mtime_ns, i.reason,
            i.at, i.held_until, i.names, i.kind.value,
        )
        for i in items[: wire.MOST_NAMED]
    )  # fmt: skip


def _item(m: wire.ToldItem) -> Item:
    return Item(
        m.id, m.run, m.root, Held(m.state), m.inode, m.size, m.frees, m.mtime_ns, m.reason, m.at,
        m.held_until, m.names, Kind(m.kind),
    )  # fmt: skip
