"""`labkeeper status [LAB]`: its options. What it does is imported when it runs."""

import sys
from pathlib import Path
from typing import Any

import click


@click.command(
    epilog="Exit status: 0 all is well, 1 something needs a person (named first), 2 it could not "
    "look."
)
@click.argument("lab", default="lab.yaml", metavar="[LAB]", type=click.Path(path_type=Path))
@click.option("--host", metavar="NAME", help="Which host of the lab this machine is.")
@click.option("--state", "folder", metavar="DIR", help="Where the journal is.")
@click.option("--own", metavar="DIR", help="Where the agent keeps what it saw itself.")
@click.option("--json", "as_json", is_flag=True, help="Print it as JSON.")
@click.option("--no-color", is_flag=True, help="No colours; the variable NO_COLOR does the same.")
def command(lab: Path, *, as_json: bool, no_color: bool, **options: Any) -> None:
    """Say on one screen how this machine's storage stands: what needs you comes first.

    Tiers and when they are full, what happens next and why it waits, what was done last, what is
    held, backups and how they were read again, apps and whether they are believed. Without an
    agent it tells what lies on disk, and says so. Nothing is changed.
    """
    from labkeeper.cli import overview, overview_json, overview_text  # noqa: PLC0415 - as above
    from labkeeper.cli.terminal import prepare, style  # noqa: PLC0415 - `--help` must not wait

    prepare()
    wanted = overview.Wanted(lab, options["host"], options["folder"], options["own"])
    found = overview.look(wanted)
    if as_json:
        click.echo(overview_json.document(found))
    else:
        click.echo("\n".join(overview_text.lines(found, style(colours=not no_color))))
    sys.exit(1 if found.wrong else 0)
