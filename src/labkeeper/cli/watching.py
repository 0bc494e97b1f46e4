"""`labkeeper audit --watch`: looks again when files change, and says only what is different."""

from collections import Counter
from collections.abc import Callable, Iterable
from pathlib import Path

import click

from labkeeper.audit import Folder, Verdict
from labkeeper.host.changes import changes
from labkeeper.report.screen import counted, plural
from labkeeper.report.text import Style, render, visible
from labkeeper.source import Finding

Look = Callable[[], tuple[Folder, Verdict, list[Finding]]]
# What makes two findings the same one after an edit above them.
_Key = tuple[str, str, str, str]


def watch(path: Path, look: Look, found: list[Finding], style: Style) -> int:
    """Until Ctrl-C; the exit status is that of the last look."""
    click.echo(f"\nwatching {visible(str(path))}; Ctrl-C ends it", err=True)
    try:
        for names in changes(path):
            folder, verdict, now = look()
            _tell(names, folder, verdict, found, now, style)
            found = now
    except KeyboardInterrupt:
        click.echo(err=True)
    return 1 if any(finding.severity != "info" for finding in found) else 0


def _tell(
    names: tuple[str, ...],
    folder: Folder,
    verdict: Verdict,
    before: list[Finding],
    now: list[Finding],
    style: Style,
) -> None:
    new, gone = _without(now, before), _without(before, now)
    more = f" and {len(names) - 1} more" if len(names) > 1 else ""
    click.echo(f"\n{visible(names[0])}{more} changed")
    for finding in new:
        click.echo(render(finding, folder.texts, style) + "\n")
    for finding in gone:
        where = visible(finding.at.file) if finding.at else ""
        click.echo(style.paint("gone", "good") + f"[{finding.check}] {where}: {finding.message}")
    for part in verdict.skipped:
        if not part.meant and part.file in names:
            click.echo(f"skipped {visible(part.file)}: {visible(part.reason)}")
    left = counted(now) if now else "no faults found"
    click.echo(f"{len(new)} new, {len(gone)} {plural('fault', len(gone))} gone; {left}")


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
