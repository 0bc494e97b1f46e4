"""What `labkeeper prove` does: read, prove, print, and say by its exit status how it went."""

import subprocess
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import click

from labkeeper.audit.stack import read_stack
from labkeeper.checks.alerting import unknown_alertmanager_key
from labkeeper.checks.scraping import unknown_prometheus_key
from labkeeper.cli.auditing import read, reporting
from labkeeper.cli.terminal import prepare, refuse, style
from labkeeper.host.catalog import load_catalog
from labkeeper.host.promtool import judge, promtool_path, write_tests
from labkeeper.prove.proving import Proofs, prove
from labkeeper.report.proofs import proofs_json, render_proofs

# What these find keeps a program from loading its file.
_REFUSED: Final = (unknown_alertmanager_key.CHECK, unknown_prometheus_key.CHECK)


@dataclass(frozen=True, slots=True)
class Wanted:
    """What the command line asks for."""

    folder: str
    keep: str | None
    everything: bool
    as_json: bool
    colours: bool


def run(wanted: Wanted) -> int:
    """The exit status."""
    prepare()
    with reporting():
        return _run(wanted)


def _run(wanted: Wanted) -> int:
    if wanted.keep is not None:
        _refuse_full(Path(wanted.keep))
    folder = read(wanted.folder)
    stack = read_stack(folder, _REFUSED)
    refused = {f.at.file: f.message for f in reversed(stack.findings) if f.at}
    try:
        found = prove(stack.plan, load_catalog(), judge if promtool_path() else None, refused)
    except subprocess.TimeoutExpired:
        refuse("promtool did not come to an end", "look at what else this machine does, try again")
    if wanted.as_json:
        click.echo(proofs_json(found, folder.texts, stack.skipped))
    else:
        look = style(colours=wanted.colours)
        shown = render_proofs(
            found, folder.texts, stack.skipped, look, everything=wanted.everything
        )
        click.echo(shown)
    if wanted.keep is not None:
        _keep(found, Path(wanted.keep))
    unread = any(not part.meant for part in stack.skipped)
    return 1 if unread or any(proof.is_bad for proof in found.proofs) else 0


def _refuse_full(folder: Path) -> None:
    """Nothing of anybody's is written over."""
    try:
        full = folder.exists() and (not folder.is_dir() or any(folder.iterdir()))
    except OSError as error:
        refuse(
            f"`{folder}` cannot be read: {(error.strerror or '').lower()}", "name another folder"
        )
    if full:
        refuse(f"`{folder}` is not an empty folder", "name one that is empty, or not there yet")


def _keep(found: Proofs, folder: Path) -> None:
    try:
        paths = write_tests(found.files, folder)
    except OSError as error:
        refuse(
            f"the tests cannot be written to `{folder}`: {(error.strerror or '').lower()}",
            "name a folder that you may write to",
        )
    click.echo(
        f"{len(paths)} tests written to {folder}; in your own CI:\n"
        f"  cd {folder} && promtool test rules *.test.yml",
        err=True,
    )
