"""`labkeeper audit --watch`: looks again when files change, and says only what is different."""

import gc
import signal
from collections import Counter
from collections.abc import Callable, Iterable
from pathlib import Path

import click

from labkeeper.audit import Skipped
from labkeeper.cli.looking import Look
from labkeeper.host.changes import State, changes
from labkeeper.report.screen import counted, plural
from labkeeper.report.text import Style, render, visible
from labkeeper.source import Finding

# What makes two findings the same one after an edit above them.
_Key = tuple[str, str, str, str]


def watch(path: Path, start: State, first: Look, again: Callable[[], Look], style: Style) -> int:
    """Until Ctrl-C; the exit status is that of the last look."""
    # One look needs no collection of garbage; a day of them does.
    gc.enable()
    # Ctrl-C ends other commands without a word; this one has a status to give.
    signal.signal(signal.SIGINT, signal.default_int_handler)
    shown = last = first
    try:
        click.echo(f"\nwatching {visible(str(path))}; Ctrl-C ends it", err=True)
        for names in changes(path, start):
            last = again()
            click.echo(f"\n{_named(names)} changed")
            if broken := [last.unread[name] for name in last.unread if name not in shown.unread]:
                _wait(broken)
            else:
                _tell(shown, last, style)
                shown = last
    except KeyboardInterrupt:
        click.echo(err=True)
    return last.status


def _named(names: tuple[str, ...]) -> str:
    more = f" and {len(names) - 1} more" if len(names) > 1 else ""
    return f"{visible(names[0])}{more}"


def _wait(broken: Iterable[Skipped]) -> None:
    """Without a file much would seem gone, or missing, that is only half typed."""
    for part in broken:
        click.echo(f"skipped {visible(part.file)}: {visible(part.reason)}")
    click.echo("what is new or gone is told when it can be read again")


def _tell(before: Look, now: Look, style: Style) -> None:
    old, found = before.verdict.findings, now.verdict.findings
    new, gone = _without(found, old), _without(old, found)
    for finding in new:
        click.echo(render(finding, now.folder.texts, style) + "\n")
    for finding in gone:
        where = f" {visible(finding.at.file)}" if finding.at else ""
        told = f"[{finding.check}]{where}: {visible(finding.message)}"
        click.echo(style.paint("gone", "good") + told)
    changed = f"{len(new)} new {plural('fault', len(new))}, {len(gone)} gone; "
    left = counted(found) if found else "no faults found"
    click.echo(f"{changed if new or gone else ''}{left}")


def _without(these: Iterable[Finding], those: Iterable[Finding]) -> list[Finding]:
    """Those of the first that the second has not, each as often as it is there once more."""
    known = Counter(map(_key, those))
    found: list[Finding] = []
    for finding in these:
        key = _key(finding)
        if known[key]:
            known[key] -= 1
        else:
            found.append(finding)
    return found


def _key(finding: Finding) -> _Key:
    return (finding.check, finding.at.file if finding.at else "", finding.subject, finding.message)
