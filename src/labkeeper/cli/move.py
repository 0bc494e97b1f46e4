"""`labkeeper move SRC... DST`."""

import json
import signal
import sys
import time
from collections import defaultdict
from collections.abc import Callable
from typing import Any, Final

import click

from labkeeper.cli import sharing, talk
from labkeeper.cli.refusing import refusals
from labkeeper.cli.talk import Progress, Size, count, say, shown, size
from labkeeper.storage.claims import Policy
from labkeeper.storage.crew import ENDINGS
from labkeeper.storage.moving import WORKERS, Report, Request, Talk, move
from labkeeper.storage.planning import Plan
from labkeeper.storage.reasons import HELP
from labkeeper.store import state as states
from labkeeper.store.journal import Journal
from labkeeper.store.units import Evidence

_NAMED: Final = 20  # paths shown for each reason; --json has all
_SAID_EVERY: Final = 30  # seconds of silence
_PROOF: Final = {
    Evidence.MEDIUM: "re-read from the disk itself",
    Evidence.DROPPED: "re-read after the page cache was emptied",
    Evidence.MEMORY: "re-read from memory: this proves the copying, not the disk",
}


@click.command()
@click.argument("sources", nargs=-1, required=True, metavar="SRC...")
@click.argument("destination", metavar="DST")
@click.option("--dry-run", is_flag=True, help="Say what would be moved; write nothing.")
@click.option("--keep-source", is_flag=True, help="Copy and verify, remove nothing.")
@click.option("--limit", type=Size(), help="Read at most this much a second, as 50M/s.")
@click.option("--reserve", type=Size(), help="Keep this much free at DST (default: 1 % of it).")
@click.option(
    "--resume/--afresh", default=True, help="After a crash, go on with half-done copies (default)."
)
@click.option(
    "--new-destination", is_flag=True, help="DST is meant to be another disk than before."
)
@click.option("--workers", type=click.IntRange(1, 16), default=WORKERS, help="Processes that copy.")
@click.option(
    "--seeding",
    type=click.Choice([policy.value for policy in Policy]),
    help="What it shares: wait until it does not (default); follow, so that it shares the copy;"
    " copy, and leave the source.",
)
@sharing.client
@click.option("--state", "folder", metavar="DIR", help="Where the journal is.")
@click.option("--json", "as_json", is_flag=True, help="Print the report as JSON.")
def command(
    sources: tuple[str, ...], destination: str, folder: str | None, *, as_json: bool, **options: Any
) -> None:
    """Move files so that none can be lost: every copy is read back before its source goes.

    SRC/ is the contents of a folder, SRC the folder itself. Exit status: 0 all moved,
    1 something was left (each named), 2 it could not start.
    """
    with refusals("move", as_json=as_json):
        seeding = sharing.read(options)
    request = Request(
        sources=sources,
        destination=destination,
        state=talk.state_folder(folder),
        reserve=options["reserve"],
        limit=options["limit"],
        is_dry_run=options["dry_run"],
        keep_source=options["keep_source"],
        afresh=not options["resume"],
        is_new_destination=options["new_destination"],
        workers=options["workers"],
        seeding=seeding,
    )
    started = time.monotonic()
    progress = Progress("moving")
    try:
        with refusals("move", as_json=as_json):
            plan, report = _run(request, progress)
    finally:
        progress.end()
    seconds = time.monotonic() - started
    _say_left(report)
    if as_json:
        click.echo(json.dumps(_document(request, plan, report, seconds), indent=2))
    else:
        click.echo(_summary(request, plan, report, seconds))
    sys.exit(1 if report.left or report.is_stopped or bool(report.died) else 0)


def _run(request: Request, progress: Progress) -> tuple[Plan, Report]:
    if request.is_dry_run:
        return move(request, Journal.in_memory(), _talk(progress))
    request.state.mkdir(mode=0o700, parents=True, exist_ok=True)
    with states.lock(request.state):
        journal = Journal.open(request.state)
        before = {number: signal.getsignal(number) for number in ENDINGS}
        try:
            return move(request, journal, _talk(progress))
        finally:
            for number, handler in before.items():
                signal.signal(number, handler)
            journal.close()


