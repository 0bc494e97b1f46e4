"""`labkeeper audit DIR`."""

import sys
from pathlib import Path

import click

from labkeeper.audit import judge
from labkeeper.checks import CHECKS
from labkeeper.host.folder import read_folder
from labkeeper.report.text import render_verdict


@click.command()
@click.argument("folder", default=".", metavar="[DIR]")
@click.option("--all", "everything", is_flag=True, help="Show every finding, not the worst alone.")
def command(folder: str, *, everything: bool) -> None:
    """Find faults in the stack in DIR (here, if it is not given).

    Nothing is run, written or sent. Exit status: 0 nothing to report, 1 something to report,
    2 the folder could not be read.
    """
    root = Path(folder)
    try:
        texts = read_folder(root)
    except OSError as error:
        click.echo(f"error: `{folder}` cannot be read: {str(error.strerror).lower()}", err=True)
        click.echo("  = help: name a folder that holds a stack's files", err=True)
        sys.exit(2)
    verdict = judge(texts, [check for check in CHECKS if check.by_default])
    click.echo(render_verdict(verdict, texts.texts, everything=everything))
    sys.exit(1 if any(finding.severity != "info" for finding in verdict.findings) else 0)
