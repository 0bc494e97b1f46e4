"""What `labkeeper status` looks at, and what of it needs a person."""

import os
import time
from collections import Counter
from collections.abc import Iterator, Mapping
from contextlib import suppress
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Final

from labkeeper.cli import standing, talk
from labkeeper.cli.keeping import judged, kept_of
from labkeeper.cli.log import is_bad, is_news, summary_of
from labkeeper.cli.talk import count
from labkeeper.cli.telemetry import FILE
from labkeeper.keep.aside import Aside
from labkeeper.keep.backed import of_every
from labkeeper.keep.rules import Kept, zone_of
from labkeeper.keep.seen import Kept as Backed
from labkeeper.keep.status import ClientNow, Doing, Next, Status, TierNow
from labkeeper.keep.stood import Stood, decoded
from labkeeper.resolve.verdict import LabVerdict
from labkeeper.store import state as states
from labkeeper.store.log import Act, Log
from labkeeper.store.quarantine import Item
from labkeeper.values import dataclass

_OWN: Final = Path("/var/lib/labkeeper-agent")
_LAST: Final = 5
_LOOKED: Final = 50
# It writes each 15 s; one that is silent for so long hangs, or its folder cannot be written.
_SILENT: Final = 300.0
_DAY: Final = 86400.0


@dataclass(frozen=True, slots=True)
class Wanted:
    """What the command line asks for."""

    lab: Path
    host: str | None
    state: str | None
    own: str | None


@dataclass(frozen=True, slots=True)
class Overview:
    """All that is shown; none where it cannot be known."""

    host: str
    lab: Path
    state: Path
    now: float
    # Whoever keeps this machine now, and whoever did and ended without a word.
    keeper: Stood | None
    lost: Stood | None
    tiers: tuple[TierNow, ...]
    next: tuple[Next, ...]
    doing: Doing | None
    last: tuple[Act, ...] | None
    held: tuple[Item, ...] | None
    backups: tuple[Backed, ...] | None
    clients: tuple[ClientNow, ...]
    findings: Mapping[str, int]
    # Why nobody knows what is put aside, where that is so.
    note: str = ""
    # What needs a person, in words.
    wrong: tuple[str, ...] = ()


def look(wanted: Wanted) -> Overview:
    """Look at all of it."""
    _, verdict = judged(wanted.lab)
    kept = kept_of(verdict, wanted.host, wanted.lab)
    state, own = _folders(wanted)
    keeper = _stood(own / FILE) or _stood(state / FILE)
    is_there = keeper is not None and _is_there(keeper)
    status = keeper.status if keeper and is_there else _from_disk(kept, verdict, state)
    aside = Aside(state)
    aside.look()
    found = Overview(
        kept.host, wanted.lab, state, time.time(),
        keeper if is_there else None, None if is_there else keeper,
        status.tiers, status.next, status.doing, _last(state),
        None if aside.note or not _may_read(state) else aside.held, _backups(kept, verdict, state),
        status.clients, Counter(finding.severity for finding in verdict.findings), aside.note,
    )  # fmt: skip
    wrong = (*_wrong_of_keeper(found, kept, verdict), *_wrong_of_tiers(found), *_wrong_rest(found))
    return replace(found, wrong=wrong)


def _folders(wanted: Wanted) -> tuple[Path, Path]:
    """Where the records are: as named, else the user's own, else those of the service."""
    state = talk.records_folder(wanted.state)
    if wanted.own is not None:
        return state, Path(wanted.own)
    return state, _OWN if state == talk.SERVICE else state


def _stood(file: Path) -> Stood | None:
    with suppress(OSError, UnicodeDecodeError):
        return decoded(file.read_text("utf-8"))
    return None


def _is_there(stood: Stood) -> bool:
    return stood.process.is_alive()


def _from_disk(kept: Kept, verdict: LabVerdict, state: Path) -> Status:
    tiers = standing.look_at(kept, verdict, state)
    return Status(tuple(TierNow(each.tier.name, each.usage, each.forecast) for each in tiers), ())


def _last(state: Path) -> tuple[Act, ...] | None:
    try:
        return tuple(filter(is_news, Log(state).last(_LOOKED)))[:_LAST]
    except (states.Broken, OSError):
        return None


def _may_read(state: Path) -> bool:
    return not os.path.lexists(state) or os.access(state, os.R_OK | os.X_OK)


def _backups(kept: Kept, verdict: LabVerdict, state: Path) -> tuple[Backed, ...] | None:
    assert verdict.plan is not None  # noqa: S101  `kept_of` refuses without
    now = datetime.now(UTC).astimezone(zone_of(kept.timezone))
    try:
        return of_every(verdict.plan, kept.host, state, now, now.timestamp())
    except (states.Broken, OSError):
        return None


def _wrong_of_keeper(found: Overview, kept: Kept, verdict: LabVerdict) -> Iterator[str]:
    errors = found.findings.get("error", 0)
    if errors:
        yield f"the lab has {count(errors, 'error')}: labkeeper check {found.lab}"
    hosts = verdict.plan.hosts if verdict.plan else ()
    host = next((each for each in hosts if each.name == kept.host), None)
    keeper = found.keeper
    if keeper is None and host is not None and host.agent is not None:
        yield "the lab wants an agent here, and none runs: systemctl status labkeeper"
    elif found.lost is not None:
        yield f"`labkeeper {found.lost.who}` ended without a word, and nothing moves by itself"
    elif keeper is not None and found.now - keeper.at > _SILENT:
        silent = (found.now - keeper.at) / 60
        yield f"`labkeeper {keeper.who}` has said nothing for {silent:.0f} min"
    for each in found.next:
        if each.refused:
            yield f"{each.rule} cannot be done: {each.why}"


def _wrong_of_tiers(found: Overview) -> Iterator[str]:
    for tier in found.tiers:
        if not tier.usage.is_known:
            yield f"{tier.name} is unknown: {tier.usage.why}"
        elif tier.usage.free < tier.usage.keep_free:
            yield f"{tier.name} has less free than it is to keep"
        elif tier.forecast and tier.forecast.full_in is not None and tier.forecast.full_in < _DAY:
            yield f"{tier.name} is full within a day if it goes on like this"


def _wrong_rest(found: Overview) -> Iterator[str]:
    if found.last is None:
        yield f"the log of {found.state} cannot be read"
    if found.held is None:
        unread = f"the record of the quarantine in {found.state} cannot be read"
        yield found.note or unread
    last = found.last[0] if found.last else None
    if last is not None and is_bad(last):
        yield f"what was done last did not end well: {summary_of(last)}"
    for client in found.clients:
        if client.doubt:
            yield f"{client.name} is not believed, so nothing of it is touched: {client.doubt}"
    if found.backups is None:
        yield f"the record of backups in {found.state} cannot be read"
    for each in found.backups or ():
        standing_ = each.standing
        if standing_.verified and standing_.verified.damage:
            yield f"the backups in {standing_.name} are damaged: labkeeper backup status"
        bad = [service.service for service in standing_.services if service.word != "ok"]
        if bad:
            yield f"{standing_.name} has no good backup in time of {', '.join(bad)}"
        if any(drill.wrong for drill in standing_.drills):
            yield f"what was restored from {standing_.name} was not what was kept"
