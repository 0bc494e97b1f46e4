"""What `labkeeper backup run`, `status` and `verify` do, and how they say it."""

from datetime import datetime
from typing import Any, Final

import click

from labkeeper.backup.jobs import Jobs
from labkeeper.backup.making import Desk, retain
from labkeeper.backup.making import make as make_all
from labkeeper.backup.program import Depth
from labkeeper.backup.standing import OfRepository, OfService, standing
from labkeeper.backup.verifying import verify as verify_one
from labkeeper.cli.backup_json import (
    backup_row,
    error_row,
    print_repositories,
    standing_row,
    verification_row,
)
from labkeeper.cli.backup_work import Wanted, Work, work
from labkeeper.cli.refusing import refusals
from labkeeper.cli.restoring import loaded
from labkeeper.cli.talk import count, say, shown, size, span
from labkeeper.keep.rules import zone_of
from labkeeper.keep.schedule import longest_gap
from labkeeper.storage.reasons import Refusal
from labkeeper.store.backups import Backup, Verification
from labkeeper.store.log import Log

_COLOURS: Final = {"good": "green", "ok": "green", "late": "yellow", "shrunk": "yellow"}
_READ: Final = {
    "structure": "the repository's tables, none of the data",
    "all": "all of the data",
}


def make(wanted: Wanted, *, less_is_right: bool) -> int:
    """The exit status of `backup run`."""
    with refusals("backup-run", as_json=wanted.as_json), work(wanted, writes=True) as here:
        rows = [_make_one(jobs, here, less_is_right=less_is_right) for jobs in here.jobs]
    if wanted.as_json:
        print_repositories("backup-run", rows)
    return 0 if all(row["is_well"] for row in rows) else 1


def _make_one(jobs: Jobs, here: Work, *, less_is_right: bool) -> dict[str, Any]:
    """One repository; where it cannot be opened, the next one still gets its turn."""
    row: dict[str, Any] = {"repository": jobs.repository.name, "to": jobs.repository.to}
    say(f"{jobs.repository.name} ({jobs.repository.to})")
    try:
        program = here.program(jobs, makes=True)
        log = Log(here.state.parent)
        desk = Desk(here.plan, program, here.record, here.state / "dumps", log, less_is_right)
        done = make_all(jobs, desk, _say_backup)
        stays = retain(jobs, desk, done)
    except Refusal as refusal:
        _say_refusal(refusal)
        return row | {"is_well": False, "error": error_row(refusal), "backups": []}
    if stays:
        say(f"  {stays}")
    is_well = all(backup.outcome == "good" for backup in done)
    return row | {"is_well": is_well, "backups": [backup_row(b) for b in done], "stays": stays}


def status(wanted: Wanted) -> int:
    """The exit status of `backup status`."""
    with refusals("backup-status", as_json=wanted.as_json), work(wanted, writes=False) as here:
        now = datetime.now(zone_of(here.timezone))
        found = [
            standing(jobs, here.record, now, longest_gap(jobs.repository.every, now))
            for jobs in here.jobs
        ]
    if wanted.as_json:
        print_repositories("backup-status", [standing_row(each, now) for each in found])
    else:
        for each in found:
            _show_standing(each, now.timestamp())
    return 0 if all(each.is_well for each in found) else 1


def verify(wanted: Wanted, depth: Depth) -> int:
    """The exit status of `backup verify`."""
    with refusals("backup-verify", as_json=wanted.as_json), work(wanted, writes=True) as here:
        rows = [_verify_one(jobs, here, depth) for jobs in here.jobs]
    if wanted.as_json:
        print_repositories("backup-verify", rows)
    return 0 if all(row["is_well"] for row in rows) else 1


def _verify_one(jobs: Jobs, here: Work, depth: Depth) -> dict[str, Any]:
    row: dict[str, Any] = {"repository": jobs.repository.name, "to": jobs.repository.to}
    try:
        done = verify_one(jobs, here.program(jobs), here.record, depth)
    except Refusal as refusal:
        say(jobs.repository.name)
        _say_refusal(refusal)
        return row | {"is_well": False, "error": error_row(refusal)}
    if not here.wanted.as_json:
        click.echo(f"{done.repository}: read {what_was_read(done)} in {span(done.seconds)}: "
                   + ("DAMAGED" if done.damage else "no damage"))  # fmt: skip
    for line in done.damage.splitlines():
        say(f"  {shown(line.encode())}")
    if done.damage:
        say(f"  = help: {_help_of_damage(jobs)}")
    return row | {"is_well": not done.damage, "look": verification_row(done)}


def _help_of_damage(jobs: Jobs) -> str:
    """The projects' own words on it, and what to do first of all."""
    page = {
        "restic": "https://restic.readthedocs.io/en/stable/077_troubleshooting.html",
        "borg": "https://borgbackup.readthedocs.io/en/stable/usage/check.html",
    }[jobs.repository.program]
    return f"copy the repository before you repair it, and look at its disk; then {page}"


def what_was_read(done: Verification) -> str:
    """How much a verification is worth."""
    return _READ.get(done.depth, f"part {done.number} of {done.parts} of the data")


def _say_backup(backup: Backup) -> None:
    word = click.style(f"{backup.outcome:10}", fg=_COLOURS.get(backup.outcome, "red"))
    kept = f"{count(backup.files, 'file')}, {size(backup.bytes)} in {span(backup.seconds)}"
    text = "; ".join(filter(None, (kept if backup.snapshot else "", backup.why)))
    say(f"  {backup.service:24} {word} {text}")


def _say_refusal(refusal: Refusal) -> None:
    say(f"  {click.style(f'refused[{refusal.code}]', fg='red')}: {refusal.message}")
    say(f"  = help: {refusal.help}")


def _show_standing(each: OfRepository, now: float) -> None:
    click.echo(f"{each.name} ({each.to})")
    if each.verified is None:
        click.echo("  never read again: labkeeper backup verify")
    else:
        found = "DAMAGED" if each.verified.damage else "no damage"
        ago = _ago(now - each.verified.at)
        click.echo(f"  read again {ago}: {what_was_read(each.verified)}; {found}")
        click.echo("  all of the data was read "
                   + (f"within the last {_days(now - each.all_read)}"
                      if each.all_read else "never"))  # fmt: skip
    if each.drilled is None:
        click.echo("  never restored to see that it works: labkeeper backup drill")
    else:
        done = each.drilled
        came = f"; {loaded(done)}" if loaded(done) else ""
        click.echo(f"  restored {_ago(now - done.at)}: `{done.service}` whole,"
                   f" {size(done.bytes)} in {span(done.seconds)}{came}")  # fmt: skip
    for drill in each.drills:
        for line in drill.wrong.splitlines()[:3]:
            say(f"  {click.style('wrong', fg='red')} {drill.service}: {shown(line.encode())}")
    width = max((len(service.service) for service in each.services), default=0)
    for service in each.services:
        word = click.style(f"{service.word:7}", fg=_COLOURS.get(service.word, "red"))
        click.echo(f"  {service.service:{width}}  {word} {_words(service)}")


def _words(service: OfService) -> str:
    parts = [
        "nothing is kept of it" if service.last is None else "",
        f"would lose {_days(service.age)}" if service.age is not None else "",
        f"back in about {span(max(1.0, service.back_in))}" if service.back_in is not None else "",
        service.why,
    ]  # fmt: skip
    return "; ".join(filter(None, parts))


def _days(seconds: float) -> str:
    return span(seconds) if seconds < 2 * 86400 else f"{seconds / 86400:.0f} days"


def _ago(seconds: float) -> str:
    return f"{_days(max(0.0, seconds))} ago"