def _talk(progress: Progress) -> Talk:
    totals: list[Plan] = []

    def planned(plan: Plan) -> None:
        totals.append(plan)
        say(f"{count(plan.files, 'name')}, {size(plan.bytes)} to move")
        progress.expect(2 * plan.booked)

    def outcome(report: Report) -> None:
        if totals:
            progress.note(f"{report.files:,}/{totals[0].files:,} files")

    def silence(seconds: float) -> None:
        if seconds % _SAID_EVERY == 0:
            progress.end()
            say(f"nothing has come through for {seconds:.0f} s; still waiting")

    def recovering(units: int) -> None:
        say(f"an earlier move was cut short: seeing to {count(units, 'file')} first")

    return Talk(recovering, planned, progress.passed, outcome, silence, _on_interrupt(progress))


def _on_interrupt(progress: Progress) -> Callable[[Callable[[], None]], None]:
    def install(stop: Callable[[], None]) -> None:
        def first(*_: object) -> None:
            # A terminal that closes may tell so twice, the kernel once and the shell once.
            for number in caught:
                is_closing = number == signal.SIGHUP
                signal.signal(number, signal.SIG_IGN if is_closing else signal.SIG_DFL)
            progress.end()
            say("stopping at a safe place; once more to stop at once (safe too, just less tidy)")
            stop()

        caught = [number for number in ENDINGS if signal.getsignal(number) != signal.SIG_IGN]
        for number in caught:
            signal.signal(number, first)

    return install


def _say_left(report: Report) -> None:
    """Name what was left, by reason, each reason with what to do."""
    by_code = defaultdict(list)
    for left in report.left:
        by_code[left.code].append(left)
    for code, group in sorted(by_code.items()):
        say(f"{click.style(f'left[{code}]', fg='yellow')}: {count(len(group), 'path')}")
        for left in group[:_NAMED]:
            say(f"  {shown(left.path)}: {left.why}")
        if len(group) > _NAMED:
            say(f"  and {len(group) - _NAMED:,} more: --json names all")
        say(f"  = help: {HELP[code]}")


def _summary(request: Request, plan: Plan, report: Report, seconds: float) -> str:
    if request.is_dry_run:
        return (
            f"would move {count(plan.files, 'name')}, {size(plan.bytes)};"
            f" would leave {count(len(report.left), 'path')}"
        )
    verb = "copied" if request.keep_source else "moved"
    lines = [f"{verb} {count(report.files, 'name')}, {size(report.bytes)} in {talk.span(seconds)}"]
    lines += [
        f"  {count(number, 'name')} verified: {_PROOF[evidence]}"
        for evidence, number in sorted(report.verified.items())
    ]
    notes = (
        (report.symlinks, "symbolic links, read back and compared"),
        (report.renamed, "renamed on the same disk, where no byte moves"),
        (report.kept, "already there with the same content: kept there, removed here"),
        (report.followed, "shared from the copy now: their torrent client went over to it"),
        (report.shared, "copied, and left where a torrent client shares them"),
        (plan.shared_already, "copied by an earlier run, and shared from here still"),
        (report.recovered, "half done by an earlier run, seen to"),
    )
    lines += [f"  {number:,} {what}" for number, what in notes if number]
    if report.left:
        lines.append(f"  {count(len(report.left), 'path')} left where they were (see above)")
    if report.is_stopped:
        lines.append("  stopped: the same command goes on")
    if report.died:
        lines.append(f"  a worker process ended early ({report.died}): the same command goes on")
    return "\n".join(lines)


def _document(request: Request, plan: Plan, report: Report, seconds: float) -> dict[str, object]:
    return {
        "format": 1,
        "kind": "move",
        "dry_run": request.is_dry_run,
        "planned": {"names": plan.files, "bytes": plan.bytes},
        "moved": {"names": report.files, "bytes": report.bytes},
        "verified": {evidence.value: number for evidence, number in report.verified.items()},
        "renamed": report.renamed,
        "kept": report.kept,
        "recovered": report.recovered,
        "shared": report.shared + plan.shared_already,
        "followed": report.followed,
        "stopped": report.is_stopped or bool(report.died),
        "seconds": round(seconds, 3),
        "left": [
            {"path": shown(left.path), "reason": left.code, "why": left.why, "help": left.help}
            for left in report.left
        ],
    }
