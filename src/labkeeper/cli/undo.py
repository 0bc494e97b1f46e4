"""`labkeeper undo`."""

import json
import sys
import time
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import click

from labkeeper.cli import talk
from labkeeper.cli.refusing import refusals
from labkeeper.cli.talk import Span, count, say, shown, size
from labkeeper.storage.cleaning import undo, undo_lost
from labkeeper.storage.quarantining import Done
from labkeeper.storage.reasons import HELP
from labkeeper.store import state as states
from labkeeper.store.log import Log
from labkeeper.store.quarantine import Held, Item, Quarantine


@click.command()
@click.argument("items", nargs=-1, type=int, metavar="[ITEM]...")
@click.option("--run", "run", type=int, help="All that one run put aside.")
@click.option("--since", type=Span(), help="All that was put aside in the last 2h, 7d, ...")
@click.option(
    "--lost", metavar="PATH", help="All of PATH's quarantine, where the record of it is lost."
)
@click.option("--list", "only_list", is_flag=True, help="Say what could be brought back.")
@click.option("--state", "folder", metavar="DIR", help="Where the record is.")
@click.option("--json", "as_json", is_flag=True, help="Print the report as JSON.")
def command(
    items: tuple[int, ...], folder: str | None, *, only_list: bool, as_json: bool, **which: Any
) -> None:
    """Bring back what `clean` put aside: a file by its number, a run, or all since a time.

    Exit status: 0 all is back, 1 something was left, 2 it could not start.
    """
    state = talk.state_folder(folder)
    run: int | None = which["run"]
    since: timedelta | None = which["since"]
    after = time.time() - since.total_seconds() if since else None

    def chosen(item: Item) -> bool:
        by_time = after is not None and item.at >= after
        return item.id in items or (run is not None and item.run == run) or by_time

    with refusals("undo", as_json=as_json):
        if which["lost"]:
            _report(done := undo_lost(which["lost"], Log(_made(state))), as_json=as_json)
            sys.exit(1 if done.left or not done.items else 0)
        record = Quarantine.open(state)
        if only_list or not (items or run is not None or since):
            _list(record.items(Held.HELD), as_json=as_json)
            return
        with states.lock(state):
            done = undo(record, chosen)
    _report(done, as_json=as_json)
    sys.exit(1 if done.left or not done.items else 0)


def _made(state: Path) -> Path:
    state.mkdir(mode=0o700, parents=True, exist_ok=True)
    return state


def _report(done: Done, *, as_json: bool) -> None:
    for left in done.left:
        say(f"left[{left.code}] {shown(left.path)}: {left.why}")
        say(f"  = help: {HELP[left.code]}")
    if as_json:
        left_out = [{"path": shown(f.path), "reason": f.code, "why": f.why} for f in done.left]
        back = [shown(item.names[0]) for item in done.items]
        body = {"format": 1, "kind": "undo", "back": back, "left": left_out}
        click.echo(json.dumps(body, indent=2))
    else:
        click.echo(f"{count(len(done.items), 'file')}, {size(done.bytes)} are back where they were")


def _list(items: list[Item], *, as_json: bool) -> None:
    if as_json:
        rows = [
            {"item": i.id, "run": i.run, "path": shown(i.root + b"/" + i.names[0]), "at": i.at,
             "held_until": i.held_until, "reason": i.reason}
            for i in items
        ]  # fmt: skip
        click.echo(json.dumps({"format": 1, "kind": "undo", "held": rows}, indent=2))
        return
    for item in items:
        until = datetime.fromtimestamp(item.held_until).astimezone().strftime("%a %H:%M")
        path = shown(item.root + b"/" + item.names[0])
        click.echo(f"{item.id}  run {item.run}  held until {until}  {path}: {item.reason}")
    say(f"{count(len(items), 'file')} can be brought back: labkeeper undo ITEM, --run or --since")
