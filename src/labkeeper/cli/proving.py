"""What `labkeeper prove` does: read, prove, print, and say by its exit status how it went."""

import subprocess
from collections.abc import Mapping
from dataclasses import field
from pathlib import Path
from typing import Final

import click

from labkeeper.audit import Skipped
from labkeeper.audit.stack import read_stack
from labkeeper.catalog import Catalog
from labkeeper.checks.alerting import unknown_alertmanager_key
from labkeeper.checks.scraping import unknown_prometheus_key
from labkeeper.cli.auditing import read, reporting
from labkeeper.cli.terminal import prepare, refuse, style
from labkeeper.host.catalog import load_catalog
from labkeeper.host.lab_files import UnreadableLabError, lab_texts, own_catalog
from labkeeper.host.promtool import judge, promtool_path, write_tests
from labkeeper.plan import KEPT_FOR_PROMTOOL, Plan
from labkeeper.prove.proving import Proofs, prove
from labkeeper.report.proofs import proofs_json, render_proofs
from labkeeper.resolve.verdict import judge_lab
from labkeeper.values import dataclass

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
    what = _lab(Path(wanted.folder)) if _is_lab(wanted.folder) else _stack(wanted.folder)
    try:
        found = prove(what.plan, what.catalog, judge if promtool_path() else None, what.refused)
    except subprocess.TimeoutExpired:
        refuse("promtool did not come to an end", "look at what else this machine does, try again")
    if wanted.as_json:
        click.echo(proofs_json(found, what.texts, what.skipped))
    else:
        look = style(colours=wanted.colours)
        shown = render_proofs(found, what.texts, what.skipped, look, everything=wanted.everything)
        click.echo(shown)
    if wanted.keep is not None:
        _keep(found, Path(wanted.keep))
    unread = any(not part.meant for part in what.skipped)
    return 1 if unread or any(proof.is_bad for proof in found.proofs) else 0


@dataclass(frozen=True, slots=True)
class _Proven:
    """What is to be proven."""

    plan: Plan
    catalog: Catalog
    texts: Mapping[str, str]
    skipped: tuple[Skipped, ...] = ()
    # Files that their program would not load, each with the reason.
    refused: Mapping[str, str] = field(default_factory=dict)


def _is_lab(name: str) -> bool:
    path = Path(name)
    return bool(name) and ((path / "lab.yaml").is_file() or path.name == "lab.yaml")


def _lab(path: Path) -> _Proven:
    """The stack that a lab would be compiled to."""
    try:
        texts, own = lab_texts(path), own_catalog(path)
    except UnreadableLabError as error:
        refuse(str(error), "name a lab.yaml, or the folder that it is in")
    verdict = judge_lab(texts, own, (), load_catalog())
    wrong = [finding for finding in verdict.findings if finding.severity == "error"]
    if verdict.plan is None or wrong:
        told = wrong[0].message if wrong else "it holds nothing"
        refuse(f"`{path}` cannot be proven: {told}", f"labkeeper check {path}")
    return _Proven(verdict.plan, verdict.catalog, {**texts, **dict(own)})


def _stack(name: str) -> _Proven:
    """The stack that is in the files of a folder."""
    folder = read(name)
    stack = read_stack(folder, _REFUSED)
    refused = {f.at.file: f.message for f in reversed(stack.findings) if f.at}
    return _Proven(stack.plan, load_catalog(), folder.texts, stack.skipped, refused)


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
        paths = write_tests(found.files, folder, KEPT_FOR_PROMTOOL)
    except OSError as error:
        refuse(
            f"the tests cannot be written to `{folder}`: {(error.strerror or '').lower()}",
            "name a folder that you may write to",
        )
    count = f"{len(paths)} {'test' if len(paths) == 1 else 'tests'}"
    click.echo(
        f"{count} written to {folder}; in your own CI:\n"
        f"  cd {folder} && promtool test rules *.test.yml",
        err=True,
    )
