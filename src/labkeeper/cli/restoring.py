"""What `labkeeper backup drill` and `restore` do, and how they say it."""

from pathlib import Path
from typing import Any

import click

from labkeeper.backup.comparing import Comparison
from labkeeper.backup.drilling import Ground, bring_back, last_kept
from labkeeper.backup.drilling import drill as try_out
from labkeeper.backup.jobs import Jobs
from labkeeper.cli.backup_json import drill_row, print_report
from labkeeper.cli.backup_work import Wanted, work
from labkeeper.cli.refusing import refusals
from labkeeper.cli.talk import count, say, shown, size, span
from labkeeper.storage.reasons import Refusal
from labkeeper.store.backups import Drill


def drill(wanted: Wanted, service: str | None, scratch: Path | None) -> int:
    """The exit status of `backup drill`."""
    done: list[Drill] = []
    with refusals("backup-drill", as_json=wanted.as_json), work(wanted, writes=True) as here:
        named = [j for j in here.jobs if service is None or service in _names(j)]
        if service is not None and not named:
            known = ", ".join(name for jobs in here.jobs for name in _names(jobs))
            raise Refusal("unknown-service", f"nothing is kept of `{service}`", f"what is: {known}")
        for jobs in named:
            ground = Ground(here.program(jobs), here.record, scratch or here.state)
            done += try_out(jobs, ground, service, _say_drill)
    if not done:
        say("nothing was ever kept, so that nothing can be restored: labkeeper backup run")
        return 1
    if wanted.as_json:
        print_report("backup-drill", {"drills": [drill_row(each) for each in done]})
    else:
        click.echo(_summed(done))
    return 1 if any(each.wrong for each in done) else 0


def restore(wanted: Wanted, service: str, into: Path) -> int:
    """The exit status of `backup restore`."""
    with refusals("backup-restore", as_json=wanted.as_json), work(wanted, writes=False) as here:
        _check_empty(into)
        jobs = here.jobs[0]
        ground = Ground(here.program(jobs), here.record, into)
        backup = last_kept(jobs, jobs.jobs[0], ground)
        if backup is None:
            raise Refusal("never-kept", f"nothing was kept of `{service}`", "labkeeper backup run")
        into.mkdir(parents=True, exist_ok=True)
        found = bring_back(ground, backup, into)
    for line in found.wrong:
        say(f"  {click.style('wrong', fg='red')} {shown(line.encode())}")
    if wanted.as_json:
        body: dict[str, Any] = {"service": service, "into": str(into), "files": found.files,
                                "bytes": found.bytes, "wrong": found.wrong}  # fmt: skip
        print_report("backup-restore", body)
    else:
        kept = f"{count(found.files, 'file')}, {size(found.bytes)}"
        click.echo(f"restored `{service}` below {into}: {kept}; {_compared(found)}")
    return 1 if found.wrong else 0


def _names(jobs: Jobs) -> list[str]:
    return [job.name for job in jobs.jobs]


def _check_empty(into: Path) -> None:
    if into.exists() and (not into.is_dir() or any(into.iterdir())):
        raise Refusal("not-empty", f"{into} is not an empty folder",
                      "name a new one: nothing that is there is ever replaced")  # fmt: skip


def _say_drill(done: Drill) -> None:
    word = click.style("WRONG", fg="red") if done.wrong else click.style("ok", fg="green")
    what = "whole" if done.is_whole else "some files"
    kept = f"{count(done.files, 'file')}, {size(done.bytes)} in {span(done.seconds)}"
    text = "; ".join(filter(None, (kept, _compared(done), loaded(done))))
    say(f"  {done.service:24} {word} {what}: {text}")
    for line in done.wrong.splitlines():
        say(f"    {shown(line.encode())}")


def loaded(done: Drill) -> str:
    """What came out of its databases, or why nobody knows."""
    parts = [
        f"loaded: {count(done.tables, 'table')}, {count(done.rows, 'row')}" if done.tables else "",
        f"not loaded: {done.not_loaded}" if done.not_loaded else "",
    ]
    return "; ".join(filter(None, parts))


def _compared(found: Comparison | Drill) -> str:
    """What the comparison took nobody's word for, and what it did."""
    rest = found.files - found.by_digest - found.by_source
    parts = [
        f"{found.by_digest} as noted at the backup" if found.by_digest else "",
        f"{found.by_source} as the files here" if found.by_source else "",
        f"{rest} by the program's own sums" if rest > 0 else "",
    ]
    return "contents of " + ", ".join(filter(None, parts)) if any(parts) else "no files"


def _summed(done: list[Drill]) -> str:
    wrong = [each.service for each in done if each.wrong]
    if wrong:
        return f"NOT restored as kept: {', '.join(wrong)}"
    whole = [each for each in done if each.is_whole]
    names = ", ".join(f"`{each.service}` whole in {span(each.seconds)}" for each in whole)
    return f"restored and compared: {count(len(done), 'service')}; {names or 'none whole'}"
