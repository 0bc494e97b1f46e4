"""`labkeeper check [LAB]`."""

import sys
from pathlib import Path

import click

from labkeeper.catalog import service_names
from labkeeper.host.lab_files import UnreadableLabError, lab_texts
from labkeeper.lab import read_lab
from labkeeper.report.text import render


@click.command()
@click.argument("lab", default="lab.yaml", metavar="[LAB]", type=click.Path(path_type=Path))
def command(lab: Path) -> None:
    """Check LAB (lab.yaml here, if it is not given) with the files of lab.d beside it.

    Looks at what the language itself can tell: keys, values, and names that nothing declares
    (hosts, tiers, services, gateways, networks, zones, channels, secrets). It does not yet look
    at how the parts work together: ports, memory, moves, backups.

    Nothing is run, written or sent. Exit status: 0 nothing to report, 1 something to report,
    2 the lab could not be read.
    """
    try:
        texts = lab_texts(lab)
    except UnreadableLabError as error:
        click.echo(f"error: {error}", err=True)
        click.echo("  = help: name a lab.yaml, or the folder that it is in", err=True)
        sys.exit(2)
    reading = read_lab(texts, service_names())
    for finding in reading.findings:
        click.echo(render(finding, texts) + "\n")
    count = len(reading.findings)
    files = f"{len(texts)} {'file' if len(texts) == 1 else 'files'} read"
    said = f"{count} {'error' if count == 1 else 'errors'}" if count else "no faults found"
    click.echo(f"{files}; {said}")
    sys.exit(1 if count else 0)
