"""`labkeeper build [LAB]`."""

import sys
from pathlib import Path
from typing import NoReturn

import click

from labkeeper.checks import CHECKS
from labkeeper.checks.selection import chosen
from labkeeper.cli.terminal import prepare, refuse, style
from labkeeper.host.catalog import load_catalog
from labkeeper.host.lab_files import UnreadableLabError, lab_texts, own_catalog
from labkeeper.host.output import (
    BadOutputError,
    Difference,
    Wanted,
    alone,
    difference,
    open_output,
    write,
)
from labkeeper.report.screen import plural, render_findings
from labkeeper.resolve.verdict import judge_lab
from labkeeper.targets import Artifact, compile_plan


@click.command(
    epilog="Exit status: 0 built, or with --check nothing would change; 1 the lab has errors, or "
    "with --check something would change, or files were edited by hand; 2 could not run."
)
@click.argument("lab", default="lab.yaml", metavar="[LAB]", type=click.Path(path_type=Path))
@click.option("--out", default=Path("build"), show_default=True, metavar="DIR",
              type=click.Path(path_type=Path), help="Where the files go.")  # fmt: skip
@click.option("--check", "only_check", is_flag=True, help="Write nothing; say what would change.")
@click.option("--overwrite", is_flag=True, help="Write over files that were edited by hand.")
@click.option("--no-color", is_flag=True, help="No colours; the variable NO_COLOR does the same.")
def command(lab: Path, *, out: Path, only_check: bool, overwrite: bool, no_color: bool) -> None:
    """Compile LAB (lab.yaml here, if it is not given) to what its hosts run.

    A lab with errors is not built. The files of DIR that a build wrote are brought up to date;
    what somebody edited there is never written over unasked. Nothing is sent to any host.
    """
    prepare()
    wanted = _wanted(lab, colours=not no_color)
    try:
        with alone(out, make=not only_check):
            output = open_output(out)
            found = difference(output, wanted)
            if found.edited and not overwrite:
                _say(found, out)
                _refuse_edited(len(found.edited), out)
            if only_check:
                _say(found, out)
                sys.exit(1 if found else 0)
            if found:
                write(output, wanted, found)
    except BadOutputError as error:
        refuse(str(error), "name another folder: --out DIR")
    except OSError as error:
        reason = (error.strerror or str(error)).lower()
        refuse(f"`{error.filename or out}` cannot be written: {reason}", "name another: --out DIR")
    _summary(found, wanted, out)
    _say_left(found, wanted, out)


def _refuse_edited(count: int, out: Path) -> NoReturn:
    are = "file was" if count == 1 else "files were"
    refuse(f"{count} {are} edited by hand in `{out}`",
           "move the changes into lab.yaml (`extra:`), or --overwrite", status=1)  # fmt: skip


def _wanted(lab: Path, *, colours: bool) -> tuple[Wanted, ...]:
    """The files of the lab; it must have no errors."""
    try:
        texts = lab_texts(lab)
        own = own_catalog(lab)
    except UnreadableLabError as error:
        refuse(str(error), "name a lab.yaml, or the folder that it is in")
    verdict = judge_lab(texts, own, chosen(CHECKS, (), ()), load_catalog())
    findings = [each for each in verdict.findings if each.severity == "error"]
    artifacts: tuple[Artifact, ...] = ()
    if not findings and verdict.lab and verdict.plan:
        compiled = compile_plan(verdict.lab, verdict.plan, verdict.catalog, {**texts, **dict(own)})
        findings, artifacts = list(compiled.findings), compiled.artifacts
    if findings:
        look = style(colours=colours)
        shown = {**texts, **dict(own)}
        blocks = render_findings(findings, shown, look, everything=False)
        click.echo("\n\n".join(blocks), err=True)
    if any(each.severity == "error" for each in findings):
        refuse("the lab has errors, and is not built", f"labkeeper check {lab}", status=1)
    return tuple(Wanted(a.path, a.body.encode(), a.mode, a.kept) for a in artifacts)


def _say(found: Difference, out: Path) -> None:
    for word in ("new", "changed", "gone", "edited"):
        for path in getattr(found, word):
            click.echo(f"{word:8}{out / path}")


def _say_left(found: Difference, wanted: tuple[Wanted, ...], out: Path) -> None:
    """Files of somebody's own hand that nothing wants any more: nobody asked to remove them."""
    names = {each.path for each in wanted}
    for path in found.edited:
        if path not in names:
            click.echo(f"left    {out / path}: edited by hand, and part of the lab no more")


def _summary(found: Difference, wanted: tuple[Wanted, ...], out: Path) -> None:
    parts = [f"{len(getattr(found, word))} {word}" for word in ("new", "changed", "gone")
             if getattr(found, word)]  # fmt: skip
    changes = ", ".join(parts) or "nothing changed"
    click.echo(f"{len(wanted)} {plural('file', len(wanted))} in {out}: {changes}")
