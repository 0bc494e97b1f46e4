"""What `labkeeper tier status` and `tier forecast` do: how full tiers are, and when."""

import json
import os
import time
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict
from datetime import datetime
from pathlib import Path

import click

from labkeeper.cli import snapshots, talk
from labkeeper.cli.foretold import asked_for, foreseen, rate
from labkeeper.cli.keeping import judged, kept_of
from labkeeper.cli.talk import count, size, span
from labkeeper.cli.terminal import prepare
from labkeeper.host import pools
from labkeeper.keep.facts import Fact, State
from labkeeper.keep.follower import coming_now
from labkeeper.keep.forecast import Forecast, foresee
from labkeeper.keep.known import known_elsewhere
from labkeeper.keep.measuring import bytes_below, usage_of
from labkeeper.keep.medium_facts import of_medium
from labkeeper.keep.remembering import Memory
from labkeeper.keep.rules import Kept, zone_of
from labkeeper.keep.usage import Usage
from labkeeper.plan import Tier
from labkeeper.report.text import visible
from labkeeper.resolve.verdict import LabVerdict
from labkeeper.store.quarantine import Quarantine
from labkeeper.store.snapshots import Snapshot
from labkeeper.store.state import Broken
from labkeeper.values import dataclass


@dataclass(frozen=True, slots=True)
class Wanted:
    """What the command line asks for."""

    lab: Path
    host: str | None
    state: str | None
    as_json: bool


@dataclass(frozen=True, slots=True)
class Standing:
    """One tier; its files are counted only where somebody keeps an index of it."""

    tier: Tier
    usage: Usage
    files: int | None
    forecast: Forecast | None
    # What its file system knows of its bytes and disks, and snapshots of ours.
    medium: tuple[Fact, ...] = ()
    snapshots: tuple[Snapshot, ...] = ()
    # The folders that it shows as one.
    branches: tuple[str, ...] = ()

    @property
    def is_bad(self) -> bool:
        """Its disks counted errors."""
        return any(fact.state is State.NOT_OK for fact in self.medium)


@dataclass(frozen=True, slots=True)
class _Known:
    """What a forecast is made from."""

    state: Path
    memory: Memory
    coming: Mapping[str, int]


def status(wanted: Wanted) -> int:
    """The exit status: 1 where a tier is unknown, too full, or on a disk that counted errors."""
    host, found = _look(wanted)
    bad = [s for s in found if not s.usage.is_known or s.usage.free < s.usage.keep_free or s.is_bad]
    if wanted.as_json:
        _print("tier-status", host, found)
    else:
        names = max(len(s.tier.name) for s in found)
        for standing in found:
            click.echo(f"{standing.tier.name:<{names}}  {_told(standing)}")
            for line in _below(standing):
                click.echo(f"{'':<{names}}  {line}")
    return 1 if bad else 0


def forecast(wanted: Wanted) -> int:
    """The exit status: 1 where a tier is full within what the lab looks ahead, or is unknown."""
    host, found = _look(wanted)
    bad = [s for s in found if not s.usage.is_known or (s.forecast and s.forecast.full_in)]
    if wanted.as_json:
        _print("tier-forecast", host, found)
    else:
        names = max(len(s.tier.name) for s in found)
        for standing in found:
            click.echo(f"{standing.tier.name:<{names}}  {_ahead(standing)}")
    return 1 if bad else 0


def _look(wanted: Wanted) -> tuple[str, Sequence[Standing]]:
    prepare()
    _, verdict = judged(wanted.lab)
    kept = kept_of(verdict, wanted.host, wanted.lab)
    return kept.host, look_at(kept, verdict, talk.state_folder(wanted.state))


def look_at(kept: Kept, verdict: LabVerdict, state: Path) -> Sequence[Standing]:
    """How each tier stands now."""
    memory = Memory.read(state)
    try:
        coming = coming_now(verdict.plan, kept) if verdict.plan else {}
        known = _Known(state, memory, coming)
        return [_standing(tier, kept, known) for tier in kept.tiers]
    finally:
        memory.close()


