"""What `labkeeper audit --fix` does: mend in memory, show the difference, write it if asked to."""

from pathlib import Path

import click

from labkeeper.audit import Folder, Verdict
from labkeeper.audit.mending import Judge, Wanted, mend
from labkeeper.cli.terminal import style
from labkeeper.host.rewriting import rewrite_files
from labkeeper.report.diff import render_diff
from labkeeper.report.json import render_mended
from labkeeper.report.mended import Mending, painted, said_of
from labkeeper.values import dataclass


@dataclass(frozen=True, slots=True)
class Wish:
    """What is to be mended, and what is to become of it."""

    name: str
    as_json: bool
    write: bool
    everything: bool
    colours: bool


def run(wish: Wish, folder: Folder, verdict: Verdict, judge: Judge, wanted: Wanted) -> int:
    """The exit status: 1 where a difference is only shown, or a fault is left."""
    mended = mend(folder, verdict, judge, wanted)
    diff = render_diff(folder.texts, mended.folder.texts)
    mending = Mending(mended, diff, wish.write)
    if wish.write:
        written, unwritten = rewrite_files(Path(wish.name), folder.texts, mended.folder.texts)
        mending = Mending(mended, diff, True, written, unwritten)
    now = mended if wish.write and not mending.unwritten else None
    if wish.as_json:
        there, texts = (now.verdict, now.folder.texts) if now else (verdict, folder.texts)
        click.echo(render_mended(there, texts, mending))
    else:
        _show(wish, mending)
    if mending.unwritten:
        return 2
    left = any(each.severity != "info" for each in wanted(mended.verdict))
    unread = any(not part.meant for part in mended.verdict.skipped)
    return 1 if left or unread or (diff and not wish.write) else 0


def _show(wish: Wish, mending: Mending) -> None:
    look = style(colours=wish.colours)
    if mending.diff:
        # Whoever pipes it into `patch` needs it as it is.
        click.echo(painted(mending.diff, look) if look.width else mending.diff, nl=False)
    click.echo(said_of(mending, wish.name, look, everything=wish.everything), err=True)
