"""`labkeeper clean PATH`."""

import json
import os
import sys
from collections.abc import Mapping
from datetime import timedelta
from pathlib import Path
from typing import Any, Final

import click

from labkeeper.cli import sharing, snapshots, talk
from labkeeper.cli.refusing import refusals
from labkeeper.cli.talk import Size, Span, count, say, shown, size
from labkeeper.storage.candidates import Rule, Take
from labkeeper.storage.claims import Claims
from labkeeper.storage.cleaning import CleanReport, CleanRequest, clean
from labkeeper.storage.reasons import HELP
from labkeeper.storage.seeding import Seeding, ask
from labkeeper.store import state as states
from labkeeper.store.journal import Journal
from labkeeper.store.quarantine import Quarantine

_NAMED: Final = 20


class Share(click.ParamType[float]):
    """`15%`."""

    name = "percent"

    def convert(self, value: object, param: object, ctx: object) -> float:
        """Read a share."""
        if isinstance(value, float):
            return value
        text = str(value).strip().removesuffix("%")
        if not text.replace(".", "", 1).isdecimal() or float(text) > 100:
            self.fail(f"`{value}` is not a share like 15%")
        return float(text) / 100


@click.command()
@click.argument("path")
@click.option("--older-than", type=Span(), required=True, help="Unused for 7d, 12h, ...")
@click.option(
    "--what",
    type=click.Choice([take.value for take in Take]),
    multiple=True,
    default=(Take.FILES.value,),
    help="What goes; more than one may be named (default: files).",
)
@click.option("--larger-than", type=Size(), default=0, help="Only files of at least this size.")
@click.option("--keep-free", type=Share(), help="Only as far as it takes to have 15% free.")
@click.option("--hold", type=Span(), default="24h", help="Keep what is put aside for this long.")
@click.option("--max-files", type=int, default=1000, help="Without --yes, no more than this.")
@click.option("--max-percent", type=Share(), default="25%", help="Without --yes, no more of PATH.")
@click.option("--yes", is_flag=True, help="However many there are.")
@click.option("--purge", is_flag=True, help="Remove all that was held long enough, needed or not.")
@click.option("--dry-run", is_flag=True, help="Say what would go; change nothing.")
@click.option("--explain", is_flag=True, help="Say for each file why it goes, in its order.")
@click.option("--snapshot", is_flag=True, help="Make a snapshot before (btrfs, ZFS).")
@click.option("--library", multiple=True, metavar="DIR", help="A folder of PATH that stays.")
@sharing.client
@click.option("--state", "folder", metavar="DIR", help="Where the record is.")
@click.option("--json", "as_json", is_flag=True, help="Print the report as JSON.")
def command(path: str, folder: str | None, *, as_json: bool, **options: Any) -> None:
    """Put old files of PATH aside, and remove them when they were held long enough.

    A library below PATH stays, unless it is PATH: one that --library names, or whose name says so.

    What is put aside stays on its own disk and frees nothing yet: `labkeeper undo` brings it back.
    What goes first is what was unused longest for its size. Exit status: 0 done, 1 something was
    left or room is still missing, 2 it could not start.
    """
    with refusals("clean", as_json=as_json):
        state = talk.state_folder(folder)
        state.mkdir(mode=0o700, parents=True, exist_ok=True)
        with states.lock(state):
            request = _request(path, state, options)
            record = Quarantine.open(state)
            report = clean(request, record)
            record.close()
    for left in report.left[:_NAMED]:
        say(f"left[{left.code}] {shown(left.path)}: {left.why}")
        say(f"  = help: {HELP[left.code]}")
    if options["explain"]:
        for candidate in report.chosen:
            click.echo(f"{shown(candidate.names[0])}: {candidate.explanation}", err=as_json)
        for left in report.spared:
            click.echo(f"{shown(left.path)} stays: {left.why}", err=as_json)
    click.echo(_document(request, report) if as_json else _summary(request, report))
    sys.exit(1 if report.left or report.still_short or report.is_waited_for else 0)


def _request(path: str, state: Path, options: Mapping[str, Any]) -> CleanRequest:
    takes = frozenset(Take(what) for what in options["what"])
    return CleanRequest(
        path=path,
        rule=Rule(options["older_than"], options["larger_than"], takes),
        keep_free=options["keep_free"],
        hold=options["hold"],
        most_files=options["max_files"],
        most_share=options["max_percent"],
        is_sure=options["yes"],
        is_dry_run=options["dry_run"],
        purges_all=options["purge"],
        claims=_claims(sharing.read(options), state),
        snapshot=options["snapshot"],
        libraries=tuple(os.path.realpath(os.fsencode(each)) for each in options["library"]),
    )


def _claims(seeding: Seeding | None, state: Path) -> Claims | None:
    if seeding is None:
        return None
    journal = Journal.open(state)
    try:
        return ask(seeding, journal)
    finally:
        journal.close()


def _summary(request: CleanRequest, report: CleanReport) -> str:
    if request.is_dry_run:
        freed = sum(candidate.frees for candidate in report.chosen)
        lines = [f"would put {count(len(report.chosen), 'file')}, {size(freed)} aside"]
    else:
        freed = sum(item.frees for item in report.aside)
        held = _hours(request.hold)
        lines = [f"put {count(len(report.aside), 'file')}, {size(freed)} aside, held for {held}"]
        if report.aside:
            lines.append(f"  back with: labkeeper undo --run {report.aside[0].run}")
        if report.purged:
            gone = sum(item.frees for item in report.purged)
            lines.append(f"  removed {count(len(report.purged), 'file')} held before, {size(gone)}")
    if report.waiting:
        lines.append(f"  {size(report.waiting)} put aside before are still held")
    if report.is_waited_for:
        lines.append(
            f"  {click.style('alert', fg='red')}: {size(report.short_now)} are missing now; what is"
            " held is not removed before its time: make room, or lower --hold from now on"
        )
    lines += [f"  {line}" for line in snapshots.about(report)]
    if report.still_short:
        rest = "" if report.useless else ": nothing older is left to take"
        lines.append(f"  {size(report.still_short)} are still missing{rest}")
    return "\n".join(lines)


def _hours(hold: timedelta) -> str:
    return talk.span(hold.total_seconds())


def _document(request: CleanRequest, report: CleanReport) -> str:
    return json.dumps(
        {
            "format": 1,
            "kind": "clean",
            "dry_run": request.is_dry_run,
            "files": report.files,
            "run": report.aside[0].run if report.aside else None,
            "chosen": [
                {
                    "path": shown(c.names[0]),
                    "what": c.kind.name.lower(),
                    "frees": c.frees,
                    "idle_days": round(c.idle / 86400, 2),
                    "value": round(c.value, 6),
                }
                for c in report.chosen
            ],
            "aside": len(report.aside),
            "purged": len(report.purged),
            "waiting_bytes": report.waiting,
            "short_now_bytes": report.short_now,
            "still_short_bytes": report.still_short,
            "behind_snapshots_bytes": report.behind,
            "useless_bytes": report.useless,
            "snapshot": snapshots.rows([report.snapshot])[0] if report.snapshot else None,
            "spared": [
                {"path": shown(f.path), "reason": f.code, "why": f.why} for f in report.spared
            ],
            "left": [
                {"path": shown(f.path), "reason": f.code, "why": f.why, "help": f.help}
                for f in report.left
            ],
        },
        indent=2,
    )
