"""`labkeeper show [LAB]`."""

import json
import sys
from pathlib import Path

import click

from labkeeper.catalog import service_names
from labkeeper.cli.terminal import prepare, refuse
from labkeeper.host.lab_files import UnreadableLabError, lab_texts
from labkeeper.lab import dump, read_lab, written
from labkeeper.report.value import FORMAT
from labkeeper.source import Bare


@click.command(epilog="Exit status: 0 shown, 1 the lab has faults, 2 could not run.")
@click.argument("lab", default="lab.yaml", metavar="[LAB]", type=click.Path(path_type=Path))
@click.option("--json", "as_json", is_flag=True, help="Print it for machines.")
def command(lab: Path, *, as_json: bool) -> None:
    """Show what was understood of LAB: all its files as one, in one way of writing.

    What goes without saying is left out. Nothing is run, written or sent.
    """
    prepare()
    try:
        texts = lab_texts(lab)
    except UnreadableLabError as error:
        refuse(str(error), "name a lab.yaml, or the folder that it is in")
    reading = read_lab(texts, service_names())
    if reading.lab is None:
        count = len(reading.findings)
        faults = "1 fault" if count == 1 else f"{count} faults"
        click.echo(f"error: `{lab}` has {faults}, and cannot be shown", err=True)
        click.echo(f"  = help: labkeeper check {lab}", err=True)
        sys.exit(1)
    if as_json:
        shown = {"format": FORMAT, "kind": "show", "lab": written(reading.lab)}
        click.echo(json.dumps(shown, indent=2, default=_text))
    else:
        click.echo(dump(reading.lab), nl=False)
    sys.exit(1 if reading.findings else 0)


def _text(value: object) -> str:
    if isinstance(value, Bare):
        return value.text
    raise TypeError(type(value).__name__)