def _standing(tier: Tier, kept: Kept, given: _Known) -> Standing:
    def below(path: str) -> int:
        known = known_elsewhere(given.state, tier.path, path)
        return bytes_below(path) if known is None else known.bytes

    usage = usage_of(tier, below)
    if not usage.is_known:
        return Standing(tier, usage, None, None)
    known = known_elsewhere(given.state, tier.path, tier.path)
    zone = datetime.now(zone_of(kept.timezone)).astimezone(zone_of(kept.timezone)).utcoffset()
    found = foresee(
        given.memory.of(tier.name), usage.free, kept.reach,
        outstanding=given.coming.get(tier.name, 0), zone=zone.total_seconds() if zone else 0.0,
    )  # fmt: skip
    files = None if known is None else known.files
    ours = _snapshots(tier, given.state)
    return Standing(
        tier, usage, files, found, tuple(of_medium(tier)), ours, pools.branches(tier.path)
    )


def _snapshots(tier: Tier, state: Path) -> tuple[Snapshot, ...]:
    """Ours of what lies on it."""
    if not (state / "quarantine.db").exists():
        return ()
    try:
        record = Quarantine.read(state)
    except Broken:
        return ()
    try:
        root = os.path.realpath(os.fsencode(tier.path))
        return tuple(
            each for each in record.snapshots.all()
            if each.root == root or each.root.startswith(root + b"/")
        )  # fmt: skip
    finally:
        record.close()


def _below(standing: Standing) -> Iterator[str]:
    for fact in standing.medium:
        if fact.state is not State.OK:
            colour = "red" if fact.state is State.NOT_OK else "yellow"
            yield f"{click.style(fact.about, fg=colour)}: {visible(fact.what)}"
            yield f"  = help: {fact.help}"
    for kept in standing.snapshots:
        yield snapshots.listed(kept)


def _told(standing: Standing) -> str:
    usage = standing.usage
    if not usage.is_known:
        return f"unknown: {usage.why}"
    words = [f"{usage.ratio:.0%}", f"{size(usage.used)} of {size(usage.size)}"]
    words.append(f"{size(usage.free)} free")
    if usage.keep_free:
        words[-1] += f" ({size(usage.keep_free)} are to stay free)"
    if standing.files is not None:
        words.append(count(standing.files, "file"))
    if standing.branches:
        words.append(f"a pool of {len(standing.branches)} branches")
    if standing.forecast is not None:
        words.append(foreseen(standing.forecast))
    return ", ".join(words)


def _ahead(standing: Standing) -> str:
    if not standing.usage.is_known:
        return f"unknown: {standing.usage.why}"
    found = standing.forecast
    if found is None:
        return "too little was seen of it yet: `labkeeper up` looks while it runs"
    return f"{foreseen(found)}; {rate(found)}, seen for {span(found.seen)}{asked_for(found)}"


def _print(kind: str, host: str, found: Sequence[Standing]) -> None:
    body = {
        "format": 1, "kind": kind, "host": host, "at": int(time.time()),
        "tiers": [_row(standing) for standing in found],
    }  # fmt: skip
    click.echo(json.dumps(body, indent=2))


def _row(standing: Standing) -> dict[str, object]:
    usage = standing.usage
    row: dict[str, object] = {"name": standing.tier.name, "path": standing.tier.path}
    if not usage.is_known:
        return {**row, "unknown": usage.why}
    return {
        **row, "used": usage.used, "size": usage.size, "free": usage.free,
        "keep_free": usage.keep_free, "files": standing.files,
        "forecast": None if standing.forecast is None else asdict(standing.forecast),
        "medium": [
            {"about": f.about, "state": f.state.value, "what": f.what, "help": f.help}
            for f in standing.medium
        ],
        "snapshots": snapshots.rows(standing.snapshots),
        "branches": list(standing.branches),
    }  # fmt: skip
