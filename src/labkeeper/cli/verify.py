"""`labkeeper verify [PATH...]`."""

import json
import os
import sys
import time
from datetime import timedelta
from pathlib import Path

import click

from labkeeper.cli import talk
from labkeeper.cli.refusing import refusals
from labkeeper.cli.talk import Progress, Span, count, say, shown, size
from labkeeper.storage.rechecking import HELP, Recheck, moved, recheck
from labkeeper.store.journal import Journal


@click.command()
@click.argument("paths", nargs=-1, metavar="[PATH]...")
@click.option("--since", type=Span(), help="Only what was moved in the last 12h, 7d, ...")
@click.option("--state", "folder", metavar="DIR", help="Where the journal is.")
@click.option("--json", "as_json", is_flag=True, help="Print the report as JSON.")
def command(
    paths: tuple[str, ...], since: timedelta | None, folder: str | None, *, as_json: bool
) -> None:
    """Read again what was moved (below PATH), and compare it with what was read then.

    Exit status: 0 all is as it was or was changed by somebody, 1 something is missing, unreadable
    or has rotted, 2 it could not start.
    """
    started = time.monotonic()
    after = time.time() - since.total_seconds() if since else 0.0
    below = tuple(os.path.realpath(os.fsencode(path)) for path in paths)
    progress = Progress("verifying")
    try:
        with refusals("verify", as_json=as_json):
            result = _recheck(talk.state_folder(folder), below, after, progress)
    finally:
        progress.end()
    seconds = time.monotonic() - started
    for fault in result.faults:
        say(f"{click.style(f'{fault.code}', fg='red')}: {shown(fault.path)}: {fault.why}")
        say(f"  = help: {HELP[fault.code]}")
    click.echo(_document(result, seconds) if as_json else _summary(result, seconds))
    sys.exit(1 if result.faults else 0)


def _recheck(state: Path, below: tuple[bytes, ...], after: float, progress: Progress) -> Recheck:
    journal = Journal.open(state)
    try:
        files = moved(journal, below, after)
        progress.expect(sum(found.unit.facts.size for found in files))
        return recheck(files, progress.passed)
    finally:
        journal.close()


def _summary(result: Recheck, seconds: float) -> str:
    number = sum(result.same.values())
    if not (number or result.changed or result.faults):
        return "nothing was verified: no move that the journal knows of fits"
    took = talk.span(seconds)
    lines = [f"{count(number, 'file')}, {size(result.bytes)} as they were read ({took})"]
    lines += [f"  {n:,} read from: {evidence}" for evidence, n in sorted(result.same.items())]
    if result.changed:
        lines.append(f"  {count(result.changed, 'file')} changed by somebody since: not compared")
    if result.faults:
        lines.append(f"  {count(len(result.faults), 'file')} with a fault (see above)")
    return "\n".join(lines)


def _document(result: Recheck, seconds: float) -> str:
    return json.dumps(
        {
            "format": 1,
            "kind": "verify",
            "same": {evidence.value: n for evidence, n in result.same.items()},
            "bytes": result.bytes,
            "changed": result.changed,
            "seconds": round(seconds, 3),
            "faults": [
                {"path": shown(f.path), "fault": f.code, "why": f.why, "help": HELP[f.code]}
                for f in result.faults
            ],
        },
        indent=2,
    )
