"""`labkeeper init [DIR]`."""

import json
import os
from collections.abc import Sequence
from dataclasses import asdict
from pathlib import Path
from typing import Final

import click

from labkeeper.audit import Skipped, read_stack
from labkeeper.cli.terminal import prepare, refuse
from labkeeper.draft import Draft, Note, Seen, draft_of_machine, draft_of_stack, lab_text
from labkeeper.host.catalog import load_catalog
from labkeeper.host.folder import read_file, read_folder, with_variables
from labkeeper.host.look import look
from labkeeper.host.new_file import create, keep_aside
from labkeeper.report.text import visible
from labkeeper.report.value import FORMAT
from labkeeper.source import position

_NAME: Final = "lab.yaml"


@click.command(epilog="Exit status: 0 written, 2 could not run.")
@click.argument("folder", default=".", metavar="[DIR]", type=click.Path(path_type=Path))
@click.option("--from", "stack", metavar="STACK", type=click.Path(path_type=Path),
              help="Make the lab from the files of this stack, not from this machine.")  # fmt: skip
@click.option(
    "--force", is_flag=True, help="Keep a lab.yaml that is there under another name, and go on."
)
@click.option("--json", "as_json", is_flag=True, help="Print what was seen and left for machines.")
def command(folder: Path, *, stack: Path | None, force: bool, as_json: bool) -> None:
    """Write a first lab.yaml into DIR (here, if it is not given).

    Looks at this machine: disks, graphics cards, containers, timers. With --from, reads the files
    of a stack that you have instead, as `audit` does. Secrets are named and never copied.

    Nothing is changed but that one file, and no lab.yaml is ever overwritten.
    """
    prepare()
    path = folder / _NAME
    if os.path.lexists(path) and not force:
        refuse(
            f"`{path}` is there already", f"`--force` keeps it as `{path}.1` and writes a new one"
        )
    catalog = load_catalog()
    seen = None if stack else look()
    if stack:
        draft, texts = _from_stack(stack)
    else:
        draft, texts = draft_of_machine(seen or Seen(), catalog), {}
    kept = _write(path, lab_text(draft))
    notes = [(note, _place(note, texts)) for note in draft.notes]
    notes.sort(key=lambda each: each[1] or ("", 0))
    if as_json:
        click.echo(_json(path, kept, seen, notes))
    else:
        _talk(path, kept, seen, draft, notes)
        click.echo(path)


def _from_stack(stack: Path) -> tuple[Draft, dict[str, str]]:
    hint = "name a folder that holds a stack's files, or one such file"
    try:
        found = read_folder(stack) if stack.is_dir() else read_file(stack)
    except (OSError, ValueError) as error:
        reason = error.strerror if isinstance(error, OSError) else None
        refuse(f"`{stack}` cannot be read: {(reason or str(error)).lower()}", hint)
    if isinstance(found, Skipped):
        refuse(f"`{stack}` {found.reason}", hint)
    if not stack.is_dir():
        found = with_variables(found, stack)
    read = read_stack(found, ())
    if not set(read.read) - {".env"}:
        refuse(f"nothing in `{stack}` is a file of a stack", hint)
    root = stack.resolve() if stack.is_dir() else stack.resolve().parent
    draft = draft_of_stack(read.plan, root.as_posix(), load_catalog())
    return draft, dict(found.texts)


def _write(path: Path, text: str) -> Path | None:
    """Puts the file in place; gives the name of the one that was there."""
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        kept = keep_aside(path) if os.path.lexists(path) else None
        create(path, text)
    except FileExistsError:
        refuse(f"`{path}` is there already", "somebody else wrote it just now: look at it first")
    except OSError as error:
        reason = (error.strerror or str(error)).lower()
        refuse(f"`{path}` cannot be written: {reason}", "name a folder that you may write to")
    return kept


def _place(note: Note, texts: dict[str, str]) -> tuple[str, int] | None:
    if note.at is None or note.at.file not in texts:
        return None
    return note.at.file, position(texts[note.at.file], note.at.start).line


def _talk(
    path: Path, kept: Path | None, seen: Seen | None, draft: Draft,
    notes: Sequence[tuple[Note, tuple[str, int] | None]],
) -> None:  # fmt: skip
    lab = draft.lab
    [host] = lab.hosts.values()
    tiers = ", ".join(f"{name} ({tier.path})" for name, tier in host.tiers.items())
    _say(f"services: {', '.join(map(str, lab.services)) or 'none'}")
    _say(f"tiers:    {tiers}")
    _say(f"target:   {host.target}")
    if host.gpu:
        _say(f"gpu:      {host.gpu.model}, {host.gpu.vram}")
    for word in seen.unseen if seen else ():
        _say(f"not seen: {word}")
    for note, place in notes:
        where = f"{place[0]}:{place[1]}: " if place else ""
        _say(f"note: {where}{note.message}")
    if kept:
        _say(f"the lab.yaml that was there is now {kept}")
    _say(f"next: read {path}, then `labkeeper check {path}`")


def _say(line: str) -> None:
    click.echo(visible(line), err=True)


def _json(
    path: Path, kept: Path | None, seen: Seen | None,
    notes: Sequence[tuple[Note, tuple[str, int] | None]],
) -> str:  # fmt: skip
    """What docs/reference/init.schema.json says."""
    result = {
        "format": FORMAT,
        "kind": "init",
        "written": str(path),
        "kept": str(kept) if kept else None,
        "seen": _seen(seen) if seen else None,
        "unseen": list(seen.unseen) if seen else [],
        "notes": [
            {
                "message": note.message,
                "at": {"file": place[0], "line": place[1]} if place else None,
                "path": "/".join(note.path) or None,
            }
            for note, place in notes
        ],
    }
    return json.dumps(result, indent=2)


def _seen(seen: Seen) -> dict[str, object]:
    """Everything but the containers' settings, some of which are secrets."""
    parts = asdict(seen)
    parts["containers"] = [{"name": each.name, "image": each.image} for each in seen.containers]
    del parts["unseen"]
    return parts
