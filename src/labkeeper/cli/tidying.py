"""What `labkeeper tier clean` does: each rule of the lab for this machine, one after the other."""

import json
from dataclasses import replace
from pathlib import Path

import click

from labkeeper.cli import snapshots, talk
from labkeeper.cli.keeping import judged, kept_of
from labkeeper.cli.refusing import refusals
from labkeeper.cli.talk import count, say, shown, size
from labkeeper.cli.terminal import prepare, refuse
from labkeeper.keep.aside import is_stale
from labkeeper.keep.cleaning import Care, request_of, spared
from labkeeper.keep.deciding import Wait, decide_clean
from labkeeper.keep.heeding import care_for
from labkeeper.keep.measuring import bytes_below, usage_of
from labkeeper.keep.rules import Kept, now_of
from labkeeper.plan import Cleanup, Plan
from labkeeper.storage.cleaning import CleanReport, clean
from labkeeper.storage.reasons import Refusal
from labkeeper.store import state as states
from labkeeper.store.journal import Journal
from labkeeper.store.quarantine import Quarantine
from labkeeper.values import dataclass


@dataclass(frozen=True, slots=True)
class Wanted:
    """What the command line asks for."""

    lab: Path
    rules: tuple[str, ...]
    host: str | None
    state: str | None
    is_sure: bool
    is_dry_run: bool
    explains: bool
    client_is_right: bool
    as_json: bool


@dataclass(frozen=True, slots=True)
class Done:
    """What became of one rule; `why` says why it goes, waits, or could not begin."""

    rule: str
    place: str
    why: str
    report: CleanReport | None = None
    refused: Refusal | None = None

    @property
    def is_bad(self) -> bool:
        """Somebody has to look at it."""
        report = self.report
        short = report is not None and (report.left or report.still_short or report.is_waited_for)
        return self.refused is not None or bool(short)


def run(wanted: Wanted) -> int:
    """The exit status."""
    prepare()
    _, verdict = judged(wanted.lab)
    kept = kept_of(verdict, wanted.host, wanted.lab)
    assert verdict.plan is not None  # noqa: S101  `kept_of` refuses without
    rules = [rule for rule in kept.cleanups if not wanted.rules or rule.name in wanted.rules]
    known = ", ".join(rule.name for rule in kept.cleanups) or "none for this host"
    if missing := set(wanted.rules) - {rule.name for rule in rules}:
        refuse(f"the lab has no rule `{min(missing)}` for this host", f"its rules: {known}")
    with refusals("tier-clean", as_json=wanted.as_json):
        state = talk.state_folder(wanted.state)
        state.mkdir(mode=0o700, parents=True, exist_ok=True)
        with states.lock(state):
            done = [_clean(rule, kept, verdict.plan, (wanted, state)) for rule in rules]
    for each in done:
        _say(each, wanted)
    if wanted.as_json:
        rows = [_row(each) for each in done]
        body = {"format": 1, "kind": "tier-clean", "dry_run": wanted.is_dry_run, "rules": rows}
        click.echo(json.dumps(body, indent=2))
    elif not rules:
        click.echo(f"`{kept.host}` has no rules that clean: storage: clean: ...")
    return 1 if any(each.is_bad for each in done) else 0


def _clean(rule: Cleanup, kept: Kept, plan: Plan, how: tuple[Wanted, Path]) -> Done:
    wanted, state = how
    place = kept.shown(rule.place)
    tier = kept.tier(rule.place.tier)
    if tier is None:
        return Done(rule.name, place, f"the host has no tier `{rule.place.tier}`")
    usage = usage_of(tier)
    below = 0 if rule.over is None or not usage.is_known else bytes_below(rule.place.path)
    stale = usage.is_known and _is_stale(rule, state)
    now = now_of(kept)
    # Who asks for it now means now.
    asked = replace(rule, between=None)
    found = decide_clean(asked, usage, below, now=now, has_stale_snapshot=stale)
    if isinstance(found, Wait):
        missing = Refusal("unknown", found.why, "see why its disk does not answer")
        return Done(rule.name, place, found.why, refused=None if usage.is_known else missing)
    record = Quarantine.open(state)
    try:
        care = replace(
            _care(rule, plan, kept, (wanted, state)),
            is_sure=wanted.is_sure, is_dry_run=wanted.is_dry_run,
        )  # fmt: skip
        report = clean(request_of(rule, found, spared(record), care), record)
    except Refusal as refusal:
        return Done(rule.name, place, found.why, refused=refusal)
    finally:
        record.close()
    return Done(rule.name, place, found.why, report)


def _is_stale(rule: Cleanup, state: Path) -> bool:
    record = Quarantine.open(state)
    try:
        return is_stale(record.snapshots.all(), rule.place.path)
    finally:
        record.close()


def _care(rule: Cleanup, plan: Plan, kept: Kept, how: tuple[Wanted, Path]) -> Care:
    wanted, state = how
    journal = Journal.open(state)
    try:
        return care_for(rule, plan, kept, journal, is_trusted=wanted.client_is_right)
    finally:
        journal.close()


def _say(done: Done, wanted: Wanted) -> None:
    where = f"{done.rule} ({done.place})"
    if done.refused is not None:
        say(f"{click.style(f'refused[{done.refused.code}]', fg='red')} {where}: {done.refused}")
        say(f"  = help: {done.refused.help}")
        return
    if done.report is None:
        say(f"{where}: waits {done.why}")
        return
    for left in done.report.left:
        say(f"left[{left.code}] {shown(left.path)}: {left.why}")
        say(f"  = help: {left.help}")
    if wanted.explains:
        for candidate in done.report.chosen:
            say(f"{shown(candidate.names[0])}: {candidate.explanation}")
        for left in done.report.spared:
            say(f"{shown(left.path)} stays: {left.why}")
    if not wanted.as_json:
        click.echo(f"{where}: {_told(done.report, wanted)} ({done.why})")
        for line in snapshots.about(done.report):
            click.echo(f"  {line}")


def _told(report: CleanReport, wanted: Wanted) -> str:
    if wanted.is_dry_run:
        freed = size(sum(candidate.frees for candidate in report.chosen))
        return f"would put {count(len(report.chosen), 'file')}, {freed} aside"
    words = f"put {count(len(report.aside), 'file')}, {size(sum(i.frees for i in report.aside))}"
    words += " aside"
    if report.aside:
        words += f", back with: labkeeper tier undo --run {report.aside[0].run}"
    if report.purged:
        words += f"; removed {count(len(report.purged), 'file')} held before"
    if report.is_waited_for:
        words += f"; {size(report.short_now)} are missing until a hold ends"
    return words


def _row(done: Done) -> dict[str, object]:
    row: dict[str, object] = {"rule": done.rule, "place": done.place, "why": done.why}
    if done.refused is not None:
        row["error"] = {
            "reason": done.refused.code, "message": str(done.refused), "help": done.refused.help,
        }  # fmt: skip
    if done.report is not None:
        report = done.report
        row["run"] = report.aside[0].run if report.aside else None
        row["chosen"] = [shown(c.names[0]) for c in report.chosen]
        row["aside"], row["purged"] = len(report.aside), len(report.purged)
        row["short_now_bytes"], row["still_short_bytes"] = report.short_now, report.still_short
        row["behind_snapshots_bytes"], row["useless_bytes"] = report.behind, report.useless
        row["snapshot"] = snapshots.rows([report.snapshot])[0] if report.snapshot else None
        row["left"] = [
            {"path": shown(f.path), "reason": f.code, "why": f.why, "help": f.help}
            for f in report.left
        ]
    return row
